package pairs_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/pairs"
	"syncbox/connectors/record"
)

func sage50(t *testing.T, o pairs.Sage50SalesManagementOptions) *connectors.Profile {
	t.Helper()
	o.Dossier = "DUPONT"
	p := pairs.Sage50SalesManagement(o)
	if err := p.Validate(); err != nil {
		t.Fatal(err)
	}
	return p
}

// What flows which way: representatives, products and invoices to Sales Management alone; prospects and contacts both ways; no
// field of a client to Sage. The tax and all that is like it stands in fields of the site, beside a price without.
//
// Requirement: S50-4, S50-5, S50-16, S50-17, S50-18, S50-21, S50-26, S50-27, S50-28
func TestSage50SalesManagement(t *testing.T) {
	p := sage50(t, pairs.Sage50SalesManagementOptions{})
	got := map[record.Entity]map[connectors.Policy][]string{}
	for _, rule := range p.Entities {
		got[rule.Entity] = flow(p, rule.Entity)
	}
	if diff := cmp.Diff(map[record.Entity]map[connectors.Policy][]string{
		record.User: {connectors.OwnERPOnChange: {"name", "email"}},
		record.Account: {connectors.BusinessKey: {"boxReference"}, connectors.OwnERP: {"status", "readOnly"}, connectors.OwnByState: {"name", "address1",
			"address2", "postcode", "city", "country", "phone", "phone2", "fax", "email", "website", "vatNumber"}},
		record.Contact: {connectors.BusinessKey: {"boxReference"}, connectors.OwnByState: {"accountId"},
			connectors.Shared: {"firstName", "lastName", "phone1", "phone2", "fax", "email"}},
		record.Product: {connectors.OwnERP: {"model", "description", "price", "stock", "Z_stock_affiche", "notAvailable", "Z_tva_taux", "Z_prix_ttc",
			"Z_autres_taxes", "picture"}},
		record.Document: {connectors.OwnERP: {"accountId", "date", "total"}},
		record.Quote: {connectors.BusinessKey: {"boxReference"}, connectors.OwnByState: {"accountId", "asked", "status"}, connectors.OwnERPOnChange: {"refusal"},
			connectors.OwnERP: {"lines", "total", "Z_total_ht", "Z_total_tva", "Z_total_ttc"}},
	}, got); diff != "" {
		t.Errorf("what flows (-want +got):\n%s", diff)
	}
	for _, rule := range p.Entities {
		for _, f := range rule.Fields {
			if f.Conflict != connectors.ERPWins {
				t.Errorf("%s of %s: Sage does not win", f.CRM, rule.Entity)
			}
		}
	}
}

// A field of an account is Sage's while Sage calls it a client, and both sides' while it is a prospect; the mark that makes it
// read-only follows that.
//
// Requirement: S50-4, S50-5, S50-6, S50-7, S50-8
func TestClientsAreSages(t *testing.T) {
	account := sage50(t, pairs.Sage50SalesManagementOptions{}).Entity(record.Account)
	for _, f := range account.Fields {
		want := &connectors.When{Field: "status", Values: []string{"client"}, Then: connectors.OwnERP, Else: connectors.Shared}
		switch {
		case f.Policy == connectors.OwnByState:
			if diff := cmp.Diff(want, f.When); diff != "" {
				t.Errorf("%s (-want +got):\n%s", f.CRM, diff)
			}
		case f.Policy == connectors.Shared || f.Policy == connectors.OwnCRM:
			t.Errorf("%s of a client flows to Sage", f.CRM)
		case f.CRM == "readOnly":
			if diff := cmp.Diff(map[string]string{"client": "true", "prospect": "false"}, f.Lens.Codes); f.ERP != "status" || diff != "" {
				t.Errorf("readOnly is told by %s: %s", f.ERP, diff)
			}
		}
	}
}

// Prospects and contacts are born on either side, the others in Sage alone. Who they are is told by Sage's code, within its dossier,
// else by our reference; names never decide.
//
// Requirement: S50-7, S50-9, S50-17, S50-21, S50-28
func TestIdentitiesOfSage50(t *testing.T) {
	p := sage50(t, pairs.Sage50SalesManagementOptions{})
	born, match := map[record.Entity]bool{}, map[record.Entity][][]string{}
	for _, rule := range p.Entities {
		born[rule.Entity], match[rule.Entity] = rule.BornInCRM, rule.Match
		if rule.ExternalID != "DUPONT:" {
			t.Errorf("%s is known as %s", rule.Entity, rule.ExternalID)
		}
		for _, f := range rule.Fields {
			if f.Policy == connectors.BusinessKey && (f.ERP != "reference" || !f.KeepFilled) {
				t.Errorf("%s: %s makes a record known, and may be emptied: %v", rule.Entity, f.ERP, !f.KeepFilled)
			}
		}
	}
	if diff := cmp.Diff(map[record.Entity]bool{record.User: false, record.Account: true, record.Contact: true, record.Product: false, record.Document: false,
		record.Quote: true}, born); diff != "" {
		t.Errorf("born in Sales Management (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[record.Entity][][]string{record.User: {{"email"}}, record.Account: {{"reference"}}, record.Contact: {{"reference"}},
		record.Product: {{"code"}}, record.Document: nil, record.Quote: {{"reference"}}}, match); diff != "" {
		t.Errorf("recognised by (-want +got):\n%s", diff)
	}
}

