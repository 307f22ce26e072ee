package app_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"syncbox/connectors/outlook/outlooktest"
	"syncbox/connectors/pairs"
	"syncbox/connectors/sagex3"
	"syncbox/connectors/sagex3/sagex3test"
	"syncbox/firmware/internal/storytest"
)

// sides judges what both products hold.
func (r *userRig) sides() storytest.Mailboxes {
	zone, err := time.LoadLocation("Europe/Paris")
	noError(r.t, err)
	return storytest.Mailboxes{X3: r.x3, Outlook: r.outlook, Of: map[string]string{"R1": u1}, Zone: zone}
}

// agree holds that the mailbox shows what is the user's in X3, once, and nothing else of X3.
func (r *userRig) agree() {
	r.t.Helper()
	if wrong := r.sides().Missing(); len(wrong) > 0 {
		r.t.Errorf("not as it should be: %q", wrong)
	}
	noError(r.t, r.sides().NoDoubles())
}

// still holds that some more runs write nothing.
func (r *userRig) still() {
	r.t.Helper()
	before, marks := r.x3.Mark(), r.outlook.Mark()
	r.cycles(3)
	if w := r.x3.Written(sagex3test.JournalQuery{After: before}); len(w) > 0 {
		r.t.Errorf("written in X3 for nothing: %+v", w)
	}
	if w := r.outlook.Written(outlooktest.JournalQuery{After: marks}); len(w) > 0 {
		r.t.Errorf("written in Outlook for nothing: %+v", w)
	}
}

// enters makes a record in X3, by its user.
func (r *userRig) enters(o sagex3test.Object, v sagex3test.Values) string {
	r.t.Helper()
	key, err := r.x3.Person("U1").Create(o, v)
	noError(r.t, err)
	return key
}

// adds makes an item in the mailbox, by its user.
func (r *userRig) adds(k outlooktest.Kind, fields outlooktest.Object) string {
	r.t.Helper()
	in := ""
	if k == outlooktest.Task {
		in = r.list
	}
	id, err := r.outlook.Person(u1).Create(k, in, fields)
	noError(r.t, err)
	return id
}

// hour is an event of an hour, on a day, from an hour of Paris on.
func hour(subject, day string, at int) outlooktest.Object {
	when := func(at int) outlooktest.Object {
		return outlooktest.Object{"dateTime": fmt.Sprintf("%sT%02d:00:00", day, at), "timeZone": "Europe/Paris"}
	}
	return outlooktest.Object{"subject": subject, "start": when(at), "end": when(at + 1)}
}

// weekly makes an event one that comes again so many times, on Tuesdays.
func weekly(e outlooktest.Object, first string, times int) outlooktest.Object {
	e["recurrence"] = outlooktest.Object{"pattern": outlooktest.Object{"type": "weekly", "interval": 1, "daysOfWeek": []any{"tuesday"}},
		"range": outlooktest.Object{"type": "numbered", "startDate": first, "numberOfOccurrences": times}}
	return e
}

