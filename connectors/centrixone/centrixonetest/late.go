package centrixonetest

import "time"

// applyLate carries a call out after d, in a journal entry of its own.
func (s *Server) applyLate(c *Call, q *request, d time.Duration) {
	first := *c
	s.late.Add(d, func() {
		again := s.journal.later(s.opts.Clock())
		again.Method, again.Path, again.Query = first.Method, first.Path, first.Query
		again.Resource, again.Base, again.Fault, again.Late = first.Resource, first.Base, first.Fault, true
		a := s.process(again, q)
		a.closed = true
		s.end(again, a)
	})
}

// PendingLate tells how many calls wait to be applied late.
func (s *Server) PendingLate() int { return s.late.Pending() }

// FlushLate applies them now, in the order in which they came.
func (s *Server) FlushLate() { s.late.Flush() }
