package outlooktest

import (
	"time"
)

const (
	concurrency      = "Application is over its MailboxConcurrency limit."
	concurrencyPause = 5 * time.Second
	rateWindow       = 10 * time.Minute
	uploadWindow     = 5 * time.Minute
)

// gauge measures what the application does with one mailbox.
type gauge struct {
	working int
	calls   []time.Time
	uploads []upload
}

type upload struct {
	at    time.Time
	bytes int64
}

// gaugeOf gives the gauge of a mailbox. The caller has the lock.
func (s *Server) gaugeOf(mb *mailbox) *gauge {
	g := s.gauges[mb.address]
	if g == nil {
		g = &gauge{}
		s.gauges[mb.address] = g
	}
	return g
}

// enterMailbox takes a place among the calls at work for a mailbox.
func (s *Server) enterMailbox(mb *mailbox, bytes int64) (leave func(), prob *problem) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.gaugeOf(mb)
	if most := s.limits.Concurrent; most > 0 && g.working >= most {
		return nil, throttled(concurrency, concurrencyPause)
	}
	if prob := s.measure(g, bytes); prob != nil {
		return nil, prob
	}
	g.working++
	return func() { s.leaveMailbox(mb, 1) }, nil
}

func (s *Server) leaveMailbox(mb *mailbox, places int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gaugeOf(mb).working -= places
}

// count measures a call of a batch.
func (s *Server) count(mb *mailbox, bytes int64) *problem {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.measure(s.gaugeOf(mb), bytes)
}

// measure refuses what is too much in a window. What is refused does not count. The caller has the lock.
func (s *Server) measure(g *gauge, bytes int64) *problem {
	now := s.clock.Now()
	for len(g.calls) > 0 && now.Sub(g.calls[0]) >= rateWindow {
		g.calls = g.calls[1:]
	}
	for len(g.uploads) > 0 && now.Sub(g.uploads[0].at) >= uploadWindow {
		g.uploads = g.uploads[1:]
	}
	if most := s.limits.PerTenMinutes; most > 0 && len(g.calls) >= most {
		return throttled("Application is over its Requests limit.", rateWindow-now.Sub(g.calls[0]))
	}
	sum := bytes
	for _, u := range g.uploads {
		sum += u.bytes
	}
	if most := s.limits.UploadBytes; most > 0 && sum > most && len(g.uploads) > 0 {
		return throttled("Application is over its UploadBytes limit.", uploadWindow-now.Sub(g.uploads[0].at))
	}
	g.calls = append(g.calls, now)
	if bytes > 0 {
		g.uploads = append(g.uploads, upload{now, bytes})
	}
	return nil
}

// SetLimits changes the limits from the next call on.
func (s *Server) SetLimits(l Limits) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limits = l
}
