package engine

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"syncbox/connectors"
	"syncbox/sync/plan"
	"syncbox/sync/store"
)

// settleAll settles the results of one batch in one transaction; then the records are clean.
func (c *cycle) settleAll(ctx context.Context, to connectors.Side, works []*work, intents []store.Intent, results []connectors.Result) {
	var clean, dirty []store.Dirty
	var gone []*plan.Ref
	moved := c.marking(func() { gone = c.missingRefs(ctx, to, works, results) })
	ok := c.update(func(t *store.Txn) error {
		clean, dirty = nil, nil
		for n, w := range works {
			switch results[n].Outcome {
			case connectors.Applied:
				more, done := c.applied(t, to, w, intents[n], results[n])
				if done {
					clean = append(clean, dirtyOf(w)...)
				}
				dirty = append(dirty, more...)
			case connectors.NotApplied:
				c.forget(t, intents[n])
				c.recall(t, to, w)
				if c.refusal(t, to, w, results[n].Err) {
					clean = append(clean, dirtyOf(w)...)
				}
			default:
				c.inDoubt(t, intents[n], c.lateUntil(to, results[n].Outcome))
				if results[n].Outcome == connectors.ReadBack && c.resolver(to) == nil && c.refusalBy(t, to, w, results[n].Err, gone[n]) {
					clean = append(clean, dirtyOf(w)...)
				}
			}
		}
		return nil
	})
	if !ok {
		return
	}
	c.settled(clean, append(dirty, moved...)) // planned before that was known
	c.count(to, works, results)
	c.tooMany(to)
}

func (c *cycle) count(to connectors.Side, works []*work, results []connectors.Result) {
	i := dirIndex(to)
	for n := range results {
		c.tried[i]++
		if results[n].Outcome != connectors.Applied {
			kind := connectors.KindOf(results[n].Err)
			if kind == connectors.Rejected || results[n].Outcome == connectors.ReadBack {
				c.failed[i]++
				c.of(works[n].rule.Entity).refuses()
			}
			c.sideTrouble(to, results[n].Err)
			continue
		}
		c.done.add(i, works[n].d.Verdict)
		c.of(works[n].rule.Entity).wrote(i, &works[n].d)
	}
}

// sideTrouble stops a direction when the error is one of the whole side, not of the record. One that nobody
// sorted counts as the side's, unless it is only our own interruption.
func (c *cycle) sideTrouble(to connectors.Side, err error) {
	if c.leaveAlone(to, err) {
		return
	}
	switch connectors.KindOf(err) {
	case connectors.Busy, connectors.Rejected:
		return
	case connectors.Unknown:
		if err == nil || errors.Is(err, errInterrupted) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
			return
		}
	}
	c.stop(to, err)
	if to == connectors.CRM {
		c.stop(connectors.ERP, err) // without the CRM there is nothing to compare with
	}
}

// tooMany stops a direction for this cycle when so many of its items fail that something larger is wrong.
func (c *cycle) tooMany(to connectors.Side) {
	i := dirIndex(to)
	if c.failed[i] >= c.set.FailureMin && c.failed[i]*100 > c.tried[i]*c.set.FailurePercent {
		c.stop(to, connectors.Errorf(connectors.Unavailable, "too-many-failures", "%d of %d items failed", c.failed[i], c.tried[i]))
	}
}

// applied keeps what is certain now. It gives further records to look at, and whether this one is done.
func (c *cycle) applied(t *store.Txn, to connectors.Side, w *work, in store.Intent, r connectors.Result) ([]store.Dirty, bool) {
	t.DeleteIntent(in.Link)
	l := w.d.Link
	other, ok := t.Find(to, l.Entity, r.Key)
	switch {
	case !ok || other.ID == in.Link:
	case w.d.Verdict != plan.CreateERP:
		return nil, c.clash(t, to, w, in, &other)
	case !c.vacant(t, &l, r.Key):
		c.putIntent(t, in)
		return []store.Dirty{lookAt(&other, to)}, false
	}
	c.didWrite(t, to, l.Entity, w.d.Verdict)
	switch {
	case to == connectors.ERP:
		return c.appliedERP(t, w, &l, in, r), true
	case w.retires:
		return c.retired(t, w, &l), true
	}
	l.CRM, l.Base, l.State = r.Key, w.d.After, plan.Linked
	code := "record-updated"
	switch {
	case w.d.Verdict == plan.Replace:
		c.close(t, in.Link)
		c.mark(c.referring(t, l.Entity)...)
		code = "position-passed"
	case w.d.Verdict == plan.CreateCRM:
		code = "record-created"
	case w.d.Verdict == plan.Deactivate:
		l.State, l.Base = plan.Inactive, plan.Base{Known: true, Each: w.item.Link.Base.Each}
		code = "record-deactivated"
	}
	c.keep(t, &l)
	if w.d.Verdict == plan.Replace {
		c.passOn(t, &l)
	}
	w.d.Link = l
	t.Journal(c.event(store.Info, code, to, &l, nil))
	c.remark(t, w, &l)
	c.clearWaits(t, w)
	return c.furtherLook(w, &l), true
}

