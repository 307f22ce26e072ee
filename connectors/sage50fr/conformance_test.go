package sage50fr_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"syncbox/connectors/connectortest"
	"syncbox/connectors/record"
	"syncbox/connectors/sage50fr"
	"syncbox/connectors/sage50fr/sage50test"
)

const demo = "DUPONT"

// site is the simulated site, and the box that reads it.
type site struct {
	*rig
	*sage50test.Site
}

func newSite(t testing.TB, o sage50test.Options, change ...func(*sage50fr.Config)) *site {
	t.Helper()
	s := &site{rig: &rig{t: t, root: filepath.Join(t.TempDir(), "share"), notes: connectortest.NewNotes()}}
	s.Site = must(sage50test.Create(s.root, o))(t)
	s.conf = sage50fr.Config{Dossier: demo, Dir: t.TempDir(), Now: s.Now, Wait: s.wait, Encoding: encodingOf(o.Switches)}
	for _, f := range change {
		f(&s.conf)
	}
	s.files, s.drops = os.DirFS(s.root), &folder{root: s.root}
	s.boot()
	return s
}

// encodingOf is what a technician sets: nothing tells code page 850 from another one.
func encodingOf(s sage50test.Switches) string {
	if s.Encoding == sage50test.CP850 {
		return sage50fr.CP850
	}
	return sage50fr.Auto
}

func (s *site) wait(_ context.Context, d time.Duration) error { return s.Advance(d) }

// exportAll lets a while pass and has somebody export everything.
func (s *site) exportAll() {
	s.t.Helper()
	s.check(s.Advance(2 * time.Minute))
	s.check(s.ExportAll(demo))
}

func (s *site) code(k sage50test.Kind, n int) string { return s.Codes(demo, k)[n] }

// bill makes a document of the first client.
func (s *site) bill(kind string, validated bool) record.Key {
	s.t.Helper()
	item := sage50test.Item{Article: s.code(sage50test.Articles, 0), Quantity: "2"}
	return record.Key(must(s.Bill(demo, kind, s.code(sage50test.Clients, 0), validated, item))(s.t))
}

// TestConformance: the contract, in every position of every switch.
//
// Requirement: LAB-7
func TestConformance(t *testing.T) {
	for _, switches := range sage50test.Positions() {
		t.Run(positionName(switches), func(t *testing.T) {
			connectortest.Run(t, func(t *testing.T) connectortest.Fixture { return fixture(t, switches) })
		})
	}
}

func fixture(t *testing.T, switches sage50test.Switches) connectortest.Fixture {
	s := newSite(t, sage50test.Options{Switches: switches})
	quote, invoice := s.bill(sage50test.Quote, false), s.bill(sage50test.Invoice, true)
	s.exportAll()
	observed := []record.Entity{record.User, record.Account, record.Contact, record.Product, record.Document, record.Quote}
	if switches.Kinds == sage50test.KindsSome {
		observed = []record.Entity{record.Account, record.Document, record.Quote}
	}
	n := 0
	edits := map[record.Entity]struct {
		kind   sage50test.Kind
		column string
	}{record.User: {sage50test.Representatives, "Nom"}, record.Account: {sage50test.Clients, "Ville"}, record.Contact: {sage50test.Contacts, "Nom"},
		record.Product: {sage50test.Articles, "Désignation"}}
	return connectortest.Fixture{
		Source:   s.dossier,
		Observed: observed,
		Swept:    observed,
		Edit: func(t *testing.T, e record.Entity) record.Key {
			n++
			key := map[record.Entity]record.Key{record.Quote: quote, record.Document: invoice}[e]
			if edit, ok := edits[e]; ok {
				key = record.Key(s.code(edit.kind, 0))
				s.check(s.Edit(demo, edit.kind, string(key), sage50test.Fields{edit.column: fmt.Sprintf("Évry %d", n)}))
			} else {
				s.check(s.Discount(demo, string(key), fmt.Sprint(n)))
			}
			s.exportAll()
			return key
		},
		Break: func(t *testing.T) func() {
			s.check(os.Rename(s.root, s.root+".away"))
			return func() { s.check(os.Rename(s.root+".away", s.root)) }
		},
	}
}

// positionName names the switch that is not in its first position.
func positionName(s sage50test.Switches) string {
	name := strings.Trim(strings.Join(strings.Fields(fmt.Sprint(s)), " "), "{}")
	if name = strings.TrimSpace(name); name == "" {
		return "default"
	}
	return name
}
