package engine_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/engine"
	"syncbox/sync/schedule"
	"syncbox/sync/store"
)

// links gives all pages of a listing while the engine runs, and how many there were.
func (w *world) links(q engine.LinkQuery) (all []engine.LinkRow, pages int) {
	w.t.Helper()
	type answer struct {
		page engine.LinkPage
		err  error
	}
	for {
		got := make(chan answer, 1)
		ctx, cancel := context.WithCancel(w.t.Context())
		go func() {
			page, err := w.engine.Links(ctx, q)
			got <- answer{page, err}
			cancel()
		}()
		must(w.t, w.engine.Run(ctx))
		a := <-got
		must(w.t, a.err)
		all, pages = append(all, a.page.Rows...), pages+1
		if q.After = a.page.Next; q.After == "" {
			return all, pages
		}
	}
}

func linkLines(all []engine.LinkRow) (lines []string) {
	for _, r := range all {
		line := fmt.Sprint(r.Name(), " ", r.State, " ", r.Mark, " ", r.Known["number"].Text, r.Known["full_name"].Text)
		for _, x := range r.Waits {
			line += " " + string(x.Kind)
		}
		lines = append(lines, line)
	}
	return lines
}

// The listing shows every record that the job knows, the marked ones without a link too, with what people recognise it by; it
// can be narrowed down.
//
// Requirement: BOB-12
func TestLinks(t *testing.T) {
	w := newWorld(t, true)
	for n := 2; n < 5; n++ {
		w.customer(n, "Client")
	}
	w.erp.put(record.Account, "3", record.Fields{"name": text("Épicerie Lévis")})
	w.erp.put(record.Account, "4", record.Fields{"name": text("Tenu")}).Held = "unknown-code"
	w.cycles(3)
	w.mark(store.NotThisTime, record.Account, "2", w.byExternal(record.Account, "CU2").Key)
	w.mark(store.Never, record.Account, "9", "")
	for _, test := range []struct {
		name string
		q    engine.LinkQuery
		want []string
	}{
		{"accounts", engine.LinkQuery{Entity: record.Account}, []string{"account/erp/4 fresh  C4 quarantine",
			"account/erp/2 linked not-this-time C2", "account/erp/3 linked  C3", "account/erp/9  never "}},
		{"a state", engine.LinkQuery{State: "fresh"}, []string{"account/erp/4 fresh  C4 quarantine", "contact/erp/4 fresh  Contact 4 reference"}},
		{"a text without its accents", engine.LinkQuery{Text: "epicerie"}, []string{"account/erp/3 linked  C3"}},
		{"a number", engine.LinkQuery{Text: "c4"}, []string{"account/erp/4 fresh  C4 quarantine"}},
		{"a mark", engine.LinkQuery{Mark: store.Never}, []string{"account/erp/9  never "}},
		{"any mark", engine.LinkQuery{Mark: engine.AnyMark}, []string{"account/erp/2 linked not-this-time C2", "account/erp/9  never "}},
		{"nothing", engine.LinkQuery{Text: "nowhere"}, nil},
	} {
		for _, limit := range []int{0, 1, 2, 3} {
			test.q.Limit = limit
			must(t, w.state.Update(func(tx *store.Txn) error { tx.Set("stopped", "yes"); return nil }))
			got, pages := w.links(test.q)
			if diff := cmp.Diff(test.want, linkLines(got)); diff != "" {
				t.Errorf("%s, %d a page: %s", test.name, limit, diff)
			}
			if limit > 0 && pages < (len(test.want)+limit-1)/limit {
				t.Errorf("%s: %d pages of %d", test.name, pages, limit)
			}
		}
	}
}

// In the backup window the ERP is not touched: what the CRM shows has to do.
func TestLinksInTheBackupWindow(t *testing.T) {
	w := newWorld(t, true)
	w.customer(2, "Client")
	w.cycles(3)
	w.set.Schedule.Backup = []schedule.Window{{From: 0, To: 12 * 60}, {From: 12 * 60, To: 0}}
	w.open()
	w.erp.failing = func() error { t.Error("the ERP was asked"); return nil }
	got, _ := w.links(engine.LinkQuery{Entity: record.Account})
	if len(got) != 1 || got[0].Known["number"].Text != "C2" {
		t.Errorf("got %+v", got)
	}
}

// A side that can't be read leaves gaps, and no error.
func TestLinksOfSilentSides(t *testing.T) {
	w := newWorld(t, true)
	w.customer(2, "Client")
	w.cycles(3)
	must(t, w.state.Update(func(tx *store.Txn) error { tx.Set("stopped", "yes"); return nil }))
	silent := func() error { return connectors.Errorf(connectors.Unavailable, "crm-unreachable", "no answer") }
	w.erp.failing, w.crm.failing = silent, silent
	got, _ := w.links(engine.LinkQuery{Entity: record.Account})
	if len(got) != 1 || len(got[0].Known) > 0 || got[0].CRM == "" || got[0].Since.IsZero() {
		t.Errorf("got %+v", got)
	}
	if _, err := w.engine.Links(t.Context(), engine.LinkQuery{Entity: "nothing"}); !errors.Is(err, engine.ErrNoSuch) {
		t.Errorf("an entity that is none: %v", err)
	}
}
