package app

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"syncbox/firmware/internal/pulse"
	"syncbox/sync/store"
)

// TestEngineGetsOn: an engine that asks for the time gets on, one that rests does too, and one that does neither hangs.
func TestEngineGetsOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := pulse.New(nil, time.Minute, slog.New(slog.DiscardHandler))
		c := &beatingClock{systemClock: newSystemClock(), progress: w.Expect("engine", engineBound)}
		expect := func(when string, want ...string) {
			t.Helper()
			if got := w.Late(); !slices.Equal(got, want) {
				t.Errorf("%s: late are %v, want %v", when, got, want)
			}
		}
		for range 10 {
			c.Now()
			time.Sleep(engineBound - time.Second)
			c.Steady()
			time.Sleep(engineBound - time.Second)
			expect("at work")
		}
		c.After(3 * time.Hour)
		time.Sleep(time.Hour)
		c.Now() // somebody asked for something meanwhile
		time.Sleep(2*time.Hour + engineBound - time.Second)
		expect("resting")
		time.Sleep(time.Second)
		expect("asleep for too long", "engine")
		c.Now()
		expect("awake again")
		time.Sleep(engineBound)
		expect("hanging", "engine")
	})
}

// TestStoreGetsOn: a minute's probe is a report, changes nothing, and is not to be had while a writer hangs.
func TestStoreGetsOn(t *testing.T) {
	files, err := store.OpenJob(filepath.Join(t.TempDir(), "job"), "syncbox-test", "job", 1, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	steps := make(counted, 1)
	before := files.State.WaitsVersion()
	free, ended := make(chan struct{}), make(chan error)
	held := make(chan struct{})
	go func() {
		ended <- files.State.Update(func(*store.Txn) error {
			close(held)
			<-free
			return errProbe
		})
	}()
	<-held
	go probeOnce(files.State, steps)
	select {
	case <-steps:
		t.Error("a step was reported while a writer hangs")
	case <-time.After(50 * time.Millisecond):
	}
	close(free)
	<-ended
	<-steps
	if files.State.WaitsVersion() != before {
		t.Error("the probe changed something")
	}
}

// counted is a progress that tells each step.
type counted chan struct{}

func (c counted) Made()                { c <- struct{}{} }
func (c counted) Within(time.Duration) {}
func (c counted) Done()                {}

// partFunc is a part.
type partFunc func(ctx context.Context) error

func (f partFunc) Run(ctx context.Context) error { return f(ctx) }

// TestKeep: a part that fails, panics or just ends is started again, with growing pauses.
func TestKeep(t *testing.T) {
	ways := map[string]partFunc{
		"fails":  func(context.Context) error { return errors.New("broken") },
		"panics": func(context.Context) error { panic("our mistake") },
		"ends":   func(context.Context) error { return nil },
	}
	for name, p := range ways {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var begun atomic.Int32
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				Keep(ctx, slog.New(slog.DiscardHandler), name, partFunc(func(ctx context.Context) error {
					begun.Add(1)
					return p(ctx)
				}))
				// 1+2+4+…+256 s is nine pauses and 511 s, then 300 s each.
				if got := begun.Load(); got != 20 {
					t.Errorf("started %d times in an hour, want 20", got)
				}
			})
		})
	}
}
