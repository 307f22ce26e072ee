package engine_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"testing"
	"time"

	"syncbox/connectors/pairs"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
	"syncbox/sync/store"
)

// BenchmarkLevel2 erases the box's memory of 100,000 pairs, 50,000 customers with their contacts, on real
// database files, and has the map made anew. One customer in a hundred has lost our identity in the CRM, and one
// contact in a hundred. It reports the share of pairs that were found again, the pairs that were found wrongly,
// the records that were created, the seconds until the map counted and until everything was compared, and by how
// much the process's memory has grown at most by then, mapped files included.
func BenchmarkLevel2(b *testing.B) {
	const customers = 50_000
	defer debug.SetGCPercent(debug.SetGCPercent(10)) // or the products' memory would count twice
	for b.Loop() {
		b.StopTimer()
		w := worldOf(b, pairs.AcombaCentrixOneOptions{TwoWay: true}, func(w *world) {
			w.dir = b.TempDir()
			w.crm.traits.Batch = 100
			w.crm.traits.ServerLate, w.erp.traits.ServerLate = 0, 0
		})
		w.reopen(quick{w.crm})
		for n := range customers {
			w.customer(n+1, fmt.Sprint("Client ", n))
		}
		must(b, w.engine.Cycle(b.Context()))
		want := w.pairs()
		strip(w, customers)
		w.erase()
		debug.FreeOSMemory()
		if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
			b.Skip("the peak of memory can't be reset here: ", err)
		}
		before := peak(b)
		began := time.Now()
		var matched, most float64
		w.erp.failing = func() error {
			if matched == 0 && w.repair().Phase == store.RepairCompare {
				matched, most = time.Since(began).Seconds(), peak(b)
			}
			return nil
		}
		b.StartTimer()
		for w.repair().Level > 0 {
			must(b, w.engine.Cycle(b.Context()))
		}
		b.StopTimer()
		b.ReportMetric(matched, "matched_s")
		b.ReportMetric(time.Since(began).Seconds(), "compared_s")
		b.ReportMetric(most-before, "matched_mib")
		b.ReportMetric(peak(b)-before, "compared_mib")
		found, wrong := compare(want, w.pairs())
		b.ReportMetric(100*float64(found)/float64(len(want)), "relinked_%")
		b.ReportMetric(float64(wrong), "wrong_links")
		b.ReportMetric(float64(w.births()), "created")
		must(b, w.state.Check())
		w.close()
		b.StartTimer()
	}
}

// strip takes our identity from one record in a hundred.
func strip(w *world, customers int) {
	for _, e := range []record.Entity{record.Account, record.Contact} {
		n := 0
		for _, r := range w.crm.records[e] {
			if n++; n%100 == 0 {
				r.ExternalID = ""
			}
		}
		if n != customers {
			w.t.Fatalf("%d of %s in the CRM", n, e)
		}
	}
}

// erase takes the box's memory away and has it begin with level 2.
func (w *world) erase() {
	w.close()
	for _, name := range []string{"state.db", "cache.db"} {
		must(w.t, os.Remove(filepath.Join(w.dir, name)))
	}
	w.open()
	w.erp.writes, w.crm.writes = nil, nil
	must(w.t, w.state.Update(func(t *store.Txn) error {
		t.PutRepair(store.Repair{Level: 2, Phase: store.RepairSettle, Lost: true})
		return nil
	}))
}

// pairs gives the counterpart of each record of the ERP.
func (w *world) pairs() map[string]record.Key {
	all := map[string]record.Key{}
	must(w.t, w.state.View(func(t *store.Txn) {
		t.Links(func(l plan.Link) bool {
			if l.ERP != "" && l.CRM != "" {
				all[string(l.Entity)+" "+string(l.ERP)] = l.CRM
			}
			return true
		})
	}))
	return all
}

// compare counts the pairs that are as wanted, and those that are otherwise.
func compare(want, got map[string]record.Key) (same, other int) {
	for k, crm := range got {
		if want[k] == crm {
			same++
		} else {
			other++
		}
	}
	return same, other
}
