package support_test

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/firmware/internal/support/wire"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// cycle has the job end a cycle now, which created so many records in the CRM.
func (o *online) cycle(created int, ways ...engine.Way) {
	o.set(func() {
		now := time.Now()
		o.jobs = []engine.Status{{Service: engine.Running, LastBegin: now.Add(-2 * time.Second), LastEnd: now,
			Waiting: map[store.WaitKind]int{store.Quarantine: 1, store.Reference: 2}, Last: engine.Counts{Created: [2]int{created, 0}, Conflicts: 1}}}
		copy(o.jobs[0].Ways[:], ways)
	})
}

// cyclesTold gives what was told of cycles.
func (o *online) cyclesTold() (codes []string, all []wire.Cycles) {
	o.t.Helper()
	for _, h := range o.told("/evt/sync") {
		var e struct {
			Code   string
			Detail wire.Cycles
		}
		if err := json.Unmarshal(h.payload, &e); err != nil || h.retained {
			o.t.Errorf("told %s, retained %t: %v", h.payload, h.retained, err)
		}
		codes, all = append(codes, e.Code), append(all, e.Detail)
	}
	return codes, all
}

var (
	good    = engine.Way{Outcome: engine.Success}
	waiting = engine.Way{Outcome: engine.Waits, Code: "crm-rate-limited", Args: map[string]string{"name": "Roy, Alice"}}
)

// TestCycles: the first cycle is told of, then once an hour what all of them did, and at once that one ended otherwise.
func TestCycles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := connected(t)
		pass(time.Minute)
		if codes, _ := o.cyclesTold(); len(codes) > 0 {
			t.Errorf("told %q before there was a cycle", codes)
		}
		o.cycle(7, good, good)
		begin := time.Now().Unix() - 2
		pass(20 * time.Second)
		want := wire.Cycles{Job: 1, Cycles: 1, Begin: begin, End: begin + 2, Outcome: [2]string{"success", "success"}, Created: [2]int{7, 0}, Conflicts: 1, Waiting: 3}
		codes, all := o.cyclesTold()
		if diff := cmp.Diff([]wire.Cycles{want}, all); diff != "" || codes[0] != "cycle-complete" {
			t.Fatalf("code %q\n%s", codes, diff)
		}

		begin = time.Now().Unix() - 2
		for range 12 { // a cycle every five minutes
			o.cycle(2, good, good)
			pass(5 * time.Minute)
		}
		want = wire.Cycles{Job: 1, Cycles: 12, Begin: begin, End: begin + 55*60 + 2, Outcome: want.Outcome, Created: [2]int{24, 0}, Conflicts: 12, Waiting: 3}
		if _, all = o.cyclesTold(); len(all) != 2 {
			t.Fatalf("told %d times in an hour of cycles, want once more", len(all)-1)
		}
		if diff := cmp.Diff(want, all[1]); diff != "" {
			t.Error(diff)
		}

		o.cycle(0, waiting, good)
		pass(20 * time.Second)
		if _, all = o.cyclesTold(); len(all) != 2 {
			t.Errorf("told %d times within a minute", len(all)-1)
		}
		pass(time.Minute)
		if codes, all = o.cyclesTold(); len(all) != 3 || codes[2] != "crm-rate-limited" || all[2].Outcome != [2]string{"waits", "success"} {
			t.Errorf("told %q %+v", codes, all)
		}
		for _, h := range o.told("/evt/sync") {
			if strings.Contains(string(h.payload), "Roy") {
				t.Errorf("told %s", h.payload)
			}
		}
		o.end()
	})
}

// TestCyclesBounded: a job that ends every cycle otherwise is told of once a minute at most, and one without cycles not at all.
func TestCyclesBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := connected(t)
		for n := range 360 { // for an hour
			o.cycle(1, []engine.Way{good, waiting}[n%2], good)
			pass(10 * time.Second)
		}
		_, all := o.cyclesTold()
		if len(all) < 20 || len(all) > 60 {
			t.Errorf("told %d times in an hour", len(all))
		}
		sum := 0
		for _, c := range all {
			sum += c.Created[0]
		}
		if sum < 350 || sum > 360 { // the last ones are still to be told
			t.Errorf("told of %d records, want 360", sum)
		}
		pass(48 * time.Hour)
		if _, later := o.cyclesTold(); len(later) > len(all)+2 {
			t.Errorf("told %d times of two days without a cycle", len(later)-len(all))
		}
		o.end()
	})
}

// TestCyclesAway: what happens without a connection is told in one event, and resyncs are told when they begin and end.
func TestCyclesAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := connected(t)
		o.cycle(1, good, good)
		pass(time.Minute)
		o.set(func() { o.away = true })
		o.drop()
		for range 288 { // a day
			o.cycle(1, good, good)
			pass(5 * time.Minute)
		}
		o.set(func() { o.away = false })
		pass(20 * time.Minute)
		if _, all := o.cyclesTold(); len(all) != 2 || all[1].Cycles != 288 || all[1].Created[0] != 288 {
			t.Fatalf("told %+v", all)
		}
		for _, level := range []int{2, 0} {
			o.set(func() {
				o.jobs[0].Resync = nil
				if level > 0 {
					o.jobs[0].Resync = &engine.Resync{Level: level}
				}
			})
			pass(2 * time.Minute)
			if _, all := o.cyclesTold(); all[len(all)-1].Resync != level || all[len(all)-1].Cycles != 0 {
				t.Errorf("level %d: told %+v", level, all[len(all)-1])
			}
		}
		o.end()
	})
}
