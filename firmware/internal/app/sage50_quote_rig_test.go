package app_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"syncbox/connectors/sage50fr/sage50test"
	"syncbox/connectors/salesmanagement/salesmanagementtest"
	"syncbox/firmware/internal/app"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/storytest"
)

const quoteText = `[box]
name = "syncbox-test"
data = %q
zone = "Europe/Paris"

[[job]]
name = "dupont"
pair = "sage50-salesmanagement"
interval = %q

[job.share]
kind = "directory"
path = %q

[job.sage50]
dossier = "DUPONT"
settle = "20ms"
settle_pieces = "20ms"

[job.salesmanagement]
url = %q
rate = 1000.0
admin_user = "admin@example.com"
branch = 1
max_server_late = "1s"
`

const quoteDossier = "DUPONT"

// quoteRig is a dossier of Sage 50, a Sage Sales Management, a box between them, and a representative at a customer's.
type quoteRig struct {
	t    *testing.T
	sage *sage50test.Site
	crm  *salesmanagementtest.Server
	path string
	app  *app.App
	log  *logBuffer
	end  func()
	rep  *salesmanagementtest.Person
}

func newQuoteRig(t *testing.T) *quoteRig { return quoteRigOf(t, "1s") }

// quoteRigOf is one whose box looks at both sides so often.
func quoteRigOf(t *testing.T, interval string) *quoteRig {
	t.Helper()
	dir := t.TempDir()
	r := &quoteRig{t: t, log: &logBuffer{}, path: filepath.Join(dir, "syncbox.toml")}
	var err error
	r.sage, err = sage50test.Create(filepath.Join(dir, "share"), sage50test.Options{Start: time.Now().Add(-time.Hour)})
	must(t, err)
	for range 12 { // one quote more or less is no shrunken export then
		_, err := r.sage.Bill(quoteDossier, sage50test.Invoice, r.client(), true, sage50test.Item{Article: r.article(0), Quantity: "1"})
		must(t, err)
	}
	must(t, r.sage.ExportAll(quoteDossier))
	crm, at, err := salesmanagementtest.Listen(t.Context(), salesmanagementtest.Options{Seed: 1, Rate: -1})
	must(t, err)
	r.crm, r.rep = crm, crm.App(1)
	must(t, os.WriteFile(r.path, fmt.Appendf(nil, quoteText, filepath.Join(dir, "data"), interval, r.sage.Root(), at), 0o600))
	must(t, os.WriteFile(filepath.Join(dir, "secrets.toml"), []byte("[job.dupont]\npublic_key = \"PUBLIC\"\nprivate_key = \"PRIVATE\"\n"), 0o600))
	r.start()
	t.Cleanup(func() {
		r.end()
		r.finish()
	})
	r.until("the products are there", func() bool { return r.product(1) != 0 && r.account() != 0 })
	return r
}

