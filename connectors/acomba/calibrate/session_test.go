package calibrate_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/acomba/calibrate"
)

var errCut = errors.New("the power is cut")

// bench is a calibration that goes through all its steps, and can be cut at any write.
type bench struct {
	dir, company string
	writes, cut  int // the write of this number, from 1, fails; 0 = none
	late         bool
}

func (b *bench) store(path string, text []byte, mode fs.FileMode) error {
	b.writes++
	if b.writes == b.cut && !b.late {
		return errCut
	}
	err := store(path, text, mode)
	if b.writes == b.cut {
		return errCut // the file is there, but nobody knows
	}
	return err
}

func (b *bench) open(t testing.TB) (*calibrate.Session, *calibrate.Book) {
	t.Helper()
	book, err := calibrate.OpenBook(filepath.Join(b.dir, "layouts"), b.store)
	must(t, err)
	s, err := calibrate.Open(calibrate.Options{Dir: filepath.Join(b.dir, "calibration"), Company: os.DirFS(b.company), Book: book, Write: b.store, Now: noon.Local})
	must(t, err)
	return s, book
}

// steps does what is not done yet, as a person does who sees the page after a restart, and gives the approved layout.
func (b *bench) steps(s *calibrate.Session, book *calibrate.Book, known []calibrate.Example) error {
	ctx := context.Background()
	v := s.View()
	if v.Site.ID == "" {
		if err := s.Begin(site); err != nil {
			return err
		}
	}
	if len(v.Snapshots) == 0 {
		if _, err := s.Take(ctx, "", nil); err != nil {
			return err
		}
	}
	if len(v.Examples[calibrate.Customers]) == 0 {
		if err := s.SetExamples(calibrate.Customers, known); err != nil {
			return err
		}
	}
	if s.View().Findings == nil {
		if _, err := s.Search(ctx, nil); err != nil {
			return err
		}
	}
	if len(book.All()) > 0 {
		return nil
	}
	if s.View().Draft == nil {
		if _, err := s.Draft(ctx, nil); err != nil {
			return err
		}
	}
	_, err := s.Approve("M. Côté")
	return err
}

func smallCompany(t testing.TB) (*acombatest.Company, []calibrate.Example) {
	t.Helper()
	company, err := acombatest.Create(t.TempDir(), acombatest.Options{Seed: 9, Customers: 60, Documents: 60})
	must(t, err)
	f := &foreign{rows: rowsOf(t, company)}
	return company, f.knows(t, 4)[calibrate.Customers]
}

// TestCuts: a calibration that is cut at any of its writes goes on where it was, and ends as one that was not.
func TestCuts(t *testing.T) {
	company, known := smallCompany(t)
	whole := &bench{dir: t.TempDir(), company: company.Dir()}
	s, book := whole.open(t)
	must(t, whole.steps(s, book, known))
	want := book.All()
	for n := 1; n <= whole.writes; n++ {
		for _, late := range []bool{false, true} {
			b := &bench{dir: t.TempDir(), company: company.Dir(), cut: n, late: late}
			s, book := b.open(t)
			before := s.View()
			if err := b.steps(s, book, known); !errors.Is(err, errCut) {
				t.Fatalf("cut %d late %v: %v", n, late, err)
			}
			s, book = b.open(t) // the box starts again
			if n > 1 && cmp.Equal(s.View(), before) {
				t.Errorf("cut %d late %v: nothing is there of what was done", n, late)
			}
			if err := b.steps(s, book, known); err != nil && !errors.Is(err, calibrate.ErrNoDraft) {
				t.Errorf("cut %d late %v: going on: %v", n, late, err)
			}
			if diff := cmp.Diff(want, book.All()); diff != "" {
				t.Errorf("cut %d late %v: %s", n, late, diff)
			}
			if _, err := book.Text(book.All()[0]); err != nil {
				t.Errorf("cut %d late %v: %v", n, late, err)
			}
		}
	}
	if whole.writes < 6 {
		t.Errorf("%d writes", whole.writes)
	}
}

