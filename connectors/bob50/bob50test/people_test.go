package bob50test_test

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"syncbox/connectors/bob50/bob50test"
)

// work makes drawn changes, one each minute.
func work(t testing.TB, s *bob50test.Site, times int, seed uint64) map[string]int {
	t.Helper()
	r, done := rand.New(rand.NewPCG(seed, 1)), map[string]int{}
	for range times {
		s.Advance(time.Minute)
		what, _, err := s.Work(r)
		if err != nil {
			t.Fatal(err)
		}
		done[what]++
	}
	return done
}

// TestWork: whatever people do, in each position of each switch, the files hold what the site says.
//
// Requirement: LAB-7
func TestWork(t *testing.T) {
	for _, switches := range bob50test.Positions() {
		if switches.Generation != "" {
			continue
		}
		s := create(t, bob50test.Options{Parties: 12, Switches: switches})
		done := work(t, s, 120, 5)
		if len(done) < 10 {
			t.Errorf("%+v: %v", switches, done)
		}
		agrees(t, s)
		if wrong := must(s.Trespasses())(t); len(wrong) != 0 {
			t.Errorf("%+v: %v", switches, wrong)
		}
		if len(s.Journal()) < 100 {
			t.Errorf("%d lines in the journal", len(s.Journal()))
		}
	}
}

// TestModifyDate: who keeps the date of the last change is a switch.
func TestModifyDate(t *testing.T) {
	for _, test := range []struct {
		position    string
		ui, program bool
	}{{bob50test.ModifyAlways, true, true}, {bob50test.ModifyByUI, true, false}, {bob50test.ModifyNever, false, false}} {
		s := create(t, bob50test.Options{Switches: bob50test.Switches{ModifyDate: test.position}})
		before := must(s.Party("C000001"))(t)["MODIFYDATE"]
		s.Advance(time.Hour)
		moved := func(edit func(string, bob50test.Fields) error) bool {
			if err := edit("c000001 ", bob50test.Fields{"CNAME2": s.Now().String()[:19]}); err != nil {
				t.Fatal(err)
			}
			return must(s.Party("C000001"))(t)["MODIFYDATE"] != before
		}
		if got := moved(s.EditByProgram); got != test.program {
			t.Errorf("%s: moved by a program: %v", test.position, got)
		}
		if got := moved(s.Edit); got != test.ui {
			t.Errorf("%s: moved at the screen: %v", test.position, got)
		}
	}
}

// TestPlaces: the place of a deleted third party may be somebody else's.
func TestPlaces(t *testing.T) {
	for position, want := range map[string]int{bob50test.PlacesNew: 22, bob50test.PlacesReused: 21} {
		s := create(t, bob50test.Options{Switches: bob50test.Switches{Places: position}})
		if err := s.Add("NEW", bob50test.Fields{"CNAME1": "Nouveau"}); err != nil {
			t.Fatal(err)
		}
		if got := live(t, s, bob50test.Parties).Rows(); got != want {
			t.Errorf("%s: %d rows, want %d", position, got, want)
		}
		agrees(t, s)
	}
}

// TestPeopleRefused: the program refuses what it would refuse a person.
//
// Requirement: LAB-2
func TestPeopleRefused(t *testing.T) {
	s := create(t, bob50test.Options{})
	before := s.Save()
	if err := s.Add(" c000001", nil); !errors.Is(err, bob50test.ErrTaken) {
		t.Errorf("added twice: %v", err)
	}
	if err := s.Edit("NOBODY", nil); !errors.Is(err, bob50test.ErrNoParty) {
		t.Errorf("edited nobody: %v", err)
	}
	for _, wrong := range []bob50test.Fields{{"NOCOLUMN": "x"}, {"CZIPCODE": "12345678901"}, {"CNAME1": "漢"}, {"CISPERS": "T"}} {
		if err := s.Edit("C000001", wrong); err == nil {
			t.Errorf("took %v", wrong)
		}
	}
	if d := bob50test.Diff(before, s.Save()); len(d) != 0 {
		t.Error(d)
	}
	agrees(t, s)
}

// TestVAT: swapped, duplicated, and written in two ways.
func TestVAT(t *testing.T) {
	for _, test := range []struct{ position, ref, number string }{{bob50test.VATPrefix, "BE", "0403170701"}, {bob50test.VATInNumber, "", "BE0403170701"}} {
		s := create(t, bob50test.Options{Switches: bob50test.Switches{VAT: test.position}})
		if err := errors.Join(s.Edit("C000001", s.VAT("BE0403170701")), s.SwapVAT("C000001", "C000002"), s.DuplicateVAT("C000003", "C000002")); err != nil {
			t.Fatal(err)
		}
		for _, cid := range []string{"C000002", "C000003"} {
			if p := must(s.Party(cid))(t); p.Text("CVATREF") != test.ref || p.Text("CVATNO") != test.number {
				t.Errorf("%s: %s has %v", test.position, cid, p)
			}
		}
		if p := must(s.Party("C000001"))(t); p.Text("CVATNO") == test.number {
			t.Errorf("%s: not swapped", test.position)
		}
	}
}

// TestRestore: an older state comes back as a whole.
//
// Requirement: LAB-6
func TestRestore(t *testing.T) {
	s := create(t, bob50test.Options{Switches: bob50test.Switches{CustomStore: bob50test.CustomTable}})
	old := s.Save()
	work(t, s, 60, 8)
	if len(bob50test.Diff(old, s.Save())) < 10 {
		t.Error(bob50test.Diff(old, s.Save()))
	}
	if err := s.Restore(old); err != nil {
		t.Fatal(err)
	}
	if d := bob50test.Diff(old, s.Save()); len(d) != 0 {
		t.Error(d)
	}
	agrees(t, s)
	work(t, s, 10, 8)
	if len(bob50test.Diff(old, s.Save())) == 0 {
		t.Error("the saved state follows the site")
	}
}

// TestTrespasses: what others do to the site's files is seen, but for what they lay into LINK.
//
// Requirement: LAB-4
func TestTrespasses(t *testing.T) {
	s := create(t, bob50test.Options{})
	for name, b := range map[string]string{"LINK/DEMO/CLIENTS.DBF": "ours", "DATA/DEMO/X.TXT": "x", "BOB50/BOB.INI": "y", "LINK/DEMO/LINK_KHVEN.ADT": "z"} {
		if err := os.WriteFile(filepath.Join(s.Root(), name), []byte(b), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Remove(s.Path(bob50test.Parties, ".ADM")); err != nil {
		t.Fatal(err)
	}
	want := []string{"BOB50/BOB.INI was changed", "DATA/DEMO/AC_COMPAN.ADM was taken away", "DATA/DEMO/X.TXT was added", "LINK/DEMO/LINK_KHVEN.ADT was changed"}
	if got := must(s.Trespasses())(t); !equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
