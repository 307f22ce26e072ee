package engine

import (
	"context"
	"slices"
	"strconv"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
	"syncbox/sync/store"
)

// Deletions travel where the profile says so. The ordinary turn of a record finds out that it is gone from the ERP, a list of
// live keys that it is gone from the CRM; neither deletes anything. At the end of a cycle, when all of them are known, both
// sides are read once more, so many at once wait for a person, and what is left is deleted.

// deletions works off what is gone from one side: what refers to others before those.
func (c *cycle) deletions(ctx context.Context) error {
	if c.unconfirmed || !c.anyDeletions() {
		return c.err
	}
	listed, all := c.listsDeletions(), c.parted()
	for _, rule := range slices.Backward(c.Profile.Entities) {
		for _, to := range []connectors.Side{connectors.CRM, connectors.ERP} {
			if rule.Deletions == nil || c.skip[rule.Entity] != nil || c.over(ctx) || c.shut(to, &rule) {
				continue
			}
			c.part(ctx, c.Profile.Entity(rule.Entity), to, all[to][rule.Entity], listed)
			c.drain(ctx)
		}
	}
	c.deletionsTravel(ctx, listed)
	return c.err
}

func (e *Engine) anyDeletions() bool {
	return slices.ContainsFunc(e.Profile.Entities, func(r connectors.EntityRule) bool { return r.Deletions != nil })
}

// part settles the records of an entity that are to be deleted on a side.
func (c *cycle) part(ctx context.Context, rule *connectors.EntityRule, to connectors.Side, links []plan.Link, listed bool) {
	if len(links) == 0 {
		c.lift(deleteBrake(rule.Entity, to))
		return
	}
	if c.stillTooMany(rule.Entity, to, len(links)) {
		return // nobody has said anything, and they are not read for that
	}
	var works, going []*work
	for n := c.batch(); len(links) > 0 && !c.over(ctx); links = links[min(n, len(links)):] {
		some, err := c.readParted(ctx, rule, links[:min(n, len(links))])
		if err != nil {
			return
		}
		works = append(works, some...)
	}
	if c.over(ctx) {
		return
	}
	c.decideParted(works, listed)
	for _, w := range c.leaveParted(works) {
		if w.d.Verdict == plan.DeleteCRM || w.d.Verdict == plan.DeleteERP {
			going = append(going, w)
		} else {
			c.settleParted(w)
		}
	}
	if c.tooManyDeleted(rule, to, going) {
		c.showBraked(going)
		return
	}
	if c.dry != nil {
		c.tallyDeleted(going)
		return
	}
	c.sendDeletes(ctx, rule, to, c.agreed(to, going))
}

// parted gives the links of which the record on a side is to be deleted, by side and entity, but for those that wait: for a
// person, for another try, or for a write without an outcome.
func (c *cycle) parted() (all [2]map[record.Entity][]plan.Link) {
	all = [2]map[record.Entity][]plan.Link{{}, {}}
	c.view(func(t *store.Txn) {
		t.Links(func(l plan.Link) bool {
			rules := c.Mapper.Rules(l.Entity)
			if l.State != plan.Inactive && l.State != plan.CRMGone || rules == nil || !rules.Parted(&l) || l.Passing || l.ERP == "" || l.CRM == "" {
				return true
			}
			if !c.madeUp(l.CRM) && !c.partedLater(t, &l) {
				on := all[remains(&l)]
				on[l.Entity] = append(on[l.Entity], l)
			}
			return true
		})
	})
	return all
}

// partedLater says whether a record that is gone from a side waits. What a person was asked is looked at again when a look
// told of the record.
func (c *cycle) partedLater(t *store.Txn, l *plan.Link) bool {
	if in, open := t.Intent(l.ID); open && !in.Refused {
		return true
	}
	for _, d := range l.Doubts { // it would be made again by a creation that is still under way
		if d.Field != plan.WholeRecord && d.Side == remains(l) && c.asOf.Before(d.Until) {
			return true
		}
	}
	for _, item := range t.WaitingOf(l.ID) {
		asked := item.Kind == store.Deleted && !c.stirred[l.ID] || item.Kind == store.Identity
		later := item.Kind == store.Quarantine && item.Tries >= c.set.Tries && c.Clock.Now().Before(item.Next) && item.Next.Sub(c.Clock.Now()) <= c.set.RetryMost
		other := item.Kind == store.Deleted && item.Code != plan.DeletedAndEdited && item.Code != plan.DeletionListed
		if asked || later || other {
			return true
		}
	}
	return false
}

