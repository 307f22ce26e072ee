package update_test

import (
	"crypto/sha256"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"syncbox/ota/bundle"
	"syncbox/ota/order"
	"syncbox/ota/otatest"
	"syncbox/ota/otatest/box"
	"syncbox/ota/release"
	"syncbox/ota/update"
)

// image makes that of a version: a few sectors differ from that of any other.
func (w *world) image(v string) []byte {
	b := box.Image(v, imageSize)
	if w.noise != nil {
		w.noise(b[otatest.SectorSize:])
	}
	return b
}

// publish makes a release; change may spoil it.
func (w *world) publish(v, floor string, change ...func(r *release.Release)) {
	w.t.Helper()
	b := w.image(v)
	w.images[v] = b
	w.Judge.Images = append(w.Judge.Images, otatest.NewImage(v, b))
	path := filepath.Join(w.dir, v+".img")
	w.must(os.WriteFile(path, b, 0o600))
	kernel, initrd := otatest.Sums(b)
	r := release.Release{Version: version(v), Board: board, Image: path, SHA256: sha256.Sum256(b), Sums: map[string]string{"vmlinuz": kernel, "initrd": initrd},
		Floor: version(floor), Trial: times, Notes: map[string]string{"en": "what is new"}}
	for _, c := range change {
		c(&r)
	}
	w.publishOnce(r, v+" "+floor, len(change) == 0 && w.noise == nil && time.Since(w.begin) < time.Minute)
}

// made are repositories by what was published in them at the beginning of a world: most worlds begin alike.
var made = struct {
	sync.Mutex
	dirs map[string]string
}{dirs: map[string]string{}}

func (w *world) publishOnce(r release.Release, what string, usual bool) {
	w.t.Helper()
	repo := filepath.Join(w.dir, "repo")
	w.history += what + "\n"
	made.Lock()
	defer made.Unlock()
	if dir, ok := made.dirs[w.history]; ok && usual {
		w.must(os.RemoveAll(repo))
		w.must(os.CopyFS(repo, os.DirFS(dir)))
		var err error
		w.repo, err = release.Open(repo)
		w.must(err)
		return
	}
	_, err := w.repo.Publish(w.t.Context(), r, w.keys, w.now())
	w.must(err)
	if !usual {
		w.history += "unusual\n"
		return
	}
	dir, err := os.MkdirTemp(madeIn, "")
	w.must(err)
	w.must(os.CopyFS(dir, os.DirFS(repo)))
	made.dirs[w.history] = dir
}

var madeIn string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "releases")
	if err != nil {
		panic(err)
	}
	madeIn = dir
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

func version(v string) bundle.Version {
	got, err := bundle.ParseVersion(v)
	if err != nil {
		panic(err)
	}
	return got
}

// wish signs an order for a version.
func (w *world) wish(v string, change ...func(*release.Wish)) []byte {
	w.t.Helper()
	wish := release.Wish{To: "box:0001", Version: version(v), Board: board, Valid: order.MaxLife}
	for _, c := range change {
		c(&wish)
	}
	time.Sleep(time.Millisecond) // orders are told apart by their time
	b, err := w.repo.Wish(wish, w.keys, w.now(), rand.NewChaCha8([32]byte{byte(time.Since(w.begin).Milliseconds())}))
	w.must(err)
	return b
}

// forge has the box take an order that the fleet's key signed for something that may not be published.
func (w *world) forge(target order.Target) {
	w.t.Helper()
	time.Sleep(time.Millisecond)
	b, err := w.repo.Order(order.Order{To: "box:0001", Op: order.Desired, Target: &target}, release.Fleet, order.MaxLife, w.keys, w.now(), rand.NewChaCha8([32]byte{9}))
	w.must(err)
	a, err := w.Updater.Wish(w.t.Context(), b)
	w.must(err)
	if a.Phase != update.PhaseAccepted {
		w.t.Fatalf("order: %+v", a)
	}
}

// otherOrder signs an order that asks for no system.
func (w *world) otherOrder() []byte {
	w.t.Helper()
	time.Sleep(time.Millisecond)
	b, err := w.repo.Order(order.Order{To: "box:0001", Op: order.Identify}, release.Ops, order.MaxLife, w.keys, w.now(), rand.NewChaCha8([32]byte{9}))
	w.must(err)
	return b
}
