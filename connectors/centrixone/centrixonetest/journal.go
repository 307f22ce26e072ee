package centrixonetest

import (
	"slices"
	"sync"
	"time"
)

// The outcomes of a call.
const (
	Answered    = "answered"     // 200 as asked
	NotModified = "not-modified" // 304
	Refused     = "refused"      // 4xx, 5xx: nothing was changed
	Faulted     = "faulted"      // a Fault made the answer; Applied tells whether rows were changed
	Pending     = "pending"      // cut; it is applied later, in a call of its own with Late set
)

// Call is one call as the journal keeps it. It holds no key, no account number and no body.
type Call struct {
	Seq                         int64
	At                          time.Time // of Options.Clock
	Took                        time.Duration
	Method, Path, Query         string
	Resource                    Resource
	Base                        string
	Status                      int // of the answer that was made, 0 if none
	Outcome                     string
	Fault                       FaultKind
	Reason                      string // why it was refused
	Lost                        bool   // the caller got no answer, or a part of one
	Late                        bool   // applied after its connection was cut
	Applied                     bool   // a POST that was carried out
	Rows                        int    // rows read, or rows posted
	Created, Updated, Unchanged int
	Items                       []Item
}

// applied notes what a POST did.
func (c *Call) applied(items []Item) {
	c.Applied, c.Items = true, items
	for _, item := range items {
		switch item.Action {
		case Created:
			c.Created++
		case Updated:
			c.Updated++
		case Unchanged:
			c.Unchanged++
		}
	}
}

// finish notes the answer.
func (c *Call) finish(a *answer, now time.Time) {
	c.Took, c.Status, c.Lost = now.Sub(c.At), a.status, a.closed || a.keep >= 0
	setDefault(&c.Reason, a.reason)
	switch {
	case c.Outcome != "":
	case c.Fault != "":
		c.Outcome = Faulted
	case a.status == 304:
		c.Outcome = NotModified
	case a.status >= 400:
		c.Outcome = Refused
	default:
		c.Outcome = Answered
	}
}

// Counters are what the CRM saw since it was made or reset.
type Counters struct {
	Calls, Reads, Posts         int
	OtherVerbs                  int // anything but GET and POST; the API has no other verb
	Throttled                   int // 503 of the rate limit
	Faulted, Refused            int
	Created, Updated, Unchanged int // rows
	PeakPerSecond               int // calls that arrived within one second
	PeakConcurrent              int
}

// journal keeps the last calls and counts all.
type journal struct {
	mu       sync.Mutex // guards all of it
	limit    int
	seq      int64
	calls    []Call
	recent   []time.Time // arrivals of the last second
	inFlight int
	counters Counters
}

func newJournal(limit int) *journal { return &journal{limit: limit} }

func (j *journal) reset() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.calls, j.recent, j.counters = nil, nil, Counters{}
}

// begin notes an arrival.
func (j *journal) begin(now time.Time) *Call {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.inFlight++
	for len(j.recent) > 0 && now.Sub(j.recent[0]) >= time.Second {
		j.recent = j.recent[1:]
	}
	j.recent = append(j.recent, now)
	j.counters.PeakPerSecond = max(j.counters.PeakPerSecond, len(j.recent))
	j.counters.PeakConcurrent = max(j.counters.PeakConcurrent, j.inFlight)
	return j.number(now)
}

// later numbers a call that arrived long ago and is applied now.
func (j *journal) later(now time.Time) *Call {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.number(now)
}

func (j *journal) number(now time.Time) *Call {
	j.seq++
	return &Call{Seq: j.seq, At: now}
}

func (j *journal) leave() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.inFlight--
}

func (j *journal) throttled() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.counters.Throttled++
}

// add keeps a finished call.
func (j *journal) add(c *Call) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.calls) >= j.limit {
		j.calls = slices.Clone(j.calls[len(j.calls)/2:])
	}
	j.calls = append(j.calls, *c)
	j.counters.count(c)
}

func (n *Counters) count(c *Call) {
	if !c.Late {
		n.Calls++
		switch c.Method {
		case "GET":
			n.Reads++
		case "POST":
			n.Posts++
		default:
			n.OtherVerbs++
		}
	}
	if c.Fault != "" {
		n.Faulted++
	}
	if c.Outcome == Refused {
		n.Refused++
	}
	n.Created += c.Created
	n.Updated += c.Updated
	n.Unchanged += c.Unchanged
}

// JournalQuery chooses calls; the zero value means all.
type JournalQuery struct {
	After    int64 // Seq
	Method   string
	Resource Resource
	From, To time.Time // At, To not included
}

func (q *JournalQuery) wants(c *Call) bool {
	return c.Seq > q.After && (q.Method == "" || q.Method == c.Method) && (q.Resource == "" || q.Resource == c.Resource) &&
		(q.From.IsZero() || !c.At.Before(q.From)) && (q.To.IsZero() || c.At.Before(q.To))
}

// Journal gives the calls that were kept, in the order in which they ended.
func (s *Server) Journal(q JournalQuery) []Call {
	s.journal.mu.Lock()
	defer s.journal.mu.Unlock()
	var calls []Call
	for i := range s.journal.calls {
		if q.wants(&s.journal.calls[i]) {
			calls = append(calls, s.journal.calls[i])
		}
	}
	return calls
}

// Mark gives the number of the last call, for JournalQuery.After.
func (s *Server) Mark() int64 {
	s.journal.mu.Lock()
	defer s.journal.mu.Unlock()
	return s.journal.seq
}

// Counters gives the counts.
func (s *Server) Counters() Counters {
	s.journal.mu.Lock()
	defer s.journal.mu.Unlock()
	return s.journal.counters
}

// Writes sums up POSTs.
type Writes struct {
	Calls, Rows                 int
	Created, Updated, Unchanged int
}

// Writes sums up the POSTs that a query chooses. After convergence Calls, or at least Created and Updated, are 0.
func (s *Server) Writes(q JournalQuery) Writes {
	q.Method = "POST"
	var w Writes
	for _, c := range s.Journal(q) {
		w.Calls++
		w.Rows += c.Rows
		w.Created += c.Created
		w.Updated += c.Updated
		w.Unchanged += c.Unchanged
	}
	return w
}
