package engine

import (
	"context"
	"time"

	"syncbox/connectors"
)

// Run keeps the job in sync until ctx ends; then it returns nil. An error is one of the store.
func (e *Engine) Run(ctx context.Context) error {
	defer e.dropPreview()
	last := time.Time{}
	for ctx.Err() == nil {
		if e.showDue() {
			if err := e.ShowNext(ctx); err != nil {
				return err
			}
			continue
		}
		pause, run := e.next(last)
		if run {
			if err := e.Cycle(ctx); err != nil {
				return err
			}
			last, e.prompts = e.Clock.Now(), [2]time.Duration{e.Clock.Steady(), e.Clock.Steady()}
			e.failed = e.failures()
			continue
		}
		e.rest(ctx, pause)
	}
	return nil
}

// next says whether a cycle is due, or how long there is nothing to do.
func (e *Engine) next(last time.Time) (time.Duration, bool) {
	now := e.Clock.Now()
	e.resting = false
	if e.stopped() {
		e.report(func(s *Status) { s.Service, s.Next = Stopped, time.Time{} })
		return time.Hour, false
	}
	open, until := e.set.Schedule.Open(now)
	if e.checkClock() && e.set.Schedule.HasHours() {
		e.suspend()
		e.report(func(s *Status) { s.Service, s.Next = Blackout, time.Time{} })
		return clockPause, false
	}
	if !open {
		e.suspend()
		e.report(func(s *Status) { s.Service, s.Next = Blackout, until })
		if until.IsZero() {
			return time.Hour, false
		}
		return until.Sub(now), false
	}
	every := e.pause()
	due := last.Add(every)
	if last.IsZero() || e.forced() || e.hurried || !now.Before(due) || due.Sub(now) > every {
		e.hurried = false
		e.report(func(s *Status) { s.Service, s.Next = Running, time.Time{} })
		return 0, true
	}
	onDemand := every >= connectors.Never
	shown := due
	if onDemand {
		shown = time.Time{}
	}
	e.report(func(s *Status) { s.Service, s.Next, s.OnDemand = Running, shown, onDemand })
	if !until.IsZero() && until.Before(due) {
		due = until // to let go of the share in time
	}
	e.resting = !onDemand
	return due.Sub(now), false
}

// failures gives how many cycles in a row have ended with a direction that waits for what comes back by itself.
func (e *Engine) failures() int {
	for _, way := range e.Status().Ways {
		if way.Outcome == Waits {
			return e.failed + 1
		}
	}
	return 0
}

// sooner gives the pause after the latest cycle: the usual one, or a shorter one after a failure. A server that was away for a quarter
// of an hour when a nightly sync began does not cost the day.
func (e *Engine) sooner(usual time.Duration) time.Duration {
	if e.failed == 0 {
		return usual
	}
	pause := e.set.RetryFirst
	for i := 1; i < e.failed && pause < usual; i++ {
		pause *= 2
	}
	return min(usual, pause)
}

// rest waits, and does what people ask for meanwhile. It ends early where a side tells that people wait for a cycle.
func (e *Engine) rest(ctx context.Context, d time.Duration) {
	over := e.Clock.After(d)
	for {
		select {
		case cmd := <-e.cmds:
			cmd.done <- e.do(cmd)
			if cmd.verb.wakes() {
				return
			}
		case <-e.nextPrompt():
			if e.prompted(ctx) {
				return
			}
		case <-over:
			return
		case <-ctx.Done():
			return
		}
	}
}

// suspend lets go of the ERP's share while the company's backup runs.
func (e *Engine) suspend() {
	if s, ok := e.ERP.(connectors.Suspender); ok {
		if err := s.Suspend(); err != nil {
			e.Log.Warn("let go of the share", "code", connectors.CodeOf(err))
		}
	}
}

// drain does what people asked for, between two batches: then no copy of any link is held. A stop also
// ends a look that is under way.
func (c *cycle) drain(ctx context.Context) {
	if c.dry != nil {
		c.dry.drain(ctx, c)
		return
	}
	for {
		select {
		case cmd := <-c.cmds:
			err := c.do(cmd)
			if cmd.verb == Stop && err == nil {
				c.halted = true
				c.cancel()
			}
			cmd.done <- err
		default:
			return
		}
	}
}
