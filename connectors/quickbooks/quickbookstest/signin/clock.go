package signin

import (
	"sync"
	"time"
)

// clock is the given one, moved by a test.
type clock struct {
	base func() time.Time

	mu     sync.Mutex // guards offset
	offset time.Duration
}

// Now gives the time of the service.
func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.base().Add(c.offset)
}

// AdvanceClock moves the time of the service.
func (c *clock) AdvanceClock(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset += d
}
