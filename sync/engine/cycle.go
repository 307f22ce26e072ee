package engine

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
	"syncbox/sync/store"
)

// cycle is one round and what it learned on its way. It lives in the engine's goroutine.
type cycle struct {
	*Engine
	start   time.Time
	closeAt time.Time // when the backup window begins; zero = never
	asOf    time.Time // when it began, in the job's own time: what could arrive until then shows in all that it reads
	down    [2]error  // by direction: why nothing more goes that way in this cycle
	skip    map[record.Entity]error
	paused  [2]map[record.Entity]bool // by direction: braked entities
	again   []store.Dirty
	told    map[store.Dirty]uint64 // of records that had their turn last: which look told of them; see Cache.Told
	marked  *[]store.Dirty         // takes the marks that are set; nil = nobody asks
	newborn map[store.Dirty]bool   // created in the ERP in this cycle; see grown
	swept   map[record.Entity]bool // whose live keys in the CRM were listed
	tried   [2]int
	failed  [2]int
	done    Counts
	resting bool  // a side is still to be left alone
	err     error // of the store: ends the cycle
	halted  bool  // a person stopped the job
	cut     bool  // ended before everything was looked at, for no fault of either side
	cancel  context.CancelFunc
	was     [2]Way               // how the directions stood before
	tries   map[plan.LinkID]bool // counted in this cycle as tried in vain
	stirred map[plan.LinkID]bool // gone from a side, and had a turn in this cycle
	anew    map[plan.LinkID]bool // deleted in the CRM since it was looked at, and to be created again
	missing map[string]bool      // a side shows nothing of many records: the names of the questions
	oddity  [2]string            // by side: what is wrong with its answers

	byEntity  map[record.Entity]*perEntity
	comparing bool               // a resync has everything compared and repaired
	suspended bool               // a resync is making the map anew: nothing else goes on
	asked     map[candidate]bool // records of the CRM that a person is asked about; nil = not looked up yet
	dry       *dryRun            // nothing is sent; nil = it is

	lastMark    uint64   // of the marks of people that were there when it began
	spare       error    // why only what a write needs is read of the ERP; nil = all is
	blankMap    bool     // nothing was bound when it began
	noLinks     bool     // nothing was known either
	unconfirmed bool     // it waits for a person's tick: nothing is worked off
	allowed     *preview // what a person has seen and ticked, and nothing else is sent; nil = all is
}

// Counts is what a cycle did.
type Counts struct {
	Created, Updated [2]int // by direction
	Deleted          [2]int
	Conflicts        int
}

func dirIndex(to connectors.Side) int { return int(to.Other()) } // 0 = towards the CRM, 1 = towards the ERP

func direction(to connectors.Side) store.Direction {
	if to == connectors.CRM {
		return store.ToCRM
	}
	return store.ToERP
}

func (e *Engine) begin(ctx context.Context) *cycle {
	c := e.round()
	e.knowResync()
	e.settled = time.Time{}
	e.report(func(s *Status) { c.was = s.Ways; s.began(c.start) })
	return c
}

// round makes a cycle of which nobody is told yet.
func (e *Engine) round() *cycle {
	c := &cycle{Engine: e, start: e.Clock.Now(), asOf: e.age(), skip: map[record.Entity]error{}, swept: map[record.Entity]bool{},
		paused: [2]map[record.Entity]bool{{}, {}}, newborn: map[store.Dirty]bool{}, tries: map[plan.LinkID]bool{}, anew: map[plan.LinkID]bool{}, stirred: map[plan.LinkID]bool{}, told: map[store.Dirty]uint64{}, missing: map[string]bool{}, cancel: func() {}}
	_, c.closeAt = e.set.Schedule.Open(c.start)
	c.view(func(t *store.Txn) {
		c.lastMark = t.Last(exemptions)
		c.knowMap(t)
	})
	return c
}

// over says whether the cycle must end: the store failed, it is interrupted, or nothing can go either way.
func (c *cycle) over(ctx context.Context) bool {
	return c.err != nil || c.suspended || c.interrupted(ctx) || c.down[0] != nil && c.down[1] != nil
}

