package sim

import (
	"slices"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/sim/product"
)

// Wrote judges a write of the box by what it did.
func (l line) Wrote(side connectors.Side, op *connectors.Op, row *product.Row, born bool) {
	w := l.world
	w.writes++
	w.trace("  %s done: %s %s %s born=%v %s", side, op.Entity, row.Key, op.ExternalID, born, w.show(op.Fields))
	if op.Kind == connectors.Delete {
		w.boxDeleted(side, op, row)
		return
	}
	t := w.whose(side, op, row, born)
	switch {
	case t == nil:
		w.displaced(side, op, row)
		return
	case born:
		w.wasBorn(side, t, row)
	}
	t.wrote[side] = w.steady
	if !born && op.Kind == connectors.Update && op.Displace == nil && w.overwrites(side, op) {
		w.changed = append(w.changed, change{t, side})
	}
	w.took(side, t, op)
	if side == connectors.ERP && born {
		contact := w.contactOf(t, row.Key)
		for i := range op.With {
			w.took(side, contact, &op.With[i])
		}
	}
}

// displaced judges a write to a record that stands for nothing any more: it may lose our identity, be shown as
// inactive, and get what was on its way to a thing that it stood for: merged accounts have had its contact one after the other.
func (w *world) displaced(side connectors.Side, op *connectors.Op, row *product.Row) {
	var all []*thing
	for _, t := range w.things {
		if t.entity == op.Entity && slices.Contains(t.was[side], row.Key) {
			all = append(all, t)
		}
	}
	if len(all) == 0 {
		w.fail("W8", "%s: a write of %s %s, which stands for nothing: %s", side, op.Entity, row.Key, w.show(op.Fields))
		return
	}
	for i := range w.book.fields[op.Entity] {
		f := &w.book.fields[op.Entity][i]
		v, there := op.Fields[f.name(side)]
		if !there || !judged(f) || f.typed == yesNo {
			continue
		}
		fits := slices.ContainsFunc(all, func(t *thing) bool {
			x := t.carried(i, side, w.common(f, side, v))
			if x != nil {
				x.forgiven = true // it went where nobody looks any more
			}
			return x != nil || w.known(t, f, v)
		})
		if !fits {
			w.fail("W8", "%s: %s %s stood for %d, where nobody ever typed %q into %s", side, op.Entity, row.Key, all[len(all)-1].id, v.Text, f.name(side))
		}
	}
}

// judged says whether the values of a field are followed from whoever typed them. References are judged at rest.
func judged(f *field) bool { return f.typed != nothing && f.typed != user && f.typed != rows }

// whose gives the thing that a write is about: of a new record by what is typed into it, else by its place.
func (w *world) whose(side connectors.Side, op *connectors.Op, row *product.Row, born bool) *thing {
	if !born {
		key := op.Key
		if row != nil {
			key = row.Key
		}
		return w.atKey(side, op.Entity, key)
	}
	for i, f := range w.book.fields[op.Entity] {
		if t := w.owner(op.Entity, i, op.Fields[f.name(side)]); t != nil && !w.twice[op.Fields[f.name(side)].Text] {
			return t
		}
	}
	if op.Entity == record.Contact {
		return w.contactAt(w.atKey(side, record.Account, op.Fields["AccountId"].Key()))
	}
	return nil
}

// contactAt gives the contact of an account, nil if there is none.
func (w *world) contactAt(account *thing) *thing {
	for i := len(w.things) - 1; account != nil && i >= 0; i-- {
		if t := w.things[i]; t.entity == record.Contact && t.account == account {
			return t
		}
	}
	return nil
}

// contactOf gives the contact on a card that the ERP has just made for an account.
func (w *world) contactOf(account *thing, key record.Key) *thing {
	t := w.contactAt(account)
	if t == nil {
		t = w.newThing(record.Contact, account)
	}
	t.at[connectors.ERP] = key
	return t
}

