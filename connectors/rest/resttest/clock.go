// Package resttest is what simulators of APIs have in common: a clock that tests move, work that is done late, and a way to a
// server without a network. It knows nothing of any product.
package resttest

import (
	"sync"
	"time"
)

// Clock is a product's time: the given one, moved or stopped by a test. It may be used by several goroutines.
type Clock struct {
	base func() time.Time

	mu     sync.Mutex // guards what follows
	offset time.Duration
	frozen time.Time // zero: it runs
}

// NewClock makes a clock that shows what base gives.
func NewClock(base func() time.Time) *Clock { return &Clock{base: base} }

// Now gives the product's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.frozen.IsZero() {
		return c.frozen
	}
	return c.base().Add(c.offset)
}

// Set lets the clock run on from t.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset, c.frozen = t.Sub(c.base()), time.Time{}
}

// Freeze stops the clock at t.
func (c *Clock) Freeze(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.frozen = t
}

// Advance moves the clock, also one that stands.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.frozen.IsZero() {
		c.frozen = c.frozen.Add(d)
		return
	}
	c.offset += d
}

// Reset gives the time of the given clock again.
func (c *Clock) Reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset, c.frozen = 0, time.Time{}
}
