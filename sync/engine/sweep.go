package engine

import (
	"context"
	"slices"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
	"syncbox/sync/store"
)

// sweeps lists the live keys of the CRM when that is due.
func (c *cycle) sweeps(ctx context.Context) error {
	if c.unconfirmed {
		return c.err
	}
	if c.noLinks && !c.over(ctx) {
		c.asSwept()
	}
	for i := range c.Profile.Entities {
		e := c.Profile.Entities[i].Entity
		if c.over(ctx) || !c.sweepDue(e) {
			continue
		}
		if err := c.sweep(ctx, e); err != nil {
			c.trouble(ctx, connectors.CRM, err)
		}
	}
	return c.err
}

func (c *cycle) sweepDue(e record.Entity) bool {
	often := c.set.SweepRarely
	if e == record.User || e == record.Category {
		often = c.set.SweepOften
	}
	var last time.Time
	c.view(func(t *store.Txn) { last, _ = time.Parse(time.RFC3339, t.Setting(sweptName(e))) })
	return c.Clock.Now().Sub(last) >= often || c.Clock.Now().Before(last)
}

// sweep reads the complete list of live keys of an entity, once per cycle, and takes note of records that
// were deleted in the CRM, or that are back. A list that does not show who took over from one of them is older than that:
// another one may have been merged into the same since. Then it is read once more.
func (c *cycle) sweep(ctx context.Context, e record.Entity) error {
	sweeper, ok := c.CRM.(connectors.Sweeper)
	if c.swept[e] || !ok {
		return nil
	}
	for again := false; ; again = true {
		seen := map[record.Key]bool{}
		if err := sweeper.Sweep(ctx, e, func(k record.Key) { seen[k] = true }); err != nil {
			return err
		}
		c.swept[e] = true
		gone, unmade, sure, err := c.unlisted(ctx, e, seen)
		if err != nil || !sure {
			return err
		}
		heirs, err := c.heirs(ctx, gone)
		if err != nil {
			return err
		}
		if again || allSeen(heirs, seen) {
			c.bury(e, gone, heirs)
			c.drop(unmade)
			return c.err
		}
	}
}

func allSeen(heirs map[plan.LinkID]heir, seen map[record.Key]bool) bool {
	for _, h := range heirs {
		if !seen[h.key] {
			return false
		}
	}
	return true
}

// unlisted gives the links whose record of the CRM a complete list does not show: gone, or unmade where it was still to be
// born in the ERP; not sure where a person has to say that so many are missing. What is back goes on.
func (c *cycle) unlisted(ctx context.Context, e record.Entity, seen map[record.Key]bool) (gone, unmade []plan.Link, sure bool, err error) {
	var back []plan.Link
	var unborn, again []store.Dirty
	lag := c.target(connectors.CRM).Traits().IndexLag
	young := c.asOf.Add(-lag).Unix()
	c.view(func(t *store.Txn) {
		t.Links(func(l plan.Link) bool {
			switch {
			case l.Entity != e || l.CRM == "" || c.madeUp(l.CRM):
			case (l.State == plan.CRMGone || l.State == plan.Archived) && seen[l.CRM]:
				back = append(back, l)
			case l.State == plan.Ended && seen[l.CRM]:
				again = append(again, store.Dirty{Entity: e, Side: connectors.CRM, Key: l.CRM})
			case !seen[l.CRM] && c.toBeBorn(t, &l):
				unmade = append(unmade, l)
			case l.ERP == "" && l.State == plan.Creating && !seen[l.CRM]:
				unborn = append(unborn, lookAt(&l, connectors.ERP))
			case c.questioned(t, &l): // whose place it is comes first
			case (l.State == plan.Linked || l.State == plan.Inactive) && !seen[l.CRM] && (lag == 0 || l.Since <= young):
				gone = append(gone, l)
			}
			return true
		})
	})
	c.mark(append(unborn, again...)...)
	for i := range back {
		c.revive(&back[i])
	}
	missing, sure, err := c.absentees(ctx, e, len(seen), append(slices.Clone(gone), unmade...))
	there := func(l plan.Link) bool { return !missing[l.ID] }
	return slices.DeleteFunc(gone, there), slices.DeleteFunc(unmade, there), sure, err
}

// drop forgets records that were deleted in the CRM before they came to be in the ERP.
func (c *cycle) drop(unmade []plan.Link) {
	if len(unmade) == 0 {
		return
	}
	c.update(func(t *store.Txn) error {
		for i := range unmade {
			t.Journal(c.event(store.Info, "birth-dropped", connectors.ERP, &unmade[i], nil))
			c.freeNumber(t, &unmade[i])
			t.DeleteLink(unmade[i])
		}
		return nil
	})
}

// questioned says whether a person is asked which record a link is about.
func (c *cycle) questioned(t *store.Txn, l *plan.Link) bool {
	_, open := t.Waiting(l.ID, store.Identity, "")
	return open
}

// toBeBorn says whether a record of the CRM is to be created in the ERP, and nothing of it is on its way: of an earlier try
// only what it carried is known, and that can't arrive any more.
func (c *cycle) toBeBorn(t *store.Txn, l *plan.Link) bool {
	in, open := t.Intent(l.ID)
	return l.ERP == "" && (l.State == plan.Fresh || l.State == plan.Creating) && (!open || in.Refused && !c.asOf.Before(in.Until))
}

