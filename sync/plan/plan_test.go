package plan_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// The fields of the rules below, by index.
const (
	name = iota
	city
	term
	active
	owner
	count
)

func rules(twoWay bool) *plan.Rules {
	return &plan.Rules{Entity: record.Account, TwoWay: twoWay, Active: active, Identity: []int{name}, Fields: []plan.Field{
		name:   {Name: "Name", Code: 1, Policy: connectors.Shared},
		city:   {Name: "City", Code: 2, Policy: connectors.Shared},
		term:   {Name: "Term", Code: 3, Policy: connectors.OwnERPOnChange},
		active: {Name: "Active", Code: 4, Policy: connectors.OwnERP},
		owner:  {Name: "Owner", Code: 5, Policy: connectors.OwnCRM},
	}}
}

// digest of a text; the empty one has one too.
func digest(s string) uint64 {
	h := uint64(14695981039346656037)
	for _, b := range []byte(s) {
		h = (h ^ uint64(b)) * 1099511628211
	}
	return h
}

func view(values ...string) *plan.View {
	v := &plan.View{}
	for _, s := range values {
		v.Cells = append(v.Cells, plan.Cell{Value: record.TextOf(s), Digest: digest(s)})
	}
	return v
}

// agreed is a link whose sides last showed these values.
func agreed(r *plan.Rules, values ...string) plan.Link {
	l := plan.Link{ID: 1, Entity: record.Account, ERP: "2", CRM: "10", State: plan.Linked}
	l.Base = r.Agreed(&plan.Item{Link: l, ERP: view(values...)})
	return l
}

func doubt(field uint16, to connectors.Side, value string, seq uint64) plan.Doubt {
	return plan.Doubt{Field: field, Side: to, Digest: digest(value), Seq: seq, Until: noon.Add(time.Minute)}
}

func note(field uint16, on connectors.Side, value string) plan.Doubt {
	return plan.Doubt{Field: field, Side: on, Digest: digest(value)}
}

// Requirement: ACO-9
func TestMergeWithDoubts(t *testing.T) {
	const cityCode = 2
	for _, tt := range []struct {
		name     string
		erp, crm string // of the city; the base is "base"
		doubts   []plan.Doubt
		toCRM    string
		toERP    string
		told     bool // as a conflict
	}{
		{name: "nothing new", erp: "base", crm: "base"},
		{name: "typed in the ERP", erp: "A", crm: "base", toCRM: "A"},
		{name: "typed in the CRM", erp: "base", crm: "A", toERP: "A"},
		{name: "typed the same on both", erp: "A", crm: "A"},
		{name: "typed differently", erp: "A", crm: "B", toCRM: "A", told: true},
		{name: "sent, not there yet", erp: "A", crm: "base", doubts: []plan.Doubt{doubt(cityCode, connectors.CRM, "A", 1)}, toCRM: "A"},
		{name: "an older value arrives late after a newer one was written", erp: "base", crm: "A", // doubt outlives success
			doubts: []plan.Doubt{doubt(cityCode, connectors.CRM, "A", 1)}, toCRM: "base"},
		{name: "the origin goes back to the base", erp: "base", crm: "A",
			doubts: []plan.Doubt{doubt(cityCode, connectors.CRM, "A", 1)}, toCRM: "base"},
		{name: "written to the ERP, not read back yet", erp: "base", crm: "A",
			doubts: []plan.Doubt{{Field: cityCode, Side: connectors.ERP, Digest: digest("A"), Seq: 1}}, toERP: "A"},
		{name: "written to the ERP and changed there since", erp: "B", crm: "A",
			doubts: []plan.Doubt{{Field: cityCode, Side: connectors.ERP, Digest: digest("A"), Seq: 1}}, toCRM: "B"},
		{name: "changed in the CRM while a value of the ERP is in doubt", erp: "A", crm: "B",
			doubts: []plan.Doubt{doubt(cityCode, connectors.CRM, "A", 1)}, toERP: "B", told: true},
		{name: "changed in the CRM where an older value may have come back", erp: "base", crm: "B",
			doubts: []plan.Doubt{doubt(cityCode, connectors.CRM, "A", 1), note(cityCode, connectors.ERP, "base"), note(cityCode, connectors.CRM, "base")}, toERP: "B", told: true},
		{name: "changed in the CRM after the value in doubt was seen there", erp: "base", crm: "B",
			doubts: []plan.Doubt{doubt(cityCode, connectors.CRM, "base", 1)}, toERP: "B"},
		{name: "in doubt on both sides: the later one stays", erp: "B", crm: "A",
			doubts: []plan.Doubt{doubt(cityCode, connectors.CRM, "A", 1), doubt(cityCode, connectors.ERP, "B", 2)}, toCRM: "B"},
		{name: "in doubt on both sides, the other way", erp: "B", crm: "A",
			doubts: []plan.Doubt{doubt(cityCode, connectors.ERP, "B", 1), doubt(cityCode, connectors.CRM, "A", 2)}, toERP: "A"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := rules(true)
			l := agreed(r, "n", "base", "t", "true", "o")
			l.Doubts = tt.doubts
			d := plan.Make(r, plan.Item{Link: l, ERP: view("n", tt.erp, "t", "true", "o"), CRM: view("n", tt.crm, "t", "true", "o")}, noon)
			got := []string{d.CRM[city].Text, d.ERP[city].Text, fmt.Sprint(len(d.Conflicts) > 0)}
			if diff := cmp.Diff([]string{tt.toCRM, tt.toERP, fmt.Sprint(tt.told)}, got); diff != "" {
				t.Errorf("to the CRM, to the ERP, conflict: %s", diff)
			}
		})
	}
}