// remark journals what the ERP remarks of a record once the CRM has what it shows: it was written, or is found there where the
// answer to a write was lost. A write that only makes sure of that is not remarked again.
func (c *cycle) remark(t *store.Txn, w *work, l *plan.Link) {
	was, now := &w.item.Link.Base, &l.Base
	if w.erp == nil || w.erp.Remark == nil || !now.Known || now.Owned == 0 || was.Known && was.Owned == now.Owned && maps.Equal(was.Each, now.Each) {
		return
	}
	t.Journal(c.event(store.Warning, w.erp.Remark.Code, connectors.CRM, l, w.erp.Remark.Args))
}

// rebound notes that another record of the CRM is the counterpart of a link now. What refers to it is written
// again.
func (c *cycle) rebound(t *store.Txn, l *plan.Link) {
	code := "record-followed"
	if c.Profile.Entity(l.Entity).Parent != "" {
		code = "primary-contact-passed"
	}
	c.mark(c.referring(t, l.Entity)...)
	t.Journal(c.event(store.Info, code, connectors.CRM, l, map[string]string{"key": string(l.CRM)}))
}

// clash lists a record whose counterpart turned out to belong to another record: somebody gave it our
// identity of this one. What was written there is no edit of anybody's, and is put right again.
func (c *cycle) clash(t *store.Txn, to connectors.Side, w *work, in store.Intent, other *plan.Link) bool {
	c.doubt(other, to, in, c.lateUntil(to, connectors.ReadBack))
	c.keep(t, other)
	c.mark(lookAt(other, to))
	return c.refusalBy(t, to, w, &connectors.Error{Kind: connectors.Rejected, Code: "identity-clash",
		Args: map[string]string{"key": string(keyOn(to, other))}}, nil)
}

// close ends a link whose ERP key belongs to another record now, and all that waits for it.
func (c *cycle) close(t *store.Txn, id plan.LinkID) {
	old, ok := t.Get(id)
	if !ok {
		return
	}
	old.State, old.Passing = plan.Closed, false
	t.PutLink(&old)
	c.freeNumber(t, &old)
	for _, item := range t.WaitingOf(id) {
		t.DeleteWaiting(item)
	}
}

// passOn lets the records that share the ERP key of a parent, where the ERP has no identity of its own for
// them, go with it to the other record.
func (c *cycle) passOn(t *store.Txn, parent *plan.Link) {
	for i := range c.Profile.Entities {
		rule := &c.Profile.Entities[i]
		if rule.Parent == "" || rule.ParentEntity != parent.Entity {
			continue
		}
		if child, ok := t.Find(connectors.ERP, rule.Entity, parent.ERP); ok && child.Incarnation == "" {
			child.Other = true
			c.mark(lookAt(&child, connectors.CRM))
			t.PutLink(&child)
		}
	}
}

// forget ends the intent of a write that is certain not to have happened. What an earlier try left half-written
// may still be saved by a person.
func (c *cycle) forget(t *store.Txn, in store.Intent) {
	if begun, _ := t.Intent(in.Link); !begun.Refused {
		t.DeleteIntent(in.Link)
	}
	l, ok := t.Get(in.Link)
	switch _, owned := in.Sent[plan.OwnedFields]; {
	case !ok:
	case l.State == plan.Creating:
		l.State = plan.Fresh
		t.PutLink(&l)
	case owned && in.Side == connectors.CRM && l.Base.Owned != 0: // that they changed was in the intent alone; see keepBefore
		l.Base.Owned = 0
		t.PutLink(&l)
	}
}

// recall keeps an earlier try of a creation that has no outcome yet. To the CRM it may still arrive, and is looked for until it
// can't. In the ERP it was looked for in vain, but may be why this one was refused, and the ERP not show it yet: what it carried
// stays known.
func (c *cycle) recall(t *store.Txn, to connectors.Side, w *work) {
	switch {
	case w.earlier == nil || c.resolver(to) != nil:
	case to == connectors.CRM && c.asOf.Before(w.earlier.Until):
		t.PutIntent(*w.earlier)
	case to == connectors.ERP:
		w.earlier.Refused = true
		t.PutIntent(*w.earlier)
	}
}

