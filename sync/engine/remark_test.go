package engine_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/record"
	"syncbox/sync/store"
)

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
	remarks := func() (all []map[string]string) {
		must(t, w.state.View(func(tx *store.Txn) {
			tx.Events(0, func(e store.Event) bool {
				if e.Code == "total-differs" && e.Severity == store.Warning && e.ERP == d {
					all = append(all, e.Args)
				}
				return true
			})
		}))
		return all
	}
	if diff := cmp.Diff([]map[string]string{args}, remarks()); diff != "" {
		t.Error(diff)
	}
	w.erp.put(record.Document, d, record.Fields{"number": text("D8")})
	w.cycles(2)
	if got := len(remarks()); got != 2 {
		t.Errorf("remarked %d times after it was written again, want 2", got)
	}
}
