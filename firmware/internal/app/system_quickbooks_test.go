package app_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"syncbox/connectors/centrixone/centrixonetest"
	"syncbox/connectors/quickbooks"
	"syncbox/connectors/quickbooks/quickbookstest"
	"syncbox/connectors/quickbooks/quickbookstest/signin"
	"syncbox/firmware/internal/app"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/storytest"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

const onlineText = `[box]
name = "syncbox-test"
data = %q

[[job]]
name = "exemple"
pair = "quickbooks-centrixone"
direction = "two-way"
interval = "1s"

[job.quickbooks]
relay = %q
api_url = %q
max_idle = "1m"
monthly_reads = 100000
timeout = "2s"
rate = 10.0
per_minute = 500

[job.centrixone]
url = %q
rate = 100.0
max_server_late = "2s"
`

const onlineSecrets = "[job.exemple]\ncrm_account = \"" + crmAccount + "\"\ncrm_key = \"" + crmKey + "\"\n"

// otherRealm is the number of another company of the same person.
const otherRealm = "9130350000000002"

// online is a company of QuickBooks Online, a CRM, and a box between them that is signed in.
type online struct {
	storytest.Online
	t        *testing.T
	platform *quickbookstest.Platform
	app      *app.App
	signIns  *app.SignIns
	log      *logBuffer
	data     string // the box's folder
	path     string // of its configuration
	halt     func() // ends the box; it may be called twice
}

// newOnline makes one; more are further lines of the job's configuration.
func newOnline(t *testing.T, seed quickbookstest.Seed, more ...string) *online {
	t.Helper()
	return onlineWith(t, seed, func(text string) string { return text + strings.Join(more, "\n") })
}

// onlineWith makes one whose configuration a test has changed.
func onlineWith(t *testing.T, seed quickbookstest.Seed, changed func(text string) string) *online {
	t.Helper()
	o := &online{t: t, log: &logBuffer{}, data: t.TempDir()}
	var err error
	o.platform, err = quickbookstest.Listen(t.Context(), quickbookstest.Options{Limits: &quickbookstest.Limits{}}, signin.Options{Companies: []signin.Company{{Realm: otherRealm, Name: "Autre inc."}}})
	must(t, err)
	o.ERP = o.platform.API
	o.ERP.Fill(seed)
	o.CRM = centrixonetest.New(centrixonetest.Options{Account: crmAccount, Key: crmKey, Source: centrixonetest.QuickBooks, Write: true, RateLimit: &centrixonetest.Rate{}})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	ctx, end := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- o.CRM.Serve(ctx, l, nil) }()
	t.Cleanup(func() { end(); must(t, <-served) })
	dir := t.TempDir()
	o.path = filepath.Join(dir, "syncbox.toml")
	must(t, os.WriteFile(o.path, []byte(changed(fmt.Sprintf(onlineText, o.data, o.platform.URL, o.platform.URL, "http://"+l.Addr().String()))), 0o644))
	must(t, os.WriteFile(filepath.Join(dir, "secrets.toml"), []byte(onlineSecrets), 0o600))
	o.start()
	o.connect()
	return o
}