// TestLoserIsNoEdit: the write that settled a conflict is lost; the value that lost is still there.
//
// Requirement: ACO-9
func TestLoserIsNoEdit(t *testing.T) {
	r := rules(true)
	l := agreed(r, "n", "base", "t", "true", "o")
	erp, crm := view("n", "A", "t", "true", "o"), view("n", "B", "t", "true", "o")
	d := plan.Make(r, plan.Item{Link: l, ERP: erp, CRM: crm}, noon)
	d.Link.Doubts = append(d.Link.Doubts, doubt(2, connectors.CRM, "A", 1))
	d = plan.Make(r, plan.Item{Link: d.Link, ERP: erp, CRM: crm}, noon)
	if got := d.CRM[city].Text; got != "A" || len(d.ERP) > 0 || len(d.Conflicts) > 0 {
		t.Errorf("got %q to the CRM, %v to the ERP, conflicts %v", got, d.ERP, d.Conflicts)
	}
}

// TestBroughtBack: a value that was brought back, and seen on both sides since, is agreed on; the next edit is one.
//
// Requirement: ACO-9
func TestBroughtBack(t *testing.T) {
	r := rules(true)
	l := agreed(r, "n", "base", "t", "true", "o")
	l.Doubts = []plan.Doubt{doubt(2, connectors.CRM, "A", 1)} // typed in the ERP, sent, and taken back there
	same := view("n", "base", "t", "true", "o")
	d := plan.Make(r, plan.Item{Link: l, ERP: same, CRM: same}, noon)
	d = plan.Make(r, plan.Item{Link: d.Link, ERP: same, CRM: view("n", "B", "t", "true", "o")}, noon)
	if got := d.ERP[city].Text; got != "B" || len(d.CRM) > 0 {
		t.Errorf("got %q to the ERP, %v to the CRM", got, d.CRM)
	}
}

// Requirement: ACO-21, EXT-4
func TestOwnedByERP(t *testing.T) {
	r := rules(true)
	l := agreed(r, "n", "c", "t", "true", "o")
	d := plan.Make(r, plan.Item{Link: l, ERP: view("n", "c", "t", "true", "o"), CRM: view("n", "c", "edited", "false", "o")}, noon)
	if diff := cmp.Diff([]int{term}, d.Differ); diff != "" {
		t.Errorf("left standing: %s", diff)
	}
	if got := d.CRM[active].Text; got != "true" {
		t.Errorf("put back at once: got %q", got)
	}
	d = plan.Make(r, plan.Item{Link: l, ERP: view("n", "c", "t2", "true", "o"), CRM: view("n", "c", "edited", "true", "o")}, noon)
	if got := d.CRM[term].Text; got != "t2" {
		t.Errorf("after a change in the ERP: got %q", got)
	}
}

// What is to be created and is not shown for a moment is looked at once more, then left alone.
func TestGoneBeforeItIsCreated(t *testing.T) {
	r, l := rules(true), plan.Link{ID: 1, ERP: "2"}
	for look, want := range []plan.Verdict{plan.Again, plan.Nothing, plan.Nothing} {
		d := plan.Make(r, plan.Item{Link: l, ERP: &plan.View{Gone: true}}, noon)
		if d.Verdict != want {
			t.Errorf("look %d: got verdict %d, want %d", look+1, d.Verdict, want)
		}
		l = d.Link
	}
	if l.Gone != 2 {
		t.Errorf("gone %d", l.Gone)
	}
}