// TestResume: what was done is there after a restart, the snapshots' copies too; a copy that is torn is none.
func TestResume(t *testing.T) {
	company, known := smallCompany(t)
	b := &bench{dir: t.TempDir(), company: company.Dir()}
	s, book := b.open(t)
	must(t, b.steps(s, book, known))
	want := s.View()
	copies := filepath.Join(b.dir, "calibration", "snap-1")
	must(t, os.Mkdir(filepath.Join(b.dir, "calibration", "snap-7"), 0o700)) // left behind by a cut
	s, _ = b.open(t)
	if diff := cmp.Diff(want, s.View()); diff != "" {
		t.Error(diff)
	}
	if _, err := os.Stat(filepath.Join(b.dir, "calibration", "snap-7")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what was left behind is still there: %v", err)
	}
	entries, err := os.ReadDir(copies)
	must(t, err)
	for _, e := range entries {
		must(t, os.Truncate(filepath.Join(copies, e.Name()), 1))
	}
	s, _ = b.open(t)
	if _, err := s.Search(context.Background(), nil); err != nil {
		t.Errorf("search without copies: %v", err)
	}
	if found := s.View().Findings.Table(calibrate.Customers); found.CardSize != 1536 {
		t.Errorf("%+v", found)
	}
	must(t, s.Forget())
	if left, err := os.ReadDir(filepath.Join(b.dir, "calibration")); err != nil || len(left) != 1 {
		t.Errorf("left: %v, %v", left, err)
	}
	if text, _ := os.ReadFile(filepath.Join(b.dir, "calibration", "session.json")); strings.Contains(string(text), known[0].Values["name"]) {
		t.Error("an example is still there")
	}
}

// TestApproval: another person approves, nothing blocked is; the last two are kept, and another version of Acomba has them
// verified again.
//
// Requirement: ACO-66
func TestApproval(t *testing.T) {
	company, known := smallCompany(t)
	b := &bench{dir: t.TempDir(), company: company.Dir()}
	s, book := b.open(t)
	if _, err := s.Approve("M. Côté"); !errors.Is(err, calibrate.ErrNoDraft) {
		t.Errorf("without a draft: %v", err)
	}
	must(t, b.steps(s, book, known))
	var paths []string
	for i := range 3 {
		_, err := s.Draft(context.Background(), nil)
		must(t, err)
		if _, err := s.Approve(" t.  roy"); !errors.Is(err, calibrate.ErrSamePerson) {
			t.Errorf("the same person: %v", err)
		}
		a, err := s.Approve("M. Côté")
		must(t, err)
		if a.Version != i+2 || a.AcombaVersion != site.AcombaVersion || a.Made.Who != "T. Roy" {
			t.Errorf("%+v", a)
		}
		paths = append(paths, book.Path(a))
	}
	all := book.All()
	if len(all) != 2 || all[0].Version != 4 || all[1].Version != 3 {
		t.Errorf("kept: %+v", all)
	}
	for i, path := range paths {
		if _, err := os.Stat(path); (err == nil) != (i > 0) {
			t.Errorf("%s: %v", path, err)
		}
	}
	must(t, book.Seen("14.03", noon))
	_, book = b.open(t)
	if all := book.All(); all[0].Reverify != "14.03" || all[1].Reverify != "14.03" {
		t.Errorf("after an update: %+v", all)
	}
	must(t, book.Seen("14.02", noon))
	if book.All()[0].Reverify != "" {
		t.Errorf("back again: %+v", book.All())
	}
}

// TestUpdated: the next snapshot after an update of Acomba has the layout verified again, and so has a technician who says
// which version there is now.
//
// Requirement: ACO-66
func TestUpdated(t *testing.T) {
	company, known := smallCompany(t)
	b := &bench{dir: t.TempDir(), company: company.Dir()}
	s, book := b.open(t)
	must(t, s.Begin(calibrate.Site{ID: "nord", AcombaVersion: "SIM-1", By: "T. Roy"}))
	must(t, b.steps(s, book, known))
	if a := book.All()[0]; a.Reverify != "" {
		t.Errorf("before: %+v", a)
	}
	must(t, company.SetVersion("SIM-9"))
	_, err := s.Take(context.Background(), "", nil)
	must(t, err)
	if a := book.All()[0]; a.Reverify != "SIM-9" {
		t.Errorf("after the update: %+v", a)
	}
	must(t, s.Begin(calibrate.Site{ID: "nord", AcombaVersion: "SIM-1", By: "T. Roy"}))
	if a := book.All()[0]; a.Reverify != "" {
		t.Errorf("as the technician says: %+v", a)
	}
}

