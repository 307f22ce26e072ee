package sage50test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
)

func (d *company) clone() *company {
	b, err := json.Marshal(d)
	if err != nil {
		panic("sage50test: " + err.Error()) // of texts and numbers alone
	}
	out := newCompany()
	if err := json.Unmarshal(b, out); err != nil {
		panic("sage50test: " + err.Error())
	}
	return out
}

// State is what the dossiers of a site hold at one moment.
type State struct{ dossiers map[string]*company }

// Save keeps the present state.
func (s *Site) Save() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := map[string]*company{}
	for name, d := range s.dossiers {
		all[name] = d.clone()
	}
	return State{all}
}

// Restore brings a dossier's data back to an older state, as somebody who restores Sage's backup does: numbers and codes are given out
// once more. The folders of exports and imports stay as they are.
func (s *Site) Restore(dossier string, old State) error {
	return s.at(dossier, func(d *company) error {
		if old.dossiers[dossier] == nil {
			return fmt.Errorf("restore: %s: %w", dossier, ErrNoDossier)
		}
		*d = *old.dossiers[dossier].clone()
		s.note("sage", "restored", dossier, dossier)
		return nil
	})
}

// Clone makes a dossier of another one's data: the same codes once more.
func (s *Site) Clone(dossier, as string) error {
	return s.at(dossier, func(d *company) error {
		if s.dossiers[as] != nil {
			return fmt.Errorf("clone %s: %w", as, ErrTaken)
		}
		s.note("sage", "cloned", dossier, as)
		return s.open(as, d.clone())
	})
}

// Rename gives a dossier, and its folder, another name.
func (s *Site) Rename(dossier, to string) error {
	return s.at(dossier, func(d *company) error {
		if s.dossiers[to] != nil {
			return fmt.Errorf("rename to %s: %w", to, ErrTaken)
		}
		if err := os.Rename(s.disk(dossier), s.disk(to)); err != nil {
			return fmt.Errorf("rename a dossier: %w", err)
		}
		delete(s.dossiers, dossier)
		s.dossiers[to] = d
		for _, files := range []map[string]string{s.own, s.seen, s.done} {
			renamed(files, dossier, to)
		}
		renamed(s.due, dossier, to)
		s.note("sage", "renamed", dossier, to)
		return nil
	})
}

// renamed moves what is kept by path below a folder to another one.
func renamed[T any](files map[string]T, from, to string) {
	for _, name := range slices.Collect(maps.Keys(files)) {
		if rest, below := strings.CutPrefix(name, from+"/"); below {
			files[to+"/"+rest] = files[name]
			delete(files, name)
		}
	}
}

// Diff names what differs between two states, by dossier, kind, code and column; it shows no values.
func Diff(a, b State) (lines []string) {
	names := maps.Clone(a.dossiers)
	maps.Copy(names, b.dossiers)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		one, other := flat(name, a.dossiers[name]), flat(name, b.dossiers[name])
		all := maps.Clone(one)
		maps.Copy(all, other)
		for _, at := range slices.Sorted(maps.Keys(all)) {
			if one[at] != other[at] {
				lines = append(lines, at)
			}
		}
	}
	return lines
}

// flat is every value of a dossier by where it stands.
func flat(name string, d *company) map[string]string {
	out := map[string]string{}
	if d == nil {
		return out
	}
	add := func(at string, f Fields) {
		for column, v := range f {
			out[name+" "+at+" "+column] = v
		}
	}
	for k, rows := range d.Records {
		for _, r := range rows {
			add(string(k)+" "+r.Code, r.Fields)
		}
	}
	for _, doc := range d.Documents {
		add(string(Documents)+" "+doc.Number, doc.Fields)
		for i, l := range doc.Lines {
			add(fmt.Sprint(Documents, " ", doc.Number, " line ", i+1), l)
		}
	}
	for article, p := range d.Images {
		out[name+" image "+article] = p.Content
	}
	return out
}