// Requirement: ACO-64
func TestGoneTwice(t *testing.T) {
	r := rules(true)
	gone := &plan.View{Gone: true}
	d := plan.Make(r, plan.Item{Link: agreed(r, "n", "c", "t", "true", "o"), ERP: gone, CRM: view("n", "c", "t", "true", "o")}, noon)
	if d.Verdict != plan.Again || d.Link.Gone != 1 {
		t.Fatalf("first look: got verdict %d, gone %d", d.Verdict, d.Link.Gone)
	}
	back := plan.Make(r, plan.Item{Link: d.Link, ERP: view("n", "c", "t", "true", "o"), CRM: view("n", "c", "t", "true", "o")}, noon)
	if back.Link.Gone != 0 || back.Verdict != plan.Nothing {
		t.Errorf("back in between: got verdict %d, gone %d", back.Verdict, back.Link.Gone)
	}
	d = plan.Make(r, plan.Item{Link: d.Link, ERP: gone, CRM: view("n", "c", "t", "true", "o")}, noon)
	if d.Verdict != plan.Deactivate || d.CRM[active].Text != "false" || len(d.CRM) != 1 {
		t.Errorf("second look: got verdict %d, %v", d.Verdict, d.CRM)
	}
}

// A record was deleted in the CRM, and its place in the ERP may be another one's: to create it again would mix the two.
func TestDeletedAndGivenToAnother(t *testing.T) {
	r := rules(true)
	l := agreed(r, "n", "c", "t", "true", "o")
	l.State = plan.CRMGone
	for name, want := range map[string]string{"n": "crm-record-deleted", "other": "position-reused"} {
		d := plan.Make(r, plan.Item{Link: l, ERP: view(name, "c2", "t", "true", "o")}, noon)
		if d.Verdict != plan.Wait || d.Why.Code != want || !d.Why.Person || d.Link.Passing != (want == "position-reused") {
			t.Errorf("name %q: got verdict %d, %s, passing %v, want to wait for %s", name, d.Verdict, d.Why.Code, d.Link.Passing, want)
		}
	}
}

// A record is not shown by the ERP for a moment while what was sent to the CRM without an answer has arrived there, and
// a person has typed over it: when it is back, that edit is known to be the newer one.
//
// Requirement: ACO-9
func TestNotShownWhileInDoubt(t *testing.T) {
	r := rules(true)
	l := agreed(r, "n", "old", "t", "true", "o")
	l.Doubts = []plan.Doubt{doubt(2, connectors.CRM, "sent", 1)}
	crm := view("n", "typed over it", "t", "true", "o")
	later := noon.Add(time.Hour)
	d := plan.Make(r, plan.Item{Link: l, ERP: &plan.View{Gone: true}, CRM: crm}, later)
	d = plan.Make(r, plan.Item{Link: d.Link, ERP: view("n", "sent", "t", "true", "o"), CRM: crm}, later)
	if got := d.ERP[city].Text; got != "typed over it" || len(d.CRM) > 0 {
		t.Errorf("to the ERP %q, to the CRM %v", got, d.CRM)
	}
}

// Requirement: ACO-63
func TestKeyGivenToAnother(t *testing.T) {
	r := rules(true)
	base := agreed(r, "n", "c", "t", "true", "o")
	for _, tt := range []struct {
		name    string
		change  func(*plan.Link, *plan.View)
		verdict plan.Verdict
	}{
		{"another incarnation", func(l *plan.Link, v *plan.View) { l.Incarnation, v.Incarnation = "1", "2" }, plan.Replace},
		{"another incarnation, the old one deleted in the CRM", func(l *plan.Link, v *plan.View) {
			l.Incarnation, v.Incarnation, l.State = "1", "2", plan.CRMGone
		}, plan.Replace},
		{"deleted in the CRM", func(l *plan.Link, _ *plan.View) { l.State = plan.CRMGone }, plan.Wait},
		{"all new, seen empty in between", func(l *plan.Link, _ *plan.View) { l.Gone = 1 }, plan.Replace},
		{"all new at once", func(*plan.Link, *plan.View) {}, plan.Wait},
		{"all new to us, but sent by us", func(l *plan.Link, _ *plan.View) { l.Doubts = []plan.Doubt{doubt(1, connectors.ERP, "other", 1)} }, plan.Write},
		{"the same incarnation", func(l *plan.Link, v *plan.View) { l.Incarnation, v.Incarnation = "1", "1" }, plan.Write},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l, v := base, view("other", "c2", "t", "true", "o")
			tt.change(&l, v)
			d := plan.Make(r, plan.Item{Link: l, ERP: v, CRM: view("n", "c", "t", "true", "o")}, noon)
			if d.Verdict != tt.verdict {
				t.Errorf("got verdict %d (%s), want %d", d.Verdict, d.Why.Code, tt.verdict)
			}
		})
	}
}

