package attacktest_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"syncbox/ota/bundle"
	"syncbox/ota/delta"
	"syncbox/ota/fetch"
	"syncbox/ota/otatest"
	"syncbox/ota/trust"
)

// taken gives how many bytes of memory f asks for in all, which is more than it ever holds at once.
func taken(f func()) int64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return int64(after.TotalAlloc - before.TotalAlloc)
}

// TestBrokenLists: window lists that can't be used are told before anything is made of them.
func TestBrokenLists(t *testing.T) {
	for name, b := range sorted(fixture(t, "list")) {
		if _, err := bundle.ParseList(b, imageSize); !errors.Is(err, bundle.ErrList) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// memory is what the decoding of one frame may take: the goal of the whole updater.
const memory = 16 << 20

// decode gives the error of a frame that is to make two windows, and how many came out.
func decode(t *testing.T, name string, format bundle.Format, frame, old []byte) (windows int, err error) {
	t.Helper()
	n := taken(func() {
		err = delta.Decode(format, frame, bytes.NewReader(old), int64(len(old)), []int{bundle.WindowSize, bundle.WindowSize}, func(w []byte) error {
			if len(w) != bundle.WindowSize {
				t.Errorf("%s: a window of %d bytes", name, len(w))
			}
			windows++
			return nil
		})
	})
	if n > memory {
		t.Errorf("%s: %d bytes of memory", name, n)
	}
	if windows > 2 {
		t.Errorf("%s: %d windows", name, windows)
	}
	return windows, err
}

// 16. A decoder takes no more memory for a hostile frame than for a true one, and says that it is hostile. Boxes decode only
// what two keys have signed; this is what holds if they are stolen.
func TestAttackBomb(t *testing.T) {
	p := &played{number: 16, attack: "Bomb", how: "frames of testdata/ota: at most 16 MiB of memory, no window too many"}
	defer p.done(t)
	old := random(60, 2*bundle.WindowSize)
	for name, b := range sorted(fixture(t, "full")) {
		if n, err := decode(t, "full/"+name, bundle.Full, b, nil); err == nil {
			t.Errorf("full/%s makes %d windows", name, n)
		}
	}
	for name, b := range sorted(fixture(t, "delta")) {
		if n, err := decode(t, "delta/"+name, bundle.Delta, b, old); err == nil {
			t.Errorf("delta/%s makes %d windows", name, n)
		}
	}
}

// TestAttackBombBox has the box itself meet them: signed, ordered, and as a delta with the true whole image beside it.
func TestAttackBombBox(t *testing.T) {
	for _, name := range []string{"bomb-1-gib", "window-of-2-tib", "size-of-8-eib", "noise"} {
		attack(t, 16, "a signed release whose payload is full/"+name, func(w *world) {
			frame := fixture(w.t, "full")[name]
			th := w.thief(w.keys...)
			th.targets(func(_, targets object) {
				list := bundle.List{Frames: []bundle.Frame{{Windows: 3, Bytes: len(frame), SHA256: sha256.Sum256(frame)}}}
				for range bundle.WindowCount(imageSize) {
					list.Windows = append(list.Windows, sha256.Sum256(bytes.Repeat([]byte("A"), bundle.WindowSize)))
				}
				th.offer(targets, "1.2.0/arm64/full", "1.2.0", evil(), frame, list)
			})
			w.use(th.serve())
			w.orderEvil()
			w.run(3 * time.Hour)
			w.says("update-payload")
			w.still("1.1.0")
			w.supersede(th)
		})
	}
	attack(t, 16, "a signed release that is larger than a slot", func(w *world) {
		image := append(evil(), make([]byte, slotSize-imageSize+otatest.SectorSize)...)
		th := w.thief(w.keys...)
		th.targets(func(_, targets object) { th.full(targets, "1.2.0", image) })
		w.use(th.serve())
		w.expect(w.send(envelope(w.wishFor("1.2.0", image, nil), w.key("fleet", 0))), "")
		w.run(3 * time.Hour)
		w.says("update-too-large")
		w.still("1.1.0")
		w.supersede(th)
	})
	for _, name := range []string{"ones", "largest-varints", "noise-7"} {
		attack(t, 16, "a signed delta that is delta/"+name+": the whole image instead", func(w *world) {
			frame, image := fixture(w.t, "delta")[name], system("1.2.0")
			th := w.thief(w.keys...)
			th.targets(func(_, targets object) {
				floor := func(m object) { m["floor"] = "1.1.0" }
				th.full(targets, "1.2.0", image, floor)
				list := bundle.List{Frames: []bundle.Frame{{Windows: 3, Bytes: len(frame), SHA256: sha256.Sum256(frame)}}}
				for i, size := range bundle.WindowSizes(imageSize, 0, bundle.WindowCount(imageSize)) {
					list.Windows = append(list.Windows, sha256.Sum256(image[i*bundle.WindowSize:][:size]))
				}
				th.offer(targets, "1.2.0/arm64/1.1.0", "1.2.0", image, frame, list, floor, func(m object) {
					m["format"], m["from"] = "delta", object{"sha256": sumText(system("1.1.0")), "bytes": imageSize}
				})
			})
			w.takeOver(th)
			w.know("1.2.0")
			w.use(th.serve())
			w.expect(w.send(envelope(w.wishFor("1.2.0", image, nil), w.key("fleet", 0))), "")
			w.run(3 * time.Hour)
			w.still("1.2.0")
		})
	}
}

// TestBrokenDeltas spoils true deltas, in ways that a seed draws: they must make the true windows or none, and never panic.
func TestBrokenDeltas(t *testing.T) {
	old := system("1.0.0")[:2*bundle.WindowSize]
	image := system("1.1.0")[:2*bundle.WindowSize]
	copy(image[1000:], image[5000:300_000])
	var payload bytes.Buffer
	list, err := delta.Make(&payload, old, image)
	if err != nil {
		t.Fatal(err)
	}
	if len(list.Frames) != 1 {
		t.Fatalf("%d frames", len(list.Frames))
	}
	good := payload.Bytes()
	if n, err := decode(t, "true delta", bundle.Delta, good, old); err != nil || n != 2 {
		t.Fatalf("the true one makes %d windows: %v", n, err)
	}
	random := rand.New(rand.NewPCG(16, 1))
	refused := 0
	for range 400 {
		b := bytes.Clone(good)
		switch random.IntN(5) {
		case 0:
			b = b[:random.IntN(len(b))]
		case 1:
			b[random.IntN(min(len(b), 64))] = 0xff
		case 2:
			for range 1 + random.IntN(8) {
				b[random.IntN(len(b))] ^= byte(1 << random.IntN(8))
			}
		case 3:
			at := random.IntN(len(b))
			copy(b[at:], bytes.Repeat([]byte{byte(random.Uint32())}, 20))
		case 4:
			b = append(b, make([]byte, 1+random.IntN(100))...)
		}
		if _, err := decode(t, "broken delta", bundle.Delta, b, old); err != nil {
			refused++
		}
	}
	t.Logf("%d of 400 refused by the decoder, the others by their hash", refused)
}

// TestBrokenMetadata serves each file in the place of each file of metadata: no panic, nothing believed, and an honest server
// is believed afterwards. Those that are signed are so by all keys.
func TestBrokenMetadata(t *testing.T) {
	root, err := os.ReadFile(filepath.Join(stage("1.1.0"), "metadata", "1.root.json"))
	if err != nil {
		t.Fatal(err)
	}
	anchor, clock := trust.Anchor{Root: root}, trust.Clock{Now: epoch, Trusted: true}
	refresh := func(src trust.Source, s trust.State) (trust.State, *trust.Targets, error) {
		return anchor.Refresh(context.Background(), src, s, s.Versions, clock)
	}
	folder := func(v string) fetch.Folder { return fetch.Folder{FS: os.DirFS(stage(v))} }
	known, _, err := refresh(folder("1.1.0"), trust.State{})
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range sorted(fixture(t, "metadata")) {
		for _, as := range []string{"metadata/2.root.json", "metadata/timestamp.json", "metadata/4.snapshot.json", "metadata/4.targets.json"} {
			s, targets, err := refresh(swapped{folder("1.2.0"), as, b}, known)
			if err == nil && !strings.HasPrefix(name, "root-") { // a root that is signed and can be used is a root
				t.Errorf("%s as %s is believed: %+v", name, as, targets)
			}
			if s.Versions.Targets > known.Versions.Targets && err != nil {
				t.Errorf("%s as %s: versions %+v", name, as, s.Versions)
			}
			if strings.HasPrefix(name, "root-") && s.Versions.Root > 1 {
				continue // nothing but the thief's root counts from now on: two keys of root are two keys of root
			}
			if _, _, err := refresh(folder("1.2.0"), s); err != nil {
				t.Errorf("after %s as %s an honest server is refused: %v", name, as, err)
			}
		}
		for item, stored := range map[string]trust.State{
			"root": {Root: b}, "timestamp": {Timestamp: b}, "snapshot": {Snapshot: b}, "targets": {Targets: b}, "all": {Root: b, Timestamp: b, Snapshot: b, Targets: b},
		} {
			stored.Versions = known.Versions
			if kind, _, signed := strings.Cut(name, "-"); signed && (kind == "root" || kind == "timestamp") && (item == kind || item == "all") {
				continue // signed by its keys: it counts
			}
			if _, _, err := refresh(folder("1.2.0"), stored); err != nil {
				t.Errorf("with %s stored as %s an honest server is refused: %v", name, item, err)
			}
		}
	}
}

// swapped gives another content for one name.
type swapped struct {
	fetch.Folder
	name    string
	content []byte
}

func (s swapped) Get(ctx context.Context, name string, most int64) ([]byte, error) {
	if name == s.name {
		return bytes.Clone(s.content), nil
	}
	return s.Folder.Get(ctx, name, most)
}

// TestAttackBrokenOrders sends each to one box.
func TestAttackBrokenOrders(t *testing.T) {
	attack(t, 11, "orders of testdata/ota", func(w *world) {
		for name, b := range sorted(fixture(t, "order")) {
			if code := w.send(b); code == "" {
				w.t.Errorf("%s is taken", name)
			}
		}
		w.run(3 * time.Hour)
		w.still("1.1.0")
	})
}
