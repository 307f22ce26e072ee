package engine

import (
	"context"
	"errors"
	"maps"
	"slices"

	"syncbox/connectors"
	"syncbox/sync/plan"
	"syncbox/sync/store"
)

// execute carries out what was decided: first what needs no write, then the writes to the CRM, then those
// to the ERP. A record that needs both goes to the CRM now and to the ERP in the next round.
func (c *cycle) execute(ctx context.Context, rule *connectors.EntityRule, works []*work) {
	var quiet, toCRM, toERP []*work
	for _, w := range works {
		switch {
		case w.retires && w.former() == "":
			quiet = append(quiet, w)
		case len(w.d.CRM) > 0 || c.unnamed(w) || w.retires:
			toCRM = append(toCRM, w)
		case len(w.d.ERP) > 0:
			toERP = append(toERP, w)
		default:
			quiet = append(quiet, w)
		}
	}
	c.settleQuiet(quiet)
	toCRM, toERP = c.agreed(connectors.CRM, toCRM), c.agreed(connectors.ERP, toERP)
	if !c.shut(connectors.CRM, rule) && len(toCRM) > 0 {
		c.send(ctx, connectors.CRM, toCRM)
	}
	if !c.shut(connectors.ERP, rule) && len(toERP) > 0 {
		c.sendERP(ctx, rule, toERP)
	}
	c.arrived(slices.DeleteFunc(works, func(w *work) bool { return w.kept })) // people may change it before the wait is over
}

// shut says whether nothing of an entity may be written to a side just now.
func (c *cycle) shut(to connectors.Side, rule *connectors.EntityRule) bool {
	return c.paused[dirIndex(to)][rule.Entity] || c.down[dirIndex(to)] != nil
}

// unnamed says whether a linked CRM record lacks our identity, or another one still has it.
func (c *cycle) unnamed(w *work) bool {
	if w.d.Verdict == plan.Wait || !w.d.After.Known || w.d.Link.ERP == "" || w.d.Link.CRM == "" || w.rule.ExternalID == "" {
		return false
	}
	renamed := w.rule.Deletions != nil && w.crm != nil && w.crm.ExternalID != c.external(w.rule, w.d.Link.ERP) // as what was created again
	return w.displace != nil || w.crm != nil && w.crm.ExternalID == "" || renamed
}

// settleQuiet keeps what needs no write: agreements, waits, differences.
func (c *cycle) settleQuiet(works []*work) {
	if len(works) == 0 {
		return
	}
	var clean []store.Dirty
	ok := c.update(func(t *store.Txn) error {
		for _, w := range works {
			if c.settle(t, w) {
				clean = append(clean, dirtyOf(w)...)
			}
		}
		return nil
	})
	if !ok {
		return
	}
	c.clean(clean)
	for _, w := range works {
		if !c.stirred[w.d.Link.ID] { // else it may be deleted in the end
			c.of(w.rule.Entity).ignores(&w.d)
		}
	}
}

// settle keeps the decision's link and says whether the record needs no further look.
func (c *cycle) settle(t *store.Txn, w *work) bool {
	l := w.d.Link
	switch {
	case w.d.Verdict == plan.Wait:
		return c.wait(t, w)
	case w.retires:
		c.mark(c.retired(t, w, &l)...)
		return false
	}
	if l.ID == 0 && (l.ERP == "" || l.CRM == "") {
		return w.d.Verdict != plan.Again // never linked, nothing to do: not worth a link
	}
	if c.Mapper.Rules(l.Entity).Parted(&l) && w.d.Verdict == plan.Nothing {
		c.keepFor(t, w, &l)
		c.stirred[l.ID] = true
		return true // see deletions
	}
	c.keepFor(t, w, &l)
	c.remark(t, w, &l)
	w.d.Link = l
	c.clearWaits(t, w)
	c.conflicts(t, w)
	return w.d.Verdict != plan.Again
}

// keep writes a link that changed. Where that makes it whole, the number it was born under is free again, and what
// waited for the record goes on.
func (c *cycle) keep(t *store.Txn, l *plan.Link) {
	was, had := t.Get(l.ID)
	if l.State == plan.Linked && l.Since == 0 {
		l.Since = c.age().Unix()
	}
	whole := l.Whole() && !(had && was.Whole())
	if had && sameLink(&was, l) {
		return
	}
	t.PutLink(l)
	if had && was.State != plan.Linked && l.State == plan.Linked && c.Profile.Entity(l.Entity).Deletions != nil {
		t.Set(sureName(l.ID), "") // a person's word was about one that was gone
	}
	if in, open := t.Intent(l.ID); had && open && was.ERP == "" && l.ERP != "" { // what we created showed up by itself
		c.bornWith(t, in, l.ERP)
	}
	if had && was.CRM != "" && l.CRM != "" && was.CRM != l.CRM {
		c.rebound(t, l)
	}
	if whole {
		c.freeNumber(t, l)
		c.wakeFor(t, l)
	}
}

// keepFor keeps the link of a record, which may have had one of its own before.
func (c *cycle) keepFor(t *store.Txn, w *work, l *plan.Link) {
	if w.instead != 0 {
		c.giveWay(t, w.instead)
		w.instead = 0
	}
	c.keep(t, l)
	w.kept = true
}

