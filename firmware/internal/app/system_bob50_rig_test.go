package app_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"syncbox/connectors/bob50/bob50test"
	"syncbox/connectors/record"
	"syncbox/connectors/sagecrm/sagecrmtest"
	"syncbox/firmware/internal/app"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/storytest"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

const bobText = `[box]
name = "syncbox-test"
data = %q
zone = "Europe/Brussels"

[[job]]
name = "bob"
pair = "bob50-sagecrm"
interval = "1s"
%s

[job.share]
kind = "directory"
path = %q

[job.bob50]
dossier = "DATA/DEMO"
backups = "BACKUP"
link = "LINK/DEMO"
zone = "UTC"
%s

[job.sagecrm]
url = %q
user = "syncbox"
vat_field = "comp_vatnumber"
bob_sync_field = "comp_bobsync"
language_field = "comp_language"
rate = 200.0
max_server_late = "1s"
%s
`

const bobSecrets = "[job.bob]\ncrm_password = \"SECRET\"\nshare_password = \"SECRET\"\n"

// bobSet is how a rig of BOB 50 is made.
type bobSet struct {
	job, bob, crm string // further lines of the tables
	parties       int    // of BOB; default 20, of which twelve can be synchronised
	site          bob50test.Switches
	columns       []sagecrmtest.Field // further ones of company
	sage          sagecrmtest.Switches
}

// bobRig is a company of BOB 50, a Sage CRM, and a box between them.
type bobRig struct {
	t    *testing.T
	dir  string
	bob  *bob50test.Site
	crm  *sagecrmtest.Server
	log  *logBuffer
	conf config.Config
	app  *app.App
	end  func()
}

func newBobRig(t *testing.T, set bobSet) *bobRig {
	t.Helper()
	r := &bobRig{t: t, dir: t.TempDir(), log: &logBuffer{}}
	var err error
	r.bob, err = bob50test.Create(filepath.Join(r.dir, "share"), bob50test.Options{Parties: set.parties, Start: time.Now().UTC().Add(-3 * time.Hour), Switches: set.site})
	must(t, err)
	crm, at, err := sagecrmtest.Listen(t.Context(), sagecrmtest.Options{Seed: 1, Switches: set.sage, Fields: map[sagecrmtest.Entity][]sagecrmtest.Field{sagecrmtest.Company: set.columns}})
	must(t, err)
	r.crm = crm
	text := fmt.Sprintf(bobText, filepath.Join(r.dir, "data"), set.job, r.bob.Root(), set.bob, strings.TrimSuffix(at, "/"), set.crm)
	must(t, os.WriteFile(filepath.Join(r.dir, "syncbox.toml"), []byte(text), 0o600))
	must(t, os.WriteFile(filepath.Join(r.dir, "secrets.toml"), []byte(bobSecrets), 0o600))
	r.conf, err = config.Load(filepath.Join(r.dir, "syncbox.toml"))
	must(t, err)
	t.Cleanup(r.finish)
	return r
}

// start runs the box until it is halted.
func (r *bobRig) start() {
	r.t.Helper()
	var err error
	r.app, err = app.New(r.conf, slog.New(slog.NewTextHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	must(r.t, err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	running := r.app
	go func() { done <- running.Run(ctx) }()
	r.end = func() {
		cancel()
		must(r.t, <-done)
		must(r.t, running.Close())
		r.end = nil
	}
	r.until("the job is up", func() bool { _, _, err := r.job().Engine(); return err == nil })
}

func (r *bobRig) job() *app.Job { return r.app.Jobs[0] }

// finish holds what is true of every run: nothing was deleted, made twice or written into BOB's own files, and no secret is told.
func (r *bobRig) finish() {
	if r.end != nil {
		r.end()
	}
	if wrong, err := r.bob.Trespasses(); err != nil || len(wrong) > 0 {
		r.t.Errorf("written where nothing may be: %v, %v", wrong, err)
	}
	if n := r.crm.Deleted(); len(n) > 0 {
		r.t.Errorf("deleted: %v", n)
	}
	if strings.Contains(r.log.String(), "SECRET") {
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

func (r *bobRig) until(what string, arrived func() bool) {
	r.t.Helper()
	if err := storytest.Until(r.t.Context(), what, time.Minute, arrived); err != nil {
		if r.app != nil {
			st, err := r.job().Status()
			r.t.Logf("%+v %v", st, err)
			r.t.Logf("waits: %v", r.waits())
		}
		r.t.Fatal(err)
	}
}

// backup has BOB make one, a minute after what went before.
func (r *bobRig) backup() {
	r.t.Helper()
	r.bob.Advance(time.Minute)
	_, err := r.bob.Backup(bob50test.Good)
	must(r.t, err)
}

// plan asks for a run and waits until its plan is shown, or until it is over where there is nothing to confirm.
func (r *bobRig) plan() (p engine.Preview) {
	r.t.Helper()
	r.cycle("a plan is shown", engine.Force, "")
	if st, err := r.job().Status(); err == nil && st.Preview != nil {
		p = *st.Preview
	}
	return p
}

// cycle has the job do something and waits until a cycle that began since is over.
func (r *bobRig) cycle(what string, verb engine.Verb, name string) {
	r.t.Helper()
	asked := time.Now()
	must(r.t, r.job().Do(r.t.Context(), verb, name))
	r.until(what, func() bool {
		st, err := r.job().Status()
		return err == nil && st.Phase == "" && st.LastBegin.After(asked) && st.LastEnd.After(st.LastBegin)
	})
}

// tick confirms a plan and waits until it was carried out.
func (r *bobRig) tick(p engine.Preview) {
	r.t.Helper()
	r.cycle("the run is over", engine.Tick, p.Digest)
}

// synced does plan and tick.
func (r *bobRig) synced() {
	r.t.Helper()
	if p := r.plan(); p.Waits {
		r.tick(p)
	}
}

// waits gives the codes of what waits, by the record's key: of BOB, else of the CRM.
func (r *bobRig) waits() map[record.Key]string {
	all := map[record.Key]string{}
	_, state, err := r.job().Engine()
	if err != nil {
		return all
	}
	_ = state.View(func(tx *store.Txn) {
		tx.AllWaiting(func(w store.Waiting) bool {
			key := w.ERP
			if key == "" {
				key = w.CRM
			}
			all[record.Key(w.Entity)+" "+key] = w.Code
			return true
		})
	})
	return all
}

// company gives the live companies whose VAT number has these digits.
func (r *bobRig) company(vat string) []sagecrmtest.Record {
	return slices.DeleteFunc(r.crm.Records(sagecrmtest.Company), func(c sagecrmtest.Record) bool {
		return c.Deleted || !strings.Contains(strings.NewReplacer(" ", "", ".", "").Replace(c.Values["comp_vatnumber"]), vat)
	})
}

// vatOf gives the digits of a third party's VAT number.
func (r *bobRig) vatOf(cid string) string {
	r.t.Helper()
	p, err := r.bob.Party(cid)
	must(r.t, err)
	return p.Text("CVATNO")
}

// linked are the names of what waits in LINK.
func linked(t *testing.T, r *bobRig) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(r.bob.Link())
	must(t, err)
	for _, e := range entries {
		if e.Name() == "CLIENTS.DBF" { // whole, and under its name
			names = append(names, e.Name())
		}
	}
	return names
}

const minute = time.Minute
