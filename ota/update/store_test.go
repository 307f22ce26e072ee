package update_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"syncbox/ota/bootstate"
	"syncbox/ota/floors"
	"syncbox/ota/order"
	"syncbox/ota/otatest"
	"syncbox/ota/release"
	"syncbox/ota/update"
)

// A database that is torn anywhere never keeps a box from starting, from what is signed, or from the next release; and it
// never lets an older list in.
func TestDatabaseTorn(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		w.run(time.Hour)
		old := filepath.Join(w.dir, "old")
		w.must(w.repo.CopyRelease(old, version("1.0.0"), board))
		w.must(w.repo.Refresh(w.keys, w.now()))
		w.must(w.Updater.Check(t.Context()))
		w.stop()
		path := filepath.Join(w.dir, "update.db")
		whole, err := os.ReadFile(path)
		w.must(err)
		seen := w.floors()
		for name, torn := range map[string][]byte{
			"empty": {}, "half a page": whole[:2048], "one page": whole[:4096], "two pages": whole[:8192], "half": whole[:len(whole)/2],
			"last page short": whole[:len(whole)-100], "zeros": make([]byte, len(whole)), "no meta": append(make([]byte, 8192), whole[8192:]...),
			"no content": append(append([]byte(nil), whole[:8192]...), make([]byte, len(whole)-8192)...), "words": []byte("not a database"),
		} {
			w.must(os.WriteFile(path, torn, 0o600))
			w.boot()
			if s := w.Updater.Status(); len(torn) > 0 && name != "last page short" && s.RecordLost == nil {
				t.Errorf("%s: status tells no loss", name)
			}
			honest := w.sources
			w.set(func() { w.sources = folder(old) })
			if err := w.Updater.Check(t.Context()); err == nil || update.CodeOf(err) != "update-rollback" {
				t.Errorf("%s: an older list gives %v", name, err)
			}
			w.set(func() { w.sources = honest })
			if err := w.Updater.Check(t.Context()); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if got := w.floors(); got != seen {
				t.Errorf("%s: floors %+v, were %+v", name, got, seen)
			}
			w.stop()
		}
		w.boot()
		w.publish("1.1.0", "1.0.0")
		w.order("1.1.0")
		w.run(time.Hour)
		w.ended("1.1.0", update.PhaseSucceeded, "")
	})
}

// A database that is lost in the middle of an update, at any step of it.
func TestDatabaseLost(t *testing.T) {
	for name, tt := range map[string]struct {
		health update.Health
		ends   string
	}{
		"good":       {fine(), "1.1.0"},
		"no good":    {with("data", update.Failed), "1.0.0"},
		"no network": {with("share", update.Failed), "1.0.0"},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, func(t *testing.T, w *world) {
				w.publish("1.1.0", "1.0.0")
				w.set(func() { w.health = of("1.1.0", tt.health) })
				w.onReboot = func() {
					w.must(os.WriteFile(filepath.Join(w.dir, "update.db"), []byte("gone"), 0o600))
				}
				w.order("1.1.0")
				w.run(3 * time.Hour)
				if st := w.state(); w.Version != tt.ends || st.Try != bootstate.None {
					t.Errorf("%s runs, want %s; starts %q, state %+v", w.Version, tt.ends, w.starts, st)
				}
			})
		})
	}
}

// A new system whose record was lost while it was on trial raises its floor all the same, a day after the box has seen the
// signed list again; one that came with the box does, too.
func TestFloorWithoutRecord(t *testing.T) {
	for name, lose := range map[string]bool{"lost while on trial": true, "kept": false} {
		t.Run(name, func(t *testing.T) {
			story(t, func(t *testing.T, w *world) {
				w.publish("1.1.0", "1.0.0")
				if lose {
					w.onReboot = func() { w.must(os.Remove(filepath.Join(w.dir, "update.db"))) }
				}
				w.order("1.1.0")
				w.run(20 * time.Hour)
				if got := w.floors().Release; w.Version != "1.1.0" || got != 0 {
					t.Errorf("%s runs, floor %d before a day is over", w.Version, got)
				}
				w.run(6 * time.Hour)
				if got := w.floors().Release; got != version("1.0.0").Number() {
					t.Errorf("floor %d after a day", got)
				}
			})
		})
	}
	t.Run("came with the box", func(t *testing.T) {
		story(t, func(t *testing.T, w *world) {
			w.publish("1.1.0", "1.1.0")
			w.must(w.Factory(w.images["1.1.0"]))
			w.power(update.CauseUnknown)
			w.run(26 * time.Hour)
			if got := w.floors().Release; w.Version != "1.1.0" || got != version("1.1.0").Number() {
				t.Errorf("%s runs, floor %d after a day", w.Version, got)
			}
		})
	})
	t.Run("is not what was published", func(t *testing.T) {
		story(t, func(t *testing.T, w *world) {
			w.publish("1.1.0", "1.1.0")
			other := w.image("1.1.0")
			other[imageSize-1] ^= 1
			w.images["1.1.0"] = other
			w.Judge.Images = append(w.Judge.Images, otatest.NewImage("1.1.0", other))
			w.must(w.Factory(w.images["1.1.0"]))
			w.power(update.CauseUnknown)
			w.run(26 * time.Hour)
			if got := w.floors().Release; w.Version != "1.1.0" || got != 0 {
				t.Errorf("%s runs, floor %d after a day", w.Version, got)
			}
		})
	})
}

