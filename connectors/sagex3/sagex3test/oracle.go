package sagex3test

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Forbidden gives the writes that a synchronisation must never ask for, done or not: of anything but tasks, calls, appointments,
// correspondants and lines of the queue.
func (s *Server) Forbidden() []Write {
	return slices.DeleteFunc(s.Written(JournalQuery{}), func(w Write) bool { return w.Object.synced() || w.Object == Queue })
}

// Written gives the writes of the journal's calls, done or not. In a direction that is off it is empty.
func (s *Server) Written(q JournalQuery) []Write {
	var out []Write
	for _, c := range s.Journal(q) {
		out = append(out, c.Writes...)
	}
	return out
}

// Created gives the numbers of the records that calls made, in their order.
func (s *Server) Created(o Object) []string {
	var out []string
	for _, w := range s.Written(JournalQuery{}) {
		if w.Applied && w.Op == OpCreate && w.Object == o {
			out = append(out, w.Key)
		}
	}
	return out
}

// Duplicates gives the numbers of records of which one at least was made by a call and which are alike in owner, subject, day and
// company, or, of correspondants, in names, e-mail and company. It is empty unless a client made something twice.
func (s *Server) Duplicates(o Object) [][]string {
	made := s.Created(o)
	alike := map[string][]string{}
	for _, r := range s.Records(o) {
		v := r.Values
		sign := strings.Join([]string{v[Owner], v[Subject], v[Start], v[StartTime], v[Due], v[Company], v[LastName], v[FirstName], v[Email]}, "\x00")
		alike[sign] = append(alike[sign], r.Key)
	}
	maps.DeleteFunc(alike, func(_ string, keys []string) bool {
		return len(keys) < 2 || !slices.ContainsFunc(keys, func(key string) bool { return slices.Contains(made, key) })
	})
	return slices.SortedFunc(maps.Values(alike), func(a, b []string) int { return cmp.Compare(a[0], b[0]) })
}
