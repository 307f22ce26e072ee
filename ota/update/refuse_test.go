package update_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"syncbox/ota/bootstate"
	"syncbox/ota/order"
	"syncbox/ota/release"
	"syncbox/ota/update"
)

// errAway is what a source says that is not there.
var errAway = errors.New("away")

// Orders that are signed and not followed: nothing is written to the other slot.
func TestRefused(t *testing.T) {
	for name, tt := range map[string]struct {
		do       func(w *world)
		phase    update.Phase
		code     update.Code
		security bool
	}{
		"older": {func(w *world) {
			w.publish("1.1.0", "1.0.0")
			w.order("1.1.0")
			w.run(time.Hour)
			w.order("1.0.0")
		}, update.PhaseRejected, update.Downgrade, true},
		"older, by two keys, below the floor": {func(w *world) {
			w.publish("1.1.0", "1.1.0")
			w.order("1.1.0")
			w.run(25 * time.Hour)
			w.order("1.0.0", func(r *release.Wish) { r.Downgrade = true })
		}, update.PhaseRejected, update.BelowFloor, true},
		"another hash": {func(w *world) {
			w.publish("1.1.0", "1.0.0")
			w.forge(order.Target{Name: "1.1.0/arm64/full", Version: version("1.1.0"), SHA256: [32]byte{1}, Bytes: imageSize})
		}, update.PhaseRejected, update.Disagree, true},
		"another length": {func(w *world) {
			w.publish("1.1.0", "1.0.0")
			w.forge(order.Target{Name: "1.1.0/arm64/full", Version: version("1.1.0"), SHA256: sum(w.images["1.1.0"]), Bytes: imageSize + 1})
		}, update.PhaseRejected, update.Disagree, true},
		"another board": {func(w *world) {
			w.publish("1.1.0", "1.0.0", func(r *release.Release) { r.Board = "arm" })
			w.order("1.1.0", func(r *release.Wish) { r.Board = "arm" })
		}, update.PhaseRejected, update.WrongBoard, true},
		"not published": {func(w *world) {
			w.forge(order.Target{Name: "2.0.0/arm64/full", Version: version("2.0.0"), SHA256: [32]byte{1}, Bytes: imageSize})
		}, update.PhaseRejected, update.NotPublished, false},
		"sums that no boot loader has": {func(w *world) {
			w.publish("1.1.0", "1.0.0", func(r *release.Release) { r.Sums["initrd"] = "x" })
			w.order("1.1.0")
		}, update.PhaseRejected, update.BadManifest, true},
		"nobody to ask": {func(w *world) {
			w.publish("1.1.0", "1.0.0")
			w.set(func() { w.sources = nil })
			w.order("1.1.0")
		}, update.PhaseFailed, update.NoSource, false},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, func(t *testing.T, w *world) {
				tt.do(w)
				before, starts := w.state(), len(w.starts)
				w.run(2 * time.Hour)
				w.ended(w.Version, tt.phase, tt.code)
				if got := w.last(); got.Security != tt.security || got.Words == "" {
					t.Errorf("told %+v", got)
				}
				if got := w.state(); got != before || len(w.starts) != starts {
					t.Errorf("boot state %+v, was %+v; starts %q", got, before, w.starts)
				}
				if s := w.Updater.Status(); update.CodeOf(s.Problem) != tt.code {
					t.Errorf("status tells problem %v", s.Problem)
				}
			})
		})
	}
}

// An older system is installed by an order of two keys, if the floor lets it.
func TestDowngrade(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		w.publish("1.1.0", "1.0.0")
		w.order("1.1.0")
		w.run(time.Hour)
		w.order("1.0.0", func(r *release.Wish) { r.Downgrade = true })
		w.run(time.Hour)
		w.ended("1.0.0", update.PhaseSucceeded, "")
	})
}

// What is not published yet is taken up once it is.
func TestPublishedLater(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		b := w.image("1.1.0")
		w.forge(order.Target{Name: "1.1.0/arm64/full", Version: version("1.1.0"), SHA256: sum(b), Bytes: int64(len(b))})
		w.run(time.Hour)
		w.ended("1.0.0", update.PhaseRejected, update.NotPublished)
		w.publish("1.1.0", "1.0.0")
		w.run(7 * time.Hour)
		w.ended("1.1.0", update.PhaseSucceeded, "")
	})
}

// Envelopes that are no order for this box.
func TestWishRejected(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		good := w.wish("1.0.0")
		for name, tt := range map[string]struct {
			envelope []byte
			code     order.Code
		}{
			"nothing":         {nil, order.BadEnvelope},
			"too big":         {bytes.Repeat([]byte("x"), order.MaxEnvelope+1), order.TooBig},
			"forged":          {bytes.Replace(good, []byte(`"sig":"`), []byte(`"sig":"AAAA`), 1), order.BadSignature},
			"for another box": {w.wish("1.0.0", func(r *release.Wish) { r.To = "box:0002" }), order.NotMe},
			"another order":   {w.otherOrder(), order.UnknownOp},
		} {
			a, err := w.Updater.Wish(t.Context(), tt.envelope)
			if err != nil || a.Phase != update.PhaseRejected || a.Code != update.Code(tt.code) || a.Words == "" {
				t.Errorf("%s: %+v, %v", name, a, err)
			}
		}
		if s := w.Updater.Status(); s.Wish != "" {
			t.Errorf("a rejected wish stands: %+v", s)
		}
	})
}

