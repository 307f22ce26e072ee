package app_test

import (
	"testing"
	"testing/synctest"
	"time"

	"syncbox/connectors/outlook/outlooktest"
	"syncbox/connectors/pairs"
	"syncbox/connectors/sagex3/sagex3test"
)

// The limits under which the first sync is held against its floor: the usual rate of X3, and what Exchange allows a mailbox.
const (
	x3PerSecond    = 10
	graphPerMinute = 900
	x3SetUp        = 9 // the user, and each object's description and list
)

// The first sync of a user takes hardly longer than the limits of the slower side demand, in a time of its own. X3 is asked once for
// each record, and once more for each appointment of the folder, which alone tells who its co-workers are.
func TestX3FirstSyncFloor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const each = 50
		r := newUserRig(t, pairs.Everything(), func(s *userSite) { s.server.Rate, s.tenant.PerMinute = x3PerSecond, graphPerMinute })
		r.x3.Fill(sagex3test.Seed{Seed: 1, Users: 2, Customers: 3, Correspondents: each, Tasks: each, Calls: each, Appointments: each})
		began, calls, requests := time.Now(), r.x3.Counters().Calls, r.outlook.Counters().Calls
		r.cycles(1)
		took := time.Since(began)
		calls, requests = r.x3.Counters().Calls-calls, r.outlook.Counters().Calls-requests
		items := 0
		for _, k := range []outlooktest.Kind{outlooktest.Contact, outlooktest.Task, outlooktest.Event} {
			items += len(r.outlook.Items(u1, k))
		}
		r.agree()
		appointments := len(r.x3.Records(sagex3test.Appointments))
		if items == 0 || calls > items+appointments+x3SetUp {
			t.Errorf("%d calls of X3 for %d items and %d appointments", calls, items, appointments)
		}
		floor := max(time.Duration(calls)*time.Second/x3PerSecond, time.Duration(requests)*time.Minute/graphPerMinute)
		if took > floor*12/10 {
			t.Errorf("%d items took %s, want at most 1.2 times %s", items, took, floor)
		}
		t.Logf("floor_items=%d floor_s=%.1f floor_times=%.3f", items, floor.Seconds(), took.Seconds()/floor.Seconds())
	})
}
