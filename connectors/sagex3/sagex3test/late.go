package sagex3test

import (
	"maps"
	"slices"
	"sync"
	"time"
)

// late holds calls whose connection was cut and that will be carried out all the same.
type late struct {
	after func(time.Duration, func())

	mu      sync.Mutex // guards what follows
	seq     int64
	waiting map[int64]func()
}

func newLate(after func(time.Duration, func())) *late {
	return &late{after: after, waiting: map[int64]func(){}}
}

func (l *late) clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.waiting)
}

// add runs f after d, unless it was run or dropped before.
func (l *late) add(d time.Duration, f func()) {
	l.mu.Lock()
	l.seq++
	id := l.seq
	l.waiting[id] = f
	l.mu.Unlock()
	l.after(d, func() { l.run(id) })
}

func (l *late) run(id int64) {
	l.mu.Lock()
	f := l.waiting[id]
	delete(l.waiting, id)
	l.mu.Unlock()
	if f != nil {
		f()
	}
}

func (l *late) pending() []int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Sorted(maps.Keys(l.waiting))
}

// applyLate carries a call out after d, in a journal entry of its own.
func (s *Server) applyLate(c *Call, q *request, how style, who User, d time.Duration) {
	first := *c
	s.late.add(d, func() {
		again := s.journal.later(s.clock.Now())
		seq, at := again.Seq, again.At
		*again = first
		again.Seq, again.At, again.Late, again.Outcome = seq, at, true, ""
		s.mu.Lock()
		a := how.answer(q.op, s.process(again, q, who, false))
		s.mu.Unlock()
		a.closed = true
		s.end(again, a)
	})
}

// PendingLate tells how many calls wait to be applied late.
func (s *Server) PendingLate() int { return len(s.late.pending()) }

// FlushLate applies them now, in the order in which they came.
func (s *Server) FlushLate() {
	for _, id := range s.late.pending() {
		s.late.run(id)
	}
}
