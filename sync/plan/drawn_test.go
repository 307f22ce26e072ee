package plan_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
)

// drawn is a random record with a history: a base, values on both sides near it, doubts.
type drawn struct {
	rules *plan.Rules
	item  plan.Item
}

func draw(t *rapid.T) drawn {
	r := rules(rapid.Bool().Draw(t, "two-way"))
	value := rapid.SampledFrom([]string{"", "a", "b", "c"})
	values := func(label string) []string { return rapid.SliceOfN(value, len(r.Fields), len(r.Fields)).Draw(t, label) }
	l := agreed(r, values("base")...)
	l.Base.Known = rapid.IntRange(0, 9).Draw(t, "known") > 0
	r.Identity = nil // keys given to others have a test of their own
	for n := range rapid.IntRange(0, 3).Draw(t, "doubts") {
		field := rapid.SampledFrom([]uint16{1, 2, plan.OwnedFields}).Draw(t, "field")
		d := doubt(field, connectors.Side(rapid.IntRange(0, 1).Draw(t, "to")), value.Draw(t, "sent"), uint64(n+1))
		if rapid.Bool().Draw(t, "past") {
			d.Until = noon.Add(-time.Minute)
		}
		l.Doubts = append(l.Doubts, d)
	}
	return drawn{r, plan.Item{Link: l, ERP: view(values("erp")...), CRM: view(values("crm")...)}}
}

func apply(v *plan.View, values map[int]record.Value) *plan.View {
	out := &plan.View{Cells: slices.Clone(v.Cells)}
	for i, val := range values {
		out.Cells[i] = plan.Cell{Value: val, Digest: digest(val.Text)}
	}
	return out
}

// TestPlanningAfterApplying: when everything that was decided has arrived, there is nothing left to do.
//
// Requirement: ACO-9
func TestPlanningAfterApplying(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		first := plan.Make(d.rules, d.item, noon)
		l := first.Link
		if len(first.CRM) > 0 {
			l.Base = first.After
		}
		next := plan.Item{Link: l, ERP: apply(d.item.ERP, first.ERP), CRM: apply(d.item.CRM, first.CRM)}
		second := plan.Make(d.rules, next, noon.Add(time.Hour))
		if len(second.CRM)+len(second.ERP)+len(second.Conflicts) > 0 {
			t.Fatalf("then to the CRM %v, to the ERP %v, conflicts %v", second.CRM, second.ERP, second.Conflicts)
		}
	})
}

// Requirement: ACO-13, ACO-14, ACO-10
func TestERPOwnedStaysOutOfTheERP(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		got := plan.Make(d.rules, d.item, noon)
		for i := range got.ERP {
			if i == term || i == active || !d.rules.TwoWay {
				t.Fatalf("field %s is to be written to the ERP", d.rules.Fields[i].Name)
			}
		}
	})
}

// TestOnlyChangesAreWritten: a shared field is written only where a side shows something else than what was
// agreed or is in doubt, and only the value of the other side.
func TestOnlyChangesAreWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		got := plan.Make(d.rules, d.item, noon)
		known := func(i int, digest uint64) bool {
			base, ok := d.item.Link.Base.At(d.rules.Fields[i].Code)
			return ok && base == digest
		}
		for i, v := range got.CRM {
			if !v.Equal(d.item.ERP.Cells[i].Value) {
				t.Fatalf("%s gets %q, which is not in the ERP", d.rules.Fields[i].Name, v.Text)
			}
			if known(i, d.item.ERP.Cells[i].Digest) && known(i, d.item.CRM.Cells[i].Digest) {
				t.Fatalf("%s is written although it is as agreed", d.rules.Fields[i].Name)
			}
		}
		for i, v := range got.ERP {
			if !v.Equal(d.item.CRM.Cells[i].Value) {
				t.Fatalf("%s gets %q, which is not in the CRM", d.rules.Fields[i].Name, v.Text)
			}
		}
		if again := plan.Make(d.rules, d.item, noon); !cmp.Equal(got, again) {
			t.Fatal("the same again is decided otherwise")
		}
	})
}

// TestOrderOfFields: the order in which fields are listed does not matter.
func TestOrderOfFields(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		order := rapid.Permutation([]int{name, city, term, active, owner}).Draw(t, "order")
		r := &plan.Rules{Entity: d.rules.Entity, TwoWay: d.rules.TwoWay, Active: -1}
		it := plan.Item{Link: d.item.Link, ERP: &plan.View{}, CRM: &plan.View{}}
		for _, i := range order {
			r.Fields = append(r.Fields, d.rules.Fields[i])
			it.ERP.Cells, it.CRM.Cells = append(it.ERP.Cells, d.item.ERP.Cells[i]), append(it.CRM.Cells, d.item.CRM.Cells[i])
		}
		it.Link.Base.Owned, d.item.Link.Base.Owned = 0, 0 // the digest over all owned fields is one of their order
		a := plan.Make(d.rules, d.item, noon)
		b := plan.Make(r, it, noon)
		if diff := cmp.Diff(byName(d.rules, a.CRM), byName(r, b.CRM)) + cmp.Diff(byName(d.rules, a.ERP), byName(r, b.ERP)); diff != "" {
			t.Fatal(diff)
		}
	})
}

func byName(r *plan.Rules, m map[int]record.Value) map[string]string {
	out := map[string]string{}
	for i, v := range m {
		out[r.Fields[i].Name] = v.Text
	}
	return out
}
