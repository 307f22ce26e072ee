package app_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/outlook/outlooktest"
	"syncbox/connectors/pairs"
	"syncbox/connectors/record"
	"syncbox/connectors/sagex3/sagex3test"
)

// idle counts what a cycle that finds nothing asks: the calls of X3, and the requests of Graph by their path.
func (r *userRig) idle() (calls int, requests map[string]int) {
	r.t.Helper()
	before, mark := r.x3.Counters().Calls, r.outlook.Mark()
	r.cycles(1)
	requests = map[string]int{}
	for _, c := range r.outlook.Journal(outlooktest.JournalQuery{After: mark}) {
		requests[c.Path]++
	}
	return r.x3.Counters().Calls - before, requests
}

// A cycle that finds nothing asks X3 once for each object, and Graph once: in one batch, what each kind of folder has changed and
// three times where the folders and lists are, however many items there are.
func TestX3IdleRequests(t *testing.T) {
	for _, items := range []int{1, 60} {
		t.Run(fmt.Sprint(items), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newUserRig(t, pairs.Everything())
				for n := range items {
					for _, o := range []sagex3test.Object{sagex3test.Tasks, sagex3test.Calls} {
						r.enters(o, sagex3test.Values{sagex3test.Subject: fmt.Sprint("Objet ", n), sagex3test.Company: "C00001", sagex3test.Start: "20261124"})
					}
					r.enters(sagex3test.Correspondents, sagex3test.Values{sagex3test.LastName: fmt.Sprint("Nom ", n), sagex3test.Company: "C00001"})
				}
				r.runs(5)
				calls, requests := r.idle()
				want := map[string]int{"contactFolders/{id}/contacts/delta": 1, "todo/lists/{id}/tasks/delta": 1, "calendarView/delta": 1,
					"contactFolders/{id}": 1, "contactFolders/{id}/childFolders": 1, "todo/lists": 1, "$batch": 1}
				if diff := cmp.Diff(want, requests); diff != "" || calls != len(pairs.Everything()) {
					t.Errorf("%d calls of X3, want %d; requests of Graph: %s", calls, len(pairs.Everything()), diff)
				}
			})
		})
	}
}

// A user of whom one object alone is synchronised costs no request for the others.
func TestX3IdleRequestsOfOneObject(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newUserRig(t, pairs.Matrix{record.Appointment: {ToCRM: pairs.All}})
		r.runs(3)
		if calls, requests := r.idle(); calls != 1 || !slices.Equal(slices.Collect(maps.Keys(requests)), []string{"calendarView/delta"}) {
			t.Errorf("%d calls of X3; requests of Graph: %v", calls, requests)
		}
	})
}
