package engine_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"testing"

	"syncbox/connectors/pairs"
	"syncbox/connectors/record"
	"syncbox/sync/store"
)

// BenchmarkPreviewOfAFirstSync shows a first sync that would create 100,000 records, 50,000 customers with their contacts,
// on real database files. It reports by how much the process's memory has grown at most, mapped files included, and the size
// of the scratch file that is kept: nearly all of the first is the second.
func BenchmarkPreviewOfAFirstSync(b *testing.B) {
	const customers = 50_000
	defer debug.SetGCPercent(debug.SetGCPercent(10)) // or the products' memory would count twice
	for b.Loop() {
		b.StopTimer()
		w := worldOf(b, pairs.AcombaCentrixOneOptions{TwoWay: true}, func(w *world) {
			w.dir = b.TempDir()
			w.crm.traits.Batch = 100
		})
		w.reopen(quick{w.crm})
		for n := range customers {
			w.customer(n+1, fmt.Sprint("Client ", n))
		}
		debug.FreeOSMemory()
		if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
			b.Skip("the peak of memory can't be reset here: ", err)
		}
		before := peak(b)
		b.StartTimer()
		p := w.showNext()
		b.StopTimer()
		b.ReportMetric(peak(b)-before, "mib")
		if n := p.Counts[record.Account].Create[0] + p.Counts[record.Contact].Create[0]; n != 2*customers {
			b.Fatalf("%d creations shown", n)
		}
		if info, err := os.Stat(filepath.Join(w.dir, "scratch-preview")); err == nil {
			b.ReportMetric(float64(info.Size())/(1<<20), "kept_mib")
		}
		w.close()
		b.StartTimer()
	}
}

// scratchFiles gives room for dry runs in files, where the world has any.
func (w *world) scratchFiles(name string) (store.KV, error) {
	return store.OpenScratch(filepath.Join(w.dir, "scratch-"+name))
}
