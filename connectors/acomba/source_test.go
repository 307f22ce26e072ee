package acomba_test

import (
	"context"
	"maps"
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
	"syncbox/connectors/record"
	"syncbox/connectors/share/sharetest"
)

// eye takes what a look tells, as the engine would: only what is committed counts.
type eye struct {
	notes, marks       map[string][]byte
	newNotes, newMarks map[string][]byte
	told, newTold      map[string]bool
	skipped            map[record.Entity]error
	commits, puts      int
}

func newEye() *eye {
	e := &eye{notes: map[string][]byte{}, marks: map[string][]byte{}}
	e.begin()
	return e
}

func (e *eye) begin() {
	e.puts = 0
	e.told, e.skipped = map[string]bool{}, map[record.Entity]error{}
	e.newNotes, e.newMarks, e.newTold = map[string][]byte{}, map[string][]byte{}, map[string]bool{}
}

func (e *eye) Get(key string) []byte {
	if v, ok := e.newNotes[key]; ok {
		return v
	}
	return e.notes[key]
}
func (e *eye) Put(key string, v []byte) { e.newNotes[key] = v; e.puts++ }
func (e *eye) Mark(key string) []byte {
	if v, ok := e.newMarks[key]; ok {
		return v
	}
	return e.marks[key]
}
func (e *eye) SetMark(key string, v []byte) { e.newMarks[key] = v; e.puts++ }
func (e *eye) Changed(en record.Entity, key record.Key, _ *record.Record) {
	e.newTold[string(en)+" "+string(key)] = true
}
func (e *eye) Skip(en record.Entity, err error) { e.skipped[en] = err }
func (e *eye) Progress(int64, int64)            {}
func (e *eye) Commit() error {
	maps.Copy(e.notes, e.newNotes)
	maps.Copy(e.marks, e.newMarks)
	maps.Copy(e.told, e.newTold)
	e.newNotes, e.newMarks, e.newTold = map[string][]byte{}, map[string][]byte{}, map[string]bool{}
	e.commits++
	return nil
}

// stage is a company on a share that misbehaves on request, and a reader of it.
type stage struct {
	t      testing.TB
	root   string
	erp    *acombatest.Company
	share  *sharetest.FS
	cfg    acomba.Config
	source *acomba.Company
	eye    *eye
	clock  time.Time
	pauses int
	pause  func(n int) // runs in each quiet time
}

func newStage(t testing.TB, o acombatest.Options) *stage {
	t.Helper()
	s := &stage{t: t, root: t.TempDir(), clock: time.Date(2026, 11, 21, 14, 0, 0, 0, time.UTC), eye: newEye()}
	if o.Seed == 0 {
		o.Seed = 11
	}
	erp, err := acombatest.Create(filepath.Join(s.root, "Nord"), o)
	must(t, err)
	s.erp = erp
	s.share = &sharetest.FS{Under: os.DirFS(s.root)}
	s.cfg = acomba.Defaults()
	s.cfg.Folder = "Nord"
	s.cfg.Now = func() time.Time { return s.clock }
	s.cfg.Wait = func(ctx context.Context, d time.Duration) error {
		s.pauses++
		if s.pause != nil {
			s.pause(s.pauses)
		}
		return ctx.Err()
	}
	s.restart()
	return s
}

// restart makes a new reader, as after a power cut or a change of settings; what the eye knows stays.
func (s *stage) restart() {
	s.t.Helper()
	source, err := acomba.New(s.cfg, s.share, nil)
	must(s.t, err)
	s.source = source
}

func (s *stage) try() error {
	s.eye.begin()
	s.pauses = 0
	return s.source.Observe(context.Background(), s.eye)
}

// look makes a look that must succeed, and gives what was told, sorted.
func (s *stage) look() []string {
	s.t.Helper()
	if err := s.try(); err != nil {
		s.t.Fatalf("observe: %v", err)
	}
	return slices.Sorted(maps.Keys(s.eye.told))
}

// quiet makes a look that must tell nothing.
func (s *stage) quiet() {
	s.t.Helper()
	if told := s.look(); len(told) > 0 {
		s.t.Errorf("told %v, want nothing", told)
	}
}

func (s *stage) wantTold(want ...string) {
	s.t.Helper()
	slices.Sort(want)
	if diff := cmp.Diff(want, s.look()); diff != "" {
		s.t.Errorf("told (-want +got):\n%s", diff)
	}
}

func (s *stage) wantError(kind connectors.Kind, code string) *connectors.Error {
	s.t.Helper()
	err := s.try()
	if connectors.KindOf(err) != kind || connectors.CodeOf(err) != code {
		s.t.Fatalf("got error %v (%s), want %s %s", err, connectors.KindOf(err), kind, code)
	}
	if len(s.eye.told) > 0 {
		s.t.Errorf("told %d records in spite of %s", len(s.eye.told), code)
	}
	e, ok := err.(*connectors.Error)
	if !ok {
		return &connectors.Error{}
	}
	return e
}

