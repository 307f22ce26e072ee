package sim

import (
	"slices"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
	"syncbox/sync/sim/product"
	"syncbox/sync/store"
)

// judge holds a world at rest against everything that must be true then.
func (w *world) judge() {
	if open := w.openWork(); open != "" {
		w.fail("W9", "at rest, and still to be done:%s", open)
	}
	if w.box == nil {
		w.fail("W9", "the box is off")
		return
	}
	if err := w.box.state.Check(); err != nil {
		w.fail("S", "at rest: %v", err)
	}
	w.resynced()
	w.view(func(t *store.Txn) {
		w.journal(t)
		for _, documents := range []bool{false, true} { // which refer to the others
			for _, x := range w.things {
				if (x.entity == record.Document) == documents {
					w.judgeThing(t, x)
				}
			}
		}
	})
}

// judgeThing judges one thing.
func (w *world) judgeThing(t *store.Txn, x *thing) {
	erp, crm := w.row(x, connectors.ERP), w.row(x, connectors.CRM)
	l, linked := w.linkOf(t, x)
	if linked && waits(t, &l) {
		return
	}
	if x.entity == record.Contact && linked && l.CRM != x.at[connectors.CRM] {
		crm = w.standsFor(x, l.CRM, crm)
	}
	switch {
	case w.shape.Mailbox && (erp == nil || crm == nil):
		w.judgePart(x, erp, crm, &l)
		return
	case erp != nil && (crm == nil || !linked || l.CRM != crm.Key):
		w.fail("W3", "%s %d stands in the ERP under %s and is not linked to its record %q in the CRM: %s", x.entity, x.id, x.at[0], x.at[1], linkText(l, linked))
		return
	case erp == nil && x.gone:
		w.judgeGone(x, crm, &l, linked)
		return
	case erp == nil:
		w.judgeUnborn(x, crm, linked)
		return
	}
	w.judgeAsked(x, &l)
	untold := x.entity == record.Contact && w.crm.First(crm.Fields["AccountId"].Key()) != crm
	for i := range w.book.fields[x.entity] {
		f := &w.book.fields[x.entity][i]
		v := x.cells[i].shows[connectors.CRM]
		before := v == nil && !crm.Fields[f.CRM].Empty() // typed while it stood for the contact before (standsFor)
		if untold && (before || v != nil && v.side == connectors.CRM) {
			continue // typed into a contact that the CRM does not tell of: it is not the first one of its account
		}
		w.converged(t, x, &l, i, f, erp.Fields[f.ERP], crm.Fields[f.CRM])
		if w.calm && !listed(t, &l, f, store.Conflicted, store.HandedOff, store.Refused) {
			w.causal(x, i, f)
		}
	}
}

// standsFor gives the record of a contact's link, where it stood for the contact before and belongs to its account: another
// one that had taken over was deleted, or belongs to an account that the box does not know.
func (w *world) standsFor(x *thing, key record.Key, other *product.Row) *product.Row {
	row := w.crm.Live(record.Contact, key)
	if row == nil || !slices.Contains(x.was[connectors.CRM], key) || row.Fields["AccountId"].Key() != x.account.at[connectors.CRM] {
		return other
	}
	x.at[connectors.CRM] = key
	x.forgive() // what was typed into the other one is not the contact's any more
	return row
}

func linkText(l plan.Link, linked bool) string {
	if !linked {
		return "no link"
	}
	return "link " + l.State.String() + " erp " + string(l.ERP) + " crm " + string(l.CRM)
}

// judgeGone judges a thing that was deleted in the ERP: the CRM shows it as inactive.
func (w *world) judgeGone(x *thing, crm *product.Row, l *plan.Link, linked bool) {
	if x.entity == record.Account && crm != nil && linked && crm.Fields["Active"].Text != "false" {
		w.fail("W3", "account %d is gone from the ERP, and %s of the CRM is not inactive", x.id, crm.Key)
	}
}

