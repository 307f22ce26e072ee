package stick_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/firmware/internal/stick"
)

// slot is where a test plugs sticks in: by name, the folders of their volumes.
type slot struct {
	mu      sync.Mutex // protects what follows
	in      map[string][]string
	cold    int   // so many more uses fail
	writing error // what making a stick writable gives
	uses    int
	writes  int
}

func (s *slot) plug(name string, volumes ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.in[name] = volumes
}

func (s *slot) pull(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.in, name)
}

// Sticks makes the slot one.
func (s *slot) Sticks() ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []string
	for name := range s.in {
		all = append(all, name)
	}
	slices.Sort(all)
	return all, nil
}

var errCold = errors.New("no medium")

// Use makes the slot one.
func (s *slot) Use(name string, fn func(string, func(func() error) error) bool) error {
	s.mu.Lock()
	volumes := s.in[name]
	s.uses++
	s.cold--
	cold := s.cold >= 0
	s.mu.Unlock()
	if cold || len(volumes) == 0 {
		return errCold
	}
	for _, dir := range volumes {
		next := fn(dir, func(write func() error) error {
			if s.writing != nil {
				return s.writing
			}
			s.writes++
			return write()
		})
		if !next {
			break
		}
	}
	return nil
}

// state keeps which codes hold.
type state struct {
	mu    sync.Mutex
	holds map[string]bool
}

func (s *state) Set(code string, holds bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.holds[code] = holds
}

// partRig is a box with a slot, whose part looks every second.
type partRig struct {
	*rig
	slot     *slot
	state    *state
	pulls    int
	updates  stick.Updates
	identity stick.Identity
	stop     context.CancelFunc
	ended    chan error
}

// run runs a test with a part, sticks in it from the beginning or not.
func run(t *testing.T, test func(*partRig), before ...func(*partRig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := &partRig{rig: newRig(t, nil), slot: &slot{in: map[string][]string{}}, state: &state{holds: map[string]bool{}}}
		for _, fn := range before {
			fn(r)
		}
		r.start()
		test(r)
		r.end()
	})
}

func (r *partRig) start() {
	ctx, stop := context.WithCancel(context.Background())
	r.stop, r.ended = stop, make(chan error, 1)
	part := &stick.Part{Slot: r.slot, Setup: func() *stick.Setup { return r.setup }, State: r.state, Journal: r.rig, Pull: func() { r.pulls++ }, Updates: r.updates, Identity: r.identity,
		Log: slog.New(slog.NewTextHandler(&r.logs, nil))}
	go func() { r.ended <- part.Run(ctx) }()
	synctest.Wait()
}

func (r *partRig) end() {
	r.stop()
	if err := <-r.ended; err != nil {
		r.t.Error(err)
	}
}

// stick makes a stick with a syncbox.toml; an empty text is none.
func (r *partRig) stick(text string) string {
	dir := r.t.TempDir()
	if text != "" {
		must(r.t, os.WriteFile(filepath.Join(dir, "SYNCBOX.TOML"), []byte(text), 0o600))
	}
	return dir
}

func (r *partRig) pass() { time.Sleep(3 * time.Second); synctest.Wait() }

// is compares what the box did, and what it shows.
func (r *partRig) is(what string, pulls int, refused, unreadable bool, events ...string) {
	r.t.Helper()
	if d := cmp.Diff(events, r.kept); d != "" {
		r.t.Errorf("%s: journal (-want +got):\n%s", what, d)
	}
	r.state.mu.Lock()
	defer r.state.mu.Unlock()
	got := map[string]bool{"refused": r.state.holds[stick.CodeRefused], "unreadable": r.state.holds[stick.CodeUnreadable]}
	if d := cmp.Diff(map[string]bool{"refused": refused, "unreadable": unreadable}, got); d != "" {
		r.t.Errorf("%s: codes (-want +got):\n%s", what, d)
	}
	if r.pulls != pulls {
		r.t.Errorf("%s: shown %d times that it may be pulled, want %d", what, r.pulls, pulls)
	}
}

const badStick = "[network]\nhostname = \n"

