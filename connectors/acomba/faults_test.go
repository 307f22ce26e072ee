package acomba_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/acomba"
	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/acomba/layout"
	"syncbox/connectors/record"
	"syncbox/connectors/share/sharetest"
)

const (
	customers = "Nord/CUSTOMER.DAT"
	documents = "Nord/TRANS.DAT"
)

// A card half written is never handed on: not when it is torn at the first read, not when it is at both.
func TestTornCard(t *testing.T) {
	bothProfiles(t, func(t *testing.T, s *stage) {
		s.look()
		before := s.one(record.Account, 5)
		torn, err := s.erp.Tear(func(c *acombatest.Company) error {
			return c.ModifyCustomer(5, func(c *acombatest.Customer) {
				c.Name, c.Web, c.Comment = "Nouveau nom", "https://nouveau.example", "Autre"
			})
		})
		must(t, err)
		rest := func(n int) {
			if n == 1 { // the other half arrives between the two reads
				must(t, torn.Rest())
			}
		}
		s.pause = rest
		told := s.look()
		got := s.one(record.Account, 5)
		if !slices.Contains(told, "account 5") {
			t.Fatalf("told %v, want account 5 in the further rounds", told)
		}
		want := record.TextOf("https://nouveau.example")
		if got.Fields["name"].Text != "Nouveau nom" || !got.Fields["web"].Equal(want) {
			t.Errorf("read %v, before it was %v", got.Fields, before.Fields)
		}
	})
}

// A station that died in the middle of a save leaves an odd sequence: the card waits for ever, the others don't.
func TestAbandonedCard(t *testing.T) {
	s := newStage(t, small(acombatest.SIM1))
	s.look()
	torn, err := s.erp.Tear(func(c *acombatest.Company) error {
		return c.ModifyCustomer(5, func(c *acombatest.Customer) { c.Name = "Demi" })
	})
	must(t, err)
	must(t, torn.Abandon())
	s.quiet()
	if found, later := s.read(record.Account, 5, 6); len(found) != 1 || !cmp.Equal(later, []record.Key{"5"}) {
		t.Errorf("read %d records and later %v, want account 6 and later 5", len(found), later)
	}
}

// While a new layout has not passed, nothing is read through it either.
func TestNothingReadBeforeVerified(t *testing.T) {
	s := newStage(t, small(acombatest.SIM1))
	s.pause = func(int) { s.share.Set(func(f *sharetest.Faults) { f.Gone = sharetest.Lost }) }
	s.share.Set(func(f *sharetest.Faults) {
		f.Fail = []sharetest.Fail{{Op: sharetest.Read, Name: documents, Err: sharetest.Lost}}
	})
	if err := s.try(); err == nil {
		t.Fatal("the look succeeded without its documents")
	}
	s.pause = nil
	s.share.Set(func(f *sharetest.Faults) { f.Gone, f.Fail = nil, nil })
	if _, _, err := s.source.Read(context.Background(), record.Account, []record.Key{"5"}); connectors.KindOf(err) != connectors.Busy {
		t.Errorf("got %v, want busy", err)
	}
	s.look()
	s.one(record.Account, 5)
}

// A card that changes after the look is not believed until the next one.
func TestChangedSinceTheLook(t *testing.T) {
	bothProfiles(t, func(t *testing.T, s *stage) {
		s.look()
		must(t, s.erp.ModifyCustomer(5, func(c *acombatest.Customer) { c.City = "Rimouski" }))
		if found, later := s.read(record.Account, 4, 5); len(found) != 1 || !cmp.Equal(later, []record.Key{"5"}) {
			t.Errorf("read %d records and later %v, want 4 and later 5", len(found), later)
		}
		s.look()
		s.one(record.Account, 5)
	})
}

// Without a look in this process a card is believed when two reads agree.
func TestReadAfterRestart(t *testing.T) {
	bothProfiles(t, func(t *testing.T, s *stage) {
		s.look()
		s.restart()
		s.pauses, s.pause = 0, func(int) {
			must(t, s.erp.ModifyCustomer(5, func(c *acombatest.Customer) { c.City = "Rimouski" }))
		}
		found, later := s.read(record.Account, 4, 5)
		if len(found) != 1 || !cmp.Equal(later, []record.Key{"5"}) || s.pauses != 1 {
			t.Errorf("read %d records, later %v, %d pauses; want account 4, later 5, one pause", len(found), later, s.pauses)
		}
	})
}