func sameLink(a, b *plan.Link) bool {
	return a.ERP == b.ERP && a.CRM == b.CRM && a.State == b.State && a.Incarnation == b.Incarnation &&
		a.Revision == b.Revision && a.Gone == b.Gone && a.Passing == b.Passing && a.Other == b.Other && a.Since == b.Since &&
		a.Base.Known == b.Base.Known && a.Base.Owned == b.Base.Owned && maps.Equal(a.Base.Each, b.Base.Each) &&
		slices.EqualFunc(a.Doubts, b.Doubts, sameDoubt)
}

func sameDoubt(a, b plan.Doubt) bool {
	return a.Field == b.Field && a.Side == b.Side && a.Digest == b.Digest && a.Seq == b.Seq && a.Until.Equal(b.Until)
}

// dirtyOf gives all marks that bring a record here.
func dirtyOf(w *work) []store.Dirty {
	d := []store.Dirty{w.dirty}
	l := w.d.Link
	if l.ERP != "" && w.dirty.Side != connectors.ERP {
		d = append(d, store.Dirty{Entity: l.Entity, Side: connectors.ERP, Key: l.ERP})
	}
	if l.CRM != "" && w.dirty.Side != connectors.CRM && w.crm != nil {
		d = append(d, store.Dirty{Entity: l.Entity, Side: connectors.CRM, Key: l.CRM})
	}
	return d
}

func (c *cycle) clean(clean []store.Dirty) { c.settled(clean, nil) }

// mark sets marks. A mark that stands for something the state is about to forget is set before that.
func (c *cycle) mark(dirty ...store.Dirty) {
	if c.marked != nil {
		*c.marked = append(*c.marked, dirty...)
	}
	c.settled(nil, dirty)
}

// marking gives the marks that are set while something is done.
func (c *cycle) marking(do func()) (marked []store.Dirty) {
	c.marked = &marked
	defer func() { c.marked = nil }()
	do()
	return marked
}

func (c *cycle) settled(clean, dirty []store.Dirty) {
	if err := c.Cache.Settle(c.grown(clean), dirty); err != nil && c.err == nil {
		c.err = err
	}
}

// send sends the writes to a side. Where each is prepared on what the file holds, the next one waits for the one
// before it: two new records can't have the same place.
func (c *cycle) send(ctx context.Context, to connectors.Side, works []*work) {
	target := c.target(to)
	if target == nil {
		return
	}
	if c.dry != nil {
		c.err = errors.New("a dry run was about to send")
		return
	}
	n := len(works)
	if c.resolver(to) != nil {
		n = max(1, target.Traits().Batch)
	}
	for ; len(works) > 0 && c.err == nil && c.down[dirIndex(to)] == nil; works = works[min(n, len(works)):] {
		c.sendBatch(ctx, to, works[:min(n, len(works))])
	}
}

// sendBatch makes the intents durable, applies them, and settles the results.
func (c *cycle) sendBatch(ctx context.Context, to connectors.Side, works []*work) {
	if to == connectors.ERP && c.interrupted(ctx) {
		return
	}
	works, intents := c.intend(ctx, to, c.unarrived(ctx, to, works))
	if len(works) == 0 || c.err != nil {
		return
	}
	ops := make([]connectors.Op, len(intents))
	for i := range intents {
		ops[i] = intents[i].Op
	}
	results := c.shaped(ctx, to, ops, c.apply(ctx, to, ops))
	c.settleAll(ctx, to, works, intents, results)
}

// unarrived leaves out creations in the CRM whose earlier try has arrived since it was looked for at the cycle's beginning: a second
// one would overwrite what people have typed there meanwhile. They are bound, and have another turn.
func (c *cycle) unarrived(ctx context.Context, to connectors.Side, works []*work) []*work {
	if to != connectors.CRM {
		return works
	}
	return slices.DeleteFunc(works, func(w *work) bool {
		if w.d.Verdict != plan.CreateCRM {
			return false
		}
		var in store.Intent
		open := false
		c.view(func(t *store.Txn) { in, open = t.Intent(w.d.Link.ID) })
		if !open || in.Op.Kind != connectors.Create || in.Side != to {
			return false
		}
		if err := c.findCreated(ctx, in); err != nil {
			c.sideTrouble(to, err)
			return true
		}
		made := false
		c.view(func(t *store.Txn) { l, _ := t.Get(in.Link); made = l.CRM != "" })
		if made {
			c.again = append(c.again, lookAt(&w.d.Link, connectors.ERP))
		}
		return made
	})
}

// apply has a side do the writes. In the backup window the ERP is not touched any more.
func (c *cycle) apply(ctx context.Context, to connectors.Side, ops []connectors.Op) []connectors.Result {
	if to == connectors.CRM || !c.interrupted(ctx) {
		return c.target(to).Apply(ctx, ops)
	}
	results := make([]connectors.Result, len(ops))
	for i := range results {
		results[i] = connectors.Result{Outcome: connectors.NotApplied, Err: errInterrupted}
	}
	return results
}
