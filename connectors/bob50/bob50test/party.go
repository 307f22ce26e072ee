package bob50test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// Errors of the simulated program, to be found with errors.Is.
var (
	// ErrNoParty means that no third party has this reference.
	ErrNoParty = errors.New("no such third party")
	// ErrTaken means that a third party has this reference already.
	ErrTaken = errors.New("reference is already in use")
	// ErrNoTables means that this generation keeps its data elsewhere, or that there is no such table.
	ErrNoTables = errors.New("no such table")
)

// Fields are a row by the names of its columns, with cells as Append takes them. An empty text and NULL are one: both are not there.
type Fields map[string]any

// Text is a cell's text, empty if it has none.
func (f Fields) Text(name string) string {
	text, _ := f[name].(string)
	return text
}

// fold makes references comparable.
func fold(cid string) string { return strings.ToUpper(strings.TrimSpace(cid)) }

// fieldsOf gives row i without its empty cells.
func (f *file) fieldsOf(i int) Fields {
	fields := Fields{}
	for c, column := range f.columns {
		if v := f.rows[i].cells[c]; v != nil && v != "" {
			fields[column.Name] = v
		}
	}
	return fields
}

// cellsOf turns fields into the cells of a row; a field without a column is an error.
func (f *file) cellsOf(fields Fields) ([]any, error) {
	cells := make([]any, len(f.columns))
	for name, v := range fields {
		c := f.Column(name)
		if c < 0 {
			return nil, fmt.Errorf("no column %s", name)
		}
		if v != "" {
			cells[c] = v
		}
	}
	return cells, nil
}

// insert adds a row with this key, in the place of a deleted one where the switch says so.
func (s *Site) insert(path, key string, fields Fields) (int, error) {
	f := s.tables[path]
	if f == nil {
		return 0, ErrNoTables
	}
	cells, err := f.cellsOf(fields)
	if err != nil {
		return 0, err
	}
	i := -1
	if s.o.Switches.Places == PlacesReused {
		i = slices.IndexFunc(f.rows, func(r row) bool { return r.status == Deleted })
	}
	if i < 0 {
		i, err = f.Len(), f.Append(s.status(), cells...)
	} else {
		err = f.Set(i, s.status(), cells...)
	}
	if err == nil {
		f.at[fold(key)] = i
	}
	return i, err
}

// status is that of a row written now: both kinds of active rows occur.
func (s *Site) status() byte {
	if s.rand.IntN(3) == 0 {
		return Active
	}
	return Touched
}

// update changes some cells of row i.
func (s *Site) update(path string, i int, changes Fields) error {
	f := s.tables[path]
	fields := f.fieldsOf(i)
	maps.Copy(fields, changes)
	cells, err := f.cellsOf(fields)
	if err != nil {
		return err
	}
	if err := f.Set(i, s.status(), cells...); err != nil {
		return err
	}
	return s.put(path, i)
}

// Table gives a copy of the rows of a company's table that are not deleted, in their order.
func (s *Site) Table(name string) ([]Fields, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.tables[s.data()+"/"+name]
	if f == nil {
		return nil, fmt.Errorf("table %s: %w", name, ErrNoTables)
	}
	var rows []Fields
	for i, r := range f.rows {
		if r.status&1 == 0 {
			rows = append(rows, f.fieldsOf(i))
		}
	}
	return rows, nil
}

// Party gives a third party with its custom fields.
func (s *Site) Party(cid string) (Fields, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.party(cid)
}

func (s *Site) party(cid string) (Fields, error) {
	f := s.tables[s.data()+"/"+Parties]
	if f == nil {
		return nil, fmt.Errorf("third party %s: %w", cid, ErrNoTables)
	}
	i, ok := f.at[fold(cid)]
	if !ok {
		return nil, fmt.Errorf("third party %s: %w", cid, ErrNoParty)
	}
	fields := f.fieldsOf(i)
	if custom := s.tables[s.data()+"/"+CustomName]; custom != nil {
		if i, ok := custom.at[fold(cid)]; ok {
			maps.Copy(fields, custom.fieldsOf(i))
		}
	}
	return fields, nil
}

// CIDs are the references of all third parties, sorted.
func (s *Site) CIDs() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cids()
}

func (s *Site) cids() []string {
	f := s.tables[s.data()+"/"+Parties]
	if f == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(f.at))
}

// split parts fields into those of AC_COMPAN and those of the table of custom fields, which may not be there.
func (s *Site) split(fields Fields) (party, custom Fields) {
	party, custom = maps.Clone(fields), Fields{}
	if s.o.Switches.CustomStore == CustomTable {
		for _, c := range customColumns() {
			if v, ok := party[c.Name]; ok {
				custom[c.Name] = v
				delete(party, c.Name)
			}
		}
	}
	return party, custom
}

// stamp is what the columns of a table without zone show of the clock.
func (s *Site) stamp() time.Time {
	n := s.now
	return time.Date(n.Year(), n.Month(), n.Day(), n.Hour(), n.Minute(), n.Second(), n.Nanosecond()/1e6*1e6, time.UTC)
}

// same says whether two cells are equal.
func same(a, b any) bool {
	switch a := a.(type) {
	case time.Time:
		b, ok := b.(time.Time)
		return ok && a.Equal(b)
	case decimal.Decimal:
		b, ok := b.(decimal.Decimal)
		return ok && a.Equal(b)
	case []byte:
		b, ok := b.([]byte)
		return ok && bytes.Equal(a, b)
	}
	return a == b
}
