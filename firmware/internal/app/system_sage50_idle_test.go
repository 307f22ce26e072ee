package app_test

import (
	"testing"
	"time"

	"syncbox/connectors/sage50fr/sage50test"
	"syncbox/connectors/salesmanagement/salesmanagementtest"
)

// A block in which nothing happened costs Sales Management one request for each list, whatever is in it, and writes nothing.
//
// Requirement: S50-1, S50-2
func TestSage50Idle(t *testing.T) {
	t.Parallel()
	earlier := func() time.Time { return time.Now().Add(-time.Hour) }
	r := startedSage50(t, sage50Set{site: sage50test.Options{Clients: 120, Articles: 120}, tenant: salesmanagementtest.Options{Clock: earlier}})
	r.crm.AdvanceClock(time.Hour) // each look goes back some minutes behind the one before
	r.cycles()
	for range 3 {
		mark, written := r.crm.Mark(), len(r.crm.Changes(salesmanagementtest.ChangeQuery{}))
		r.cycle(r.app.Jobs[0])
		each := map[salesmanagementtest.Entity]int{}
		for _, c := range r.crm.Journal(salesmanagementtest.JournalQuery{After: mark}) {
			if each[c.Entity]++; c.Op != "list" {
				t.Errorf("%s of %s", c.Op, c.Entity)
			}
		}
		if len(each) == 0 {
			t.Error("nothing was asked")
		}
		for e, n := range each {
			if n > 1 {
				t.Errorf("%d requests of %s", n, e)
			}
		}
		if n := len(r.crm.Changes(salesmanagementtest.ChangeQuery{})); n != written {
			t.Errorf("%d values were written", n-written)
		}
	}
}
