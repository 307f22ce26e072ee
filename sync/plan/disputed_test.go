package plan_test

import (
	"testing"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
)

// A person is asked about the name of a record of which nothing was ever agreed, and before that its place goes to another
// customer: the name that the ERP showed is still one of those by which the former is told from the new one.
func TestPlaceOfADisputedRecordPasses(t *testing.T) {
	r := &plan.Rules{Entity: record.Account, TwoWay: true, Active: -1, Identity: []int{0, 1}, Fields: []plan.Field{
		{Name: "Name", Code: 1, Policy: connectors.Shared, Conflict: connectors.AskPerson}, {Name: "Number", Code: 2, Policy: connectors.BusinessKey}}}
	view := func(name, number uint64) *plan.View {
		return &plan.View{Cells: []plan.Cell{{Value: record.TextOf("name"), Digest: name}, {Value: record.TextOf("number"), Digest: number}}}
	}
	it := plan.Item{Link: plan.Link{ID: 1, Entity: record.Account, ERP: "1", CRM: "5", State: plan.Linked}, ERP: view(10, 20), CRM: view(11, 20)}
	d := plan.Make(r, it, noon)
	if len(d.Conflicts) != 1 || !d.Conflicts[0].Ask {
		t.Fatalf("got %+v, want a question", d)
	}
	for name, c := range map[string]struct {
		name, number uint64
		gone         int
		verdict      plan.Verdict
	}{
		"another one":                {12, 22, 0, plan.Wait},
		"another one, empty between": {12, 22, 1, plan.Replace},
		"its number changed":         {10, 22, 1, plan.Write},
	} {
		it := plan.Item{Link: d.Link, ERP: view(c.name, c.number), CRM: view(11, 20)}
		it.Link.Gone = c.gone
		if got := plan.Make(r, it, noon); got.Verdict != c.verdict {
			t.Errorf("%s: got verdict %d (%s), want %d", name, got.Verdict, got.Why.Code, c.verdict)
		}
	}
}

// A new map was made while the record of the CRM was just deleted: nothing is agreed but by what the record is recognised in
// the ERP. That stays known over a plan that is made without the CRM's record, so that the place tells whose it is when
// the record is made again.
func TestPlaceOfADeletedRecordPasses(t *testing.T) {
	r := rules(true)
	l := agreed(r, "n", "c", "t", "true", "o")
	l.Base = r.Recognised(l.Base)
	l = plan.Make(r, plan.Item{Link: l, ERP: view("n", "c", "t", "true", "o")}, noon).Link
	l.State, l.CRM, l.Base = plan.Fresh, "", r.Recognised(l.Base) // deleted, and to be made again
	for name, c := range map[string]struct {
		name    string
		gone    int
		verdict plan.Verdict
	}{
		"the same":                   {"n", 0, plan.CreateCRM},
		"another one":                {"m", 0, plan.Wait},
		"another one, empty between": {"m", 2, plan.CreateCRM},
	} {
		l.Gone = c.gone
		d := plan.Make(r, plan.Item{Link: l, ERP: view(c.name, "c", "t", "true", "o")}, noon)
		if d.Verdict != c.verdict || d.Passed != (c.gone > 0) {
			t.Errorf("%s: got verdict %d (%s), passed %v, want %d", name, d.Verdict, d.Why.Code, d.Passed, c.verdict)
		}
	}
}
