// Package app_test runs whole jobs, built from a configuration file as on the box, against a simulated
// company folder and a simulated CRM that misbehave.
package app_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/centrixone/centrixonetest"
	"syncbox/firmware/internal/app"
	"syncbox/firmware/internal/config"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// What must never stand in a log.
const (
	crmAccount    = "73104829561"
	crmKey        = "Zk7Q2planted9"
	sharePassword = "hoBby-Horse,planted"
)

// deadline bounds every wait; nothing is ever expected to take that long.
const deadline = 20 * time.Second

// TestMain is what a benchmark asks a child process for, the box itself or a part of it. The tests wait most of
// the time, for the pauses that are part of the work: more of them go at once than there are processors.
func TestMain(m *testing.M) {
	alone(boxConfig, firstSyncOf)
	alone(detectFolder, lookAtCards)
	flag.Parse()
	if n := flag.Lookup("test.parallel"); n.Value.String() == n.DefValue {
		_ = flag.Set("test.parallel", "8")
	}
	os.Exit(m.Run())
}

// alone does what a variable of the environment asks a child process for, and ends it.
func alone(variable string, do func(string) error) {
	path := os.Getenv(variable)
	if path == "" {
		return
	}
	if err := do(path); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// setup is how a rig is made. The zero value is a one-way job on a company of SIM-1.
type setup struct {
	profile   acombatest.Profile
	twoWay    bool
	writeBack string // default "handoff" for two ways
	customers int
	documents int
	job       string // further lines of [[job]]
	acomba    string // further lines of [job.acomba]
	centrix   string // further lines of [job.centrixone]
	limits    string // lines of [job.limits]
	interval  string // default "1h": cycles come when the test asks for them
	crm       func(*centrixonetest.Options)
	unstarted bool
}

// rig is a company, a CRM, and a box between them.
type rig struct {
	t     *testing.T
	set   setup
	dir   string
	erp   *acombatest.Company
	crm   *centrixonetest.Server
	url   string
	log   *logBuffer
	app   *app.App
	job   running
	done  chan error
	end   context.CancelFunc
	names []string         // of customers, as they were: none may be logged
	again []string         // external ids that the sync may create once more
	clock func() time.Time // the job's; nil = this machine's
}

// running is a job as the tests drive it: one of the box, or an engine on ports of the test's own.
type running interface {
	Engine() (*engine.Engine, *store.State, error)
	Status() (engine.Status, error)
	Do(ctx context.Context, verb engine.Verb, name string) error
}

const boxText = `[box]
name = "syncbox-test"
data = %q

[[job]]
name = "exemple"
pair = "acomba-centrixone"
direction = %q
interval = %q
%s

[job.share]
kind = "directory"
path = %q

[job.acomba]
company = "EXEMPLE"
%s
quiet_ms = 40
%s

[job.centrixone]
url = %q
rate = 100.0
batch = 20
max_server_late = "2s"
%s

[job.limits]
%s
`

const secretText = `[job.exemple]
crm_account = "` + crmAccount + `"
crm_key = "` + crmKey + `"
share_password = "` + sharePassword + `"
`

// newRig makes everything, starts the box and waits until both sides are equal.
func newRig(t *testing.T, set setup) *rig {
	t.Helper()
	t.Parallel()
	r := &rig{t: t, set: set, dir: t.TempDir(), log: &logBuffer{}}
	if r.set.customers == 0 {
		r.set.customers, r.set.documents = 12, 20
	}
	must(t, os.MkdirAll(filepath.Join(r.share(), "SyncBox"), 0o755))
	var err error
	r.erp, err = acombatest.Create(r.company(), acombatest.Options{Profile: set.profile, Customers: r.set.customers, Documents: r.set.documents,
		SalesReps: 3, Groups: 3, Products: 8, Seed: 20261121})
	must(t, err)
	r.rememberNames()
	o := centrixonetest.Options{Account: crmAccount, Key: crmKey, Source: centrixonetest.Acomba, AutomaticBilling: true, Write: true,
		RateLimit: &centrixonetest.Rate{}}
	if set.crm != nil {
		set.crm(&o)
	}
	r.crm = centrixonetest.New(o)
	r.url = serve(t, r.crm)
	r.writeConfig()
	if !set.unstarted {
		r.start()
		r.settled("first sync")
	}
	t.Cleanup(r.finish)
	return r
}

func (r *rig) share() string   { return filepath.Join(r.dir, "share") }
func (r *rig) company() string { return filepath.Join(r.share(), "EXEMPLE") }
func (r *rig) data() string    { return filepath.Join(r.dir, "data") }

// serve puts a CRM on loopback until the test ends.
func serve(t testing.TB, crm *centrixonetest.Server) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = crm.Serve(ctx, l, nil) }()
	t.Cleanup(func() { cancel(); <-ended })
	return "http://" + l.Addr().String()
}

