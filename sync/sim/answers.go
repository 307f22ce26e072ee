package sim

import (
	"errors"
	"slices"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

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
