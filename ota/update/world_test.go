package update_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"syncbox/ota/bootstate"
	"syncbox/ota/bundle"
	"syncbox/ota/fetch"
	"syncbox/ota/floors"
	"syncbox/ota/otatest"
	"syncbox/ota/release"
	"syncbox/ota/trust"
	"syncbox/ota/update"
)

const (
	slotSize  = 3 << 20
	imageSize = 5 << 19 // two windows and a half
	board     = "arm64"
)

var layout = otatest.Layout{A: 4 << 20, B: 4<<20 + slotSize, SlotSize: slotSize}

// epoch is the true time at which a world begins.
var epoch = time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)

// times of a trial in the tests' releases.
var times = bundle.Trial{Settle: 60, Network: 1800}

// world is a maker with an update server, and a box with its disk.
type world struct {
	t     *testing.T
	dir   string
	begin time.Time
	keys  release.Keys
	repo  *release.Repo
	root  []byte

	history string            // of what was published
	images  map[string][]byte // by version
	judge   otatest.Judge

	log  *otatest.Log
	disk *otatest.Disk

	// What a test sets; once the box runs by set.
	setting   sync.Mutex
	sources   []update.Source
	untrusted bool                               // the clock
	held      atomic.Bool                        // not in the allowed hours
	health    func(version string) update.Health // of the system of that version
	cause     update.Cause                       // of the next start
	onReboot  func()
	spoil     func(b []byte, at int64) // what is read from slot b
	noise     func(b []byte)           // what is in an image, so that nothing can make it shorter

	// The box while it runs.
	box     *update.Updater
	version string
	slot    string
	stop    func()
	reboot  chan struct{}
	starts  []string   // version and duty of each start
	telling sync.Mutex // protects what follows while the box runs
	events  []update.Event
	deaf    error // of those who should hear them
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), begin: time.Now(), images: map[string][]byte{}, log: &otatest.Log{}}
	var err error
	w.keys, err = release.NewKeys(rand.NewChaCha8([32]byte{1}))
	w.must(err)
	w.repo, err = release.Init(filepath.Join(w.dir, "repo"), w.keys, epoch)
	w.must(err)
	w.root, err = os.ReadFile(filepath.Join(w.dir, "repo", "metadata", "1.root.json"))
	w.must(err)
	w.health = func(string) update.Health { return fine() }
	w.sources = []update.Source{{Name: "server", Files: fetch.Folder{FS: os.DirFS(filepath.Join(w.dir, "repo")), Name: "server"}}}
	w.judge.Layout = layout
	w.publish("1.0.0", "0.0.0")
	w.factory("1.0.0")
	return w
}

func fine() update.Health {
	return update.Health{Link: true, Checks: []update.Check{
		{Name: "data", Kind: update.Local, Result: update.Passed},
		{Name: "share", Kind: update.Network, Result: update.Passed},
	}}
}

// with gives what fine gives with one check another.
func with(name string, r update.Result) update.Health {
	h := fine()
	for i := range h.Checks {
		if h.Checks[i].Name == name {
			h.Checks[i].Result = r
		}
	}
	return h
}

// set changes what a test sets while the box runs.
func (w *world) set(change func()) {
	w.setting.Lock()
	defer w.setting.Unlock()
	change()
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) now() time.Time { return epoch.Add(time.Since(w.begin)) }

// factory makes the disk of a new box: both slots hold the same.
func (w *world) factory(v string) {
	c := otatest.NewContent(layout.B + slotSize)
	c.Write(w.images[v], layout.A)
	c.Write(w.images[v], layout.B)
	w.disk = otatest.NewDisk(w.log, c)
	kernel, initrd := otatest.Sums(w.images[v])
	s := bootstate.First()
	s.A = bootstate.Sums{Kernel: bootstate.Sum(kernel), Initrd: bootstate.Sum(initrd)}
	s.B = s.A
	_, err := bootstate.Write(w.whole(), s)
	w.must(err)
}

func (w *world) whole() *otatest.File { return w.disk.File("disk", 0, layout.B+slotSize, true) }

func (w *world) state() bootstate.State {
	w.t.Helper()
	s, err := bootstate.Read(w.whole())
	w.must(err)
	return s
}

