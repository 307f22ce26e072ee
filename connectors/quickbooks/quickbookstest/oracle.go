package quickbookstest

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Forbidden gives the writes that a client must never ask for, done or not: of a document, a deletion, Active: false. A POST on
// a document whose body was never read is one too.
func (s *Server) Forbidden() []Write {
	var out []Write
	for _, c := range s.Journal(JournalQuery{}) {
		for _, w := range c.Writes {
			if w.Entity.isTransaction() || w.Deactivates || w.Op != OpCreate && w.Op != OpUpdate {
				out = append(out, w)
			}
		}
		if len(c.Writes) == 0 && c.Method == http.MethodPost && c.Entity.isTransaction() && c.Op != OpQuery {
			out = append(out, Write{Call: c.Seq, Entity: c.Entity, Op: c.Op})
		}
	}
	return out
}

// Written gives the writes of the journal's calls, done or not. In a direction that is off it is empty.
func (s *Server) Written(q JournalQuery) []Write {
	var out []Write
	for _, c := range s.Journal(q) {
		out = append(out, c.Writes...)
	}
	return out
}

// EarlyRetry is a call that came when a client had to be silent.
type EarlyRetry struct {
	Refused, Next int64         // Seq of the 429 and of the call that came too soon
	After         time.Duration // how long after it
	Quota         bool          // a read in a month that had no reads left
}

// EarlyRetries gives, for each 429, the first call within 60 s of it and, for each 429 of the monthly reads, the first read in the same
// month. Calls that were at work beside it are none.
func (s *Server) EarlyRetries() []EarlyRetry {
	calls := slices.DeleteFunc(s.Journal(JournalQuery{}), func(c Call) bool { return c.Late })
	slices.SortFunc(calls, func(a, b Call) int { return int(a.Seq - b.Seq) })
	var out []EarlyRetry
	for i := range calls {
		first := &calls[i]
		if !first.Throttled && !first.OverQuota {
			continue
		}
		for _, next := range calls[i+1:] {
			after := next.At.Sub(first.At)
			if next.At.Before(first.At.Add(first.Took)) {
				continue
			}
			if s.early(first, &next, after) {
				out = append(out, EarlyRetry{first.Seq, next.Seq, after, first.OverQuota})
				break
			}
		}
	}
	return out
}

func (s *Server) early(first, next *Call, after time.Duration) bool {
	if first.OverQuota {
		reads := next.Op == OpRead || next.Op == OpQuery || next.Op == OpCDC
		return reads && s.month(first.At) == s.month(next.At)
	}
	return after < pause
}

// Creates gives the Ids of the objects that calls created, in their order.
func (s *Server) Creates(e Entity) []string {
	var out []string
	for _, c := range s.Changes(ChangeQuery{Entity: e, Author: authorAPI}) {
		if c.Action == OpCreate && (len(out) == 0 || out[len(out)-1] != c.ID) {
			out = append(out, c.ID)
		}
	}
	return out
}

// Duplicates gives the Ids of customers that calls created and that have a company name, or a bare DisplayName, in common with another
// customer, by that name in small letters. It is empty unless a client made somebody twice.
func (s *Server) Duplicates() map[string][]string {
	made := s.Creates(Customer)
	shared := map[string][]string{}
	for _, c := range s.Customers() {
		name := c.CompanyName
		setDefault(&name, bare(c.DisplayName))
		name = strings.ToLower(name)
		shared[name] = append(shared[name], c.ID)
	}
	maps.DeleteFunc(shared, func(_ string, ids []string) bool {
		return len(ids) < 2 || !slices.ContainsFunc(ids, func(id string) bool { return slices.Contains(made, id) })
	})
	return shared
}
