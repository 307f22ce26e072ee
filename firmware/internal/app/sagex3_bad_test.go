package app_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"syncbox/connectors/outlook"
	"syncbox/connectors/outlook/outlooktest"
	"syncbox/connectors/pairs"
	"syncbox/connectors/sagex3"
	"syncbox/connectors/sagex3/sagex3test"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// waits gives the codes of what waits.
func (r *userRig) waits() (codes []string) {
	r.t.Helper()
	noError(r.t, r.state.View(func(tx *store.Txn) {
		tx.AllWaiting(func(w store.Waiting) bool {
			codes = append(codes, w.Code)
			return true
		})
	}))
	return codes
}

// An appointment of Outlook that overlaps one of X3 waits with its cause until somebody moves it; whatever else there is goes on.
//
// Requirement: X3-12, X3-24
func TestX3OverlappingAppointments(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newUserRig(t, pairs.Everything())
		r.enters(sagex3test.Appointments, sagex3test.Values{sagex3test.Subject: "Visite", sagex3test.Start: "20261124", sagex3test.StartTime: "0930",
			sagex3test.End: "20261124", sagex3test.EndTime: "1015"})
		r.runs(2)
		over := r.adds(outlooktest.Event, hour("Trop tôt", "2026-11-24", 9))
		r.adds(outlooktest.Event, hour("À l'heure", "2026-11-24", 14))
		r.cycles(5)
		_ = r.x3Record(sagex3test.Appointments, sagex3test.Subject, "À l'heure")
		if got := r.waits(); len(got) != 1 || got[0] != sagex3.CodeRecordRefused {
			t.Errorf("it waits: %v, want %s", got, sagex3.CodeRecordRefused)
		}
		moved := hour("Trop tôt", "2026-11-24", 16)
		noError(t, r.outlook.Person(u1).Edit(over, outlooktest.Object{"start": moved["start"], "end": moved["end"]}))
		r.runs(4)
		_ = r.x3Record(sagex3test.Appointments, sagex3test.Subject, "Trop tôt")
		r.agree()
	})
}

// An edit in Outlook to a tiers that X3 does not know waits with its cause, and is sent once; the right one is taken.
//
// Requirement: X3-23, X3-44
func TestX3UnknownCompanyOfAnEdit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newUserRig(t, pairs.Everything())
		key := r.enters(sagex3test.Correspondents, sagex3test.Values{sagex3test.LastName: "Dupont", sagex3test.Company: "C00001"})
		r.runs(2)
		id, user := r.item(outlooktest.Contact, "surname", "Dupont").ID, r.outlook.Person(u1)
		noError(t, user.Edit(id, outlooktest.Object{"companyName": "#NOBODY#"}))
		r.cycles(6)
		if got := r.waits(); len(got) != 1 || got[0] != sagex3.CodeCompanyUnknown {
			t.Errorf("it waits: %v, want %s", got, sagex3.CodeCompanyUnknown)
		}
		if w := r.x3.Written(sagex3test.JournalQuery{}); len(w) != 1 || len(r.x3.Anomalies()) != 1 {
			t.Errorf("%d writes, %d anomalies", len(w), len(r.x3.Anomalies()))
		}
		dupont := r.item(outlooktest.Contact, "surname", "Dupont")
		if got := dupont.Text("companyName"); got != "#NOBODY#" {
			t.Errorf("the person's text is %q", got)
		}
		noError(t, user.Edit(id, outlooktest.Object{"companyName": "#C00002#"}))
		r.runs(5)
		if got := r.x3Record(sagex3test.Correspondents, sagex3test.Number, key).Values[sagex3test.Company]; got != "C00002" {
			t.Errorf("the tiers is %q", got)
		}
		r.agree()
	})
}

// While X3 lets nobody in the job says why, and nothing is lost: what was edited on both sides meanwhile arrives.
//
// Requirement: X3-42
func TestX3WithoutChildren(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newUserRig(t, pairs.Everything())
		r.enters(sagex3test.Tasks, sagex3test.Values{sagex3test.Subject: "Devis"})
		r.runs(2)
		r.x3.SetSwitches(sagex3test.Switches{Children: sagex3test.Children(0)})
		noError(t, r.outlook.Person(u1).CompleteTask(r.item(outlooktest.Task, "title", "Devis").ID))
		r.enters(sagex3test.Calls, sagex3test.Values{sagex3test.Subject: "Appeler", sagex3test.Start: "20261124"})
		r.x3.AdvanceClock(10 * time.Minute)
		r.outlook.AdvanceClock(10 * time.Minute)
		_ = r.engine.Cycle(t.Context()) // what it says is in the status
		if got := r.engine.Status().Ways[0].Code; got != sagex3.CodeNoChildren {
			t.Errorf("the job says %q, want %s", got, sagex3.CodeNoChildren)
		}
		r.x3.SetSwitches(sagex3test.Switches{})
		asked := make(chan error, 1)
		go func() { asked <- r.engine.Do(t.Context(), engine.Force, "") }()
		synctest.Wait()
		r.cycles(4)
		noError(t, <-asked)
		r.agree()
		if got := r.x3Record(sagex3test.Tasks, sagex3test.Subject, "Devis").Values[sagex3test.Done]; got != sagex3test.Yes {
			t.Errorf("the completed task: done %q", got)
		}
	})
}