func TestPart(t *testing.T) {
	run(t, func(r *partRig) {
		r.pass()
		r.is("nothing is in", 0, false, false)
		good := r.stick(hostA)
		r.slot.plug("sda#1", r.stick(""), good) // it is on the second volume
		r.pass()
		r.is("good", 1, false, false, "stick-applied network.hostname")
		report, err := os.ReadFile(filepath.Join(good, stick.ReportName))
		must(t, err)
		if len(report) == 0 || r.slot.uses != 1 {
			t.Errorf("report %q after %d uses, want one", report, r.slot.uses)
		}
		bad := r.stick(badStick)
		r.slot.plug("sdb#2", bad)
		r.pass()
		r.is("bad beside it", 1, true, false, "stick-applied network.hostname", "stick-refused")
		r.slot.pull("sda#1")
		r.pass()
		r.is("good pulled", 1, true, false, "stick-applied network.hostname", "stick-refused")
		r.slot.pull("sdb#2")
		r.slot.plug("sda#3", good)
		r.pass()
		r.is("bad pulled, good in once more", 2, false, false, "stick-applied network.hostname", "stick-refused")
		if now, err := os.ReadFile(filepath.Join(good, stick.ReportName)); err != nil || string(now) != string(report) {
			t.Errorf("the report of what was set is another one: %s, %v", now, err)
		}
	})
}

// A stick that stays in is applied once, says nothing at the next starts, and is not written to at each.
func TestPartOfAStickThatStays(t *testing.T) {
	for name, want := range map[string]struct {
		text   string
		pulls  int
		events []string
	}{
		"good": {hostA, 1, []string{"stick-applied network.hostname"}},
		"bad":  {badStick, 0, []string{"stick-refused", "stick-refused", "stick-refused"}}, // it may fit another day
	} {
		t.Run(name, func(t *testing.T) {
			run(t, func(r *partRig) {
				for range 2 {
					r.end()
					r.start()
					r.pass()
				}
				r.is("after three starts", want.pulls, name == "bad", false, want.events...)
				if r.slot.writes != 1 {
					t.Errorf("written %d times", r.slot.writes)
				}
			}, func(r *partRig) { r.slot.plug("sda#1", r.stick(want.text)) })
		})
	}
}

func TestPartOfBadSticks(t *testing.T) {
	run(t, func(r *partRig) {
		r.slot.cold = 2
		r.slot.plug("sda#1", r.stick(hostA))
		r.pass()
		r.is("slow", 1, false, false, "stick-applied network.hostname")
		r.slot.plug("sdb#2")
		r.pass()
		r.pass()
		r.is("unreadable", 1, false, true, "stick-applied network.hostname", "stick-unreadable")
		r.slot.pull("sdb#2")
		r.slot.plug("sdc#3", r.stick(""))
		r.pass()
		r.is("for something else", 1, false, false, "stick-applied network.hostname", "stick-unreadable")
		if r.slot.writes != 1 {
			t.Errorf("written %d times", r.slot.writes)
		}
		r.slot.writing = errors.New("write-protected")
		r.slot.plug("sdd#4", r.stick(hostB))
		r.pass()
		r.is("write-protected", 2, false, false, "stick-applied network.hostname", "stick-unreadable", "stick-applied network.hostname", "stick-report-lost")
	})
}

// A stick that is pulled while it is read, or before the report is written, changes nothing and ends nothing.
func TestPartPulledInTheMiddle(t *testing.T) {
	run(t, func(r *partRig) {
		was := r.rig.state()
		dir := r.stick("")
		must(t, os.Mkdir(filepath.Join(dir, "syncbox.toml"), 0o700)) // what can't be read to its end
		r.slot.writing = errors.New("no such device")
		r.slot.plug("sda#1", dir)
		r.pass()
		r.slot.pull("sda#1")
		r.pass()
		r.is("pulled", 0, false, false, "stick-refused", "stick-report-lost")
		if now := r.rig.state(); now != was {
			t.Errorf("changed:\n%s", cmp.Diff(was, now))
		}
	})
}