// Where no database can be had at all, a new system is given back, and the old one goes on; it takes no order that it would
// forget.
func TestNoDatabase(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		w.publish("1.1.0", "1.0.0")
		path := filepath.Join(w.dir, "update.db")
		w.onReboot = func() {
			w.onReboot = nil
			w.must(os.RemoveAll(path))
			w.must(os.MkdirAll(filepath.Join(path, "in the way"), 0o700))
			w.must(os.MkdirAll(filepath.Join(path+".bad", "in the way"), 0o700))
		}
		w.order("1.1.0")
		w.run(time.Hour)
		if w.Version != "1.0.0" || w.state().Try != bootstate.None {
			t.Errorf("%s runs; starts %q", w.Version, w.starts)
		}
		if a, err := w.Updater.Wish(t.Context(), w.wish("1.1.0")); update.CodeOf(err) != update.RecordLost {
			t.Errorf("wish: %+v, %v", a, err)
		}
		w.must(os.RemoveAll(path))
		w.order("1.1.0") // the disk is well again
		w.run(time.Hour)
		w.ended("1.1.0", update.PhaseSucceeded, "")
	})
}

// The floor outlives the database, and a reset that takes it away.
func TestFloorOutlives(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		w.publish("1.1.0", "1.1.0")
		w.order("1.1.0")
		w.run(23 * time.Hour)
		if got := w.floors().Release; got != 0 {
			t.Errorf("floor %d before a day is over", got)
		}
		w.power(update.CauseUnknown)
		w.run(5 * time.Hour)
		if got := w.floors().Release; got != version("1.1.0").Number() {
			t.Errorf("floor %d after a day", got)
		}
		w.stop()
		w.must(os.Remove(filepath.Join(w.dir, "update.db")))
		w.boot()
		w.order("1.0.0", func(r *release.Wish) { r.Downgrade = true })
		w.run(time.Hour)
		w.ended("1.1.0", update.PhaseRejected, update.BelowFloor)
	})
	story(t, func(t *testing.T, w *world) { // lost on the disk
		w.publish("1.1.0", "1.1.0")
		w.order("1.1.0")
		w.run(26 * time.Hour)
		for _, at := range []int64{floors.Offset1, floors.Offset2} {
			_, err := w.Whole().WriteAt(make([]byte, otatest512), at)
			w.must(err)
		}
		w.power(update.CauseUnknown)
		w.order("1.0.0", func(r *release.Wish) { r.Downgrade = true })
		w.run(time.Hour)
		w.ended("1.1.0", update.PhaseRejected, update.BelowFloor)
		if got := w.floors(); got.Release != version("1.1.0").Number() || got.Timestamp == 0 {
			t.Errorf("floors %+v", got)
		}
	})
}

// A record that can't be read, beside a trust state that can: the order that stood may come again and is followed, and none
// that is older.
func TestRecordTorn(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		w.publish("1.1.0", "1.0.0")
		before := w.wish("1.1.0")
		w.run(time.Minute)
		stood := w.wish("1.1.0", func(o *release.Wish) { o.Now = false })
		w.held.Store(true)
		if a, err := w.Updater.Wish(t.Context(), stood); err != nil || a.Phase != update.PhaseAccepted {
			t.Fatalf("got %+v, %v", a, err)
		}
		w.stop()
		db, err := bolt.Open(filepath.Join(w.dir, "update.db"), 0o600, nil)
		w.must(err)
		w.must(db.Update(func(tx *bolt.Tx) error { return tx.Bucket([]byte("update")).Put([]byte("record"), []byte("{torn")) }))
		w.must(db.Close())
		w.boot()
		if w.Updater.Status().RecordLost == nil {
			t.Error("status tells no loss")
		}
		if a, err := w.Updater.Wish(t.Context(), before); err != nil || a.Code != update.Code(order.Replayed) {
			t.Errorf("the order before: %+v, %v", a, err)
		}
		if a, err := w.Updater.Wish(t.Context(), stood); err != nil || a.Phase != update.PhaseAccepted || w.Updater.Status().Wish == "" {
			t.Errorf("the order that stood: %+v, %v, status %+v", a, err, w.Updater.Status())
		}
		w.held.Store(false)
		w.run(time.Hour)
		w.ended("1.1.0", update.PhaseSucceeded, "")
	})
}