func (r *rig) writeConfig() {
	direction, write := "one-way", ""
	if r.set.twoWay {
		direction, write = "two-way", fmt.Sprintf("write_back = %q", or(r.set.writeBack, "handoff"))
	}
	r.writeFile("syncbox.toml", fmt.Sprintf(boxText, r.data(), direction, or(r.set.interval, "1h"), r.set.job, r.share(), write, r.set.acomba, r.url, r.set.centrix, r.set.limits))
	r.writeFile("secrets.toml", secretText)
}

func (r *rig) writeFile(name, text string) {
	r.t.Helper()
	must(r.t, os.WriteFile(filepath.Join(r.dir, name), []byte(text), 0o600))
}

// start runs the box as an ordinary process does.
func (r *rig) start() {
	r.t.Helper()
	conf, err := config.Load(filepath.Join(r.dir, "syncbox.toml"))
	must(r.t, err)
	r.app, err = app.New(conf, slog.New(slog.NewTextHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	must(r.t, err)
	r.job = r.app.Jobs[0]
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	r.end, r.done = cancel, done
	go func() { done <- r.app.Run(ctx) }()
}

// up waits until the job runs.
func (r *rig) up() {
	r.t.Helper()
	r.until("the job is up", func() bool { _, _, err := r.job.Engine(); return err == nil })
}

// halt ends the box as a shutdown does.
func (r *rig) halt() {
	r.t.Helper()
	if r.end == nil {
		return
	}
	r.end()
	if err := <-r.done; err != nil {
		r.t.Errorf("end of the box: %v", err)
	}
	if err := r.app.Close(); err != nil {
		r.t.Errorf("close the box: %v", err)
	}
	r.end = nil
}

// finish ends the box and judges what holds for every run: nothing was deleted, and the log says nothing that
// it must not.
func (r *rig) finish() {
	r.halt()
	if n := r.crm.Counters().OtherVerbs; n != 0 {
		r.t.Errorf("the CRM saw %d calls that are neither GET nor POST", n)
	}
	for _, c := range r.crm.Changes(centrixonetest.ChangeQuery{Author: "sync"}) {
		if c.Action == "deleted" {
			r.t.Errorf("the sync deleted %s %d", c.Resource, c.ID)
		}
	}
	r.rememberNames()
	log := r.log.String()
	for _, secret := range append(r.names, crmAccount, crmKey, sharePassword) {
		if i := strings.Index(log, secret); i >= 0 {
			r.t.Errorf("the log holds %q: %s", secret, log[max(0, i-200):min(len(log), i+100)])
		}
	}
	if r.t.Failed() {
		r.explain()
	}
}

// rememberNames notes what customers of either side are called now.
func (r *rig) rememberNames() {
	all, _ := r.erp.Customers()
	for _, c := range all {
		r.remember(c.Name, c.CareOf, c.Emails[0], c.Phones[0].Number)
	}
	if r.crm == nil {
		return
	}
	for _, a := range r.crm.Accounts() {
		r.remember(a.Name)
	}
	for _, c := range r.crm.Contacts() {
		r.remember(c.FullName, c.Email)
	}
}

func (r *rig) remember(names ...string) {
	for _, n := range names {
		if n = strings.TrimSpace(n); len(n) > 4 {
			r.names = append(r.names, n)
		}
	}
}

// explain shows what the box itself complains of, once a test has failed.
func (r *rig) explain() {
	var b strings.Builder
	for line := range strings.Lines(r.log.String()) {
		if !strings.Contains(line, "level=DEBUG") && b.Len() < 3000 {
			b.WriteString(line)
		}
	}
	r.t.Logf("the box's log:\n%s", b.String())
}

// logBuffer is the box's log.
type logBuffer struct {
	mu sync.Mutex // protects b
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
