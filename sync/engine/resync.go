package engine

import (
	"context"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
	"syncbox/sync/store"
)

// The health codes of a resync.
const (
	resyncRunning = "resync-running"
	resyncReady   = "resync-ready"
)

// Resync is what people are shown of a resync under way.
type Resync struct {
	Level int
	Phase store.RepairPhase
	Code  string // health code
	Asked time.Time
	// Preview are the counts of the dry run, Done those of what was done so far, by entity.
	Preview map[record.Entity]store.RepairCounts `json:",omitempty"`
	Done    map[record.Entity]store.RepairCounts `json:",omitempty"`
}

// underway gives the resync under way; its level is 0 if there is none. What was done so far is as it was at the
// latest knowResync.
func (e *Engine) underway() store.Repair { return e.repair }

// knowResync takes up what the state knows of a resync: at the beginning of a cycle, and after each change.
func (e *Engine) knowResync() {
	var r store.Repair
	if e.State.View(func(t *store.Txn) { r, _ = t.Repair() }) == nil {
		e.repair = r
	}
	var shown *Resync
	if r.Level > 0 {
		shown = &Resync{Level: r.Level, Phase: r.Phase, Code: resyncRunning, Asked: r.Asked, Preview: r.Preview, Done: r.Done}
		if r.Phase == store.RepairReady {
			shown.Code = resyncReady
		}
	}
	e.report(func(s *Status) { s.Resync = shown })
}

// exclusive says whether a resync is making the map anew, so that nothing else goes on.
func exclusive(r store.Repair) bool {
	switch r.Phase {
	case store.RepairSettle, store.RepairForget, store.RepairMatch, store.RepairMark:
		return r.Level == 2
	}
	return false
}

// takeUp begins the resync of a job whose truth was lost. Writes that an older copy believes to be open are of
// no use: what became of them shows in the complete look, once none can arrive late any more. Numbers of
// sendings that may have been given already are left out.
func (c *cycle) takeUp(context.Context) error {
	if r := c.underway(); !r.Lost || !r.Until.IsZero() {
		return nil
	}
	c.update(func(t *store.Txn) error {
		r, _ := t.Repair()
		for _, in := range t.Intents() {
			t.DeleteIntent(in.Link)
		}
		t.Raise("send", uint64(c.age().UnixMilli()))
		longest := time.Duration(0)
		for _, side := range []connectors.Side{connectors.ERP, connectors.CRM} {
			if target := c.target(side); target != nil {
				longest = max(longest, lateness(target))
			}
		}
		r.Until = c.age().Add(longest)
		t.PutRepair(r)
		return nil
	})
	c.knowResync()
	return c.err
}

// resync takes a resync as far as it comes in this cycle. While it makes the map anew, nothing else goes on.
func (c *cycle) resync(ctx context.Context) error {
	for c.err == nil && !c.over(ctx) {
		r := c.underway()
		switch r.Phase {
		case store.RepairSettle:
			c.settleAllOpen(r)
		case store.RepairForget:
			c.forgetNotes(ctx, r)
		case store.RepairMatch:
			c.match(ctx, r)
		case store.RepairMark:
			c.markAll(ctx, r)
		default:
			c.comparing = r.Phase == store.RepairCompare
			return c.err
		}
		c.drain(ctx)
	}
	return c.err
}

// moveOn changes the resync under way. What people say about it comes between its steps, never within one.
func (c *cycle) moveOn(change func(*store.Txn, *store.Repair)) {
	c.update(func(t *store.Txn) error {
		r, _ := t.Repair()
		change(t, &r)
		t.PutRepair(r)
		return nil
	})
	c.knowResync()
}

// settleAllOpen waits until no write is on its way any more: then what both sides show is the truth.
func (c *cycle) settleAllOpen(r store.Repair) {
	last, open := r.Until, false
	later := func(until time.Time) {
		if until.After(last) {
			last = until
		}
	}
	c.view(func(t *store.Txn) {
		for _, in := range t.Intents() { // those beyond that a person was asked about; the look may find them
			open = open || in.Until.IsZero()
			later(in.Until)
		}
		t.Links(func(l plan.Link) bool {
			for _, d := range l.Doubts {
				later(d.Until)
			}
			return true
		})
	})
	if open || c.age().Before(last) {
		c.suspended, c.Engine.settled = true, last
		return
	}
	c.moveOn(func(_ *store.Txn, r *store.Repair) { r.Phase = store.RepairForget })
}

// forgetNotes drops the notes of both sides and has them look at everything. Before level 2 the dirty marks go
// as well, so that from then on they are exactly what the look tells.
func (c *cycle) forgetNotes(ctx context.Context, r store.Repair) {
	c.report(func(s *Status) { s.at("resync-"+string(r.Phase), 0, 0) })
	if !c.inParts(ctx, func() (bool, error) { return c.Cache.Forget(r.Level == 2, 2000) }) {
		return
	}
	if r.Level == 2 && !c.clearAside(ctx, "") {
		return
	}
	c.moveOn(func(_ *store.Txn, r *store.Repair) {
		r.Cursor, r.Done = "", nil
		if r.Phase = store.RepairMark; r.Level == 2 {
			r.Phase = store.RepairMatch
		}
	})
	if c.err == nil && !c.over(ctx) {
		_ = c.observe(ctx) // in c.err and c.down
	}
}