// Appointments over the nights in which clocks are put forward and back are at the same instants on both sides, and an all-day
// event keeps its day, also once X3 has moved it.
//
// Requirement: X3-29, LAB-10
func TestX3DaysOfSummerTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newUserRig(t, pairs.Everything())
		for _, v := range [][5]string{{"avant", "20270328", "0030", "20270328", "0130"}, {"par-dessus", "20270328", "0145", "20270328", "0315"},
			{"après", "20270328", "0400", "20270328", "0500"}, {"automne", "20271031", "0100", "20271031", "0430"}} {
			r.enters(sagex3test.Appointments, sagex3test.Values{sagex3test.Subject: v[0], sagex3test.Start: v[1], sagex3test.StartTime: v[2], sagex3test.End: v[3], sagex3test.EndTime: v[4]})
		}
		day := outlooktest.Object{"subject": "Congé", "isAllDay": true}
		for name, at := range map[string]string{"start": "2027-03-29", "end": "2027-03-30"} {
			day[name] = outlooktest.Object{"dateTime": at + "T00:00:00", "timeZone": "Europe/Paris"}
		}
		id := r.adds(outlooktest.Event, day)
		r.runs(4)
		holiday := r.x3Record(sagex3test.Appointments, sagex3test.Subject, "Congé")
		if v := holiday.Values; v[sagex3test.Start]+v[sagex3test.StartTime] != "202703290000" || v[sagex3test.End]+v[sagex3test.EndTime] != "202703300000" {
			t.Errorf("the day off in X3: %v", v)
		}
		noError(t, r.x3.Person("U1").Edit(sagex3test.Appointments, holiday.Key, sagex3test.Values{sagex3test.Start: "20270330", sagex3test.End: "20270331"}))
		r.runs(3)
		it, _ := r.outlook.Item(u1, id)
		start, _ := it.Fields["start"].(outlooktest.Object)
		if at, _ := start["dateTime"].(string); it.Fields["isAllDay"] != true || !strings.HasPrefix(at, "2027-03-30T00:00") {
			t.Errorf("the day off in Outlook: all day %v, from %v", it.Fields["isAllDay"], start)
		}
		r.still()
	})
}

// A list of tasks that is gone stops tasks and calls with their cause; contacts and appointments go on, and nothing is deleted.
// Once there is one again of its name, all is well.
func TestX3TaskListIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newUserRig(t, pairs.Everything())
		r.enters(sagex3test.Tasks, sagex3test.Values{sagex3test.Subject: "Devis"})
		r.runs(2)
		noError(t, r.outlook.Person(u1).Rename(r.list, "Autre"))
		r.enters(sagex3test.Correspondents, sagex3test.Values{sagex3test.LastName: "Dupont"})
		before := r.x3.Mark()
		r.cycles(3)
		_ = r.item(outlooktest.Contact, "surname", "Dupont")
		if got := r.engine.Status(); got.Ways[1].Code != outlook.CodeListMissing && got.Ways[0].Code != outlook.CodeListMissing {
			t.Errorf("the job says %+v, want %s", got.Ways, outlook.CodeListMissing)
		}
		if w := r.x3.Written(sagex3test.JournalQuery{After: before}); len(w) > 0 {
			t.Errorf("written in X3: %+v", w)
		}
		noError(t, r.outlook.Person(u1).Rename(r.list, "Sage X3"))
		r.cycles(3)
		r.agree()
	})
}

// A subject longer than Outlook takes is cut there, and whole in X3 whatever else is edited in Outlook.
//
// Requirement: X3-48
func TestX3LongSubjectStaysWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newUserRig(t, pairs.Everything())
		long := strings.Repeat("Très long €😀 ", 40)
		long = strings.TrimSpace(long)
		key := r.enters(sagex3test.Tasks, sagex3test.Values{sagex3test.Subject: long})
		r.runs(2)
		tasks := r.outlook.Items(u1, outlooktest.Task)
		if len(tasks) != 1 {
			t.Fatalf("%d tasks", len(tasks))
		}
		noError(t, r.outlook.Person(u1).CompleteTask(tasks[0].ID))
		r.runs(3)
		if v := r.x3Record(sagex3test.Tasks, sagex3test.Number, key).Values; v[sagex3test.Subject] != long || v[sagex3test.Done] != sagex3test.Yes {
			t.Errorf("in X3: done %q, %d bytes of %d", v[sagex3test.Done], len(v[sagex3test.Subject]), len(long))
		}
		r.still()
	})
}

// An item whose date alone changed, as some clients do, is written nowhere (X3-37).
//
// Requirement: X3-37
func TestX3TouchedItems(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newUserRig(t, pairs.Everything())
		r.enters(sagex3test.Tasks, sagex3test.Values{sagex3test.Subject: "Devis"})
		r.enters(sagex3test.Correspondents, sagex3test.Values{sagex3test.LastName: "Dupont"})
		r.enters(sagex3test.Appointments, sagex3test.Values{sagex3test.Subject: "Visite", sagex3test.Start: "20261124", sagex3test.StartTime: "0930",
			sagex3test.End: "20261124", sagex3test.EndTime: "1015"})
		r.runs(3)
		for _, k := range []outlooktest.Kind{outlooktest.Contact, outlooktest.Task, outlooktest.Event} {
			for _, it := range r.outlook.Items(u1, k) {
				noError(t, r.outlook.Person(u1).Touch(it.ID))
			}
		}
		r.still()
	})
}