// week is what a user and X3 do in a week: all four objects, made and edited on both sides.
func week(r *userRig) {
	r.t.Helper()
	task := r.enters(sagex3test.Tasks, sagex3test.Values{sagex3test.Subject: "Devis", sagex3test.Company: "C00001", sagex3test.Start: "20261124", sagex3test.Due: "20261125"})
	call := r.enters(sagex3test.Calls, sagex3test.Values{sagex3test.Subject: "Appeler", sagex3test.Company: "C00001", sagex3test.Start: "20261124"})
	visit := r.enters(sagex3test.Appointments, sagex3test.Values{sagex3test.Subject: "Visite", sagex3test.Company: "C00001", sagex3test.Start: "20261124",
		sagex3test.StartTime: "0930", sagex3test.End: "20261124", sagex3test.EndTime: "1015"})
	_ = r.enters(sagex3test.Correspondents, sagex3test.Values{sagex3test.LastName: "Dupont", sagex3test.FirstName: "Ève", sagex3test.Company: "C00001"})
	shared, err := r.x3.Person("U2").Create(sagex3test.Appointments, sagex3test.Values{sagex3test.Subject: "À deux", sagex3test.Start: "20261125",
		sagex3test.StartTime: "1400", sagex3test.End: "20261125", sagex3test.EndTime: "1500"})
	noError(r.t, err)
	noError(r.t, r.x3.Person("U2").AddCoworker(shared, "R1"))
	r.runs(5)
	r.agree()

	user := r.outlook.Person(u1)
	noError(r.t, user.CompleteTask(r.item(outlooktest.Task, "title", "Devis").ID))
	noError(r.t, user.Edit(r.item(outlooktest.Event, "subject", "Visite").ID, outlooktest.Object{"subject": "Visite reportée"}))
	noError(r.t, user.Edit(r.item(outlooktest.Event, "subject", "À deux").ID, outlooktest.Object{"subject": "À trois"}))
	noError(r.t, user.Edit(r.item(outlooktest.Contact, "surname", "Dupont").ID, outlooktest.Object{"mobilePhone": "0601020304"}))
	noError(r.t, r.x3.Person("U1").Edit(sagex3test.Calls, call, sagex3test.Values{sagex3test.Subject: "Rappeler"}))
	r.adds(outlooktest.Contact, outlooktest.Object{"surname": "Petit", "companyName": "#C00002#"})
	r.adds(outlooktest.Task, outlooktest.Object{"title": "Chez #NOBODY#"})
	r.adds(outlooktest.Event, hour("Démonstration", "2026-11-26", 9))
	r.adds(outlooktest.Event, weekly(hour("Point", "2026-12-01", 9), "2026-12-01", 2))
	private := hour("Médecin", "2026-11-27", 9)
	private["sensitivity"] = "private"
	r.adds(outlooktest.Event, private)
	r.runs(6)
	r.agree()

	if v := r.x3Record(sagex3test.Tasks, sagex3test.Number, task).Values; v[sagex3test.Done] != sagex3test.Yes {
		r.t.Errorf("the completed task: %v", v)
	}
	if v := r.x3Record(sagex3test.Appointments, sagex3test.Number, visit).Values; v[sagex3test.Subject] != "Visite reportée" {
		r.t.Errorf("the visit: %v", v)
	}
	if v := r.x3Record(sagex3test.Appointments, sagex3test.Number, shared).Values; v[sagex3test.Subject] != "À deux" {
		r.t.Errorf("somebody else's appointment was changed: %v", v)
	}
	if v := r.x3Record(sagex3test.Correspondents, sagex3test.LastName, "Dupont").Values; v[sagex3test.Mobile] != "0601020304" {
		r.t.Errorf("the correspondent: %v", v)
	}
	luc := r.x3Record(sagex3test.Correspondents, sagex3test.LastName, "Petit").Values
	unknown := r.x3Record(sagex3test.Tasks, sagex3test.Subject, "Chez #NOBODY#").Values
	if luc[sagex3test.Company] != "C00002" || unknown[sagex3test.Company] != "" || len(r.x3.Anomalies()) != 1 {
		r.t.Errorf("tiers %q and %q, %d anomalies", luc[sagex3test.Company], unknown[sagex3test.Company], len(r.x3.Anomalies()))
	}
	var subjects []string
	for _, a := range r.x3.Records(sagex3test.Appointments) {
		subjects = append(subjects, a.Values[sagex3test.Subject])
	}
	slices.Sort(subjects)
	if want := []string{"Démonstration", "Point", "Point", "Visite reportée", "À deux"}; !slices.Equal(subjects, want) {
		r.t.Errorf("appointments in X3: %q, want %q", subjects, want)
	}
	r.still()
}

// x3Positions are those of the simulated X3's switches, all but the first of each, with no children apart, which lets nobody in.
var x3Positions = map[string][]any{
	"FieldsCLL": {sagex3test.CodesB}, "FieldsBAP": {sagex3test.CodesB}, "FieldsCOR": {sagex3test.CodesB}, "ResultRoot": {sagex3test.RootParam},
	"StatusOK": {sagex3test.StatusText}, "Queue": {sagex3test.QueueNotPublished}, "QueueStatuses": {sagex3test.LineStays},
	"UpdDatTim": {sagex3test.StampStale, sagex3test.StampAbsent}, "OptReturn": {sagex3test.ReturnJSON}, "QueryOrder": {sagex3test.OrderInsertion},
	"TskRep": {sagex3test.OwnerMapped}, "Children": {sagex3test.Children(1)}, "UserSwitch": {sagex3test.UserFirstSession},
	"Trace": {sagex3test.TraceReport, sagex3test.TraceMessages}, "Criteria": {sagex3test.CriteriaOperators}, "Grid": {sagex3test.GridReplace},
	"Settings": {sagex3test.SettingsTarget}, "MultiRef": {true},
}

// The pair in every position of every switch of the simulated X3, in each form of what is sent, and with a V6.
//
// Requirement: LAB-7, X3-1, X3-23, X3-24, X3-25, X3-27
func TestX3InEveryPosition(t *testing.T) {
	kind := reflect.TypeFor[sagex3test.Switches]()
	rows := map[string]func(*userSite){
		"json": func(s *userSite) { s.server.Payload = "json" },
		"v6":   func(s *userSite) { s.x3.Version, s.server.Profile, s.server.User = sagex3test.V6, sagex3.V6, "SYNC" },
	}
	for i := range kind.NumField() {
		name := kind.Field(i).Name
		if len(x3Positions[name]) == 0 {
			t.Errorf("switch %s is not tried", name)
		}
		for _, position := range x3Positions[name] {
			rows[fmt.Sprint(name, "=", reflect.Indirect(reflect.ValueOf(position)).Interface())] = func(s *userSite) {
				reflect.ValueOf(&s.x3.Switches).Elem().FieldByName(name).Set(reflect.ValueOf(position))
			}
		}
	}
	for name, change := range rows {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { week(newUserRig(t, pairs.Everything(), change)) })
		})
	}
}

// The pair in every position of every switch of the simulated Outlook.
//
// Requirement: LAB-7, X3-1, X3-20
func TestOutlookInEveryPosition(t *testing.T) {
	for name, switches := range outlooktest.Positions() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				week(newUserRig(t, pairs.Everything(), func(s *userSite) { s.outlook.Switches = switches }))
			})
		})
	}
}
