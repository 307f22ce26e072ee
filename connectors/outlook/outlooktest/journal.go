package outlooktest

import (
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"
)

// The outcomes of a call.
const (
	Answered = "answered" // 2xx as asked
	Refused  = "refused"  // another status: nothing was changed
	Faulted  = "faulted"  // a Fault of the script broke it; Writes tell what was changed
	Pending  = "pending"  // cut; it is applied later, in a call of its own with Late set
)

// Call is one call as the journal keeps it. It holds no token, no body, no filter, and no id but those that the server gave.
type Call struct {
	Seq         int64
	Batch       int64     // Seq of the batch that it came in, 0 if it came by itself
	At          time.Time // of the product's clock
	Took        time.Duration
	Method      string
	Path        string // behind the user, without ids, as contactFolders/{id}/contacts/delta
	Op          string
	Kind        Kind     // of what it is about
	Mailbox     string   // its address, "" if there is no such mailbox
	Options     []string // names of the query's options
	Immutable   bool     // the call asked for immutable ids
	Zone        string   // Prefer: outlook.timezone
	Body        string   // Prefer: outlook.body-content-type
	PageSize    int      // Prefer: odata.maxpagesize
	IfMatch     bool
	Status      int    // of the answer that was made, 0 if none
	Code        string // of the error
	Outcome     string
	Fault       FaultKind
	Lost        bool      // the caller got no answer, or a part of one
	Late        bool      // applied after its connection was cut
	Throttled   bool      // 429
	Ready       time.Time // when a refused caller may come back; zero if nothing was said
	Repeated    bool      // a create that gave the first event of its transactionId
	Rows        int       // items in the answer
	Writes      []Write   // what came of it
	Invitations int       // messages that the write sent to other people
}

// Write is what a call did to one item.
type Write struct {
	Call    int64
	Mailbox string
	Op      string // OpCreate, OpUpdate, OpDelete
	Kind    Kind   // also extension and linkedResource
	ID      string // of the item: the immutable id where there is one
}

// about notes what a call wants.
func (c *Call) about(q *request) {
	c.Path, c.Op, c.Kind, c.IfMatch = q.shape, q.op, q.kind, q.ifMatch != ""
	c.Options = slices.Sorted(maps.Keys(q.query))
	c.Immutable, c.Zone, c.Body, c.PageSize = q.prefer.immutable, q.prefer.zone, q.prefer.body, q.prefer.pageSize
}

func (c *Call) wrote(it *item, mb *mailbox, op string) {
	c.Writes = append(c.Writes, Write{c.Seq, mb.address, op, it.kind, mb.idOf(it, true)})
}

// finish notes the answer.
func (c *Call) finish(a *answer, now time.Time) {
	c.Took, c.Status, c.Code, c.Ready, c.Lost = now.Sub(c.At), a.status, a.code, a.ready, a.closed || a.keep >= 0
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

// Counters are what the tenant saw since it was made or reset.
type Counters struct {
	Calls, Tokens, Batches   int // Calls of a batch count beside it
	Reads, Lists, Deltas     int // Deltas: pages of rounds of changes
	Created, Updated, Erased int // items, extensions and linked resources
	Invitations              int
	Throttled, Faulted       int
	Refused                  int
	WithoutImmutable         int // answered calls about contacts and events that did not ask for immutable ids
	PeakConcurrent           int
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
func (j *journal) begin(now time.Time, batch int64) *Call {
	j.mu.Lock()
	defer j.mu.Unlock()
	if batch == 0 {
		j.inFlight++
		j.counters.PeakConcurrent = max(j.counters.PeakConcurrent, j.inFlight)
	}
	j.seq++
	return &Call{Seq: j.seq, Batch: batch, At: now}
}

// add keeps a finished call.
func (j *journal) add(c *Call) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if c.Batch == 0 && !c.Late {
		j.inFlight--
	}
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
	n.Invitations += c.Invitations
	for _, w := range c.Writes {
		switch w.Op {
		case OpCreate:
			n.Created++
		case OpUpdate:
			n.Updated++
		case OpDelete:
			n.Erased++
		}
	}
}

func (n *Counters) arrived(c *Call) {
	n.Calls++
	switch c.Op {
	case OpToken:
		n.Tokens++
	case OpBatch:
		n.Batches++
	case OpRead:
		n.Reads++
	case OpList:
		n.Lists++
	case OpDelta, OpPage:
		n.Deltas++
	}
	if c.Throttled {
		n.Throttled++
	}
	if c.Fault != "" {
		n.Faulted++
	}
	if c.Outcome == Refused {
		n.Refused++
	}
	if c.Kind.immutable() && !c.Immutable && c.Status/100 == 2 {
		n.WithoutImmutable++
	}
}

// JournalQuery chooses calls; the zero value means all.
type JournalQuery struct {
	After    int64 // Seq
	Method   string
	Op       string
	Kind     Kind
	Mailbox  string
	Writing  bool      // POST, PATCH and DELETE only, but for sign-ins and batches
	From, To time.Time // At, To not included
}

func (q *JournalQuery) wants(c *Call) bool {
	writing := c.Method != http.MethodGet && c.Op != OpToken && c.Op != OpBatch
	return c.Seq > q.After && (q.Method == "" || q.Method == c.Method) && (q.Op == "" || q.Op == c.Op) && (q.Kind == "" || q.Kind == c.Kind) &&
		(q.Mailbox == "" || q.Mailbox == c.Mailbox) && (!q.Writing || writing) &&
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
