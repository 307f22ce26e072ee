package local_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"syncbox/connectors/acomba"
	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/centrixone/centrixonetest"
	"syncbox/connectors/record"
	"syncbox/firmware/internal/app"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/local"
	"syncbox/firmware/internal/storytest"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

const jobText = `
[[job]]
name = %q
pair = "acomba-centrixone"
interval = "1h"
external_id_prefix = "%s."
[job.share]
kind = "directory"
path = %q
[job.acomba]
company = "EXEMPLE"
quiet_ms = 40
[job.centrixone]
url = %q
rate = 100.0
`

// box is a box whose jobs north and south are configured but do not run yet.
type box struct {
	t      *testing.T
	dir    string
	app    *app.App
	client *local.Client
}

func newBox(t *testing.T, url string, jobs ...string) *box {
	t.Helper()
	b := &box{t: t, dir: t.TempDir()}
	text, secrets := fmt.Sprintf("[box]\ndata = %q\n", filepath.Join(b.dir, "data")), ""
	for _, name := range jobs {
		text += fmt.Sprintf(jobText, name, name, b.dir, url)
		secrets += fmt.Sprintf("[job.%s]\ncrm_account = \"10234\"\ncrm_key = \"KEY\"\n", name)
	}
	must(t, os.WriteFile(filepath.Join(b.dir, "syncbox.toml"), []byte(text), 0o600))
	must(t, os.WriteFile(filepath.Join(b.dir, "secrets.toml"), []byte(secrets), 0o600))
	conf, err := config.Load(filepath.Join(b.dir, "syncbox.toml"))
	must(t, err)
	b.app, err = app.New(conf, quiet())
	must(t, err)
	return b
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// background runs a part until the test ends; it must end without an error then.
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

// open opens the box's door and waits until it answers.
func (b *box) open() {
	b.t.Helper()
	// A socket's path must be short; the test's own folder may not be.
	dir, err := os.MkdirTemp("", "door")
	must(b.t, err)
	b.t.Cleanup(func() { _ = os.RemoveAll(dir) })
	path := filepath.Join(dir, "s")
	s := &local.Server{Path: path, App: b.app, Log: quiet()}
	background(b.t, "local server", s.Run)
	b.client = local.NewClient(path)
	b.until("the door is open", func() bool {
		_, err := b.client.Status(b.ctx())
		return !errors.Is(err, local.ErrNoBox)
	})
	info, err := os.Stat(path)
	must(b.t, err)
	if info.Mode().Type() != fs.ModeSocket || info.Mode().Perm() != 0o600 {
		b.t.Errorf("the socket is %v, want one that only its owner may use", info.Mode())
	}
}

func (b *box) ctx() context.Context { return b.t.Context() }

// until waits for something; nothing depends on how fast it comes.
func (b *box) until(what string, fn func() bool) {
	b.t.Helper()
	must(b.t, storytest.Until(b.ctx(), what, time.Minute, fn))
}

func (b *box) status(job string) local.JobStatus {
	b.t.Helper()
	all, err := b.client.Status(b.ctx())
	must(b.t, err)
	for _, s := range all {
		if s.Job == job {
			return s
		}
	}
	b.t.Fatalf("no status of %s in %v", job, all)
	return local.JobStatus{}
}

func TestNoBox(t *testing.T) {
	c := local.NewClient(filepath.Join(t.TempDir(), "nobody"))
	for name, err := range map[string]error{
		"status":  second(c.Status(t.Context())),
		"journal": second(c.Journal(t.Context(), "", 0, 1)),
		"waiting": second(c.Waiting(t.Context(), "")),
		"do":      c.Do(t.Context(), "", engine.Force, ""),
	} {
		if !errors.Is(err, local.ErrNoBox) {
			t.Errorf("%s: got %v, want ErrNoBox", name, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestJobsThatDoNotRun(t *testing.T) {
	b := newBox(t, "http://127.0.0.1:1", "north", "south")
	b.open()
	for _, job := range []string{"north", "south"} {
		s := b.status(job)
		if s.Err != app.ErrStarting.Error() || !s.Starting || s.Status.Ways[0].Outcome != engine.Halted || s.Status.Ways[0].Code != "" {
			t.Errorf("%s: got %+v, want it down without a code", job, s)
		}
	}
	noJob, down := `no job has the name`, app.ErrStarting.Error()
	for _, test := range []struct {
		name, want string
		err        error
	}{
		{"journal", down, second(b.client.Journal(b.ctx(), "north", 0, 10))},
		{"waiting", down, second(b.client.Waiting(b.ctx(), "south"))},
		{"do", down, b.client.Do(b.ctx(), "north", engine.Force, "")},
		{"journal before", down, second(b.client.JournalBefore(b.ctx(), "north", 0, 10))},
		{"waiting after", down, second(b.client.WaitingAfter(b.ctx(), "south", "", 10, store.Held))},
		{"answer", down, b.client.Answer(b.ctx(), "north", engine.Retry, "1/quarantine/", "seen")},
		{"write test", down, second(b.client.StartWriteTest(b.ctx(), "north", "1234"))},
		{"journal of nobody", noJob, second(b.client.Journal(b.ctx(), "east", 0, 10))},
		{"waiting of nobody", noJob, second(b.client.Waiting(b.ctx(), "east"))},
		{"do for nobody", noJob, b.client.Do(b.ctx(), "east", engine.Force, "")},
		{"write test for nobody", noJob, second(b.client.StartWriteTest(b.ctx(), "east", "1234"))},
		{"no name where there are two", noJob, b.client.Do(b.ctx(), "", engine.Force, "")},
	} {
		if test.err == nil || !strings.Contains(test.err.Error(), test.want) {
			t.Errorf("%s: got %v, want %q", test.name, test.err, test.want)
		}
	}
	if err := b.client.CheckWriteTest(b.ctx(), "north", acomba.Seen{}); err == nil || !strings.Contains(err.Error(), app.ErrNoWriteTest.Error()) {
		t.Errorf("check of no write test: got %v", err)
	}
}

// A job whose databases are not its own says so with its health code; one whose truth is damaged runs and says
// what became of it; the third has nothing to do with either.
//
// Requirement: ACO-74
func TestTroubleWithFiles(t *testing.T) {
	b := newBox(t, "http://127.0.0.1:1", "north", "south", "west")
	folder := func(job string) string {
		dir := filepath.Join(b.dir, "data", job)
		must(t, os.MkdirAll(dir, 0o700))
		return dir
	}
	f, err := store.OpenJob(folder("north"), "another-box", "north", 1, time.Now())
	must(t, err)
	must(t, f.Close())
	must(t, os.WriteFile(filepath.Join(folder("south"), "state.db"), []byte(strings.Repeat("no database ", 1000)), 0o600))
	background(t, "box", func(ctx context.Context) error { return b.app.Run(ctx) })
	b.open()
	b.until("the north says why", func() bool { return b.status("north").Status.Ways[0].Code != "" })
	s := b.status("north")
	if s.Status.Ways[0].Code != "state-other-box" || s.Status.Ways[1].Code != "state-other-box" || !strings.Contains(s.Err, "another-box") || len(s.Notices) > 0 {
		t.Errorf("north: got %+v, want state-other-box", s)
	}
	b.until("the south runs", func() bool { return b.status("south").Err == "" })
	if s := b.status("south"); len(s.Notices) != 1 || s.Notices[0].Code != store.BegunAnew || s.Notices[0].Args["file"] != "state.db.bad-1" {
		t.Errorf("south: got %+v, want that it was begun anew", s)
	}
	b.until("the west runs", func() bool { return b.status("west").Err == "" })
	if s := b.status("west"); len(s.Notices) > 0 {
		t.Errorf("west: got %+v", s)
	}
}

// A door that can't be where it should stands elsewhere, and is found there.
func TestNoRoomForTheDoor(t *testing.T) {
	b := newBox(t, "http://127.0.0.1:1", "north")
	run, err := os.MkdirTemp("", "run") // a socket's path must be short
	must(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(run) })
	t.Setenv("XDG_RUNTIME_DIR", run)
	file := filepath.Join(b.dir, "file")
	must(t, os.WriteFile(file, nil, 0o600))
	s := &local.Server{Path: filepath.Join(file, "s"), App: b.app, Log: quiet()}
	background(t, "local server", s.Run)
	b.client = local.NewClient(s.Path)
	b.until("the door is open", func() bool {
		_, err := b.client.Status(b.ctx())
		return !errors.Is(err, local.ErrNoBox)
	})
	if s := b.status("north"); s.Err != app.ErrStarting.Error() {
		t.Errorf("got %+v", s)
	}
	all, err := filepath.Glob(filepath.Join(run, "*"))
	must(t, err)
	if len(all) != 1 {
		t.Fatalf("got %v", all)
	}
	if info, err := os.Stat(all[0]); err != nil || info.Mode().Type() != fs.ModeSocket || info.Mode().Perm() != 0o600 {
		t.Errorf("the socket is %v, %v, want one that only its owner may use", info.Mode(), err)
	}
}

// askRaw sends what the client never sends, and gives the answer's status.
func (b *box) askRaw(method, path, body string) int {
	b.t.Helper()
	s := &local.Server{App: b.app, Log: quiet()}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(b.t, err)
	srv := &http.Server{Handler: s.Handler()}
	go func() { _ = srv.Serve(l) }()
	defer srv.Close()
	req, err := http.NewRequestWithContext(b.ctx(), method, "http://"+l.Addr().String()+path, strings.NewReader(body))
	must(b.t, err)
	res, err := http.DefaultClient.Do(req)
	must(b.t, err)
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, res.Body)
	return res.StatusCode
}

func TestBadRequests(t *testing.T) {
	b := newBox(t, "http://127.0.0.1:1", "north")
	for _, test := range []struct {
		name, method, path, body string
		want                     int
	}{
		{"no JSON", "POST", "/do", "force", 400},
		{"too long", "POST", "/do", `{"Job":"` + strings.Repeat("x", 5000) + `"}`, 400},
		{"no JSON for a write test", "POST", "/write-test", "{", 400},
		{"no such page", "GET", "/", "", 404},
		{"wrong verb", "GET", "/do", "", 405},
		{"status by POST", "POST", "/status", "", 405},
		{"the only job without its name", "GET", "/journal", "", 503},
		{"unknown job", "GET", "/waiting?job=east", "", 404},
	} {
		if got := b.askRaw(test.method, test.path, test.body); got != test.want {
			t.Errorf("%s: got %d, want %d", test.name, got, test.want)
		}
	}
}

// running makes a box with a small company, a CRM, and a first sync that is done.
func running(t *testing.T) *box {
	t.Helper()
	crm := centrixonetest.New(centrixonetest.Options{Account: "10234", Key: "KEY", Source: centrixonetest.Acomba,
		AutomaticBilling: true, Write: true, RateLimit: &centrixonetest.Rate{}})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	background(t, "CRM", func(ctx context.Context) error { _ = crm.Serve(ctx, l, nil); return nil })
	b := newBox(t, "http://"+l.Addr().String(), "north")
	_, err = acombatest.Create(filepath.Join(b.dir, "EXEMPLE"), acombatest.Options{Customers: 5, Documents: 5, Seed: 1})
	must(t, err)
	t.Cleanup(func() { _ = b.app.Close() })
	background(t, "box", func(ctx context.Context) error { return b.app.Run(ctx) })
	b.open()
	b.until("first sync", func() bool {
		s := b.status("north")
		return s.Err == "" && !s.Status.Next.IsZero() && s.Status.Ways[0].Outcome == engine.Success
	})
	return b
}

// Requirement: ACO-8, ACO-90
func TestARunningJob(t *testing.T) {
	b := running(t)
	s := b.status("north").Status
	if s.Service != engine.Running || s.TwoWay || s.LastEnd.IsZero() || s.Next.IsZero() {
		t.Errorf("got %+v, want a one-way job at rest", s)
	}
	b.journal()
	if all, err := b.client.Waiting(b.ctx(), ""); err != nil || len(all) != 0 {
		t.Errorf("got %d waiting and %v, want none", len(all), err)
	}
	if wrong, err := b.client.Selfcheck(b.ctx(), "north"); err != nil || len(wrong) != 0 {
		t.Errorf("selfcheck: got %q and %v, want nothing", wrong, err)
	}
	must(t, b.client.Do(b.ctx(), "north", engine.Stop, ""))
	must(t, b.client.Do(b.ctx(), "north", engine.Force, "")) // does not start what a person stopped
	b.until("stopped", func() bool { return b.status("north").Status.Service == engine.Stopped })
	must(t, b.client.Do(b.ctx(), "", engine.Start, ""))
	b.until("running again", func() bool {
		now := b.status("north").Status
		return now.Service == engine.Running && now.LastEnd.After(s.LastEnd)
	})
	for verb, name := range map[engine.Verb]string{engine.Retry: "1/quarantine/", engine.Recreate: "nonsense", "explode": "1/deleted/"} {
		err := b.client.Do(b.ctx(), "north", verb, name)
		if !errors.Is(err, engine.ErrNoSuch) {
			t.Errorf("%s %s: got %v, want %v", verb, name, err, engine.ErrNoSuch)
		}
	}
	if err := b.client.Answer(b.ctx(), "north", engine.KeepERP, "1/conflict/City", "seen"); !errors.Is(err, engine.ErrNoSuch) {
		t.Errorf("an answer to nothing: got %v", err)
	}
	if err := second(b.client.StartWriteTest(b.ctx(), "north", "1234")); err == nil || !strings.Contains(err.Error(), app.ErrNoWriteTest.Error()) {
		t.Errorf("write test of a one-way job: got %v", err)
	}
}

// A resync is counted, dropped, asked for while the job stands still, and done once it runs again.
//
// Requirement: ACO-81, ACO-82
func TestResync(t *testing.T) {
	b := running(t)
	resync := func() *engine.Resync { return b.status("north").Status.Resync }
	must(t, b.client.Do(b.ctx(), "north", engine.Resync1, ""))
	b.until("counted", func() bool { r := resync(); return r != nil && r.Phase == store.RepairReady })
	if got := resync(); got.Code != "resync-ready" || got.Preview[record.Account] != (store.RepairCounts{Equal: 5}) {
		t.Errorf("counted: got %+v", got)
	}
	must(t, b.client.Do(b.ctx(), "north", engine.ResyncCancel, ""))
	if got := resync(); got != nil {
		t.Errorf("dropped: got %+v", got)
	}
	must(t, b.client.Do(b.ctx(), "north", engine.Stop, ""))
	b.until("stopped", func() bool { return b.status("north").Status.Service == engine.Stopped })
	must(t, b.client.Do(b.ctx(), "north", engine.Resync2, "now"))
	if got := b.askRaw("POST", "/do", `{"Job":"north","Verb":"retry","Name":"all"}`); got != http.StatusConflict {
		t.Errorf("something else meanwhile: got %d, want %d", got, http.StatusConflict)
	}
	if got := resync(); got == nil || got.Code != "resync-running" || got.Level != 2 {
		t.Errorf("asked for while stopped: got %+v", got)
	}
	must(t, b.client.Do(b.ctx(), "north", engine.Start, ""))
	b.until("done", func() bool { return resync() == nil })
	events, err := b.client.Journal(b.ctx(), "north", 0, 50)
	must(t, err)
	if !slices.ContainsFunc(events, func(e store.Event) bool { return e.Code == "resync-complete" && e.Args["created"] == "0" }) {
		t.Errorf("journal: %+v", events)
	}
}

// journal reads the journal in pages, forwards and the newest first.
func (b *box) journal() {
	b.t.Helper()
	all, err := b.client.Journal(b.ctx(), "north", 1, 1000)
	must(b.t, err)
	created := 0
	for i, e := range all {
		if e.Seq != uint64(i+1) {
			b.t.Fatalf("event %d has the number %d", i+1, e.Seq)
		}
		if e.Code == "record-created" && e.Direction == store.ToCRM {
			created++
		}
	}
	if created < 15 {
		b.t.Errorf("the journal tells of %d new records in the CRM, want at least 15", created)
	}
	for _, test := range []struct {
		name        string
		from        uint64
		limit       int
		first, last uint64
	}{
		{"the newest", 0, 3, uint64(len(all)) - 2, uint64(len(all))},
		{"from the start", 1, 4, 1, 4},
		{"from the middle", 7, 2, 7, 8},
		{"more than there are", 0, 1000, 1, uint64(len(all))},
		{"a limit that makes no sense", uint64(len(all)), -1, uint64(len(all)), uint64(len(all))},
	} {
		got, err := b.client.Journal(b.ctx(), "", test.from, test.limit)
		if err != nil || len(got) == 0 {
			b.t.Errorf("%s: got %d events and %v", test.name, len(got), err)
			continue
		}
		if first, last := got[0].Seq, got[len(got)-1].Seq; first != test.first || last != test.last {
			b.t.Errorf("%s: got %d to %d, want %d to %d", test.name, first, last, test.first, test.last)
		}
	}
	last := uint64(len(all))
	for before, want := range map[uint64][2]uint64{0: {last - 3, last}, last + 99: {last - 3, last}, last: {last - 4, last - 1}, 3: {1, 2}, 1: {}} {
		got, err := b.client.JournalBefore(b.ctx(), "north", before, 4)
		if err != nil || len(got) == 0 != (want == [2]uint64{}) || len(got) > 0 && (got[0].Seq != want[0] || got[len(got)-1].Seq != want[1]) {
			b.t.Errorf("before %d: got %v and %v, want %d", before, got, err, want)
		}
	}
	if got, err := b.client.Journal(b.ctx(), "", uint64(len(all))+1, 10); err != nil || len(got) != 0 {
		b.t.Errorf("beyond the end: got %d events and %v", len(got), err)
	}
}

// The socket of a process that ended without goodbye does not stop the next one.
func TestLeftoverSocket(t *testing.T) {
	b := newBox(t, "http://127.0.0.1:1", "north")
	dir, err := os.MkdirTemp("", "door")
	must(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	path := filepath.Join(dir, "s")
	must(t, os.WriteFile(path, nil, 0o644))
	background(t, "local server", (&local.Server{Path: path, App: b.app, Log: quiet()}).Run)
	b.client = local.NewClient(path)
	b.until("the door is open", func() bool { return second(b.client.Status(b.ctx())) == nil })
}

func TestSocketThatCantBeOpened(t *testing.T) {
	b := newBox(t, "http://127.0.0.1:1", "north")
	nowhere := filepath.Join(b.dir, "no", "such", "folder")
	t.Setenv("XDG_RUNTIME_DIR", nowhere)
	s := &local.Server{Path: filepath.Join(nowhere, "s"), App: b.app, Log: quiet()}
	if err := s.Run(b.ctx()); err == nil || !strings.Contains(err.Error(), "open local socket") {
		t.Errorf("got %v, want that the socket can't be opened", err)
	}
}
