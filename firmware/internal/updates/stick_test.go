package updates_test

import (
	"context"
	"crypto/sha256"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/updates"
	"syncbox/image/disk"
	"syncbox/ota/bootstate"
	"syncbox/ota/bundle"
	"syncbox/ota/release"
	"syncbox/ota/trust"
	"syncbox/ota/update"
)

// rig is a box with a card, somebody who publishes, and what the box did.
type rig struct {
	t    *testing.T
	dir  string
	keys release.Keys
	repo *release.Repo
	part *updates.Part

	mu       sync.Mutex // protects what follows
	settings config.Updates
	jobs     []updates.Job
	jobsNow  func() []updates.Job // in place of jobs
	events   []string
	told     []update.Event
	deaf     error // of who is told
	reboots  int
}

func (r *rig) no(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// Event makes the rig a journal.
func (r *rig) Event(code string, _ map[string]string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, code)
}

func (r *rig) tell(e update.Event) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.deaf == nil {
		r.told = append(r.told, e)
	}
	return r.deaf
}

func (r *rig) theJobs() ([]updates.Job, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.jobsNow != nil {
		return r.jobsNow(), true
	}
	return r.jobs, true
}

var (
	oldVersion = bundle.Version{Major: 1}
	newVersion = bundle.Version{Major: 1, Minor: 1}
)

// image makes the image of a slot, most of which is that of any other version.
func image(v bundle.Version) []byte {
	b := make([]byte, 2<<20+4096)
	_, _ = rand.NewChaCha8([32]byte{9}).Read(b)
	copy(b[1<<20:], v.String())
	return b
}

// newRig makes a box that runs the old version, and publishes the new one.
func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t, dir: t.TempDir(), settings: config.Updates{Automatic: true}}
	var err error
	r.keys, err = release.NewKeys(rand.NewChaCha8([32]byte{1}))
	r.no(err)
	r.repo, err = release.Init(filepath.Join(r.dir, "repository"), r.keys, time.Now())
	r.no(err)
	for _, v := range []bundle.Version{oldVersion, newVersion} {
		path := filepath.Join(r.dir, v.String())
		r.no(os.WriteFile(path, image(v), 0o600))
		_, err := r.repo.Publish(t.Context(), release.Release{Version: v, Board: "arm64", Image: path, SHA256: sha256.Sum256(image(v)),
			Sums: map[string]string{"vmlinuz": "1a", "initrd": "2b"}, Trial: bundle.Trial{Settle: 1, Network: 1}}, r.keys, time.Now())
		r.no(err)
	}
	path := filepath.Join(r.dir, "card")
	r.no(disk.Write(path, disk.Parts{DataSize: 1 << 20, State: bootstate.First()}))
	card, err := os.OpenFile(path, os.O_WRONLY, 0)
	r.no(err)
	_, err = card.WriteAt(image(oldVersion), disk.SlotAOffset)
	r.no(err)
	r.no(card.Close())
	r.open()
	return r
}

func (r *rig) open() {
	root, err := os.ReadFile(r.repo.RootFile())
	r.no(err)
	r.part, err = updates.Open(updates.Config{Disk: filepath.Join(r.dir, "card"), Folder: filepath.Join(r.dir, "ota"), Start: bootstate.Start{Slot: bootstate.A},
		System:   updates.System{Version: oldVersion, Board: "arm64", Root: root},
		Box:      func() string { return "box" },
		Groups:   func() []string { return []string{"eu-1"} },
		Tell:     r.tell,
		Settings: func() config.Updates { r.mu.Lock(); defer r.mu.Unlock(); return r.settings },
		Jobs:     r.theJobs,
		Support:  func() updates.Support { return updates.Support{} },
		Codes:    func() []string { return nil }, Link: func() bool { return true },
		Clock:  func() trust.Clock { return trust.Clock{Now: time.Now(), Trusted: true} },
		Reboot: func() { r.mu.Lock(); defer r.mu.Unlock(); r.reboots++ }, Journal: r, Log: slog.New(slog.DiscardHandler)})
	r.no(err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.part.Run(ctx) }()
	r.t.Cleanup(func() {
		cancel()
		r.no(<-ended)
		r.no(r.part.Close())
	})
}

// wish signs an order for the new version.
func (r *rig) wish(to string) []byte { return r.wishFor(to, newVersion) }