// start runs the box.
func (o *online) start() {
	o.t.Helper()
	conf, err := config.Load(o.path)
	must(o.t, err)
	log := slog.New(slog.NewTextHandler(o.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	o.app, err = app.New(conf, log)
	must(o.t, err)
	ctx, end := context.WithCancel(o.t.Context())
	done := make(chan error, 1)
	go func() { done <- o.app.Run(ctx) }()
	o.halt = sync.OnceFunc(func() { end(); must(o.t, <-done); must(o.t, o.app.Close()) })
	o.t.Cleanup(o.halt)
	o.signIns = &app.SignIns{Draft: func() (config.Config, error) { return conf, nil }, Log: log, Changed: func(ctx context.Context, job string, _ bool) { o.app.Connected(ctx, job) }}
}

// connect signs in at Intuit as a technician does.
func (o *online) connect() {
	o.t.Helper()
	if done, err := o.connectTo(""); err != nil || !done {
		o.t.Fatalf("sign in: %v, %v", done, err)
	}
}

// connectTo signs in and chooses a company by its number; "" is the one of the box.
func (o *online) connectTo(realm string) (done bool, err error) {
	o.t.Helper()
	link, err := o.signIns.Begin(o.t.Context(), "exemple")
	must(o.t, err)
	back, err := o.platform.SignIn.SignIn(link, signin.Choice{Realm: realm})
	must(o.t, err)
	page, err := http.Get(back)
	must(o.t, err)
	must(o.t, page.Body.Close())
	return o.signIns.Collect(o.t.Context(), "exemple")
}

// until waits while the job is asked for a cycle again and again.
func (o *online) until(what string, arrived func() bool) {
	o.t.Helper()
	err := storytest.Until(o.t.Context(), what, 2*time.Minute, func() bool {
		_ = o.app.Jobs[0].Do(o.t.Context(), engine.Force, "") // not yet, where it is just starting
		return arrived()
	})
	if err != nil {
		st, _ := o.app.Jobs[0].Status()
		o.t.Fatalf("%v: %+v; missing %s", err, st, storytest.Some(o.Missing()))
	}
}

// equal says whether the CRM shows all that can have a place there.
func (o *online) equal() bool {
	missing, unplaced := o.Missing(), o.Unplaced()
	slices.Sort(missing)
	slices.Sort(unplaced)
	return slices.Equal(missing, unplaced)
}

// city has somebody change the city of a customer, on one side.
func (o *online) city(customer string, inCRM bool, city string) {
	o.t.Helper()
	if inCRM {
		a, _ := o.CRM.AccountByExternalID("CU" + customer)
		must(o.t, o.CRM.Person(centrixonetest.Administrator).Edit(centrixonetest.Accounts, a.ID, centrixonetest.Fields{"City": city}))
		return
	}
	object, _ := o.ERP.Object(quickbookstest.Customer, customer)
	address, _ := object["BillAddr"].(map[string]any)
	address["City"] = city
	must(o.t, o.ERP.Person().EditCustomer(customer, quickbookstest.Object{"BillAddr": address}))
}

// Both products break off, answer nonsense and lose answers while people on both sides type. In the end both show
// what was typed last, nothing is there twice, and nothing was written that must not be.
//
// Requirement: QBO-9, QBO-13, QBO-14, QBO-19, QBO-27, QBO-32, QBO-52
func TestQuickBooksThroughFaults(t *testing.T) {
	t.Parallel()
	o := newOnline(t, quickbookstest.Seed{Seed: 3, Customers: 40, Documents: 80})
	o.until("first sync", o.equal)
	var people []string
	for _, c := range o.ERP.Customers() {
		if c.Active && c.City != "" {
			people = append(people, c.ID)
		}
	}
	o.ERP.SetRandomFaults(quickbookstest.RandomFaults{Seed: 3, Rate: 0.25, Kinds: []quickbookstest.FaultKind{quickbookstest.SystemError, quickbookstest.Fault200,
		quickbookstest.CutBody, quickbookstest.Truncated, quickbookstest.CloseBefore, quickbookstest.CloseAfter, quickbookstest.AppliedLate, quickbookstest.StaleTokens}})
	want := map[string]string{}
	for round := range 8 {
		for n, customer := range people[:12] {
			want[customer] = fmt.Sprintf("Ville %d.%d", n, round)
			o.city(customer, n%2 == 1, want[customer])
		}
		_ = o.app.Jobs[0].Do(t.Context(), engine.Force, "")
		_ = storytest.Until(t.Context(), "some of it", 300*time.Millisecond, func() bool { return false })
	}
	o.ERP.SetRandomFaults(quickbookstest.RandomFaults{})
	o.until("both sides are equal again", func() bool {
		for customer, city := range want {
			c, _ := o.ERP.Customer(customer)
			if a, _ := o.CRM.AccountByExternalID("CU" + customer); a.City != city || c.City != city {
				return false
			}
		}
		return o.equal()
	})
	must(t, o.NoDoubles())
	must(t, o.Forbidden())
	if said := o.log.String(); strings.Contains(said, crmKey) || strings.Contains(said, "Ville 0") {
		t.Error("a secret or a customer's data is in the log")
	}
}

// suspected lists what is held for a merge.
func (o *online) suspected() (names []string) {
	_, state, err := o.app.Jobs[0].Engine()
	must(o.t, err)
	must(o.t, state.View(func(tx *store.Txn) {
		tx.AllWaiting(func(w store.Waiting) bool {
			if w.Code == quickbooks.CodeMergeSuspected {
				names = append(names, w.Name())
			}
			return true
		})
	}))
	return names
}

// People merge two customers in QuickBooks, however that shows there. Nothing is doubled, only what is concerned
// waits, and goes on when a person has said that it is so.
//
// Requirement: QBO-44, QBO-55
func TestQuickBooksMerge(t *testing.T) {
	for _, view := range []string{quickbookstest.MergeInactive, quickbookstest.MergeTombstone, quickbookstest.MergeBoth} {
		t.Run(view, func(t *testing.T) {
			t.Parallel()
			o := newOnline(t, quickbookstest.Seed{Seed: 5, Customers: 12, Documents: 40, WithoutAbnormal: true, Inactive: -1, Converted: -1})
			switches := o.ERP.Switches()
			switches.MergeView = view
			o.ERP.SetSwitches(switches)
			o.until("first sync", o.equal)
			accounts, _ := o.Counts()
			documents := o.ERP.Documents()
			loser := documents[0].Customer
			at := slices.IndexFunc(documents, func(d quickbookstest.DocumentRow) bool { return d.Customer != loser })
			winner := documents[at].Customer
			o.ERP.AdvanceClock(time.Minute)
			must(t, o.ERP.Person().Merge(winner, loser))
			o.city(winner, false, "Amos")
			o.until("a merge is suspected, the others go on", func() bool {
				a, _ := o.CRM.AccountByExternalID("CU" + winner)
				return len(o.suspected()) > 0 && a.City == "Amos"
			})
			if o.equal() {
				t.Error("nobody was asked")
			}
			o.until("a person has said so", func() bool {
				for _, name := range o.suspected() {
					_ = o.app.Jobs[0].Do(t.Context(), engine.Relink, name) // answered meanwhile, by the word on another one
				}
				return o.equal() && len(o.suspected()) == 0
			})
			if now, _ := o.Counts(); now != accounts {
				t.Errorf("accounts: got %d, want %d as before", now, accounts)
			}
			must(t, o.NoDoubles())
			must(t, o.Forbidden())
		})
	}
}
