package engine_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/store"
)

// measuring is a side that measures what people wait for.
type measuring struct {
	*side
	timings []connectors.Timing
	tally   map[record.Entity][]record.Remark
}

func (m *measuring) Timings() []connectors.Timing { return m.timings }

func (m *measuring) Tally(e record.Entity) []record.Remark {
	all := m.tally[e]
	delete(m.tally, e)
	return all
}

// The status tells what a side has measured as of the latest cycle, and the journal what it tells of what was done, also where the profile
// asks for no counts: none of it is told twice.
//
// Requirement: S50-15
func TestTimings(t *testing.T) {
	w := newWorld(t, true)
	trip := record.Remark{Code: "quote-trip", Args: map[string]string{"reference": "7"}}
	crm := &measuring{side: w.crm, tally: map[record.Entity][]record.Remark{record.Account: {trip}}}
	must(t, w.build(crm, w.clock))
	w.customer(1, "Exemple inc.")
	w.cycles(1)
	crm.timings = []connectors.Timing{{Name: "quote-out", Count: 2, Median: time.Second, Worst: time.Minute}}
	if got := w.engine.Status().Timings; len(got) > 0 {
		t.Errorf("before the cycle: %+v", got)
	}
	w.cycles(2)
	if diff := cmp.Diff(crm.timings, w.engine.Status().Timings); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	var told []map[string]string
	must(t, w.state.View(func(x *store.Txn) {
		x.Events(0, func(e store.Event) bool {
			if e.Code == trip.Code && e.Entity == record.Account {
				told = append(told, e.Args)
			}
			return true
		})
	}))
	if diff := cmp.Diff([]map[string]string{trip.Args}, told); diff != "" {
		t.Errorf("journal (-want +got):\n%s", diff)
	}
}
