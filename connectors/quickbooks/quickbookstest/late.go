package quickbookstest

import "time"

// applyLate carries a call out after d, in a journal entry of its own.
func (s *Server) applyLate(c *Call, q *request, d time.Duration) {
	first := *c
	s.late.Add(d, func() {
		again := s.journal.later(s.clock.Now())
		again.Method, again.Path, again.Statement = first.Method, first.Path, first.Statement
		again.Op, again.Entity, again.Fault, again.Late = first.Op, first.Entity, first.Fault, true
		a := s.process(again, q)
		a.closed = true
		s.end(again, a)
	})
}

// PendingLate tells how many calls wait to be applied late.
func (s *Server) PendingLate() int { return s.late.Pending() }

// FlushLate applies them now, in the order in which they came.
func (s *Server) FlushLate() { s.late.Flush() }
