package app

import (
	"context"
	"errors"
	"sync"
	"time"

	"syncbox/firmware/internal/pulse"
	"syncbox/sync/store"
)

// How long an engine may go without asking what time it is, and a database without taking a transaction. Both
// are far beyond what work takes: a look at a large company on a slow server is one step, and a transaction is a
// few writes that a card takes seconds for at its worst.
const (
	engineBound = 30 * time.Minute
	storeBound  = 3 * time.Minute
	storeEvery  = time.Minute
)

// beatingClock tells a watch of each time the engine asks for the time, as it does all along its way, and of how
// long it means to rest.
type beatingClock struct {
	systemClock
	progress pulse.Progress

	mu    sync.Mutex // protects what follows
	rests time.Time  // until when at most
}

// Now tells the time of day.
func (c *beatingClock) Now() time.Time {
	c.beat(0)
	return c.systemClock.Now()
}

// Steady tells the steady time.
func (c *beatingClock) Steady() time.Duration {
	c.beat(0)
	return c.systemClock.Steady()
}

// After begins a rest.
func (c *beatingClock) After(d time.Duration) <-chan time.Time {
	c.beat(d)
	return c.systemClock.After(d)
}

// beat reports a step. What is asked for during a rest does not shorten it: nobody sees when it ends early.
func (c *beatingClock) beat(rest time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	if until := now.Add(rest); until.After(c.rests) {
		c.rests = until
	}
	c.progress.Within(c.rests.Sub(now) + engineBound)
}

// errProbe undoes a transaction that was only to be had.
var errProbe = errors.New("probe")

// probe has a transaction of the database every minute, and changes nothing: as long as it is to be had, no other one
// hangs. A database that refuses does not hang.
func probe(ctx context.Context, s *store.State, progress pulse.Progress) {
	defer progress.Done()
	for newSystemClock().Wait(ctx, storeEvery) == nil {
		probeOnce(s, progress)
	}
}

func probeOnce(s *store.State, progress pulse.Progress) {
	_ = s.Update(func(*store.Txn) error { return errProbe })
	progress.Made()
}
