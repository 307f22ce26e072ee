package web_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/centrixone/centrixonetest"
	"syncbox/firmware/internal/app"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/journal"
	"syncbox/firmware/internal/local"
	"syncbox/firmware/internal/storytest"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

const wholeText = `[box]
data = %q
[[job]]
name = "nord"
pair = "acomba-centrixone"
direction = %q
interval = "1h"
[job.share]
kind = "directory"
path = %q
[job.acomba]
company = "EXEMPLE"
quiet_ms = 40
%s
[job.centrixone]
url = %q
rate = 100.0
max_server_late = "2s"
`

// whole is a running box with its page: a company, a CRM, and its first sync is done.
type whole struct {
	*visitor
	erp    *acombatest.Company
	crm    *centrixonetest.Server
	client *local.Client
}

// background runs something until the test ends; it must end without an error then.
func background(t *testing.T, name string, run func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("%s ended with %v", name, err)
		}
	})
}

func newWhole(t *testing.T, direction, acomba string) *whole {
	t.Helper()
	dir, quiet := t.TempDir(), slog.New(slog.DiscardHandler)
	w := &whole{crm: centrixonetest.New(centrixonetest.Options{Account: "10234", Key: "KEY", Source: centrixonetest.Acomba, AutomaticBilling: true, Write: true,
		RateLimit: &centrixonetest.Rate{}})}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	background(t, "CRM", func(ctx context.Context) error { _ = w.crm.Serve(ctx, l, nil); return nil })
	must(t, os.MkdirAll(filepath.Join(dir, "SyncBox"), 0o755))
	w.erp, err = acombatest.Create(filepath.Join(dir, "EXEMPLE"), acombatest.Options{Customers: 5, Documents: 5, Seed: 1})
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, "syncbox.toml"), fmt.Appendf(nil, wholeText, filepath.Join(dir, "data"), direction, dir, acomba, "http://"+l.Addr().String()), 0o600))
	must(t, os.WriteFile(filepath.Join(dir, "secrets.toml"), []byte("[job.nord]\ncrm_account = \"10234\"\ncrm_key = \"KEY\"\n"), 0o600))
	conf, err := config.Load(filepath.Join(dir, "syncbox.toml"))
	must(t, err)
	a, err := app.New(conf, quiet)
	must(t, err)
	t.Cleanup(func() { _ = a.Close() })
	background(t, "box", func(ctx context.Context) error { return a.Run(ctx) })
	door, err := os.MkdirTemp("", "door") // a socket's path must be short
	must(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(door) })
	socket := filepath.Join(door, "s")
	background(t, "local server", (&local.Server{Path: socket, App: a, Log: quiet}).Run)
	w.client = local.NewClient(socket)
	own := journal.New(quiet)
	must(t, own.Open(filepath.Join(dir, "journal.db"), false))
	t.Cleanup(func() { _ = own.Close() })
	c := configOf(t, &box{})
	c.Box, c.Journal = w.client, own
	w.visitor = visit(t, c)
	w.until("first sync", func() bool {
		all, err := w.client.Status(t.Context())
		return err == nil && len(all) == 1 && all[0].Status.Ways[0].Outcome == engine.Success && !all[0].Status.Next.IsZero()
	})
	w.logOn()
	return w
}

// until waits for something; nothing depends on how fast it comes.
func (w *whole) until(what string, fn func() bool) {
	w.t.Helper()
	must(w.t, storytest.Until(w.t.Context(), what, time.Minute, fn))
}

// customer gives an active customer of the company, and its account.
func (w *whole) customer() (acombatest.Customer, centrixonetest.Account) {
	w.t.Helper()
	all, err := w.erp.Customers()
	must(w.t, err)
	for _, c := range all {
		if a, ok := w.crm.AccountByExternalID(fmt.Sprint("CU", c.CardPos)); ok && c.Active {
			return c, a
		}
	}
	w.t.Fatal("no customer is in the CRM")
	return acombatest.Customer{}, centrixonetest.Account{}
}

