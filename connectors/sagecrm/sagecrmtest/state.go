package sagecrmtest

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"
)

// row is a stored record.
type row struct {
	ID                   int64
	Values               map[string]string // by name of the column; "" is absent
	Created, Updated     time.Time
	CreatedBy, UpdatedBy int64
	Deleted              bool
	Rev                  int64 // of every change
}

// state is what the database holds.
type state struct {
	Rows map[Entity][]*row // by id, ascending
	kids map[kin][]int64
}

// kin are the children of one kind that one record has.
type kin struct {
	owner Entity
	id    int64
	child Entity
}

func newState() *state { return &state{Rows: map[Entity][]*row{}, kids: map[kin][]int64{}} }

// find gives a record, also one that is deleted; nil if there never was one.
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
	next := int64(1)
	if rows := st.Rows[e]; len(rows) > 0 {
		next = rows[len(rows)-1].ID + 1
	}
	r := &row{ID: next, Values: map[string]string{}}
	st.Rows[e] = append(st.Rows[e], r)
	return r
}

// set puts a value and keeps the index of children.
func (st *state) set(e Entity, r *row, f *Field, v string) {
	if f.To != "" && slices.Contains(children(f.To), e) {
		if id, err := strconv.ParseInt(r.Values[f.Name], 10, 64); err == nil {
			k := kin{f.To, id, e}
			st.kids[k] = slices.DeleteFunc(st.kids[k], func(one int64) bool { return one == r.ID })
		}
		if id, err := strconv.ParseInt(v, 10, 64); err == nil {
			k := kin{f.To, id, e}
			at, _ := slices.BinarySearch(st.kids[k], r.ID)
			st.kids[k] = slices.Insert(st.kids[k], at, r.ID)
		}
	}
	if v == "" {
		delete(r.Values, f.Name)
		return
	}
	r.Values[f.Name] = v
}

// children gives the living children of a record, of one kind.
func (st *state) children(owner Entity, id int64, child Entity) (out []*row) {
	for _, one := range st.kids[kin{owner, id, child}] {
		if r := st.live(child, one); r != nil {
			out = append(out, r)
		}
	}
	return out
}

// value gives what a column holds of a record, stamps too.
func (s *Server) value(t *table, r *row, f *Field) string {
	if !f.system {
		return r.Values[f.Name]
	}
	switch strings.TrimPrefix(f.Name, t.prefix) {
	case "_createddate":
		return r.Created.In(s.opts.Zone).Format(wall)
	case "_updateddate":
		return r.Updated.In(s.opts.Zone).Format(wall)
	case "_createdby":
		return strconv.FormatInt(r.CreatedBy, 10)
	case "_updatedby":
		return strconv.FormatInt(r.UpdatedBy, 10)
	case "_deleted":
		if r.Deleted {
			return "1"
		}
		return ""
	}
	return strconv.FormatInt(r.ID, 10)
}

// Values are the values of a record by name of the column, as they are stored: a check box is Y or absent, times are local, the codes
// of a multi-value field have commas between.
type Values map[string]string

// Record is a record as tests see it. Its Values have the stamps too.
type Record struct {
	Entity  Entity
	ID      int64
	Deleted bool
	Values  Values
}

func (s *Server) record(e Entity, r *row) Record {
	t := s.tables[e]
	out := Record{e, r.ID, r.Deleted, Values{}}
	for i := range t.fields {
		if v := s.value(t, r, &t.fields[i]); v != "" {
			out.Values[t.fields[i].Name] = v
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

// Record gives one record, also a deleted one.
func (s *Server) Record(e Entity, id int64) (Record, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.state.find(e, id)
	if r == nil {
		return Record{}, false
	}
	return s.record(e, r), true
}

// Children gives what belongs to a record, of one kind.
func (s *Server) Children(owner Entity, id int64, child Entity) (out []Record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.state.children(owner, id, child) {
		out = append(out, s.record(child, r))
	}
	return out
}

// Save gives what the database holds; two equal databases give the same bytes. Sessions are not in it.
func (s *Server) Save() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := json.Marshal(s.state)
	if err != nil {
		panic("sagecrmtest: " + err.Error()) // of texts, numbers and times alone
	}
	return b
}

// Restore puts the database back to what Save gave, as somebody does who restores a backup: ids that came since are given again, all
// sessions end, the history goes on.
func (s *Server) Restore(saved []byte) error {
	st := newState()
	if err := json.Unmarshal(saved, st); err != nil {
		return fmt.Errorf("restore Sage CRM: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for e, rows := range st.Rows {
		t := s.tables[e]
		if t == nil {
			return fmt.Errorf("restore Sage CRM: no entity %q", e)
		}
		for _, r := range rows {
			values := r.Values
			r.Values = map[string]string{}
			for name, v := range values {
				f := t.byName[strings.ToLower(name)]
				if f == nil {
					return fmt.Errorf("restore Sage CRM: no column %q", name)
				}
				st.set(e, r, f, v)
			}
		}
	}
	s.state = st
	clear(s.sessions)
	return nil
}

// shuffled gives rows in no order, as a database may; the same seed and number give the same one.
func (s *Server) shuffled(rows []*row, n int64) []*row {
	random := rand.New(rand.NewPCG(s.opts.Seed, uint64(n)))
	random.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	return rows
}

func sortedNames(v map[string]string) []string { return slices.Sorted(maps.Keys(v)) }
