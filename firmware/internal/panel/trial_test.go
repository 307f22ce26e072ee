package panel_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/board"
	"syncbox/board/boardtest"
	"syncbox/firmware/internal/health"
	"syncbox/firmware/internal/panel"
)

// Each colour is shown for its time and no longer, whatever else holds.
func TestShow(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.show(health.HardwareFault)
		r.pass(5 * time.Second)
		begin := time.Now()
		for _, c := range []board.Colour{board.Red, board.Green, board.Blue} {
			if err := r.panel.Show(r.t.Context(), c, 2*time.Second); err != nil {
				t.Error(err)
			}
		}
		want := []boardtest.Segment{{Colour: board.Red, For: 2 * time.Second}, {Colour: board.Green, For: 2 * time.Second}, {Colour: board.Blue, For: 2 * time.Second}}
		if d := cmp.Diff(want, r.light.Recording(begin, time.Now())); d != "" {
			t.Errorf("recording (-want +got):\n%s", d)
		}
		ctx, cancel := context.WithCancel(r.t.Context())
		cancel()
		if err := r.panel.Show(ctx, board.Red, time.Hour); !errors.Is(err, context.Canceled) {
			t.Errorf("broken off: %v", err)
		}
		begin = time.Now()
		r.pass(30 * time.Second)
		if got := r.light.Recording(begin, time.Now()); len(got) < 10 {
			t.Errorf("afterwards the light shows %v", got)
		}
	})
}

// A press that is waited for has no other consequence, however long it is, and the next one has its own again.
func TestAwaitPress(t *testing.T) {
	for _, held := range []time.Duration{another, 7 * time.Second, 25 * time.Second, 40 * time.Second} {
		t.Run(held.String(), func(t *testing.T) {
			inBubble(t, func(r *rig) {
				r.pass(time.Second)
				seen, ended := false, make(chan error, 1)
				ctx, cancel := context.WithTimeout(r.t.Context(), time.Minute)
				defer cancel()
				go func() { ended <- r.panel.AwaitPress(ctx, func() { seen = true }) }()
				synctest.Wait()
				begin := time.Now()
				r.button.Press()
				r.pass(held)
				if light := r.light.Recording(begin, time.Now()); len(light) != 1 || !light[0].Lit() {
					t.Errorf("meanwhile the light shows %v, want it as it was", light)
				}
				select {
				case err := <-ended:
					t.Fatalf("it ended before the button was let go: %v", err)
				default:
				}
				if !seen {
					t.Error("nobody saw the press")
				}
				r.button.Release()
				r.pass(time.Second)
				if err := <-ended; err != nil {
					t.Error(err)
				}
				if got := r.happened(); got != "" {
					t.Errorf("the press did this: %q", got)
				}
				r.hold(another)
				r.pass(20 * time.Second)
				if got := r.happened(); got != syncs {
					t.Errorf("the next press: %q, want %q", got, syncs)
				}
			})
		})
	}
}

// A button that nobody presses, or that is stuck, ends the wait with ctx and harms nothing.
func TestAwaitPressInVain(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.pass(time.Second)
		for _, stuck := range []bool{false, true} {
			ctx, cancel := context.WithTimeout(r.t.Context(), 30*time.Second)
			if stuck {
				go func() { time.Sleep(time.Second); r.button.Press() }()
			}
			if err := r.panel.AwaitPress(ctx, func() {}); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("stuck %t: %v", stuck, err)
			}
			cancel()
		}
		r.button.Release()
		r.pass(20 * time.Second)
		if got := r.happened(); got != "" {
			t.Errorf("a test that was broken off did this: %q", got)
		}
	})
}

func TestTrialsOfABoardWithout(t *testing.T) {
	p := panel.New(panel.Config{})
	if err := p.Show(t.Context(), board.Red, time.Second); !errors.Is(err, panel.ErrNone) {
		t.Errorf("light: %v", err)
	}
	if err := p.AwaitPress(t.Context(), nil); !errors.Is(err, panel.ErrNone) {
		t.Errorf("button: %v", err)
	}
}
