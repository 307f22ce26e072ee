package engine_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"syncbox/connectors/pairs"
	"syncbox/connectors/record"
	"syncbox/sync/engine"
	"syncbox/sync/schedule"
)

// stepping is a clock that tells of its first wait and ends the run there.
type stepping struct {
	*clock
	waited chan time.Duration
}

func (c stepping) After(d time.Duration) <-chan time.Time {
	select {
	case c.waited <- d:
	default:
	}
	return nil
}

// runOnce runs the engine until it rests for the first time, and gives for how long it would.
func (w *world) runOnce() time.Duration {
	w.t.Helper()
	c := stepping{w.clock, make(chan time.Duration, 1)}
	must(w.t, w.build(w.crm, c))
	ctx, cancel := context.WithCancel(w.t.Context())
	ended := make(chan error, 1)
	go func() { ended <- w.engine.Run(ctx) }()
	d := <-c.waited
	cancel()
	must(w.t, <-ended)
	return d
}

// A time of day before the program was made, decades after it, or before what the job has lived through, is told
// once. The sync goes on; where hours are to be kept it waits for the clock.
//
// Requirement: ACO-6
func TestClockThatCannotBeRight(t *testing.T) {
	const year = 365 * 24 * time.Hour
	for _, row := range []struct {
		name  string
		jump  time.Duration
		wrong bool
	}{
		{"right", 0, false},
		{"an hour behind", -time.Hour, false},
		{"a week behind", -7 * 24 * time.Hour, true},
		{"1970", -56 * year, true},
		{"2100", 74 * year, true},
		{"in ten years", 10 * year, false}, // the box may have lain in a cupboard
	} {
		for _, hours := range []bool{false, true} {
			name := row.name
			if hours {
				name += ", with hours to keep"
			}
			t.Run(name, func(t *testing.T) {
				w := worldOf(t, pairs.AcombaCentrixOneOptions{}, func(w *world) {
					w.set.Made = w.clock.now.AddDate(0, -1, 0)
					if hours {
						w.set.Schedule.Allowed = []schedule.Window{{From: 0, To: 23 * 60}, {From: 23 * 60, To: 24 * 60}}
					}
				})
				w.cycles(1)
				w.runOnce()
				w.clock.jump = row.jump
				w.customer(2, "Client")
				w.runOnce()
				w.runOnce()
				told := 0
				for _, code := range w.journal() {
					if code == "clock-wrong" {
						told++
					}
				}
				if st := w.engine.Status(); st.ClockWrong != row.wrong || told > 0 != row.wrong || told > 1 {
					t.Errorf("the clock is wrong: %v, told %d times, want %v", st.ClockWrong, told, row.wrong)
				}
				waits := row.wrong && hours
				if there := w.byExternal(record.Account, "CU2") != nil; there == waits || (w.engine.Status().Service == engine.Blackout) != waits {
					t.Errorf("the customer is there: %v, service %s", there, w.engine.Status().Service)
				}
				w.clock.jump = 0
				w.runOnce()
				if w.engine.Status().ClockWrong || w.byExternal(record.Account, "CU2") == nil {
					t.Errorf("after the clock was set: wrong %v, %q", w.engine.Status().ClockWrong, w.journal())
				}
			})
		}
	}
}

// Without a battery, a new box starts in 1970.
func TestFirstStartIn1970(t *testing.T) {
	w := worldOf(t, pairs.AcombaCentrixOneOptions{}, func(w *world) {
		w.set.Made = w.clock.now.AddDate(0, -1, 0)
		w.clock.jump = -56 * 365 * 24 * time.Hour
	})
	w.runOnce()
	if !w.engine.Status().ClockWrong {
		t.Error("1970 is taken for the time of day")
	}
	w.clock.jump = 0
	w.runOnce()
	if w.engine.Status().ClockWrong {
		t.Error("the right clock is called wrong")
	}
}

// A clock that was far ahead at the first start says nothing about the right one.
func TestFirstStartInTheFuture(t *testing.T) {
	w := worldOf(t, pairs.AcombaCentrixOneOptions{}, func(w *world) {
		w.set.Made = w.clock.now.AddDate(0, -1, 0)
		w.clock.jump = 74 * 365 * 24 * time.Hour
	})
	w.runOnce()
	w.clock.jump = 0
	w.runOnce()
	if w.engine.Status().ClockWrong {
		t.Error("the right clock is called wrong")
	}
	if !slices.Contains(w.journal(), "clock-wrong") {
		t.Error("2100 was not told")
	}
}
