package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"syncbox/connectors/record"
	"syncbox/connectors/sage50fr/sage50test"
	"syncbox/connectors/salesmanagement/salesmanagementtest"
	"syncbox/firmware/internal/app"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/storytest"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

const sage50Box = `[box]
name = "syncbox-test"
data = %q
zone = "Europe/Paris"
`

const sage50Job = `
[[job]]
name = %q
pair = "sage50-salesmanagement"
interval = "1s"
%s

[job.share]
kind = "directory"
path = %q

[job.sage50]
dossier = %q
settle = "20ms"
settle_pieces = "20ms"
deleted_after = "1s"
%s

[job.salesmanagement]
url = %q
rate = 1000.0
admin_user = "admin@example.com"
branch = 1
max_server_late = "1s"
%s
`

// dupont is the dossier of most rigs.
const dupont = "DUPONT"

// sage50Set is how a rig of Sage 50 is made.
type sage50Set struct {
	job, sage, crm string   // further lines of the tables
	dossiers       []string // default DUPONT; each has a job
	site           sage50test.Options
	tenant         salesmanagementtest.Options
	deletes        bool // the box deletes in Sales Management
}

// sage50Rig are dossiers of Sage 50, a Sage Sales Management, and a box between them.
type sage50Rig struct {
	t    *testing.T
	set  sage50Set
	sage *sage50test.Site
	crm  *salesmanagementtest.Server
	conf config.Config
	app  *app.App
	log  *logBuffer
	end  func()
}

// newSage50Rig makes a rig in which everything was exported once; nothing runs yet.
func newSage50Rig(t *testing.T, set sage50Set) *sage50Rig {
	t.Helper()
	dir := t.TempDir()
	r := &sage50Rig{t: t, set: set, log: &logBuffer{}}
	if set.dossiers == nil {
		set.dossiers = []string{dupont}
	}
	set.site.Dossiers, set.site.Start = set.dossiers, time.Now()
	var err error
	r.sage, err = sage50test.Create(filepath.Join(dir, "share"), set.site)
	must(t, err)
	set.tenant.Rate, set.tenant.Seed = -1, 1
	crm, at, err := salesmanagementtest.Listen(t.Context(), set.tenant)
	must(t, err)
	r.crm = crm
	text, secrets := fmt.Sprintf(sage50Box, filepath.Join(dir, "data")), ""
	for _, name := range set.dossiers {
		must(t, r.sage.ExportAll(name))
		text += fmt.Sprintf(sage50Job, strings.ToLower(name), set.job, r.sage.Root(), name, set.sage, at, set.crm)
		secrets += fmt.Sprintf("[job.%s]\npublic_key = \"PUBLIC\"\nprivate_key = \"PRIVATE\"\n", strings.ToLower(name))
	}
	path := filepath.Join(dir, "syncbox.toml")
	must(t, os.WriteFile(path, []byte(text), 0o600))
	must(t, os.WriteFile(filepath.Join(dir, "secrets.toml"), []byte(secrets), 0o600))
	r.conf, err = config.Load(path)
	must(t, err)
	t.Cleanup(r.finish)
	return r
}

// startedSage50 makes a rig and runs it until the first synchronisation is over.
func startedSage50(t *testing.T, set sage50Set) *sage50Rig {
	t.Helper()
	r := newSage50Rig(t, set)
	r.start()
	r.until("the first synchronisation is over", func() bool {
		for _, j := range r.app.Jobs {
			if st, err := j.Status(); err != nil || st.LastEnd.IsZero() || st.Resync != nil || st.Phase != "" {
				return false
			}
		}
		return true
	})
	r.cycles()
	return r
}

// start runs the box until it is halted.
func (r *sage50Rig) start() {
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
}

