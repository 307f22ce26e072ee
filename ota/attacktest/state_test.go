package attacktest_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"syncbox/ota/fetch"
	"syncbox/ota/floors"
	"syncbox/ota/release"
	"syncbox/ota/trust"
)

// spoilt are ways in which the file of the trust state may be lost.
var spoilt = map[string]func(path string) error{
	"the file is gone":  os.Remove,
	"the file is empty": func(path string) error { return os.Truncate(path, 0) },
	"the file is cut in half": func(path string) error {
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		return os.Truncate(path, info.Size()/2)
	},
	"the file is cut in a page": func(path string) error { return os.Truncate(path, 5000) },
	"noise all over the file":   func(path string) error { return noise(path, 1) },
	"noise in every fifth byte": func(path string) error { return noise(path, 5) },
	"a folder in its place": func(path string) error {
		if err := os.Remove(path); err != nil {
			return err
		}
		return os.MkdirAll(filepath.Join(path, "x"), 0o755)
	},
}

func noise(path string, every int) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	random := rand.New(rand.NewPCG(1, 2))
	for i := 0; i < len(b); i += every {
		b[i] = byte(random.Uint32())
	}
	return os.WriteFile(path, b, 0o600)
}

// 13. Neither does lost memory let older releases in, nor does it lock the box out.
func TestAttackTornTrustState(t *testing.T) {
	for how, spoil := range sorted(spoilt) {
		attack(t, 13, how+", then the state of before", func(w *world) {
			w.restart(func() { w.must(spoil(filepath.Join(w.dir, "update.db"))) })
			w.use(w.serve(stage("1.0.0")))
			w.expect(w.check(), "update-rollback")
			w.order("1.1.0")
			w.run(3 * time.Hour)
			w.still("1.1.0")
			w.use(w.honest)
			w.expect(w.check(), "")
		})
	}
	attack(t, 13, "the floors on the disk are gone, then the state of before", func(w *world) {
		w.restart(func() {
			for _, at := range []int64{floors.Offset1, floors.Offset2} {
				_, err := w.Whole().WriteAt(make([]byte, 512), at)
				w.must(err)
			}
		})
		w.use(w.serve(stage("1.0.0")))
		w.expect(w.check(), "update-rollback")
		w.still("1.1.0")
	})
	attack(t, 13, "one block of the floors is torn, and the file is gone", func(w *world) {
		w.must(w.repo.Refresh(w.keys, w.now()))
		w.changed = true
		w.expect(w.check(), "")
		w.restart(func() {
			_, err := w.Whole().WriteAt([]byte("torn"), floors.Offset1)
			w.must(err)
			w.must(os.Remove(filepath.Join(w.dir, "update.db")))
		})
		w.use(w.serve(stage("1.0.0")))
		w.expect(w.check(), "update-rollback")
		w.still("1.1.0")
	})
}

// TestAttackTornItems cuts each stored item at a hundred places, and the whole at each byte: an honest server is believed, one of before is not.
func TestAttackTornItems(t *testing.T) {
	p := &played{number: 13, attack: "TornTrustState", how: "each stored item cut at a hundred places", stopped: []code{"update-rollback"}}
	defer p.done(t)
	root, err := os.ReadFile(filepath.Join(stage("1.1.0"), "metadata", "1.root.json"))
	if err != nil {
		t.Fatal(err)
	}
	anchor := trust.Anchor{Root: root}
	follow := func(s trust.State, v string) (trust.State, error) {
		s, _, err := anchor.Refresh(context.Background(), fetch.Folder{FS: os.DirFS(stage(v))}, s, s.Versions, trust.Clock{Now: epoch, Trusted: true})
		return s, err
	}
	whole, err := follow(trust.State{}, "1.1.0")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for name, item := range sorted(map[string]func(*trust.State) *[]byte{
		"root": func(s *trust.State) *[]byte { return &s.Root }, "timestamp": func(s *trust.State) *[]byte { return &s.Timestamp },
		"snapshot": func(s *trust.State) *[]byte { return &s.Snapshot }, "targets": func(s *trust.State) *[]byte { return &s.Targets },
	}) {
		length := len(*item(&whole))
		for cut := 0; cut < length; cut += max(1, length/100) {
			s := whole
			b := (*item(&s))[:cut:cut]
			*item(&s) = b
			if _, err := follow(s, "1.2.0"); err != nil {
				t.Fatalf("%s cut at %d: an honest server is refused: %v", name, cut, err)
			}
			if _, err := follow(s, "1.0.0"); trust.CodeOf(err) != trust.Rollback {
				t.Fatalf("%s cut at %d: the state of before: %v", name, cut, err)
			}
			n++
		}
	}
	stored, err := whole.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	for cut := range len(stored) {
		if _, err := trust.Unmarshal(stored[:cut]); err == nil {
			t.Fatalf("a state cut at %d of %d counts as whole", cut, len(stored))
		}
	}
	t.Logf("%d cuts of items, %d of the state", n, len(stored))
}

