package attacktest_test

import (
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"syncbox/ota/release"
	"syncbox/ota/trust"
	"syncbox/ota/update"
)

// 4. A thief of the online keys drives the versions up. Only a new root without these keys makes the box forget them.
func TestAttackFastForward(t *testing.T) {
	forward := func(w *world, version int64) *thief {
		th := w.thief(w.key("snapshot", 0), w.key("timestamp", 0))
		th.snapshot(func(signed object) { signed["version"] = version })
		th.timestamp(func(signed object) { signed["version"] = version })
		w.use(th.serve())
		w.expect(w.check(), "")
		if v := w.Updater.Status().Versions; v.Timestamp != version || v.Snapshot != version {
			w.t.Errorf("the thief has got the box to %+v", v)
		}
		w.use(w.honest)
		w.expect(w.check(), "update-rollback")
		return th
	}
	for name, version := range sorted(map[string]int64{"far": 1 << 40, "to the end": math.MaxInt64}) {
		attack(t, 4, "versions driven "+name+", then new keys", func(w *world) {
			th := forward(w, version)
			w.rotate("ops")
			w.expect(w.check(), "update-rollback") // other keys make it forget nothing
			w.rotate("snapshot", "timestamp")
			w.expect(w.check(), "")
			w.use(th.serve())
			w.check() // nothing new, or refused
			if v := w.Updater.Status().Versions; v.Timestamp >= version || v.Snapshot >= version {
				w.t.Errorf("the thief has the box again: %+v", v)
			}
			w.still("1.1.0")
		})
	}
	attack(t, 4, "versions driven far, the box restarts, then new keys", func(w *world) {
		forward(w, 1<<40)
		w.restart(func() {})
		w.expect(w.check(), "update-rollback")
		w.restart(func() { w.must(os.Remove(filepath.Join(w.dir, "update.db"))) })
		w.expect(w.check(), "update-rollback")
		w.rotate("snapshot", "timestamp")
		w.expect(w.check(), "")
		w.still("1.1.0")
	})
}

// 5. A server that shows the same state for ever is found out after a week.
func TestAttackIndefiniteFreeze(t *testing.T) {
	attack(t, 5, "the same timestamp for a month", func(w *world) {
		th := w.thief()
		w.publish("1.2.0", "1.1.0")
		w.use(th.serve())
		w.run(6 * day)
		if s := w.Updater.Status(); s.Frozen {
			w.t.Errorf("frozen after six days: %+v", s)
		}
		w.run(24 * day)
		if s := w.Updater.Status(); !s.Frozen {
			w.t.Errorf("a month, and the box notices nothing: %+v", s)
		}
		w.says("update-frozen")
		w.still("1.1.0")
	})
	attack(t, 5, "the same order for a month", func(w *world) {
		w.publish("1.2.0", "1.1.0")
		old := w.wish("1.2.0")
		w.run(8 * day)
		w.must(w.repo.Refresh(w.keys, w.now()))
		w.expect(w.send(old), "expired")
		w.run(time.Hour)
		w.still("1.1.0")
	})
	attack(t, 5, "the same timestamp, to a box that does not know the time", func(w *world) {
		th := w.thief()
		w.setClock(func() trust.Clock { return trust.Clock{Now: time.Unix(0, 0)} })
		w.use(th.serve())
		w.run(30 * day)
		w.still("1.1.0")
	})
}

