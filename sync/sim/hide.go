package sim

import (
	"slices"

	"syncbox/connectors"
	"syncbox/sync/plan"
	"syncbox/sync/store"
)

// hide lets the ERP not show a record for a moment, as while it is saved anew. Not one of which the box does not know the
// number yet, nor one that it has just missed: that would be more than a moment.
func (w *world) hide(s *Step) {
	if s.B%3 == 0 && w.hideNew(s) || s.B%3 == 1 && w.hideUnsure(s) {
		return
	}
	if t := w.anyOf(connectors.ERP, s.A, w.mayHide); t != nil {
		w.hideOne(t)
	}
}

func (w *world) mayHide(t *thing) bool { return w.cloud == nil && w.numbered(t) && !w.missed(t) }

func (w *world) hideOne(t *thing) {
	row := w.row(t, connectors.ERP)
	w.erp.Touch(row)
	row.Hidden = w.steady + w.shape.Set.Schedule.Interval
	w.trace("the ERP does not show %s %d until %s", t.entity, t.id, row.Hidden)
	w.agenda.add(row.Hidden, func() { w.erp.Touch(row) })
}

// hideNew lets reads leave out for a moment a record of which the box knows nothing, if there is one: looks tell of it, and
// nothing tells when reads show it. Twice would be more than a moment.
func (w *world) hideNew(s *Step) bool {
	t := w.anyOf(connectors.ERP, s.A, func(t *thing) bool {
		_, known := w.find(connectors.ERP, t.entity, t.at[connectors.ERP])
		row := w.row(t, connectors.ERP)
		return !known && t.at[connectors.CRM] == "" && row.Unread == 0 && row.Hidden == 0
	})
	if t == nil {
		return false
	}
	row := w.row(t, connectors.ERP)
	row.Unread = w.steady + w.shape.Set.Schedule.Interval
	w.trace("reads of the ERP leave out %s %d until %s", t.entity, t.id, row.Unread)
	return true
}

// hideUnsure hides a record of which a value that was sent has arrived without the box knowing it for certain, and has a
// person type over that value.
func (w *world) hideUnsure(s *Step) bool {
	var side connectors.Side
	i := -1
	t := w.anyOf(connectors.ERP, s.A, func(t *thing) bool {
		if i < 0 && w.mayHide(t) {
			side, i = w.arrived(t)
			return i >= 0
		}
		return false
	})
	if t == nil {
		return false
	}
	w.hideOne(t)
	w.change(t, i, side, w.fresh(w.book.fields[t.entity][i].typed, s.B))
	return true
}

// arrived gives a field of a record that shows, on a side where people may change it, a value that was sent there without a
// certain outcome; -1 if there is none.
func (w *world) arrived(t *thing) (side connectors.Side, field int) {
	field = -1
	w.view(func(tx *store.Txn) {
		l, _ := w.linkOf(tx, t)
		rules := w.box.engine.Mapper.Rules(t.entity)
		for _, d := range l.Doubts {
			i := slices.IndexFunc(rules.Fields, func(f plan.Field) bool { return f.Code == d.Field })
			if d.Seq == 0 || d.Until.IsZero() || i < 0 || !w.edits(d.Side, &w.book.fields[t.entity][i]) {
				continue
			}
			row, shown := w.row(t, d.Side), t.cells[i].shows
			if row != nil && shown[0] != nil && shown[0] == shown[1] && w.mayEdit(d.Side, row) && !w.unseen(t, &w.book.fields[t.entity][i]) {
				side, field = d.Side, i
			}
		}
	})
	return side, field
}

// numbered says whether both sides show the same number of a thing.
func (w *world) numbered(t *thing) bool {
	for i := range w.book.fields[t.entity] {
		if w.book.fields[t.entity][i].Policy == connectors.BusinessKey && t.cells[i].shows[0] != t.cells[i].shows[1] {
			return false
		}
	}
	return true
}