// interrupted says whether the cycle must end for no fault of either side: ctx ended, a person stopped the
// job, or the backup window begins. The next cycle takes up where this one ended.
func (c *cycle) interrupted(ctx context.Context) bool {
	late := !c.closeAt.IsZero() && !c.Clock.Now().Before(c.closeAt)
	c.cut = c.cut || c.halted || late || ctx.Err() != nil
	return c.cut
}

// stop ends a direction for this cycle, with the first reason.
func (c *cycle) stop(to connectors.Side, err error) {
	if c.down[dirIndex(to)] == nil {
		c.down[dirIndex(to)] = err
		c.Log.Warn("direction waits", "direction", string(direction(to)), "code", connectors.CodeOf(err), "err", err)
	}
}

func (c *cycle) stopBoth(err error) {
	c.stop(connectors.CRM, err)
	c.stop(connectors.ERP, err)
}

// update changes the state; a failing store ends the engine. That two records were to have one counterpart
// ends only the cycle: no content of a product stops the service.
func (c *cycle) update(fn func(*store.Txn) error) bool {
	err := c.durably(fn)
	switch {
	case errors.Is(err, store.ErrTaken):
		c.stopBoth(connectors.Errorf(connectors.Unavailable, "internal-error", "%w", err))
		return false
	case err != nil && c.err == nil:
		c.err = err
	}
	return c.err == nil
}

func (c *cycle) view(fn func(*store.Txn)) {
	if err := c.State.View(fn); err != nil && c.err == nil {
		c.err = err
	}
}

// options has the options of fields taken up that people chose since.
func (c *cycle) options(context.Context) error {
	c.newOptions()
	return c.err
}

// check finds out whether what is protected in the CRM is in place.
func (c *cycle) check(ctx context.Context) error {
	if c.limited() {
		return c.err
	}
	for _, side := range []connectors.Side{connectors.CRM, connectors.ERP} {
		checker, ok := c.source(side).(connectors.Checker)
		if !ok {
			continue
		}
		if err := checker.Check(ctx); err != nil && !c.interrupted(ctx) && !c.leaveAlone(side, err) {
			c.stopBoth(err)
		}
	}
	return c.err
}

// entities works off what is dirty, in the order of writing. The CRM's side of an entity comes first: what
// people made there is bound before anything is created beside it.
func (c *cycle) entities(ctx context.Context) error {
	if c.unconfirmed {
		return c.err
	}
	for i := range c.Profile.Entities {
		rule := &c.Profile.Entities[i]
		if c.skipped(rule.Entity) {
			continue
		}
		c.again = nil
		began := c.Clock.Now()
		for _, side := range []connectors.Side{connectors.CRM, connectors.ERP} {
			c.workOff(ctx, rule, side)
			for range 4 {
				if len(c.again) == 0 || c.over(ctx) {
					break
				}
				c.workAgain(ctx, rule)
			}
		}
		c.of(rule.Entity).lasted(c.Clock.Now().Sub(began))
	}
	return c.err
}

// workOff goes once through the dirty records of one side.
func (c *cycle) workOff(ctx context.Context, rule *connectors.EntityRule, side connectors.Side) {
	total := c.Cache.CountDirty(rule.Entity, side)
	done := 0
	next := c.turns(rule, side)
	if c.spare != nil && side == connectors.ERP {
		next = c.written(rule)
	}
	for !c.over(ctx) {
		keys := next()
		if len(keys) == 0 {
			return
		}
		c.report(func(s *Status) { s.at(string(rule.Entity), done, total) })
		c.batchOf(ctx, rule, side, keys)
		c.drain(ctx)
		done += len(keys)
	}
}

// workAgain does another round over what the last one left half done.
func (c *cycle) workAgain(ctx context.Context, rule *connectors.EntityRule) {
	again := c.again
	c.again = nil
	for _, side := range []connectors.Side{connectors.CRM, connectors.ERP} {
		var keys []record.Key
		for _, d := range again {
			if d.Side == side && d.Entity == rule.Entity && !slices.Contains(keys, d.Key) {
				keys = append(keys, d.Key)
			}
		}
		for n := c.batch(); len(keys) > 0 && !c.over(ctx); keys = keys[min(n, len(keys)):] {
			c.batchOf(ctx, rule, side, keys[:min(n, len(keys))])
			c.drain(ctx)
		}
	}
}

