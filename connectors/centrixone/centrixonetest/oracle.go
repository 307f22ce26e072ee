package centrixonetest

import (
	"maps"
	"slices"
	"strings"
)

// ChangeQuery chooses changes; the zero value means all.
type ChangeQuery struct {
	After    int64 // Seq
	Resource Resource
	ID       int64
	Field    string
	Author   string // exact; "people" means everybody but sync
}

func (q *ChangeQuery) wants(c *Change) bool {
	return (q.Field == "" || strings.EqualFold(q.Field, c.Field)) &&
		(q.Author == "" || q.Author == c.Author || (q.Author == "people" && c.Author != authorSync))
}

// Changes tells, oldest first, which fields got which values from whom since the server was made or reset.
func (s *Server) Changes(q ChangeQuery) []Change {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var out []Change
	for i := range s.state.history.versions {
		v := &s.state.history.versions[i]
		if v.seq <= q.After || (q.Resource != "" && q.Resource != v.res) || (q.ID != 0 && q.ID != v.id) {
			continue
		}
		for _, c := range v.changes() {
			if q.wants(&c) {
				out = append(out, c)
			}
		}
	}
	return out
}

// Reverts gives the writes by sync that put back what a person had replaced.
func (s *Server) Reverts() []Revert {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Clone(s.state.history.reverts)
}

// Creates gives the ids of the records that sync created with an external id, one for each creation,
// also of those that are gone or moved to another external id since. "" asks for those without one.
func (s *Server) Creates(res Resource, ext string) []int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Clone(s.state.history.creates[res][ext])
}

// CreatedTwice gives the external ids with which sync created more than one record. That is right only
// where the first was deleted in the CRM, or moved to another external id.
func (s *Server) CreatedTwice(res Resource) []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var twice []string
	for ext, ids := range s.state.history.creates[res] {
		if ext != "" && len(ids) > 1 {
			twice = append(twice, ext)
		}
	}
	slices.Sort(twice)
	return twice
}

// SharedNumbers gives the ids of accounts that have the same customer number, by that number. In one
// company it is empty unless a customer is in the CRM twice.
func (s *Server) SharedNumbers() map[string][]int64 {
	shared := map[string][]int64{}
	for _, a := range s.Accounts() {
		if a.Sync.CustomerNumber != "" {
			shared[a.Sync.CustomerNumber] = append(shared[a.Sync.CustomerNumber], a.ID)
		}
	}
	maps.DeleteFunc(shared, func(_ string, ids []int64) bool { return len(ids) < 2 })
	return shared
}
