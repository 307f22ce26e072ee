package sim_test

import (
	"testing"

	"syncbox/sync/sim"
)

// BenchmarkWorld plays random worlds, a new one each time.
func BenchmarkWorld(b *testing.B) {
	b.ReportAllocs()
	for seed := uint64(1); b.Loop(); seed++ {
		sim.Run(sim.Draw(seed, true))
	}
}
