package bob50test_test

import (
	"bytes"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/bob50/adt"
	"syncbox/connectors/bob50/bob50test"
)

func create(t testing.TB, o bob50test.Options) *bob50test.Site {
	t.Helper()
	return must(bob50test.Create(t.TempDir(), o))(t)
}

// live decodes a table of the company as it lies on the disk.
func live(t testing.TB, s *bob50test.Site, table string) *adt.Table {
	t.Helper()
	data := must(os.ReadFile(s.Path(table, ".ADT")))(t)
	memos, err := os.ReadFile(s.Path(table, ".ADM"))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return decode(t, table, data, memos, adt.CP1252)
}

// rowsOf are the rows of a table that are not deleted, as the site's own Fields.
func rowsOf(t testing.TB, table *adt.Table) (rows []bob50test.Fields) {
	t.Helper()
	all, deleted := cells(t, table)
	for i, row := range all {
		fields := bob50test.Fields{}
		for c, v := range row {
			if v != nil && v != "" {
				fields[table.Fields()[c].Name] = v
			}
		}
		if !slices.Contains(deleted, i+1) {
			rows = append(rows, fields)
		}
	}
	return rows
}

// agrees holds the files of all tables of third parties against what the site says that they hold.
func agrees(t testing.TB, s *bob50test.Site) {
	t.Helper()
	for _, name := range []string{bob50test.Parties, bob50test.Contacts, bob50test.CustomName, bob50test.Banks} {
		want, err := s.Table(name)
		if err != nil {
			continue
		}
		if d := cmp.Diff(want, rowsOf(t, live(t, s, name))); d != "" {
			t.Errorf("%s: -want +got\n%s", name, d)
		}
	}
}

func files(t testing.TB, s *bob50test.Site) (names []string) {
	t.Helper()
	err := filepath.WalkDir(s.Root(), func(p string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			names = append(names, filepath.ToSlash(must(filepath.Rel(s.Root(), p))(t)))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// TestTree: the folders and files of the specification, which the reader can read.
//
// Requirement: LAB-1, LAB-10
func TestTree(t *testing.T) {
	s := create(t, bob50test.Options{Parties: 30})
	names := files(t, s)
	for _, want := range []string{"BOB50/BOB.EXE", "BOB50/BOB.INI", "DATA/DEMO/AC_COMPAN.ADT", "DATA/DEMO/AC_COMPAN.ADM", "DATA/DEMO/AC_CONFIG.ADT",
		"COMMON/STDCODE.ADT", "LINK/DEMO/LINK_KHVEN.ADT", "LINK/DEMO/LINK_KLACH.ADT"} {
		if !slices.Contains(names, want) {
			t.Errorf("no %s in %v", want, names)
		}
	}
	agrees(t, s)
	rows, deleted := cells(t, live(t, s, bob50test.Parties))
	if len(rows) != 31 || len(deleted) != 1 {
		t.Errorf("%d rows, deleted are %v; want 31, one of them", len(rows), deleted)
	}
	status := map[byte]bool{}
	data := must(os.ReadFile(s.Path(bob50test.Parties, ".ADT")))(t)
	table := live(t, s, bob50test.Parties)
	header := 400 + 200*len(table.Fields())
	for at := header; at < len(data); at += (len(data) - header) / len(rows) {
		status[data[at]] = true
	}
	if want := map[byte]bool{0: true, 4: true, 5: true}; !maps.Equal(status, want) {
		t.Errorf("status bytes %v, want %v", status, want)
	}
	if wrong := must(s.Trespasses())(t); len(wrong) != 0 {
		t.Error(wrong)
	}
}

// TestOptions: what differs between versions is in the files.
func TestOptions(t *testing.T) {
	s := create(t, bob50test.Options{Dossier: "Acme", Phone: 25, LowerCase: true})
	if !slices.Contains(files(t, s), "data/acme/ac_compan.adt") {
		t.Error(files(t, s))
	}
	table := live(t, s, bob50test.Parties)
	if f := table.Fields()[table.Column("CTELNO")]; f.Length != 25 {
		t.Errorf("%+v", f)
	}
	if _, err := bob50test.Create(t.TempDir(), bob50test.Options{Switches: bob50test.Switches{VAT: "sometimes"}}); err == nil {
		t.Error("a position that there is not was taken")
	}
}

// TestEqualSeeds: a site and a day at it are the same for the same seed, whatever the folder.
//
// Requirement: LAB-3
func TestEqualSeeds(t *testing.T) {
	a, b := create(t, bob50test.Options{Seed: 3}), create(t, bob50test.Options{Seed: 3})
	work(t, a, 40, 9)
	work(t, b, 40, 9)
	for _, name := range files(t, a) {
		one, other := must(os.ReadFile(filepath.Join(a.Root(), name)))(t), must(os.ReadFile(filepath.Join(b.Root(), name)))(t)
		if !bytes.Equal(one, other) {
			t.Errorf("%s differs", name)
		}
	}
	if c := create(t, bob50test.Options{Seed: 4}); len(bob50test.Diff(a.Save(), c.Save())) == 0 {
		t.Error("another seed makes the same site")
	}
}

// TestDictionary: tables of a dictionary are told by their headers and a file.
func TestDictionary(t *testing.T) {
	for _, position := range []string{bob50test.DictionaryNo, bob50test.DictionaryYes} {
		s := create(t, bob50test.Options{Switches: bob50test.Switches{Dictionary: position}})
		want := position == bob50test.DictionaryYes
		if got := live(t, s, bob50test.Parties).Dictionary(); got != want || slices.Contains(files(t, s), "DATA/DEMO/DEMO.ADD") != want {
			t.Errorf("%s: %v, %v", position, got, files(t, s))
		}
	}
}

// TestGenerations: the others have no table that Advantage wrote, and nobody can work there.
//
// Requirement: BOB-25
func TestGenerations(t *testing.T) {
	for position, mark := range map[string]string{bob50test.GenerationParadox: "DATA/DEMO/AC_COMPAN.DB", bob50test.GenerationMySQL: "DATA/DEMO/db.opt"} {
		s := create(t, bob50test.Options{Switches: bob50test.Switches{Generation: position}})
		for _, name := range files(t, s) {
			if strings.HasPrefix(name, "DATA/") && strings.HasSuffix(name, ".ADT") {
				t.Errorf("%s: %s is there", position, name)
			}
		}
		if !slices.Contains(files(t, s), mark) {
			t.Errorf("%s: no %s", position, mark)
		}
		if _, err := s.Backup(bob50test.Good); err == nil {
			t.Errorf("%s: backed up", position)
		}
		if err := s.Add("C1", nil); err == nil {
			t.Errorf("%s: added", position)
		}
	}
}
