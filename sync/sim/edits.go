package sim

import (
	"errors"
	"slices"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/engine"
	"syncbox/sync/plan"
	"syncbox/sync/sim/product"
	"syncbox/sync/store"
)

// edit has a person change a field of a record.
func (w *world) edit(side connectors.Side, s *Step) {
	var all []*thing
	for _, t := range w.things {
		if row := w.row(t, side); row != nil && w.mayEdit(side, row) {
			all = append(all, t)
		}
	}
	if len(all) == 0 {
		return
	}
	t := all[s.A%len(all)]
	if w.shape.Kind == Edits && (s.B%4 == 3 && w.hideUnsure(s) || s.B%4 < 2 && w.retype()) {
		return // coincidences that the script alone hardly ever brings
	}
	if w.shape.Kind == Edits && s.A%8 > 0 {
		w.again(all, side, s)
		return
	}
	fields := w.book.fields[t.entity]
	for n := range fields {
		i := (s.B + n) % len(fields)
		if f := &fields[i]; w.edits(side, f) && !w.onlyMark(t, side, f) && !w.unseen(t, f) {
			w.change(t, i, side, w.newValue(t, i, side, s.B/len(fields)))
			return
		}
	}
}

// onlyMark says whether a field is all by which the box can find a record again that it has just created in the ERP, not
// knowing yet whether it did: people do not change that number so soon, since no product without a place for our identity
// could tell the record from another one then.
func (w *world) onlyMark(t *thing, side connectors.Side, f *field) bool {
	return side == connectors.ERP && f.Policy == connectors.BusinessKey && t.births[side] > 0 && !w.knows(t)
}

// unseen says whether a field is the number of a customer that the ERP does not show for a moment: if it changed together with
// the name, a place that was seen empty and holds another name and number would be another customer's for any sync.
func (w *world) unseen(t *thing, f *field) bool {
	if f.Policy != connectors.BusinessKey {
		return false
	}
	row := w.row(t, connectors.ERP)
	return w.missed(t) || row != nil && row.Hidden > w.steady
}

// missed says whether the box did not find a thing in the ERP when it looked last.
func (w *world) missed(t *thing) bool {
	missed := false
	w.view(func(tx *store.Txn) {
		l, ok := tx.Find(connectors.ERP, t.entity, t.at[connectors.ERP])
		missed = ok && l.Gone > 0
	})
	return missed
}

// again changes one of two fields of the first customer.
func (w *world) again(all []*thing, side connectors.Side, s *Step) {
	for _, t := range all {
		if t.entity == record.Account {
			i := s.B % 2 * (1 + w.values%3)
			w.change(t, i, side, w.newValue(t, i, side, s.B/2))
			return
		}
	}
}

// retype has a person change once more a field of which a value is on its way to a product that does not compare, and ask
// for a pass at once.
func (w *world) retype() bool {
	for _, r := range w.underway {
		t, from := w.atKey(r.side, r.op.Entity, r.op.Key), r.side.Other()
		if t == nil || r.op.Kind != connectors.Update || w.product(r.side).Form.Compares || w.row(t, from) == nil || !w.mayEdit(from, w.row(t, from)) {
			continue
		}
		for i := range w.book.fields[t.entity] {
			f := &w.book.fields[t.entity][i]
			if _, sent := r.op.Fields[f.name(r.side)]; sent && f.Policy == connectors.Shared && w.edits(from, f) {
				w.change(t, i, from, w.fresh(f.typed, 0))
				w.hurry()
				return true
			}
		}
	}
	return false
}

// hurry has a person ask for a pass at once.
func (w *world) hurry() {
	if w.calls > 0 || w.box == nil {
		return // the box takes commands when it rests
	}
	if err := w.ask(engine.Force, ""); err != nil && w.box != nil && !errors.Is(err, engine.ErrResync) {
		w.fail("W9", "force: %v", err)
	}
}

// edits says whether people of a side change a field there.
func (w *world) edits(side connectors.Side, f *field) bool {
	switch f.typed {
	case nothing, yesNo:
		return false
	case user, code, rows:
		return side == connectors.ERP
	case stage:
		return side == connectors.CRM
	}
	return f.Policy != connectors.BusinessKey || side == connectors.ERP
}

