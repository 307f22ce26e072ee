package sim

import (
	"slices"
	"strconv"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/engine"
	"syncbox/sync/plan"
	"syncbox/sync/sim/product"
	"syncbox/sync/store"
)

// mailing is what people did with a thing of a mailbox.
type mailing struct {
	deleted [2]time.Duration // by people, by side; 0 = not, or restored since
	bin     [2]product.Row   // what they deleted
	showed  [2][]*write      // what a side showed when they deleted it there, by field
	sure    bool             // a person has said that what is left is to be deleted
	seen    []*write         // values that somebody who chose between two was shown
	due     time.Time        // by which its age is told
}

// mailDeed lets one of the things happen that do so in a mailbox; false for all others.
func (w *world) mailDeed(s *Step) bool {
	any := func(t *thing) bool { return true }
	switch s.Do {
	case NewCard:
		w.newItem(connectors.ERP, s)
	case NewAccount:
		w.newItem(connectors.CRM, s)
	case DeleteItem:
		side := connectors.Side(s.B % 2)
		w.deleteItem(w.anyOf(side, s.A, any), side)
	case DeleteMany:
		w.deleteSome(connectors.Side(s.A%2), func(t *thing) bool { return t.id%2 == s.B%2 })
	case PutAway:
		w.deleteSome(connectors.CRM, w.isOld)
	case MoveItem:
		w.moveItem(w.anyOf(connectors.CRM, s.A, any))
	case RestoreItem:
		w.restoreItem(s.A)
	case HidePrivate:
		w.setPrivate(w.anyOf(connectors.CRM, s.A, any), s.B)
	default:
		return false
	}
	return true
}

// newItem makes a person or a task.
func (w *world) newItem(side connectors.Side, s *Step) {
	e := []record.Entity{record.Account, record.Document, record.Document}[s.A%3]
	t := w.newThing(e, nil)
	fields := w.fill(t, side, everything)
	if side == connectors.ERP {
		fields["number"] = record.TextOf("N" + strconv.Itoa(t.id))
	} else {
		delete(fields, "Price")
		w.untype(t, "Price", side)
		t.mayBe = 0
	}
	if e == record.Document {
		t.mail.due = w.right().AddDate(0, 0, []int{-40, 5, 20}[s.B%3]).Truncate(24 * time.Hour)
		fields[w.nameOn(e, "due", side)] = record.DateOf(t.mail.due)
		if of := w.some(record.Account, side, s.B); of != nil && side == connectors.ERP {
			fields["account"] = record.RefOf(of.at[side])
		}
	}
	lag := time.Duration(0)
	if t.at[side] = w.newKey(e); side == connectors.CRM {
		t.at[side], lag = w.crm.NewKey(), w.lag()
	}
	w.product(side).Add(record.Record{Entity: e, Key: t.at[side], Fields: fields}, lag)
	w.trace("a new %s %d in the %s: %s %s", e, t.id, side, t.at[side], w.show(fields))
}

// untype takes back what was never typed.
func (w *world) untype(t *thing, crm string, side connectors.Side) {
	for i := range t.cells {
		if w.book.fields[t.entity][i].CRM == crm {
			t.cells[i] = cell{}
		}
	}
}

// nameOn gives a field's name on a side.
func (w *world) nameOn(e record.Entity, erp string, side connectors.Side) string {
	return w.book.fields[e][w.fieldAt(e, erp)].name(side)
}

// isOld says whether a thing is one that stays in the ERP when people put it away.
func (w *world) isOld(t *thing) bool {
	return t.entity == record.Document && w.right().Sub(t.mail.due) > keepAfter
}

func (w *world) deleteSome(side connectors.Side, fits func(*thing) bool) {
	for _, t := range w.things {
		if w.row(t, side) != nil && fits(t) {
			w.deleteItem(t, side)
		}
	}
}

// deleteItem has a person delete a record.
func (w *world) deleteItem(t *thing, side connectors.Side) {
	if t == nil || !w.mayEdit(side, w.row(t, side)) || w.row(t, side).Held != "" {
		return
	}
	row := w.row(t, side)
	w.trace("a person deletes %s %d (%s) in the %s", t.entity, t.id, row.Key, side)
	if !w.knows(t) { // it may be made once more, for who never heard that it was
		t.mayBe, t.again = t.mayBe+1, t.again+1
	}
	m := &t.mail
	m.deleted[side], m.bin[side], m.showed[side], m.sure = w.steady, *row, nil, false
	for i := range t.cells {
		m.showed[side] = append(m.showed[side], t.cells[i].shows[side])
	}
	w.product(side).Delete(row)
	w.left(t, side)
	t.gone = t.gone || side == connectors.ERP
	t.forgive()
}