// inParts repeats a part of something as long as there is more, and says whether it came to its end.
func (c *cycle) inParts(ctx context.Context, part func() (more bool, err error)) bool {
	for more := true; more; {
		if c.over(ctx) {
			return false
		}
		var err error
		if more, err = part(); err != nil && c.err == nil {
			c.err = err
		}
		if c.err != nil {
			return false
		}
	}
	return true
}

func (c *cycle) clearAside(ctx context.Context, e record.Entity) bool {
	return c.inParts(ctx, func() (bool, error) {
		empty, err := c.State.ClearAside(e, 1000)
		return !empty, err
	})
}

// markAll marks every link for another look and clears what only waits for another try. Marks live in the
// rebuildable file: they are set before the state forgets why.
func (c *cycle) markAll(ctx context.Context, r store.Repair) {
	c.report(func(s *Status) { s.at("resync-"+string(r.Phase), 0, 0) })
	since, err := time.Parse(time.RFC3339, r.Cursor) // of a resync since a day; any other one has no cursor here
	switch {
	case err == nil:
		if !c.markSince(ctx, since) {
			return
		}
	case !c.markLinks(ctx) || !c.inParts(ctx, c.clearTries) || r.Level == 2 && !c.clearAside(ctx, ""):
		return
	}
	c.moveOn(func(t *store.Txn, r *store.Repair) {
		for i := range c.Profile.Entities {
			t.Set(sweptName(c.Profile.Entities[i].Entity), "")
		}
		r.Phase, r.Cursor, r.Cycles, r.Until = store.RepairCompare, "", 0, c.age().Add(2*c.set.Schedule.Interval)
	})
}

// markSince marks what the CRM shows as changed since a moment; false if it did not come to its end. What is deleted is not among
// it, and is listed like any deletion that a resync finds.
func (c *cycle) markSince(ctx context.Context, since time.Time) bool {
	lists, can := c.CRM.(connectors.Dated)
	for i := range c.Profile.Entities {
		e := c.Profile.Entities[i].Entity
		if c.over(ctx) || !can {
			return !can // by an engine before, with another product
		}
		var some []store.Dirty
		err := lists.ChangedSince(ctx, e, since, func(key record.Key) { some = append(some, store.Dirty{Entity: e, Side: connectors.CRM, Key: key}) })
		if err != nil {
			c.trouble(ctx, connectors.CRM, err)
			return false
		}
		c.mark(some...)
	}
	return c.err == nil
}

// markLinks marks every link for another look; false if it did not come to its end.
func (c *cycle) markLinks(ctx context.Context) bool {
	next := plan.LinkID(0)
	return c.inParts(ctx, func() (bool, error) {
		var some []store.Dirty
		c.view(func(t *store.Txn) {
			t.LinksFrom(next, func(l plan.Link) bool {
				if next = l.ID + 1; l.State != plan.Closed {
					some = append(some, lookAt(&l, connectors.ERP))
				}
				return len(some) < 5000
			})
		})
		c.mark(some...)
		return len(some) > 0, c.err
	})
}

// clearTries takes some of those off the list that wait for a later try, or for another record.
func (c *cycle) clearTries() (more bool, err error) {
	c.update(func(t *store.Txn) error {
		var some []store.Waiting
		t.AllWaiting(func(w store.Waiting) bool {
			if w.Kind == store.Quarantine || w.Kind == store.Reference {
				some = append(some, w)
			}
			return len(some) < 1000
		})
		for _, w := range some {
			t.DeleteWaiting(w)
		}
		more = len(some) > 0
		return nil
	})
	return more, c.err
}

// compared ends a resync when everything was compared: in a complete cycle that left nothing to look at, or
// that had nothing to write when what was not found at first had its second look.
func (c *cycle) compared(ctx context.Context) error {
	r := c.underway()
	if r.Phase != store.RepairCompare || !c.comparing || c.unconfirmed || c.over(ctx) || c.down != [2]error{} || len(c.skip) > 0 {
		return c.err
	}
	over := !c.Cache.AnyDirty() || c.tried == [2]int{} && !c.age().Before(r.Until)
	c.moveOn(func(_ *store.Txn, r *store.Repair) { r.Cycles++ })
	if !over {
		return c.err
	}
	c.update(func(t *store.Txn) error {
		r, _ := t.Repair()
		t.Journal(store.Event{At: c.Clock.Now(), Severity: store.Info, Code: "resync-complete", Args: countArgs(r.Level, store.TotalOf(r.Done))})
		t.DeleteRepair()
		return nil
	})
	c.knowResync()
	return c.err
}

// resyncEvery is how often a resync under way is taken up that could not go on: a side does not answer, or
// something may still arrive.
const resyncEvery = time.Minute

// paced gives the pause that an ERP asks for whose looks are scarce, never less than every.
func (e *Engine) paced(every time.Duration) time.Duration {
	if p, ok := e.ERP.(connectors.Pacer); ok {
		return max(every, p.Pause(every))
	}
	return every
}

// pause gives how long the next cycle may be away: as the schedule says, or sooner for a resync under way.
func (e *Engine) pause() time.Duration {
	every, r := e.set.Schedule.Interval, e.underway()
	switch {
	case r.Level == 0 || r.Phase == store.RepairReady || r.Phase == store.RepairCompare && r.Cycles > 0:
		return e.paced(e.sooner(every))
	case !e.settled.IsZero():
		return min(every, resyncEvery, max(0, e.settled.Sub(e.age())))
	}
	return min(every, resyncEvery)
}