// finish holds what is true of every run: the share is as Sage's people left it but for import files; no client and no price came to
// Sage from an import; nothing was deleted, nor made twice; and no secret is told.
func (r *sage50Rig) finish() {
	if r.end != nil {
		r.end()
	}
	if wrong, err := r.sage.Trespasses(); err != nil || len(wrong) > 0 {
		r.t.Errorf("written where nothing may be: %v, %v", wrong, err)
	}
	for _, e := range r.sage.Journal() {
		if e.Who == "import" && slices.Contains([]string{"client changed", "client made", "price sent"}, e.What) {
			r.t.Errorf("an import file did it: %s of %s", e.What, e.Of)
		}
	}
	if n := r.crm.Counters().Deleted; n > 0 && !r.set.deletes {
		r.t.Errorf("%d records were deleted", n)
	}
	for _, e := range []salesmanagementtest.Entity{salesmanagementtest.Accounts, salesmanagementtest.Contacts, salesmanagementtest.Products, salesmanagementtest.Sales} {
		if twice := r.crm.Duplicates(e); len(twice) > 0 {
			r.t.Errorf("made twice: %v", twice)
		}
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

func (r *sage50Rig) until(what string, arrived func() bool) {
	r.t.Helper()
	if err := storytest.Until(r.t.Context(), what, time.Minute, arrived); err != nil {
		for _, j := range r.app.Jobs {
			st, err := j.Status()
			r.t.Logf("%+v %v", st, err)
			r.t.Logf("waits: %v, told: %v", r.waits(j), j.Notices())
		}
		r.t.Fatal(err)
	}
}

// cycles waits until two cycles that began since are over, so that whatever was to be done of what is there now was done.
func (r *sage50Rig) cycles() {
	r.t.Helper()
	for _, j := range r.app.Jobs {
		for range 2 {
			r.cycle(j)
		}
	}
}

// cycle waits until a cycle of a job that began since is over.
func (r *sage50Rig) cycle(j *app.Job) {
	r.t.Helper()
	asked := time.Now()
	must(r.t, j.Do(r.t.Context(), engine.Force, ""))
	r.until("a cycle is over", func() bool {
		st, err := j.Status()
		return err == nil && st.Phase == "" && st.LastBegin.After(asked) && st.LastEnd.After(st.LastBegin)
	})
}

// exported has somebody export all of a dossier, a minute after what went before.
func (r *sage50Rig) exported(dossier string) {
	r.t.Helper()
	must(r.t, r.sage.Advance(time.Minute))
	must(r.t, r.sage.ExportAll(dossier))
}

// imported has somebody import what waits, and export all.
func (r *sage50Rig) imported(dossier string) []sage50test.Report {
	r.t.Helper()
	must(r.t, r.sage.Advance(time.Minute))
	reports, err := r.sage.Import(dossier)
	must(r.t, err)
	r.exported(dossier)
	return reports
}

// waiting gives the names of the import files of a kind that wait.
func (r *sage50Rig) waiting(dossier, kind string) []string {
	names, err := filepath.Glob(filepath.Join(r.sage.In(dossier), kind+"-*.TXT"))
	must(r.t, err)
	return names
}

// edit has somebody change a record of DUPONT in Sage.
func (r *sage50Rig) edit(k sage50test.Kind, code string, f sage50test.Fields) {
	r.t.Helper()
	must(r.t, r.sage.Edit(dupont, k, code, f))
}

// of gives a record of DUPONT as Sage has it.
func (r *sage50Rig) of(k sage50test.Kind, code string) sage50test.Fields {
	r.t.Helper()
	f, err := r.sage.Record(dupont, k, code)
	must(r.t, err)
	return f
}

// integrated has another integration, which may write what people may not, change an account.
func (r *sage50Rig) integrated(account int64, body string) {
	r.t.Helper()
	call := func(method, path, token, body string) []byte {
		q, err := http.NewRequestWithContext(r.t.Context(), method, "http://tenant.example/api/v4/"+path, strings.NewReader(body))
		must(r.t, err)
		q.Header.Set("Content-Type", "application/json")
		q.Header.Set("X-Session-Key", token)
		a, err := r.crm.RoundTripper().RoundTrip(q)
		must(r.t, err)
		defer a.Body.Close()
		answer, err := io.ReadAll(a.Body)
		must(r.t, err)
		if a.StatusCode != http.StatusOK {
			r.t.Fatalf("%s %s: %d %s", method, path, a.StatusCode, answer)
		}
		return answer
	}
	var session struct{ Token string }
	must(r.t, json.Unmarshal(call(http.MethodPost, "login", "", `{"username":"PUBLIC","password":"PRIVATE"}`), &session))
	call(http.MethodPut, "accounts/"+id(account), session.Token, body)
}

// live gives the records of Sales Management that are not deleted.
func (r *sage50Rig) live(e salesmanagementtest.Entity) []salesmanagementtest.Record {
	return slices.DeleteFunc(r.crm.Records(e), func(x salesmanagementtest.Record) bool { return x.Deleted })
}

// known gives the one living record that has a code of DUPONT; without one, the record has no id.
func (r *sage50Rig) known(e salesmanagementtest.Entity, code string) salesmanagementtest.Record {
	if all := r.crm.ByExtID(e, dupont+":"+code); len(all) == 1 {
		return all[0]
	}
	return salesmanagementtest.Record{}
}

// status gives the id of an account's status.
func (r *sage50Rig) status(name string) string {
	return id(r.crm.ListID(salesmanagementtest.AccountStatuses, name))
}

// waits gives the codes of what waits, by the record's key: of Sage, else of Sales Management.
func (r *sage50Rig) waits(j *app.Job) map[record.Key]string {
	all := map[record.Key]string{}
	_, state, err := j.Engine()
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

// journal gives that of the first job.
func (r *sage50Rig) journal() (all []store.Event) {
	r.t.Helper()
	var state *store.State
	r.until("the job is up", func() (up bool) {
		var err error
		_, state, err = r.app.Jobs[0].Engine()
		return err == nil
	})
	must(r.t, state.View(func(tx *store.Txn) {
		tx.Events(0, func(e store.Event) bool { all = append(all, e); return true })
	}))
	return all
}

// told says whether a code is among what people are told: of a record that waits, of a side, or of an export.
func (r *sage50Rig) told(code string) bool {
	j := r.app.Jobs[0]
	for _, c := range r.waits(j) {
		if c == code {
			return true
		}
	}
	for _, n := range j.Notices() {
		if n.Code == code {
			return true
		}
	}
	st, err := j.Status()
	return err == nil && slices.ContainsFunc(st.Ways[:], func(w engine.Way) bool { return w.Code == code })
}

// missingLongEnough has somebody export once more when what is missing was so for the time that is set.
func (r *sage50Rig) missingLongEnough() {
	r.t.Helper()
	since := time.Now()
	r.until("the time has passed", func() bool { return time.Since(since) > 1100*time.Millisecond })
	r.exported(dupont)
}
