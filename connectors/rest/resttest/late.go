package resttest

import (
	"maps"
	"slices"
	"sync"
	"time"
)

// Late holds work that a server does after the caller's connection was cut. It may be used by several goroutines.
type Late struct {
	after func(time.Duration, func())

	mu      sync.Mutex // guards what follows
	seq     int64
	waiting map[int64]func()
}

// NewLate makes a store whose work is started by after, as time.AfterFunc does.
func NewLate(after func(time.Duration, func())) *Late {
	return &Late{after: after, waiting: map[int64]func(){}}
}

// Clear drops what waits.
func (l *Late) Clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.waiting)
}

// Add runs f after d, unless it was run or dropped before.
func (l *Late) Add(d time.Duration, f func()) {
	l.mu.Lock()
	l.seq++
	id := l.seq
	l.waiting[id] = f
	l.mu.Unlock()
	l.after(d, func() { l.run(id) })
}

func (l *Late) run(id int64) {
	l.mu.Lock()
	f := l.waiting[id]
	delete(l.waiting, id)
	l.mu.Unlock()
	if f != nil {
		f()
	}
}

func (l *Late) pending() []int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Sorted(maps.Keys(l.waiting))
}

// Pending tells how much waits.
func (l *Late) Pending() int { return len(l.pending()) }

// Flush runs what waits now, in the order in which it came.
func (l *Late) Flush() {
	for _, id := range l.pending() {
		l.run(id)
	}
}