func TestLockedCard(t *testing.T) {
	bothProfiles(t, func(t *testing.T, s *stage) {
		s.look()
		must(t, s.erp.ModifyCustomer(5, func(c *acombatest.Customer) { c.City = "Rimouski" }))
		must(t, s.erp.ModifyCustomer(6, func(c *acombatest.Customer) { c.City = "Gaspé" }))
		p := s.erp.Profile()
		s.share.Set(func(f *sharetest.Faults) {
			f.Locked = map[string][]sharetest.Span{customers: {{Off: p.CardOffset(acombatest.CustomerTable, 5), Len: int64(p.CardSize(acombatest.CustomerTable))}}}
		})
		s.wantTold("account 6", "contact 6")
		if found, later := s.read(record.Account, 5, 6); len(found) != 1 || !cmp.Equal(later, []record.Key{"5"}) {
			t.Errorf("read %d records and later %v, want 6 and later 5", len(found), later)
		}
		if _, err := s.source.Find(context.Background(), record.Account, "number", record.TextOf("C1")); connectors.KindOf(err) != connectors.Busy {
			t.Errorf("find with a locked card: got %v, want busy", err)
		}
		s.share.Set(func(f *sharetest.Faults) { f.Locked = nil })
		s.wantTold("account 5", "contact 5")
	})
}

func TestExclusiveMarker(t *testing.T) {
	bothProfiles(t, func(t *testing.T, s *stage) {
		s.look()
		must(t, s.erp.ModifyCustomer(5, func(c *acombatest.Customer) { c.City = "Rimouski" }))
		alone, err := s.erp.StartRemonte()
		must(t, err)
		s.wantError(connectors.Busy, acomba.CodeExclusive)
		if _, _, err := s.source.Read(context.Background(), record.Account, []record.Key{"5"}); connectors.CodeOf(err) != acomba.CodeExclusive {
			t.Errorf("read: got %v, want %s", err, acomba.CodeExclusive)
		}
		must(t, alone.Release())
		s.wantTold("account 5", "contact 5")
	})
}

// Requirement: ACO-71, ACO-72
func TestFolderGone(t *testing.T) {
	s := newStage(t, small(acombatest.SIM1))
	s.look()
	must(t, os.Rename(filepath.Join(s.root, "Nord"), filepath.Join(s.root, "Nord ancien")))
	s.wantError(connectors.Unavailable, acomba.CodeFolderMissing)
	must(t, os.Mkdir(filepath.Join(s.root, "Nord"), 0o755))
	s.wantError(connectors.Unavailable, acomba.CodeFolderEmpty)
	s.share.Set(func(f *sharetest.Faults) { f.Empty = true })
	if err := s.try(); connectors.KindOf(err) != connectors.Unavailable {
		t.Errorf("empty share: got %v, want unavailable", err)
	}
	s.share.Set(func(f *sharetest.Faults) { f.Empty, f.Gone = false, sharetest.Lost })
	if err := s.try(); connectors.KindOf(err) != connectors.Unavailable || connectors.CodeOf(err) == acomba.CodeFolderMissing {
		t.Errorf("lost share: got %v, want unavailable, not a missing folder", err)
	}
	s.share.Set(func(f *sharetest.Faults) { f.Gone = nil })
	s.cfg.Folder = "Nord ancien" // a person chooses the new place
	s.restart()
	s.quiet()
}

// Only a listing of the folder above proves that the folder is gone.
func TestFolderGoneUnproved(t *testing.T) {
	s := newStage(t, small(acombatest.SIM1))
	s.look()
	s.share.Set(func(f *sharetest.Faults) {
		f.Fail = []sharetest.Fail{{Op: sharetest.ReadDir, Name: "Nord", Err: sharetest.NotFound},
			{Op: sharetest.ReadDir, Name: ".", Err: sharetest.Lost}}
	})
	if err := s.try(); connectors.KindOf(err) != connectors.Unavailable || connectors.CodeOf(err) == acomba.CodeFolderMissing {
		t.Errorf("got %v, want unavailable without a verdict on the folder", err)
	}
}

func TestNamesInLowerCase(t *testing.T) {
	o := small(acombatest.SIM2)
	o.LowerNames = true
	s := newStage(t, o)
	if told := s.look(); len(told) < 120 || len(s.eye.skipped) > 0 {
		t.Errorf("told %d records, skipped %v", len(told), s.eye.skipped)
	}
}

