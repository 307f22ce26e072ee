package daytime_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"syncbox/firmware/internal/daytime"
)

var made = time.Date(2026, time.November, 1, 0, 0, 0, 0, time.UTC)

// system is a clock that shows what a test says, and goes on with the test's.
type system struct {
	shown time.Time
	from  time.Time
	steps []time.Time
	slews []time.Duration

	broken error // it can't be set
}

func newSystem(shown time.Time) *system { return &system{shown: shown, from: time.Now()} }

func (s *system) Now() time.Time { return s.shown.Add(time.Since(s.from)) }

func (s *system) Step(to time.Time) error {
	if s.broken != nil {
		return s.broken
	}
	s.shown, s.from = to, time.Now()
	s.steps = append(s.steps, to)
	return nil
}

func (s *system) Slew(by time.Duration) error {
	s.slews = append(s.slews, by)
	return nil
}

// world is a keeper and what it sees.
type world struct {
	logs bytes.Buffer
	*daytime.Keeper
	*system
	path    string
	servers []string
	since   time.Time                              // when they are there
	right   func(server string) (time.Time, error) // what a server shows
	asked   int
	known   int // how often it was told that the time is
}

func newWorld(t *testing.T, shown time.Time) *world {
	w := &world{system: newSystem(shown), path: filepath.Join(t.TempDir(), "clock"), servers: []string{"a"}}
	w.Keeper = daytime.New(daytime.Config{
		System: w.system, Made: made, Path: w.path, Known: func() { w.known++ }, Log: slog.New(slog.NewTextHandler(&w.logs, nil)),
		Servers: func() []string {
			if time.Now().Before(w.since) {
				return nil
			}
			return w.servers
		},
		Ask: func(_ context.Context, server string) (time.Duration, error) {
			w.asked++
			at, err := w.right(server)
			return at.Sub(w.Now()), err
		},
	})
	return w
}

func (w *world) keep(t *testing.T, text string) {
	t.Helper()
	if err := os.WriteFile(w.path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// run runs the keeper for some time of the bubble.
func (w *world) run(t *testing.T, d time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	if err := w.Run(ctx); err != nil {
		t.Fatal(err)
	}
}

func TestBegin(t *testing.T) {
	day := 24 * time.Hour
	tests := []struct {
		name   string
		shown  time.Time
		file   string
		want   time.Time
		warned bool
	}{
		{"no clock, nothing kept", time.Unix(3, 0), "", made, false},
		{"no clock, a time kept", time.Unix(3, 0), "2026-12-24T18:00:00Z\n", time.Date(2026, 12, 24, 18, 0, 0, 0, time.UTC), false},
		{"a time kept by an older program", time.Unix(3, 0), "2025-12-24T18:00:00Z\n", made, false},
		{"a clock that is right", made.Add(99 * day), "2026-12-24T18:00:00Z\n", made.Add(99 * day), false},
		{"garbage kept", time.Unix(3, 0), "\x00\x00\x00\x00", made, true},
		{"nonsense kept", time.Unix(3, 0), "2099-01-01T00:00:00Z\n", made, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, tt.shown)
				if tt.file != "" {
					w.keep(t, tt.file)
				}
				if err := w.Begin(); err != nil || !w.Now().Equal(tt.want) {
					t.Errorf("shows %s, %v, want %s", w.Now(), err, tt.want)
				}
				if got := strings.Contains(w.logs.String(), "kept time not used"); got != tt.warned {
					t.Errorf("warned %t, want %t; log: %s", got, tt.warned, w.logs.String())
				}
			})
		})
	}
}

// TestKept: what was shown before a power cut is never shown again.
func TestKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, time.Unix(0, 0))
		w.servers = nil
		if err := w.Begin(); err != nil {
			t.Fatal(err)
		}
		w.run(t, 5*time.Hour+time.Minute)
		next := newWorld(t, time.Unix(0, 0))
		text, err := os.ReadFile(w.path)
		if err != nil {
			t.Fatal(err)
		}
		next.keep(t, string(text))
		if err := next.Begin(); err != nil || next.Now().Before(made.Add(5*time.Hour+time.Minute)) {
			t.Errorf("after an orderly end: shows %s, %v", next.Now(), err)
		}
	})
}

