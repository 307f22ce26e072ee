package update_test

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"syncbox/ota/bootstate"
	"syncbox/ota/fetch"
	"syncbox/ota/otatest"
	"syncbox/ota/update"
)

// isDelta and isFull say what a name in a source is.
func isDelta(name string) bool { return strings.HasSuffix(name, ".1.0.0") }
func isFull(name string) bool  { return strings.HasSuffix(name, ".full") }

// A delta that does not work in any way gives way to the whole image, by itself.
func TestDeltaGivesWay(t *testing.T) {
	flip := func(is func(string) bool) func(string, []byte) {
		return func(name string, b []byte) {
			if is(name) {
				b[len(b)/2] ^= 1
			}
		}
	}
	away := func(is func(string) bool) func(string) error {
		return func(name string) error {
			if is(name) {
				return errAway
			}
			return nil
		}
	}
	list := func(name string) bool { return strings.HasSuffix(name, ".1.0.0.windows") }
	for name, tt := range map[string]struct {
		spoil func(string, []byte)
		open  func(string) error
	}{
		"spoilt":         {spoil: flip(isDelta)},
		"not there":      {open: away(isDelta)},
		"list spoilt":    {spoil: flip(list)},
		"list not there": {open: away(list)},
		"list of no bytes": {spoil: func(name string, b []byte) {
			if list(name) {
				clear(b)
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, func(t *testing.T, w *world) {
				w.publish("1.1.0", "1.0.0")
				s := w.server()
				s.spoil, s.open = tt.spoil, tt.open
				w.order("1.1.0")
				w.run(10 * time.Minute)
				w.ended("1.1.0", update.PhaseSucceeded, "")
				if last := s.asked[len(s.asked)-1]; !isFull(last) {
					t.Errorf("asked last for %s", last)
				}
			})
		})
	}
}

// A delta from another system than that which runs is not even asked for.
func TestDeltaFromAnother(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		w.publish("1.1.0", "1.0.0")
		b := make([]byte, otatest.SectorSize)
		_, err := w.Whole().WriteAt(b, layout.A+2<<20) // the slot holds what it ran with no more
		w.must(err)
		w.Judge.Images = append(w.Judge.Images, w.judgeOf("changed", layout.A))
		s := w.server()
		w.order("1.1.0")
		w.run(10 * time.Minute)
		w.ended("1.1.0", update.PhaseSucceeded, "")
		for _, name := range s.asked {
			if isDelta(name) {
				t.Errorf("asked for %s", name)
			}
		}
	})
}

// One server that lies is no matter where another one has the file.
func TestOtherSource(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		w.publish("1.1.0", "1.0.0")
		honest := w.sources[0]
		liar := w.server()
		liar.spoil = func(name string, b []byte) {
			if strings.HasPrefix(name, "targets") {
				b[0] ^= 1
			}
		}
		w.set(func() { w.sources = append(w.sources, honest) })
		w.order("1.1.0")
		w.run(10 * time.Minute)
		w.ended("1.1.0", update.PhaseSucceeded, "")
	})
}

// A stick that is older than what the box has seen does not stand in the way of the server, nor does one that lacks the release.
func TestOldStick(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		w.run(time.Hour)
		stick := filepath.Join(w.dir, "stick")
		w.must(w.repo.CopyRelease(stick, version("1.0.0"), board))
		w.publish("1.1.0", "1.0.0")
		w.sources = append([]update.Source{{Name: "stick", Files: fetch.Folder{FS: os.DirFS(stick), Name: "stick"}, Local: true}}, w.sources...)
		w.order("1.1.0")
		w.run(10 * time.Minute)
		w.ended("1.1.0", update.PhaseSucceeded, "")
		w.run(time.Hour)
		if s := w.Updater.Status(); s.Problem != nil {
			t.Errorf("status %+v", s)
		}
	})
}

// A stick does what a server does; a box without a network commits what came by it.
func TestStickAlone(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		w.publish("1.1.0", "1.0.0")
		stick := filepath.Join(w.dir, "stick")
		w.must(w.repo.CopyRelease(stick, version("1.1.0"), board))
		w.set(func() {
			w.sources = []update.Source{{Name: "stick", Files: fetch.Folder{FS: os.DirFS(stick), Name: "stick"}, Local: true}}
		})
		w.health = func(string) update.Health { return update.Health{} }
		w.order("1.1.0")
		w.run(10 * time.Minute)
		w.ended("1.1.0", update.PhaseSucceeded, "")
	})
}

