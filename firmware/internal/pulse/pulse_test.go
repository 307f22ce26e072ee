package pulse_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"syncbox/board/boardtest"
	"syncbox/firmware/internal/pulse"
)

const timeout = 12 * time.Second

// rig is a watch that runs in a bubble.
type rig struct {
	*pulse.Watch
	t   *testing.T
	dog *boardtest.Watchdog
	log bytes.Buffer
}

func inBubble(t *testing.T, test func(*rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := &rig{t: t, dog: boardtest.NewWatchdog(time.Now, timeout)}
		r.Watch = pulse.New(r.dog, timeout, slog.New(slog.NewTextHandler(&r.log, nil)))
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- r.Run(ctx) }()
		test(r)
		stop()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
}

// logged gives what was logged so far.
func (r *rig) logged() string {
	synctest.Wait()
	return r.log.String()
}

// steps makes steps with a pause after each.
func steps(p pulse.Progress, n int, pause time.Duration) {
	for range n {
		p.Made()
		time.Sleep(pause)
	}
}

// quiet fails the test if the board was started again.
func (r *rig) quiet(what string) {
	r.t.Helper()
	synctest.Wait()
	if r.dog.Bitten() || len(r.Late()) > 0 {
		r.t.Errorf("%s: bitten %v, late %v", what, r.dog.Bitten(), r.Late())
	}
}

// silent fails the test unless no keep-alive comes any more and the board is started again within a time-out.
func (r *rig) silent(who ...string) {
	r.t.Helper()
	synctest.Wait()
	if got := r.Late(); !slices.Equal(got, who) {
		r.t.Errorf("late: got %v, want %v", got, who)
	}
	kept := r.dog.Kept()
	time.Sleep(timeout)
	synctest.Wait()
	if r.dog.Kept() != kept || !r.dog.Bitten() {
		r.t.Errorf("%d keep-alives more, bitten %v: nobody stops them", r.dog.Kept()-kept, r.dog.Bitten())
	}
}

func TestNobodyIsExpected(t *testing.T) {
	inBubble(t, func(r *rig) {
		time.Sleep(24 * time.Hour)
		r.quiet("an idle box")
		if got, least := r.dog.Kept(), int(24*time.Hour/timeout*3); got < least {
			t.Errorf("%d keep-alives, want at least %d: one may be lost", got, least)
		}
	})
}

func TestProgress(t *testing.T) {
	inBubble(t, func(r *rig) {
		engine, store := r.Expect("engine exemple", time.Minute), r.Expect("store exemple", 10*time.Minute)
		for range 20 {
			store.Made()
			steps(engine, 5, 59*time.Second)
		}
		r.quiet("everybody gets on")
		engine.Made()
		time.Sleep(time.Minute)
		r.silent("engine exemple")
	})
}

// One who hangs is enough, however well the others are.
func TestOneHangs(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.Expect("store exemple", 5*time.Minute)
		engine := r.Expect("engine exemple", time.Minute)
		steps(engine, 10, 29*time.Second)
		r.quiet("nobody hangs yet")
		steps(engine, 1, 10*time.Second)
		r.silent("store exemple")
		if got := r.logged(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "store exemple") {
			t.Errorf("the log says it otherwise than once: %s", got)
		}
	})
}

// Who says that a step takes long is let be, this once.
func TestSlowButAllowed(t *testing.T) {
	inBubble(t, func(r *rig) {
		engine := r.Expect("engine exemple", time.Minute)
		engine.Within(time.Hour)
		time.Sleep(time.Hour - time.Second)
		r.quiet("within the hour")
		engine.Made()
		time.Sleep(time.Minute - time.Second)
		r.quiet("within the bound")
		time.Sleep(time.Second)
		r.silent("engine exemple")
	})
}

func TestLongerThanItSaid(t *testing.T) {
	inBubble(t, func(r *rig) {
		engine := r.Expect("engine exemple", time.Minute)
		engine.Within(time.Hour)
		time.Sleep(time.Hour)
		r.silent("engine exemple")
	})
}

func TestDone(t *testing.T) {
	inBubble(t, func(r *rig) {
		engine := r.Expect("engine exemple", time.Minute)
		engine.Done()
		engine.Done()
		time.Sleep(time.Hour)
		r.quiet("nothing is expected of it")
		engine.Made()
		time.Sleep(time.Minute)
		r.silent("engine exemple")
	})
}

// Who gets on before the watchdog bites is forgiven.
func TestLateButAlive(t *testing.T) {
	inBubble(t, func(r *rig) {
		engine := r.Expect("engine exemple", time.Minute)
		time.Sleep(time.Minute + timeout/4)
		if got := r.Late(); len(got) != 1 {
			t.Errorf("late: got %v", got)
		}
		steps(engine, 10, 59*time.Second)
		r.quiet("it goes on")
		if got := r.logged(); strings.Count(got, "\n") != 2 || !strings.Contains(got, "gets on again") {
			t.Errorf("the log: %s", got)
		}
	})
}

func TestADogThatCantBeTold(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.dog.Break(errors.New("gone"))
		time.Sleep(time.Hour)
		if got := r.logged(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "gone") {
			t.Errorf("the log has it otherwise than once: %s", got)
		}
		r.dog.Break(nil)
		kept := r.dog.Kept()
		time.Sleep(timeout)
		synctest.Wait()
		if r.dog.Kept() == kept {
			t.Error("it is not tried again")
		}
	})
}

// The end has a whole time-out, unless somebody hangs.
func TestEnd(t *testing.T) {
	for _, hangs := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			dog := boardtest.NewWatchdog(time.Now, timeout)
			w := pulse.New(dog, timeout, slog.New(slog.DiscardHandler))
			if hangs {
				w.Expect("engine exemple", time.Minute)
			}
			ctx, stop := context.WithTimeout(t.Context(), time.Minute+time.Second)
			defer stop()
			if err := w.Run(ctx); err != nil {
				t.Error(err)
			}
			time.Sleep(timeout - 1)
			if dog.Bitten() != hangs {
				t.Errorf("hangs %v: bitten %v", hangs, dog.Bitten())
			}
		})
	}
}

func TestWithoutADog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		w := pulse.New(nil, timeout, slog.New(slog.NewTextHandler(&log, nil)))
		w.Expect("engine exemple", time.Minute)
		ctx, stop := context.WithTimeout(t.Context(), time.Hour)
		defer stop()
		if err := w.Run(ctx); err != nil {
			t.Error(err)
		}
		if got := w.Late(); len(got) != 1 || strings.Count(log.String(), "\n") != 1 {
			t.Errorf("late %v, log %s", got, log.String())
		}
	})
}

// Everybody reports from a goroutine of its own.
func TestManyAtOnce(t *testing.T) {
	inBubble(t, func(r *rig) {
		var all sync.WaitGroup
		for i := range 20 {
			all.Go(func() {
				p := r.Expect(fmt.Sprint("part ", i), time.Minute)
				steps(p, 50, 50*time.Second)
				p.Done()
			})
		}
		all.Wait()
		time.Sleep(time.Hour)
		r.quiet("all have ended")
	})
}