// 7. Parts of different states are not put together.
func TestAttackMixAndMatch(t *testing.T) {
	for how, tt := range sorted(map[string]struct {
		mix  func(th *thief, old string)
		want update.Code
	}{
		"old targets in a new snapshot":      {func(th *thief, old string) { th.copyMeta(old, "3.targets.json", "4.targets.json") }, "update-mixed"},
		"an old snapshot in a new timestamp": {func(th *thief, old string) { th.copyMeta(old, "3.snapshot.json", "4.snapshot.json") }, "update-mixed"},
		"an old snapshot and old targets": {func(th *thief, old string) {
			th.copyMeta(old, "3.snapshot.json", "4.snapshot.json")
			th.copyMeta(old, "3.targets.json", "4.targets.json")
		}, "update-mixed"},
		"an old timestamp with new files": {func(th *thief, old string) { th.copyMeta(old, "timestamp.json", "timestamp.json") }, "update-not-published"},
		"targets as snapshot":             {func(th *thief, _ string) { th.copyMeta(th.dir, "4.targets.json", "4.snapshot.json") }, "update-too-big"},
		"snapshot as targets":             {func(th *thief, _ string) { th.copyMeta(th.dir, "4.snapshot.json", "4.targets.json") }, "update-mixed"},
		"snapshot as timestamp":           {func(th *thief, _ string) { th.copyMeta(th.dir, "4.snapshot.json", "timestamp.json") }, "update-metadata"},
		"root as targets":                 {func(th *thief, _ string) { th.copyMeta(th.dir, "1.root.json", "4.targets.json") }, "update-mixed"},
		"targets as root":                 {func(th *thief, _ string) { th.copyMeta(th.dir, "4.targets.json", "2.root.json") }, "update-metadata"},
		"root 1 as root 2":                {func(th *thief, _ string) { th.copyMeta(th.dir, "1.root.json", "2.root.json") }, "update-rollback"},
	}) {
		attack(t, 7, how, func(w *world) {
			before := w.thief()
			w.publish("1.2.0", "1.1.0")
			th := w.thief()
			tt.mix(th, before.dir)
			w.use(th.serve())
			w.order("1.2.0")
			w.run(3 * time.Hour)
			w.says(tt.want)
			w.still("1.1.0")
		})
	}
}

// copyMeta puts a file of metadata of a folder in the place of another one.
func (th *thief) copyMeta(dir, from, to string) {
	b, err := os.ReadFile(filepath.Join(dir, "metadata", from))
	th.w.must(err)
	th.w.must(os.WriteFile(th.path(to), b, 0o600))
}

// 8. Neither older metadata nor an older system.
func TestAttackRollback(t *testing.T) {
	attack(t, 8, "the state of before, whole", func(w *world) {
		w.use(w.serve(stage("1.0.0")))
		w.expect(w.check(), "update-rollback")
		w.order("1.1.0")
		w.run(3 * time.Hour)
		w.still("1.1.0")
	})
	attack(t, 8, "the state of before, after a restart", func(w *world) {
		w.use(w.serve(stage("1.0.0")))
		w.restart(func() {})
		w.expect(w.check(), "update-rollback")
		w.still("1.1.0")
	})
	attack(t, 8, "an order for an older release, by the fleet's key", func(w *world) {
		w.order("1.0.0")
		w.run(3 * time.Hour)
		w.says("update-downgrade")
		w.still("1.1.0")
	})
	attack(t, 8, "an order of two keys, below the floor", func(w *world) {
		w.publish("1.2.0", "1.1.0")
		w.order("1.2.0")
		w.run(26 * time.Hour)
		w.still("1.2.0")
		w.must(w.repo.Refresh(w.keys, w.now()))
		w.order("1.0.0", func(r *release.Wish) { r.Downgrade = true })
		w.run(3 * time.Hour)
		w.says("update-below-floor")
		w.still("1.2.0")
	})
	attack(t, 8, "older targets under a newer number, by the online keys", func(w *world) {
		th := w.thief(w.key("snapshot", 0), w.key("timestamp", 0))
		th.snapshot(func(signed object) {
			b, err := os.ReadFile(th.path("2.targets.json"))
			w.must(err)
			dig(signed, "meta")["targets.json"] = info(2, b)
		})
		w.use(th.serve())
		w.expect(w.check(), "update-rollback")
		w.still("1.1.0")
	})
}
