package pairs_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/pairs"
	"syncbox/connectors/record"
)

// quoteStates are those of package handover, which connectors/all holds against the profile.
var quoteStates = []string{"sent", "imported", "priced", "refused", "invoiced"}

// ownerOf gives who decides a field of a quote in a state; 0 where it is left alone.
func ownerOf(f connectors.FieldRule, state string) connectors.Policy {
	for _, c := range f.Only {
		if !c.Met(record.TextOf(state)) {
			return 0
		}
	}
	if f.Policy != connectors.OwnByState {
		return f.Policy
	}
	if slices.Contains(f.When.Values, state) {
		return f.When.Then
	}
	return f.When.Else
}

// Who decides what of a quote, in each of its states: prices are Sage's from the moment there are any; a refused quote is its
// representative's again; of an invoice nothing flows any more.
//
// Requirement: S50-11, S50-12, S50-13, S50-14
func TestQuotesOfSage50ByState(t *testing.T) {
	rule := sage50(t, pairs.Sage50SalesManagementOptions{}).Entity(record.Quote)
	const none, erp, stays, crm, once = 0, connectors.OwnERP, connectors.OwnERPOnChange, connectors.OwnCRM, connectors.WriteOnce
	for state, want := range map[string]map[string]connectors.Policy{
		"":         {"accountId": once, "asked": crm, "status": none, "refusal": none, "lines": none, "total": none},
		"sent":     {"accountId": once, "asked": crm, "status": erp, "refusal": none, "lines": none, "total": none},
		"imported": {"accountId": once, "asked": stays, "status": erp, "refusal": none, "lines": none, "total": none},
		"priced":   {"accountId": once, "asked": stays, "status": erp, "refusal": none, "lines": erp, "total": erp},
		"refused":  {"accountId": crm, "asked": crm, "status": stays, "refusal": stays, "lines": none, "total": none},
		"invoiced": {"accountId": once, "asked": stays, "status": none, "refusal": none, "lines": none, "total": none},
	} {
		got := map[string]connectors.Policy{}
		for _, f := range rule.Fields {
			if _, asked := want[f.CRM]; asked {
				got[f.CRM] = ownerOf(f, state)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", state, diff)
		}
	}
	if !slices.Equal(rule.SkipNew.Values, quoteStates) {
		t.Errorf("quotes of Sage that are left alone: %v", rule.SkipNew.Values)
	}
	if diff := cmp.Diff(&connectors.Match{Field: "status", Values: []string{"to-price"}}, rule.BornWhen); diff != "" {
		t.Errorf("born when (-want +got):\n%s", diff)
	}
}

// No price and no tax of a quote has a way to Sage, whatever was typed.
//
// Requirement: S50-12
func TestNoPricesToSage50(t *testing.T) {
	rule := sage50(t, pairs.Sage50SalesManagementOptions{Representatives: true}).Entity(record.Quote)
	toSage := []connectors.Policy{connectors.Shared, connectors.OwnCRM, connectors.WriteOnce, connectors.BusinessKey}
	var fields, columns []string
	for _, f := range rule.Fields {
		if !slices.ContainsFunc(append(slices.Clone(quoteStates), ""), func(state string) bool { return slices.Contains(toSage, ownerOf(f, state)) }) {
			continue
		}
		fields = append(fields, f.ERP)
		for _, c := range f.Lens.Rows {
			columns = append(columns, c.ERP)
		}
	}
	if diff := cmp.Diff([]string{"reference", "account", "asked", "representative"}, fields); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"product", "description", "quantity", "discount_rate"}, columns); diff != "" {
		t.Errorf("columns (-want +got):\n%s", diff)
	}
	if got := sage50(t, pairs.Sage50SalesManagementOptions{NoQuotes: true}).Entity(record.Quote); got != nil {
		t.Error("a pair without quotes has a rule for them")
	}
}
