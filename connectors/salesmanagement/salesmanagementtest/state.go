package salesmanagementtest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"
)

// row is a stored record.
type row struct {
	ID                              int64
	Values                          map[string]string // by field; "" is absent
	Created, Updated, Removed       time.Time         // zero: null
	CreatedBy, UpdatedBy, RemovedBy int64
	Deleted                         bool
}

// state is what the tenant holds.
type state struct {
	Rows      map[Entity][]*row            // by id, ascending
	Last      map[Entity]int64             // the last id that was given
	Documents []*Document                  // by id, ascending
	byExt     map[Entity]map[string][]*row // by what the collation takes for one external id
}

func newState() *state {
	return &state{Rows: map[Entity][]*row{}, Last: map[Entity]int64{}, byExt: map[Entity]map[string][]*row{}}
}

// find gives a record, also one that is deleted; nil if there is none.
func (st *state) find(e Entity, id int64) *row {
	rows := st.Rows[e]
	i, ok := slices.BinarySearchFunc(rows, id, func(r *row, id int64) int { return int(r.ID - id) })
	if !ok {
		return nil
	}
	return rows[i]
}

// live gives a record that is not deleted.
func (st *state) live(e Entity, id int64) *row {
	if r := st.find(e, id); r != nil && !r.Deleted {
		return r
	}
	return nil
}

// add makes an empty record with the next id of its kind.
func (st *state) add(e Entity) *row {
	st.Last[e]++
	r := &row{ID: st.Last[e], Values: map[string]string{}}
	st.Rows[e] = append(st.Rows[e], r)
	return r
}

// remove takes a record out for good.
func (st *state) remove(e Entity, r *row) {
	st.set(e, r, "extId", "")
	st.Rows[e] = slices.DeleteFunc(st.Rows[e], func(one *row) bool { return one == r })
}

// set puts a value and keeps the index of external ids.
func (st *state) set(e Entity, r *row, name, v string) {
	if name == "extId" {
		if st.byExt[e] == nil {
			st.byExt[e] = map[string][]*row{}
		}
		old, next := folded(r.Values[name]), folded(v)
		st.byExt[e][old] = slices.DeleteFunc(st.byExt[e][old], func(one *row) bool { return one == r })
		if v != "" {
			at, _ := slices.BinarySearchFunc(st.byExt[e][next], r.ID, func(one *row, id int64) int { return int(one.ID - id) })
			st.byExt[e][next] = slices.Insert(st.byExt[e][next], at, r)
		}
	}
	if v == "" {
		delete(r.Values, name)
		return
	}
	r.Values[name] = v
}

// value gives what a field holds, stamps too; "" is null.
func (r *row) value(name string) string {
	switch name {
	case "id":
		return strconv.FormatInt(r.ID, 10)
	case "dateCreated":
		return stamp(r.Created)
	case "dateUpdated":
		return stamp(r.Updated)
	case "dateDeleted":
		return stamp(r.Removed)
	case "deleted":
		return strconv.FormatBool(r.Deleted)
	case "salesRepIdCreated":
		return number(r.CreatedBy)
	case "salesRepIdUpdated":
		return number(r.UpdatedBy)
	case "salesRepIdDeleted":
		return number(r.RemovedBy)
	}
	return r.Values[name]
}

func number(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

// Values are the values of a record by field, as they are stored: references are ids, a check box is true or absent, dates are those of
// the wire in UTC with three digits of a second.
type Values map[string]string

// Record is a record as tests see it. Its Values have the stamps too.
type Record struct {
	Entity  Entity
	ID      int64
	Deleted bool
	Values  Values
}

func (s *Server) record(e Entity, r *row) Record {
	out := Record{e, r.ID, r.Deleted, Values{}}
	for _, f := range s.tables[e].fields {
		if v := r.value(f.Name); v != "" {
			out.Values[f.Name] = v
		}
	}
	return out
}

// Records gives the records of a kind by id, without those that are deleted.
func (s *Server) Records(e Entity) (out []Record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.state.Rows[e] {
		if !r.Deleted {
			out = append(out, s.record(e, r))
		}
	}
	return out
}

// Record gives one record, also one that is softly deleted.
func (s *Server) Record(e Entity, id int64) (Record, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.state.find(e, id)
	if r == nil {
		return Record{}, false
	}
	return s.record(e, r), true
}

// ByExtID gives the living records of an external id, by id.
func (s *Server) ByExtID(e Entity, ext string) (out []Record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.state.byExt[e][folded(ext)] {
		if !r.Deleted {
			out = append(out, s.record(e, r))
		}
	}
	return out
}

// Save gives what the tenant holds; two equal tenants give the same bytes. Tokens are not in it, nor what a picture shows but its digest.
func (s *Server) Save() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := json.Marshal(s.state)
	if err != nil {
		panic("salesmanagementtest: " + err.Error()) // of texts, numbers and times alone
	}
	return b
}

// Restore puts the tenant back to what Save gave: ids that came since are given again, all tokens end, the history goes on.
func (s *Server) Restore(saved []byte) error {
	st := newState()
	if err := json.Unmarshal(saved, st); err != nil {
		return fmt.Errorf("restore a tenant: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for e, rows := range st.Rows {
		if s.tables[e] == nil {
			return fmt.Errorf("restore a tenant: no entity %q", e)
		}
		for _, r := range rows {
			ext := r.Values["extId"]
			delete(r.Values, "extId")
			st.set(e, r, "extId", ext)
		}
	}
	s.state = st
	clear(s.tokens)
	return nil
}

// Diff names what differs between two saved states, by entity, id and field; it shows no values.
func Diff(a, b []byte) (lines []string, err error) {
	var one, other state
	for _, part := range []struct {
		from []byte
		to   *state
	}{{a, &one}, {b, &other}} {
		if err := json.Unmarshal(part.from, part.to); err != nil {
			return nil, fmt.Errorf("compare tenants: %w", err)
		}
	}
	entities := maps.Clone(one.Rows)
	maps.Copy(entities, other.Rows)
	for _, e := range slices.Sorted(maps.Keys(entities)) {
		lines = append(lines, diffRows(e, &one, &other)...)
	}
	return lines, nil
}

func diffRows(e Entity, one, other *state) (lines []string) {
	ids := map[int64]bool{}
	for _, r := range slices.Concat(one.Rows[e], other.Rows[e]) {
		ids[r.ID] = true
	}
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		a, b, at := one.find(e, id), other.find(e, id), string(e)+" "+strconv.FormatInt(id, 10)
		if a == nil || b == nil {
			lines = append(lines, at)
			continue
		}
		names := maps.Clone(a.Values)
		maps.Copy(names, b.Values)
		for _, name := range append(slices.Sorted(maps.Keys(names)), "deleted", "dateUpdated") {
			if a.value(name) != b.value(name) {
				lines = append(lines, at+" "+name)
			}
		}
	}
	return lines
}
