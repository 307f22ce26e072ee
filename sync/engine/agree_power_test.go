package engine_test

import (
	"context"
	"fmt"
	"testing"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// The power may fail at any point between the preview and the end of the run: what was not ticked in this life of the box is
// not begun, nothing is doubled, and in the end all is there.
//
// Requirement: BOB-19, BOB-30
func TestPowerCutAroundTheTick(t *testing.T) {
	for cut := 1; ; cut++ {
		w := careful(t, engine.ConfirmAlways)
		w.customer(2, "Client")
		w.document(102, "2")
		w.crm.put(record.Account, "900", record.Fields{"Name": text("Né dans le CRM")})
		w.crm.put(record.Contact, "901", record.Fields{"AccountId": record.RefOf("900"), "Email": text("j@example.org")})
		ticked := false // in this life
		guard := func(op connectors.Op) *connectors.Result {
			if !ticked {
				t.Errorf("cut %d: sent without a tick: %v %s %s", cut, op.Kind, op.Entity, op.Key)
			}
			return nil
		}
		w.crm.answer, w.erp.answer = guard, guard
		w.power.cut = w.power.points + cut
		off := w.playTicked(&ticked)
		if births := w.crm.births; len(births) != 3 || len(w.erp.writes) != 1 {
			t.Errorf("cut %d: births in the CRM %v, writes to the ERP %d, waits %v", cut, births, len(w.erp.writes), w.waits())
		}
		for name, n := range w.crm.births {
			if n != 1 {
				t.Errorf("cut %d: %s was born %d times", cut, name, n)
			}
		}
		if !off || t.Failed() {
			if cut < 30 {
				t.Errorf("only %d points", cut)
			}
			return
		}
	}
}

// playTicked runs cycles and ticks whatever waits, until all is quiet; it says whether the power failed.
func (w *world) playTicked(ticked *bool) (off bool) {
	w.t.Helper()
	for quiet, n := 0, 0; quiet < 3; n++ {
		if n > 60 {
			w.t.Fatalf("never quiet: %+v; waits %v", w.engine.Status(), w.waits())
		}
		err := w.engine.Cycle(w.t.Context())
		if p := w.waitsForTick(); !w.power.off && p != nil {
			quiet, *ticked = 0, true
			err = w.sayCut(engine.Tick, p.Digest)
		}
		if w.power.off {
			off, *ticked, quiet = true, false, 0
			w.restart()
		} else if err != nil {
			w.t.Fatal(err)
		}
		if quiet++; w.cache.AnyDirty() {
			quiet = 0
		}
		w.clock.now = w.clock.now.Add(w.set.Schedule.Interval)
	}
	must(w.t, w.state.Check())
	return off
}

// sayCut has the engine do what a person asks for, while the power may fail.
func (w *world) sayCut(v engine.Verb, name string) error {
	done := make(chan error, 1)
	ctx, cancel := context.WithCancel(w.t.Context())
	defer cancel()
	go func(e *engine.Engine) { done <- e.Do(ctx, v, name) }(w.engine)
	for {
		if err := w.engine.Cycle(w.t.Context()); err != nil {
			return err
		}
		w.clock.now = w.clock.now.Add(w.set.Schedule.Interval)
		select {
		case err := <-done:
			return err
		default:
		}
	}
}

// The power may fail at any point while a record is marked for one run: it is not written as long as the mark is there, and in
// the end it is, once.
func TestPowerCutAroundMarks(t *testing.T) {
	for cut := 1; ; cut++ {
		w := newWorld(t, true)
		w.customer(2, "Client")
		w.customer(3, "Autre")
		w.cycles(3)
		key := w.byExternal(record.Account, "CU2").Key
		w.crm.answer = func(op connectors.Op) *connectors.Result {
			if op.Key == key && len(w.marks()) > 0 {
				t.Errorf("cut %d: written although it is marked", cut)
			}
			return nil
		}
		w.power.cut = w.power.points + cut
		for w.state.Update(func(t *store.Txn) error {
			t.PutExempt(store.Exemption{Entity: record.Account, ERP: "2", CRM: key, Mark: store.NotThisTime, Seq: t.Next("exempt")})
			return nil
		}) != nil {
			w.restart()
		}
		for _, k := range []record.Key{"2", "3"} {
			w.erp.put(record.Account, k, record.Fields{"city": text("Lévis")})
		}
		off := false
		for range 8 {
			if err := w.engine.Cycle(t.Context()); w.power.off {
				off = true
				w.restart()
			} else {
				must(t, err)
			}
			w.clock.now = w.clock.now.Add(w.set.Schedule.Interval)
		}
		must(t, w.state.Check())
		if got := fmt.Sprint(w.account("CU2"), w.account("CU3"), w.marks()); got != "LévisLévis[]" {
			t.Errorf("cut %d: got %s", cut, got)
		}
		if !off && cut > 4 || t.Failed() {
			if cut < 12 {
				t.Errorf("only %d points", cut)
			}
			return
		}
	}
}