// judgeUnborn judges a thing that is not in the ERP.
func (w *world) judgeUnborn(x *thing, crm *product.Row, linked bool) {
	if w.unripe(x, crm) || x.at[connectors.CRM] == "" || !w.shape.TwoWay || w.shape.ERP == ReadOnly || x.entity != record.Account {
		return
	}
	w.fail("W3", "%s %d of the CRM is not in the ERP, linked %v", x.entity, x.id, linked)
}

// linkOf gives the link that the box has of a thing.
func (w *world) linkOf(t *store.Txn, x *thing) (plan.Link, bool) {
	if x.at[connectors.ERP] != "" {
		if l, ok := t.Find(connectors.ERP, x.entity, x.at[connectors.ERP]); ok {
			return l, true
		}
	}
	return t.Find(connectors.CRM, x.entity, x.at[connectors.CRM])
}

// waits says whether a record as a whole waits.
func waits(t *store.Txn, l *plan.Link) bool {
	for _, item := range t.WaitingOf(l.ID) {
		if item.Kind.Whole() {
			return true
		}
	}
	return false
}

// listed says whether a field is on the waiting list.
func listed(t *store.Txn, l *plan.Link, f *field, kinds ...store.WaitKind) bool {
	for _, kind := range kinds {
		for _, name := range []string{f.CRM, f.ERP} {
			if _, ok := t.Waiting(l.ID, kind, name); ok {
				return true
			}
		}
	}
	return false
}

// policy gives the policy of a field for a thing as it is.
func (w *world) policy(x *thing, f *field) connectors.Policy {
	p := f.Policy
	if p == connectors.OwnByState {
		p = f.When.Else
		if row := w.row(x, connectors.ERP); row != nil && row.Fields[f.When.Field].Text == client {
			p = f.When.Then
		}
	}
	if !w.shape.TwoWay && (p == connectors.Shared || p == connectors.OwnCRM) {
		return connectors.OwnERPOnChange
	}
	return p
}

// converged holds one field of both sides against the profile.
func (w *world) converged(t *store.Txn, x *thing, l *plan.Link, i int, f *field, e, c record.Value) {
	if w.same(x, f, e, c) || !counts(f, w.row(x, connectors.ERP)) {
		return
	}
	switch w.policy(x, f) {
	case connectors.Derived:
		return
	case connectors.WriteOnce:
		if !c.Empty() || e.Empty() {
			return
		}
	case connectors.OwnERPOnChange:
		if listed(t, l, f, store.Difference) {
			return
		}
	default:
		if listed(t, l, f, store.Conflicted, store.HandedOff, store.Refused) {
			return
		}
	}
	if f.Lens.Kind == connectors.LensRef && w.refersToWaiting(t, f, e, c) {
		return
	}
	w.fail("W3", "%s %d (ERP %s, CRM %s): %s is %s in the ERP, %s in the CRM", x.entity, x.id, x.at[0], x.at[1], f.CRM, showValue(e), showValue(c))
}

// same says whether both sides show the same, each in its own way.
func (w *world) same(x *thing, f *field, e, c record.Value) bool {
	switch f.Lens.Kind {
	case connectors.LensRef:
		return w.sameRef(f, e, c)
	case connectors.LensRows:
		if len(e.Rows) != len(c.Rows) {
			return false
		}
		for n := range e.Rows {
			for _, col := range f.Lens.Rows {
				inner := field{FieldRule: col}
				if !w.same(x, &inner, e.Rows[n][col.ERP], c.Rows[n][col.CRM]) {
					return false
				}
			}
		}
		return true
	}
	return w.common(f, connectors.ERP, e).Equal(c)
}

