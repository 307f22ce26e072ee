package update_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/ota/bootstate"
	"syncbox/ota/release"
	"syncbox/ota/update"
)

// of gives the health of one version, and fine for all others.
func of(version string, h update.Health) func(string) update.Health {
	return func(v string) update.Health {
		if v == version {
			return h
		}
		return fine()
	}
}

// A system that finds a fault in itself is given back at once, and not tried again under the same order.
func TestLocalFault(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		w.publish("1.1.0", "1.0.0")
		w.set(func() { w.health = of("1.1.0", with("data", update.Failed)) })
		w.order("1.1.0")
		w.run(time.Hour)
		w.ended("1.0.0", update.PhaseRolledBack, "trial-data")
		w.run(10 * day)
		if d := cmp.Diff([]string{"1.0.0 serve", "1.1.0 look", "1.0.0 serve"}, w.starts); d != "" {
			t.Errorf("starts (-want +got):\n%s", d)
		}
		told := len(w.events)
		w.power(update.CauseUnknown)
		w.run(day)
		if len(w.events) != told {
			t.Errorf("told again: %+v", w.events[told:])
		}
		w.set(func() { w.health = of("", fine()) })
		w.must(w.repo.Refresh(w.keys, w.now()))
		w.order("1.1.0")
		w.run(time.Hour)
		w.ended("1.1.0", update.PhaseSucceeded, "")
	})
}

// A system that does not reach what the old one reached is given back after half an hour, and is at fault if the old one
// reaches it. All of it takes less than 35 minutes from the restart to the old version's.
func TestNetworkFault(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		w.publish("1.1.0", "1.0.0")
		w.set(func() { w.health = of("1.1.0", with("share", update.Failed)) })
		w.order("1.1.0")
		w.run(time.Minute)
		w.run(35 * time.Minute)
		w.ended("1.0.0", update.PhaseRolledBack, "trial-share")
		if d := cmp.Diff([]string{"1.0.0 serve", "1.1.0 look", "1.0.0 compare"}, w.starts); d != "" {
			t.Errorf("starts (-want +got):\n%s", d)
		}
	})
}

// What the old system did not reach is not asked of the new one.
func TestNotReachedBefore(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		w.publish("1.1.0", "1.0.0")
		w.set(func() { w.health = func(string) update.Health { return with("share", update.Failed) } })
		w.order("1.1.0")
		w.run(time.Hour)
		w.ended("1.1.0", update.PhaseSucceeded, "")
	})
}

// An outage takes the box back once; then the new system waits for its end.
func TestOutage(t *testing.T) {
	for name, tt := range map[string]struct {
		outage time.Duration
		starts []string
	}{
		"ends within the trial":     {10 * time.Minute, []string{"1.0.0 serve", "1.1.0 look"}},
		"ends after the comparison": {3 * time.Hour, []string{"1.0.0 serve", "1.1.0 look", "1.0.0 compare", "1.1.0 look"}},
		"lasts for days": {50 * time.Hour, []string{"1.0.0 serve", "1.1.0 look", "1.0.0 compare", "1.1.0 look",
			"1.0.0 compare", "1.1.0 look"}},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, func(t *testing.T, w *world) {
				w.publish("1.1.0", "1.0.0")
				s := w.server()
				var away atomic.Bool
				s.open = func(string) error {
					if away.Load() {
						return fmt.Errorf("away")
					}
					return nil
				}
				w.health = func(string) update.Health {
					if away.Load() {
						return with("share", update.Failed)
					}
					return fine()
				}
				w.onReboot = func() {
					w.onReboot = nil
					away.Store(true)
					time.AfterFunc(tt.outage, func() { away.Store(false) })
				}
				w.order("1.1.0")
				w.run(5 * day)
				w.ended("1.1.0", update.PhaseSucceeded, "")
				if d := cmp.Diff(tt.starts, w.starts); d != "" {
					t.Errorf("starts (-want +got):\n%s", d)
				}
			})
		})
	}
}