// readParted reads both sides of links, but for those that can't be read just now.
func (c *cycle) readParted(ctx context.Context, rule *connectors.EntityRule, links []plan.Link) (works []*work, err error) {
	var found [2]map[record.Key]*record.Record
	var later [2]map[record.Key]bool
	for _, side := range []connectors.Side{connectors.ERP, connectors.CRM} {
		keys := make([]record.Key, len(links))
		for i := range links {
			keys[i] = keyOn(side, &links[i])
		}
		if found[side], later[side], err = c.read(ctx, side, rule.Entity, keys); err != nil {
			c.trouble(ctx, side, err)
			return nil, err
		}
	}
	for _, l := range links {
		if later[connectors.ERP][l.ERP] || later[connectors.CRM][l.CRM] {
			continue
		}
		if l.State == plan.Inactive && found[connectors.CRM][l.CRM] == nil {
			moved, err := c.moved(ctx, &l)
			if err != nil {
				c.trouble(ctx, connectors.CRM, err)
				return nil, err
			}
			if moved {
				continue
			}
		}
		works = append(works, &work{rule: rule, link: l, erp: found[connectors.ERP][l.ERP], crm: found[connectors.CRM][l.CRM],
			dirty: store.Dirty{Entity: l.Entity, Side: connectors.ERP, Key: l.ERP}})
	}
	return works, nil
}

// moved follows a record of the CRM that is not there any more under its key, if another one took over: one that was moved is
// the same, and deleted by nobody.
func (c *cycle) moved(ctx context.Context, l *plan.Link) (bool, error) {
	h, err := c.heir(ctx, l)
	if err != nil || h.key == "" || h.linked || h.inUse {
		return h.inUse, err
	}
	c.update(func(t *store.Txn) error {
		if _, taken := t.Find(connectors.CRM, l.Entity, h.key); taken {
			h.linked = true
			return nil
		}
		t.DeleteIntent(l.ID)
		c.follow(t, l, h.key)
		return nil
	})
	return !h.linked, nil
}

// decideParted maps what is left and plans.
func (c *cycle) decideParted(works []*work, listed bool) {
	c.view(func(t *store.Txn) {
		for _, w := range works {
			w.item = plan.Item{Link: w.link}
			loss := plan.Loss{Keep: c.keeps(w), Listed: listed, Sure: sureOf(t, w.link.ID)}
			if w.erp != nil {
				w.item.ERP = c.Mapper.View(connectors.ERP, w.erp, t)
				loss.Else[connectors.ERP] = c.Mapper.View(connectors.ERP, w.erp, stillThere{t})
			}
			if w.crm != nil {
				w.item.CRM = c.Mapper.View(connectors.CRM, w.crm, t)
			}
			w.d = plan.Part(c.Mapper.Rules(w.rule.Entity), w.item, loss)
			if w.sure = loss.Sure != 0; w.d.Link.Gone != w.link.Gone {
				c.onceGone(w)
			}
		}
	})
}

// stillThere shows records that are gone from a side as if they were there: what refers to them has not changed by that.
type stillThere struct{ *store.Txn }

// Find gives a link as it was before its record was gone.
func (s stillThere) Find(side connectors.Side, e record.Entity, key record.Key) (plan.Link, bool) {
	l, ok := s.Txn.Find(side, e, key)
	switch l.State {
	case plan.CRMGone, plan.Archived, plan.Ended, plan.Inactive:
		l.State = plan.Linked
	}
	return l, ok
}

// keeps says whether a record of the ERP stays although its counterpart was deleted: it is older than what is deleted, by
// the time of day, which must be right for that.
func (c *cycle) keeps(w *work) plan.Keep {
	d := w.rule.Deletions
	if len(d.KeepFields) == 0 || w.erp == nil || w.erp.Gone {
		return plan.KeepNot
	}
	if c.clockWrong() {
		return plan.KeepUnknown
	}
	at := w.erp.Changed
	for _, name := range slices.Backward(d.KeepFields) {
		if told := dayOf(w.erp.Fields[name]); !told.IsZero() {
			at = told
		}
	}
	if c.Clock.Now().Sub(at) > d.KeepAfter || at.IsZero() {
		return plan.KeepOld
	}
	return plan.KeepNot
}

// dayOf gives the instant of a time, or at which a day begins; zero for anything else.
func dayOf(v record.Value) time.Time {
	if v.Kind != record.Date {
		return v.Time()
	}
	day, err := time.Parse(time.DateOnly, v.Text)
	if err != nil {
		return time.Time{}
	}
	return day
}

// leaveParted takes records that a person left out from those that something is done of.
func (c *cycle) leaveParted(works []*work) []*work {
	c.view(func(t *store.Txn) {
		works = slices.DeleteFunc(works, func(w *work) bool {
			x, is := exemption(t, w)
			if w.exempt = x.Mark; is && c.dry != nil {
				c.show(t, w, nil, nil)
			}
			return is
		})
	})
	return works
}

