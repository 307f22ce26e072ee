package quickbooks_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"syncbox/connectors/connectortest"
	"syncbox/connectors/quickbooks"
)

// idleReads gives how many reads a cycle takes in which nothing happened.
func idleReads(t testing.TB) int {
	t.Helper()
	p, c := simulated(t, nil)
	openBooks(t, p.API)
	notes := connectortest.NewNotes()
	before := 0
	for range 4 {
		before = p.API.MonthReads()
		notes.Begin()
		must(t, c.Observe(t.Context(), notes))
		must(t, notes.Commit())
	}
	return p.API.MonthReads() - before
}

// A cycle in which nothing happened costs one read.
func TestIdleCycle(t *testing.T) {
	if got := idleReads(t); got != 1 {
		t.Errorf("reads of an idle cycle: got %d, want 1", got)
	}
}

// BenchmarkIdleCycle prints what TestIdleCycle counts.
func BenchmarkIdleCycle(b *testing.B) {
	for b.Loop() {
		b.ReportMetric(float64(idleReads(b)), "idle_cycle_reads")
	}
}

// The vendor's reads of a month, for all boxes together, and the usual pause between two looks.
const (
	allReads  = 500_000
	usualBase = 15 * time.Minute
)

// boxesEven is how many boxes they serve at an even pace.
func boxesEven() int { return allReads / int(30*24*time.Hour/usualBase) }

// boxesPaced is how many they serve with the pauses that grow: 22 days of office hours with a change every half hour or so, and
// quiet nights and week-ends. latest is how long a change took at most to be seen.
func boxesPaced() (boxes int, latest time.Duration) {
	random := rand.New(rand.NewPCG(1, 2))
	c := quickbooks.Cadence{Base: usualBase, Most: 2 * time.Hour}
	start := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	looks, pending := 0, false
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
	return allReads / looks, latest
}

// The vendor's reads of a month serve 170 boxes at an even pace, and 500 with the pauses that grow.
func TestBoxesPerAllowance(t *testing.T) {
	if n := boxesEven(); n < 170 {
		t.Errorf("%d boxes at an even pace, want 170", n)
	}
	if n, latest := boxesPaced(); n < 500 || latest > 2*time.Hour {
		t.Errorf("%d boxes, want 500; the slowest change took %s, want at most 2 h", n, latest)
	}
}

// BenchmarkBoxesPerAllowance prints what TestBoxesPerAllowance counts.
func BenchmarkBoxesPerAllowance(b *testing.B) {
	for b.Loop() {
		paced, latest := boxesPaced()
		b.ReportMetric(float64(boxesEven()), "boxes_even")
		b.ReportMetric(float64(paced), "boxes_paced")
		b.ReportMetric(latest.Minutes(), "slowest_change_min")
	}
}