// TestServersComeLater: a box that finds no time server asks again soon, not in an hour, and keeps what it is told at once.
func TestServersComeLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, made)
		w.since = time.Now().Add(5 * time.Minute)
		w.right = func(string) (time.Time, error) { return w.Now().Add(time.Minute), nil }
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- w.Run(ctx) }()
		time.Sleep(16 * time.Minute)
		synctest.Wait()
		if len(w.steps) != 1 {
			t.Errorf("the clock was set %d times, want once, soon after there is a server", len(w.steps))
		}
		if text, err := os.ReadFile(w.path); err != nil || string(text) < "2026-11-01T00:06" {
			t.Errorf("kept %q, %v", text, err)
		}
		time.Sleep(3 * time.Hour) // the servers are asked again
		synctest.Wait()
		if w.known != 1 || len(w.steps) < 2 {
			t.Errorf("told %d times that the time is known, set %d times, want once, and again", w.known, len(w.steps))
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// TestAClockThatCannotBeSet is not confirmed by who tells the time.
func TestAClockThatCannotBeSet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, made)
		w.broken = errors.New("no clock")
		w.right = func(string) (time.Time, error) { return w.Now().Add(time.Minute), nil }
		w.run(t, 2*time.Hour)
		if got := w.Conditions(); !slices.Equal(got, []string{daytime.Unknown}) || !strings.Contains(w.logs.String(), "no clock") {
			t.Errorf("%v holds; log: %s", got, w.logs.String())
		}
	})
}

// TestKeepNeverGoesBack: a clock that went back does not take the later time out of the file, and what could not be
// written is tried again.
func TestKeepNeverGoesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, made.Add(time.Hour))
		if err := os.Mkdir(w.path, 0o700); err != nil { // in the file's place
			t.Fatal(err)
		}
		if err := w.Keep(); err == nil {
			t.Error("a time that can't be kept is no error")
		}
		if err := os.Remove(w.path); err != nil {
			t.Fatal(err)
		}
		for _, shown := range []time.Time{made.Add(time.Hour), made.Add(time.Minute)} {
			if err := w.Step(shown); err != nil {
				t.Fatal(err)
			}
			if err := w.Keep(); err != nil {
				t.Error(err)
			}
			if text, err := os.ReadFile(w.path); err != nil || string(text) != "2026-11-01T01:00:00Z\n" {
				t.Errorf("shown %s: kept %q, %v", shown, text, err)
			}
		}
	})
}

// TestHourly: a power cut loses an hour at most.
func TestHourly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, made)
		w.servers = nil
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- w.Run(ctx) }()
		time.Sleep(3*time.Hour + time.Minute)
		synctest.Wait()
		if text, err := os.ReadFile(w.path); err != nil || string(text) != "2026-11-01T03:00:00Z\n" {
			t.Errorf("kept %q, %v", text, err)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func TestCorrect(t *testing.T) {
	now := made.Add(100 * time.Hour)
	shows := func(off time.Duration) func(w *world) func(string) (time.Time, error) {
		return func(w *world) func(string) (time.Time, error) {
			begin, right := time.Now(), w.Now().Add(off)
			return func(string) (time.Time, error) { return right.Add(time.Since(begin)), nil }
		}
	}
	tests := []struct {
		name       string
		kept       string
		right      func(w *world) func(string) (time.Time, error)
		stepped    time.Duration // from now; 0 = not at all
		slewed     bool
		notSettled bool
	}{
		{"days behind", "", shows(48 * time.Hour), 48 * time.Hour, false, false},
		{"a little off", "", shows(-20 * time.Millisecond), 0, true, false},
		{"ahead", "", shows(-2 * time.Second), -2 * time.Second, false, false},
		{"hours ahead of what is right, nothing kept", "", shows(-5 * time.Hour), -5 * time.Hour, false, false},
		{"a minute before what was kept", "2026-11-05T04:00:00Z\n", shows(-time.Minute), 0, true, false},
		{"an hour before what was kept", "2026-11-05T04:00:00Z\n", shows(-time.Hour), 0, false, true},
		{"before the program was made", "", shows(-101 * time.Hour), 0, false, true},
		{"in a hundred years", "", shows(100 * 365 * 24 * time.Hour), 0, false, true},
		{"no answer", "", func(*world) func(string) (time.Time, error) {
			return func(string) (time.Time, error) { return time.Time{}, errors.New("no answer") }
		}, 0, false, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, now)
				if tt.kept != "" {
					w.keep(t, tt.kept)
				}
				if err := w.Begin(); err != nil {
					t.Fatal(err)
				}
				w.right = tt.right(w)
				w.run(t, time.Second)
				var want []time.Time
				if tt.stepped != 0 {
					want = []time.Time{now.Add(tt.stepped)}
				}
				if !slices.EqualFunc(w.steps, want, time.Time.Equal) {
					t.Errorf("stepped to %v, want %v", w.steps, want)
				}
				if (len(w.slews) > 0) != tt.slewed {
					t.Errorf("slewed by %v, want it: %t", w.slews, tt.slewed)
				}
				asked := w.asked
				w.run(t, 30*time.Minute)
				if again := w.asked > asked+1; again != tt.notSettled {
					t.Errorf("asked %d times, then %d: want it again soon: %t", asked, w.asked-asked, tt.notSettled)
				}
			})
		})
	}
}

