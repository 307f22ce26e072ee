package update_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/ota/bootstate"
	"syncbox/ota/update"
)

const day = 24 * time.Hour

// story runs a world in a time of its own.
func story(t *testing.T, fn func(t *testing.T, w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.boot()
		defer func() { w.stop() }()
		fn(t, w)
	})
}

// A release is taken up by the shortest payload, and committed; a day later the floor is that of its manifest.
func TestUpdate(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		w.publish("1.1.0", "1.1.0")
		s := w.server()
		w.order("1.1.0")
		w.run(time.Hour)
		w.ended("1.1.0", update.PhaseSucceeded, "")
		if d := cmp.Diff([]string{"1.0.0 serve", "1.1.0 look"}, w.starts); d != "" {
			t.Errorf("starts (-want +got):\n%s", d)
		}
		if st := w.state(); st.Good != bootstate.B || st.Try != bootstate.None || st.Phase(bootstate.A) != bootstate.PhaseReady {
			t.Errorf("boot state %+v", st)
		}
		for _, name := range s.asked {
			if !strings.HasSuffix(name, ".1.0.0") {
				t.Errorf("asked for %s, want the delta alone", name)
			}
		}
		if got := w.floors(); got.Release != 0 || got.Targets == 0 || got.Timestamp == 0 {
			t.Errorf("floors %+v before a day is over", got)
		}
		w.run(day)
		if got := w.floors(); got.Release != version("1.1.0").Number() {
			t.Errorf("floors %+v after a day", got)
		}
	})
}

// The phases that support hears of, in order.
func TestPhases(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		w.publish("1.1.0", "1.0.0")
		w.order("1.1.0")
		w.run(time.Hour)
		var got []update.Phase
		for _, e := range w.events {
			if len(got) == 0 || got[len(got)-1] != e.Phase {
				got = append(got, e.Phase)
			}
		}
		want := []update.Phase{update.PhaseAccepted, update.PhaseRunning, update.PhaseRebooting, update.PhaseSucceeded}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("phases (-want +got):\n%s", d)
		}
	})
}
