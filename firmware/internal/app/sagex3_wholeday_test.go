package app_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"syncbox/connectors/outlook/outlooktest"
	"syncbox/connectors/pairs"
	"syncbox/connectors/sagex3/sagex3test"
)

// Whole days of X3 are all-day events with their days, those of 23 and 25 hours too, and X3's hours stay as people wrote them. One
// that gets hours in X3 has them in Outlook, and the other way round.
//
// Requirement: X3-29
func TestX3WholeDays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newUserRig(t, pairs.Everything())
		enter := func(subject, start, end, hour string) string {
			return r.enters(sagex3test.Appointments, sagex3test.Values{sagex3test.Subject: subject, sagex3test.Start: start, sagex3test.StartTime: "0000", sagex3test.End: end, sagex3test.EndTime: hour})
		}
		for _, v := range [][4]string{{"23 heures", "20270328", "20270329", "0000"}, {"25 heures", "20271031", "20271031", "2359"}, {"deux jours", "20270629", "20270630", "2359"}} {
			enter(v[0], v[1], v[2], v[3])
			r.runs(4)
			if from, allDay := r.begins(v[0]); !allDay || from != v[1] {
				t.Errorf("%s in Outlook: all day %v, from %s", v[0], allDay, from)
			}
			if got := r.x3Record(sagex3test.Appointments, sagex3test.Subject, v[0]).Values[sagex3test.EndTime]; got != v[3] {
				t.Errorf("%s in X3 ends at %s, want as it was, %s", v[0], got, v[3])
			}
		}
		r.still()
		two := r.x3Record(sagex3test.Appointments, sagex3test.Subject, "deux jours").Key
		noError(t, r.x3.Person("U1").Edit(sagex3test.Appointments, two, sagex3test.Values{sagex3test.StartTime: "0900"}))
		morning := hour("25 heures", "2027-10-31", 10)
		morning["isAllDay"] = false
		noError(t, r.outlook.Person(u1).Edit(r.item(outlooktest.Event, "subject", "25 heures").ID, morning))
		r.runs(4)
		if _, allDay := r.begins("deux jours"); allDay {
			t.Error("what got an hour in X3 is all day")
		}
		if v := r.x3Record(sagex3test.Appointments, sagex3test.Subject, "25 heures").Values; v[sagex3test.StartTime]+v[sagex3test.EndTime] != "10001100" {
			t.Errorf("what got hours in Outlook, in X3: %v", v)
		}
		r.still()
	})
}

// begins gives the day on which an event begins in Outlook, and whether it is all day.
func (r *userRig) begins(subject string) (day string, allDay bool) {
	r.t.Helper()
	it := r.item(outlooktest.Event, "subject", subject)
	start, _ := it.Fields["start"].(outlooktest.Object)
	at, _ := start["dateTime"].(string)
	day, _, _ = strings.Cut(at, "T")
	return strings.ReplaceAll(day, "-", ""), it.Fields["isAllDay"] == true
}