func TestServersDisagree(t *testing.T) {
	hours := map[string]time.Duration{"a": 0, "b": 5 * time.Hour, "c": 5*time.Hour + 100*time.Millisecond, "d": 9 * time.Hour}
	tests := []struct {
		name    string
		servers []string
		want    time.Duration // 0 = none is believed
	}{
		{"two that differ", []string{"a", "b"}, 0},
		{"two of three", []string{"a", "b", "c"}, 5 * time.Hour},
		{"two of four", []string{"a", "b", "c", "d"}, 0},
		{"the one that answers", []string{"none", "b"}, 5 * time.Hour},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, made)
				w.servers = tt.servers
				w.right = func(server string) (time.Time, error) {
					off, ok := hours[server]
					if !ok {
						return time.Time{}, errors.New("no answer")
					}
					return w.Now().Add(off), nil
				}
				w.run(t, time.Second)
				moved := w.Now().Sub(made) - time.Second
				if (moved - tt.want).Abs() > time.Second {
					t.Errorf("clock moved by %s, want %s", moved, tt.want)
				}
				w.run(t, 2*time.Hour)
				if got, want := len(w.Conditions()) > 0, tt.want == 0; got != want {
					t.Errorf("after two hours, %v holds; nobody confirmed the time: %t", w.Conditions(), want)
				}
			})
		})
	}
}

// TestSuspect: a server that goes mad for one round does not move a clock that was right.
func TestSuspect(t *testing.T) {
	for name, mad := range map[string]int{"for one round": 1, "for good": 1000} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, made)
				begin := time.Now()
				round := 0
				w.right = func(string) (time.Time, error) {
					round++
					at := made.Add(time.Since(begin))
					if round > 1 && round <= 1+mad {
						at = at.Add(1000 * time.Hour)
					}
					return at, nil
				}
				w.run(t, 3*time.Hour)
				if moved := len(w.steps) > 0; moved != (mad > 1) {
					t.Errorf("clock was set to %v", w.steps)
				}
			})
		})
	}
}

func TestConditions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, made)
		answers := false
		w.right = func(string) (time.Time, error) {
			if !answers {
				return time.Time{}, errors.New("no answer")
			}
			return w.Now(), nil
		}
		expect := func(when string, want ...string) {
			t.Helper()
			if got := w.Conditions(); !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", when, got, want)
			}
		}
		w.run(t, 50*time.Minute)
		expect("after 50 minutes")
		w.run(t, 20*time.Minute)
		expect("after 70 minutes", daytime.Unknown)
		answers = true
		w.run(t, time.Hour)
		expect("with an answer")
		answers = false
		w.run(t, 6*24*time.Hour)
		expect("six days later")
		w.run(t, 2*24*time.Hour)
		expect("eight days later", daytime.Unknown)
	})
}
