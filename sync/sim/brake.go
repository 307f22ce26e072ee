package sim

import (
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/sim/product"
	"syncbox/sync/store"
)

// change is a write of the box to a record that both sides have.
type change struct {
	thing *thing
	side  connectors.Side
}

// agreed notes of which records both sides have agreed before a pass, and when the box wrote to each side last. What the box finds again or follows within it was
// never agreed with the record that it finds: it settles such a record as a new one, as many as one request made. What was
// sent in an earlier pass without an answer is no change of this one.
func (w *world) agreed() {
	if w.agree = nil; w.shape.Set.ToCRMBrake.Min > 1 || w.box == nil {
		return
	}
	w.agree = map[*thing][2]time.Duration{}
	w.view(func(tx *store.Txn) {
		for _, t := range w.things {
			l, ok := w.linkOf(tx, t)
			if ok && l.Base.Known && len(l.Doubts) == 0 && l.ERP == t.at[connectors.ERP] && l.CRM == t.at[connectors.CRM] {
				w.agree[t] = t.wrote
			}
		}
	})
}

// overwrites says whether a write changes what people typed: what is written only where there is nothing, what comes along
// with another change, and who belongs to whom, is no change.
func (w *world) overwrites(side connectors.Side, op *connectors.Op) bool {
	for i := range w.book.fields[op.Entity] {
		f := &w.book.fields[op.Entity][i]
		if _, there := op.Fields[f.name(side)]; there && f.typed != nothing && f.Policy != connectors.WriteOnce && f.Policy != connectors.Derived {
			return true
		}
	}
	return false
}

// braked holds what one pass changed against the brake: of the records that people had changed before the pass, no
// more than its bound may reach the other side until a person lets them.
func (w *world) braked() {
	if w.shape.Set.ToCRMBrake.Min > 1 || len(w.changed) < 2 {
		return
	}
	for _, e := range product.Entities {
		for _, to := range []connectors.Side{connectors.ERP, connectors.CRM} {
			if n := w.massOf(e, to); n > w.bound(e, to) && !w.allowed[brakeName(e, to)] {
				w.fail("brake", "%d records of %s were changed in the %s in one pass, and nobody was asked", n, e, to)
			}
		}
	}
}

// massOf counts the records of an entity that were changed on a side because people had changed them on the other one.
func (w *world) massOf(e record.Entity, to connectors.Side) int {
	seen := map[*thing]bool{}
	for _, c := range w.changed {
		t := c.thing
		wrote, agreed := w.agree[t]
		edited := t.edited[to.Other()]
		if t.entity == e && c.side == to && agreed && edited > wrote[to] && edited < w.began && edited >= w.lastPass {
			seen[t] = true
		}
	}
	return len(seen)
}

// bound gives how many records of an entity may be changed at once.
func (w *world) bound(e record.Entity, to connectors.Side) int {
	b := w.shape.Set.ToCRMBrake
	if to == connectors.ERP {
		b = w.shape.Set.ToERPBrake
	}
	links := 0
	for _, t := range w.things {
		if t.entity == e && t.at[0] != "" && t.at[1] != "" {
			links++
		}
	}
	return max(b.Min, links*b.Percent/100)
}

func brakeName(e record.Entity, to connectors.Side) string { return string(e) + "-" + to.String() }