// TestBlocked: a draft whose probes fail is not approved.
func TestBlocked(t *testing.T) {
	company, known := smallCompany(t)
	b := &bench{dir: t.TempDir(), company: company.Dir()}
	s, _ := b.open(t)
	must(t, s.Begin(site))
	_, err := s.Take(context.Background(), "", nil)
	must(t, err)
	must(t, s.SetExamples(calibrate.Customers, known[:3]))
	_, err = s.Search(context.Background(), nil)
	must(t, err)
	if _, err = s.Draft(context.Background(), nil); !errors.Is(err, calibrate.ErrBlocked) {
		t.Errorf("without a status: %v", err)
	}
	must(t, s.SetExamples(calibrate.Customers, known))
	_, err = s.Search(context.Background(), nil)
	must(t, err)
	path := filepath.Join(company.Dir(), "CUSTOMER.DAT")
	text, err := os.ReadFile(path)
	must(t, err)
	must(t, os.WriteFile(path, text[:len(text)-100], 0o644)) // grows just now
	_, err = s.Take(context.Background(), "", nil)
	must(t, err)
	draft, err := s.Draft(context.Background(), nil)
	must(t, err)
	if !draft.Report.Blocked() {
		t.Errorf("%+v", draft.Report)
	}
	if _, err := s.Approve("M. Côté"); !errors.Is(err, calibrate.ErrBlocked) {
		t.Errorf("approve: %v", err)
	}
}

// TestNoCustomerData: whatever the steps return of a folder, and what a draft's report says, has no text of a customer.
func TestNoCustomerData(t *testing.T) {
	company, known := smallCompany(t)
	b := &bench{dir: t.TempDir(), company: company.Dir()}
	s, book := b.open(t)
	must(t, b.steps(s, book, known))
	draft, err := s.Draft(context.Background(), nil)
	must(t, err)
	v := s.View()
	told := fmt.Sprintf("%+v %+v %+v %+v", *v.Findings, v.Changes, draft.Report, v.Snapshots)
	for _, e := range known {
		for label, value := range e.Values {
			if len(value) > 3 && label != "language" && strings.Contains(told, value) {
				t.Errorf("%s is told", label)
			}
		}
	}
	info, err := os.Stat(filepath.Join(b.dir, "calibration", "session.json"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
}

// TestRefused: what is typed wrong is refused by its label.
func TestRefused(t *testing.T) {
	b := &bench{dir: t.TempDir(), company: t.TempDir()}
	s, _ := b.open(t)
	for _, c := range []struct {
		label, value string
	}{{"opened", "31/01/2026"}, {"discount_bp", "douze"}, {"language", "breton"}, {"price_level", "1.5"}, {"phone.number", "418"},
		{"phone.number[5]", "418"}, {"nothing", "x"}, {"number", " "}, {"name", strings.Repeat("x", 300)}} {
		values := map[string]string{"number": "C1", c.label: c.value}
		err := s.SetExamples(calibrate.Customers, []calibrate.Example{{Values: values}})
		if !errors.Is(err, calibrate.ErrBadExample) || !strings.Contains(err.Error(), c.label) && c.label != "number" || len(c.value) > 2 && strings.Contains(err.Error(), c.value) {
			t.Errorf("%s %q: %v", c.label, c.value, err)
		}
	}
	if err := s.SetExamples(calibrate.Customers, nil); !errors.Is(err, calibrate.ErrNotBegun) {
		t.Errorf("before Begin: %v", err)
	}
	if err := s.Begin(calibrate.Site{ID: "../x", AcombaVersion: "1", By: "A"}); err == nil {
		t.Error("a path as id")
	}
	if err := s.SetMarkers([]string{"../COMPANY.LCK"}); err == nil {
		t.Error("a path outside")
	}
}

// TestUTF16: a company in UTF-16 is told as what it is.
func TestUTF16(t *testing.T) {
	var file []byte
	for i := range 20 {
		card := make([]byte, 200)
		for at, text := range map[int]string{4: fmt.Sprintf("C10%02d", i), 50: fmt.Sprintf("Compagnie %c%c inc.", 'A'+i, 'B'+i)} {
			for j, r := range text {
				card[at+2*j] = byte(r)
			}
		}
		file = append(file, card...)
	}
	b := &bench{dir: t.TempDir()}
	s, err := calibrate.Open(calibrate.Options{Dir: b.dir, Company: fstest.MapFS{"CLI.DAT": {Data: file}}, Write: b.store})
	must(t, err)
	must(t, s.Begin(site))
	_, err = s.Take(context.Background(), "", nil)
	must(t, err)
	var examples []calibrate.Example
	for _, i := range []int{3, 8, 12} {
		examples = append(examples, calibrate.Example{Values: map[string]string{"number": fmt.Sprintf("C10%02d", i), "name": fmt.Sprintf("Compagnie %c%c inc.", 'A'+i, 'B'+i)}})
	}
	must(t, s.SetExamples(calibrate.Customers, examples))
	found, err := s.Search(context.Background(), nil)
	must(t, err)
	if len(found.Asks) == 0 || found.Asks[0].Note.Code != calibrate.AskUTF16 || !found.Asks[0].Blocking {
		t.Errorf("%s", report(found))
	}
}