func TestFileMissing(t *testing.T) {
	tests := []struct {
		file string
		want []record.Entity
	}{
		{"SALESREP.DAT", []record.Entity{record.User}},
		{"TERM.DAT", []record.Entity{record.Account}},
		{"CUSTOMER.DAT", []record.Entity{record.Account, record.Contact}},
		{"LINES.DAT", []record.Entity{record.Document}},
		{"PRODGRP.DAT", []record.Entity{record.Category, record.Document}},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			s := newStage(t, small(acombatest.SIM1))
			s.look()
			path := filepath.Join(s.erp.Dir(), tt.file)
			must(t, os.Rename(path, path+".old"))
			s.wantSkipped(acomba.CodeFileMissing, tt.want...)
			if len(s.eye.told) > 0 {
				t.Errorf("told %v of an unchanged company", s.eye.told)
			}
			must(t, os.Rename(path+".old", path))
			s.quiet()
		})
	}
}

func TestFileBusy(t *testing.T) {
	s := newStage(t, small(acombatest.SIM2))
	s.look()
	s.share.Set(func(f *sharetest.Faults) {
		f.Fail = []sharetest.Fail{{Op: sharetest.Open, Name: customers, Err: sharetest.SharingViolation}}
	})
	s.wantSkipped(acomba.CodeFileBusy, record.Account, record.Contact)
	if _, later := s.read(record.Account, 5); !cmp.Equal(later, []record.Key{"5"}) {
		t.Errorf("got later %v, want account 5", later)
	}
	s.share.Set(func(f *sharetest.Faults) { f.Fail = nil })
	s.quiet()
}

// Requirement: ACO-64
func TestTruncatedFileDeletesNothing(t *testing.T) {
	s := newStage(t, small(acombatest.SIM2))
	s.look()
	path := filepath.Join(s.erp.Dir(), "CUSTOMER.DAT")
	whole, err := os.ReadFile(path)
	must(t, err)
	must(t, s.erp.Truncate(acombatest.CustomerTable, int64(10*s.erp.Profile().CardSize(acombatest.CustomerTable))))
	s.wantSkipped(acomba.CodeFileTruncated, record.Account, record.Contact)
	if found, later := s.read(record.Account, 30); len(found) != 0 || len(later) != 1 {
		t.Errorf("read %d records and later %v; a cut file proves nothing", len(found), later)
	}
	must(t, os.WriteFile(path, whole, 0o644))
	s.quiet()
}

func TestShortRead(t *testing.T) {
	s := newStage(t, small(acombatest.SIM1))
	s.share.Set(func(f *sharetest.Faults) { f.Short = map[string]int64{documents: 5000} })
	s.wantSkipped(acomba.CodeFileBusy, record.Document)
	for name := range s.eye.told {
		if e, _, _ := strings.Cut(name, " "); e == "document" && !s.hasLines() {
			t.Fatalf("told %s although its file could not be read", name)
		}
	}
	s.share.Set(func(f *sharetest.Faults) { f.Short = nil })
	if told := s.look(); len(told) < 60 {
		t.Errorf("told %d documents afterwards, want all 60", len(told))
	}
}

// hasLines: a line tells its document even while the heading can't be read.
func (s *stage) hasLines() bool {
	n, err := s.erp.Count(acombatest.LineTable)
	return err == nil && n > 0
}

func TestReplacedFile(t *testing.T) {
	s := newStage(t, small(acombatest.SIM1))
	s.look()
	must(t, s.erp.ModifyCustomer(5, func(c *acombatest.Customer) { c.City = "Rimouski" }))
	content, err := os.ReadFile(filepath.Join(s.erp.Dir(), "CUSTOMER.DAT"))
	must(t, err)
	s.pause = func(n int) {
		if n == 1 {
			s.share.Set(func(f *sharetest.Faults) { f.Replaced = map[string]sharetest.Replaced{customers: {Content: content}} })
		}
	}
	s.wantSkipped(acomba.CodeFileBusy, record.Account, record.Contact)
	if len(s.eye.told) > 0 {
		t.Errorf("told %v out of a replaced file", s.eye.told)
	}
	s.pause = nil
	s.wantTold("account 5", "contact 5")
}

