package engine_test

import (
	"testing"

	"syncbox/connectors/record"
)

// A box that knows nothing yet lists the CRM's records for nothing: whatever is bound in its first cycle was there a moment ago. It
// does so when the time has come, and finds then what was deleted.
func TestFirstCycleListsNothing(t *testing.T) {
	w := newWorld(t, true)
	w.customer(2, "Client")
	w.cycles(1)
	if w.crm.sweeps > 0 {
		t.Errorf("%d lists in the first cycle", w.crm.sweeps)
	}
	delete(w.crm.records[record.Account], w.byExternal(record.Account, "CU2").Key)
	w.clock.now = w.clock.now.Add(w.set.SweepRarely)
	w.cycles(1)
	if waits := w.waits(); w.crm.sweeps == 0 || len(waits) == 0 {
		t.Errorf("%d lists when it is time, and %v waits", w.crm.sweeps, waits)
	}
}