func (s *stage) wantSkipped(code string, want ...record.Entity) {
	s.t.Helper()
	s.look()
	var got []record.Entity
	for e, err := range s.eye.skipped {
		got = append(got, e)
		if connectors.CodeOf(err) != code {
			s.t.Errorf("%s skipped with %v, want %s", e, err, code)
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		s.t.Errorf("skipped entities (-want +got):\n%s", diff)
	}
}

func (s *stage) read(e record.Entity, positions ...int32) (map[record.Key]record.Record, []record.Key) {
	s.t.Helper()
	keys := make([]record.Key, len(positions))
	for i, p := range positions {
		keys[i] = keyOf(p)
	}
	found, later, err := s.source.Read(context.Background(), e, keys)
	must(s.t, err)
	records := map[record.Key]record.Record{}
	for _, r := range found {
		records[r.Key] = r
	}
	return records, later
}

// one reads a record that must be there.
func (s *stage) one(e record.Entity, position int32) record.Record {
	s.t.Helper()
	found, later := s.read(e, position)
	if len(found) != 1 {
		s.t.Fatalf("read %s %d: got %d records and later %v, want one", e, position, len(found), later)
	}
	return found[keyOf(position)]
}

func (s *stage) customers() []acombatest.Customer {
	s.t.Helper()
	all, err := s.erp.Customers()
	must(s.t, err)
	return all
}

func (s *stage) document(kind acombatest.Kind) acombatest.Document {
	s.t.Helper()
	all, err := s.erp.Documents()
	must(s.t, err)
	for _, d := range all {
		if d.Kind == kind && d.State == acombatest.StateOpen && d.Source == 0 && len(d.Lines) > 1 {
			return d
		}
	}
	s.t.Fatalf("no open document of kind %d", kind)
	return acombatest.Document{}
}

func small(p acombatest.Profile) acombatest.Options {
	return acombatest.Options{Profile: p, Customers: 60, Documents: 60}
}

func bothProfiles(t *testing.T, run func(t *testing.T, s *stage)) {
	for _, p := range []acombatest.Profile{acombatest.SIM1, acombatest.SIM2} {
		t.Run(string(p), func(t *testing.T) { run(t, newStage(t, small(p))) })
	}
}

// Requirement: ACO-1, ACO-63
func TestFirstLookTellsAll(t *testing.T) {
	bothProfiles(t, func(t *testing.T, s *stage) {
		told := map[string]int{}
		for _, name := range s.look() {
			e, _, _ := strings.Cut(name, " ")
			told[e]++
		}
		want := map[string]int{}
		for e, table := range map[string]acombatest.Table{"user": acombatest.SalesRepTable, "account": acombatest.CustomerTable,
			"contact": acombatest.CustomerTable, "document": acombatest.DocumentTable} {
			n, err := s.erp.Count(table)
			must(t, err)
			want[e] = int(n) - int(s.erp.Profile().FirstData(table)) + 1
		}
		groups, err := s.erp.Groups()
		must(t, err)
		for _, g := range groups {
			if g.Parent == 0 {
				want["category"]++
			}
		}
		if diff := cmp.Diff(want, told); diff != "" {
			t.Errorf("records told (-want +got):\n%s", diff)
		}
		s.quiet()
		s.restart()
		s.quiet()
		if s.eye.puts > 0 {
			t.Errorf("a quiet look kept %d notes and marks, want none", s.eye.puts)
		}
	})
}

func TestEditsAreTold(t *testing.T) {
	bothProfiles(t, func(t *testing.T, s *stage) {
		s.look()
		c := s.customers()[3]
		must(t, s.erp.ModifyCustomer(c.CardPos, func(c *acombatest.Customer) { c.City = "Lévis" }))
		s.wantTold("account "+string(keyOf(c.CardPos)), "contact "+string(keyOf(c.CardPos)))
		if got := s.one(record.Account, c.CardPos).Fields["city"].Text; got != "Lévis" {
			t.Errorf("got city %q", got)
		}
		must(t, s.erp.RenameSalesRep(2, "Zoé Roy"))
		s.wantTold("user 2")
		d := s.document(acombatest.Quote)
		must(t, s.erp.ModifyDocument(d.CardPos, func(d *acombatest.Document) { d.Lines[0].Description = "Autre" }))
		s.wantTold("document " + string(keyOf(d.CardPos)))
		s.quiet()
	})
}

// A change that a person saves without changing anything is none.
func TestSavedUnchangedTellsNothing(t *testing.T) {
	bothProfiles(t, func(t *testing.T, s *stage) {
		s.look()
		must(t, s.erp.ModifyCustomer(5, func(*acombatest.Customer) {}))
		if told := s.look(); len(told) > 2 {
			t.Errorf("told %v, want at most the customer itself", told)
		}
	})
}

// Requirement: ACO-21, ACO-22, ACO-25
func TestLookUpsSpread(t *testing.T) {
	bothProfiles(t, func(t *testing.T, s *stage) {
		s.look()
		users := func(uses func(acombatest.Customer) bool) []string {
			var names []string
			for c, err := range s.erp.CustomerCards() {
				must(t, err)
				if c.CardPos >= s.erp.Profile().FirstData(acombatest.CustomerTable) && uses(c) {
					names = append(names, "account "+string(keyOf(c.CardPos)))
				}
			}
			if len(names) == 0 {
				t.Fatal("nobody uses the card")
			}
			return names
		}
		first := s.customers()[0]
		must(t, s.erp.ModifyTerm(first.Term, func(x *acombatest.Term) { x.Description = "Net 77 jours" }))
		s.wantTold(users(func(c acombatest.Customer) bool { return c.Term == first.Term })...)
		if got := s.one(record.Account, first.CardPos).Fields["term"].Text; got != "Net 77 jours" {
			t.Errorf("got term %q", got)
		}
		with := func(has func(acombatest.Customer) bool) acombatest.Customer {
			all := s.customers()
			i := slices.IndexFunc(all, has)
			if i < 0 {
				t.Fatal("no such customer")
			}
			return all[i]
		}
		c := with(func(c acombatest.Customer) bool { return c.Territory != 0 })
		must(t, s.erp.ModifyTerritory(c.Territory, func(x *acombatest.Named) { x.Description = "Gaspésie" }))
		s.wantTold(users(func(o acombatest.Customer) bool { return o.Territory == c.Territory })...)
		c = with(func(c acombatest.Customer) bool { return c.PriceLevel != 0 })
		lists, err := s.erp.PriceLists()
		must(t, err)
		i := slices.IndexFunc(lists, func(n acombatest.Named) bool { return n.Number == int32(c.PriceLevel) })
		must(t, s.erp.ModifyPriceList(lists[i].CardPos, func(x *acombatest.Named) { x.Description = "Détaillants" }))
		s.wantTold(users(func(o acombatest.Customer) bool { return o.PriceLevel == c.PriceLevel })...)
		if got := s.one(record.Account, c.CardPos).Fields["price_list"].Text; got != "Détaillants" {
			t.Errorf("got price list %q", got)
		}
	})
}

// A power cut in the middle of telling loses none of a look-up's users.
func TestSpreadSurvivesFailure(t *testing.T) {
	s := newStage(t, small(acombatest.SIM1))
	s.look()
	c := s.customers()[0]
	must(t, s.erp.ModifyTerm(c.Term, func(x *acombatest.Term) { x.Description = "Comptant" }))
	ctx, cancel := context.WithCancel(context.Background())
	s.pause = func(int) { cancel() }
	s.eye.begin()
	if err := s.source.Observe(ctx, s.eye); err == nil {
		t.Fatal("a cancelled look succeeded")
	}
	s.pause = nil
	s.restart()
	if told := s.look(); !slices.Contains(told, "account "+string(keyOf(c.CardPos))) {
		t.Errorf("told %v, want account %d", told, c.CardPos)
	}
}

// Requirement: ACO-43
func TestGroupMovesUnderAnother(t *testing.T) {
	bothProfiles(t, func(t *testing.T, s *stage) {
		s.look()
		d := s.document(acombatest.Invoice)
		var subgroups []int32
		groups, err := s.erp.Groups()
		must(t, err)
		for _, g := range groups {
			if g.Parent != 0 {
				subgroups = append(subgroups, g.CardPos)
			}
		}
		all, err := s.erp.Documents()
		must(t, err)
		var group int32 // a main group that some line has
		for _, some := range all {
			for _, l := range some.Lines {
				if l.Type == acombatest.ProductLine && l.Group > 2 && !slices.Contains(subgroups, l.Group) {
					d, group = some, l.Group
				}
			}
		}
		if group == 0 {
			t.Fatal("no line is in a main group")
		}
		parent := int32(1)
		must(t, s.erp.ModifyGroup(group, func(g *acombatest.Group) { g.Parent = parent }))
		told := s.look()
		for _, want := range []string{"document " + string(keyOf(d.CardPos)), "category " + string(keyOf(group))} {
			if !slices.Contains(told, want) {
				t.Errorf("told %v, want %s", told, want)
			}
		}
		if found, _ := s.read(record.Category, group); !found[keyOf(group)].Gone {
			t.Error("a sub-group is shown as a category")
		}
	})
}
