package engine_test

import (
	"context"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"

	"syncbox/connectors"
	"syncbox/connectors/pairs"
	"syncbox/connectors/record"
)

// quick is a CRM that does not look through all its records at every write.
type quick struct{ *side }

func (s quick) Apply(_ context.Context, ops []connectors.Op) []connectors.Result {
	results := make([]connectors.Result, len(ops))
	for i, op := range ops {
		key := op.Key
		if key == "" {
			s.next++
			key = record.Key(strconv.Itoa(s.next))
		}
		s.put(op.Entity, key, op.Fields).ExternalID = op.ExternalID
		results[i] = connectors.Result{Outcome: connectors.Applied, Key: key}
	}
	return results
}

// BenchmarkFirstSync syncs 20,000 customers with their contacts for the first time, between two products in
// memory, on real database files. first_sync_rss_mib is the process's peak, products_mib what of it the two
// products hold.
func BenchmarkFirstSync(b *testing.B) {
	const customers = 20_000
	records := 0
	for b.Loop() {
		b.StopTimer()
		w := worldOf(b, pairs.AcombaCentrixOneOptions{TwoWay: true}, func(w *world) {
			w.dir = b.TempDir()
			w.crm.traits.Batch = 100
		})
		w.reopen(quick{w.crm})
		for n := range customers {
			w.customer(n+1, "Client")
		}
		debug.FreeOSMemory()
		if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
			b.Skip("the peak of memory can't be reset here: ", err)
		}
		b.StartTimer()
		must(b, w.engine.Cycle(b.Context()))
		b.StopTimer()
		if got := len(w.crm.records[record.Account]) + len(w.crm.records[record.Contact]); got != 2*customers {
			b.Fatalf("got %d records, want %d", got, 2*customers)
		}
		records += 2 * customers
		b.ReportMetric(peak(b), "first_sync_rss_mib")
		b.ReportMetric(held(), "products_mib")
		w.close()
		b.StartTimer()
	}
	b.ReportMetric(float64(records)/b.Elapsed().Seconds(), "first_sync_records/s")
}

// peak gives the most memory the process has had since it was reset, in MiB.
func peak(b *testing.B) float64 {
	status, err := os.ReadFile("/proc/self/status")
	must(b, err)
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	kib, err := strconv.Atoi(strings.Fields(rest)[0])
	must(b, err)
	return float64(kib) / 1024
}

// held gives what is still in use, in MiB.
func held() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / (1 << 20)
}
