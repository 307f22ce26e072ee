package outlooktest

import "time"

// applyLate carries a call out after d, in a journal entry of its own. Sign-ins and batches are lost.
func (s *Server) applyLate(c *Call, mb *mailbox, q *request, d time.Duration) {
	first := *c
	s.late.Add(d, func() {
		if mb == nil {
			return
		}
		again := s.journal.begin(s.clock.Now(), first.Seq)
		again.Method, again.Mailbox, again.Fault, again.Late, again.Batch = first.Method, first.Mailbox, first.Fault, true, first.Batch
		again.about(q)
		a := s.process(again, mb, q)
		a.closed = true
		s.end(again, a)
	})
}

// PendingLate tells how many calls wait to be applied late.
func (s *Server) PendingLate() int { return s.late.Pending() }

// FlushLate applies them now, in the order in which they came.
func (s *Server) FlushLate() { s.late.Flush() }
