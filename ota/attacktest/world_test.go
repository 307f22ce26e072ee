package attacktest_test

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"syncbox/ota/bootstate"
	"syncbox/ota/fetch"
	"syncbox/ota/floors"
	"syncbox/ota/order"
	"syncbox/ota/otatest"
	"syncbox/ota/otatest/box"
	"syncbox/ota/release"
	"syncbox/ota/slot"
	"syncbox/ota/trust"
	"syncbox/ota/update"
)

const (
	slotSize  = 3 << 20
	imageSize = 5 << 19 // two windows and a half
	board     = "arm64"
	boxName   = "SB-0001"
	day       = 24 * time.Hour
)

var layout = otatest.Layout{A: 4 << 20, B: 4<<20 + slotSize, SlotSize: slotSize}

// epoch is the true time at which a world begins.
var epoch = time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)

// world is a maker, a box that runs his release 1.1.0, and whoever stands between them. In it, time is the test's.
type world struct {
	t       *testing.T
	dir     string
	begin   time.Time
	keys    release.Keys
	repo    *release.Repo
	root    []byte
	changed bool // by what an attack had the maker do

	images map[string][]byte // what the maker has published, by version

	box.Box
	mu      sync.Mutex // for the box asks while the test sets
	sources []update.Source
	clock   func() trust.Clock
	codes   []update.Code // of whatever did not go on, each once

	// What an attack sets before the next start.
	slot     func(slot.Device) slot.Device // between the box and its slots
	cause    update.Cause                  // of the next start
	tampered bool                          // somebody has written to a slot behind the box's back

	orders  int64
	thieves int
	servers int
	honest  *server
}

// newWorld has 1.0.0 and 1.1.0 published, 1.1.0 on the box, which has looked for updates once.
func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), begin: time.Now(), keys: makersKeys(), images: map[string][]byte{}}
	w.clock = func() trust.Clock { return trust.Clock{Now: w.now(), Trusted: true} }
	w.slot = func(d slot.Device) slot.Device { return d }
	w.Judge.Layout = layout
	w.takeStage("1.1.0")
	var err error
	w.root, err = os.ReadFile(w.repo.RootFile())
	w.must(err)
	w.must(w.Factory(w.images["1.1.0"]))
	w.honest = w.serve(w.repoDir())
	w.use(w.honest)
	w.boot()
	w.must(w.Updater.Check(t.Context()))
	return w
}

func (w *world) repoDir() string { return filepath.Join(w.dir, "repo") }

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) now() time.Time { return epoch.Add(time.Since(w.begin)) }

// boot starts the box as the boot loader chooses. What may start must be what the maker has published.
func (w *world) boot() {
	w.t.Helper()
	c := w.Disk.Content()
	s, err := w.Judge.Boot(&c)
	if w.tampered { // with the disk: then the boot loader alone stands in the way
		s.Decision = otatest.Select(&c, layout)
		s.Image, err = w.Judge.Holds(&c, s.Slot), nil
	}
	w.must(err)
	if s.Image == "" {
		w.t.Fatalf("a slot that holds no image of the maker starts: %v", s)
	}
	w.must(w.On(s, update.Config{
		A: w.slot(w.SlotOf("a")), B: w.slot(w.SlotOf("b")), Database: filepath.Join(w.dir, "update.db"),
		Anchor: trust.Anchor{Root: w.root, Built: epoch.Add(-time.Hour)}, Box: boxName, Groups: func() []string { return []string{"eu-1"} }, Board: board,
		Version: version(s.Image), Sources: w.sourcesNow, Clock: w.clockNow,
		Allowed: func(bool) bool { return true },
		Health: func() update.Health {
			return update.Health{Link: true, Checks: []update.Check{{Name: "data", Kind: update.Local, Result: update.Passed}}}
		},
		Tell:  func(e update.Event) error { w.note(e.Code); return nil },
		Cause: w.cause, Log: box.Logger(w.t),
	}))
	w.cause = update.CauseUnknown
}

func (w *world) stop() {
	w.t.Helper()
	w.must(w.Off())
}

// restart cuts the power and starts the box again; between does something to its disk.
func (w *world) restart(between func()) {
	w.t.Helper()
	w.stop()
	between()
	w.boot()
}

// run lets time pass, and the box restart when it wants to.
func (w *world) run(d time.Duration) {
	w.t.Helper()
	w.Run(d, func() { w.restart(func() {}) })
	w.note(codeOf(w.Updater.Status().Problem))
}

