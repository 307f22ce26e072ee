package engine

import (
	"time"

	"syncbox/sync/store"
)

// steady is the job's own time. It begins with the time of day of the job's first start, goes on only while
// the box runs, and never jumps, whatever becomes of the time of day. Deadlines after which no request can
// arrive late any more are told in it: time that was lost over a power cut only makes them later.
type steady struct {
	base time.Time     // as it was kept before this run
	from time.Duration // the clock when it was taken up
	kept time.Time
}

// How old the kept steady time may become: where something is written anyway or a deadline may be pending, and at rest,
// to spare the flash.
const (
	keepSteadyBusy = 10 * time.Second
	keepSteadyIdle = time.Hour
)

// takeUpSteady goes on where the last run ended. Where the time begins is kept before anything is told in it: after
// a cut in the first cycle the time of day may be another one.
func (e *Engine) takeUpSteady() error {
	e.steady.from = e.Clock.Steady()
	err := e.State.View(func(t *store.Txn) { e.steady.base = t.Steady() })
	if err == nil && e.steady.base.IsZero() {
		e.steady.base = time.UnixMilli(max(1, e.Clock.Now().UnixMilli())).UTC()
		err = e.State.Update(func(t *store.Txn) error { t.SetSteady(e.steady.base); return nil })
	}
	e.steady.kept = e.steady.base
	return err
}

// age gives the job's own time now.
func (e *Engine) age() time.Time { return e.steady.base.Add(e.Clock.Steady() - e.steady.from) }

// steadyDue says whether the job's own time is to be kept: sooner while a deadline may be pending, and in each
// cycle while a side is left alone: a box that is restarted often comes to the end of that too.
func (c *cycle) steadyDue() bool {
	every := keepSteadyIdle
	if c.Cache.AnyDirty() {
		every = keepSteadyBusy
	}
	if c.resting {
		every = min(every, c.set.Schedule.Interval/2)
	}
	return c.age().Sub(c.steady.kept) >= every
}

// durably changes the state. What is dated in the job's own time is dated in one that is kept with it: after a power cut
// it does not lie ahead.
func (e *Engine) durably(change func(*store.Txn) error) error {
	now, was := e.age(), e.steady.kept
	err := e.State.Update(func(t *store.Txn) error {
		if now.Sub(was) >= keepSteadyBusy {
			e.keepSteady(t)
		}
		return change(t)
	})
	if err != nil {
		e.steady.kept = was
	}
	return err
}

// keepSteady keeps the job's own time.
func (e *Engine) keepSteady(t *store.Txn) {
	e.steady.kept = e.age()
	t.SetSteady(e.steady.kept)
}
