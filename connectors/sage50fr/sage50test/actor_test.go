package sage50test_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/sage50fr/sage50test"
)

// Nobody imports of himself; with habits somebody does, after a while that the site draws, and exports what came of it.
//
// Requirement: LAB-3, LAB-6
func TestHabits(t *testing.T) {
	s := create(t, options{Seed: 4})
	quote(t, s, "devis-1.TXT", "SSM-1", "CL00001")
	no(t, s.Advance(30*24*time.Hour))
	if got := files(t, s); got != "devis-1.TXT" {
		t.Errorf("nobody: %s", got)
	}
	s.SetHabits(sage50test.Habits{Imports: true, ImportAfter: time.Hour, ImportBefore: 72 * time.Hour, AnswerAfter: true, ExportEvery: 24 * time.Hour})
	quote(t, s, "devis-2.TXT", "SSM-2", "CL00001")
	no(t, s.Advance(59*time.Minute))
	if got := len(s.Documents(dossier)); got != 1 {
		t.Errorf("%d quotes, want the one that was overdue", got)
	}
	begin := s.Now()
	no(t, s.Advance(72*time.Hour))
	var log []string
	var at time.Time
	for _, e := range s.Journal() {
		if e.At.After(begin) && e.Who == "import" {
			at = e.At
			log = append(log, e.What)
		}
	}
	if diff := cmp.Diff([]string{"1 added, 0 updated, 0 refused"}, log); diff != "" || at.Minute() == 0 && at.Second() == 0 {
		t.Errorf("%v: %s", at, diff)
	}
	exports := map[string]int{}
	for _, e := range s.Journal() {
		if e.What == "done" {
			exports[filepath.Base(e.Of)]++
		}
	}
	if diff := cmp.Diff(map[string]int{"clients.txt": 3, "contacts.txt": 3, "articles.txt": 3, "representants.txt": 3, "pieces.txt": 5}, exports); diff != "" {
		t.Error(diff)
	}
}

// The clock can be the real one: what is laid is taken at once, by somebody who answers at once.
func TestRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := create(t, options{})
		s.SetHabits(sage50test.Habits{Imports: true, AnswerAfter: true})
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- s.Run(ctx, 50*time.Millisecond) }()
		time.Sleep(time.Second)
		quote(t, s, "devis-1.TXT", "SSM-1", "CL00001")
		time.Sleep(60 * time.Millisecond)
		stop()
		no(t, <-ended)
		if got := files(t, s); got != "devis-1.BAK" || len(content(t, s, dossier+"/out/pieces.txt")) == 0 || s.Now().Before(time.Date(2026, 11, 23, 8, 0, 1, 0, time.UTC)) {
			t.Errorf("%s at %v", got, s.Now())
		}
	})
}

// A file that the box takes back or changes is told, and does not keep people from their work.
//
// Requirement: LAB-4
func TestTrespasses(t *testing.T) {
	s := create(t, options{})
	no(t, s.ExportAll(dossier))
	for _, name := range []string{"devis-1.TXT", "devis-2.TXT", "devis-3.TXT"} {
		quote(t, s, name, "SSM", "CL00001")
	}
	no(t, s.Advance(time.Minute))
	in := func(name string) string { return filepath.Join(s.In(dossier), name) }
	no(t, errors.Join(os.Remove(in("devis-1.TXT")), os.WriteFile(in("devis-2.TXT"), []byte("x"), 0o644), os.WriteFile(in("LISEZ-MOI.txt"), []byte("x"), 0o644),
		os.WriteFile(in("devis-4.TXT.part"), nil, 0o644), os.WriteFile(in("list.csv"), nil, 0o644), os.Remove(filepath.Join(s.Out(dossier), "clients.txt")),
		os.WriteFile(filepath.Join(s.Out(dossier), "articles.txt"), []byte("x"), 0o644), os.WriteFile(filepath.Join(s.Root(), "x.db"), nil, 0o644)))
	want := []string{"DUPONT/in/devis-1.TXT was taken away", "DUPONT/in/devis-2.TXT was changed", "DUPONT/in/list.csv was added", "DUPONT/out/articles.txt was changed",
		"DUPONT/out/clients.txt was taken away", "x.db was added"}
	if diff := cmp.Diff(want, must(s.Trespasses())(t)); diff != "" {
		t.Error(diff)
	}
	s.SetHabits(sage50test.Habits{Imports: true})
	no(t, s.Advance(time.Hour))
	if n := len(s.Documents(dossier)); n != 1 {
		t.Errorf("%d quotes, want that of the file that is whole", n)
	}
}

