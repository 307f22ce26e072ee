package quickbooks_test

import (
	"math/rand/v2"
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

// The vendor's 500,000 reads a month for all boxes serve 170 of them at an even pace, and 500 with the
// pauses that grow: 22 days of office hours with a change every half hour or so, and quiet nights and week-ends.
func TestBoxesPerAllowance(t *testing.T) {
	const all = 500_000
	base := 15 * time.Minute
	if even := all / int(30*24*time.Hour/base); even < 170 {
		t.Errorf("%d boxes at an even pace, want 170", even)
	}
	random := rand.New(rand.NewPCG(1, 2))
	c := quickbooks.Cadence{Base: base, Most: 2 * time.Hour}
	start := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	looks, pending := 0, false
	var latest time.Duration
	var since time.Time
	for now := start; now.Before(start.AddDate(0, 0, 30)); now = now.Add(time.Minute) {
		office := now.Weekday() != time.Sunday && now.Weekday() != time.Saturday && now.Hour() >= 8 && now.Hour() < 17
		if office && random.IntN(30) == 0 && !pending {
			pending, since = true, now
		}
		if c.Due(now, 1) {
			if pending {
				latest = max(latest, now.Sub(since))
			}
			c.Looked(now, pending)
			looks, pending = looks+1, false
		}
	}
	t.Logf("%d looks in a month, %d boxes, a change is seen after %s at most", looks, all/looks, latest)
	if all/looks < 500 || latest > 2*time.Hour {
		t.Errorf("%d looks in a month serve %d boxes, want 500; the slowest change took %s, want at most 2 h", looks, all/looks, latest)
	}
}