// start starts the box.
func (r *quoteRig) start() {
	r.t.Helper()
	conf, err := config.Load(r.path)
	must(r.t, err)
	r.app, err = app.New(conf, slog.New(slog.NewTextHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	must(r.t, err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	box := r.app
	go func() { done <- box.Run(ctx) }()
	r.end = func() {
		cancel()
		must(r.t, <-done)
		must(r.t, box.Close())
	}
}

// restart ends the box wherever it is, and starts it anew.
func (r *quoteRig) restart() {
	r.t.Helper()
	r.end()
	r.start()
}

// finish holds what is true of every run.
func (r *quoteRig) finish() {
	if wrong, err := r.sage.Trespasses(); err != nil || len(wrong) > 0 {
		r.t.Errorf("written where nothing may be: %v, %v", wrong, err)
	}
	for _, e := range r.sage.Journal() {
		if e.What == "price sent" {
			r.t.Errorf("a price went to Sage: %+v", e)
		}
	}
	seen := map[string]string{}
	for _, doc := range r.sage.Documents(quoteDossier) {
		ref := doc.Fields[sage50test.Reference]
		if ref != "" && seen[ref] != "" {
			r.t.Errorf("%s is in %s and %s", ref, seen[ref], doc.Number)
		}
		seen[ref] = doc.Number
	}
	if strings.Contains(r.log.String(), "PRIVATE") {
		r.t.Error("a secret is in the log")
	}
	if r.t.Failed() {
		for line := range strings.Lines(r.log.String()) {
			if !strings.Contains(line, "level=DEBUG") {
				r.t.Log(strings.TrimSpace(line))
			}
		}
	}
}

func (r *quoteRig) until(what string, arrived func() bool) {
	r.t.Helper()
	if err := storytest.Until(r.t.Context(), what, time.Minute, arrived); err != nil {
		st, _ := r.app.Jobs[0].Status()
		r.t.Logf("%+v", st)
		r.t.Fatal(err)
	}
}

// cycles waits until the box has looked at both sides so many times more.
func (r *quoteRig) cycles(n int) {
	r.t.Helper()
	last := time.Time{}
	r.until("more cycles", func() bool {
		st, err := r.app.Jobs[0].Status()
		if err == nil && st.LastEnd.After(last) {
			last = st.LastEnd
			n--
		}
		return n < 0
	})
}

func (r *quoteRig) client() string       { return r.sage.Codes(quoteDossier, sage50test.Clients)[0] }
func (r *quoteRig) article(n int) string { return r.sage.Codes(quoteDossier, sage50test.Articles)[n] }

// found gives the id of the live record of Sage's code, 0 for none.
func (r *quoteRig) found(e salesmanagementtest.Entity, code string) int64 {
	for _, one := range r.crm.ByExtID(e, quoteDossier+":"+code) {
		if !one.Deleted {
			return one.ID
		}
	}
	return 0
}

func (r *quoteRig) account() int64      { return r.found(salesmanagementtest.Accounts, r.client()) }
func (r *quoteRig) product(n int) int64 { return r.found(salesmanagementtest.Products, r.article(n)) }

// draft enters a quote for the client.
func (r *quoteRig) draft(items ...salesmanagementtest.Item) int64 {
	r.t.Helper()
	id, err := r.rep.Quote(r.account(), salesmanagementtest.Draft, "D", items...)
	must(r.t, err)
	return id
}

func (r *quoteRig) edit(e salesmanagementtest.Entity, id int64, v salesmanagementtest.Values) {
	r.t.Helper()
	must(r.t, r.rep.Edit(e, id, v))
}

func (r *quoteRig) quote(id int64) salesmanagementtest.Record {
	got, _ := r.crm.Record(salesmanagementtest.SalesOrders, id)
	return got
}

// is waits until a quote has a status, by its name in the tenant.
func (r *quoteRig) is(id int64, status string) salesmanagementtest.Record {
	r.t.Helper()
	want := strconv.FormatInt(r.crm.Status(status), 10)
	r.until(fmt.Sprintf("quote %d is %s", id, status), func() bool { return r.quote(id).Values["statusId"] == want })
	return r.quote(id)
}

// lines are the live lines of a quote.
func (r *quoteRig) lines(id int64) (all []salesmanagementtest.Record) {
	for _, one := range r.crm.Records(salesmanagementtest.Lines) {
		if one.Values["salesOrderId"] == strconv.FormatInt(id, 10) && !one.Deleted {
			all = append(all, one)
		}
	}
	return all
}

var quoteReferences = regexp.MustCompile(`SSM-\d+`)

// files counts the import files that have the quote and that nobody has refused.
func (r *quoteRig) files(id int64) (count int) {
	r.t.Helper()
	names, err := filepath.Glob(filepath.Join(r.sage.In(quoteDossier), "devis-*"))
	must(r.t, err)
	for _, name := range names {
		base, end := strings.TrimSuffix(name, filepath.Ext(name)), filepath.Ext(name)
		if _, err := os.Stat(base + ".ERR"); err == nil || end != ".TXT" && end != ".BAK" {
			continue
		}
		content, err := os.ReadFile(name)
		if os.IsNotExist(err) {
			continue // renamed just now
		}
		must(r.t, err)
		for _, ref := range quoteReferences.FindAllString(string(content), -1) {
			if ref == "SSM-"+strconv.FormatInt(id, 10) {
				count++
			}
		}
	}
	return count
}

// imports lets a while pass and has somebody import what lies there.
func (r *quoteRig) imports() {
	r.t.Helper()
	must(r.t, r.sage.Advance(time.Minute))
	_, err := r.sage.Import(quoteDossier)
	must(r.t, err)
}

// exports lets a while pass and has somebody export everything.
func (r *quoteRig) exports() {
	r.t.Helper()
	must(r.t, r.sage.Advance(time.Minute))
	must(r.t, r.sage.ExportAll(quoteDossier))
}

// document gives Sage's document of a quote.
func (r *quoteRig) document(id int64) sage50test.Document {
	for _, doc := range r.sage.Documents(quoteDossier) {
		if doc.Fields[sage50test.Reference] == "SSM-"+strconv.FormatInt(id, 10) {
			return doc
		}
	}
	return sage50test.Document{}
}
