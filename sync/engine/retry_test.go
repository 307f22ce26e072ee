package engine_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
)

// onward is a clock on which every wait is over at once. It tells how long each is, before it goes on.
type onward struct {
	*clock
	told func(d time.Duration)
}

func (c onward) After(d time.Duration) <-chan time.Time {
	c.told(d)
	return c.clock.After(d)
}

// A cycle that failed by what comes back is tried again soon, and less and less often, however long the schedule's interval is. What
// needs a person is not hurried, nor is anything after it went well.
func TestRetrySooner(t *testing.T) {
	const day = 24 * time.Hour
	away := connectors.Errorf(connectors.Unavailable, "crm-down", "not now")
	for _, tt := range []struct {
		name     string
		interval time.Duration
		err      error
		want     []time.Duration // the last two are after the CRM is back
	}{
		{"nightly", day, away, []time.Duration{15 * time.Minute, 30 * time.Minute, time.Hour, day, day}},
		{"every half hour", 30 * time.Minute, away, []time.Duration{15 * time.Minute, 30 * time.Minute, 30 * time.Minute, 30 * time.Minute, 30 * time.Minute}},
		{"every five minutes", 5 * time.Minute, away, []time.Duration{5 * time.Minute, 5 * time.Minute, 5 * time.Minute, 5 * time.Minute, 5 * time.Minute}},
		{"a person must look", day, connectors.Errorf(connectors.Auth, "crm-auth", "no"), []time.Duration{day, day, day, day, day}},
	} {
		w := newWorld(t, true)
		w.set.Schedule.Interval = tt.interval
		ctx, cancel := context.WithCancel(t.Context())
		var got []time.Duration
		c := onward{w.clock, func(d time.Duration) {
			switch got = append(got, d); len(got) {
			case len(tt.want) - 2:
				w.crm.observeErr = nil
			case len(tt.want):
				cancel()
			}
		}}
		must(t, w.build(w.crm, c))
		w.crm.observeErr = tt.err
		must(t, w.engine.Run(ctx))
		if d := cmp.Diff(tt.want, got); d != "" {
			t.Errorf("%s: waits (-want +got):\n%s", tt.name, d)
		}
	}
}
