package quickbookstest

import (
	"sync"
	"time"
)

// clock is the product's time: the given one, moved or stopped by a test.
type clock struct {
	base func() time.Time

	mu     sync.Mutex // guards what follows
	offset time.Duration
	frozen time.Time // zero: it runs
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.frozen.IsZero() {
		return c.frozen
	}
	return c.base().Add(c.offset)
}

func (c *clock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset, c.frozen = t.Sub(c.base()), time.Time{}
}

func (c *clock) freeze(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.frozen = t
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.frozen.IsZero() {
		c.frozen = c.frozen.Add(d)
		return
	}
	c.offset += d
}

func (c *clock) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset, c.frozen = 0, time.Time{}
}

// Now gives the product's time.
func (s *Server) Now() time.Time { return s.clock.now() }

// SetClock lets the clock run on from t. A clock put back does not date changes before earlier ones.
func (s *Server) SetClock(t time.Time) { s.clock.set(t) }

// FreezeClock stops the clock at t.
func (s *Server) FreezeClock(t time.Time) { s.clock.freeze(t) }

// AdvanceClock moves the clock.
func (s *Server) AdvanceClock(d time.Duration) { s.clock.advance(d) }

// ResetClock gives the product the clock of Options again.
func (s *Server) ResetClock() { s.clock.reset() }
