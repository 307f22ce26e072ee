package sim

import (
	"slices"
	"strings"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/sim/product"
)

// deleteCRM has a person delete a record in the CRM for good.
func (w *world) deleteCRM(s *Step) {
	if t := w.anyOf(connectors.CRM, s.A, func(*thing) bool { return true }); t != nil {
		w.vanish(t, "")
	}
}

// vanish takes a thing out of the CRM. heir is the record that takes over, which is another thing's.
func (w *world) vanish(t *thing, heir record.Key) {
	row := w.row(t, connectors.CRM)
	account := row.Fields["AccountId"].Key()
	w.trace("a person deletes %s %d (%s %s) in the CRM, for %q", t.entity, t.id, row.Key, row.ExternalID, heir)
	w.crm.Delete(row)
	row.Heir = heir
	w.left(t, connectors.CRM)
	t.mayBe++
	t.forgive()
	if c := w.contactAt(t); t.entity == record.Account && c != nil {
		c.forgive() // it went along
		if row := w.row(c, connectors.CRM); row != nil && row.ExternalID == "" {
			c.mayBe++ // it may be made anew for the account that comes in place of this one
		}
	}
	live := w.crm.Live(record.Account, account) != nil
	if next := w.crm.First(account); t.entity == record.Contact && live && next != nil && !strings.Contains(next.ExternalID, ".") {
		w.crm.Touch(next)
		t.mayBe--
		w.stray(t, next)
	}
}

// left notes that a side does not keep a thing any more where it did.
func (w *world) left(t *thing, side connectors.Side) {
	t.was[side] = append(t.was[side], t.at[side])
	t.at[side], t.bound = "", false
	for i := range t.cells {
		t.cells[i].shows[side] = nil
	}
}

// merge has a person merge an account of the CRM into another record, not into one without its identity while it is being made.
func (w *world) merge(s *Step) {
	if s.A%4 == 0 && w.mergeUnderARequest(s) {
		return
	}
	t := w.anyOf(connectors.CRM, s.A, func(t *thing) bool {
		return t.entity == record.Account && w.row(t, connectors.CRM).ExternalID != "" && !t.doubled
	})
	if t == nil {
		return
	}
	old := w.row(t, connectors.CRM)
	other := w.anyOf(connectors.CRM, s.B, func(o *thing) bool { return o != t && o.entity == record.Account })
	inherits := s.B%3 == 0
	lost := !inherits && w.beingMade(old)
	switch {
	case s.B%3 == 1 && other != nil && other.at[connectors.ERP] == "":
		if w.shape.TwoWay {
			return
		}
		if _, linked := w.find(connectors.CRM, other.entity, other.at[connectors.CRM]); linked { // it was another customer's
			w.vanish(t, other.at[connectors.CRM])
		} else if !lost {
			w.takeOver(t, other)
		}
	case s.B%3 == 1 && other != nil:
		w.vanish(t, other.at[connectors.CRM])
	case lost:
	case inherits || !w.shape.TwoWay:
		w.mergeInto(t, old, inherits)
	}
}

// takeOver merges an account into one that only the CRM knows. Where the product tells of it, that one is the thing
// from now on, unless it carries an identity of ours: it is another customer's then, or was.
func (w *world) takeOver(t, other *thing) {
	key, told := other.at[connectors.CRM], w.shape.CRMForm.TellsHeirs && !w.unheard(t) && w.row(other, connectors.CRM).ExternalID == ""
	if w.vanish(t, key); !told {
		return
	}
	w.left(other, connectors.CRM)
	t.at[connectors.CRM] = key
	t.mayBe--
	if mine, its := w.contactAt(t), w.contactAt(other); mine != nil && its != nil && w.row(its, connectors.CRM) != nil {
		w.joins(mine, its)
	}
}

// joins lets the first contact of the account that stays be the one of both.
func (w *world) joins(mine, its *thing) {
	row := w.row(its, connectors.CRM)
	if mine.at[connectors.CRM] != "" {
		w.left(mine, connectors.CRM)
	}
	w.left(its, connectors.CRM)
	mine.at[connectors.CRM] = row.Key
	mine.merged = true
	for i := range mine.cells {
		f := &w.book.fields[record.Contact][i]
		if v := row.Fields[f.CRM]; judged(f) && !v.Empty() {
			w.typed(mine, i, connectors.CRM, v).merged = true
		}
	}
}

