package sim

import (
	"slices"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/sim/product"
)

// upheave lets one of the rarer things happen.
func (w *world) upheave(s *Step) {
	switch s.Do {
	case DeleteCRM:
		w.deleteCRM(s)
	case AskFor:
		w.turn(s)
	case MergeCRM:
		w.merge(s)
	case PassContact:
		w.passContact(s)
	case DeleteCard:
		w.deleteCard(s)
	case ReuseCard:
		w.reuseCard(s)
	case LockRecord:
		w.lock(s)
	case HoldRecord:
		w.hold(s)
	case RefuseRecord:
		w.refuse(s)
	case LoseList:
		w.crm.Drifted = true
		w.until(s.B, func() { w.crm.Drifted = false })
	case RefuseLogOn:
		w.product(connectors.Side(s.A % 2)).Lock()
	case JumpClock:
		w.jumpTo(jumps[s.A%len(jumps)])
	case FallBack:
		if w.shape.ERP == Resolving {
			w.erp.Mode = []connectors.WriteMode{connectors.WriteHandoff, connectors.WriteDirect}[s.A%2]
			w.erp.Births = w.erp.Mode
			w.trace("the ERP is written otherwise from now on: way %d", w.erp.Mode)
		}
	case BreakOff:
		w.breaks[s.A%2] = true
	case HideRecord:
		w.hide(s)
	case MassEdit:
		w.massEdit(s)
	case GiveIdentity:
		w.giveIdentity(s)
	case TypeWide:
		w.typeWide(s)
	case LoseIdentity:
		w.loseIdentity(s)
	case TakeBackup:
		w.takeBackup()
	case RestoreERP:
		w.restore()
	case Resync:
		w.resync(s)
	case MergeCards, PutAside, Invoice, DeleteDocument, TakeName:
		w.cloudDeed(s)
	default:
		w.wish(s)
	}
}

// jumps are what can be wrong with the box's time of day: no battery, a wrong answer, a zone, nothing.
var jumps = []time.Duration{-56 * 365 * 24 * time.Hour, 74 * 365 * 24 * time.Hour, -time.Hour, time.Hour, 0}

func (w *world) jumpTo(d time.Duration) {
	w.trace("the box's clock is wrong by %s", d)
	w.jump, w.jumped = d, w.steady
}

// until undoes something after some passes' time.
func (w *world) until(n int, undo func()) {
	w.agenda.add(w.steady+w.shape.Set.Schedule.Interval*time.Duration(1+n%5)/2, undo)
}

