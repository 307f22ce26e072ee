package quickbooks_test

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/connectortest"
	"syncbox/connectors/quickbooks"
	"syncbox/connectors/quickbooks/quickbookstest"
	"syncbox/connectors/record"
)

// mirror is what somebody knows of a company who reads nothing but what looks tell: records by entity and key.
type mirror struct {
	*quickbooks.TwoWay
	t     *testing.T
	api   *quickbookstest.Server
	notes *connectortest.Notes
	known map[record.Entity]map[record.Key]record.Record
}

// gate lets one token in, which the sign-in gives.
type gate struct{ token string }

func (g *gate) Check(authorization string, now time.Time) (string, *quickbookstest.Refusal) {
	return quickbookstest.Static{Token: g.token, Realm: theRealm}.Check(authorization, now)
}

// simulatedCarrier brings requests of the API to the simulator, and others to the rig.
type simulatedCarrier struct {
	*vendor
	api http.RoundTripper
}

func (c simulatedCarrier) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasPrefix(r.URL.Path, "/v3/company/") {
		return c.api.RoundTrip(r)
	}
	return c.vendor.RoundTrip(r)
}

// newMirror makes a company in the simulator, and who follows it. It must be called within a bubble of synctest.
func newMirror(t *testing.T, w quickbookstest.Switches, g *gate) *mirror {
	t.Helper()
	r := connected(t)
	r.cfg.MonthlyReads, r.cfg.Language = 1_000_000, "en"
	r.v.signIn = func(*http.Request, string) said { return tokensOf(g.token, "refresh-2") }
	api := quickbookstest.New(quickbookstest.Options{Realm: theRealm, Access: g, Switches: w})
	c, err := quickbooks.New(r.cfg, r.tokens, slog.New(slog.DiscardHandler), simulatedCarrier{r.v, api.RoundTripper()})
	must(t, err)
	t.Cleanup(func() { must(t, c.Close()) })
	m := &mirror{TwoWay: c.TwoWay(), t: t, api: api, notes: connectortest.NewNotes(), known: map[record.Entity]map[record.Key]record.Record{}}
	for _, e := range []record.Entity{record.Category, record.Account, record.Contact, record.Document} {
		m.known[e] = map[record.Key]record.Record{}
	}
	return m
}

// patient does a thing again after each pause that it is asked for, and tells any other error.
func (m *mirror) patient(what string, do func() error) {
	m.t.Helper()
	for range 40 {
		err := do()
		if err == nil {
			return
		}
		e, sorted := errors.AsType[*connectors.Error](err)
		if !sorted || e.Kind != connectors.RateLimited && e.Kind != connectors.Unavailable {
			m.t.Fatalf("%s: %v", what, err)
		}
		time.Sleep(max(e.Retry, time.Minute))
	}
	m.t.Fatalf("%s: never", what)
}

// follow looks, and reads what the look told.
func (m *mirror) follow() {
	m.t.Helper()
	m.patient("look", func() error {
		m.notes.Begin()
		return m.look()
	})
}

func (m *mirror) look() error {
	if err := m.Observe(m.t.Context(), m.notes); err != nil {
		return err
	}
	if len(m.notes.Skipped) > 0 {
		return fmt.Errorf("left out: %v", m.notes.Skipped)
	}
	for e, keys := range m.notes.Told {
		if err := m.read(e, keys); err != nil {
			return err
		}
	}
	return nil
}

func (m *mirror) read(e record.Entity, keys []record.Key) error {
	found, later, err := m.Read(m.t.Context(), e, keys)
	if err != nil {
		return err
	}
	if len(later) > 0 {
		m.t.Errorf("read later: %v", later)
	}
	for _, k := range keys {
		delete(m.known[e], k)
	}
	for _, r := range found {
		if r.Gone {
			continue
		}
		m.known[e][r.Key] = r
	}
	return nil
}

// shown is what is compared of a record.
type shown map[string]string

