package engine_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/engine"
)

// showNext makes a preview of the next run.
func (w *world) showNext() *engine.Preview {
	w.t.Helper()
	must(w.t, w.engine.ShowNext(w.t.Context()))
	p := w.engine.Status().Preview
	if p == nil {
		w.t.Fatal("there is no preview")
	}
	return p
}

// changes gives all that a preview shows, page by page.
func (w *world) changes(q engine.PreviewQuery) (all []engine.Change) {
	w.t.Helper()
	for {
		page, err := w.engine.PreviewPage(q)
		must(w.t, err)
		all = append(all, page.Changes...)
		if q.After = page.Next; q.After == "" {
			return all
		}
	}
}

// told gives changes in a line each.
func told(all []engine.Change) (lines []string) {
	for _, c := range all {
		line := strings.TrimSpace(fmt.Sprint(c.Name(), " ", c.To, " ", c.Kind, " ", c.Mark, c.Code))
		for _, f := range c.Fields {
			line += fmt.Sprintf("; %s %q to %q, other %q", f.CRM, f.Old.Text, f.New.Text, f.Other.Text)
			if f.Conflict {
				line += " conflict"
			}
			if f.Ask {
				line += " ask"
			}
		}
		lines = append(lines, line)
	}
	return lines
}

// known gives all that the box keeps, as bytes.
func (w *world) known() (all [2]map[string]map[string][]byte) {
	for i, f := range w.files {
		all[i] = map[string]map[string][]byte{}
		for name, b := range f.buckets {
			if all[i][name] = maps.Clone(b); len(b) == 0 {
				delete(all[i], name)
			}
		}
	}
	return all
}

// realOnly is a CRM that must not be asked for records which a dry run has made up.
type realOnly struct {
	*side
	t *testing.T
}

func (s realOnly) Read(ctx context.Context, e record.Entity, keys []record.Key) ([]record.Record, []record.Key, error) {
	for _, k := range keys {
		if strings.HasPrefix(string(k), "+") {
			s.t.Errorf("asked for %s %s", e, k)
		}
	}
	return s.side.Read(ctx, e, keys)
}

func (s realOnly) Find(ctx context.Context, e record.Entity, field string, v record.Value) ([]record.Key, error) {
	if strings.HasPrefix(v.Text, "+") {
		s.t.Errorf("searched for %s with %s %s", e, field, v.Text)
	}
	return s.side.Find(ctx, e, field, v)
}

// A preview of a first sync counts what the run then does, and leaves everything as it was.
//
// Requirement: ACO-3
func TestPreviewOfAFirstSync(t *testing.T) {
	w := newWorld(t, true)
	for n := 2; n < 9; n++ {
		w.document(100+n, w.customer(n, "Client"))
	}
	w.crm.put(record.Account, "900", record.Fields{"Name": text("Né dans le CRM")})
	w.crm.put(record.Contact, "901", record.Fields{"AccountId": record.RefOf("900"), "FullName": text("Jeanne Roy"), "Email": text("j@example.org")})
	w.reopen(realOnly{w.crm, t})
	before := w.known()
	p := w.showNext()
	if diff := cmp.Diff(before, w.known()); diff != "" || w.writes() > 0 {
		t.Errorf("%d writes, and of what the box knows has changed: %s", w.writes(), diff)
	}
	want := map[record.Entity]engine.PreviewCounts{
		record.Account:  {Create: [2]int{7, 1}},
		record.Contact:  {Create: [2]int{7, 1}},
		record.Document: {Create: [2]int{7, 0}},
	}
	if diff := cmp.Diff(want, p.Counts); diff != "" {
		t.Errorf("counts: %s", diff)
	}
	got := told(w.changes(engine.PreviewQuery{Entity: record.Account}))
	if want := `account/crm/900 crm-erp create; Name "" to "Né dans le CRM", other "Né dans le CRM"`; len(got) != 8 || got[7] != want {
		t.Errorf("accounts: got %q, want the last one to be %q", got, want)
	}
	w.cycles(1)
	born := map[connectors.OpKind]int{}
	for _, op := range w.crm.writes {
		born[op.Kind]++
	}
	if born[connectors.Create] != 21 || len(w.erp.writes) != 1 {
		t.Errorf("the run: %v in the CRM, %d in the ERP", born, len(w.erp.writes))
	}
}

