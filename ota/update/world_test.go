package update_test

import (
	"crypto/sha256"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"syncbox/ota/bootstate"
	"syncbox/ota/bundle"
	"syncbox/ota/fetch"
	"syncbox/ota/floors"
	"syncbox/ota/otatest"
	"syncbox/ota/otatest/box"
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

	box.Box

	// What a test sets; once the box runs by set.
	setting   sync.Mutex
	sources   []update.Source
	untrusted bool                               // the clock
	held      atomic.Bool                        // not in the allowed hours
	refused   atomic.Bool                        // not before a person says so
	health    func(version string) update.Health // of the system of that version
	cause     update.Cause                       // of the next start
	onReboot  func()
	spoil     func(b []byte, at int64) // what is read from slot b
	noise     func(b []byte)           // what is in an image, so that nothing can make it shorter

	// What the box does.
	starts  []string   // version and duty of each start
	telling sync.Mutex // protects what follows while the box runs
	events  []update.Event
	deaf    error // of those who should hear them
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), begin: time.Now(), images: map[string][]byte{}}
	var err error
	w.keys, err = release.NewKeys(rand.NewChaCha8([32]byte{1}))
	w.must(err)
	w.repo, err = release.Init(filepath.Join(w.dir, "repo"), w.keys, epoch)
	w.must(err)
	w.root, err = os.ReadFile(filepath.Join(w.dir, "repo", "metadata", "1.root.json"))
	w.must(err)
	w.health = func(string) update.Health { return fine() }
	w.sources = []update.Source{{Name: "server", Files: fetch.Folder{FS: os.DirFS(filepath.Join(w.dir, "repo")), Name: "server"}}}
	w.Judge.Layout = layout
	w.publish("1.0.0", "0.0.0")
	w.must(w.Factory(w.images["1.0.0"]))
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

func (w *world) state() bootstate.State {
	w.t.Helper()
	s, err := w.State()
	w.must(err)
	return s
}

// boot starts the box as the boot loader chooses.
func (w *world) boot() {
	w.t.Helper()
	c := w.Disk.Content()
	s, err := w.Judge.Boot(&c)
	w.must(err)
	if s.Image == "" {
		w.t.Fatalf("a slot that holds no image starts: %v", s)
	}
	w.must(w.On(s, update.Config{
		A: w.SlotOf("a"), B: medium{w.SlotOf("b"), w}, Database: filepath.Join(w.dir, "update.db"),
		Anchor: trust.Anchor{Root: w.root, Built: epoch.Add(-time.Hour)}, Box: "0001", Groups: func() []string { return []string{"eu-1"} }, Board: board,
		Version: version(s.Image), Sources: func() []update.Source {
			w.setting.Lock()
			defer w.setting.Unlock()
			return w.sources
		},
		Clock:   func() trust.Clock { return trust.Clock{Now: w.now(), Trusted: !w.untrusted} },
		Allowed: func(atOnce bool) bool { return !w.refused.Load() && (atOnce || !w.held.Load()) },
		Health: func() update.Health {
			w.setting.Lock()
			health := w.health
			w.setting.Unlock()
			return health(s.Image)
		},
		Tell: func(e update.Event) error {
			w.telling.Lock()
			defer w.telling.Unlock()
			if w.deaf == nil {
				w.events = append(w.events, e)
			}
			return w.deaf
		},
		Cause: w.cause, Log: box.Logger(w.t),
	}))
	w.cause = update.CauseUnknown
	w.starts = append(w.starts, s.Image+" "+string(w.Duty))
}

func (w *world) stop() {
	w.t.Helper()
	w.must(w.Off())
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
	w.Run(d, func() {
		w.stop()
		if w.onReboot != nil {
			w.onReboot()
		}
		w.boot()
	})
}

// order has the box take a wish, which it must accept.
func (w *world) order(v string, change ...func(*release.Wish)) string {
	w.t.Helper()
	a, err := w.Updater.Wish(w.t.Context(), w.wish(v, change...))
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
	if got := w.last(); w.Version != v || got.Phase != phase || got.Code != code {
		w.t.Errorf("%s runs and the wish ended %q %q (%s), want %s, %q, %q\nstarts %q", w.Version, got.Phase, got.Code, got.Words, v, phase, code, w.starts)
	}
	if s := w.Updater.Status(); s.Last == nil || s.Last.Phase != phase || s.Last.Code != code {
		w.t.Errorf("status tells %+v, want %q %q", s.Last, phase, code)
	}
}

func (w *world) floors() floors.Values {
	v, err := floors.Read(w.Whole())
	if err != nil && !errors.Is(err, floors.ErrLost) {
		w.t.Fatal(err)
	}
	return v
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
	c := w.Disk.Content()
	return otatest.NewImage(name, c.Bytes(at, slotSize))
}

func sum(b []byte) bundle.Digest { return sha256.Sum256(b) }
