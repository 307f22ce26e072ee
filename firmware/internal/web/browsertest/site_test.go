package browsertest_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/bob50"
	"syncbox/connectors/pairs"
	"syncbox/connectors/sage50fr"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/console"
	"syncbox/firmware/internal/console/setupcode"
	"syncbox/firmware/internal/health"
	"syncbox/firmware/internal/local"
	"syncbox/firmware/internal/locale"
	"syncbox/firmware/internal/web"
	"syncbox/firmware/internal/web/browsertest"
	"syncbox/firmware/internal/web/page"
	"syncbox/ota/bundle"
	"syncbox/ota/update"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// start starts the browser that all tests share, when the first of them needs it.
var start = sync.OnceValues(func() (*browsertest.Browser, error) { return browsertest.Start(context.Background()) })

var started bool // a test has asked for the browser

func TestMain(m *testing.M) {
	code := m.Run()
	if started {
		if b, err := start(); err == nil && b.Close() != nil {
			code = 1
		}
	}
	os.Exit(code)
}

// asking protects started.
var asking sync.Mutex

// browser gives the browser. On CI a machine without one is a failure.
func browser(t *testing.T) *browsertest.Browser {
	t.Helper()
	asking.Lock()
	started = true
	asking.Unlock()
	b, err := start()
	if errors.Is(err, browsertest.ErrMissing) && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	must(t, err)
	return b
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// code is on the label of the tests' boxes.
const code = "7Q2KM-0XTV9"

// box is a box whose fields a test sets. What it does not know to do, nobody may ask of it.
type box struct {
	web.Box

	mu       sync.Mutex // protects what follows
	status   []local.JobStatus
	err      error
	done     []string
	codes    []string
	lights   []health.Light
	ready    error
	updates  bool // there are any
	blank    bool // it can be set up, and nobody has
	custom   bool // its products have fields that people have added
	unknown  bool // its version of Acomba can be calibrated
	signIns  console.SignIns
	faults   []string // codes that the connection test of a user of X3 finds
	tryBob50 func(context.Context, config.Job) (bob50.Trial, error)
	sage50   sage50fr.Trial // what a look at the exports finds
	changes  []engine.Change
	waiting  []store.Waiting
	events   []store.Event
}

// set changes the box.
func (b *box) set(change func(*box)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change(b)
}

func (b *box) Status(context.Context) ([]local.JobStatus, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]local.JobStatus(nil), b.status...), b.err
}

func (b *box) Do(_ context.Context, job string, verb engine.Verb, name string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.done = append(b.done, strings.TrimSpace(strings.Join([]string{job, string(verb), name}, " ")))
	return nil
}

// newer are the updates of a box for which there is one.
type newer struct{}

func (newer) Status() update.Status {
	v, _ := bundle.ParseVersion("1.2.3")
	next, _ := bundle.ParseVersion("1.3.0")
	return update.Status{Version: v, Available: &update.Available{Version: next, Notes: map[string]string{
		"fr": "Les factures annulées sont reprises plus vite.", "en": "Cancelled invoices are taken over sooner."}}}
}

// site is a box's page at an address. It can be cut off and come back.
type site struct {
	t       *testing.T
	url     string
	handler http.Handler
	server  *http.Server
}

// serve serves the page of a box until the test ends.
func serve(t *testing.T, b *box) *site {
	t.Helper()
	path := filepath.Join(t.TempDir(), "code.json")
	must(t, setupcode.Write(path, code))
	c := web.Config{
		Face: func() page.Face {
			return page.Face{Name: "syncbox-7Q2K", Language: "fr-CA", Zone: time.UTC, Names: pairs.Names("acomba-centrixone")}
		},
		Door: setupcode.NewDoor(path), Box: b,
		Codes:  func() []string { b.mu.Lock(); defer b.mu.Unlock(); return b.codes },
		Lights: func() []health.Light { b.mu.Lock(); defer b.mu.Unlock(); return b.lights },
		Ready:  func() error { b.mu.Lock(); defer b.mu.Unlock(); return b.ready },
		Log:    slog.New(slog.NewTextHandler(t.Output(), nil)),
	}
	if b.updates {
		c.Updates = newer{}
	}
	if b.custom {
		c.Setup = setupOf(t)
	}
	if b.blank {
		c.Setup = setupOf(t)
		c.Setup.SignIns, c.Setup.TryBob50, c.Setup.TrySageCRM = b.signIns, b.tryBob50, trySageCRM
		c.Setup.TrySage50, c.Setup.TrySalesManagement = func(context.Context, config.Job) (sage50fr.Trial, error) { return b.sage50, nil }, trySalesManagement
		c.Setup.TryUser = func(context.Context, config.Job) (all []error) {
			for _, code := range b.faults {
				all = append(all, connectors.Errorf(connectors.Drift, code, "x"))
			}
			return all
		}
	}
	if b.unknown {
		c.Calibrate = calibrationOf(t)
	}
	return at(t, web.New(c))
}

