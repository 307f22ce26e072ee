package engine_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/record"
	"syncbox/sync/store"
)

// remarked gives what fills the words of every remark of one document in the journal.
func (w *world) remarked(d record.Key) (all []map[string]string) {
	w.t.Helper()
	must(w.t, w.state.View(func(tx *store.Txn) {
		tx.Events(0, func(e store.Event) bool {
			if e.Code == "total-differs" && e.Severity == store.Warning && e.ERP == d {
				all = append(all, e.Args)
			}
			return true
		})
	}))
	return all
}

// What the ERP remarks of a document is in the journal once for each time that it was written, and keeps it from nothing.
func TestRemark(t *testing.T) {
	w := newWorld(t, true)
	must(t, w.build(w.crm, w.clock))
	d := w.document(7, w.customer(1, "Exemple inc."))
	args := map[string]string{"amountlines": "20", "amounttaken": "20.02"}
	w.erp.records[record.Document][d].Remark = &record.Remark{Code: "total-differs", Args: args}
	w.cycles(3)
	if w.byExternal(record.Document, "DO7") == nil {
		t.Fatal("the document is not in the CRM")
	}
	if diff := cmp.Diff([]map[string]string{args}, w.remarked(d)); diff != "" {
		t.Error(diff)
	}
	w.erp.put(record.Document, d, record.Fields{"number": text("D8")})
	w.cycles(2)
	if got := len(w.remarked(d)); got != 2 {
		t.Errorf("remarked %d times after it was written again, want 2", got)
	}
}

// A document whose writing has no answer is remarked as well once it is found, wherever the power was cut.
func TestRemarkWithoutAnAnswer(t *testing.T) {
	for _, change := range []bool{false, true} {
		got, points := remarkedIn(t, change, func(w *world) { w.line.fault = fault{w.line.calls + 1, lostAfter} })
		if got != 1 {
			t.Errorf("lost answer, of a change: %v: remarked %d times, want once", change, got)
		}
		for cut := 1; cut <= points; cut++ {
			if got, _ := remarkedIn(t, change, func(w *world) { w.power.cut = w.power.points + cut }); got != 1 {
				t.Errorf("power cut at %d of %d, of a change: %v: remarked %d times, want once", cut, points, change, got)
			}
		}
	}
}

// remarkedIn has a document be written, or be changed, while something goes wrong. It gives how often that was remarked, and how many
// points there were at which the power could be cut.
func remarkedIn(t *testing.T, change bool, wrong func(*world)) (remarked, points int) {
	w := newWorld(t, true)
	must(t, w.build(w.crm, w.clock))
	customer, d := w.customer(1, "Exemple inc."), record.Key("")
	if change {
		d = w.document(7, customer)
	}
	w.quiet()
	before := w.power.points
	wrong(w)
	if change {
		w.erp.put(record.Document, d, record.Fields{"number": text("D8")})
	} else {
		d = w.document(7, customer)
	}
	w.erp.records[record.Document][d].Remark = &record.Remark{Code: "total-differs"}
	w.quiet()
	w.quiet()
	return len(w.remarked(d)), w.power.points - before
}