func (r *rig) wishFor(to string, v bundle.Version) []byte {
	time.Sleep(time.Millisecond) // orders are told apart by their time
	now := time.Now()
	text, err := r.repo.Wish(release.Wish{To: to, Version: v, Board: "arm64", Valid: time.Hour}, r.keys, now, rand.NewChaCha8([32]byte{byte(now.UnixMilli())}))
	r.no(err)
	return text
}

// written makes sure that the new version is on the card, and starts next.
func (r *rig) written() {
	r.t.Helper()
	card, err := os.Open(filepath.Join(r.dir, "card"))
	r.no(err)
	defer card.Close()
	state, err := bootstate.Read(card)
	r.no(err)
	want := image(newVersion)
	got := make([]byte, len(want))
	_, err = card.ReadAt(got, disk.SlotBOffset)
	r.no(err)
	if state.Try != bootstate.B || sha256.Sum256(got) != sha256.Sum256(want) {
		r.t.Errorf("the boot state is %+v, slot b has %x", state, sha256.Sum256(got))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.reboots == 0 {
		r.t.Error("no restart was asked for")
	}
}

// TestFromStick: an order and what it names come on a stick, at an hour at which the box would not update itself.
//
// Requirement: ACO-70
func TestFromStick(t *testing.T) {
	r := newRig(t)
	r.settings.Automatic = false
	stick := t.TempDir()
	r.no(r.repo.CopyRelease(stick, newVersion, "arm64"))
	if version, code := r.part.FromStick(t.Context(), os.DirFS(stick), r.wish("box:another")); version != "" || code != "order-not-me" {
		t.Errorf("another box's order: got %q, %q", version, code)
	}
	if version, code := r.part.FromStick(t.Context(), os.DirFS(stick), []byte("{}")); version != "" || code != "order-bad-envelope" {
		t.Errorf("no order: got %q, %q", version, code)
	}
	version, code := r.part.FromStick(t.Context(), os.DirFS(stick), r.wish("box:box"))
	if version != "1.1.0" || code != "" {
		t.Fatalf("got %q, %q: %+v", version, code, r.part.Status())
	}
	r.written()
}

// TestStickSaysNothingOfLaterOrders: a stick whose order has ended, put in once more, does not have the next order taken up
// outside of the customer's hours.
func TestStickSaysNothingOfLaterOrders(t *testing.T) {
	r := newRig(t)
	r.settings.Automatic = false
	stick := t.TempDir()
	r.no(r.repo.CopyRelease(stick, oldVersion, "arm64"))
	order := r.wishFor("box:box", oldVersion) // which runs
	for range 2 {
		if version, code := r.part.FromStick(t.Context(), os.DirFS(stick), order); version != "1.0.0" || code != "" {
			t.Fatalf("got %q, %q: %+v", version, code, r.part.Status())
		}
	}
	r.accepted(r.wish("box:box"))
	if r.part.Allowed(false) {
		t.Error("a person is said to want the next one now")
	}
}

// accepted has the box take an order.
func (r *rig) accepted(envelope []byte) string {
	r.t.Helper()
	a, err := r.part.Wish(r.t.Context(), envelope)
	r.no(err)
	if a.Phase != update.PhaseAccepted {
		r.t.Fatalf("got %+v", a)
	}
	return a.ID
}

// TestFromSpoiltStick: what is not what was signed is not taken, and said so; a good stick with the same order is.
func TestFromSpoiltStick(t *testing.T) {
	r := newRig(t)
	stick := t.TempDir()
	r.no(r.repo.CopyRelease(stick, newVersion, "arm64"))
	all, err := filepath.Glob(filepath.Join(stick, "targets/*/*/*"))
	r.no(err)
	for _, path := range all {
		text, err := os.ReadFile(path)
		r.no(err)
		text[len(text)/2] ^= 1
		r.no(os.WriteFile(path, text, 0o600))
	}
	order := r.wish("box:box")
	if version, code := r.part.FromStick(t.Context(), os.DirFS(stick), order); version != "1.1.0" || code != "update-payload" {
		t.Errorf("of %d spoilt files: got %q, %q", len(all), version, code)
	}
	r.mu.Lock()
	if r.reboots > 0 {
		t.Error("a restart was asked for")
	}
	r.mu.Unlock()
	good := t.TempDir() // the same order, with files as they were signed
	r.no(r.repo.CopyRelease(good, newVersion, "arm64"))
	if version, code := r.part.FromStick(t.Context(), os.DirFS(good), order); version != "1.1.0" || code != "" {
		t.Fatalf("a good stick after a spoilt one: got %q, %q: %+v", version, code, r.part.Status())
	}
	r.written()
}