// A file that ends inside a card is being added to; after three looks it means a wrong layout.
func TestGrowingFile(t *testing.T) {
	s := newStage(t, small(acombatest.SIM1))
	s.look()
	must(t, s.erp.ExtendPartly(acombatest.LineTable, 100))
	for range 3 {
		s.wantSkipped(acomba.CodeFileSize, record.Document)
	}
	e := s.wantError(connectors.Drift, acomba.CodeProbeFailed)
	if e.Args["file"] != "LINES.DAT" || e.Args["probe"] != layout.ProbeSizeModulo {
		t.Errorf("got args %v, want file LINES.DAT and probe %s", e.Args, layout.ProbeSizeModulo)
	}
	must(t, s.erp.TrimPartly(acombatest.LineTable))
	s.quiet()
}

// Requirement: ACO-66
func TestWrongLayout(t *testing.T) {
	s := newStage(t, small(acombatest.SIM1))
	s.look()
	must(t, s.erp.Reshape(acombatest.CustomerTable, 2*s.erp.Profile().CardSize(acombatest.CustomerTable)))
	e := s.wantError(connectors.Drift, acomba.CodeProbeFailed)
	if e.Args["file"] == "" || e.Args["probe"] == "" {
		t.Errorf("got args %v, want file and probe", e.Args)
	}
	if _, _, err := s.source.Read(context.Background(), record.Account, []record.Key{"5"}); connectors.KindOf(err) != connectors.Drift {
		t.Errorf("read after a failed probe: got %v, want drift", err)
	}
}

// Requirement: ACO-66
func TestChangedVersion(t *testing.T) {
	s := newStage(t, small(acombatest.SIM1))
	must(t, s.erp.SetVersion("SIM-9"))
	s.wantError(connectors.Drift, acomba.CodeLayoutUnknown)
	must(t, s.erp.SetVersion("SIM-1"))
	s.look()
	must(t, s.erp.SetVersion("SIM-9"))
	e := s.wantError(connectors.Drift, acomba.CodeLayoutReverify)
	if e.Args["version"] != "SIM-9" {
		t.Errorf("got args %v, want version SIM-9", e.Args)
	}
	s.cfg.Layout = "refacomba/1" // a technician says that it is still this one
	s.restart()
	s.wantError(connectors.Drift, acomba.CodeLayoutReverify) // but shows no sample
	c := s.customers()[2]
	s.cfg.Layouts = []*layout.Layout{edited(t, "refacomba-sim1.toml", `{kind = "unique", field = "number", min_ratio = 0.99},
  {kind = "ref_valid", field = "term_cp"`, `{kind = "known", field = "number", value = "`+c.Number+`", expect = {name = "`+c.Name+`"}},
  {kind = "ref_valid", field = "term_cp"`)}
	s.restart()
	s.look()
	if len(s.eye.skipped) > 0 {
		t.Errorf("skipped %v", s.eye.skipped)
	}
}

// edited is an embedded layout with one piece of its text replaced.
func edited(t testing.TB, name, old, text string) *layout.Layout {
	t.Helper()
	was := layout.EmbeddedText(name)
	if !bytes.Contains(was, []byte(old)) {
		t.Fatalf("%s has no %q", name, old)
	}
	l, err := layout.Parse(name, bytes.Replace(was, []byte(old), []byte(text), 1))
	must(t, err)
	return l
}

func TestCodePage(t *testing.T) {
	t.Run("declared", func(t *testing.T) {
		s := newStage(t, small(acombatest.SIM1))
		s.cfg.Layouts = []*layout.Layout{edited(t, "refacomba-sim1.toml", `encoding = "auto"`, `encoding = "windows-1252"`)}
		s.restart()
		s.look()
		must(t, s.erp.SwitchCodePage(acombatest.CP850))
		s.wantError(connectors.Drift, acomba.CodeEncodingUnknown)
	})
	t.Run("auto", func(t *testing.T) {
		s := newStage(t, small(acombatest.SIM1))
		s.look()
		before := s.readAll()
		must(t, s.erp.SwitchCodePage(acombatest.CP850))
		s.look()
		if diff := cmp.Diff(before, s.readAll()); diff != "" {
			t.Errorf("the same texts in another code page (-before +after):\n%s", diff)
		}
	})
	t.Run("half and half", func(t *testing.T) {
		s := newStage(t, small(acombatest.SIM1))
		s.look()
		must(t, s.erp.SwitchCodePage(acombatest.CP850))
		old := filepath.Join(s.erp.Dir(), "CUSTOMER.DAT")
		mixed, err := os.ReadFile(old)
		must(t, err)
		must(t, s.erp.SwitchCodePage(acombatest.Windows1252))
		must(t, os.WriteFile(old, mixed, 0o644))
		s.wantError(connectors.Drift, acomba.CodeEncodingUnknown)
	})
}