// A system that was acquitted in an outage and is deaf itself does not keep the box.
func TestDeafInAnOutage(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		w.publish("1.1.0", "1.0.0")
		var away atomic.Bool
		w.health = func(v string) update.Health {
			if away.Load() || v == "1.1.0" {
				return with("share", update.Failed)
			}
			return fine()
		}
		w.onReboot = func() {
			w.onReboot = nil
			away.Store(true)
			time.AfterFunc(2*time.Hour, func() { away.Store(false) })
		}
		w.order("1.1.0")
		w.run(3 * day)
		w.ended("1.0.0", update.PhaseRolledBack, "trial-share")
	})
}

// Without a link nothing is decided for hours; a system that has lost its link for good does not keep the box.
func TestLink(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		w.publish("1.1.0", "1.0.0")
		unplugged := with("share", update.Unknown)
		unplugged.Link = false
		w.set(func() { w.health = of("1.1.0", unplugged) })
		s := w.server()
		s.open = func(string) error {
			if w.Version == "1.1.0" {
				return fmt.Errorf("away")
			}
			return nil
		}
		w.order("1.1.0")
		w.run(3 * time.Hour)
		if w.Version != "1.1.0" {
			t.Errorf("given back for an unplugged cable")
		}
		w.run(2 * time.Hour)
		w.ended("1.0.0", update.PhaseRolledBack, update.NoLink)
	})
}

// A trial that ends without a word, thrice, is tried once more, and is bad then.
func TestInterrupted(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		w.publish("1.1.0", "1.0.0")
		w.order("1.1.0")
		for range 40 {
			w.run(30 * time.Second)
			if w.Version == "1.1.0" {
				w.power(update.CauseUnknown)
			}
		}
		w.run(time.Hour)
		w.ended("1.0.0", update.PhaseRolledBack, update.Interrupted)
		round := []string{"1.1.0 look", "1.1.0 look", "1.1.0 look"}
		want := append([]string{"1.0.0 serve"}, round...)
		want = append(append(want, "1.0.0 try-again"), round...)
		if d := cmp.Diff(append(want, "1.0.0 serve"), w.starts); d != "" {
			t.Errorf("starts (-want +got):\n%s", d)
		}
	})
}

// Two power cuts during a trial do no harm.
func TestTwoCuts(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		w.publish("1.1.0", "1.0.0")
		w.order("1.1.0")
		for cuts := 0; cuts < 2; {
			w.run(10 * time.Second)
			if w.Version == "1.1.0" {
				cuts++
				w.power(update.CauseUnknown)
			}
		}
		w.run(time.Hour)
		w.ended("1.1.0", update.PhaseSucceeded, "")
	})
}

// A system that began to look at itself and hangs is bad as soon as the watchdog has ended it once.
func TestWatchdog(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		w.publish("1.1.0", "1.0.0")
		w.order("1.1.0")
		for range 20 {
			w.run(30 * time.Second)
			if w.Version == "1.1.0" {
				w.power(update.CauseWatchdog)
			}
		}
		w.ended("1.0.0", update.PhaseRolledBack, update.Crashed)
		if len(w.starts) != 4 {
			t.Errorf("starts %q", w.starts)
		}
	})
}

// A slot that does not start is written again, where it needs it; one whose sums are wrong is bad.
func TestUnreadable(t *testing.T) {
	t.Run("damaged", func(t *testing.T) {
		story(t, func(t *testing.T, w *world) {
			w.publish("1.1.0", "1.0.0")
			w.onReboot = func() {
				w.onReboot = nil
				c := w.Disk.Content()
				b := c.Bytes(layout.B+1<<20, otatest512)
				b[0] ^= 1
				_, err := w.Whole().WriteAt(b, layout.B+1<<20)
				w.must(err)
				w.Judge.Images = append(w.Judge.Images, w.judgeOf("damaged", layout.B))
			}
			s := w.server()
			w.order("1.1.0")
			w.run(time.Hour)
			w.ended("1.1.0", update.PhaseSucceeded, "")
			if d := cmp.Diff([]string{"1.0.0 serve", "1.0.0 try-again", "1.1.0 look"}, w.starts); d != "" {
				t.Errorf("starts (-want +got):\n%s", d)
			}
			if n := len(s.asked); n != 2 {
				t.Errorf("%d times asked for a payload, want once for all of it, and once for what was damaged", n)
			}
		})
	})
	t.Run("sums", func(t *testing.T) {
		story(t, func(t *testing.T, w *world) {
			w.publish("1.1.0", "1.0.0", func(r *release.Release) { r.Sums["initrd"] = "abc" })
			w.order("1.1.0")
			w.run(time.Hour)
			w.ended("1.0.0", update.PhaseRolledBack, update.Unreadable)
			if d := cmp.Diff([]string{"1.0.0 serve", "1.0.0 try-again", "1.0.0 serve"}, w.starts); d != "" {
				t.Errorf("starts (-want +got):\n%s", d)
			}
		})
	})
}

