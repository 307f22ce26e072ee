package quickbooks_test

import (
	"testing"
	"time"

	"syncbox/connectors/quickbooks"
)

// The pause is half of the time that nothing changed, within its bounds, and short again after a change or a write.
func TestCadence(t *testing.T) {
	start := time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)
	c := quickbooks.Cadence{Base: 15 * time.Minute, Most: 2 * time.Hour}
	if !c.Due(start, 1) || !c.Next(1).IsZero() {
		t.Error("not due at the start")
	}
	for _, tc := range []struct {
		at      time.Duration
		changed bool
		pause   time.Duration
	}{
		{0, false, 15 * time.Minute}, {20 * time.Minute, false, 15 * time.Minute}, {time.Hour, false, 30 * time.Minute},
		{3 * time.Hour, false, 90 * time.Minute}, {9 * time.Hour, false, 2 * time.Hour}, {10 * time.Hour, true, 15 * time.Minute},
	} {
		c.Looked(start.Add(tc.at), tc.changed)
		next := start.Add(tc.at + tc.pause)
		if c.Pause() != tc.pause || c.Due(next.Add(-1), 1) || !c.Due(next, 1) || c.Due(next, 2) || !c.Due(next.Add(tc.pause), 2) {
			t.Errorf("pause %s after a look at %s, want %s", c.Pause(), tc.at, tc.pause)
		}
	}
	c.Looked(start.Add(20*time.Hour), false)
	c.Touched(start.Add(20*time.Hour + time.Minute))
	if !c.Due(start.Add(20*time.Hour+15*time.Minute), 1) {
		t.Error("a write of ours does not shorten the pause")
	}
	if !c.Due(start, 1) {
		t.Error("a clock that was set back stops the looks")
	}
}