func (s *stage) readAll() map[record.Key]record.Record {
	var positions []int32
	for _, c := range s.customers() {
		positions = append(positions, c.CardPos)
	}
	found, _ := s.read(record.Account, positions...)
	return found
}

func TestDuplicateNumber(t *testing.T) {
	o := small(acombatest.SIM1)
	o.Customers = 300
	s := newStage(t, o)
	s.look()
	must(t, s.erp.DuplicateNumber(7, 8))
	s.wantTold("account 7", "contact 7", "account 8", "contact 8")
	for _, p := range []int32{7, 8} {
		if got := s.one(record.Account, p).Held; got != acomba.CodeDuplicateNumber {
			t.Errorf("account %d: got held %q, want %s", p, got, acomba.CodeDuplicateNumber)
		}
	}
	if got := s.one(record.Account, 9).Held; got != "" {
		t.Errorf("account 9: got held %q", got)
	}
	s.quiet()
	must(t, s.erp.ChangeNumber(7, "C-777"))
	s.wantTold("account 7", "contact 7", "account 8", "contact 8")
	if got := s.one(record.Account, 8).Held; got != "" {
		t.Errorf("account 8 afterwards: got held %q", got)
	}
}

func TestReusedPosition(t *testing.T) {
	fresh := acombatest.Customer{Number: "N-1", Name: "Nouveau client"}
	t.Run("SIM-1", func(t *testing.T) {
		s := newStage(t, small(acombatest.SIM1))
		s.look()
		before := s.one(record.Account, 5)
		must(t, s.erp.ReusePosition(5, fresh))
		s.wantTold("account 5", "contact 5")
		after := s.one(record.Account, 5)
		if before.Incarnation == "" || after.Incarnation == "" || before.Incarnation == after.Incarnation {
			t.Errorf("got incarnations %q and %q, want two different ones", before.Incarnation, after.Incarnation)
		}
	})
	t.Run("SIM-2", func(t *testing.T) {
		s := newStage(t, small(acombatest.SIM2))
		s.look()
		must(t, s.erp.DeleteCustomer(5))
		s.wantTold("account 5", "contact 5")
		if r := s.one(record.Account, 5); !r.Gone || r.Incarnation != "" {
			t.Errorf("deleted customer: got %+v, want gone without an incarnation", r)
		}
		must(t, s.erp.ReusePosition(5, fresh))
		s.wantTold("account 5", "contact 5")
		if r := s.one(record.Account, 5); r.Gone || r.Fields["name"].Text != "Nouveau client" {
			t.Errorf("got %+v, want the new customer", r)
		}
	})
}

func TestOlderCopy(t *testing.T) {
	bothProfiles(t, func(t *testing.T, s *stage) {
		s.look()
		backup, err := s.erp.Backup()
		must(t, err)
		d := s.document(acombatest.Quote)
		d.Number = ""
		_, err = s.erp.AddDocument(d)
		must(t, err)
		must(t, s.erp.ModifyCustomer(5, func(c *acombatest.Customer) { c.City = "Rimouski" }))
		s.look()
		must(t, s.erp.Restore(backup))
		s.wantError(connectors.Hold, acomba.CodeRolledBack)
		if _, _, err := s.source.Read(context.Background(), record.Account, []record.Key{"5"}); connectors.KindOf(err) != connectors.Hold {
			t.Errorf("read: got %v, want hold", err)
		}
		s.eye.notes = map[string][]byte{} // the notes may be lost, the marks are not
		s.restart()
		s.wantError(connectors.Hold, acomba.CodeRolledBack)
		s.source.Accept()
		if told := s.look(); !slices.Contains(told, "account 5") {
			t.Errorf("told %v, want account 5", told)
		}
		s.quiet()
	})
}