// unmade sweeps an entity when a record that is to be born in the ERP is not found in the CRM any more.
func (c *cycle) unmade(ctx context.Context, e record.Entity, keys []record.Key, found map[record.Key]*record.Record) error {
	missed := false
	c.view(func(t *store.Txn) {
		for _, k := range keys {
			l, ok := t.Find(connectors.CRM, e, k)
			missed = missed || ok && found[k] == nil && c.toBeBorn(t, &l)
		}
	})
	if !missed {
		return nil
	}
	return c.sweep(ctx, e)
}

// bury takes note of records deleted in the CRM: another one took over, or a person is asked, and what refers
// to them waits.
func (c *cycle) bury(e record.Entity, gone []plan.Link, heirs map[plan.LinkID]heir) {
	c.update(func(t *store.Txn) error {
		for _, l := range gone {
			h, merged := heirs[l.ID]
			other, taken := t.Find(connectors.CRM, e, h.key)
			h.linked = h.linked || h.claimed || taken && other.ID != l.ID || contested(t, &l, h.key)
			switch {
			case h.inUse:
				c.mark(lookAt(&l, connectors.CRM))
			case merged && !h.linked && h.named:
				c.mark(store.Dirty{Entity: e, Side: connectors.CRM, Key: h.key})
			case merged && !h.linked:
				c.follow(t, &l, h.key)
			case !merged && c.Mapper.Rules(e).DeletesERP: // see deletions
				for _, item := range t.WaitingOf(l.ID) {
					t.DeleteWaiting(item)
				}
				l.State = plan.CRMGone
				t.PutLink(&l)
			case !merged && c.Profile.RecreateAuto:
				c.recreate(&l)
				c.anew[l.ID] = true
				c.mark(append(c.referring(t, e), lookAt(&l, connectors.CRM))...)
				t.PutLink(&l)
			case merged:
				c.lost(t, &l, "crm-record-merged", map[string]string{"key": string(h.key)})
			default:
				c.lost(t, &l, "crm-record-deleted", nil)
			}
		}
		setSwept(t, e, c.Clock.Now())
		return nil
	})
}

// asSwept takes what was not listed in this cycle as listed at its beginning: where no link was there then, what is bound was there a
// moment ago.
func (c *cycle) asSwept() {
	c.update(func(t *store.Txn) error {
		for i := range c.Profile.Entities {
			if e := c.Profile.Entities[i].Entity; !c.swept[e] {
				c.swept[e] = true
				setSwept(t, e, c.start)
			}
		}
		return nil
	})
}

// sweptName is the setting that keeps when the CRM's records of an entity were last listed.
func sweptName(e record.Entity) string { return "swept-" + string(e) }

func setSwept(t *store.Txn, e record.Entity, at time.Time) {
	t.Set(sweptName(e), at.UTC().Format(time.RFC3339))
}

// contested says whether a person is asked already about another record that was merged into the same one.
func contested(t *store.Txn, l *plan.Link, heir record.Key) bool {
	found := false
	t.AllWaiting(func(w store.Waiting) bool {
		found = heir != "" && w.Kind == store.Deleted && w.Entity == l.Entity && w.Link != l.ID && w.Args["key"] == string(heir)
		return !found
	})
	return found
}

// lost asks a person what is to become of a record without a counterpart.
func (c *cycle) lost(t *store.Txn, l *plan.Link, code string, args map[string]string) {
	l.State = plan.CRMGone
	t.PutLink(l)
	item := c.waiting(l, store.Deleted, code, args)
	c.onlyOne(t, item)
	c.list(t, item, connectors.CRM, l)
}

// recreate lets a link begin anew with what the ERP has. By what people recognise the record stays known: its place
// may go to another one before that.
func (e *Engine) recreate(l *plan.Link) {
	l.State, l.CRM, l.Base, l.Doubts, l.Since = plan.Fresh, "", e.Mapper.Rules(l.Entity).Recognised(l.Base), nil, 0
}

// revive takes note that a deleted record is there again; what waited for it goes on.
func (c *cycle) revive(l *plan.Link) {
	c.update(func(t *store.Txn) error {
		l.State = plan.Linked
		t.DeleteWaiting(store.Waiting{Link: l.ID, Kind: store.Deleted})
		t.Set(sureName(l.ID), "")
		t.Journal(c.event(store.Info, "record-back", connectors.CRM, l, nil))
		c.mark(lookAt(l, connectors.CRM))
		c.keep(t, l)
		return nil
	})
}

// referring gives every record that may refer to one of an entity, to be looked at once more.
func (e *Engine) referring(t *store.Txn, to record.Entity) []store.Dirty {
	from := map[record.Entity]bool{}
	for _, rule := range e.Profile.Entities {
		from[rule.Entity] = slices.ContainsFunc(rule.Fields, func(f connectors.FieldRule) bool {
			return f.Ref == to || slices.ContainsFunc(f.Lens.Rows, func(col connectors.FieldRule) bool { return col.Ref == to })
		})
	}
	var all []store.Dirty
	t.Links(func(l plan.Link) bool {
		if from[l.Entity] && l.ERP != "" && l.State != plan.Closed { // of one that was refused, that may have been why
			all = append(all, lookAt(&l, connectors.CRM))
		}
		return true
	})
	return all
}
