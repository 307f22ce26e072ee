package quickbookstest

import (
	"strconv"
	"time"
)

// gauge measures what one app sent to the company.
type gauge struct{ calls, batches []time.Time }

// within drops what is older than a minute and counts what is younger than a span. A time after now, of a clock put back, counts.
func within(times *[]time.Time, now time.Time, span time.Duration) (n int) {
	for len(*times) > 0 && now.Sub((*times)[0]) >= time.Minute {
		*times = (*times)[1:]
	}
	for i := len(*times) - 1; i >= 0 && now.Sub((*times)[i]) < span; i-- {
		n++
	}
	return n
}

func reached(n, limit int) bool { return limit > 0 && n >= limit }

// throttle refuses what comes too fast, and reads after the month's last. What is refused does not count. The caller has the lock.
func (s *Server) throttle(c *Call, q *request) *problem {
	now := s.clock.Now()
	l := &s.limits
	switch {
	case reached(within(&s.gauge.calls, now, time.Minute), l.PerMinute), reached(within(&s.gauge.calls, now, time.Second), l.PerSecond),
		reached(c.beside, l.Concurrent), q.op == OpBatch && reached(within(&s.gauge.batches, now, time.Minute), l.BatchPerMinute):
		c.Throttled = true
		return s.throttled("The request limit was reached.  Try again later")
	case q.reads() && reached(s.state.reads[s.month(now)], l.MonthlyReads):
		c.OverQuota = true
		if s.switches.QuotaLikeThrottle {
			return s.throttled("The request limit was reached.  Try again later")
		}
		return s.throttled("The monthly limit of CorePlus API calls was reached.")
	}
	s.gauge.calls = append(s.gauge.calls, now)
	if q.op == OpBatch {
		s.gauge.batches = append(s.gauge.batches, now)
	}
	return nil
}

// pause is how long a client waits after a 429.
const pause = time.Minute

// throttled is a 429.
func (s *Server) throttled(detail string) *problem {
	p := &problem{status: 429, kind: "SERVICE", form: xmlForm,
		errors: []faultError{{"message=ThrottleExceeded; errorCode=003001; statusCode=429", detail, "3001", nil}}}
	switch s.switches.ThrottleBody {
	case ThrottleJSON:
		p.form = jsonForm
	case ThrottleLower:
		p.form = lowerForm
	}
	if s.switches.RetryAfter {
		p.header = map[string]string{"Retry-After": strconv.Itoa(int(pause.Seconds()))}
	}
	return p
}

func (s *Server) month(t time.Time) string { return t.In(s.opts.Zone).Format("2006-01") }

// meter counts the reads of an answered call. The caller has the lock.
func (s *Server) meter(c *Call, q *request, a *answer) {
	if !a.succeeded() || !q.reads() {
		return
	}
	c.Reads = 1
	if q.op == OpBatch && s.switches.BatchMetered {
		c.Reads = q.queries()
	}
	s.state.reads[s.month(s.clock.Now())] += c.Reads
}

// MonthReads tells how many reads this month's allowance has lost.
func (s *Server) MonthReads() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state.reads[s.month(s.clock.Now())]
}

// SpendReads takes reads off this month's allowance, as other boxes of the same developer do.
func (s *Server) SpendReads(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.reads[s.month(s.clock.Now())] += n
}

// SetLimits changes the limits from the next call on.
func (s *Server) SetLimits(l Limits) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limits = l
}