// TestPartialReadIsNoAbsence: without a record of the ERP nothing is deactivated.
//
// Requirement: ACO-64
func TestPartialReadIsNoAbsence(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		d.item.ERP = nil
		d.item.Link.Gone = rapid.IntRange(0, 2).Draw(t, "gone")
		got := plan.Make(d.rules, d.item, noon)
		if got.Verdict == plan.Deactivate || len(got.CRM)+len(got.ERP) > 0 || got.Link.Gone != d.item.Link.Gone {
			t.Fatalf("got verdict %d, %v", got.Verdict, got.CRM)
		}
	})
}

// Requirement: ACO-77, ACO-78
func TestMissingReference(t *testing.T) {
	r := rules(true)
	r.Fields[term].Required = true
	ref := &plan.Ref{Entity: record.User, ERP: "7"}
	item := plan.Item{Link: agreed(r, "n", "c", "t", "true", "o"), ERP: view("n", "c", "t", "true", "o"), CRM: view("n", "c", "t", "true", "o")}
	item.ERP.Cells[term].Missing = ref
	if d := plan.Make(r, item, noon); d.Verdict != plan.Nothing {
		t.Errorf("nothing to write: got verdict %d", d.Verdict)
	}
	for _, side := range []*plan.View{item.ERP, item.CRM} {
		was := side.Cells[city]
		side.Cells[city] = plan.Cell{Value: record.TextOf("x"), Digest: digest("x")}
		if d := plan.Make(r, item, noon); d.Verdict != plan.Wait || d.Why.Ref != ref {
			t.Errorf("got verdict %d, waiting for %v", d.Verdict, d.Why.Ref)
		}
		side.Cells[city] = was
	}
	item.Link = plan.Link{Entity: record.Account, ERP: "2"}
	if d := plan.Make(r, item, noon); d.Verdict != plan.Wait {
		t.Errorf("to be created: got verdict %d", d.Verdict)
	}
}

// A record is created at the second try, with what was typed in the ERP meanwhile: what is then typed in the CRM over
// that is no conflict with it.
//
// Requirement: ACO-9
func TestBirthAtTheSecondTry(t *testing.T) {
	r := rules(true)
	erp := view("n", "since", "t", "true", "o")
	first := plan.Link{ID: 1, Entity: record.Account, ERP: "2", Doubts: []plan.Doubt{doubt(city+1, connectors.CRM, "first", 1)}}
	d := plan.Make(r, plan.Item{Link: first, ERP: erp}, noon)
	d.Link.CRM, d.Link.State, d.Link.Base = "10", plan.Linked, d.After
	d = plan.Make(r, plan.Item{Link: d.Link, ERP: erp, CRM: view("n", "last", "t", "true", "o")}, noon)
	if got := d.ERP[city].Text; got != "last" || len(d.CRM) > 0 {
		t.Errorf("got %q to the ERP, %v to the CRM, conflicts %v", got, d.CRM, d.Conflicts)
	}
}

// Requirement: ACO-56
func TestBirth(t *testing.T) {
	r := rules(true)
	erp, crm := view("n", "c", "t", "true", "o"), view("n", "", "t", "true", "o")
	fresh := plan.Link{Entity: record.Account, ERP: "2"}
	d := plan.Make(r, plan.Item{Link: fresh, ERP: erp}, noon)
	if d.Verdict != plan.CreateCRM || len(d.CRM) != count || !d.After.Known {
		t.Errorf("in the CRM: got verdict %d, %v", d.Verdict, d.CRM)
	}
	erp.SkipNew = true
	if d := plan.Make(r, plan.Item{Link: fresh, ERP: erp}, noon); d.Verdict != plan.Nothing {
		t.Errorf("left alone: got verdict %d", d.Verdict)
	}
	d = plan.Make(r, plan.Item{Link: plan.Link{Entity: record.Account, CRM: "10"}, CRM: crm}, noon)
	if diff := cmp.Diff([]int{name, owner}, slices.Sorted(maps.Keys(d.ERP))); d.Verdict != plan.CreateERP || diff != "" {
		t.Errorf("in the ERP: got verdict %d, %s", d.Verdict, diff)
	}
	crm.SkipNew = true
	if d := plan.Make(r, plan.Item{Link: plan.Link{Entity: record.Account, CRM: "10"}, CRM: crm}, noon); d.Verdict != plan.Nothing || len(d.ERP) > 0 {
		t.Errorf("left alone in the CRM: got verdict %d, %v", d.Verdict, d.ERP)
	}
	linked := plan.Link{Entity: record.Account, ERP: "2", CRM: "10", State: plan.Linked}
	if d := plan.Make(r, plan.Item{Link: linked, ERP: view("n", "c", "t", "true", "o"), CRM: crm}, noon); d.Verdict != plan.Write {
		t.Errorf("in both: got verdict %d", d.Verdict)
	}
}