// boot starts the box as the boot loader chooses.
func (w *world) boot() {
	w.t.Helper()
	c := w.disk.Content()
	s, err := w.judge.Boot(&c)
	w.must(err)
	for _, o := range s.Writes {
		_, err := w.whole().WriteAt(o.Data, o.At)
		w.must(err)
	}
	if s.Image == "" {
		w.t.Fatalf("a slot that holds no image starts: %v", s)
	}
	w.version, w.slot, w.reboot = s.Image, s.Slot, make(chan struct{}, 1)
	at := map[string]int64{"a": layout.A, "b": layout.B}
	reboot := w.reboot
	v := w.version
	w.box = update.New(update.Config{
		Disk: w.whole(), A: w.disk.File("a", at["a"], slotSize, false), B: medium{w.disk.File("b", at["b"], slotSize, false), w},
		Database: filepath.Join(w.dir, "update.db"),
		Anchor:   trust.Anchor{Root: w.root, Built: epoch.Add(-time.Hour)}, Box: "0001", Groups: func() []string { return []string{"eu-1"} }, Board: board,
		Version: version(v), Sources: func() []update.Source {
			w.setting.Lock()
			defer w.setting.Unlock()
			return w.sources
		},
		Clock:   func() trust.Clock { return trust.Clock{Now: w.now(), Trusted: !w.untrusted} },
		Allowed: func() bool { return !w.held.Load() },
		Health: func() update.Health {
			w.setting.Lock()
			health := w.health
			w.setting.Unlock()
			return health(v)
		},
		Reboot: func() {
			select {
			case reboot <- struct{}{}:
			default:
			}
		},
		Tell: func(e update.Event) error {
			w.telling.Lock()
			defer w.telling.Unlock()
			if w.deaf == nil {
				w.events = append(w.events, e)
			}
			return w.deaf
		},
		Cause: w.cause, Log: slog.New(slog.NewTextHandler(testWriter{w.t}, nil)),
	})
	w.cause = update.CauseUnknown
	duty, err := w.box.Begin(bootstate.ParseStart(s.CommandLine()))
	w.must(err)
	w.starts = append(w.starts, v+" "+string(duty))
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	box := w.box
	go func() { done <- box.Run(ctx) }()
	w.stop = func() {
		cancel()
		if err := <-done; err != nil {
			w.t.Error(err)
		}
		w.must(box.Close())
		w.stop = func() {}
	}
}

// power cuts the power of the running box and starts it again; cause is what its next start knows of it. What was written
// is on the disk: package otatest has the tests in which it is not.
func (w *world) power(cause update.Cause) {
	w.t.Helper()
	w.stop()
	w.cause = cause
	w.boot()
}

// run lets time pass, and the box restart when it wants to.
func (w *world) run(d time.Duration) {
	w.t.Helper()
	for end := time.Now().Add(d); ; {
		select {
		case <-w.reboot:
			w.stop()
			if w.onReboot != nil {
				w.onReboot()
			}
			w.boot()
		case <-time.After(time.Until(end)):
			synctest.Wait()
			return
		}
	}
}

// order has the box take a wish, which it must accept.
func (w *world) order(v string, change ...func(*release.Wish)) string {
	w.t.Helper()
	a, err := w.box.Wish(w.t.Context(), w.wish(v, change...))
	w.must(err)
	if a.Phase != update.PhaseAccepted {
		w.t.Fatalf("wish for %s: %+v", v, a)
	}
	return a.ID
}

// last gives how the last wish ended, as it was told.
func (w *world) last() update.Event {
	for _, e := range slices.Backward(w.events) {
		if e.Wish != "" && e.Phase != update.PhaseRunning && e.Phase != update.PhaseAccepted && e.Phase != update.PhaseRebooting {
			return e
		}
	}
	return update.Event{}
}

// ended checks what runs, and how the last wish ended.
func (w *world) ended(v string, phase update.Phase, code update.Code) {
	w.t.Helper()
	if got := w.last(); w.version != v || got.Phase != phase || got.Code != code {
		w.t.Errorf("%s runs and the wish ended %q %q (%s), want %s, %q, %q\nstarts %q", w.version, got.Phase, got.Code, got.Words, v, phase, code, w.starts)
	}
	if s := w.box.Status(); s.Last == nil || s.Last.Phase != phase || s.Last.Code != code {
		w.t.Errorf("status tells %+v, want %q %q", s.Last, phase, code)
	}
}

func (w *world) floors() floors.Values {
	v, err := floors.Read(w.whole())
	if err != nil && !errors.Is(err, floors.ErrLost) {
		w.t.Fatal(err)
	}
	return v
}

type testWriter struct{ t *testing.T }

func (w testWriter) Write(b []byte) (int, error) {
	w.t.Logf("%s", bytes.TrimSpace(b))
	return len(b), nil
}

// medium is a slot that may not give back what was written.
type medium struct {
	*otatest.File
	w *world
}

func (m medium) ReadAt(b []byte, at int64) (int, error) {
	n, err := m.File.ReadAt(b, at)
	m.w.setting.Lock()
	spoil := m.w.spoil
	m.w.setting.Unlock()
	if spoil != nil {
		spoil(b[:n], at)
	}
	return n, err
}

const otatest512 = otatest.SectorSize

// judgeOf lets what stands in a slot now count as an image.
func (w *world) judgeOf(name string, at int64) otatest.Image {
	c := w.disk.Content()
	return otatest.NewImage(name, c.Bytes(at, slotSize))
}

func sum(b []byte) bundle.Digest { return sha256.Sum256(b) }