// unheard says whether the box created a record in the CRM and has not heard yet under which key. One that took over from
// a record that the box knows is told of in the end, however many took over in between.
func (w *world) unheard(t *thing) bool {
	if w.knows(t) {
		return false
	}
	key := t.at[connectors.ERP]
	if was := t.was[connectors.ERP]; key == "" && len(was) > 0 { // it is another customer's by now, of which the box need not have heard
		key = was[len(was)-1]
	}
	l, ok := w.find(connectors.ERP, t.entity, key)
	return !ok || l.CRM == "" || w.crm.Stays(t.entity, l.CRM) != t.at[connectors.CRM]
}

// mergeInto lets a record take over that the box has never seen. Whoever merges sees both. Into one that takes the identity over people
// type nothing that a request under way is about to overwrite.
func (w *world) mergeInto(t *thing, old *product.Row, inherits bool) {
	values := record.Fields{}
	var typed []int
	for i := range w.book.fields[t.entity] {
		f := &w.book.fields[t.entity][i]
		own := f.typed == words && f.Policy == connectors.Shared && !(inherits && w.remade(old, f.CRM))
		if v, there := old.Fields[f.CRM]; there && (!own || (i+t.id)%3 > 0) {
			values[f.CRM] = v
		} else if own {
			typed = append(typed, i)
		}
	}
	external := old.ExternalID
	known := inherits && external != "" || w.shape.CRMForm.TellsHeirs && !inherits && !w.unheard(t)
	shown := make([]*write, len(t.cells))
	for i := range t.cells {
		shown[i] = t.cells[i].shows[connectors.CRM]
		for _, x := range t.cells[i].writes {
			x.merged = true
		}
		for _, x := range t.cells[i].shows {
			if x != nil && x.value.Empty() {
				x.forgiven = true // as in typed
			}
		}
	}
	w.crm.Delete(old)
	w.left(t, connectors.CRM)
	for _, i := range typed {
		if !known {
			break
		}
		f := &w.book.fields[t.entity][i]
		v := w.fresh(f.typed, 0)
		w.typed(t, i, connectors.CRM, v, shown[i]).merged = true
		values[f.CRM] = v
	}
	row := w.crm.Add(record.Record{Entity: t.entity, Key: w.crm.NewKey(), Fields: values}, 0)
	if inherits {
		row.ExternalID = external
	}
	old.Heir = row.Key
	w.trace("a person merges %s %d (%s %s) into %s %s, known %v", t.entity, t.id, old.Key, external, row.Key, row.ExternalID, known)
	w.move(old.Key, row.Key)
	if !known {
		t.mayBe++
		t.forgive()
		if inherits && w.shape.TwoWay {
			w.stray(t, row)
		}
		return
	}
	t.at[connectors.CRM], t.merged = row.Key, true
	for i := range t.cells {
		if t.cells[i].shows[connectors.CRM] == nil && !values[w.book.fields[t.entity][i].CRM].Empty() {
			t.cells[i].shows[connectors.CRM] = shown[i]
		}
	}
}

// remade says whether another request to make a record of the CRM is under way and sets a field: it will find by its identity
// whoever has that by then. What people type there before is lost in the product itself, as in mayEdit.
func (w *world) remade(row *product.Row, name string) bool {
	return slices.ContainsFunc(w.underway, func(r request) bool {
		_, sets := r.op.Fields[name]
		return sets && r.op.Displace == nil && makes(r.op, row) // one that displaces a record is refused once that is gone
	})
}

// stray lets a record of the CRM that the box does not know stay the thing that it was.
func (w *world) stray(t *thing, row *product.Row) {
	t.at[connectors.CRM] = row.Key
	for i := range t.cells {
		f := &w.book.fields[t.entity][i]
		t.cells[i].shows[connectors.CRM] = t.typedAs(i, connectors.CRM, row.Fields[f.CRM])
	}
}

// move lets the contacts of an account of the CRM belong to another one.
func (w *world) move(from, to record.Key) {
	for _, r := range w.crm.Rows {
		if r.Entity == record.Contact && !r.Gone && r.Fields["AccountId"].Key() == from {
			w.crm.Edit(r, record.Fields{"AccountId": record.RefOf(to)})
			if t := w.atKey(connectors.CRM, r.Entity, r.Key); t != nil {
				t.touched = w.steady
			}
		}
	}
}
