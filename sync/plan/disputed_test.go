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
