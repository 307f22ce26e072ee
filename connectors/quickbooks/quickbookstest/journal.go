package quickbookstest

import (
	"net/http"
	"slices"
	"sync"
	"time"
)

// The outcomes of a call.
const (
	Answered = "answered" // 200 as asked
	Refused  = "refused"  // a Fault or another status: nothing was changed
	Faulted  = "faulted"  // a Fault of the script broke it; Writes tell what was changed
	Pending  = "pending"  // cut; it is applied later, in a call of its own with Late set
)

// Call is one call as the journal keeps it. It holds no token, no realm, no body, and of a statement only times, numbers and flags.
type Call struct {
	Seq          int64
	At           time.Time // of the product's clock
	Took         time.Duration
	Method, Path string // the path behind the company, as customer/12; "" if there is no such path
	Op           string
	Entity       Entity   // of a read, write or query
	Entities     []Entity // of change data, and all that a batch names
	Statement    string   // of a query
	Since        string   // of change data
	RequestID    string
	Status       int    // of the answer that was made, 0 if none
	Code         string // of the first error
	Tid          string // header intuit_tid
	Outcome      string
	Fault        FaultKind
	Lost         bool    // the caller got no answer, or a part of one
	Late         bool    // applied after its connection was cut
	Throttled    bool    // 429 of the limits
	OverQuota    bool    // 429 of the month's reads
	Replayed     bool    // the first answer to its requestid
	Reused       bool    // replayed, although it asks for something else than the first
	Rows         int     // rows read
	Reads        int     // reads that the month's allowance lost
	Writes       []Write // asked for, done or not

	beside int // other calls at work when it came
}

// about notes what a call wants.
func (c *Call) about(q *request, r *http.Request) {
	c.Path, c.Op, c.Entity, c.Statement, c.RequestID = q.path, q.op, q.entity, shown(q.statement), q.query.Get("requestid")
	c.Writes, c.Entities = nil, nil
	switch q.op {
	case OpQuery:
		if asked := queried(q.statement); len(asked) > 0 {
			c.Entity = asked[0]
		}
	case OpCDC:
		c.Entities, c.Since = q.about(), q.query.Get("changedSince")
	case OpBatch:
		c.Entities = q.about()
	}
	if r.Method != http.MethodPost {
		return
	}
	if q.entity != "" && q.object != nil {
		c.Writes = append(c.Writes, describe(q.entity, q.operation, q.object))
	}
	for _, item := range q.items {
		if item.query == "" {
			c.Writes = append(c.Writes, item.write)
		}
	}
	for i := range c.Writes {
		c.Writes[i].Call = c.Seq
	}
}

// wrote notes what came of a write.
func (c *Call) wrote(w Write) { c.Writes = append(c.Writes, w) }

// finish notes the answer.
func (c *Call) finish(a *answer, now time.Time) {
	c.Took, c.Status, c.Code, c.Lost = now.Sub(c.At), a.status, a.code, a.closed || a.keep >= 0 || c.Fault == Truncated
	switch {
	case c.Outcome != "":
	case c.Fault != "":
		c.Outcome = Faulted
	case !a.succeeded():
		c.Outcome = Refused
	default:
		c.Outcome = Answered
	}
}

// Counters are what the company saw since it was made or reset.
type Counters struct {
	Calls, Reads, Queries, ChangeData, Batches, Posts int // Posts: writes of one object
	OtherVerbs                                        int // anything but GET and POST
	Throttled, OverQuota                              int
	Faulted, Refused                                  int
	Created, Updated, Deleted                         int // objects
	Metered                                           int // reads that the allowances lost
	PeakPerSecond                                     int // calls that arrived within one second
	PeakConcurrent                                    int
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
	beside := j.inFlight
	j.inFlight++
	for len(j.recent) > 0 && now.Sub(j.recent[0]) >= time.Second {
		j.recent = j.recent[1:]
	}
	j.recent = append(j.recent, now)
	j.counters.PeakPerSecond = max(j.counters.PeakPerSecond, len(j.recent))
	j.counters.PeakConcurrent = max(j.counters.PeakConcurrent, j.inFlight)
	c := j.number(now)
	c.beside = beside
	return c
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
		n.arrived(c)
	}
	if c.Fault != "" {
		n.Faulted++
	}
	if c.Outcome == Refused {
		n.Refused++
	}
	n.Metered += c.Reads
	for _, w := range c.Writes {
		switch {
		case !w.Applied:
		case w.Op == OpCreate:
			n.Created++
		case w.Op == OpUpdate:
			n.Updated++
		case w.Op == OpDelete:
			n.Deleted++
		}
	}
}

func (n *Counters) arrived(c *Call) {
	n.Calls++
	switch {
	case c.Method != http.MethodGet && c.Method != http.MethodPost:
		n.OtherVerbs++
	case c.Op == OpRead:
		n.Reads++
	case c.Op == OpQuery:
		n.Queries++
	case c.Op == OpCDC:
		n.ChangeData++
	case c.Op == OpBatch:
		n.Batches++
	case c.Method == http.MethodPost:
		n.Posts++
	}
	if c.Throttled {
		n.Throttled++
	}
	if c.OverQuota {
		n.OverQuota++
	}
}

// JournalQuery chooses calls; the zero value means all.
type JournalQuery struct {
	After    int64 // Seq
	Method   string
	Op       string
	Entity   Entity
	From, To time.Time // At, To not included
}

func (q *JournalQuery) wants(c *Call) bool {
	return c.Seq > q.After && (q.Method == "" || q.Method == c.Method) && (q.Op == "" || q.Op == c.Op) &&
		(q.Entity == "" || q.Entity == c.Entity || slices.Contains(c.Entities, q.Entity)) &&
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
