package sim

import (
	"errors"
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

// alone holds what waits without a person against the world: the cause must still be there. What is asked about the account
// to which a contact belongs comes first.
func (w *world) alone() {
	all := w.waiting()
	if slices.ContainsFunc(all, func(x store.Waiting) bool { return x.Kind == store.Held || x.Kind == store.Brake }) {
		return
	}
	for _, x := range all {
		if x.Kind == store.Quarantine && !w.accountAsked(x) && !w.cloudAsked(x) {
			w.fail("W9", "%s %s %s still waits for %s, although nothing is wrong any more", x.Entity, x.ERP, x.CRM, x.Code)
		}
	}
}

// accountAsked says whether a waiting is about a contact of an account that a person is asked about.
func (w *world) accountAsked(x store.Waiting) bool {
	asked := false
	w.view(func(t *store.Txn) {
		l, _ := t.Find(connectors.ERP, record.Account, x.ERP)
		_, asked = t.Waiting(l.ID, store.Identity, "")
	})
	return asked && x.Entity == record.Contact
}

// answerAll has people answer everything that waits for them; false if nothing does.
func (w *world) answerAll(asked []store.Waiting) bool {
	any := w.box == nil
	for n, x := range asked {
		if len(w.failures) > 0 {
			return false
		}
		if w.stillAsked(x) && w.answer(x, n) {
			any = true
		}
	}
	if w.keyAll() {
		any = true
	}
	return any
}

// stillAsked says whether a waiting is there as it was.
func (w *world) stillAsked(x store.Waiting) bool {
	listed := false
	w.view(func(t *store.Txn) {
		now, ok := t.Waiting(x.Link, x.Kind, x.Field)
		listed = ok && now.Code == x.Code && now.Wanted == x.Wanted
	})
	return listed
}

// answer has a person answer one waiting; false if no person is needed.
func (w *world) answer(x store.Waiting, n int) bool {
	choice := (int(x.Link) + n + int(w.spec.Seed%97)) % 2
	switch x.Kind {
	case store.Quarantine:
		return w.answerCloud(x)
	case store.Conflicted:
		if w.waitsWhole(x) {
			return false // first things first
		}
		w.settleConflict(x, choice == 0)
	case store.Deleted:
		if w.shape.Mailbox {
			w.sayDeleted(x, choice == 0)
			break
		}
		w.recreate(x)
	case store.Brake:
		if w.allowed == nil {
			w.allowed = map[string]bool{}
		}
		w.allowed[x.Field] = true
		w.say(engine.Allow, x)
	case store.Held:
		w.say(engine.Accept, x)
	case store.Identity:
		w.identify(x)
	case store.Refused:
		switch {
		case x.ERP == "":
			w.rename(x)
		case choice == 0 || w.waitsWhole(x):
			return false
		default:
			w.dismiss(x)
		}
	default:
		return false
	}
	return true
}

// waitsWhole says whether the record of a waiting waits as a whole, too.
func (w *world) waitsWhole(x store.Waiting) bool {
	whole := false
	w.view(func(t *store.Txn) {
		l, _ := t.Get(x.Link)
		whole = waits(t, &l)
	})
	return whole
}

// say gives a command about a waiting, and tells whether the box took it: not while it makes its map anew, nor where the
// power went before the word was durable.
func (w *world) say(v engine.Verb, x store.Waiting) (heard bool) {
	err := w.ask(v, x.Name())
	if w.box == nil {
		return !slices.ContainsFunc(w.unanswered, func(left store.Waiting) bool { return left.Name() == x.Name() })
	}
	if err != nil && !errors.Is(err, engine.ErrResync) {
		w.fail("W9", "%s %s: %v", v, x.Name(), err)
	}
	return err == nil
}

// settleConflict has a person choose who has seen both values.
func (w *world) settleConflict(x store.Waiting, erp bool) {
	w.bothSeen(x)
	t := w.atKey(connectors.ERP, x.Entity, x.ERP)
	fields := w.book.fields[x.Entity]
	var goes *write // a value that the person lets go, where the one that was to stay is not there any more
	for i := range fields {
		if t == nil || fields[i].CRM != x.Field {
			continue
		}
		side, v := connectors.CRM, x.CRMValue
		if erp {
			side, v = connectors.ERP, x.ERPValue
		}
		a, b := t.typedAs(i, connectors.ERP, x.ERPValue), t.typedAs(i, connectors.CRM, x.CRMValue)
		var seen []*write
		for _, p := range []*write{a, b} {
			if p != nil {
				seen = append(seen, p)
			}
		}
		if now := t.cells[i].shows[side]; now != nil && !now.value.Equal(v) {
			now.parents = append(now.parents, seen...) // somebody typed on there meanwhile: the word is for that side
			if goes = a; erp {
				goes = b
			}
			continue
		}
		now := w.typed(t, i, side, v)
		now.parents = seen
		now.forgiven = now.forgiven || w.row(t, side) == nil // deleted since
	}
	word := engine.KeepCRM
	if erp {
		word = engine.KeepERP
	}
	if w.say(word, x) && goes != nil {
		goes.told = true // the list had it, and the journal has the answer
	}
}

// typedAs finds the write of a value that a side showed.
func (t *thing) typedAs(i int, side connectors.Side, v record.Value) *write {
	if x := t.cells[i].shows[side]; x != nil && x.value.Equal(v) {
		return x
	}
	for n := len(t.cells[i].writes) - 1; n >= 0; n-- {
		if t.cells[i].writes[n].value.Equal(v) {
			return t.cells[i].writes[n]
		}
	}
	return nil
}

// recreate has a person create a record again that was deleted in the CRM. Where it was merged into one that others
// were merged into as well, that one is nobody's from then on, unless the product knows it as the one that is to be created.
func (w *world) recreate(x store.Waiting) {
	if t := w.atKey(connectors.ERP, x.Entity, x.ERP); t != nil && t.at[connectors.CRM] != "" && w.claimed(t) && !w.knownAs(t) {
		w.left(t, connectors.CRM)
		t.mayBe++
		t.forgive()
	}
	w.say(engine.Recreate, x)
}

// knownAs says whether a second creation of a thing's record updates the one that is there, by our identity.
func (w *world) knownAs(t *thing) bool {
	row, profile := w.row(t, connectors.CRM), w.book.profile
	return w.shape.CRMForm.Traits.Upsert && row != nil &&
		row.ExternalID == profile.Prefix+profile.Entity(t.entity).ExternalID+string(t.at[connectors.ERP])
}

// claimed says whether people merged another thing's record into that of this one as well.
func (w *world) claimed(t *thing) bool {
	return slices.ContainsFunc(w.things, func(o *thing) bool {
		return o != t && o.entity == t.entity && slices.ContainsFunc(o.was[connectors.CRM], func(k record.Key) bool {
			return w.crm.Stays(o.entity, k) == t.at[connectors.CRM]
		})
	})
}

// identify has a person say, truthfully, whether a place still holds the same record.
func (w *world) identify(x store.Waiting) {
	here, there := w.atKey(connectors.ERP, x.Entity, x.ERP), w.atKey(connectors.CRM, x.Entity, x.CRM)
	if there == nil && x.CRM != "" {
		there = w.wasAtKey(connectors.CRM, x.Entity, x.CRM) // it was deleted
	}
	if former := w.wasAtKey(connectors.ERP, x.Entity, x.ERP); x.CRM == "" && (former == nil || here != nil && here.births[connectors.CRM] > 0) {
		there = here // it is to be created again
	}
	if len(x.Candidates) > 0 {
		w.recognise(x)
	} else if x.Code == "maybe-keyed" || here == there {
		w.say(engine.Same, x)
	} else {
		w.say(engine.NotSame, x)
	}
}
