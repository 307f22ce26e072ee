package sim

import (
	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/store"
)

// isolated holds a pass in which single records could not go on against the others: none of those may be late.
// It speaks only where nothing else was wrong in this pass and the one before.
func (w *world) isolated() {
	if w.shape.Mailbox || w.calm || w.box == nil || w.calls == 0 || w.shape.Backup || w.shape.Set.ToCRMBrake.Min <= 1 || w.shape.CRMForm.Traits.IndexLag > 0 ||
		w.lastPass == 0 || w.troubled >= w.lastPass || w.unsure > 0 || len(w.agenda) > 0 {
		return
	}
	stuck := w.stuck()
	if len(stuck) == 0 {
		return
	}
	w.view(func(t *store.Txn) {
		for _, x := range w.things {
			if stuck[x] || w.row(x, connectors.ERP) == nil || max(x.edited[0], x.edited[1], x.touched) >= w.lastPass {
				continue
			}
			if x.account == nil || max(x.account.edited[0], x.account.edited[1], x.account.touched) < w.lastPass {
				w.onTime(t, x)
			}
		}
	})
}

// stuck gives the things that can't go on, and those that refer to them.
func (w *world) stuck() map[*thing]bool {
	var stuck map[*thing]bool
	add := func(t *thing) {
		if stuck == nil {
			stuck = map[*thing]bool{}
		}
		stuck[t] = true
	}
	for _, t := range w.things {
		row := w.row(t, connectors.ERP)
		if w.odd(t) || w.wasAnothers(t) || w.unlike(t) || t.refused || t.spoiled || t.gone || t.doubled || t.merged || len(t.was[0])+len(t.was[1]) > 0 || row != nil && row.Held != "" {
			add(t)
		}
	}
	if stuck == nil {
		return nil
	}
	for _, t := range w.things { // what is referred to was made before
		if t.account != nil && stuck[t.account] || w.refersTo(t, stuck) {
			add(t)
		}
	}
	return stuck
}

// wasAnothers says whether a thing stands in a place of the ERP that was another one's: a person may have to say so.
func (w *world) wasAnothers(t *thing) bool {
	return t.at[connectors.ERP] != "" && w.wasAtKey(connectors.ERP, t.entity, t.at[connectors.ERP]) != nil
}

// unlike says whether a record shows nothing on one side of that by which the other side's people know it: a person has to
// say whether it is still the same.
func (w *world) unlike(t *thing) bool {
	if t.entity != record.Account || t.at[connectors.ERP] == "" || t.at[connectors.CRM] == "" {
		return false
	}
	for i := range w.book.fields[t.entity] {
		f, c := &w.book.fields[t.entity][i], &t.cells[i]
		if e := c.shows[connectors.ERP]; (f.ERP == "number" || f.ERP == "name") && e != nil && e == c.shows[connectors.CRM] {
			return false
		}
	}
	return true
}

// refersTo says whether a record of the ERP refers to one of some things.
func (w *world) refersTo(t *thing, to map[*thing]bool) bool {
	row := w.row(t, connectors.ERP)
	if row == nil {
		return false
	}
	for i := range w.book.fields[t.entity] {
		f := &w.book.fields[t.entity][i]
		if v := row.Fields[f.ERP]; f.Ref != "" && v.Key() != "" && to[w.atKey(connectors.ERP, f.Ref, v.Key())] {
			return true
		}
		for _, line := range row.Fields[f.ERP].Rows {
			if v := line["rep"]; v.Key() != "" && to[w.atKey(connectors.ERP, record.User, v.Key())] {
				return true
			}
		}
	}
	return false
}

// onTime holds one thing that nothing keeps back against what it should be by now.
func (w *world) onTime(t *store.Txn, x *thing) {
	if l, linked := w.linkOf(t, x); linked && waits(t, &l) {
		w.fail("W4", "%s %d waits, and nothing is wrong with it or what it refers to", x.entity, x.id)
		return
	}
	n := len(w.failures)
	w.judgeThing(t, x)
	for i := n; i < len(w.failures); i++ {
		w.failures[i].Oracle = "W4"
	}
}
