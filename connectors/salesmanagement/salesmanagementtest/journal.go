package salesmanagementtest

import (
	"time"

	"syncbox/connectors/rest/resttest"
)

// The endpoints.
const (
	EndpointLogin = "login"
	EndpointAPI   = "api"
	EndpointStore = "store" // of documents
)

// The outcomes of a call.
const (
	Answered = "answered" // as asked
	Denied   = "refused"  // the product refused
	Faulted  = "faulted"  // a Fault broke it; Writes tell what was done
	Pending  = "pending"  // cut; it is applied later, in a call of its own with Late set
)

// Write is what a call did to one record. It has no values.
type Write struct {
	Entity Entity
	ID     int64
	Op     string // create, update, delete, restore; of a product's picture document and upload
}

// Call is one call as the journal keeps it. It holds no key, no token, no locator and no value of a record.
type Call struct {
	Seq        int64
	At         time.Time // of the product's clock
	Took       time.Duration
	Endpoint   string // "" if there is no such path
	Method     string
	Op         string // login, list, read, schema, create, update, delete, document, upload; "" for a verb that the address has not
	Entity     Entity // "" if there is none of that name
	ID         int64
	Page, Size int      // of a list: from 0, and rows a page
	Columns    []string // of a where
	Fields     []string // that are sent
	Session    int64    // which token since the start, 0 for none
	Status     int      // of HTTP, 0 if there was no answer
	Code       int      // the product's own
	Refused    string
	Outcome    string
	Fault      FaultKind
	Lost       bool // the caller got no answer, or a part of one
	Late       bool // applied after its connection was cut
	Leaked     bool // the store of documents was told a secret of the API
	Rows       int
	Writes     []Write
}

// finish notes the answer.
func (c *Call) finish(a *resttest.Answer, now time.Time) {
	c.Took, c.Status, c.Lost = now.Sub(c.At), a.Status, a.Lost() || c.Fault == Truncated || c.Fault == EmptyBody || c.Fault == HTMLPage
	switch {
	case c.Outcome != "":
	case c.Fault != "":
		c.Outcome = Faulted
	case c.Refused != "" || a.Status/100 != 2:
		c.Outcome = Denied
	default:
		c.Outcome = Answered
	}
}

// Counters are what the tenant saw since it was made or reset, of the calls that are kept.
type Counters struct {
	Calls, Logins, Lists, Uploads int
	Refused, Throttled, Faulted   int
	Created, Updated, Deleted     int // records
	resttest.Peaks                    // of all calls together
}

// Counters gives the counts.
func (s *Server) Counters() Counters {
	n := Counters{Peaks: s.calls.Peaks()}
	for _, c := range s.calls.All() {
		n.count(&c)
	}
	return n
}

func (n *Counters) count(c *Call) {
	add := func(p *int, when bool) {
		if when {
			*p++
		}
	}
	add(&n.Calls, !c.Late)
	add(&n.Logins, c.Op == "login")
	add(&n.Lists, c.Op == "list")
	add(&n.Uploads, c.Op == "upload")
	add(&n.Refused, c.Outcome == Denied)
	add(&n.Throttled, c.Outcome == Denied && (c.Status == 429 || c.Status == 408))
	add(&n.Faulted, c.Fault != "" && !c.Late)
	for _, w := range c.Writes {
		add(&n.Created, w.Op == OpCreate)
		add(&n.Updated, w.Op == OpUpdate)
		add(&n.Deleted, w.Op == OpDelete)
	}
}

// JournalQuery chooses calls; the zero value means all.
type JournalQuery struct {
	After    int64 // Seq
	Endpoint string
	Op       string
	Entity   Entity
	From, To time.Time // At, To not included
}

func (q *JournalQuery) wants(c *Call) bool {
	return c.Seq > q.After && (q.Endpoint == "" || q.Endpoint == c.Endpoint) && (q.Op == "" || q.Op == c.Op) && (q.Entity == "" || q.Entity == c.Entity) &&
		(q.From.IsZero() || !c.At.Before(q.From)) && (q.To.IsZero() || c.At.Before(q.To))
}

// Journal gives the calls that were kept, in the order in which they ended.
func (s *Server) Journal(q JournalQuery) (calls []Call) {
	for _, c := range s.calls.All() {
		if q.wants(&c) {
			calls = append(calls, c)
		}
	}
	return calls
}

// Mark gives the number of the last call, for JournalQuery.After.
func (s *Server) Mark() int64 { return s.calls.Last() }
