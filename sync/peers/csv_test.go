package peers_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/connectortest"
	"syncbox/connectors/record"
	"syncbox/sync/peers"
)

const header = "id,name,phone,comment\n"

// rows is a file that a test edits.
type rows struct {
	path string
	list []string // without their line breaks
}

// many gives rows of some 200 bytes, of which a block holds 160.
func many(t testing.TB, n int) *rows {
	f := &rows{path: filepath.Join(t.TempDir(), "rows.csv")}
	for i := range n {
		f.list = append(f.list, line(fmt.Sprintf("C%05d", i), "0"))
	}
	f.write(t)
	return f
}

func line(id, phone string) string {
	return fmt.Sprintf(`%s,"Client ""%s"", inc.",%s,%s`, id, id, phone, strings.Repeat("x", 160))
}

func (f *rows) write(t testing.TB) {
	t.Helper()
	must(t, os.WriteFile(f.path+".tmp", []byte(header+strings.Join(f.list, "\n")+"\n"), 0o600))
	must(t, os.Rename(f.path+".tmp", f.path))
}

func (f *rows) open(t testing.TB) *peers.CSV {
	t.Helper()
	s, err := peers.OpenCSV(f.path, "id")
	must(t, err)
	return s
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// look observes and commits; it gives what was told, in order.
func look(t testing.TB, s *peers.CSV, n *connectortest.Notes) []record.Key {
	t.Helper()
	n.Begin()
	must(t, s.Observe(context.Background(), n))
	told := n.Told[record.Account]
	slices.Sort(told)
	return slices.Compact(told)
}

func TestContract(t *testing.T) {
	connectortest.Run(t, func(t *testing.T) connectortest.Fixture {
		f := many(t, 500)
		edits := 0
		return connectortest.Fixture{Source: f.open(t), Observed: []record.Entity{record.Account},
			Edit: func(t *testing.T, _ record.Entity) record.Key {
				edits++
				f.list[321] = line("C00321", fmt.Sprint("edit ", edits))
				f.write(t)
				return "C00321"
			},
			Break: func(t *testing.T) func() {
				must(t, os.Rename(f.path, f.path+".away"))
				return func() { must(t, os.Rename(f.path+".away", f.path)) }
			}}
	})
}

// An edit costs the rows that were edited, whatever it does to the places of the others.
func TestOnlyWhatChangedIsTold(t *testing.T) {
	for _, test := range []struct {
		name string
		edit func(list []string) []string
		want []record.Key
	}{
		{"nothing", func(l []string) []string { return l }, nil},
		{"same length", func(l []string) []string { l[700] = line("C00700", "1"); return l }, []record.Key{"C00700"}},
		{"longer", func(l []string) []string { l[0] = line("C00000", "418-555-0142 poste 7"); return l }, []record.Key{"C00000"}},
		{"shorter", func(l []string) []string { l[999] = "C00999,,,"; return l }, []record.Key{"C00999"}},
		{"first of a block", func(l []string) []string { l[161] = line("C00161", "longer"); return l }, []record.Key{"C00161"}},
		{"two far apart", func(l []string) []string {
			l[10], l[990] = line("C00010", "77"), line("C00990", "7")
			return l
		}, []record.Key{"C00010", "C00990"}},
		{"put in", func(l []string) []string { return slices.Insert(l, 500, line("N1", "")) }, []record.Key{"N1"}},
		{"put in first", func(l []string) []string { return slices.Insert(l, 0, line("N1", "")) }, []record.Key{"N1"}},
		{"appended", func(l []string) []string { return append(l, line("N1", "")) }, []record.Key{"N1"}},
		{"taken out", func(l []string) []string { return slices.Delete(l, 500, 502) }, []record.Key{"C00500", "C00501"}},
		{"last taken out", func(l []string) []string { return l[:999] }, []record.Key{"C00999"}},
		{"moved within a block", func(l []string) []string { l[3], l[9] = l[9], l[3]; return l }, nil},
		{"another identity", func(l []string) []string { l[500] = line("N500", "0"); return l }, []record.Key{"C00500", "N500"}},
		{"line break between quotes", func(l []string) []string { l[500] = "C00500,\"Two\nlines, \"\"quoted\"\"\",,"; return l }, []record.Key{"C00500"}},
		{"quoted identity", func(l []string) []string { return append(l, `"N ""1"", x",a,b,c`) }, []record.Key{`N "1", x`}},
		{"all emptied", func([]string) []string { return nil }, keys(0, 1000)},
		{"a block taken out", func(l []string) []string { return slices.Delete(l, 0, 400) }, keys(0, 400)},
	} {
		t.Run(test.name, func(t *testing.T) {
			f, notes := many(t, 1000), connectortest.NewNotes()
			s := f.open(t)
			if got := look(t, s, notes); len(got) != 1000 {
				t.Fatalf("first look told %d rows", len(got))
			}
			f.list = test.edit(f.list)
			f.write(t)
			for _, want := range [][]record.Key{test.want, nil} {
				if diff := cmp.Diff(want, look(t, s, notes)); diff != "" {
					t.Error(diff)
				}
			}
			found, _, err := s.Read(t.Context(), record.Account, test.want)
			must(t, err)
			for _, r := range found {
				if r.Fields["id"].Text != string(r.Key) {
					t.Errorf("%s: got the row of %s", r.Key, r.Fields["id"].Text)
				}
			}
			if len(f.list) == 0 && len(notes.Kept) != 2 { // the blocks, and the rows of one with an empty row
				t.Errorf("%d notes are left of an empty file", len(notes.Kept))
			}
		})
	}
}

func keys(from, to int) (all []record.Key) {
	for i := from; i < to; i++ {
		all = append(all, record.Key(fmt.Sprintf("C%05d", i)))
	}
	return all
}

// Whatever is done to a file, nothing that changed is missed, and after it nothing is told.
func TestNothingIsMissed(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	for range 15 {
		f, notes := many(t, 1200), connectortest.NewNotes()
		s := f.open(t)
		look(t, s, notes)
		for range 6 {
			before := byID(f.list)
			f.list = edited(f.list, random)
			f.write(t)
			told := look(t, s, notes)
			for id := range differing(before, byID(f.list)) {
				if !slices.Contains(told, record.Key(id)) {
					t.Fatalf("%s changed and was not told", id)
				}
			}
			if again := look(t, s, notes); len(again) != 0 {
				t.Fatalf("told again: %v", again)
			}
		}
	}
}

// edited does some random edits: of rows, of their order, of their number.
func edited(list []string, random *rand.Rand) []string {
	for range 1 + random.IntN(8) {
		if len(list) < 10 {
			return append(list, line(fmt.Sprint("N", random.Uint64()), ""))
		}
		i, j := random.IntN(len(list)), random.IntN(len(list))
		from, to := min(i, j), max(i, j)
		switch random.IntN(8) {
		case 0, 1, 2:
			list[i] = line(list[i][:6], strings.Repeat("9", random.IntN(12)))
		case 3:
			list = slices.Insert(list, i, line(fmt.Sprint("N", random.Uint64()), ""))
		case 4:
			list = slices.Delete(list, from, min(to, from+random.IntN(300)))
		case 5:
			list[i], list[j] = list[j], list[i]
		case 6:
			list = append(slices.Clone(list[from:]), list[:from]...) // turned round
		case 7:
			random.Shuffle(to-from, func(a, b int) { list[from+a], list[from+b] = list[from+b], list[from+a] })
		}
	}
	return list
}

func byID(list []string) map[string]string {
	all := map[string]string{}
	for _, l := range list {
		id, _, _ := strings.Cut(l, ",")
		all[id] = l
	}
	return all
}

func differing(a, b map[string]string) map[string]bool {
	all := map[string]bool{}
	for id := range maps.Keys(a) {
		all[id] = a[id] != b[id]
	}
	for id := range maps.Keys(b) {
		all[id] = a[id] != b[id]
	}
	maps.DeleteFunc(all, func(_ string, differs bool) bool { return !differs })
	return all
}

// A last row without its line break is a row, and another one when the file goes on behind it.
func TestRowGoesOn(t *testing.T) {
	f, notes := many(t, 300), connectortest.NewNotes()
	put := func(end string) {
		must(t, os.WriteFile(f.path, []byte(header+strings.Join(f.list, "\n")+end), 0o600))
	}
	put("\nLAST,a,b,c")
	s := f.open(t)
	look(t, s, notes)
	put("\nLAST,a,b,cde")
	if got := look(t, s, notes); !slices.Equal(got, []record.Key{"LAST"}) {
		t.Errorf("got %v", got)
	}
}

func TestReadGivesTheRowAsItIs(t *testing.T) {
	f, notes := many(t, 1000), connectortest.NewNotes()
	s := f.open(t)
	look(t, s, notes)
	f.list[5] = "C00005,\"Gagnon, \"\"Luc\"\"\",418,two"
	f.list[6] = "C00006,too,few"
	f.write(t)
	look(t, s, notes)
	f.list = slices.Insert(f.list, 0, line("N1", "")) // after the look
	f.write(t)
	found, later, err := s.Read(t.Context(), record.Account, []record.Key{"C00005", "C00006", "none", "C00900"})
	must(t, err)
	if len(later) > 0 || len(found) != 3 {
		t.Fatalf("got %d records, %v later", len(found), later)
	}
	want := record.Fields{"id": record.TextOf("C00005"), "name": record.TextOf(`Gagnon, "Luc"`), "phone": record.TextOf("418"), "comment": record.TextOf("two")}
	if diff := cmp.Diff(want, found[0].Fields); diff != "" {
		t.Error(diff)
	}
	if found[1].Held != "card-unreadable" {
		t.Errorf("a row of too few columns: got %q", found[1].Held)
	}
	if got := found[2].Fields["name"].Text; got != `Client "C00900", inc.` {
		t.Errorf("a row that no look told: got %q", got)
	}
}

func TestBadFiles(t *testing.T) {
	for _, test := range []struct {
		name, text string
		kind       connectors.Kind
	}{
		{"other columns", "id,name\nC1,a\n", connectors.Drift},
		{"emptied", "", connectors.Drift},
		{"endless row", header + strings.Repeat("x", 70<<10), connectors.Busy},
	} {
		t.Run(test.name, func(t *testing.T) {
			f, notes := many(t, 200), connectortest.NewNotes()
			s := f.open(t)
			look(t, s, notes)
			must(t, os.WriteFile(f.path, []byte(test.text), 0o600))
			notes.Begin()
			err := s.Observe(t.Context(), notes)
			if got := connectors.KindOf(err); err == nil || got != test.kind {
				t.Errorf("got %v (%v), want %v", got, err, test.kind)
			}
			f.write(t)
			if got := look(t, s, notes); len(got) != 0 {
				t.Errorf("when it was back, told %v", got)
			}
		})
	}
	if _, err := peers.OpenCSV(filepath.Join(t.TempDir(), "none"), "id"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: got %v", err)
	}
	if _, err := peers.OpenCSV(many(t, 1).path, "number"); err == nil {
		t.Error("no column of identities: no error")
	}
}

// A look that is broken off keeps what it had committed, and the next one goes on from there.
func TestBrokenOffLookGoesOn(t *testing.T) {
	const all, broken = 12_000, 11_000
	f, notes := many(t, all), connectortest.NewNotes()
	s := f.open(t)
	ctx, cancel := context.WithCancel(t.Context())
	told := 0
	err := s.Observe(ctx, &meddler{notes, func() {
		if told++; told == broken {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	first := slices.Clone(notes.Told[record.Account])
	rest := look(t, s, notes)
	if len(rest) > all-10_000 {
		t.Errorf("told %d rows of %d once more", len(rest)-(all-len(first)), len(first))
	}
	got := append(first, rest...)
	slices.Sort(got)
	if diff := cmp.Diff(keys(0, all), slices.Compact(got)); diff != "" {
		t.Error(diff)
	}
}

// meddler does something to the file while it is read.
type meddler struct {
	*connectortest.Notes
	do func()
}

func (m *meddler) Changed(e record.Entity, key record.Key, seen *record.Record) {
	m.do()
	m.Notes.Changed(e, key, seen)
}

func TestWrittenOverWhileItIsRead(t *testing.T) {
	f, notes := many(t, 500), connectortest.NewNotes()
	s := f.open(t)
	told := 0
	err := s.Observe(t.Context(), &meddler{notes, func() {
		if told++; told < 5000 { // it grows for as long as it is read
			f.grow(t)
		}
	}})
	if told != 500 {
		t.Errorf("told %d rows of 500", told)
	}
	if got := connectors.KindOf(err); got != connectors.Busy {
		t.Errorf("got %v (%v), want busy", got, err)
	}
	if len(notes.Kept) > 0 {
		t.Errorf("notes of it were kept: %d", len(notes.Kept))
	}
}

func (f *rows) grow(t testing.TB) {
	t.Helper()
	w, err := os.OpenFile(f.path, os.O_APPEND|os.O_WRONLY, 0)
	must(t, err)
	_, err = w.WriteString(line("N1", "") + "\n")
	must(t, errors.Join(err, w.Close()))
}