// Every cut of the power at any time of an update is made up for by the next start, and no window that is on the slot is
// fetched again.
func TestCutsWhileWriting(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		w.publish("1.1.0", "1.0.0")
		s := w.server()
		left := 2
		s.open = func(name string) error {
			if isDelta(name) {
				return errAway
			}
			if isFull(name) && left > 0 {
				left--
				return errAway
			}
			return nil
		}
		w.order("1.1.0")
		for range 60 {
			w.run(time.Second)
			if w.Version != "1.0.0" {
				break
			}
			w.power(update.CauseUnknown)
		}
		w.run(time.Hour)
		w.ended("1.1.0", update.PhaseSucceeded, "")
	})
}

// What an earlier release, or a cut, left on the slot is not fetched again.
func TestPresentWindows(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		w.publish("1.1.0", "1.0.0")
		s := w.server()
		s.open = func(name string) error {
			if isDelta(name) {
				return errAway
			}
			return nil
		}
		_, err := w.Whole().WriteAt(w.images["1.1.0"], layout.B)
		w.must(err)
		w.order("1.1.0")
		w.run(10 * time.Minute)
		w.ended("1.1.0", update.PhaseSucceeded, "")
		if s.bytes != 0 {
			t.Errorf("fetched %d bytes of what was there", s.bytes)
		}
	})
}

// The other slot must not start from before its first byte is written until all of it was read again: what the log of the
// disk says.
func TestOrderOfWrites(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		w.publish("1.1.0", "1.0.0")
		w.order("1.1.0")
		w.run(time.Hour)
		w.ended("1.1.0", update.PhaseSucceeded, "")
		forbidden, synced := false, true
		for _, o := range w.Log.Ops() {
			switch {
			case o.Kind == otatest.Write && o.At >= layout.B:
				if !forbidden {
					t.Fatalf("%v while the slot may start", o)
				}
				synced = false
			case o.Kind == otatest.Sync && o.File == "b":
				synced = true
			case o.Kind == otatest.Write && (o.At == bootstate.Offset1 || o.At == bootstate.Offset2):
				st, err := bootstate.Decode(o.Data)
				w.must(err)
				forbidden = st.Phase(bootstate.B) == bootstate.PhaseWriting
				if !forbidden && !synced {
					t.Fatalf("%+v before the slot was synced", st)
				}
			}
		}
	})
}

// A slot that does not give back what was written is told, and the system that runs goes on.
func TestBadMedium(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		w.publish("1.1.0", "1.0.0")
		w.spoil = func(b []byte, at int64) {
			if at <= 1<<20 && at+int64(len(b)) > 1<<20 {
				b[1<<20-at] ^= 1
			}
		}
		w.power(update.CauseUnknown)
		w.order("1.1.0")
		w.run(time.Hour)
		w.ended("1.0.0", update.PhaseFailed, update.Spoilt)
		if st := w.state(); st.Phase(bootstate.B) != bootstate.PhaseWriting {
			t.Errorf("boot state %+v", st)
		}
		w.set(func() { w.spoil = nil })
		w.run(8 * time.Hour)
		w.ended("1.1.0", update.PhaseSucceeded, "")
	})
}

// A download over a line that breaks all the time gets there.
func TestBadLine(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		noise := rand.New(rand.NewPCG(1, 2))
		w.noise = func(b []byte) {
			for i := range 300 << 10 {
				b[i] = byte(noise.Uint32())
			}
		}
		w.publish("1.1.0", "1.0.0")
		s := w.server()
		s.cut = 40 << 10
		w.order("1.1.0")
		w.run(time.Hour)
		w.ended("1.1.0", update.PhaseSucceeded, "")
		if s.bytes < 300<<10 || s.bytes > 400<<10 || len(s.asked) < 7 {
			t.Errorf("fetched %d bytes in %d times", s.bytes, len(s.asked))
		}
	})
}
