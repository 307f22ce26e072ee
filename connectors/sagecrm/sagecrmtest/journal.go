package sagecrmtest

import (
	"strconv"
	"strings"
	"time"

	"syncbox/connectors/rest/resttest"
)

// The endpoints.
const (
	EndpointSOAP = "soap"
	EndpointWSDL = "wsdl"
	EndpointREST = "rest"  // SData 2.0
	EndpointOld  = "sdata" // SData 1.1, read-only
)

// The outcomes of a call.
const (
	Answered = "answered" // as asked
	Denied   = "refused"  // the product refused; in a site with soap.write = partial Writes tell what was done before
	Faulted  = "faulted"  // a Fault broke it; Writes tell what was done
	Pending  = "pending"  // cut; it is applied later, in a call of its own with Late set
)

// Write is what a call did to one record. It has no values.
type Write struct {
	Entity Entity
	ID     int64
	Op     string
}

// Call is one call as the journal keeps it. It holds no login, no password, no session id and no value of a record.
type Call struct {
	Seq       int64
	At        time.Time // of the product's clock
	Took      time.Duration
	Endpoint  string // "" if there is no such path
	Method    string
	Op        string // of SOAP, in small letters; of REST read, query, schema, create, update, delete
	Entity    Entity // "" if there is none of that name
	ID        int64  // of a call about one record
	Fields    []string
	Records   int   // that are sent
	Chars     int   // of a request of SOAP
	Session   int64 // which session since the start, 0 for none
	Status    int   // of HTTP, 0 if there was no answer
	Refused   string
	Outcome   string
	Fault     FaultKind
	Lost      bool // the caller got no answer, or a part of one
	Late      bool // applied after its connection was cut
	Abandoned bool // it closed a query that was not read to its end
	Rows      int
	Writes    []Write
}

// about notes what a call of SOAP wants.
func (c *Call) about(s *Server, e *envelope) {
	c.Op, c.Records = e.op, len(e.records)
	if t := s.tables[Entity(lower(strings.TrimSpace(e.texts["entityname"])))]; t != nil {
		c.Entity = t.entity
	}
	c.ID, _ = strconv.ParseInt(e.texts["id"], 10, 64) // 0 where there is none
	if c.Entity == "" || len(e.records) != 1 {
		return
	}
	for _, one := range e.records[0].children {
		if key := s.tables[c.Entity].key; one.name == lower(key.tag()) || one.name == "crmid" {
			c.ID, _ = strconv.ParseInt(one.text, 10, 64) // 0 where it is none
		}
	}
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

// Counters are what the installation saw since it was made or reset, of the calls that are kept.
type Counters struct {
	Calls, SOAP, REST         int
	Logons, Logoffs           int
	Refused, Faulted          int
	Abandoned                 int // queries that were not read to their end
	Created, Updated, Deleted int // records
	resttest.Peaks                // of REST and SOAP together
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
	add(&n.SOAP, !c.Late && c.Endpoint == EndpointSOAP)
	add(&n.REST, !c.Late && (c.Endpoint == EndpointREST || c.Endpoint == EndpointOld))
	add(&n.Logons, c.Op == "logon")
	add(&n.Logoffs, c.Op == "logoff")
	add(&n.Refused, c.Outcome == Denied)
	add(&n.Faulted, c.Fault != "" && !c.Late)
	add(&n.Abandoned, c.Abandoned)
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
