package engine_test

import (
	"slices"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/pairs"
	"syncbox/connectors/record"
)

// newLateWorld makes a world whose CRM finds records only some time after their creation, and does not
// recognise a second create. The answer to the first write is lost; the write itself arrives later.
func newLateWorld(t *testing.T) *world {
	w := worldOf(t, pairs.AcombaCentrixOneOptions{}, func(w *world) {
		w.crm.traits.Upsert, w.crm.traits.IndexLag = false, time.Minute
		w.set.Schedule.Interval = time.Second
	})
	w.line.fault = fault{call: 1, kind: late}
	w.customer(2, "Client")
	return w
}

// TestTimeOfDayExpiresNothing lets the time of day jump while a create has no certain outcome: it is not
// sent again before a late arrival is excluded by the time that really passed, and not left for ever.
func TestTimeOfDayExpiresNothing(t *testing.T) {
	for name, jump := range map[string]time.Duration{
		"to 2100":     74 * 365 * 24 * time.Hour,
		"to 1970":     -56 * 365 * 24 * time.Hour,
		"not at all":  0,
		"an hour off": -time.Hour,
	} {
		t.Run(name, func(t *testing.T) {
			w := newLateWorld(t)
			w.cycles(1)
			w.clock.jump = jump
			w.cycles(100)
			if n := len(w.crm.records[record.Account]); n != 0 {
				t.Fatalf("%d accounts were created while the first create could still arrive", n)
			}
			w.crm.arriveLate()
			w.clock.now = w.clock.now.Add(4 * time.Minute)
			w.cycles(3)
			if n := len(w.crm.records[record.Account]); n != 1 || w.byExternal(record.Contact, "CC2") == nil {
				t.Errorf("%d accounts, contact %v, want one of each", n, w.byExternal(record.Contact, "CC2"))
			}
		})
	}
}

// TestDeadlinesOutliveThePower cuts the power again and again while a create has no certain outcome: the
// time before each cut counts, the time without power does not.
func TestDeadlinesOutliveThePower(t *testing.T) {
	w := newLateWorld(t)
	w.cycles(1)
	for range 4 {
		w.clock.now = w.clock.now.Add(50 * time.Second)
		w.cycles(1)
		w.clock.now = w.clock.now.Add(-time.Hour) // the steady clock of the next run begins anywhere
		w.open()
	}
	w.crm.answer = func(connectors.Op) *connectors.Result { return nil }
	w.cycles(1)
	if n := len(w.crm.records[record.Account]); n != 1 {
		t.Errorf("%d accounts after three minutes in four runs, want it created again", n)
	}
}

// TestRetryTimeOfAWrongClock lets a record be refused while the time of day is 2100: when it is right again,
// the record is tried again in hours, not in decades.
func TestRetryTimeOfAWrongClock(t *testing.T) {
	w := newWorld(t, false)
	w.customer(2, "Client")
	w.clock.jump = 74 * 365 * 24 * time.Hour
	refused := true
	w.crm.answer = func(op connectors.Op) *connectors.Result {
		if !refused || op.Entity != record.Account {
			return nil
		}
		return &connectors.Result{Outcome: connectors.NotApplied, Err: connectors.Errorf(connectors.Rejected, "crm-bad-value", "refused")}
	}
	w.cycles(6)
	refused, w.clock.jump = false, 0
	w.cycles(2)
	if w.byExternal(record.Account, "CU2") == nil {
		t.Errorf("waits %q", w.waits())
	}
}

// TestFirstCycleIsCut cuts the first two cycles of a job at every point, and starts the box at another time of day
// each time: what was told before in the job's own time still comes to its end.
func TestFirstCycleIsCut(t *testing.T) {
	for first := 1; first < 20; first++ {
		for second := 1; second < 10; second++ {
			w := newLateWorld(t)
			w.line.fault = fault{}
			for _, cut := range []int{first, second} {
				w.power.cut = w.power.points + cut
				_ = w.engine.Cycle(t.Context()) // cut
				w.power.cut = 0
				w.clock.jump -= 20 * 365 * 24 * time.Hour
				w.open()
			}
			w.cycles(2)
			w.clock.now = w.clock.now.Add(10 * time.Minute)
			w.cycles(3)
			if open := w.unsettled(); w.byExternal(record.Account, "CU2") == nil || len(open) > 0 {
				t.Fatalf("cut at %d and %d: account %v; still open: %q", first, second, w.byExternal(record.Account, "CU2"), open)
			}
		}
	}
}

// A record is linked in a long run that is cut: the time it was linked at does not lie ahead in the next run, in which its
// deletion in the CRM would not count for as long.
func TestLinkedJustBeforeThePowerIsCut(t *testing.T) {
	for cut := range 12 {
		linkedAndCut(t, 1+cut)
	}
}

func linkedAndCut(t *testing.T, cut int) {
	t.Helper()
	w := worldOf(t, pairs.AcombaCentrixOneOptions{}, func(w *world) {
		w.crm.traits.IndexLag = time.Minute
		w.set.SweepRarely, w.set.Schedule.Interval = time.Minute, 10*time.Second
	})
	w.cycles(2)
	w.clock.now = w.clock.now.Add(50 * time.Minute) // at rest, the time is kept once an hour
	w.customer(2, "Client")
	w.power.cut = w.power.points + cut
	_ = w.engine.Cycle(t.Context())
	w.power.cut = 0
	w.open()
	w.cycles(1)
	delete(w.crm.records[record.Account], w.byExternal(record.Account, "CU2").Key)
	w.clock.now = w.clock.now.Add(5 * time.Minute)
	w.cycles(2)
	if !slices.Contains(w.waits(), "deleted account 2 crm-record-deleted") {
		t.Errorf("cut at %d: nobody is asked about the account that is gone; waits %q", cut, w.waits())
	}
}

// A write whose outcome is unknown is sent in a long run that is cut: until when it may arrive does not lie ahead in the next
// run, in which the record would be read again in every cycle for as long.
func TestSentJustBeforeThePowerIsCut(t *testing.T) {
	for cut := 1; cut < 16; cut++ {
		w := worldOf(t, pairs.AcombaCentrixOneOptions{}, func(w *world) { w.set.Schedule.Interval = 10 * time.Second })
		w.customer(2, "Client")
		w.cycles(3)
		w.clock.now = w.clock.now.Add(50 * time.Minute) // at rest, the time is kept once an hour
		w.erp.put(record.Account, "2", record.Fields{"name": text("Client 2")})
		w.line.fault = fault{call: w.line.calls + 1, kind: lostAfter}
		w.power.cut = w.power.points + cut
		_ = w.engine.Cycle(t.Context())
		w.power.cut = 0
		w.open()
		w.cycles(3)
		w.clock.now = w.clock.now.Add(10 * time.Minute)
		w.cycles(3)
		if open := w.unsettled(); len(open) > 0 {
			t.Errorf("cut at %d: still open ten minutes later: %q", cut, open)
		}
	}
}
