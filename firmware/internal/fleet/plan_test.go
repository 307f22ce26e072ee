package fleet_test

import (
	"testing"
	"time"

	"syncbox/firmware/internal/fleet"
)

func TestPlanCheck(t *testing.T) {
	for name, tt := range map[string]struct {
		plan fleet.Plan
		fine bool
	}{
		"usual":               {fleet.Plan{Waves: []int{1, 10, 100}, Stop: 1, Wave: time.Hour}, true},
		"one wave, one part":  {fleet.Plan{Waves: []int{30}}, true},
		"none":                {fleet.Plan{}, false},
		"falling":             {fleet.Plan{Waves: []int{10, 5}}, false},
		"twice the same":      {fleet.Plan{Waves: []int{10, 10}}, false},
		"nothing of a group":  {fleet.Plan{Waves: []int{0, 10}}, false},
		"more than all":       {fleet.Plan{Waves: []int{1, 101}}, false},
		"stops never":         {fleet.Plan{Waves: []int{100}, Stop: 100}, false},
		"stops below nothing": {fleet.Plan{Waves: []int{100}, Stop: -1}, false},
		"backwards":           {fleet.Plan{Waves: []int{100}, Wave: -time.Second}, false},
	} {
		if err := tt.plan.Check(); (err == nil) != tt.fine {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestJudge(t *testing.T) {
	plan := fleet.Plan{Waves: []int{1, 10, 100}, Stop: 1, Wave: time.Hour}
	const late = 2 * time.Hour
	for _, tt := range []struct {
		name  string
		wave  int
		count fleet.Count
		age   time.Duration
		want  fleet.Verdict
	}{
		{"just published", 0, fleet.Count{Hoped: 1000, Peak: 1000}, 0, fleet.Wait},
		{"just published, all are about to answer", 0, fleet.Count{Peak: 1000}, 0, fleet.Wait},
		{"nobody has answered for long", 0, fleet.Count{Hoped: 1000}, late, fleet.Wait},
		{"all are at it", 0, fleet.Count{Taken: 1000}, late, fleet.Wait},
		{"all good, too early", 0, fleet.Count{Taken: 1000, Good: 1000}, time.Hour - 1, fleet.Wait},
		{"all good", 0, fleet.Count{Taken: 1000, Good: 1000}, time.Hour, fleet.Next},
		{"one in twenty is still at it", 0, fleet.Count{Taken: 1000, Good: 950}, late, fleet.Next},
		{"one more", 0, fleet.Count{Taken: 1000, Good: 949}, late, fleet.Wait},
		{"as many bad ones as may be", 0, fleet.Count{Taken: 1000, Good: 990, Bad: 10}, late, fleet.Next},
		{"one more", 0, fleet.Count{Taken: 1000, Good: 989, Bad: 11}, late, fleet.Halt},
		{"one bad one first of a thousand", 0, fleet.Count{Taken: 1000, Bad: 1}, 0, fleet.Wait},
		{"three bad ones first of a thousand", 0, fleet.Count{Taken: 1000, Bad: 3}, 0, fleet.Halt},
		{"one bad one of twenty", 0, fleet.Count{Taken: 20, Bad: 1}, 0, fleet.Halt},
		{"one bad one of twenty, the others are good", 1, fleet.Count{Taken: 20, Good: 19, Bad: 1}, late, fleet.Halt},
		{"a wave that nobody is in", 0, fleet.Count{}, 0, fleet.Next},
		{"the last one", 2, fleet.Count{Taken: 100_000, Good: 99_000, Bad: 1000}, late, fleet.Done},
		{"the last one, not all", 2, fleet.Count{Taken: 100_000, Good: 90_000}, late, fleet.Wait},
		{"the last one, too many", 2, fleet.Count{Taken: 100_000, Good: 98_999, Bad: 1001}, late, fleet.Halt},
	} {
		if got := plan.Judge(tt.wave, tt.count, fleet.Count{}, tt.age); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
}

// Without any bad one that is allowed, the first one halts.
func TestStopAtNothing(t *testing.T) {
	plan := fleet.Plan{Waves: []int{100}}
	if got := plan.Judge(0, fleet.Count{Taken: 1000, Good: 999, Bad: 1}, fleet.Count{}, 0); got != fleet.Halt {
		t.Errorf("got %s", got)
	}
	if got := plan.Judge(0, fleet.Count{Taken: 1000, Good: 1000}, fleet.Count{}, 0); got != fleet.Done {
		t.Errorf("got %s", got)
	}
}

// What is wrong in a later wave is not hidden by the good ones before it.
func TestLaterWave(t *testing.T) {
	before := fleet.Count{Taken: 10_000, Good: 9_990, Bad: 10}
	all := fleet.Count{Taken: 11_000, Good: 10_187, Bad: 13}
	if got := usual().Judge(1, all, before, time.Minute); got != fleet.Halt {
		t.Errorf("3 bad of 200 in this wave: got %s", got)
	}
	all.Bad--
	if got := usual().Judge(1, all, before, time.Minute); got != fleet.Wait {
		t.Errorf("2 bad of 200 in this wave: got %s", got)
	}
}

func TestUsual(t *testing.T) {
	if err := fleet.Usual().Check(); err != nil {
		t.Error(err)
	}
}