// furtherLook asks for another look at a record that owes something to the ERP as well, or whose earlier
// write may still arrive.
func (c *cycle) furtherLook(w *work, l *plan.Link) []store.Dirty {
	d := lookAt(l, connectors.ERP)
	if len(w.d.ERP) > 0 {
		c.again = append(c.again, d)
	}
	if len(w.d.ERP) > 0 || len(l.Doubts) > 0 {
		return []store.Dirty{d}
	}
	return nil
}

// appliedERP keeps a write to the ERP. It counts as agreed only when the ordinary reader has shown it, so
// the value stays in doubt, and the record is looked at again.
func (c *cycle) appliedERP(t *store.Txn, w *work, l *plan.Link, in store.Intent, r connectors.Result) []store.Dirty {
	code := "record-updated"
	if w.d.Verdict == plan.CreateERP {
		code = "record-created"
		l.ERP, l.State = r.Key, plan.Linked
		l.Base = bornOf(in, l)
		c.bear(w.rule, r.Key)
		c.bornWith(t, in, r.Key)
	} else {
		c.doubt(l, connectors.ERP, in, time.Time{})
	}
	c.keep(t, l)
	w.d.Link = *l
	t.Journal(c.event(store.Info, code, connectors.ERP, l, nil))
	return []store.Dirty{lookAt(l, connectors.ERP)}
}

// doubt adds what was sent to the values in doubt.
func (c *cycle) doubt(l *plan.Link, to connectors.Side, in store.Intent, until time.Time) {
	for _, code := range sortedCodes(in.Sent) {
		l.Doubts = append(l.Doubts, plan.Doubt{Field: code, Side: to, Digest: in.Sent[code], Seq: in.Seq, Until: until})
	}
}

// inDoubt keeps a write whose outcome is open. Where the target can tell later what became of it, the
// intent stays for that. Elsewhere its values stay in doubt until no late request can bring them, and a
// create is looked for before it is tried again.
func (c *cycle) inDoubt(t *store.Txn, in store.Intent, until time.Time) {
	l, ok := t.Get(in.Link)
	if !ok {
		t.DeleteIntent(in.Link)
		return
	}
	switch {
	case in.Op.Kind == connectors.Delete: // planned anew, whatever became of it
		l.Doubts = slices.DeleteFunc(slices.Clone(l.Doubts), func(d plan.Doubt) bool {
			earlier := d.Field == plan.WholeRecord && d.Side == in.Side
			if earlier && d.Until.After(until) {
				until = d.Until // which may arrive later
			}
			return earlier
		})
		c.doubt(&l, in.Side, in, until)
		t.PutLink(&l)
		t.DeleteIntent(in.Link)
	case c.resolver(in.Side) != nil:
		in.Until = until
		c.putIntent(t, in)
	default:
		c.doubt(&l, in.Side, in, until)
		t.PutLink(&l)
		if making(&l, in) || in.Op.Displace != nil {
			in.Until = until
			c.putIntent(t, in)
		} else {
			t.DeleteIntent(in.Link)
		}
	}
	c.mark(lookAt(&l, in.Side))
}

// lateUntil says until when a write of just now without a certain outcome may still arrive.
func (c *cycle) lateUntil(to connectors.Side, outcome connectors.Outcome) time.Time {
	if outcome == connectors.ReadBack {
		return c.age().Add(c.target(to).Traits().IndexLag) // the server is through with it; a search may not show it yet
	}
	return c.age().Add(lateness(c.target(to)))
}

// openUntil says until when a write that an earlier cycle left open may still arrive: it was sent before this one began.
func (c *cycle) openUntil(to connectors.Side) time.Time {
	return c.asOf.Add(lateness(c.target(to)))
}

// lateness is how long after it was sent a write can begin to show.
func lateness(target connectors.Target) time.Duration {
	traits := target.Traits()
	return traits.ServerLate + traits.IndexLag
}

// dirtyOfLink has a link looked at from both sides.
func dirtyOfLink(l *plan.Link) []store.Dirty {
	return []store.Dirty{{Entity: l.Entity, Side: connectors.ERP, Key: l.ERP}, {Entity: l.Entity, Side: connectors.CRM, Key: l.CRM}}
}

func lookAt(l *plan.Link, to connectors.Side) store.Dirty {
	if l.ERP != "" {
		return store.Dirty{Entity: l.Entity, Side: connectors.ERP, Key: l.ERP}
	}
	return store.Dirty{Entity: l.Entity, Side: connectors.CRM, Key: l.CRM}
}
