package sim

import (
	"slices"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/engine"
	"syncbox/sync/sim/product"
	"syncbox/sync/store"
)

// Bounds on how long a world may take to come to rest once nothing breaks any more.
const (
	mostRounds  = 40
	mostIdle    = 400 // rounds in which the box asks for nothing: a product told it to wait, or the company's backup runs
	mostAnswers = 12
)

// comeToRest ends the faults and lets the box and the people finish: first what ends by itself, then what only
// people end. A world that does not come to rest fails.
func (w *world) comeToRest() {
	w.mend()
	if !w.settle() {
		return
	}
	braked := w.massAsked()
	if !w.leap() || braked && !w.massAsked() && !w.leap() { // what the brake held back is due once more only now
		return
	}
	w.alone()
	for range mostAnswers {
		if more := w.sayGo(); !w.answerAll(w.waiting()) && !more {
			break
		}
		if !w.settle() || !w.leap() {
			return
		}
	}
	w.noMore()
}

// noMore lets so much time pass that everything is due, in which the box must not write anything.
func (w *world) noMore() {
	before := w.writes
	if w.leap() && w.writes > before {
		w.fail("W5", "%d writes after everything had come to rest", w.writes-before)
	}
}

// mend ends everything that is broken.
func (w *world) mend() {
	w.calm, w.spoils, w.jump, w.breaks = true, nil, 0, [2]bool{}
	w.down, w.limited = [2]time.Duration{}, [2]time.Duration{}
	w.crm.Drifted = false
	w.endMonth()
	w.logOn()
	for _, t := range w.things {
		t.refused = false
		w.unprivate(t)
		if t.at[connectors.ERP] != "" {
			w.release(t.entity, t.at[connectors.ERP])
		}
	}
	for _, side := range []connectors.Side{connectors.ERP, connectors.CRM} {
		for _, r := range w.product(side).Rows {
			r.Locked = 0
		}
	}
	w.trace("from here on nothing breaks any more")
	for range mostRounds { // the power may still be cut
		if w.box != nil && !w.stoppedByPerson() {
			return
		}
		switch err := w.ask(engine.Start, ""); {
		case w.box == nil:
			w.round(w.usual())
		case err != nil:
			w.fail("W9", "start: %v", err)
			return
		default:
			return
		}
	}
}

// stoppedByPerson says whether a person must start the job again, or ask for another log-on.
func (w *world) stoppedByPerson() bool {
	stopped := w.erp.Refused() || w.crm.Refused()
	w.view(func(t *store.Txn) { stopped = stopped || t.Setting("stopped") != "" })
	return stopped
}

// view reads the box's state; nothing while the box is off.
func (w *world) view(fn func(*store.Txn)) {
	if w.box != nil && w.box.state != nil {
		_ = w.box.state.View(fn)
	}
}

// logOn mends what the log-ons were refused for.
func (w *world) logOn() {
	w.erp.Unlock()
	w.crm.Unlock()
}

// leap lets so much time pass that everything is due which ends by itself; false if the world does not come
// to rest after that.
func (w *world) leap() bool {
	w.advance(w.shape.Set.RetryMost + w.shape.Set.SweepRarely + w.shape.Set.SweepOften)
	return w.settle()
}

// settle lets the box make passes until one finds nothing left to do, or what is left does not change any more.
func (w *world) settle() bool {
	was, since := "", 0
	for rounds, idle := 0, 0; rounds < mostRounds && idle < mostIdle; rounds++ {
		writes := w.writes
		w.round(max(w.usual(), w.shape.window()/2))
		if len(w.failures) > 0 {
			return false
		}
		if w.calls == 0 || w.box == nil || w.inBackup() {
			rounds, idle = rounds-1, idle+1
			continue
		}
		open := w.openWork()
		if since++; open != was && !w.massAsked() || writes != w.writes || len(w.agenda) > 0 {
			was, since = open, 0
		} else if open == "" || since == 4 {
			return true
		}
	}
	w.fail("W9", "no rest after %d passes: %s", mostRounds, w.openWork())
	return false
}

// massAsked says whether a person is asked about many records at once: until then what refers to them is tried again and again.
func (w *world) massAsked() bool {
	return slices.ContainsFunc(w.waiting(), func(x store.Waiting) bool { return x.Kind == store.Brake })
}

// openWork tells what the box has still to do; empty if nothing.
func (w *world) openWork() string {
	if w.box == nil {
		return "the box is off"
	}
	open := ""
	for _, e := range product.Entities {
		for _, side := range []connectors.Side{connectors.ERP, connectors.CRM} {
			if w.brakedBy(e, side) {
				continue // until a person allows it
			}
			for _, key := range w.box.cache.DirtyAfter(e, side, "", 9) {
				open += " dirty " + side.String() + " " + string(e) + " " + string(key)
			}
		}
	}
	w.view(func(t *store.Txn) {
		for _, in := range t.Intents() {
			open += " intent " + in.Op.ID
		}
		if r, _ := t.Repair(); r.Level > 0 && r.Phase != store.RepairReady {
			open += " resync " + string(r.Phase)
		}
		open += w.openDeletions(t)
	})
	return open
}

// brakedBy says whether the changes of a side are too many at once for an entity.
func (w *world) brakedBy(e record.Entity, side connectors.Side) bool {
	braked := false
	w.view(func(t *store.Txn) {
		_, braked = t.Waiting(0, store.Brake, string(e)+"-"+side.Other().String())
	})
	return braked
}

// waiting lists what waits.
func (w *world) waiting() []store.Waiting {
	var all []store.Waiting
	w.view(func(t *store.Txn) {
		t.AllWaiting(func(x store.Waiting) bool { all = append(all, x); return true })
	})
	return all
}