// A preview shows what would change in each field, with what stands there now and on the other side.
//
// Requirement: BOB-8, BOB-9, BOB-10
func TestPreviewShowsFields(t *testing.T) {
	w := newWorld(t, true)
	for n := 2; n < 7; n++ {
		w.customer(n, "Client")
	}
	w.document(104, "4")
	w.cycles(3)
	w.erp.put(record.Account, "2", record.Fields{"city": text("Lévis")})
	w.crm.put(record.Contact, w.byExternal(record.Contact, "CC3").Key, record.Fields{"Email": text("neuf@example.org")})
	w.erp.put(record.Document, "104", record.Fields{"number": text("D104-2")})
	w.erp.put(record.Contact, "5", record.Fields{"email": text("erp@example.org")})
	w.crm.put(record.Contact, w.byExternal(record.Contact, "CC5").Key, record.Fields{"Email": text("crm@example.org")})
	w.erp.put(record.Account, "6", record.Fields{"name": text("Tenu")}).Held = "unknown-code"
	p := w.showNext()
	want := []string{
		`account/erp/2 erp-crm update; City "Québec" to "Lévis", other "Lévis"`,
		`account/erp/6  wait unknown-code`,
		`contact/erp/5 erp-crm update; Email "crm@example.org" to "erp@example.org", other "erp@example.org" conflict`,
		`contact/erp/3 crm-erp update; Email "a3@example.org" to "neuf@example.org", other "neuf@example.org"`,
		`document/erp/104 erp-crm update; Title "D104" to "D104-2", other "D104-2"`,
	}
	got := told(w.changes(engine.PreviewQuery{}))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if n := p.Counts[record.Contact]; n.Conflicts != 1 || n.Update != [2]int{1, 1} {
		t.Errorf("contacts: %+v", n)
	}
	known := w.changes(engine.PreviewQuery{Entity: record.Account, Class: engine.LeftOut})
	if len(known) != 1 || known[0].Known["number"].Text != "C6" || known[0].Known["name"].Text != "Tenu" {
		t.Errorf("left out: %+v", known)
	}
	if again := w.showNext(); again.Digest != p.Digest {
		t.Errorf("made again: digest %s, before it was %s", again.Digest, p.Digest)
	}
	w.erp.put(record.Account, "2", record.Fields{"city": text("Gatineau")})
	if other := w.showNext(); other.Digest == p.Digest {
		t.Error("another value has the same digest")
	}
	w.cycles(3)
	if p := w.showNext(); len(p.Counts) != 1 || p.Counts[record.Account].Wait != 1 {
		t.Errorf("after the run: %+v", p.Counts)
	}
}

// The page of a preview holds 50 changes where nobody says otherwise, and the next one goes on where it ended.
func TestPreviewPages(t *testing.T) {
	w := newWorld(t, true)
	for n := range 120 {
		w.customer(n+2, "Client")
	}
	w.showNext()
	var sizes []int
	seen := map[string]bool{}
	for q := (engine.PreviewQuery{Entity: record.Contact, Class: engine.TowardsCRM}); ; {
		page, err := w.engine.PreviewPage(q)
		must(t, err)
		sizes = append(sizes, len(page.Changes))
		for _, c := range page.Changes {
			seen[c.Name()] = true
		}
		if q.After = page.Next; q.After == "" {
			break
		}
	}
	if !slices.Equal(sizes, []int{50, 50, 20}) || len(seen) != 120 {
		t.Errorf("got pages of %v with %d records", sizes, len(seen))
	}
	for _, q := range []engine.PreviewQuery{{Entity: "nothing"}, {Class: "nowhere"}, {After: "x"}} {
		if _, err := w.engine.PreviewPage(q); err == nil {
			t.Errorf("%+v: no error", q)
		}
	}
}

// A preview that can't be made says why, and leaves nothing behind.
func TestPreviewThatFails(t *testing.T) {
	w := newWorld(t, true)
	w.customer(2, "Client")
	w.crm.observeErr = connectors.Errorf(connectors.Unavailable, "crm-unreachable", "no answer")
	if p := w.showNext(); p.Code != "crm-unreachable" || p.Digest != "" {
		t.Errorf("got %+v", p)
	}
	if _, err := w.engine.PreviewPage(engine.PreviewQuery{}); err == nil {
		t.Error("there is a page of it")
	}
	w.crm.observeErr = nil
	if p := w.showNext(); p.Code != "" || p.Counts[record.Account].Create != [2]int{1, 0} {
		t.Errorf("after that: %+v", p)
	}
}

// What many changes at once would do is shown although a brake holds them.
func TestPreviewBehindABrake(t *testing.T) {
	w := newWorld(t, true)
	for n := range 60 {
		w.customer(n+2, "Client")
	}
	w.cycles(3)
	for n := range 60 {
		w.erp.put(record.Account, record.Key(fmt.Sprint(n+2)), record.Fields{"city": text("Lévis")})
	}
	p := w.showNext()
	if n := p.Counts[record.Account]; n.Ask != 60 || n.Update != [2]int{} {
		t.Errorf("got %+v", n)
	}
	if got := w.changes(engine.PreviewQuery{})[0]; got.Code != "mass-change" || got.Known["number"].Empty() {
		t.Errorf("got %+v", got)
	}
	if len(w.waits()) > 0 {
		t.Errorf("the preview lists %v", w.waits())
	}
}

// A preview knows what the last cycle has found out by heart: a record that was not there an interval ago is shown as inactive.
func TestPreviewOfAGoneRecord(t *testing.T) {
	w := newWorld(t, true)
	w.customer(2, "Client")
	w.cycles(3)
	w.erp.records[record.Account]["2"].Gone = true
	w.erp.put(record.Account, "2", nil)
	if p := w.showNext(); p.Counts[record.Account].Deactivate != 0 {
		t.Errorf("at first: %+v", p.Counts)
	}
	w.cycles(1)
	p := w.showNext()
	got := told(w.changes(engine.PreviewQuery{Entity: record.Account}))
	if want := `account/erp/2 erp-crm deactivate; ERPActive "true" to "false", other "true"`; p.Counts[record.Account].Deactivate != 1 || len(got) != 1 || got[0] != want {
		t.Errorf("after one run: %+v, %q", p.Counts, got)
	}
	if w.cycles(1); w.byExternal(record.Account, "CU2").Fields["ERPActive"].Text != "false" {
		t.Error("the run did not do it")
	}
}