// skipped says whether an entity is left out this time, and journals it once for a reason.
func (c *cycle) skipped(e record.Entity) bool {
	err, skipped := c.skip[e]
	code, name := "", "skipped-"+string(e)
	if skipped {
		code = connectors.CodeOf(err)
	}
	if c.setting(name) == code {
		return skipped
	}
	c.update(func(t *store.Txn) error {
		t.Set(name, code)
		if skipped {
			t.Journal(store.Event{At: c.Clock.Now(), Severity: store.Warning, Code: "entity-skipped", Entity: e, Args: map[string]string{"cause": code}})
		}
		return nil
	})
	return skipped
}

// event is an event about one record.
func (c *cycle) event(sev store.Severity, code string, to connectors.Side, l *plan.Link, args map[string]string) store.Event {
	return store.Event{At: c.Clock.Now(), Severity: sev, Code: code, Direction: direction(to), Entity: l.Entity, ERP: l.ERP, CRM: l.CRM, Args: told(args)}
}

// end settles the status, keeps it over a restart, and notes in the journal what the cycle did or failed,
// direction by direction.
func (c *cycle) end() error {
	c.knowResync()
	c.foundInERP()
	run := c.wasRun(c.leftOutNow())
	c.endMarks()
	c.usedPreview()
	c.report(func(s *Status) {
		s.ended(c)
		if run != nil {
			s.LastRun = run
		}
	})
	if c.err == nil && !c.cut && !c.unconfirmed && c.down == [2]error{} {
		c.looked = [2]time.Time{c.age(), c.age()}
	}
	if c.err == nil && !c.cut && c.spare != nil && c.down[dirIndex(connectors.ERP)] == nil {
		c.looked[connectors.CRM] = c.age()
	}
	if c.err != nil || run == nil && !c.worthKeeping() {
		return c.err
	}
	ways, err := json.Marshal(c.Status().Ways)
	if err != nil {
		return err
	}
	looked, err := json.Marshal(c.looked)
	if err != nil {
		return err
	}
	counts := c.entityEvents()
	c.update(func(t *store.Txn) error {
		for i, to := range []connectors.Side{connectors.CRM, connectors.ERP} {
			if c.news(i) {
				t.Journal(c.summary(i, to))
			}
		}
		for _, ev := range counts {
			t.Journal(ev)
		}
		c.tellOddities(t)
		t.Set("ways", string(ways))
		t.Set("looked", string(looked))
		if run != nil {
			keepRun(t, run)
		}
		c.keepSteady(t)
		return nil
	})
	return c.err
}

// worthKeeping says whether the end of a cycle is to be durable. One in which nothing happened is so only
// now and then: to spare the flash, and because a restart finds it out again.
func (c *cycle) worthKeeping() bool {
	ways := c.Status().Ways
	for i := range ways {
		if c.news(i) || ways[i].Outcome != c.was[i].Outcome {
			return true
		}
	}
	return c.steadyDue() || c.anyOddNews()
}

func (c *cycle) summary(i int, to connectors.Side) store.Event {
	ev := store.Event{At: c.Clock.Now(), Severity: store.Info, Code: "cycle-complete", Direction: direction(to),
		Args: map[string]string{"created": strconv.Itoa(c.done.Created[i]), "updated": strconv.Itoa(c.done.Updated[i])}}
	if n := c.done.Deleted[i]; n > 0 {
		ev.Args["deleted"] = strconv.Itoa(n)
	}
	if err := c.down[i]; err != nil {
		ev.Severity, ev.Code, ev.Args = store.Problem, connectors.CodeOf(err), argsOf(err)
	} else if way := c.Status().Ways[i]; c.unconfirmed {
		ev.Code, ev.Direction, ev.Args = way.Code, "", way.Args
	}
	return ev
}

func argsOf(err error) map[string]string {
	if e, ok := errorOf(err); ok {
		return e.Args
	}
	return nil
}

func errorOf(err error) (*connectors.Error, bool) { return errors.AsType[*connectors.Error](err) }