// restoreItem has a person take a record out of the bin, between two passes, which nobody deleted on the other side.
func (w *world) restoreItem(n int) {
	var all []*thing
	for _, t := range w.things {
		if (t.mail.deleted[0] > 0) != (t.mail.deleted[1] > 0) {
			all = append(all, t)
		}
	}
	if len(all) == 0 || w.calls > 0 {
		return
	}
	t := all[n%len(all)]
	side := connectors.ERP
	if t.mail.deleted[connectors.CRM] > 0 {
		side = connectors.CRM
	}
	m := &t.mail
	row := w.product(side).Get(t.entity, m.bin[side].Key)
	if row == nil || !row.Gone || t.at[side] != "" {
		return
	}
	if w.product(side).Form.Look == product.Digests && m.deleted[side] >= w.began {
		return // a look that compares sees neither; no product of a mailbox has such a look
	}
	w.trace("a person takes %s %d (%s) of the %s out of the bin", t.entity, t.id, row.Key, side)
	row.Gone, row.Fields, row.ExternalID = false, m.bin[side].Fields, m.bin[side].ExternalID
	w.product(side).Touch(row)
	t.at[side], t.touched, m.deleted[side], m.sure = row.Key, w.steady, 0, false
	for i := range t.cells {
		t.cells[i].shows[side] = m.showed[side][i]
	}
	if side == connectors.ERP {
		t.gone = false
	}
	t.mayBe, t.again = t.mayBe+1, t.again+1
	t.forgive()
}

// moveItem has a person move a record of the CRM to where it has another key.
func (w *world) moveItem(t *thing) {
	if t == nil || !w.mayEdit(connectors.CRM, w.row(t, connectors.CRM)) || w.row(t, connectors.CRM).Held != "" || !w.knows(t) || w.row(t, connectors.CRM).ExternalID == "" {
		return
	}
	old := w.row(t, connectors.CRM)
	key := w.crm.NewKey()
	w.trace("a person moves %s %d (%s) of the CRM: %s", t.entity, t.id, old.Key, key)
	r := old.Record
	r.Key = key
	w.crm.Delete(old)
	w.crm.Add(r, 0)
	old.Heir = key
	t.was[connectors.CRM] = append(t.was[connectors.CRM], old.Key)
	t.at[connectors.CRM], t.touched = key, w.steady
	t.merged = true // whose value is newer is not known of a record that took over
	for i := range t.cells {
		for _, x := range t.cells[i].writes {
			x.merged = true
		}
		for _, x := range t.cells[i].shows {
			if x != nil && x.value.Empty() {
				x.forgiven = true // as in typed
			}
		}
	}
}

// private is the code of a record that is its owner's alone.
const private = "outlook-private"

// setPrivate has a person tick a record of the CRM as private for a while.
func (w *world) setPrivate(t *thing, n int) {
	if t == nil {
		return
	}
	row := w.row(t, connectors.CRM)
	row.Held, t.touched = private, w.steady
	w.crm.Touch(row)
	w.trace("%s %d of the CRM is private", t.entity, t.id)
	w.until(n, func() { w.unprivate(t) })
}

func (w *world) unprivate(t *thing) {
	row := w.row(t, connectors.CRM)
	if row == nil || row.Held != private {
		return
	}
	row.Held, t.touched = "", w.steady
	w.crm.Touch(row)
	w.trace("%s %d of the CRM is not private any more", t.entity, t.id)
}

// sayDeleted has a person say what is to become of a record that is gone from one side.
func (w *world) sayDeleted(x store.Waiting, too bool) {
	t := w.thingOf(x)
	own := x.Code == plan.DeletedAndEdited || x.Code == plan.DeletionListed
	if too && own {
		if t != nil {
			t.mail.sure = true
		}
		w.say(engine.DeleteToo, x)
		return
	}
	if w.erp.Live(x.Entity, x.ERP) != nil && w.crm.Live(x.Entity, x.CRM) != nil {
		return // somebody has taken it out of the bin, which the box notices
	}
	if t != nil {
		t.mayBe, t.again = t.mayBe+1, t.again+1
		t.mail.deleted, t.mail.sure = [2]time.Duration{}, false
		t.forgive()
	}
	w.say(engine.Recreate, x)
}

// thingOf gives the thing of what waits.
func (w *world) thingOf(x store.Waiting) *thing {
	for side, key := range [2]record.Key{x.ERP, x.CRM} {
		for _, find := range []func(connectors.Side, record.Entity, record.Key) *thing{w.atKey, w.wasAtKey} {
			if t := find(connectors.Side(side), x.Entity, key); t != nil && (t.at[side] == key || slices.Contains(t.was[side], key)) {
				return t
			}
		}
	}
	return nil
}

// bothSeen notes that who answers a conflict of a mailbox has seen both values, also where a record was deleted meanwhile.
func (w *world) bothSeen(x store.Waiting) {
	t := w.thingOf(x)
	if !w.shape.Mailbox || t == nil {
		return
	}
	for i := range t.cells {
		for _, y := range t.cells[i].writes {
			if w.book.fields[t.entity][i].CRM == x.Field && (y.value.Equal(x.ERPValue) || y.value.Equal(x.CRMValue)) {
				t.mail.seen = append(t.mail.seen, y)
			}
		}
	}
}