// anyOf gives one of the live things of a side that a test accepts, nil if there is none.
func (w *world) anyOf(side connectors.Side, n int, fits func(*thing) bool) *thing {
	var all []*thing
	for _, t := range w.things {
		if w.row(t, side) != nil && fits(t) {
			all = append(all, t)
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all[n%len(all)]
}

func isEntity(e record.Entity) func(*thing) bool {
	return func(t *thing) bool { return t.entity == e }
}

// passContact has a person make another contact of the CRM the first one of its account. Who does that has seen
// the old one.
func (w *world) passContact(s *Step) {
	account := w.anyOf(connectors.CRM, s.A, func(t *thing) bool {
		c := w.contactAt(t)
		return t.entity == record.Account && c != nil && w.row(c, connectors.CRM) != nil && w.mayEdit(connectors.CRM, w.row(c, connectors.CRM))
	})
	if account == nil {
		return
	}
	contact := w.contactAt(account)
	old := w.row(contact, connectors.CRM)
	old.First = false
	values := record.Fields{"AccountId": record.RefOf(account.at[connectors.CRM])}
	for i := range contact.cells {
		if f := &w.book.fields[record.Contact][i]; f.CRM == "FullName" || f.CRM == "Mail" {
			v := w.fresh(f.typed, 0)
			w.typed(contact, i, connectors.CRM, v)
			values[f.CRM] = v
		} else if f.typed != nothing {
			contact.cells[i].shows[connectors.CRM] = nil
		}
	}
	row := w.crm.Add(record.Record{Entity: record.Contact, Key: w.crm.NewKey(), Fields: values}, 0)
	row.First = true
	contact.was[connectors.CRM] = append(contact.was[connectors.CRM], old.Key)
	contact.at[connectors.CRM], contact.bound = row.Key, false
	w.trace("a person makes %s the first contact of account %d in place of %s: %s", row.Key, account.id, old.Key, w.show(values))
}

// deleteCard has a person delete a customer's card in the ERP.
func (w *world) deleteCard(s *Step) {
	account := w.anyOf(connectors.ERP, s.A, isEntity(record.Account))
	if account == nil {
		return
	}
	w.trace("a person deletes the card %s of account %d in the ERP", account.at[connectors.ERP], account.id)
	for _, t := range []*thing{account, w.contactAt(account)} {
		w.erp.Delete(w.row(t, connectors.ERP))
		t.gone, t.again = true, t.again+1
		t.forgive()
	}
}

// reuseCard gives the place of a deleted card to another customer, not while a write to it is under way, or may be in a
// product that does not compare: it would land in the new card, which may show the same.
func (w *world) reuseCard(s *Step) {
	if w.shape.TwoWay && w.calls > 0 && !w.erp.Form.Compares {
		return
	}
	var empty []*thing
	for _, t := range w.things {
		if t.entity == record.Account && t.gone && t.at[connectors.ERP] != "" {
			empty = append(empty, t)
		}
	}
	if len(empty) == 0 {
		return
	}
	key := empty[s.A%len(empty)].at[connectors.ERP]
	if slices.ContainsFunc(w.underway, func(r request) bool { return r.side == connectors.ERP && r.op.Key == key }) {
		return
	}
	w.vacate(key)
	w.trace("the place %s goes to another customer", key)
	w.newCardAt(key, s)
}

// vacate notes that a place of the ERP does not stand for whom it did any more.
func (w *world) vacate(key record.Key) {
	for _, t := range w.things {
		if t.at[connectors.ERP] == key && (t.entity == record.Account || t.entity == record.Contact) {
			w.left(t, connectors.ERP)
			t.gone = true
		}
	}
}

// lock lets somebody have a record open for a while.
func (w *world) lock(s *Step) {
	side := connectors.Side(s.B % 2)
	if w.cloud != nil {
		side = connectors.CRM // nobody has a record open there
	}
	if t := w.anyOf(side, s.A, func(*thing) bool { return true }); t != nil {
		w.row(t, side).Locked = w.steady + w.shape.Set.Schedule.Interval*time.Duration(1+s.B%4)/2
		w.trace("somebody has %s %d open in the %s", t.entity, t.id, side)
	}
}

// hold lets a record of the ERP be one that can't be taken as it is, until somebody mends it.
func (w *world) hold(s *Step) {
	t := w.anyOf(connectors.ERP, s.A, func(*thing) bool { return true })
	if t == nil {
		return
	}
	row, key := w.row(t, connectors.ERP), t.at[connectors.ERP]
	row.Held, t.touched = "erp-unknown-code", w.steady
	w.erp.Touch(row)
	w.trace("%s %d of the ERP can't be taken as it is", t.entity, t.id)
	w.until(s.B, func() { w.release(t.entity, key) })
}

// release mends a held record.
func (w *world) release(e record.Entity, key record.Key) {
	if row := w.erp.Live(e, key); row != nil && row.Held != "" {
		row.Held = ""
		if t := w.atKey(connectors.ERP, e, key); t != nil {
			t.touched = w.steady
		}
		w.erp.Touch(row)
		w.trace("%s %s of the ERP can be taken again", e, key)
	}
}

// refuse lets both products refuse every write to a record: any one, or the customer whose turn comes first as somebody
// changes all of them, so that others are to be written in the same pass.
func (w *world) refuse(s *Step) {
	if len(w.things) == 0 {
		return
	}
	t := w.things[s.A%len(w.things)]
	if first := w.anyOf(connectors.Side(s.A%2), 0, isEntity(record.Account)); first != nil && s.B%4 > 0 {
		t = first
		w.massEdit(s)
	}
	t.refused = true
	w.trace("%s %d is refused by both products", t.entity, t.id)
}

// massEdit changes one field of all customers of a side.
func (w *world) massEdit(s *Step) {
	side := connectors.Side(s.A % 2)
	w.trace("somebody changes all customers of the %s", side)
	for _, t := range w.things {
		if row := w.row(t, side); t.entity == record.Account && row != nil && w.mayEdit(side, row) {
			w.change(t, 1, side, w.fresh(words, 0))
		}
	}
}

// giveIdentity has a person copy the external id of one record of the CRM into another one that has one of its own.
// The links stand.
func (w *world) giveIdentity(s *Step) {
	if w.shape.CRMForm.Unique || w.shape.CRMForm.Traits.Upsert {
		return
	}
	named := func(t *thing) bool {
		return t.entity == record.Account && t.at[connectors.ERP] != "" && w.row(t, connectors.CRM).ExternalID != "" && w.knows(t)
	}
	a, b := w.anyOf(connectors.CRM, s.A, named), w.anyOf(connectors.CRM, s.B, named)
	if a == nil || a == b {
		return
	}
	to, from := w.row(a, connectors.CRM), w.row(b, connectors.CRM)
	w.trace("a person gives %s of the CRM the external id %s of %s", to.Key, from.ExternalID, from.Key)
	to.ExternalID = from.ExternalID
	a.doubled, b.doubled, a.touched = true, true, w.steady
	w.crm.Touch(to)
}

// beingMade says whether another request to make a record of the CRM is under way: the product would make it once more
// without its external id.
func (w *world) beingMade(row *product.Row) bool {
	return slices.ContainsFunc(w.underway, func(r request) bool { return makes(r.op, row) })
}

// makes says whether an op is to make a record of the CRM, by its identity.
func makes(op *connectors.Op, row *product.Row) bool {
	return op.Kind == connectors.Create && op.Entity == row.Entity && op.ExternalID == row.ExternalID
}

// loseIdentity has a person clear the external id of a record of the CRM that the box knows, not while it is being made.
func (w *world) loseIdentity(s *Step) {
	t := w.anyOf(connectors.CRM, s.A, func(t *thing) bool {
		row := w.row(t, connectors.CRM)
		return t.at[connectors.ERP] != "" && row.ExternalID != "" && w.knows(t) && !w.beingMade(row)
	})
	if t == nil {
		return
	}
	row := w.row(t, connectors.CRM)
	w.trace("a person clears the external id %s of %s %s of the CRM", row.ExternalID, t.entity, row.Key)
	row.ExternalID, t.touched = "", w.steady
	w.crm.Touch(row)
}
