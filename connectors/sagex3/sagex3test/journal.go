package sagex3test

import (
	"slices"
	"sync"
	"time"
)

// The endpoints.
const (
	EndpointV7   = "soap"
	EndpointV6   = "soap-v6"
	EndpointWSDL = "wsdl"
	EndpointREST = "rest"
)

// The outcomes of a call.
const (
	Answered = "answered" // as asked
	Refused  = "refused"  // another status than 200, status 0, or a message of type 3: nothing was changed
	Faulted  = "faulted"  // a Fault of the script broke it; Writes tell what was changed
	Cut      = "pending"  // cut; it is applied later, in a call of its own with Late set
)

// Write is what a call wanted to change, done or not. It has no values.
type Write struct {
	Call    int64
	Object  Object
	Key     string // "" of a record that was not made
	Op      string // OpCreate, OpUpdate, OpDelete, OpUnassign; "" if it never got that far
	Fields  []string
	Applied bool
}

// Call is one call as the journal keeps it. It holds no login, no password, no payload and no text of a message; of keys only the
// numbers of what is synchronised.
type Call struct {
	Seq        int64
	At         time.Time // of the product's clock
	Took       time.Duration
	Endpoint   string // "" if there is no such path
	Method     string
	Op         string
	PublicName string
	Object     Object
	Class      string   // REST: class and representation
	Key        string   // of a read or write
	Criteria   []string // of a query, their codes; of REST the properties of where
	ListSize   int
	User       string // code of whom the product took the caller for
	Lang       string
	Config     []string // names of the settings in requestConfig
	Status     int      // of HTTP, 0 if there was no answer
	Result     int      // of the operation
	Messages   []int    // their types
	Trace      string   // the code
	Busy       bool
	Outcome    string
	Fault      FaultKind
	Lost       bool // the caller got no answer, or a part of one
	Late       bool // applied after its connection was cut
	Rows       int
	Writes     []Write
}

// about notes what a call wants.
func (c *Call) about(q *request, o Object) {
	c.Op, c.PublicName, c.Object, c.ListSize, c.Lang = q.op, q.publicName, o, q.listSize, q.context["codeLang"]
	for name := range configOf(q.context["requestConfig"]) {
		if name != "" {
			c.Config = append(c.Config, name)
		}
	}
	slices.Sort(c.Config)
	for _, k := range q.keys {
		c.Criteria = append(c.Criteria, k.key)
		if q.op != opQuery && (o.synced() || o == Queue || o == Anomalies) {
			c.Key = k.value
		}
	}
}

func (c *Call) result(r *result) {
	c.Result, c.Busy, c.Messages = r.status, r.busy, nil
	for _, m := range r.messages {
		c.Messages = append(c.Messages, m.kind)
	}
}

// finish notes the answer.
func (c *Call) finish(a *answer, now time.Time) {
	c.Took, c.Status, c.Lost = now.Sub(c.At), a.status, a.closed || a.keep >= 0 || c.Fault == Truncated
	if a.soap != nil {
		c.result(a.soap)
	}
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

// Counters are what the installation saw since it was made or reset.
type Counters struct {
	Calls, Reads, Queries, Writes, Runs, REST int
	Refused, Faulted, Busy                    int
	Created, Updated, Deleted, Unassigned     int // records
	PeakConcurrent                            int
}

// journal keeps the last calls and counts all.
type journal struct {
	mu       sync.Mutex // guards all of it
	limit    int
	seq      int64
	calls    []Call
	inFlight int
	counters Counters
}

func newJournal(limit int) *journal { return &journal{limit: limit} }

func (j *journal) reset() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.calls, j.counters = nil, Counters{}
}

// begin notes an arrival.
func (j *journal) begin(now time.Time) *Call {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.inFlight++
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
	for _, w := range c.Writes {
		switch {
		case !w.Applied:
		case w.Op == OpCreate:
			n.Created++
		case w.Op == OpUpdate:
			n.Updated++
		case w.Op == OpDelete:
			n.Deleted++
		case w.Op == OpUnassign:
			n.Unassigned++
		}
	}
}

func (n *Counters) arrived(c *Call) {
	n.Calls++
	switch {
	case c.Endpoint == EndpointREST:
		n.REST++
	case c.Op == opRead:
		n.Reads++
	case c.Op == opQuery:
		n.Queries++
	case c.Op == opRun:
		n.Runs++
	case slices.Contains(everyDeed, c.Op):
		n.Writes++
	}
	if c.Fault != "" {
		n.Faulted++
	}
	if c.Outcome == Refused {
		n.Refused++
	}
	if c.Busy {
		n.Busy++
	}
}

// JournalQuery chooses calls; the zero value means all.
type JournalQuery struct {
	After    int64 // Seq
	Endpoint string
	Op       string
	Object   Object
	From, To time.Time // At, To not included
}

func (q *JournalQuery) wants(c *Call) bool {
	return c.Seq > q.After && (q.Endpoint == "" || q.Endpoint == c.Endpoint) && (q.Op == "" || q.Op == c.Op) && (q.Object == "" || q.Object == c.Object) &&
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