// shown gives what is known, by entity and key.
func (m *mirror) shown() map[string]shown {
	all := map[string]shown{}
	for e, records := range m.known {
		for k, r := range records {
			all[string(e)+" "+string(k)] = shownOf(e, &r)
		}
	}
	return all
}

func shownOf(e record.Entity, r *record.Record) shown {
	s := shown{"held": r.Held}
	if r.Held != "" {
		return s
	}
	names := map[record.Entity][]string{record.Category: {"description", "active"}, record.Account: {"name", "city", "phone", "active"},
		record.Contact: {"email"}, record.Document: {"number", "kind", "account", "total_before_tax"}}
	for _, name := range names[e] {
		s[name] = r.Fields[name].Text
	}
	for _, line := range r.Fields["lines"].Rows {
		s["lines"] += line["product"].Text + "@" + line["category"].Text + " "
	}
	return s
}

// truth gives what the books say, in the same form.
func (m *mirror) truth() map[string]shown {
	all := map[string]shown{}
	for _, c := range m.api.Customers() {
		name, mail := c.CompanyName, strings.TrimSpace(strings.Split(c.Email, ",")[0])
		if name == "" {
			name = bare(c.DisplayName)
		}
		all["account "+c.ID] = shown{"held": "", "name": name, "city": c.City, "phone": c.Phone, "active": fmt.Sprint(c.Active)}
		all["contact "+c.ID] = shown{"held": "", "email": mail}
	}
	for _, i := range m.api.Items() {
		if i.Type == "Category" {
			all["category "+i.ID] = shown{"held": "", "description": bare(i.Name), "active": fmt.Sprint(i.Active)}
		}
	}
	for _, d := range m.api.Documents() {
		letter := map[quickbookstest.Entity]string{quickbookstest.Estimate: "E", quickbookstest.Invoice: "I", quickbookstest.CreditMemo: "C"}[d.Kind]
		all["document "+letter+d.ID] = m.document(&d)
	}
	return all
}

func bare(name string) string {
	return strings.TrimSpace(strings.TrimSuffix(strings.TrimSuffix(name, " (deleted)"), " (Deleted)"))
}

func (m *mirror) document(d *quickbookstest.DocumentRow) shown {
	s := shown{"held": "", "number": d.DocNumber, "account": d.Customer, "total_before_tax": d.Net.String()}
	switch {
	case d.Kind == quickbookstest.Invoice:
		s["kind"] = "invoice"
	case d.Kind == quickbookstest.CreditMemo:
		s["kind"], s["total_before_tax"] = "credit", d.Net.Neg().String()
	default:
		s["kind"] = "estimate_" + strings.ToLower(d.Status)
		if d.Status == "Converted" { // the last one that is known
			s["kind"] = "estimate_pending"
		}
	}
	if d.Voided || len(d.LinkedTo) > 0 {
		s["total_before_tax"], s["lines"] = "0", "@ "
		return s
	}
	for _, line := range d.Lines {
		s["lines"] += m.code(line.Item) + "@" + m.category(line.Item) + " "
	}
	return s
}

func (m *mirror) item(id string) quickbookstest.ItemRow {
	items := m.api.Items()
	return items[slices.IndexFunc(items, func(i quickbookstest.ItemRow) bool { return i.ID == id })]
}

func (m *mirror) code(item string) string {
	i := m.item(item)
	if i.Sku != "" && !m.api.Switches().NoSku {
		return i.Sku
	}
	return bare(i.Name)
}

func (m *mirror) category(item string) string {
	for i := m.item(item); i.Parent != ""; {
		if i = m.item(i.Parent); i.Type == "Category" {
			return i.ID
		}
	}
	return ""
}

// equal compares what is known with the books, but for what is held.
func (m *mirror) equal(held ...string) {
	m.t.Helper()
	want := m.truth()
	for _, name := range held {
		want[name] = shown{"held": quickbooks.CodeMergeSuspected}
	}
	if diff := cmp.Diff(want, m.shown()); diff != "" {
		m.t.Errorf("what is known (-books +known):\n%.2000s", diff)
	}
}