// 14. A reset gives back the box, and no older release. It keeps the trust state; the last way here loses it as well.
func TestAttackFactoryReset(t *testing.T) {
	reset := func(w *world) {
		all, err := filepath.Glob(filepath.Join(w.dir, "data-*"))
		w.must(err)
		for _, f := range all {
			w.must(os.Remove(f))
		}
	}
	for how, lose := range sorted(map[string]bool{"all but the trust state is erased": false, "the trust state as well": true}) {
		attack(t, 14, how+", then an older release", func(w *world) {
			w.publish("1.2.0", "1.1.0")
			w.order("1.2.0")
			w.run(26 * time.Hour) // the floor is 1.1.0 now
			w.still("1.2.0")
			w.restart(func() {
				reset(w)
				if lose {
					w.must(os.Remove(filepath.Join(w.dir, "update.db")))
				}
			})
			w.use(w.serve(stage("1.1.0")))
			w.expect(w.check(), "update-rollback")
			w.must(w.repo.Refresh(w.keys, w.now()))
			w.use(w.honest)
			w.order("1.1.0")
			w.run(3 * time.Hour)
			w.says("update-downgrade")
			w.order("1.0.0", func(r *release.Wish) { r.Downgrade = true })
			w.run(3 * time.Hour)
			w.says("update-below-floor")
			w.still("1.2.0")
		})
	}
}

// 15. A clock that lies neither lets old things in nor locks the box out for good.
func TestAttackClock(t *testing.T) {
	set := func(w *world, year int, trusted bool) {
		w.setClock(func() trust.Clock {
			return trust.Clock{Now: time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Since(w.begin)), Trusted: trusted}
		})
	}
	right := func(w *world) {
		w.setClock(func() trust.Clock { return trust.Clock{Now: w.now(), Trusted: true} })
	}
	for _, trusted := range []bool{false, true} {
		attack(t, 15, fmt.Sprintf("1970, believed: %t: an ended state is no younger", trusted), func(w *world) {
			th := w.thief()
			w.run(8 * day)
			w.must(w.repo.Refresh(w.keys, w.now()))
			w.changed = true
			w.expect(w.check(), "")
			w.restart(func() { set(w, 1970, trusted) })
			w.use(th.serve())
			w.expect(w.check(), "update-rollback")
			w.still("1.1.0")
			right(w)
		})
		attack(t, 15, fmt.Sprintf("1970, believed: %t: the honest release goes on", trusted), func(w *world) {
			w.publish("1.2.0", "1.1.0")
			w.restart(func() { set(w, 1970, trusted) })
			w.order("1.2.0")
			w.run(3 * time.Hour)
			w.still("1.2.0")
			right(w)
		})
		attack(t, 15, fmt.Sprintf("2099, believed: %t, then right again", trusted), func(w *world) {
			w.restart(func() { set(w, 2099, trusted) })
			w.check()
			w.run(2 * day)
			w.still("1.1.0")
			w.restart(func() { right(w) })
		})
	}
	attack(t, 15, "an order that has ended, and a clock of 1970", func(w *world) {
		w.publish("1.2.0", "1.1.0")
		old := w.wish("1.2.0")
		w.run(8 * day)
		w.must(w.repo.Refresh(w.keys, w.now()))
		w.expect(w.check(), "")
		w.restart(func() { set(w, 1970, false) })
		w.expect(w.send(old), "expired")
		w.still("1.1.0")
		right(w)
	})
}
