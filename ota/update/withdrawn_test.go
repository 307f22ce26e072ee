package update_test

import (
	"sync/atomic"
	"testing"
	"time"

	"syncbox/ota/release"
	"syncbox/ota/update"
)

// A box that starts reads its slot to see whether it runs what the order that stands asks for. As it has just come to the end,
// the order is taken back, or another one comes: nobody hears that one was followed that was not.
func TestWithdrawnAtTheLastMoment(t *testing.T) {
	for name, withdraw := range map[string]func(w *world, other []byte) error{
		"taken back": func(w *world, _ []byte) error { return w.Updater.Cancel() },
		"another one comes": func(w *world, other []byte) error {
			_, err := w.Updater.Wish(t.Context(), other)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, func(t *testing.T, w *world) {
				w.publish("1.1.0", "1.0.0")
				w.order("1.1.0")
				w.run(time.Hour)
				w.held.Store(true)
				w.events = nil
				other := w.wish("1.0.0", func(s *release.Wish) { s.Downgrade = true })
				var withdrawn atomic.Bool
				w.set(func() {
					w.spoil = func(b []byte, at int64) {
						if at+int64(len(b)) >= imageSize && withdrawn.CompareAndSwap(false, true) {
							if err := withdraw(w, other); err != nil {
								t.Error(err)
							}
						}
					}
				})
				w.power(update.CauseUnknown)
				w.run(time.Minute)
				if !withdrawn.Load() {
					t.Fatal("the slot was not read to its end")
				}
				for _, e := range w.events {
					if e.Phase == update.PhaseSucceeded {
						t.Errorf("told of a success: %+v", e)
					}
				}
			})
		})
	}
}
