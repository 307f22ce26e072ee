package acomba_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/acomba"
	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/record"
	"syncbox/connectors/share/sharetest"
)

// Each sign of an older copy is harmless alone and stops everything beside a second one, here a file that
// became shorter.
func TestSigns(t *testing.T) {
	newest := func(s *stage) acombatest.Document {
		all, err := s.erp.Documents()
		must(s.t, err)
		return slices.MaxFunc(all, func(a, b acombatest.Document) int {
			if a.Kind != b.Kind {
				return int(b.Kind) - int(a.Kind) // invoices first
			}
			return int(a.Date) - int(b.Date)
		})
	}
	tests := []struct {
		name string
		want string
		lost bool // the notes: only the marks can tell
		make func(s *stage)
	}{
		{"date", "newest invoice went back", true, func(s *stage) {
			must(s.t, s.erp.SetRaw(acombatest.DocumentTable, newest(s).CardPos, "date", 20000101))
		}},
		{"highest unique id", "unique_id went back", true, func(s *stage) {
			last := slices.MaxFunc(s.customers(), func(a, b acombatest.Customer) int { return int(a.UniqueID) - int(b.UniqueID) })
			must(s.t, s.erp.SetRaw(acombatest.CustomerTable, last.CardPos, "unique_id", 1))
		}},
		{"some unique id", "card 5: unique_id went back", false, func(s *stage) {
			must(s.t, s.erp.SetRaw(acombatest.CustomerTable, 5, "unique_id", 1))
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newStage(t, small(acombatest.SIM1))
			s.look()
			tt.make(s)
			s.look() // alone: nothing happens
			s = newStage(t, small(acombatest.SIM1))
			s.look()
			tt.make(s)
			if tt.lost {
				s.eye.notes = map[string][]byte{}
			}
			must(t, s.erp.Truncate(acombatest.LineTable, int64(s.erp.Profile().HeaderSize(acombatest.LineTable)+
				s.erp.Profile().CardSize(acombatest.LineTable))))
			e := s.wantError(connectors.Hold, acomba.CodeRolledBack)
			if !strings.Contains(e.Args["signs"], tt.want) || !strings.Contains(e.Args["signs"], "LINES has fewer cards") {
				t.Errorf("got signs %q, want %q", e.Args["signs"], tt.want)
			}
		})
	}
}

// Without a look in this process, a card that a dead station left half written, or that is locked, waits.
func TestUnseenCardInUse(t *testing.T) {
	s := newStage(t, small(acombatest.SIM1))
	torn, err := s.erp.Tear(func(c *acombatest.Company) error {
		return c.ModifyCustomer(5, func(c *acombatest.Customer) { c.Name = "Demi" })
	})
	must(t, err)
	must(t, torn.Abandon())
	p := s.erp.Profile()
	s.share.Set(func(f *sharetest.Faults) {
		f.Locked = map[string][]sharetest.Span{customers: {{Off: p.CardOffset(acombatest.CustomerTable, 6), Len: 1}}}
	})
	found, later := s.read(record.Contact, 4, 5, 6)
	slices.Sort(later)
	if len(found) != 1 || !cmp.Equal(later, []record.Key{"5", "6"}) {
		t.Errorf("read %d records, later %v; want contact 4, later 5 and 6", len(found), later)
	}
}

// Who a document was made from, and which document a line belongs to, can change by themselves.
func TestPointersMove(t *testing.T) {
	s := newStage(t, small(acombatest.SIM1))
	s.look()
	quote, order := s.document(acombatest.Quote), s.document(acombatest.Order)
	name := func(d acombatest.Document) string { return "document " + string(keyOf(d.CardPos)) }
	must(t, s.erp.SetRaw(acombatest.DocumentTable, order.CardPos, "source_cp", int64(quote.CardPos)))
	s.wantTold(name(quote), name(order))
	if !s.one(record.Document, quote.CardPos).Fields["total_before_tax"].Equal(cents(0)) {
		t.Error("the quote is superseded and shows a total")
	}
	must(t, s.erp.SetRaw(acombatest.DocumentTable, order.CardPos, "status", 2))
	s.wantTold(name(quote), name(order))
	if s.one(record.Document, quote.CardPos).Fields["total_before_tax"].Equal(cents(0)) {
		t.Error("a deleted order still supersedes the quote")
	}
	must(t, s.erp.SetRaw(acombatest.DocumentTable, order.CardPos, "status", 0))
	s.look()
	line := order.Lines[0].CardPos
	must(t, s.erp.SetRaw(acombatest.LineTable, line, "parent_cp", int64(quote.CardPos)))
	s.wantTold(name(quote), name(order))
	must(t, s.erp.SetRaw(acombatest.DocumentTable, order.CardPos, "source_cp", 0))
	s.wantTold(name(quote), name(order))
}

// A duplicate whose twin is locked stays one.
func TestDuplicateBehindALock(t *testing.T) {
	o := small(acombatest.SIM1)
	o.Customers = 300
	s := newStage(t, o)
	must(t, s.erp.DuplicateNumber(7, 8))
	s.look()
	p := s.erp.Profile()
	s.share.Set(func(f *sharetest.Faults) {
		f.Locked = map[string][]sharetest.Span{customers: {{Off: p.CardOffset(acombatest.CustomerTable, 7), Len: 1}}}
	})
	s.quiet()
	if got := s.one(record.Account, 8).Held; got != acomba.CodeDuplicateNumber {
		t.Errorf("got held %q, want %s", got, acomba.CodeDuplicateNumber)
	}
}

// A price list without a number is nobody's: customers without a list are not told.
func TestPriceListWithoutNumber(t *testing.T) {
	s := newStage(t, small(acombatest.SIM1))
	must(t, s.erp.ModifyCustomer(5, func(c *acombatest.Customer) { c.PriceLevel = 0 }))
	s.look()
	must(t, s.erp.SetRaw(acombatest.PriceListTable, 1, "number", 0))
	if told := s.look(); slices.Contains(told, "account 5") {
		t.Errorf("told %v, account 5 has no price list", told)
	}
}

// fullDisk is an eye whose commits fail after the first of each look.
type fullDisk struct{ *eye }

var errFull = errors.New("disk full")

func (f fullDisk) Commit() error {
	if f.commits > 0 {
		return errFull
	}
	return f.eye.Commit()
}

// The users of a changed look-up card are told although the power went between two commits.
func TestSpreadSurvivesHalfALook(t *testing.T) {
	s := newStage(t, acombatest.Options{Profile: acombatest.SIM2, Customers: 2600, Documents: 1})
	s.look()
	all := s.customers()
	last := all[len(all)-1]
	must(t, s.erp.ModifyTerm(last.Term, func(x *acombatest.Term) { x.Description = "Net 77 jours" }))
	for _, c := range all[:2550] {
		must(t, s.erp.ModifyCustomer(c.CardPos, func(c *acombatest.Customer) { c.Comment = "vu" }))
	}
	s.eye.begin()
	s.eye.commits = 0
	if err := s.source.Observe(t.Context(), fullDisk{s.eye}); !errors.Is(err, errFull) {
		t.Fatalf("got %v, want %v", err, errFull)
	}
	name := "account " + string(keyOf(last.CardPos))
	if len(s.eye.told) == 0 || s.eye.told[name] {
		t.Fatalf("told %d records before the power went; %s among them: %v", len(s.eye.told), name, s.eye.told[name])
	}
	s.restart()
	if told := s.look(); !slices.Contains(told, name) {
		t.Errorf("%s was never told that its payment term changed", name)
	}
}
