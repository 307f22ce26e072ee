package sim

import (
	"slices"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// mergeUnderARequest lets happen what the script alone hardly ever brings: the first request to make an account in the CRM is late, and
// the box sends it again at once, as the product knows it by its identity. A person merges the new account into one that takes
// the identity over, the box follows, and a person types in the ERP over what the late request is about to bring to the heir.
func (w *world) mergeUnderARequest(s *Step) bool {
	if !w.shape.CRMForm.Traits.Upsert || w.calls > 0 || w.box == nil {
		return false
	}
	w.newCard(s)
	w.spoils = slices.Insert(w.spoils, 0, &Step{Do: DelayRequest, B: 7})
	w.atOnce()
	i := slices.IndexFunc(w.underway, func(r request) bool {
		return r.side == connectors.CRM && r.op.Kind == connectors.Create && r.op.Entity == record.Account && r.op.Displace == nil
	})
	if i < 0 {
		return true
	}
	op := w.underway[i].op
	w.atOnce()
	t := w.anyOf(connectors.CRM, 0, func(t *thing) bool { return !t.doubled && makes(op, w.row(t, connectors.CRM)) })
	if t == nil || w.box == nil {
		return true
	}
	w.mergeInto(t, w.row(t, connectors.CRM), true)
	w.atOnce()
	w.typeOver(t, op)
	w.atOnce()
	return true
}

// atOnce has a person ask for a pass, also if one was asked for just before: the box rests again.
func (w *world) atOnce() {
	w.hurry()
	w.calls = 0
}

// typeOver has a person of the ERP change the first field that a request under way sets in the CRM and that both sides may change.
func (w *world) typeOver(t *thing, op *connectors.Op) {
	row := w.row(t, connectors.ERP)
	if row == nil || !w.mayEdit(connectors.ERP, row) {
		return
	}
	for i := range w.book.fields[t.entity] {
		f := &w.book.fields[t.entity][i]
		if _, sets := op.Fields[f.CRM]; sets && f.Policy == connectors.Shared {
			w.change(t, i, connectors.ERP, w.fresh(f.typed, 0))
			return
		}
	}
}