// The older copy stays held when work goes on in it until nothing tells it from the newer one.
func TestOlderCopyIsNotForgotten(t *testing.T) {
	s := newStage(t, small(acombatest.SIM2))
	s.look()
	backup, err := s.erp.Backup()
	must(t, err)
	d := s.document(acombatest.Quote)
	d.Number = ""
	add := func(times int) {
		t.Helper()
		for range times {
			_, err := s.erp.AddDocument(d)
			must(t, err)
		}
	}
	add(1)
	s.look()
	must(t, s.erp.Restore(backup))
	s.wantError(connectors.Hold, acomba.CodeRolledBack)
	add(3)
	s.restart()
	s.wantError(connectors.Hold, acomba.CodeRolledBack)
}

// Once a person took the older copy as the truth, cards behind the end of its files are told and left out.
func TestAcceptedShorterCopy(t *testing.T) {
	bothProfiles(t, func(t *testing.T, s *stage) {
		s.look()
		backup, err := s.erp.Backup()
		must(t, err)
		added, err := s.erp.AddCustomer(acombatest.Customer{Name: "Ajouté"})
		must(t, err)
		d := s.document(acombatest.Quote)
		d.Number = ""
		document, err := s.erp.AddDocument(d)
		must(t, err)
		s.look()
		must(t, s.erp.Restore(backup))
		s.wantError(connectors.Hold, acomba.CodeRolledBack)
		s.source.Accept()
		told := s.look()
		for e, p := range map[record.Entity]int32{record.Account: added, record.Contact: added, record.Document: document} {
			if n, err := s.erp.Count(acombatest.CustomerTable); err == nil && e != record.Document && added <= n {
				continue // a free card was taken
			}
			if !slices.Contains(told, string(e)+" "+string(keyOf(p))) {
				t.Errorf("%s %d was not told", e, p)
			}
			if found, later := s.read(e, p); len(found)+len(later) != 0 {
				t.Errorf("%s %d: read %v, later %v; want nothing there", e, p, found, later)
			}
		}
		s.quiet()
	})
}

// Only edits are lost in this copy: nothing became shorter, but two cards' sequences went back.
func TestOlderCopyOfEdits(t *testing.T) {
	s := newStage(t, small(acombatest.SIM1))
	s.look()
	backup, err := s.erp.Backup()
	must(t, err)
	for _, p := range []int32{5, 6} {
		must(t, s.erp.ModifyCustomer(p, func(c *acombatest.Customer) { c.City = "Rimouski" }))
	}
	s.look()
	must(t, s.erp.Restore(backup))
	e := s.wantError(connectors.Hold, acomba.CodeRolledBack)
	if !strings.Contains(e.Args["signs"], "sequence went back") {
		t.Errorf("got signs %q", e.Args["signs"])
	}
}

// One sign alone has innocent causes; it waits a day for a second one.
func TestOneSignIsNotEnough(t *testing.T) {
	s := newStage(t, small(acombatest.SIM1))
	s.look()
	edit := func(p int32, city string) {
		t.Helper()
		must(t, s.erp.ModifyCustomer(p, func(c *acombatest.Customer) { c.City = city }))
	}
	back := func(p int32) { // as it was before, which no program does to a card
		t.Helper()
		edit(p, "Rimouski")
		s.look()
		edit(p, "Gaspé")
		must(t, s.erp.SetRaw(acombatest.CustomerTable, p, "mod_seq", 0))
	}
	back(5)
	s.wantTold("account 5", "contact 5")
	s.clock = s.clock.Add(25 * time.Hour)
	back(6)
	s.wantTold("account 6", "contact 6")
	s.clock = s.clock.Add(time.Hour)
	back(7)
	s.wantError(connectors.Hold, acomba.CodeRolledBack)
}

// The error of the share as a whole ends the look; the notes stay as they were.
func TestShareLost(t *testing.T) {
	s := newStage(t, small(acombatest.SIM1))
	s.look()
	must(t, s.erp.ModifyCustomer(5, func(c *acombatest.Customer) { c.City = "Rimouski" }))
	s.pause = func(int) { s.share.Set(func(f *sharetest.Faults) { f.Gone = sharetest.Lost }) }
	if err := s.try(); err == nil || len(s.eye.told) > 0 {
		t.Fatalf("got error %v and %d records told, want an error and none", err, len(s.eye.told))
	}
	s.pause = nil
	s.share.Set(func(f *sharetest.Faults) { f.Gone = nil })
	s.wantTold("account 5", "contact 5")
}