func (w *world) sameRef(f *field, e, c record.Value) bool {
	to := w.atKey(connectors.ERP, f.Ref, e.Key())
	if to == nil || w.row(to, connectors.ERP) == nil {
		return c.Empty() || e.Key() != "" // a reference to nothing
	}
	return to.at[connectors.CRM] == c.Key() || w.meantBefore(f.Ref, e.Key(), c.Key())
}

// refersToWaiting says whether a reference is one to a record that waits as a whole: it shows the record that this one is linked to
// until then.
func (w *world) refersToWaiting(t *store.Txn, f *field, e, c record.Value) bool {
	l, linked := t.Find(connectors.ERP, f.Ref, e.Key())
	return linked && l.CRM == c.Key() && waits(t, &l)
}

// meantBefore says whether a record of the CRM stands for whom a place of the ERP belonged to before: what refers to a
// place that was given to another one may go either way.
func (w *world) meantBefore(e record.Entity, erp, crm record.Key) bool {
	for _, t := range w.things {
		if t.entity == e && slices.Contains(t.was[connectors.ERP], erp) && (t.at[connectors.CRM] == crm || slices.Contains(t.was[connectors.CRM], crm)) {
			return true
		}
	}
	return false
}

// causal says whether a value was lost that whoever typed the final one had not seen.
func (w *world) causal(x *thing, i int, f *field) {
	c := &x.cells[i]
	if w.policy(x, f) != connectors.Shared || f.Policy == connectors.OwnByState && x.client {
		return
	}
	final, also := c.shows[connectors.ERP], c.shows[connectors.CRM]
	if final == nil || also == nil || !also.value.Equal(final.value) {
		also = final
	} // else two people typed the same
	for _, y := range c.writes {
		switch {
		case excused(c, y) || final.follows(y) || also.follows(y):
		case final != nil && y.follows(final) && !(overMerged(c, y, final) && toldOf(c, y)):
			w.fail("W2", "%s %d %s: %q was typed after the final %q and is lost", x.entity, x.id, f.CRM, y.value.Text, final.value.Text)
		case !toldOf(c, y):
			w.fail("W2", "%s %d %s: %q was lost to %s without a word", x.entity, x.id, f.CRM, y.value.Text, final.text())
		}
	}
}

// overMerged says whether a write, or one that it followed, was typed after another one as people merged records: whose value
// is newer can't be told then, nor is what was typed over it before the box had settled that.
func overMerged(c *cell, y, after *write) bool {
	return slices.ContainsFunc(c.writes, func(z *write) bool { return z.merged && y.follows(z) && z.follows(after) })
}

// excused says whether a write may be lost without a word, or one that followed it and that was the one to stay.
func excused(c *cell, y *write) bool {
	for _, z := range c.writes {
		if z.forgiven && z.follows(y) {
			return true
		}
	}
	return false
}

func (w *write) text() string {
	if w == nil {
		return "nothing"
	}
	return w.value.Text
}

// toldOf says whether the journal has a write, or one that followed it.
func toldOf(c *cell, y *write) bool {
	for _, z := range c.writes {
		if z.told && z.follows(y) {
			return true
		}
	}
	return false
}

// journal notes which values the journal has, and that it has no gap. After years its oldest lines are gone.
func (w *world) journal(t *store.Txn) {
	next := uint64(0)
	t.Events(0, func(e store.Event) bool {
		if next != 0 && e.Seq != next {
			w.fail("S", "the journal goes from %d to %d", next-1, e.Seq)
		}
		next = e.Seq + 1
		if e.Code == "conflict-settled" {
			w.told(e)
		}
		return true
	})
}

func (w *world) told(e store.Event) {
	for _, x := range w.things {
		if x.entity != e.Entity {
			continue
		}
		for i := range w.book.fields[x.entity] {
			if w.book.fields[x.entity][i].CRM != e.Args["field"] {
				continue
			}
			for _, y := range x.cells[i].writes {
				y.told = y.told || y.value.Text == e.Args["erp"] || y.value.Text == e.Args["crm"]
			}
		}
	}
}
