package sagecrmtest

import (
	"maps"
	"slices"
	"strings"
)

// ChangeQuery chooses changes; the zero value means all.
type ChangeQuery struct {
	After  int64 // Seq
	Entity Entity
	ID     int64
	Field  string // name of the column
	Author string // a login; "people" means everybody at the console, "calls" everything by the interfaces
}

func (q *ChangeQuery) wants(c *Change) bool {
	author := q.Author == "" || q.Author == c.Author || q.Author == "people" && c.Call == 0 || q.Author == "calls" && c.Call != 0
	return author && c.Seq > q.After && (q.Entity == "" || q.Entity == c.Entity) && (q.ID == 0 || q.ID == c.ID) &&
		(q.Field == "" || strings.EqualFold(q.Field, c.Field))
}

// Changes gives what changed, in its order: by whom each value was written.
func (s *Server) Changes(q ChangeQuery) (out []Change) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.history.changes {
		if q.wants(&c) {
			out = append(out, c)
		}
	}
	return out
}

// WrittenBy gives the change that wrote what a column holds now; nothing for a value of Fill.
func (s *Server) WrittenBy(e Entity, id int64, field string) (Change, bool) {
	all := s.Changes(ChangeQuery{Entity: e, ID: id, Field: field})
	if len(all) == 0 {
		return Change{}, false
	}
	return all[len(all)-1], true
}

// Reverts gives the writes by calls that put back what a person had replaced.
func (s *Server) Reverts() []Revert {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.history.reverts)
}

// Created gives the ids of the records that calls made, in their order, also of those that are gone since.
func (s *Server) Created(e Entity) (out []int64) {
	for _, c := range s.calls.All() {
		for _, w := range c.Writes {
			if w.Op == OpCreate && w.Entity == e {
				out = append(out, w.ID)
			}
		}
	}
	return out
}

// Deleted gives what calls deleted. No direction of BOB 50 deletes anything, so that it is empty.
func (s *Server) Deleted() (out []Write) {
	for _, c := range s.calls.All() {
		for _, w := range c.Writes {
			if w.Op == OpDelete {
				out = append(out, w)
			}
		}
	}
	return out
}

// Duplicates gives the ids of companies that share a VAT number and of which a call made one at least, by that number without blanks,
// dots and case. It is empty unless a client made somebody twice.
func (s *Server) Duplicates() map[string][]int64 {
	return s.shared(func(r *row) string { return plainVAT(s.vat(r)) })
}

// SharedBobIDs gives the same for the id of BOB 50.
func (s *Server) SharedBobIDs() map[string][]int64 {
	return s.shared(func(r *row) string { return r.Values["comp_bobid"] })
}

func plainVAT(v string) string {
	return strings.NewReplacer(" ", "", ".", "", "-", "", "/", "").Replace(strings.ToUpper(v))
}

func (s *Server) shared(sign func(*row) string) map[string][]int64 {
	made := s.Created(Company)
	out := map[string][]int64{}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.state.Rows[Company] {
		if v := sign(r); v != "" && !r.Deleted {
			out[v] = append(out[v], r.ID)
		}
	}
	maps.DeleteFunc(out, func(_ string, ids []int64) bool {
		return len(ids) < 2 || !slices.ContainsFunc(ids, func(id int64) bool { return slices.Contains(made, id) })
	})
	return out
}
