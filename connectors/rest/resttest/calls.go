package resttest

import (
	"slices"
	"sync"
	"time"
)

// Calls numbers the calls of a simulator and keeps the last ones. T is a product's kind of entry. It may be used by several goroutines.
type Calls[T any] struct {
	limit int

	mu       sync.Mutex // guards what follows
	seq      int64
	kept     []T
	recent   []time.Time // arrivals of the last second
	inFlight int
	peaks    Peaks
}

// Peaks are how hard a simulator was pressed.
type Peaks struct {
	PerSecond  int // calls that arrived within one second
	Concurrent int
}

// NewCalls keeps limit entries, or at least half of it.
func NewCalls[T any](limit int) *Calls[T] { return &Calls[T]{limit: limit} }

// Arrive numbers a call and tells how many came within the last second, itself included. Leave must follow.
func (c *Calls[T]) Arrive(now time.Time) (seq int64, recent int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.inFlight++
	c.recent = append(slices.DeleteFunc(c.recent, func(at time.Time) bool { return now.Sub(at) >= time.Second }), now)
	c.peaks.PerSecond = max(c.peaks.PerSecond, len(c.recent))
	c.peaks.Concurrent = max(c.peaks.Concurrent, c.inFlight)
	c.seq++
	return c.seq, len(c.recent)
}

// Leave ends what Arrive began.
func (c *Calls[T]) Leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.inFlight--
}

// Next numbers a call that arrived before and is carried out now.
func (c *Calls[T]) Next() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seq++
	return c.seq
}

// Last gives the last number.
func (c *Calls[T]) Last() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.seq
}

// Keep takes an entry.
func (c *Calls[T]) Keep(entry T) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.kept) >= c.limit {
		c.kept = slices.Clone(c.kept[len(c.kept)/2:])
	}
	c.kept = append(c.kept, entry)
}

// All gives the entries that were kept, in the order in which they came.
func (c *Calls[T]) All() []T {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.kept)
}

// Peaks gives the peaks since the calls were made or cleared.
func (c *Calls[T]) Peaks() Peaks {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.peaks
}

// Clear drops entries and peaks; the numbers go on.
func (c *Calls[T]) Clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kept, c.recent, c.peaks = nil, nil, Peaks{}
}