// settleParted keeps what needs no write: what is back, put away, gone from both sides, or asked of a person.
func (c *cycle) settleParted(w *work) {
	l := w.link
	switch {
	case w.d.Verdict == plan.Again && l.State == plan.CRMGone && w.crm != nil:
		c.revive(&l)
	case w.d.Verdict == plan.Again && (w.crm != nil || w.erp != nil):
		c.mark(dirtyOfLink(&l)...)
	case w.d.Verdict == plan.Again: // missed twice within an interval
		c.mark(lookAt(&l, connectors.ERP))
	case w.d.Verdict == plan.Nothing: // held, missed once, or nobody knows what day it is
		if l.Gone = w.d.Link.Gone; l.Gone != w.link.Gone {
			c.mark(lookAt(&l, connectors.ERP)) // it has another look
			c.update(func(t *store.Txn) error { c.keep(t, &l); return nil })
		}
	default:
		c.update(func(t *store.Txn) error {
			if c.dry != nil {
				c.show(t, w, nil, nil)
			}
			switch w.d.Verdict {
			case plan.Archive:
				c.archived(t, &l)
			case plan.End:
				c.ended(t, &l, connectors.CRM, "record-ended")
			case plan.Wait:
				c.askParted(t, w)
			}
			return nil
		})
	}
}

// archived lets a record of the ERP stay that was put away in the CRM.
func (c *cycle) archived(t *store.Txn, l *plan.Link) {
	c.forgetParted(t, l)
	l.State, l.Doubts = plan.Archived, nil
	t.PutLink(l)
	t.Journal(c.event(store.Info, "record-archived", connectors.ERP, l, nil))
	c.wakeFor(t, l)
}

// ended ends a link whose record is gone from both sides.
func (c *cycle) ended(t *store.Txn, l *plan.Link, to connectors.Side, code string) {
	c.forgetParted(t, l)
	c.freeNumber(t, l)
	t.DeleteIntent(l.ID)
	l.State, l.Base, l.Doubts, l.Gone, l.Since = plan.Ended, plan.Base{}, nil, 0, c.age().Unix()
	t.PutLink(l)
	t.Journal(c.event(store.Info, code, to, l, nil))
	c.wakeFor(t, l)
}

func (c *cycle) forgetParted(t *store.Txn, l *plan.Link) {
	for _, item := range t.WaitingOf(l.ID) {
		t.DeleteWaiting(item)
	}
	t.Set(sureName(l.ID), "")
	delete(c.busy, l.ID)
}

// askParted asks a person about a record that is gone from one side, and notes what the other one shows.
func (c *cycle) askParted(t *store.Txn, w *work) {
	l := w.link
	left := w.item.CRM
	if l.State == plan.CRMGone {
		left = w.item.ERP
	}
	item := c.waiting(&l, store.Deleted, w.d.Why.Code, nil)
	item.Wanted = c.Mapper.Rules(l.Entity).Print(remains(&l), left)
	c.onlyOne(t, item)
	t.Set(sureName(l.ID), "")
	c.list(t, item, remains(&l), &l)
}

// remains gives the side that still has the record of a link.
func remains(l *plan.Link) connectors.Side {
	if l.State == plan.CRMGone {
		return connectors.ERP
	}
	return connectors.CRM
}

// sureName names the setting that keeps what a record showed of which a person has said that it is to be deleted.
func sureName(id plan.LinkID) string { return "sure-" + strconv.FormatUint(uint64(id), 10) }

func sureOf(t *store.Txn, id plan.LinkID) uint64 {
	n, _ := strconv.ParseUint(t.Setting(sureName(id)), 16, 64)
	return n
}

// partedAsked carries out a person's word on a record that is gone from one side.
func (e *Engine) partedAsked(t *store.Txn, v Verb, w store.Waiting, l *plan.Link) error {
	switch {
	case v == DeleteToo:
		t.Set(sureName(l.ID), strconv.FormatUint(w.Wanted, 16))
	case l.State == plan.Inactive && !e.bornInERP(l.Entity):
		return errNotBorn
	case l.State == plan.Inactive: // in the ERP
		l.State, l.ERP, l.Incarnation, l.Born = plan.Fresh, "", "", connectors.CRM
		l.Base, l.Doubts, l.Since, l.Gone = plan.Base{}, nil, 0, 0
	default:
		e.recreate(l)
	}
	return nil
}

// bornInERP says whether a record of the CRM may be created in the ERP.
func (e *Engine) bornInERP(of record.Entity) bool {
	return e.set.TwoWay && e.Profile.Entity(of).BornInCRM
}
