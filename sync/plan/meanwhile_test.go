package plan_test

import (
	"testing"

	"syncbox/connectors/record"
	"syncbox/sync/plan"
)

// The account of a customer was merged away in the CRM, and what the ERP's record refers to is not there: nothing can be written to
// the heir. What both show alike is agreed all the same, so that whoever edits a field before the wait is over, or empties it, is the
// only one who did. Where the two differ nothing is agreed, and what is empty erases nothing.
//
// Requirement: ACO-9, ACO-77
func TestEditedWhileAReferenceIsMissing(t *testing.T) {
	for name, c := range map[string]struct {
		heir     string // its city as the merge left it; the ERP shows "c"
		erp, crm string // what both show once the reference is there
		toERP    string
		toCRM    string
		conflict bool
	}{
		"emptied in the ERP":             {heir: "c", erp: "", crm: "c", toCRM: "(empty)"},
		"emptied in the CRM":             {heir: "c", erp: "c", crm: "", toERP: "(empty)"},
		"typed in the ERP":               {heir: "c", erp: "e", crm: "c", toCRM: "e"},
		"typed in the CRM":               {heir: "c", erp: "c", crm: "h", toERP: "h"},
		"typed on both sides":            {heir: "c", erp: "e", crm: "h", toCRM: "e", conflict: true},
		"emptied, but the heir differed": {heir: "h", erp: "", crm: "h", toERP: "h"},
		"the heir had nothing":           {heir: "", erp: "c", crm: "", toCRM: "c"},
	} {
		t.Run(name, func(t *testing.T) {
			r := rules(true)
			l := agreed(r, "n", "c", "t", "true", "o")
			l.Base = r.Recognised(l.Base)
			erp := view("n", "c", "t", "true", "o")
			erp.Cells[term].Missing = &plan.Ref{Entity: record.User, ERP: "7"}
			d := plan.Make(r, plan.Item{Link: l, ERP: erp, CRM: view("n", c.heir, "u", "true", "o")}, noon)
			if d.Verdict != plan.Wait {
				t.Fatalf("got verdict %d, want a wait", d.Verdict)
			}
			d = plan.Make(r, plan.Item{Link: d.Link, ERP: view("n", c.erp, "t", "true", "o"), CRM: view("n", c.crm, "u", "true", "o")}, noon)
			if d.CRM[term].Text != "t" {
				t.Errorf("got %q for what only the ERP may change, want what it shows", d.CRM[term].Text)
			}
			if got, want := [3]any{told(d.ERP, city), told(d.CRM, city), len(d.Conflicts) > 0}, [3]any{c.toERP, c.toCRM, c.conflict}; got != want {
				t.Errorf("to the ERP, to the CRM, conflict: got %q, want %q", got, want)
			}
		})
	}
}

func told(values map[int]record.Value, i int) string {
	v, there := values[i]
	if there && v.Empty() {
		return "(empty)"
	}
	return v.Text
}

// What tells the record at a place from another one stays known while it waits.
func TestPlacePassesWhileAReferenceIsMissing(t *testing.T) {
	r := rules(true)
	l := agreed(r, "n", "c", "t", "true", "o")
	l.Base = r.Recognised(l.Base)
	erp := view("n", "c", "t", "true", "o")
	erp.Cells[term].Missing = &plan.Ref{Entity: record.User, ERP: "7"}
	l = plan.Make(r, plan.Item{Link: l, ERP: erp, CRM: view("heir", "c", "t", "true", "o")}, noon).Link
	d := plan.Make(r, plan.Item{Link: l, ERP: view("other", "c", "t", "true", "o"), CRM: view("heir", "c", "t", "true", "o")}, noon)
	if d.Verdict != plan.Wait || d.Why.Code != "position-reused" {
		t.Errorf("got verdict %d (%s), want the question whose place it is", d.Verdict, d.Why.Code)
	}
}
