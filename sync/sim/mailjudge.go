package sim

import (
	"slices"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
	"syncbox/sync/sim/product"
	"syncbox/sync/store"
)

// The oracles of deletions:
//
//	D1	nothing is deleted on a side that people did not delete on the other one
//	D2	nothing that people changed since is deleted without their word
//	D3	nothing old is deleted in the ERP, and only what is old stays
//	D4	nothing is deleted that is held, or while a resync looks at everything
//	D5	the intent is durable before a deletion is sent
//	brake	no more than the bound is deleted in one pass without a person's word
//
// That what is deleted is deleted on both sides says W3, that it does not come back W1.

// sendsDeletes judges the deletions that the box sends.
func (w *world) sendsDeletes(side connectors.Side, ops []connectors.Op) {
	for i := range ops {
		if op := &ops[i]; op.Kind == connectors.Delete {
			w.sendsDelete(side, op)
		}
	}
}

func (w *world) sendsDelete(side connectors.Side, op *connectors.Op) {
	durable := false
	w.view(func(t *store.Txn) {
		l, _ := t.Find(side, op.Entity, op.Key)
		in, open := t.Intent(l.ID)
		durable = open && in.Op.ID == op.ID && in.Op.Kind == connectors.Delete
	})
	if !durable {
		w.fail("D5", "%s: the deletion of %s %s is sent and nothing durable knows of it", side, op.Entity, op.Key)
	}
	row := w.product(side).Live(op.Entity, op.Key)
	t := w.atKey(side, op.Entity, op.Key)
	if row == nil {
		return // gone meanwhile
	}
	if t == nil || t.mail.deleted[side.Other()] == 0 && w.row(t, side.Other()) == nil && t.at[side.Other()] == "" && len(t.was[side.Other()]) == 0 {
		w.fail("D1", "%s: %s %s is deleted, which was on this side alone", side, op.Entity, op.Key)
		return
	}
	if t.mail.deleted[side.Other()] == 0 && t.touched < w.began && !t.mail.sure {
		w.fail("D1", "%s: %s %d (%s) is deleted, and nobody deleted it on the other side", side, t.entity, t.id, op.Key)
	}
	if r := w.repair(); !t.mail.sure && r.Level > 0 && r.Phase != store.RepairPreview && r.Phase != store.RepairReady {
		w.fail("D4", "%s: %s %d is deleted while a resync looks at everything", side, t.entity, t.id)
	}
	if row.Held != "" && t.touched < w.began {
		w.fail("D4", "%s: %s %d is deleted, and it is held: %s", side, t.entity, t.id, row.Held)
	}
	if side == connectors.ERP && w.isOld(t) && !t.mail.sure {
		w.fail("D3", "%s %d was put away, and is deleted in the ERP", t.entity, t.id)
	}
	if t.mail.sure {
		return
	}
	name := deleteBrake(op.Entity, side)
	if w.deleted == nil {
		w.deleted = map[string]map[*thing]bool{}
	}
	if w.deleted[name] == nil {
		w.deleted[name] = map[*thing]bool{}
	}
	w.deleted[name][t] = true
	if n := len(w.deleted[name]); n > w.deleteBound(op.Entity) && !w.allowed[name] {
		w.fail("brake", "%d records of %s were deleted on the %s in one pass, and nobody was asked", n, op.Entity, side)
	}
}

// deleteBound gives how many records of an entity may be deleted at once.
func (w *world) deleteBound(e record.Entity) int {
	n := 0
	for _, t := range w.things {
		if t.entity == e {
			n++
		}
	}
	b := w.shape.Set.DeleteBrake
	return max(b.Min, n*b.Percent/100)
}

// boxDeleted judges a deletion of the box as it is done.
func (w *world) boxDeleted(side connectors.Side, op *connectors.Op, row *product.Row) {
	t := w.atKey(side, op.Entity, row.Key)
	if t == nil {
		w.fail("D1", "%s: %s %s is deleted, which stands for nothing", side, op.Entity, row.Key)
		return
	}
	w.trace("  %s %d is deleted in the %s", t.entity, t.id, side)
	other := side.Other()
	for i := range t.cells {
		f, x := &w.book.fields[t.entity][i], t.cells[i].shows[side]
		if x == nil || x.side != side || !judged(f) || t.mail.sure || t.mail.deleted[other] == 0 {
			continue
		}
		known := slices.ContainsFunc(t.cells[i].writes, func(z *write) bool { return z != x && z.follows(x) }) // as by who chose between two
		if was := t.mail.showed[other][i]; !known && !slices.Contains(t.mail.seen, x) && (was == nil || !was.follows(x) && !was.value.Equal(x.value)) && !w.inJournal(t, f, x) {
			w.fail("D2", "%s: %s %d is deleted, and nobody has seen that %s was changed to %q", side, t.entity, t.id, f.CRM, x.value.Text)
		}
	}
	t.wrote[side] = w.steady
	w.left(t, side)
	t.gone = t.gone || side == connectors.ERP
	t.forgive()
}

// judgePart judges, at rest, a thing that one side or both don't have.
func (w *world) judgePart(x *thing, erp, crm *product.Row, l *plan.Link) {
	archived := l.State == plan.Archived
	switch {
	case erp != nil && archived && (x.mail.deleted[connectors.CRM] == 0 || !w.isOld(x)):
		w.fail("D3", "%s %d (%s) stays in the ERP, and it is not one that was put away", x.entity, x.id, erp.Key)
	case erp != nil && !archived:
		w.fail("W3", "%s %d stands in the ERP alone, under %s: link %s", x.entity, x.id, erp.Key, l.State)
	case crm != nil && w.shape.TwoWay:
		w.fail("W3", "%s %d stands in the CRM alone, under %s: link %s", x.entity, x.id, crm.Key, l.State)
	}
}

// inJournal says whether the journal tells of a value that lost to another one.
func (w *world) inJournal(x *thing, f *field, y *write) (told bool) {
	w.view(func(t *store.Txn) {
		t.Events(0, func(e store.Event) bool {
			told = told || e.Code == "conflict-settled" && e.Entity == x.entity && e.Args["field"] == f.CRM && (e.Args["erp"] == y.value.Text || e.Args["crm"] == y.value.Text)
			return !told
		})
	})
	return told
}

// openDeletions tells what the box has still to delete, by itself.
func (w *world) openDeletions(t *store.Txn) (open string) {
	if !w.shape.Mailbox {
		return ""
	}
	t.Links(func(l plan.Link) bool {
		on := connectors.CRM
		if l.State == plan.CRMGone {
			on = connectors.ERP
		}
		_, braked := t.Waiting(0, store.Brake, deleteBrake(l.Entity, on))
		if (l.State == plan.CRMGone || l.State == plan.Inactive) && !braked && len(t.WaitingOf(l.ID)) == 0 {
			open += " deletion " + on.String() + " " + string(l.Entity) + " " + string(l.ERP)
		}
		return true
	})
	return open
}

func deleteBrake(e record.Entity, on connectors.Side) string {
	return string(e) + "-delete-" + on.String()
}