// An order is taken once, also over a restart; an older one never again.
func TestWishOnce(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		w.publish("1.1.0", "1.0.0")
		old := w.wish("1.1.0")
		envelope := w.wish("1.1.0")
		w.held.Store(true)
		a, err := w.Updater.Wish(t.Context(), envelope)
		w.must(err)
		w.power(update.CauseUnknown)
		again, err := w.Updater.Wish(t.Context(), envelope)
		if err != nil || again.ID != a.ID || again.Phase != update.PhaseAccepted {
			t.Errorf("again: %+v, %v", again, err)
		}
		if got, err := w.Updater.Wish(t.Context(), old); err != nil || got.Code != update.Code(order.Replayed) {
			t.Errorf("an older one: %+v, %v", got, err)
		}
		w.held.Store(false)
		w.run(time.Hour)
		w.ended("1.1.0", update.PhaseSucceeded, "")
		if again, err := w.Updater.Wish(t.Context(), envelope); err != nil || again.Phase != update.PhaseSucceeded {
			t.Errorf("after the end: %+v, %v", again, err)
		}
	})
}

// Outside of the allowed hours nothing is written, unless the order says now.
func TestHours(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		w.publish("1.1.0", "1.0.0")
		w.publish("1.2.0", "1.0.0")
		w.held.Store(true)
		before := w.state()
		w.order("1.1.0")
		w.run(3 * time.Hour)
		if got := w.state(); got != before || w.Version != "1.0.0" || w.Updater.Status().Doing != update.Held {
			t.Errorf("boot state %+v, %s runs, %+v", got, w.Version, w.Updater.Status())
		}
		w.order("1.2.0", func(r *release.Wish) { r.Now, r.To = true, "grp:eu-1" })
		w.run(time.Hour)
		w.ended("1.2.0", update.PhaseSucceeded, "")
	})
}

// Where a person wants to say when, a group that is ordered to go now is not this person's word. An order for now of this box
// alone does not ask.
func TestNowOfAll(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		w.publish("1.1.0", "1.0.0")
		w.refused.Store(true)
		before := w.state()
		w.order("1.1.0", func(r *release.Wish) { r.Now, r.To = true, "grp:eu-1" })
		w.run(3 * time.Hour)
		if got := w.state(); got != before || w.Version != "1.0.0" || w.Updater.Status().Doing != update.Held {
			t.Errorf("boot state %+v, %s runs, %+v", got, w.Version, w.Updater.Status())
		}
		w.order("1.1.0", func(r *release.Wish) { r.Now = true })
		w.run(time.Hour)
		w.ended("1.1.0", update.PhaseSucceeded, "")
	})
}

// Where the hours end during the download, the restart waits for the next ones.
func TestHoursEnd(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		w.publish("1.1.0", "1.0.0")
		s := w.server()
		s.open = func(name string) error {
			if strings.HasPrefix(name, "targets") {
				w.held.Store(true)
			}
			return nil
		}
		w.order("1.1.0")
		w.run(20 * time.Hour)
		if st := w.state(); w.Version != "1.0.0" || st.Phase(bootstate.B) != bootstate.PhaseWriting {
			t.Errorf("%s runs, boot state %+v", w.Version, st)
		}
		w.held.Store(false)
		w.run(time.Hour)
		w.ended("1.1.0", update.PhaseSucceeded, "")
	})
}

// Boxes of a group do not begin at the same time, and each does begin.
func TestSpread(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		w.publish("1.1.0", "1.0.0")
		begin := time.Now()
		w.order("1.1.0", func(r *release.Wish) { r.To, r.Spread = "grp:eu-1", 10*time.Hour })
		for w.Version == "1.0.0" && time.Since(begin) < 11*time.Hour {
			w.run(time.Minute)
		}
		if d := time.Since(begin); w.Version != "1.1.0" || d < 5*time.Minute {
			t.Errorf("%s runs after %s", w.Version, d)
		}
	})
}

// A later order replaces one that is being followed.
func TestSuperseded(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		w.publish("1.1.0", "1.0.0")
		w.publish("1.2.0", "1.0.0")
		s := w.server()
		s.open = func(name string) error {
			if strings.Contains(name, "1.1.0/") && !strings.HasSuffix(name, ".windows") {
				return errAway
			}
			return nil
		}
		first := w.order("1.1.0")
		w.run(10 * time.Second)
		w.order("1.2.0")
		superseded := false
		for _, e := range w.events {
			superseded = superseded || e.Wish == first && e.Phase == update.PhaseSuperseded
		}
		if !superseded {
			t.Error("not told")
		}
		w.run(80 * time.Second) // what the first one waits for is not waited for
		w.ended("1.2.0", update.PhaseSucceeded, "")
	})
}

// A wish that is taken back is not followed any more.
func TestCancel(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		w.publish("1.1.0", "1.0.0")
		w.held.Store(true)
		w.order("1.1.0")
		w.run(time.Minute)
		w.must(w.Updater.Cancel())
		w.held.Store(false)
		w.run(day)
		if s := w.Updater.Status(); w.Version != "1.0.0" || w.last().Phase != update.PhaseSuperseded || s.Doing != update.Idle || s.Wish != "" {
			t.Errorf("%s runs, told %+v, status %+v", w.Version, w.last(), s)
		}
	})
}