// Where the good slot does not start, the other one takes over, and what was ordered is written again.
func TestGoodDamaged(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		w.publish("1.1.0", "1.0.0")
		w.order("1.1.0")
		w.run(time.Hour)
		w.ended("1.1.0", update.PhaseSucceeded, "")
		b := make([]byte, otatest512)
		_, err := w.Whole().WriteAt(b, layout.B+1<<20)
		w.must(err)
		w.Judge.Images = append(w.Judge.Images, w.judgeOf("damaged", layout.B))
		w.power(update.CauseUnknown)
		if !w.Updater.Status().Damaged {
			t.Error("status does not tell it")
		}
		w.run(59 * time.Second)
		if st := w.state(); st.Good != bootstate.B {
			t.Errorf("boot state %+v before the system was looked at", st)
		}
		w.run(time.Hour)
		w.ended("1.1.0", update.PhaseSucceeded, "")
		if d := cmp.Diff([]string{"1.0.0 serve", "1.1.0 look", "1.0.0 take-over", "1.1.0 look"}, w.starts); d != "" {
			t.Errorf("starts (-want +got):\n%s", d)
		}
	})
}

// Where the boot state is lost, the box goes on with what starts, and takes up the next release.
func TestBootStateLost(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		w.publish("1.1.0", "1.0.0")
		w.order("1.1.0")
		w.run(time.Hour)
		for _, at := range []int64{bootstate.Offset1, bootstate.Offset2} {
			_, err := w.Whole().WriteAt(make([]byte, otatest512), at)
			w.must(err)
		}
		w.power(update.CauseUnknown)
		w.run(time.Hour)
		w.ended("1.1.0", update.PhaseSucceeded, "")
		if d := cmp.Diff([]string{"1.0.0 serve", "1.1.0 look", "1.0.0 serve", "1.1.0 look"}, w.starts); d != "" {
			t.Errorf("starts (-want +got):\n%s", d)
		}
	})
	story(t, func(t *testing.T, w *world) { // lost during a trial
		w.publish("1.1.0", "1.0.0")
		w.onReboot = func() {
			time.AfterFunc(10*time.Second, func() {
				for _, at := range []int64{bootstate.Offset1, bootstate.Offset2} {
					_, err := w.Whole().WriteAt(make([]byte, otatest512), at)
					w.must(err)
				}
			})
		}
		w.order("1.1.0")
		w.run(time.Hour)
		w.ended("1.1.0", update.PhaseSucceeded, "")
		if st := w.state(); st.Good != bootstate.B || st.Try != bootstate.None {
			t.Errorf("boot state %+v", st)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		// Lost while the other slot runs.
		w := newWorld(t)
		w.publish("1.1.0", "1.0.0")
		w.publish("1.2.0", "1.0.0")
		w.boot()
		defer func() { w.stop() }()
		w.order("1.1.0")
		w.run(time.Hour)
		for _, at := range []int64{bootstate.Offset1, bootstate.Offset2} {
			_, err := w.Whole().WriteAt(make([]byte, otatest512), at)
			w.must(err)
		}
		w.order("1.2.0")
		w.run(time.Hour)
		w.ended("1.2.0", update.PhaseSucceeded, "")
	})
}
