package bob50test

import (
	"fmt"
	"maps"
	"slices"
)

// State is what the tables of a site hold at one moment.
type State struct{ tables map[string]*file }

// Save keeps the present state.
func (s *Site) Save() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	return State{clone(s.tables)}
}

func clone(tables map[string]*file) map[string]*file {
	all := map[string]*file{}
	for path, f := range tables {
		t := *f.Table
		t.rows, t.memos = slices.Clone(t.rows), slices.Clone(t.memos)
		for i := range t.rows {
			t.rows[i].bytes = slices.Clone(t.rows[i].bytes)
		}
		all[path] = &file{Table: &t, at: maps.Clone(f.at)}
	}
	return all
}

// Restore brings an older state back, as somebody who restores BOB's backup does: numbers and places are given out once more.
func (s *Site) Restore(old State) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tables = clone(old.tables)
	s.note(byUI, "restored", s.data())
	return s.mend()
}

// Mend writes all tables anew as they ought to be, whatever a fault did to them.
func (s *Site) Mend() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.mend()
}

func (s *Site) mend() error {
	for _, path := range slices.Sorted(maps.Keys(s.tables)) {
		if err := s.flush(path); err != nil {
			return fmt.Errorf("write tables: %w", err)
		}
	}
	return nil
}

// Diff names what differs between two states, by table, key and column; it shows no values.
func Diff(a, b State) (lines []string) {
	for _, path := range slices.Sorted(maps.Keys(a.tables)) {
		one, other := a.tables[path], b.tables[path]
		if other == nil {
			lines = append(lines, path)
			continue
		}
		keys := maps.Clone(one.at)
		maps.Copy(keys, other.at)
		for _, key := range slices.Sorted(maps.Keys(keys)) {
			lines = append(lines, diffRow(path, key, one, other)...)
		}
	}
	return lines
}

func diffRow(path, key string, one, other *file) (lines []string) {
	i, here := one.at[key]
	k, there := other.at[key]
	if !here || !there {
		return []string{path + " " + key}
	}
	a, b := one.fieldsOf(i), other.fieldsOf(k)
	for _, c := range one.columns {
		if !same(a[c.Name], b[c.Name]) {
			lines = append(lines, path+" "+key+" "+c.Name)
		}
	}
	return lines
}