// edit changes an account's city as a person in the CRM, and has the box look until its page shows that.
func (w *whole) edit(a centrixonetest.Account, city string) (text string) {
	w.t.Helper()
	must(w.t, w.crm.Person(centrixonetest.Administrator).Edit(centrixonetest.Accounts, a.ID, map[string]any{"City": city}))
	must(w.t, w.client.Do(w.t.Context(), "nord", engine.Force, ""))
	w.until(city+" is listed", func() bool {
		text = w.get("/waiting?lang=en").text
		return strings.Contains(text, city)
	})
	return text
}

// one gives the one thing of a kind that waits.
func (w *whole) one(kind store.WaitKind) string {
	w.t.Helper()
	all, err := w.client.WaitingAfter(w.t.Context(), "nord", "", 10, kind)
	must(w.t, err)
	if len(all) != 1 {
		w.t.Fatalf("%d wait: %v", len(all), all)
	}
	return all[0].Name()
}

// An edit of the CRM that stays there is listed with both values; who answers to what the page showed before the next edit
// changes nothing, who answers to what it shows now puts Acomba's value back, and the journal tells of it.
//
// Requirement: ACO-8, ACO-89
func TestWholeDifference(t *testing.T) {
	w := newWhole(t, "one-way", "")
	c, a := w.customer()
	text := w.edit(a, "Chibougamau")
	name := w.one(store.Difference)
	has(t, "both values", text, "Differences (1)", c.City, "Chibougamau", fmt.Sprint("customer (card ", c.CardPos, ")"))
	before := form(text, name, engine.KeepERP)
	now := form(w.edit(a, "Tadoussac"), name, engine.KeepERP)
	answer := w.post("/waiting", "/waiting", before)
	has(t, "an answer to what was", answer.text, "has changed since the page was shown", "Tadoussac")
	if _, a := w.customer(); a.City != "Tadoussac" {
		t.Errorf("an answer to what was made it %q", a.City)
	}
	has(t, "an answer", w.post("/waiting", "/waiting", now).text, "Done: Put Acomba&#39;s values back")
	w.until("the city is as it was", func() bool { _, a := w.customer(); return a.City == c.City })
	w.until("nothing waits", func() bool { return strings.Contains(w.get("/waiting").text, "Nothing waits.") })
	has(t, "once more", w.post("/waiting", "/waiting", now).text, "does not wait any more")
	has(t, "the journal", w.get("/journal?job=nord&q=acomba%27s+value+kept").text, name, fmt.Sprint("customer (card ", c.CardPos, ")"))
	has(t, "of the record", w.get(fmt.Sprint("/journal?way=erp-crm&q=card+", c.CardPos)).text, "Created.", "Changed.")
	hasNot(t, "of the box", w.get("/journal?job=_box").text, "Created.")
	has(t, "of the box", w.get("/journal?job=_box").text, "The box started.")
}

// What is to be keyed is a list with number, name, and both values, and it closes by itself when it is keyed.
//
// Requirement: ACO-9
func TestWholeHandoff(t *testing.T) {
	w := newWhole(t, "two-way", `write_back = "handoff"`)
	c, a := w.customer()
	text := w.edit(a, "Chibougamau")
	has(t, "the list", text, "To be keyed in Acomba (1)", c.Number, "<strong>Chibougamau</strong>", c.City)
	if form(text, w.one(store.HandedOff), engine.Dismiss) == nil {
		t.Error("the change can't be refused")
	}
	must(t, w.erp.ModifyCustomer(c.CardPos, func(c *acombatest.Customer) { c.City = "Chibougamau" }))
	must(t, w.client.Do(t.Context(), "nord", engine.Force, ""))
	w.until("nothing waits", func() bool { return strings.Contains(w.get("/waiting").text, "Nothing waits.") })
	must(t, w.client.Do(t.Context(), "nord", engine.Stop, ""))
	has(t, "the journal", w.get("/journal?way=crm-erp").text, "Keyed in Acomba: City.")
	if _, err := w.client.WaitingAfter(t.Context(), "sud", "", 1, store.HandedOff); err == nil || errors.Is(err, local.ErrNoBox) {
		t.Errorf("a job that is not there: %v", err)
	}
}
