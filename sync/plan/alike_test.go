package plan_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/sync/plan"
)

// TestNothingIsKnownButWhatIsAlike plans for two records that were found to belong together again.
//
// Requirement: ACO-82
func TestNothingIsKnownButWhatIsAlike(t *testing.T) {
	same := []string{"Client", "Québec", "Net 30", "true", "nous"}
	for _, tt := range []struct {
		name      string
		crm       []string
		inc       string // of the ERP's record, before and now
		verdict   plan.Verdict
		toCRM     []int
		toERP     []int
		conflicts int
	}{
		{name: "all alike", crm: same, verdict: plan.Nothing},
		{name: "empty in the CRM", crm: []string{"Client", "", "Net 30", "true", "nous"}, verdict: plan.Write, toCRM: []int{city}},
		{name: "different city", crm: []string{"Client", "Lévis", "Net 30", "true", "nous"}, verdict: plan.Write, toCRM: []int{city}, conflicts: 1},
		{name: "different term, the ERP's own", crm: []string{"Client", "Québec", "Net 60", "true", "nous"}, verdict: plan.Write, toCRM: []int{term}},
		{name: "different owner, the CRM's own", crm: []string{"Client", "Québec", "Net 30", "true", "eux"}, verdict: plan.Write, toERP: []int{owner}},
		{name: "another name", crm: []string{"Autre", "Québec", "Net 30", "true", "nous"}, verdict: plan.Wait},
		{name: "no name", crm: []string{"", "Québec", "Net 30", "true", "nous"}, verdict: plan.Write, toCRM: []int{name}},
		{name: "another name, the same card", crm: []string{"Autre", "Québec", "Net 30", "true", "nous"}, inc: "u2", verdict: plan.Write, toCRM: []int{name}, conflicts: 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := rules(true)
			it := plan.Item{Link: plan.Link{ID: 1, ERP: "2", CRM: "10", State: plan.Linked, Incarnation: tt.inc}, ERP: view(same...), CRM: view(tt.crm...)}
			it.ERP.Incarnation = tt.inc
			it.Link.Base = r.Alike(&it)
			d := plan.Make(r, it, noon)
			if d.Verdict != tt.verdict || len(d.Conflicts) != tt.conflicts {
				t.Errorf("got verdict %d and %d conflicts, want %d and %d; %+v", d.Verdict, len(d.Conflicts), tt.verdict, tt.conflicts, d.Why)
			}
			for i := range count {
				_, toCRM := d.CRM[i]
				_, toERP := d.ERP[i]
				if toCRM != contains(tt.toCRM, i) || toERP != contains(tt.toERP, i) {
					t.Errorf("field %d: to the CRM %v, to the ERP %v", i, toCRM, toERP)
				}
			}
		})
	}
}

func contains(all []int, i int) bool {
	for _, x := range all {
		if x == i {
			return true
		}
	}
	return false
}

// TestAlikeIsAgreed: of two records that are alike, the base is the one that a cycle would keep.
func TestAlikeIsAgreed(t *testing.T) {
	for _, twoWay := range []bool{true, false} {
		r := rules(twoWay)
		it := plan.Item{Link: plan.Link{ID: 1, ERP: "2", CRM: "10", State: plan.Linked}, ERP: view("a", "b", "c", "d", "e"), CRM: view("a", "b", "c", "d", "e")}
		if diff := cmp.Diff(r.Agreed(&it), r.Alike(&it)); diff != "" {
			t.Errorf("two-way %v: %s", twoWay, diff)
		}
		it.ERP.Cells[term].Missing = &plan.Ref{}
		if got := r.Alike(&it).Owned; got != 0 {
			t.Errorf("two-way %v: a reference that is not there counts as alike", twoWay)
		}
		it.ERP.Cells[term].Missing, r.Fields[term].Policy = nil, connectors.Derived
		it.CRM.Cells[term].Digest++
		if r.Alike(&it).Owned == 0 {
			t.Errorf("two-way %v: what is calculated counts", twoWay)
		}
	}
}

// TestSaidToBeTheSame: all by which people recognise a record is new, and a person says that it is the same one. Nobody is
// asked again, and of a name that both sides have of their own, neither is lost without a word.
func TestSaidToBeTheSame(t *testing.T) {
	for _, twoWay := range []bool{true, false} {
		for what, known := range map[string]func(*plan.Rules, *plan.Item){
			"nothing is known": func(r *plan.Rules, it *plan.Item) { it.Link.Base = r.Alike(it) },
			"it was sent to be made, and arrived late": func(_ *plan.Rules, it *plan.Item) {
				it.Link.Base = plan.Base{Each: map[uint16]uint64{1: digest("Autre"), 3: digest("12")}}
				it.Link.Doubts = []plan.Doubt{doubt(1, connectors.CRM, "Autre", 1), doubt(3, connectors.CRM, "12", 1)}
			},
		} {
			r := rules(twoWay)
			r.Fields[term].Policy, r.Identity = connectors.BusinessKey, []int{name, term}
			it := plan.Item{Link: plan.Link{ID: 1, ERP: "2", CRM: "10", State: plan.Linked}, ERP: view("Client", "Québec", "11", "true", "nous"),
				CRM: view("Autre", "Québec", "12", "true", "nous")}
			known(r, &it)
			if d := plan.Make(r, it, noon); d.Why.Code != "position-reused" {
				t.Fatalf("%s, two-way %v: nobody is asked: %+v", what, twoWay, d)
			}
			r.Same(&it.Link)
			d := plan.Make(r, it, noon)
			lost := twoWay && what == "nothing is known" && len(d.Conflicts) == 0
			if d.Verdict != plan.Write || lost {
				t.Errorf("%s, two-way %v: got verdict %d, %+v, conflicts %v", what, twoWay, d.Verdict, d.Why, d.Conflicts)
			}
		}
	}
}