// at serves a handler at a free port of loopback.
func at(t *testing.T, h http.Handler) *site {
	t.Helper()
	s := &site{t: t, handler: h}
	s.up("127.0.0.1:0")
	t.Cleanup(s.down)
	return s
}

func (s *site) up(address string) {
	s.t.Helper()
	l, err := net.Listen("tcp", address)
	must(s.t, err)
	s.url, s.server = "http://"+l.Addr().String(), &http.Server{Handler: s.handler, ReadHeaderTimeout: time.Minute}
	go func() { _ = s.server.Serve(l) }() // until down
}

// down ends the site, and every connection to it.
func (s *site) down() { _ = s.server.Close() }

// again brings a site back to where it was.
func (s *site) again() {
	s.t.Helper()
	s.up(strings.TrimPrefix(s.url, "http://"))
}

// The readers of a page, two by two: each two have both languages, both sizes and both colours between them.
var readers = []browsertest.Reader{
	{Language: "fr-CA", Size: browsertest.Phone, Dark: true},
	{Language: "en", Size: browsertest.Desktop},
	{Language: "en", Size: browsertest.Phone},
	{Language: "fr-CA", Size: browsertest.Desktop, Dark: true},
}

// atDesk reads English on a large screen.
var atDesk = browsertest.Reader{Language: "en", Size: browsertest.Desktop}

// visitor is a reader at a site.
type visitor struct {
	*browsertest.Page
	t *testing.T
	p *locale.Printer
}

func (s *site) visit(r browsertest.Reader, path string) *visitor {
	s.t.Helper()
	p, err := browser(s.t).Open(r, s.url, path)
	must(s.t, err)
	s.t.Cleanup(p.Close)
	words, err := locale.New(r.Language, time.UTC)
	must(s.t, err)
	return &visitor{p, s.t, words.Of(pairs.Names("acomba-centrixone"))}
}

// says gives a text in the visitor's language.
func (v *visitor) says(key string) string { return v.p.Text(key, nil) }

// sees waits for what can be seen.
func (v *visitor) sees(texts ...string) {
	v.t.Helper()
	must(v.t, v.See(texts...))
}

// readsChoices finds nothing cut off in the lists to choose from.
func (v *visitor) readsChoices() {
	v.t.Helper()
	cut, err := v.CutOff()
	must(v.t, err)
	for _, c := range cut {
		v.t.Error(c)
	}
}

// follows clicks on what leads to another page, which must have that status.
func (v *visitor) follows(status int, selector, text string) {
	v.t.Helper()
	got, err := v.Follow(selector, text)
	must(v.t, err)
	if got != status {
		v.t.Fatalf("%s %q leads to status %d, want %d", selector, text, got, status)
	}
}

// logsOn gives the code on the log-on page.
func (v *visitor) logsOn() {
	v.t.Helper()
	must(v.t, v.Go("/login"))
	must(v.t, v.Fill("code", code))
	v.follows(http.StatusOK, "main button", v.says("page.login"))
	v.sees(v.says("page.logout"))
}

// isFine has nothing found wrong with the page.
func (v *visitor) isFine(name string) {
	v.t.Helper()
	wrong, err := v.Judge()
	must(v.t, err)
	for _, w := range wrong {
		v.t.Errorf("%s: %s", name, w)
	}
}

// working is a job in the middle of its first sync, one direction of which has come to a halt.
func working(done int) local.JobStatus {
	return local.JobStatus{Job: "nord", Names: pairs.Names("acomba-centrixone"), Status: engine.Status{Service: engine.Running, TwoWay: true, Phase: "account", Done: done, Total: 2000,
		Ways:    [2]engine.Way{{Outcome: engine.Success}, {Outcome: engine.Halted, Code: "share-auth", Args: map[string]string{"share": "SRV-SECRET"}}},
		LastEnd: time.Date(2026, 11, 22, 19, 0, 0, 0, time.UTC), Next: time.Date(2026, 11, 22, 20, 0, 0, 0, time.UTC),
		Waiting: map[store.WaitKind]int{store.Quarantine: 2}}}
}

// first is a job in its first sync.
func first(done int) local.JobStatus {
	j := resting(engine.Running)
	j.Job, j.Status.Phase, j.Status.Done, j.Status.Total = "acomba", "account", done, 2000
	j.Status.Ways = [2]engine.Way{{Outcome: engine.Working}, {Outcome: engine.Working}}
	j.Status.LastEnd, j.Status.Next = time.Time{}, time.Time{}
	return j
}

// resting is a job with nothing to do.
func resting(service engine.Service) local.JobStatus {
	j := working(0)
	j.Status.Service, j.Status.Phase, j.Status.Total, j.Status.Waiting = service, "", 0, nil
	j.Status.Ways[1] = engine.Way{Outcome: engine.Success}
	return j
}

func name(r browsertest.Reader) string { return fmt.Sprintf("%s-%s", r.Language, r.Size.Name) }