// Deletions travel to Sales Management alone: of accounts, contacts and products. What was deleted there is not made again unless a person says
// so.
//
// Requirement: S50-10, S50-19, S50-20, S50-24, S50-36
func TestDeletionsOfSage50(t *testing.T) {
	p := sage50(t, pairs.Sage50SalesManagementOptions{SendClients: true})
	got := map[record.Entity]*connectors.Deletions{}
	for _, rule := range p.Entities {
		got[rule.Entity] = rule.Deletions
	}
	if diff := cmp.Diff(map[record.Entity]*connectors.Deletions{record.User: nil, record.Account: {ToCRM: true}, record.Contact: {ToCRM: true},
		record.Product: {ToCRM: true}, record.Document: nil, record.Quote: {ToCRM: true}}, got); diff != "" {
		t.Errorf("deletions (-want +got):\n%s", diff)
	}
	if p.RecreateAuto {
		t.Error("what was deleted in Sales Management is made again")
	}
}

// Where no stock applies, a dash is shown; an inactive product is one that is not available, and nothing else of it changes.
//
// Requirement: S50-22, S50-23, S50-25
func TestProductsOfSage50(t *testing.T) {
	p := sage50(t, pairs.Sage50SalesManagementOptions{})
	from := map[string]string{}
	for _, f := range p.Entity(record.Product).Fields {
		from[f.CRM] = f.ERP
		if f.CRM != "Z_stock_affiche" {
			continue
		}
		yes, no := record.BoolOf(true), record.BoolOf(false)
		if len(f.Only) != 1 || f.Only[0].Field != "stock_applies" || f.Only[0].Met(yes) || !f.Only[0].Met(no) || f.Lens.Codes["false"] != "-" {
			t.Errorf("a dash: %+v", f)
		}
	}
	for crm, erp := range map[string]string{"notAvailable": "inactive", "picture": "picture", "stock": "stock", "price": "price"} {
		if from[crm] != erp {
			t.Errorf("%s is told by %s, want %s", crm, from[crm], erp)
		}
	}
	if active := p.Entity(record.Product).Active; active != "" {
		t.Errorf("what is gone is shown in %s", active)
	}
}

// An invoice is left alone until it is validated.
//
// Requirement: S50-16
func TestInvoicesOfSage50(t *testing.T) {
	rule := sage50(t, pairs.Sage50SalesManagementOptions{}).Entity(record.Document)
	if diff := cmp.Diff(&connectors.Match{Field: "validated", Values: []string{"false"}}, rule.SkipNew); diff != "" {
		t.Errorf("left alone (-want +got):\n%s", diff)
	}
}

// What a new account is, a site may have handed over; Sage decides it from then on. Off unless the site wants it.
//
// Requirement: S50-33
func TestSendClients(t *testing.T) {
	for _, send := range []bool{false, true} {
		account := sage50(t, pairs.Sage50SalesManagementOptions{SendClients: send}).Entity(record.Account)
		i := slices.IndexFunc(account.Fields, func(f connectors.FieldRule) bool { return f.CRM == "status" })
		f := account.Fields[i]
		if !send && f.Policy != connectors.OwnERP {
			t.Errorf("the status flows by %d", f.Policy)
		}
		if send && (f.Policy != connectors.OwnByState || f.When.Field != "" || f.When.Then != connectors.OwnERP || f.When.Else != connectors.Shared) {
			t.Errorf("the status flows by %d, %+v", f.Policy, f.When)
		}
	}
}

// Who owns an account in Sales Management is written once, if at all, so that whoever made it goes on seeing it.
//
// Requirement: S50-29
func TestRepresentativesOfSage50(t *testing.T) {
	for _, with := range []bool{false, true} {
		p := sage50(t, pairs.Sage50SalesManagementOptions{Representatives: with})
		got := slices.Contains(flow(p, record.Account)[connectors.WriteOnce], "salesRepId1")
		for _, rule := range p.Entities {
			for policy, fields := range flow(p, rule.Entity) {
				if policy != connectors.WriteOnce && slices.Contains(fields, "salesRepId1") {
					t.Errorf("the owner is written by %d", policy)
				}
			}
		}
		if got != with || slices.Contains(flow(p, record.Document)[connectors.OwnERP], "salesRep") != with {
			t.Errorf("representatives %v: written %v", with, got)
		}
	}
}