// A backup comes back, and numbers are given once more; a clone has all codes twice; a dossier goes by another name, with its folder.
//
// Requirement: LAB-6
func TestDossiers(t *testing.T) {
	s := create(t, options{})
	no(t, s.SetImage(dossier, "AR00001", ".png", []byte("x")))
	saved := s.Save()
	quote(t, s, "devis-1.TXT", "SSM-1", "CL00001")
	must(s.Import(dossier))(t)
	no(t, s.Edit(dossier, sage50test.Clients, "CL00001", fields{"Ville": "secret"}))
	no(t, s.Remove(dossier, sage50test.Clients, "CL00002"))
	changed := strings.Join(sage50test.Diff(saved, s.Save()), "\n")
	for _, part := range []string{"DUPONT clients CL00001 Ville", "DUPONT clients CL00002 Nom client", "DUPONT pieces DE000001 Mt total TTC", "DUPONT pieces DE000001 line 1 PU HT"} {
		if !strings.Contains(changed, part) || strings.Contains(changed, "secret") {
			t.Errorf("no %s in %s", part, changed)
		}
	}
	no(t, s.Restore(dossier, saved))
	if diff := sage50test.Diff(saved, s.Save()); len(diff) != 0 {
		t.Error(diff)
	}
	if number := must(s.Bill(dossier, sage50test.Quote, "CL00001", false))(t); number != "DE000001" {
		t.Errorf("after a restore: %s", number)
	}
	no(t, s.Clone(dossier, "COPIE"))
	must(s.Export("COPIE", sage50test.Export{Kind: sage50test.Clients}))(t)
	no(t, s.Edit("COPIE", sage50test.Clients, "CL00001", fields{"Ville": "Nice"}))
	if a, b := s.Codes(dossier, sage50test.Clients), s.Codes("COPIE", sage50test.Clients); cmp.Diff(a, b) != "" || must(s.Record(dossier, sage50test.Clients, "CL00001"))(t)["Ville"] == "Nice" {
		t.Errorf("%v %v", a, b)
	}
	no(t, s.Rename("COPIE", "AUTRE"))
	if s.Rename(dossier, "AUTRE") == nil || s.Clone(dossier, "AUTRE") == nil || s.Restore("AUTRE", saved) == nil || s.Clone("COPIE", "X") == nil {
		t.Error("two dossiers of one name, or one of none")
	}
	content(t, s, "AUTRE/out/clients.txt")
	if wrong := must(s.Trespasses())(t); len(wrong) != 0 || len(s.Dossiers()) != 2 {
		t.Errorf("%v %v", s.Dossiers(), wrong)
	}
}

// A code that was removed is given to somebody else; what people may not type is refused.
//
// Requirement: LAB-2, LAB-6
func TestPeople(t *testing.T) {
	s := create(t, options{})
	no(t, s.Remove(dossier, sage50test.Clients, "CL00001"))
	code, err := s.Add(dossier, sage50test.Clients, fields{"Code client": "CL00001", "Nom client": "somebody else"})
	if err != nil || code != "CL00001" {
		t.Errorf("%s: %v", code, err)
	}
	for name, err := range map[string]error{"taken": add(s, "Code client", "CL00001"), "no column": add(s, "Nez", "x"), "too long": add(s, "Ville", strings.Repeat("x", 51)),
		"no boolean": add(s, "Inactif", "Non"), "nobody": s.Edit(dossier, sage50test.Clients, "CL99999", nil), "nobody's": s.Remove(dossier, sage50test.Clients, "CL99999"),
		"recoded": s.Edit(dossier, sage50test.Clients, "CL00001", fields{"Code client": "X"}), "no dossier": s.Remove("X", sage50test.Clients, "CL00001"),
		"a number": s.Edit(dossier, sage50test.Articles, "AR00001", fields{"PU HT": "1,5"})} {
		if err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	no(t, s.MakeClient(dossier, "CL00008"))
	if got := s.Find(dossier, sage50test.Clients, "Type tiers", "Prospect"); len(got) != 1 {
		t.Errorf("prospects %v", got)
	}
}

func add(s *sage50test.Site, column, v string) error {
	_, err := s.Add(dossier, sage50test.Clients, fields{column: v})
	return err
}

// The same seed makes the same site and the same day; 20,000 clients are exported whole.
//
// Requirement: LAB-3, LAB-10
func TestSeeds(t *testing.T) {
	day := func(seed uint64) (sage50test.State, string, int) {
		s := create(t, options{Seed: seed, Switches: switches{Headers: sage50test.HeadOrder}})
		r := rand.New(rand.NewPCG(seed, 9))
		done := map[string]bool{}
		for range 200 {
			done[must(s.Work(dossier, r))(t)] = true
		}
		return s.Save(), string(content(t, s, must(s.Export(dossier, sage50test.Export{Kind: sage50test.Documents}))(t))), len(done)
	}
	one, text, kinds := day(3)
	same, again, _ := day(3)
	other, _, _ := day(4)
	if len(sage50test.Diff(one, same)) != 0 || text != again || len(sage50test.Diff(one, other)) == 0 || kinds < 10 {
		t.Errorf("%d kinds of deeds, %v", kinds, sage50test.Diff(one, same))
	}
	s := create(t, options{Clients: 20_000, Prospects: -1, ContactsEach: -1})
	if f := read(t, s, sage50test.Export{Kind: sage50test.Clients}); len(f.rows) != 20_000 || f.rows[19_999][0] != "CL20000" {
		t.Errorf("%d rows", len(f.rows))
	}
}

// By chance an export is made badly, alike by the same seed; the next one of its kind is good.
//
// Requirement: LAB-5
func TestMishaps(t *testing.T) {
	run := func(seed uint64) (bad []string, good bool) {
		s := create(t, options{Seed: seed, Dossiers: []string{dossier, "MARTIN"}})
		s.SetHabits(sage50test.Habits{ExportEvery: time.Hour, Mishaps: 0.5})
		for range 30 {
			no(t, s.Advance(time.Hour))
		}
		for _, e := range s.Journal() {
			if e.What == "export made badly" {
				bad = append(bad, e.At.Format("02 15 ")+e.Dossier+e.Of)
			}
		}
		s.SetHabits(sage50test.Habits{ExportEvery: time.Hour})
		no(t, s.Advance(time.Hour))
		return bad, len(parse(t, content(t, s, dossier+"/out/clients.txt")).rows) == 8
	}
	bad, good := run(1)
	same, _ := run(1)
	if diff := cmp.Diff(bad, same); diff != "" || len(bad) < 60 || len(bad) > 140 || !good {
		t.Errorf("%d of 300: %s", len(bad), diff)
	}
	for _, one := range bad {
		at, err := time.Parse("02 15 ", one[:6])
		if next := at.Add(time.Hour).Format("02 15 ") + one[6:]; err != nil || slices.Contains(bad, next) {
			t.Errorf("%s: badly made the next time too (%v)", one, err)
		}
	}
}
