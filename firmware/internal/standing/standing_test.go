package standing_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"syncbox/firmware/internal/app"
	"syncbox/firmware/internal/health"
	"syncbox/firmware/internal/local"
	"syncbox/firmware/internal/standing"
	"syncbox/firmware/internal/stick"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

func TestCodesAreKnown(t *testing.T) {
	for _, code := range []string{standing.DataMissing, standing.NetworkDown, standing.NetworkNone, standing.PartHangs, "clock-unknown"} {
		if _, ok := health.Lookup(code); !ok {
			t.Errorf("nobody has words for %s", code)
		}
	}
}

func TestMachine(t *testing.T) {
	b := standing.New()
	worst := func() health.Light { return slices.Max(append(b.Lights(), health.Ready)) }
	steps := []struct {
		what string
		do   func()
		want health.Light
	}{
		{"starts", func() {}, health.Booting},
		{"has started", func() { b.Started(nil) }, health.Ready},
		{"is not set up", func() { b.Set("config-incomplete", true) }, health.SetUp},
		{"has no cable either", func() { b.Set(standing.NetworkDown, true) }, health.SetUp},
		{"got a stick that is wrong", func() { b.Set(stick.CodeRefused, true) }, health.WaitsForPerson},
		{"lost it again", func() { b.Set(stick.CodeRefused, false) }, health.SetUp},
		{"got one that can't be read", func() { b.Set(stick.CodeUnreadable, true) }, health.WaitsForPerson},
		{"lost that, too", func() { b.Set(stick.CodeUnreadable, false) }, health.SetUp},
		{"is set up", func() { b.Set("config-incomplete", false) }, health.NoLink},
		{"is broken", func() { b.Ask(func() []string { return []string{standing.DataMissing} }) }, health.HardwareFault},
	}
	for _, s := range steps {
		s.do()
		if got := worst(); got != s.want {
			t.Errorf("a box that %s: %s, want %s", s.what, got, s.want)
		}
	}
	if got, want := b.Codes(), []string{"data-missing", "network-down"}; !slices.Equal(got, want) {
		t.Errorf("codes %v, want %v", got, want)
	}
}

func TestJobs(t *testing.T) {
	ways := func(codes ...string) (w [2]engine.Way) {
		for i, c := range codes {
			w[i].Code = c
		}
		return w
	}
	waiting := func(k store.WaitKind) engine.Status { return engine.Status{Waiting: map[store.WaitKind]int{k: 2}} }
	tests := []struct {
		name string
		jobs []local.JobStatus
		want health.Light
	}{
		{"at rest", []local.JobStatus{{}}, health.Ready},
		{"at work", []local.JobStatus{{}, {Status: engine.Status{Phase: "account"}}}, health.Syncing},
		{"stopped", []local.JobStatus{{Status: engine.Status{Service: engine.Stopped}}}, health.Stopped},
		{"without the share", []local.JobStatus{{Status: engine.Status{Ways: ways("share-unreachable")}}}, health.ShareUnreachable},
		{"the way back is refused", []local.JobStatus{{Status: engine.Status{Ways: ways("", "crm-auth")}}}, health.CRMRefuses},
		{"does not run, and nobody knows why", []local.JobStatus{{Err: "broken"}}, health.WaitsForPerson},
		{"does not run for a damaged store", []local.JobStatus{{Err: "broken", Status: engine.Status{Ways: ways("state-damaged", "state-damaged")}}}, health.HardwareFault},
		{"a conflict", []local.JobStatus{{Status: waiting(store.Conflicted)}}, health.WaitsForPerson},
		{"something to key", []local.JobStatus{{Status: waiting(store.HandedOff)}}, health.Ready},
		{"what is tried again", []local.JobStatus{{Status: waiting(store.Quarantine)}}, health.Ready},
		{"a clock that is wrong", []local.JobStatus{{Notices: []app.Notice{{Code: "clock-wrong"}}}}, health.Untrusted},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := standing.New()
			b.Started(func() []local.JobStatus { return tt.jobs })
			if got := slices.Max(append(b.Lights(), health.Ready)); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// TestPatience: what may stand for a while is shown only after that.
func TestPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := standing.New()
		b.Started(nil)
		b.Set("handoff-pending", true)
		time.Sleep(time.Hour)
		b.Set("handoff-pending", true)
		if got := slices.Max(append(b.Lights(), health.Ready)); got != health.Ready {
			t.Errorf("after an hour: %s", got)
		}
		time.Sleep(23 * time.Hour)
		if got := slices.Max(b.Lights()); got != health.WaitsForPerson {
			t.Errorf("after a day: %s", got)
		}
	})
}
