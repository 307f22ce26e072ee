package sim

import (
	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/sim/product"
	"syncbox/sync/store"
)

// newest holds the conflicts that were settled in a pass against what the products tell of the last change of both
// records, where the rule is that the newest one stays: the CRM's value, if both tell and its record is the one that a person
// changed last, else the ERP's. It speaks where nothing but the rule decides: nothing is in doubt, both values were typed over
// one that both sides had, nobody was at work in the pass itself, and the two were known to belong together before it: what the
// CRM shows of a record that was born there goes onto its card, as decided.
func (w *world) newest() {
	heard := w.heard
	defer w.bind()
	w.heard = 0
	w.view(func(t *store.Txn) { w.heard = t.LastEvent() }) // while the box is off, not known
	if heard == 0 || w.unsure > 0 || w.troubled >= w.began || len(w.underway) > 0 {
		return
	}
	w.view(func(t *store.Txn) {
		t.Events(heard+1, func(e store.Event) bool {
			if e.Code == "conflict-settled" {
				w.ruled(e)
			}
			return true
		})
	})
}

// bind notes which things the box has linked, and of which it has values in doubt: an entity that a brake holds keeps them long
// after they can't arrive any more.
func (w *world) bind() {
	w.view(func(t *store.Txn) {
		for _, x := range w.things {
			l, _ := w.linkOf(t, x)
			x.inDoubt = len(l.Doubts) > 0
			if !x.bound && x.at[0] != "" && x.at[1] != "" {
				l, ok := t.Find(connectors.ERP, x.entity, x.at[connectors.ERP])
				x.bound = ok && l.CRM == x.at[connectors.CRM]
			}
		}
	})
}

// ruled judges one conflict.
func (w *world) ruled(e store.Event) {
	x := w.atKey(connectors.ERP, e.Entity, e.ERP)
	if x == nil || !x.bound || max(x.edited[0], x.edited[1], x.touched) >= w.began || x.merged || x.spoiled || x.inDoubt {
		return
	}
	erp, crm := w.row(x, connectors.ERP), w.row(x, connectors.CRM)
	for i := range w.book.fields[x.entity] {
		f := &w.book.fields[x.entity][i]
		if f.CRM != e.Args["field"] || f.Conflict != connectors.NewestWins || f.Policy != connectors.Shared || erp == nil || crm == nil {
			continue
		}
		a, b := x.typedAs(i, connectors.ERP, record.TextOf(e.Args["erp"])), x.typedAs(i, connectors.CRM, record.TextOf(e.Args["crm"]))
		if want := newer(erp, crm); together(x, i, a, b) && e.Args["won"] != want.String() {
			w.fail("newest", "%s %d %s: %q in the ERP, %q in the CRM: the %s's stayed, and the %s's record was changed last",
				x.entity, x.id, f.CRM, e.Args["erp"], e.Args["crm"], e.Args["won"], want)
		}
	}
}

// newer gives the side whose record a person changed last, as far as the products tell.
func newer(erp, crm *product.Row) connectors.Side {
	if !erp.Changed.IsZero() && crm.Changed.After(erp.Changed) {
		return connectors.CRM
	}
	return connectors.ERP
}

// together says whether two values were typed without the other one being known, over one that both sides had.
func together(x *thing, i int, a, b *write) bool {
	if a == nil || b == nil || a.follows(b) || b.follows(a) {
		return false
	}
	for _, z := range x.cells[i].writes {
		if a.follows(z) && b.follows(z) {
			return true
		}
	}
	return false
}