// newValue gives what a person types over what a record shows: mostly something new, now and then nothing.
func (w *world) newValue(t *thing, i int, side connectors.Side, n int) record.Value {
	f := &w.book.fields[t.entity][i]
	switch {
	case f.typed == user:
		if u := w.some(record.User, side, n); u != nil {
			return record.RefOf(u.at[side])
		}
		return record.Value{}
	case f.typed == rows:
		return w.lines(n)
	}
	if v, ok := w.older(t, i, side, n); ok {
		return v
	}
	v := w.fresh(f.typed, n)
	if side == connectors.CRM && f.typed == words && n%16 == 5 && !w.shape.Mailbox {
		v.Text += foreign
	}
	return v
}

// older gives a value that the field had before, or an empty one, where both sides show the same and nothing is under way:
// else nobody could tell such an edit from an older one of somebody else. In the ERP it is one that fits there.
func (w *world) older(t *thing, i int, side connectors.Side, n int) (record.Value, bool) {
	f, c := &w.book.fields[t.entity][i], &t.cells[i]
	e, o := c.shows[connectors.ERP], c.shows[connectors.CRM]
	if n%4 > 0 || f.typed == code || f.typed == stage || e == nil || e != o || w.unsure > 0 || w.unread(t) {
		return record.Value{}, false
	}
	if n%12 == 0 && !required(f) {
		return record.Value{}, !e.value.Empty()
	}
	for _, x := range c.writes {
		if !x.value.Equal(e.value) && !x.value.Empty() && (side == connectors.CRM || f.fits(x.value.Text)) && !w.taken(t, f, side, x.value) {
			return x.value, true
		}
	}
	return record.Value{}, false
}

// unread says whether the box has written to a record of the ERP and not yet read it since, also where the ERP did not show it
// then: whoever types the older value again before that can't be told from a server that lost the write.
func (w *world) unread(t *thing) bool {
	unread := false
	w.view(func(tx *store.Txn) {
		l, _ := w.linkOf(tx, t)
		unread = slices.ContainsFunc(l.Doubts, func(d plan.Doubt) bool {
			return d.Side == connectors.ERP && d.Seq > 0 && (d.Until.IsZero() || l.Gone > 0)
		})
	})
	return unread
}

// change types a value of the common form into a record.
func (w *world) change(t *thing, i int, side connectors.Side, v record.Value, seen ...*write) {
	f := &w.book.fields[t.entity][i]
	row := w.row(t, side)
	w.trace("a person changes %s %d (%s %s) in the %s: %s from %q to %q", t.entity, t.id, row.Key, row.ExternalID, side, f.name(side), row.Fields[f.name(side)].Text, v.Text)
	if w.worthless(t, f, side) {
		row.Worth = v
		w.erp.Touch(row)
		return
	}
	if f.typed != user && f.typed != rows {
		w.typed(t, i, side, v, seen...)
	}
	if f.Policy != connectors.Derived && f.Policy != connectors.WriteOnce { // as in overwrites: no change of its own
		t.edited[side] = w.steady
	}
	w.product(side).Edit(row, record.Fields{f.name(side): onSide(f, side, v)})
}

// mayEdit says whether people change a record just now. They do not while a write to it is under way in a product that
// does not compare: such an edit is lost in the product itself, and no sync can protect it.
func (w *world) mayEdit(side connectors.Side, row *product.Row) bool {
	if row.Shown > w.steady || row.Locked > w.steady {
		return false
	}
	compares := w.product(side).Form.Compares
	if !compares && w.calls > 0 {
		return false
	}
	for _, r := range w.underway {
		op := r.op
		mine := r.side == side && op.Entity == row.Entity && (op.Key == row.Key || op.Kind == connectors.Create && op.ExternalID == row.ExternalID)
		if mine && !(compares && op.Kind == connectors.Update && op.Seen != nil) {
			return false
		}
	}
	return true
}