// note keeps a code for the table.
func (w *world) note(code update.Code) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if code != "" && !slices.Contains(w.codes, code) {
		w.codes = append(w.codes, code)
	}
}

// check has the box look for what is published; the code of what it says is kept.
func (w *world) check() update.Code {
	err := w.Updater.Check(w.t.Context())
	code := codeOf(err)
	w.note(code)
	if err != nil && code == "" {
		w.t.Errorf("an error without a code: %v", err)
	}
	return code
}

func codeOf(err error) update.Code {
	if err == nil {
		return ""
	}
	return update.CodeOf(err)
}

// wish signs an order for a version, with the maker's keys.
func (w *world) wish(v string, change ...func(*release.Wish)) []byte {
	w.t.Helper()
	wish := release.Wish{To: "box:" + boxName, Version: version(v), Board: board, Valid: order.MaxLife}
	for _, c := range change {
		c(&wish)
	}
	b, err := w.repo.Wish(wish, w.keys, w.next(), rand.NewChaCha8([32]byte{byte(w.orders)}))
	w.must(err)
	return b
}

// next gives a time for an order: orders are told apart by their millisecond.
func (w *world) next() time.Time {
	w.orders++
	time.Sleep(time.Millisecond)
	return w.now()
}

// send gives the box an order, and gives the code of its refusal.
func (w *world) send(envelope []byte) update.Code {
	w.t.Helper()
	a, err := w.Updater.Wish(w.t.Context(), envelope)
	w.must(err)
	w.note(a.Code)
	if a.Phase == update.PhaseRejected && a.Code == "" {
		w.t.Errorf("the box answers %+v", a)
	}
	return a.Code
}

// order gives the box an order of the maker, which it must take.
func (w *world) order(v string, change ...func(*release.Wish)) {
	w.t.Helper()
	if code := w.send(w.wish(v, change...)); code != "" {
		w.t.Fatalf("an order of the maker for %s: %s", v, code)
	}
}

// still says that the attack has achieved nothing so far: the box runs what it did.
func (w *world) still(v string) {
	w.t.Helper()
	if got := w.Updater.Status().Version; w.Version != v || got != version(v) {
		w.t.Errorf("%s runs, and says %s, want %s", w.Version, got, v)
	}
	c := w.Disk.Content()
	if _, err := w.Judge.Boot(&c); err != nil && !w.tampered {
		w.t.Errorf("with the power cut now: %v", err)
	}
}

// recovers ends an attack: with the honest server alone, the box does what the maker orders, without anybody being there.
func (w *world) recovers() {
	w.t.Helper()
	w.use(w.honest)
	if w.images["1.2.0"] == nil {
		w.publish("1.2.0", "1.1.0")
	}
	w.must(w.repo.Refresh(w.keys, w.now()))
	w.run(time.Minute)
	w.order("1.2.0")
	w.run(7 * time.Hour)
	w.still("1.2.0")
	if s := w.Updater.Status(); s.Last == nil || s.Last.Phase != update.PhaseSucceeded || s.Problem != nil {
		w.t.Errorf("the honest order ended with %+v, problem %v", s.Last, s.Problem)
	}
	w.run(25 * time.Hour)
	if v, err := floors.Read(w.Whole()); err != nil || v.Release != version("1.1.0").Number() || v.Timestamp == 0 {
		w.t.Errorf("floors %+v, %v", v, err)
	}
}

// said gives the codes so far.
func (w *world) said() []update.Code {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.codes)
}

// use makes servers the only sources, the first one first.
func (w *world) use(servers ...*server) {
	w.t.Helper()
	var all []update.Source
	for _, s := range servers {
		source, err := fetch.NewServer(fetch.Config{URL: "http://" + s.name, Transport: s.transport})
		w.must(err)
		all = append(all, update.Source{Name: s.name, Files: source})
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sources = all
}

// stick makes a folder the first source.
func (w *world) stick(dir string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sources = slices.Insert(w.sources, 0, update.Source{Name: "stick", Files: fetch.Folder{FS: os.DirFS(dir), Name: "stick"}, Local: true})
}

func (w *world) sourcesNow() []update.Source {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.sources)
}

// setClock gives the box another clock.
func (w *world) setClock(clock func() trust.Clock) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clock = clock
}

func (w *world) clockNow() trust.Clock {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.clock()
}

func (w *world) state() bootstate.State {
	w.t.Helper()
	s, err := w.State()
	w.must(err)
	return s
}