// wasBorn counts a creation.
func (w *world) wasBorn(side connectors.Side, t *thing, row *product.Row) {
	t.births[side]++
	most := 1 + t.again
	if side == connectors.ERP {
		t.gone = false
	}
	if side == connectors.CRM {
		most = t.mayBe
	}
	if t.births[side] > most {
		w.fail("W1", "%s: %s %d was created %d times, %s after %s", side, t.entity, t.id, t.births[side], row.Key, t.at[side])
	}
	if side == connectors.CRM && (t.former && t.at[side] != "" || w.orphan(t)) {
		for i := range t.cells { // what was typed into the former record stays there
			if x := t.cells[i].shows[side]; x != nil {
				x.forgiven = true
			}
		}
	}
	if t.at[side] != "" { // another one stood for it that the box did not take, such as the contact of a merged account
		w.left(t, side)
	}
	t.at[side] = row.Key
}

// orphan says whether a thing is a contact of the CRM whose account people deleted there: it stays as it is, and the card
// that stands in the ERP gets another one.
func (w *world) orphan(t *thing) bool {
	row := w.row(t, connectors.CRM)
	return row != nil && t.entity == record.Contact && w.crm.Live(record.Account, row.Fields["AccountId"].Key()) == nil
}

// took notes what a record shows after a write, and that somebody typed it.
func (w *world) took(side connectors.Side, t *thing, op *connectors.Op) {
	fields := w.book.fields[op.Entity]
	for i := range fields {
		f := &fields[i]
		v, there := op.Fields[f.name(side)]
		if !there {
			continue
		}
		if side == connectors.ERP && !w.mayWriteERP(t, f, op) {
			w.fail("W8", "%s %d: the box wrote %s, which is the ERP's own", t.entity, t.id, f.ERP)
		}
		if !judged(f) {
			continue
		}
		x := t.carried(i, side, w.common(f, side, v))
		if x == nil && !w.known(t, f, v) {
			w.fail("W8", "%s: %s %d: nobody ever typed %q into %s", side, t.entity, t.id, v.Text, f.name(side))
		}
		t.cells[i].shows[side] = x
	}
}

// mayWriteERP says whether the profile lets the box write a field of the ERP.
func (w *world) mayWriteERP(t *thing, f *field, op *connectors.Op) bool {
	if !w.shape.TwoWay {
		return false
	}
	switch f.Policy {
	case connectors.Shared, connectors.OwnCRM:
		return true
	case connectors.OwnByState:
		return !t.client || w.policy(t, f) == connectors.Shared || w.turnedSince(t, op)
	case connectors.WriteOnce, connectors.BusinessKey:
		return op.Kind == connectors.Create
	}
	return false
}

// turnedSince says whether a person changed to whom a field belongs after the box had read it for the last time before a
// write: a product compares what is written, not that.
func (w *world) turnedSince(t *thing, op *connectors.Op) bool {
	read, sent := w.readBy[op.ID]
	return sent && t.turned > 0 && t.turned >= read
}

// known says whether a value that nobody typed is one that the box may bring: a number it makes for a record
// born in the CRM, an inactive record, a field that is as empty on the other side.
func (w *world) known(t *thing, f *field, v record.Value) bool {
	switch {
	case f.Policy == connectors.BusinessKey && len(v.Text) == 17 && t.births[connectors.ERP] <= 1+t.again:
		for i := range w.book.fields[t.entity] {
			if w.book.fields[t.entity][i].CRM == f.CRM {
				w.typed(t, i, connectors.ERP, v)
			}
		}
		return true
	case f.typed == yesNo:
		return v.Text == "true" || t.gone || w.justBack(t) || v.Empty() && w.unsaid(t, f)
	}
	return v.Empty()
}

// unsaid says whether the ERP does not say yes or no to something.
func (w *world) unsaid(t *thing, f *field) bool {
	row := w.row(t, connectors.ERP)
	return row != nil && row.Fields[f.ERP].Empty()
}

// justBack says whether a request may be under way that was sent before older data of the ERP brought a thing back.
func (w *world) justBack(t *thing) bool {
	return t.back > 0 && (t.back >= w.began || w.steady <= t.back+w.crm.Form.Traits.ServerLate)
}
