package sim

import (
	"errors"

	"syncbox/connectors"
	"syncbox/sync/engine"
	"syncbox/sync/sim/memory"
	"syncbox/sync/store"
)

// resync has a person ask for a resync: of one of both levels, counted first or done at once. Where one is counted, the
// person says whether it is done.
func (w *world) resync(s *Step) {
	if w.calls > 0 || w.box == nil {
		return
	}
	verb, name := []engine.Verb{engine.Resync1, engine.Resync2}[s.A%2], ""
	switch {
	case w.repair().Phase == store.RepairReady && s.B%4 == 0:
		verb = engine.ResyncCancel
	case w.repair().Phase == store.RepairReady:
		verb = engine.ResyncGo
	case s.B%3 > 0:
		name = "now"
	}
	w.askFor(verb, name)
}

// askFor asks for something for which it may be too late.
func (w *world) askFor(verb engine.Verb, name string) {
	w.renewing = w.renewing || verb == engine.Resync2 && name == "now" || verb == engine.ResyncGo && w.repair().Level == 2
	before := w.lastEvent()
	switch err := w.ask(verb, name); {
	case w.box == nil: // nobody knows whether it heard
	case err == nil:
		w.toDo = verb == engine.ResyncGo || name == "now"
		w.toDoSince = before
	case !errors.Is(err, engine.ErrResync):
		w.fail("W9", "%s %s: %v", verb, name, err)
	}
	w.anew()
}

// lastEvent gives the number of the journal's last line.
func (w *world) lastEvent() (seq uint64) {
	w.view(func(t *store.Txn) {
		t.Events(0, func(e store.Event) bool { seq = e.Seq; return true })
	})
	return seq
}

// resynced holds the journal against what people have asked for: a resync that is to be done was.
func (w *world) resynced() {
	done := !w.toDo
	w.view(func(t *store.Txn) {
		t.Events(0, func(e store.Event) bool {
			done = done || e.Code == "resync-complete" && e.Seq > w.toDoSince
			return true
		})
	})
	if !done {
		w.fail("W9", "a resync that a person asked for was never done")
	}
}

// repair gives the resync under way; none while the box is off.
func (w *world) repair() (r store.Repair) {
	w.view(func(t *store.Txn) { r, _ = t.Repair() })
	return r
}

// sayGo has a person say go to what was counted; false if nothing was.
func (w *world) sayGo() bool {
	if w.repair().Phase != store.RepairReady {
		return false
	}
	w.askFor(engine.ResyncGo, "")
	return true
}

// anew takes note of what a resync of level 2 can't know when it makes the map anew: nothing is agreed but what both
// sides show alike. Where they differ the rule of a conflict settles it, and an empty value gives way without a word.
func (w *world) anew() {
	if w.box == nil {
		return
	}
	r := w.repair()
	now := r.Level == 2 && r.Phase != store.RepairPreview && r.Phase != store.RepairReady
	if now || w.renewing {
		w.blur()
	}
	w.renewing = now
}

// blur lets everything that was typed so far be lost, though not without a word. What was merged into a record that the
// box has not followed yet may be made anew.
func (w *world) blur() {
	for _, t := range w.things {
		if t.merged && t.at[connectors.CRM] != "" && !w.knows(t) {
			t.merged = false
			t.mayBe++
			t.forgive()
		}
		for i := range t.cells {
			for _, x := range t.cells[i].writes {
				x.merged = true
				x.forgiven = x.forgiven || x.value.Empty()
			}
		}
	}
}

// recognise has a person say which record of the CRM one of the ERP is; none of them is where it has none.
func (w *world) recognise(x store.Waiting) {
	here := w.atKey(connectors.ERP, x.Entity, x.ERP)
	for _, key := range x.Candidates {
		if here != nil && here.at[connectors.CRM] == key && w.row(here, connectors.CRM) != nil {
			x.Field = string(key)
			w.say(engine.Same, x)
			return
		}
	}
	w.say(engine.NotSame, x)
}

// scratch gives room to count a resync in, in which the power is cut as well.
func (w *world) scratch(string) (store.KV, error) { return pointed{w, &memory.KV{}}, nil }
