package pairs_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/pairs"
	"syncbox/connectors/record"
)

// What flows which way: the third party's master data both ways, BOB's first where both sides changed one; persons to the CRM
// alone; no accounting data at all; nothing is deleted and nobody is made inactive.
//
// Requirement: BOB-7, BOB-9, BOB-27, BOB-28
func TestBob50SageCRM(t *testing.T) {
	p := pairs.Bob50SageCRM(pairs.Bob50SageCRMOptions{Languages: pairs.BobLanguages, PersonIDs: true})
	if err := p.Validate(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[connectors.Policy][]string{
		connectors.BusinessKey: {"vat"},
		connectors.Shared: {"comp_name", "addr_address1", "addr_address2", "addr_postcode", "addr_city", "addr_country", "phon_business", "phon_fax",
			"emai_business", "comp_website", "language"},
	}, flow(p, record.Account)); diff != "" {
		t.Errorf("third parties (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[connectors.Policy][]string{
		connectors.OwnERPOnChange: {"pers_companyid", "pers_lastname", "pers_firstname", "phon_mobile", "pers_salutation"},
	}, flow(p, record.Contact)); diff != "" {
		t.Errorf("persons (-want +got):\n%s", diff)
	}
	for _, rule := range p.Entities {
		if rule.Active != "" || rule.BornInCRM != (rule.Entity == record.Account) {
			t.Errorf("%s: shown inactive by %q, born in the CRM %v", rule.Entity, rule.Active, rule.BornInCRM)
		}
		for _, f := range rule.Fields {
			if f.Conflict != connectors.ERPWins {
				t.Errorf("%s: BOB does not win", f.CRM)
			}
		}
	}
}

// A site may choose that no company is made of a third party, and which language codes its CRM has.
//
// Requirement: BOB-4
func TestBob50SageCRMOptions(t *testing.T) {
	p := pairs.Bob50SageCRM(pairs.Bob50SageCRMOptions{NoneNew: true, RecreateAuto: true, Custom: []connectors.FieldRule{{ERP: "custom:X", CRM: "comp_x", Policy: connectors.Shared}}})
	account := p.Entity(record.Account)
	if err := p.Validate(); err != nil || account.SkipNew == nil || p.Entity(record.Contact).SkipNew != nil || !p.RecreateAuto {
		t.Errorf("%v, left alone %v", err, account.SkipNew)
	}
	if got := flow(p, record.Account)[connectors.Shared]; !slices.Contains(got, "comp_x") || slices.Contains(got, "language") {
		t.Errorf("got %v", got)
	}
}
