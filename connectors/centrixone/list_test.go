package centrixone_test

import (
	"testing"
	"testing/synctest"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/centrixone"
	"syncbox/connectors/centrixone/centrixonetest"
	"syncbox/connectors/record"
)

// The protected list is looked for before a batch, but not before each of a long row of them; where it is gone, that
// shows half a minute later at the latest, and at once after a look or a refused batch.
func TestApplyAsksForTheList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := centrixonetest.New(centrixonetest.Options{})
		c, err := centrixone.New(centrixone.Config{BaseURL: "https://crm.example", Account: "10234", APIKey: "KEY", Source: "acomba"}, nil, s.RoundTripper())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		n := 0
		apply := func() connectors.Result {
			n++
			return c.Apply(t.Context(), []connectors.Op{create(record.Account, "CU"+string(rune('A'+n)), nil)})[0]
		}
		asked := func() (asked int) {
			for _, call := range s.Journal(centrixonetest.JournalQuery{}) {
				if call.Method == "GET" && call.Resource == centrixonetest.Lists {
					asked++
				}
			}
			return asked
		}
		for range 10 {
			if r := apply(); r.Outcome != connectors.Applied {
				t.Fatalf("%+v", r)
			}
		}
		if asked() != 1 {
			t.Errorf("asked for the list %d times in ten batches, want once", asked())
		}
		time.Sleep(31 * time.Second)
		if apply(); asked() != 2 {
			t.Errorf("asked for the list %d times, want again after half a minute", asked())
		}
		list, _ := s.ProtectedList("")
		if err := s.Support().Delete(centrixonetest.Lists, list.ID); err != nil {
			t.Fatal(err)
		}
		if r := apply(); r.Outcome == connectors.Applied {
			t.Errorf("in a list that is gone: %+v", r)
		}
		if r := apply(); connectors.CodeOf(r.Err) != centrixone.CodeListMissing {
			t.Errorf("after a refused batch: %+v", r)
		}
	})
}
