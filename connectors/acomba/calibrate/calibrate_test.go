package calibrate_test

import (
	"context"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/acomba/calibrate"
	"syncbox/connectors/acomba/layout"
)

var noon = time.Date(2026, 1, 6, 12, 0, 0, 0, time.UTC)

// store writes a file as the box does, but for what power cuts need.
func store(path string, text []byte, mode fs.FileMode) error {
	if err := os.WriteFile(path+".new", text, mode); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// open begins a calibration of a folder.
func open(t testing.TB, dir, company string) *calibrate.Session {
	t.Helper()
	book, err := calibrate.OpenBook(filepath.Join(dir, "layouts"), store)
	must(t, err)
	s, err := calibrate.Open(calibrate.Options{Dir: filepath.Join(dir, "calibration"), Company: os.DirFS(company), Book: book, Write: store,
		Now: func() time.Time { return noon }})
	must(t, err)
	return s
}

var site = calibrate.Site{ID: "nord", AcombaVersion: "14.02", By: "T. Roy"}

// TestForeign calibrates companies in forms that nobody told the calibrator, from what a technician reads off the screen
// alone, and reads all customers and documents with the layouts that come out.
func TestForeign(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(styles)) {
		t.Run(name, func(t *testing.T) {
			company, err := acombatest.Create(t.TempDir(), acombatest.Options{Seed: 11, Customers: 300, Documents: 150})
			must(t, err)
			f := emigrate(t, company, styles[name], 5)
			s := open(t, t.TempDir(), f.dir)
			must(t, s.Begin(site))
			_, err = s.Take(context.Background(), "", nil)
			must(t, err)
			found := f.converse(t, s, f.knows(t, 5))
			draft, err := s.Draft(context.Background(), nil)
			if err != nil {
				t.Fatalf("%v\n%s\n%v %v", err, report(found), f.at, f.size)
			}
			f.read(t, draft)
			if t.Failed() || draft.Report.Blocked() {
				t.Errorf("blocked %v\n%s\n%s\n%+v", draft.Report.Blocked(), report(found), draft.Text, draft.Report.Probes)
				t.Logf("%v %v", f.at, f.size)
			}
		})
	}
}

// converse has a technician answer what is asked until nothing is asked that a card of the folder tells.
func (f *foreign) converse(t testing.TB, s *calibrate.Session, known map[calibrate.Table][]calibrate.Example) calibrate.Findings {
	t.Helper()
	for round := 1; ; round++ {
		for table, examples := range known {
			must(t, s.SetExamples(table, examples))
		}
		found, err := s.Search(context.Background(), nil)
		must(t, err)
		if round == 5 || !f.answer(known, found.Asks) {
			return found
		}
	}
}

// read reads the folder by a draft, and holds every field of every card in use against what the simulator wrote.
func (f *foreign) read(t *testing.T, draft calibrate.Draft) {
	t.Helper()
	l, err := layout.Parse("draft", []byte(draft.Text))
	must(t, err)
	vote := &layout.Vote{}
	for _, file := range l.Files() {
		f.each(t, file, func(c *layout.Card, raw []byte) { vote.AddCard(file, raw) })
	}
	l = l.Resolve(vote)
	for _, name := range []string{"CUSTOMER", "TRANS", "LINES", "SALESREP", "PRODGRP"} {
		file := l.File(name)
		if file == nil {
			t.Errorf("%s is not in the draft", name)
			continue
		}
		wrong, seen := map[string]int{}, 0
		f.each(t, file, func(c *layout.Card, _ []byte) {
			seen++
			want := f.rows[name][c.Position()]
			if want == nil || want["status"] != nil {
				wrong["(in use)"]++
				return
			}
			for _, spec := range file.Fields() {
				for i := range spec.Count {
					label := element(spec.Name, i, spec.Count)
					if v, ok := want[label]; ok && !f.agrees(c, name, spec, i, label, v) {
						wrong[label]++
					}
				}
			}
		})
		if n := len(f.inUse(name, nil)); seen != n {
			t.Errorf("%s: %d cards in use, want %d", name, seen, n)
		}
		for label, n := range wrong {
			t.Errorf("%s %s: wrong on %d of %d cards", name, label, n, seen)
		}
	}
}

// each reads the cards in use of a file.
func (f *foreign) each(t *testing.T, file *layout.File, visit func(c *layout.Card, raw []byte)) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(f.dir, file.Path))
	must(t, err)
	first, last := file.Positions(int64(len(b)))
	for p := first; p <= last; p++ {
		raw := b[file.Offset(p):][:file.CardSize]
		c, err := file.Decode(p, raw)
		must(t, err)
		if c.Status() == layout.StatusInUse {
			visit(&c, raw)
		}
	}
}

func (f *foreign) agrees(c *layout.Card, name string, spec layout.Spec, i int, label string, v any) bool {
	probe := *c
	got := probe.Format(spec.Name, i)
	if probe.Err() != nil {
		return false
	}
	switch v := v.(type) {
	case position:
		return probe.Int(spec.Name, i) == int64(v)
	case money:
		want, _ := f.shown(name, label, v)
		return strings.Replace(got, ".", ",", 1) == want || probe.Decimal(spec.Name, i).String() == strings.Replace(want, ",", ".", 1)
	}
	want, ok := f.shown(name, label, v)
	return !ok || got == want
}
