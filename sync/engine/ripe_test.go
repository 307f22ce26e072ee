package engine_test

import (
	"testing"

	"syncbox/connectors"
	"syncbox/connectors/pairs"
	"syncbox/connectors/record"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// ripens has customers of the CRM born in the ERP while they are in Gaspé.
func ripens(w *world) {
	w.profile.Entity(record.Account).BornWhen = &connectors.Match{Field: "City", Values: []string{"Gaspé"}}
}

func ripeWorld(t *testing.T) *world {
	return worldOf(t, pairs.AcombaCentrixOneOptions{TwoWay: true}, ripens)
}

// in gives the cities of the customers of the ERP.
func (w *world) in() (cities []string) {
	for _, r := range w.erp.records[record.Account] {
		cities = append(cities, r.Fields["city"].Text)
	}
	return cities
}

// What is born in the CRM under a condition is left alone until it meets that, and nobody is told. Once the ERP has it, the condition
// counts no more.
func TestBirthUnderACondition(t *testing.T) {
	w := ripeWorld(t)
	w.cycles(1)
	for _, step := range []struct{ city, want string }{{"Québec", ""}, {"", ""}, {"Gaspé", "Gaspé"}, {"Rimouski", "Rimouski"}, {"", ""}} {
		w.crm.put(record.Account, "5", record.Fields{"Name": text("Nouveau"), "City": text(step.city)})
		w.cycles(3)
		got := w.in()
		if wrong := len(got) > 1 || len(got) == 1 && got[0] != step.want || len(got) == 0 && step.want != ""; wrong {
			t.Fatalf("in %q: the ERP has %q, want %q", step.city, got, step.want)
		}
		if waits := w.waits(); len(waits) > 0 {
			t.Errorf("in %q: waits %v", step.city, waits)
		}
		must(t, w.state.View(func(tx *store.Txn) {
			if _, kept := tx.Find(connectors.CRM, record.Account, "5"); kept != (len(got) > 0) {
				t.Errorf("in %q: a link is kept: %v", step.city, kept)
			}
		}))
	}
	if n := len(w.in()); n != 1 {
		t.Errorf("%d customers in the ERP at the end, want the one that was born", n)
	}
}

// One that no longer meets its condition when its turn comes is not born: what it had waited for came too late.
func TestBirthThatIsTakenBack(t *testing.T) {
	w := ripeWorld(t)
	w.cycles(1)
	refused := true
	w.erp.answer = func(op connectors.Op) *connectors.Result {
		if op.Kind == connectors.Create && refused {
			return &connectors.Result{Outcome: connectors.NotApplied, Err: &connectors.Error{Kind: connectors.Busy, Code: "row-locked"}}
		}
		return nil
	}
	w.crm.put(record.Account, "5", record.Fields{"Name": text("Nouveau"), "City": text("Gaspé")})
	w.cycles(2)
	refused = false
	w.crm.put(record.Account, "5", record.Fields{"City": text("Québec")})
	w.cycles(6)
	if got, waits := w.in(), w.waits(); len(got) > 0 || len(waits) > 0 {
		t.Errorf("the ERP has %q; waits %v", got, waits)
	}
	w.crm.put(record.Account, "5", record.Fields{"City": text("Gaspé")})
	w.cycles(6)
	if got := w.in(); len(got) != 1 {
		t.Errorf("ripe again: the ERP has %q", got)
	}
}

// A resync of both levels leaves it alone as well, and counts nothing to be done for it.
func TestResyncLeavesUnripeAlone(t *testing.T) {
	for level, verb := range map[int]engine.Verb{1: engine.Resync1, 2: engine.Resync2} {
		w := ripeWorld(t)
		w.customer(2, "Client")
		w.cycles(2)
		w.crm.put(record.Account, "5", record.Fields{"Name": text("Nouveau"), "City": text("Québec")})
		w.cycles(2)
		w.must(verb, "")
		w.cycles(2)
		r := w.repair()
		if n := r.Preview[record.Account]; r.Phase != store.RepairReady || n.OnlyCRM > 0 || n.Create != [2]int{} {
			t.Errorf("level %d: phase %s, counted %+v", level, r.Phase, n)
		}
		w.goAhead(r)
		w.finish()
		if got := w.in(); len(got) != 1 {
			t.Errorf("level %d: the ERP has customers in %q, want its own alone", level, got)
		}
	}
}
