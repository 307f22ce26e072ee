package outlooktest_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/outlook/outlooktest"
)

func TestEventTimes(t *testing.T) {
	r := newRig(t, outlooktest.Switches{})
	id := r.made("events", object{"subject": "RDV", "start": object{"dateTime": "2026-07-01T10:00:00", "timeZone": "Romance Standard Time"},
		"end": object{"dateTime": "2026-07-01T11:00:00.0000000", "timeZone": "Europe/Paris"}})
	for _, tt := range []struct{ name, zone, start, told string }{
		{"nothing said", "", "2026-07-01T08:00:00.0000000", "UTC"},
		{"UTC", "UTC", "2026-07-01T08:00:00.0000000", "UTC"},
		{"New York", "Eastern Standard Time", "2026-07-01T04:00:00.0000000", "Eastern Standard Time"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := r.get("events/" + id)
			if tt.zone != "" {
				a = r.get("events/"+id, "Prefer", `outlook.timezone="`+tt.zone+`"`)
			}
			if a.text("start", "dateTime") != tt.start || a.text("start", "timeZone") != tt.told || a.text("originalStartTimeZone") != "Romance Standard Time" {
				t.Errorf("got %v in %v", a.at("start"), a.at("originalStartTimeZone"))
			}
		})
	}
	day := r.made("events", object{"subject": "Congé", "isAllDay": true, "start": object{"dateTime": "2026-07-14T00:00:00", "timeZone": "Europe/Paris"},
		"end": object{"dateTime": "2026-07-15T00:00:00", "timeZone": "Europe/Paris"}})
	for _, zone := range []string{"UTC", "Europe/Paris", "Pacific Standard Time"} {
		if a := r.get("events/"+day, "Prefer", `outlook.timezone="`+zone+`"`); a.text("start", "dateTime") != "2026-07-14T00:00:00.0000000" || a.text("end", "dateTime") != "2026-07-15T00:00:00.0000000" {
			t.Errorf("all day in %s: %v to %v", zone, a.at("start"), a.at("end"))
		}
	}
}

// Requirement: LAB-2
func TestEventRefusals(t *testing.T) {
	r := newRig(t, outlooktest.Switches{})
	id := r.made("events", event("A", 13))
	with := func(name string, v any) object { e := event("B", 14); e[name] = v; return e }
	for _, tt := range []struct {
		name, method, address string
		body                  object
		code                  string
	}{
		{"no time", "POST", "events", object{"subject": "A"}, "ErrorInvalidPropertySet"},
		{"no end", "POST", "events", with("end", nil), "ErrorInvalidPropertySet"},
		{"end before start", "POST", "events", with("end", utc(monday)), "ErrorCalendarEndDateIsEarlierThanStartDate"},
		{"unknown zone", "POST", "events", with("start", object{"dateTime": "2026-01-14T10:00:00", "timeZone": "Mars"}), "TimeZoneNotSupportedException"},
		{"all day at ten", "POST", "events", with("isAllDay", true), "ErrorInvalidRequest"},
		{"256 characters", "POST", "events", with("subject", strings.Repeat("é", 256)), "ErrorPropertyValidationFailure"},
		{"128 emoji", "POST", "events", with("subject", strings.Repeat("😀", 128)), "ErrorPropertyValidationFailure"},
		{"sensitivity", "POST", "events", with("sensitivity", "secret"), "RequestBodyRead"},
		{"unknown property", "POST", "events", with("companyName", "A"), "RequestBodyRead"},
		{"read-only", "PATCH", "events/" + id, object{"isOrganizer": false}, "ErrorInvalidPropertySet"},
		{"late transactionId", "PATCH", "events/" + id, object{"transactionId": "1"}, "ErrorInvalidPropertySet"},
		{"501 attendees", "POST", "events", with("attendees", people(501)), "ErrorTooManyAttendees"},
		{"no window", "GET", "calendarView", nil, "ErrorInvalidParameter"},
		{"window of nothing", "GET", "calendarView?startDateTime=2026-02-01T00:00:00Z&endDateTime=2026-01-01T00:00:00Z", nil, "ErrorInvalidParameter"},
		{"no window of changes", "GET", "calendarView/delta", nil, "ErrorInvalidParameter"},
		{"changes of everything", "GET", "events/delta", nil, "BadRequest"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var body any
			if tt.body != nil {
				body = tt.body
			}
			if a := r.do(tt.method, tt.address, body); a.status != 400 || a.code() != tt.code {
				t.Errorf("got %d %s, want 400 %s", a.status, a.body, tt.code)
			}
		})
	}
	for name, subject := range map[string]string{"255 characters": strings.Repeat("é", 255), "127 emoji": strings.Repeat("😀", 127)} {
		if a := r.do("POST", "events", with("subject", subject)); a.status != 201 {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
}

func people(n int) []any {
	out := make([]any, n)
	for i := range out {
		out[i] = object{"type": "required", "emailAddress": object{"address": "p@example.org", "name": "P"}}
	}
	return out
}

// The view of changes knows no options but its window.
func TestCalendarViewDeltaOptions(t *testing.T) {
	r := newRig(t, outlooktest.Switches{})
	for _, option := range []string{"$select=subject", "$filter=" + url.QueryEscape("subject eq 'A'"), "$orderby=subject", "$search=x", "$top=2",
		"$expand=" + url.QueryEscape("singleValueExtendedProperties($filter=id eq '"+chrono+"')")} {
		if a := r.get("calendarView/delta?" + january + "&" + option); a.status != 400 || a.code() != "ErrorInvalidUrlQuery" {
			t.Errorf("%s: %d %s, want 400", option, a.status, a.body)
		}
	}
	if a := r.get("calendarView/delta?" + strings.ToLower(january)); a.status != 400 {
		t.Errorf("a lower-case Z: %d, want 400", a.status)
	}
	if a := r.get("calendarView/delta?startdatetime=2026-01-01T00:00:00Z&enddatetime=2026-02-01T00:00:00Z"); a.status != 200 {
		t.Errorf("lower-case names: %d %s, want 200", a.status, a.body)
	}
}

// Each position of the switch is what a second event with the same transactionId gets.
func TestTransactionID(t *testing.T) {
	for position, want := range map[string]int{outlooktest.TransactionOnce: 1, outlooktest.TransactionIgnored: 2} {
		t.Run(position, func(t *testing.T) {
			r := newRig(t, outlooktest.Switches{TransactionID: position})
			e := event("A", 13)
			e["transactionId"] = "job-1"
			first, second := r.made("events", e), r.made("events", e)
			if got := len(r.Items(alice, outlooktest.Event)); got != want || (first == second) != (want == 1) {
				t.Errorf("%d events, want %d", got, want)
			}
			e["subject"] = "B"
			if a := r.do("POST", "events", e); (a.code() == "ErrorDuplicateTransactionId" && a.status == 409) != (want == 1) {
				t.Errorf("another event: %d %s", a.status, a.body)
			}
		})
	}
}

// Each position of the switch is what If-Match does when the item has changed.
func TestIfMatch(t *testing.T) {
	for position, want := range map[string][2]int{outlooktest.IfMatchEnforced: {412, 412}, outlooktest.IfMatchIgnored: {200, 204}} {
		t.Run(position, func(t *testing.T) {
			r := newRig(t, outlooktest.Switches{IfMatch: position})
			id := r.made("events", event("A", 13))
			old := r.get("events/" + id).text("@odata.etag")
			check(t, r.Person(alice).Edit(id, object{"subject": "hers"}))
			if a := r.patch("events/"+id, object{"subject": "ours"}, "If-Match", old); a.status != want[0] {
				t.Errorf("patch: %d %s, want %d", a.status, a.body, want[0])
			}
			now := r.get("events/" + id).text("@odata.etag")
			if a := r.patch("events/"+id, object{"subject": "ours"}, "If-Match", now); a.status != 200 {
				t.Errorf("with the present one: %d %s, want 200", a.status, a.body)
			}
			if a := r.patch("events/"+id, object{"subject": "ours"}, "If-Match", "*"); a.status != 200 {
				t.Errorf("with any: %d, want 200", a.status)
			}
			if a := r.do("DELETE", "events/"+id, nil, "If-Match", old); a.status != want[1] {
				t.Errorf("delete: %d %s, want %d", a.status, a.body, want[1])
			}
		})
	}
}

// Each position of the switch is how a body of text comes back.
func TestBodies(t *testing.T) {
	for position, want := range map[string]string{outlooktest.BodyCRLF: "a <b>\r\nc", outlooktest.BodyAsSent: "a <b>\nc"} {
		t.Run(position, func(t *testing.T) {
			r := newRig(t, outlooktest.Switches{BodyLines: position})
			e := event("A", 13)
			e["body"] = object{"contentType": "text", "content": "a <b>\nc"}
			id := r.made("events", e)
			a := r.get("events/"+id, "Prefer", `outlook.body-content-type="text"`)
			if a.text("body", "contentType") != "text" || a.text("body", "content") != want || a.header.Get("Preference-Applied") == "" {
				t.Errorf("as text: %q, want %q", a.at("body"), want)
			}
			h := r.get("events/" + id)
			if h.text("body", "contentType") != "html" || !strings.Contains(h.text("body", "content"), "a &lt;b&gt;<br>\r\nc") {
				t.Errorf("as HTML: %q", h.at("body"))
			}
		})
	}
	r := newRig(t, outlooktest.Switches{})
	e := event("A", 13)
	e["body"] = object{"contentType": "html", "content": "<html><head><style>x</style></head><body><p>Un &amp; deux</p>\n<p>trois</p></body></html>"}
	id := r.made("events", e)
	if a := r.get("events/"+id, "Prefer", `outlook.body-content-type="text"`); a.text("body", "content") != "Un & deux\r\ntrois\r\n" {
		t.Errorf("HTML as text: %q", a.at("body"))
	}
}

// An invitation is told as soon as a write of an organiser's event has attendees.
func TestInvitations(t *testing.T) {
	attendees := []any{object{"type": "required", "emailAddress": object{"address": bob, "name": "Bob"}}}
	r := newRig(t, outlooktest.Switches{})
	plain := r.made("events", event("alone", 13))
	r.patch("events/"+plain, object{"subject": "still alone", "attendees": []any{}})
	if got := r.Invitations(); len(got) != 0 {
		t.Fatalf("without attendees: %v", got)
	}
	r.patch("events/"+plain, object{"attendees": attendees})
	r.patch("events/"+plain, object{"subject": "moved"})
	r.do("DELETE", "events/"+plain, nil)
	var what []string
	for _, m := range r.Invitations() {
		what = append(what, m.What+" "+m.Address+" "+strings.Join(m.To, ","))
		if m.Call == 0 {
			t.Error("an invitation without its call")
		}
	}
	if want := []string{"invitation " + alice + " " + bob, "update " + alice + " " + bob, "cancellation " + alice + " " + bob}; !cmp.Equal(what, want) {
		t.Errorf("got %v, want %v", what, want)
	}
	if got := r.Counters().Invitations; got != 3 {
		t.Errorf("counters: %d, want 3", got)
	}
	his := r.Items(bob, outlooktest.Event)
	if len(his) != 1 || !his[0].Invited || his[0].Fields["isCancelled"] != true || his[0].Fields["isOrganizer"] != false {
		t.Fatalf("bob's calendar: %v", his)
	}
	if a := r.patch("https://graph.example/v1.0/users/"+bob+"/events/"+his[0].ID, object{"categories": []any{"Effectué"}}); a.status != 200 || len(r.Invitations()) != 3 {
		t.Errorf("a write in an attendee's copy: %d, %d messages, want none more", a.status, len(r.Invitations()))
	}
}

func TestCalendars(t *testing.T) {
	r := newRig(t, outlooktest.Switches{})
	id := r.made("events", event("A", 13))
	other := must(r.Person(alice).CreateCalendar("Famille"))
	r.made("calendars/"+other+"/events", event("B", 13))
	for address, want := range map[string][]string{"events": {"A", "B"}, "calendar/events": {"A"}, "calendars/" + other + "/events": {"B"}, "calendarView?" + january: {"A"},
		"calendars/" + other + "/calendarView?" + january: {"B"}} {
		if got := r.get(address).texts("subject"); !cmp.Equal(got, want) {
			t.Errorf("%s: %v, want %v", address, got, want)
		}
	}
	if got := r.get("calendars").texts("name"); !cmp.Equal(got, []string{"Calendar", "Famille"}) || r.get("calendar").at("isDefaultCalendar") != true {
		t.Errorf("calendars: %v", got)
	}
	if a := r.get("calendars/" + other + "/calendarView/delta?" + january); a.status != 400 {
		t.Errorf("changes of another calendar: %d, want 400", a.status)
	}
	must(r.Person(alice).Move(id, other))
	if a := r.get("events/" + id); a.status != http.StatusOK {
		t.Errorf("a moved event by its immutable id: %d, want 200", a.status)
	}
}

// A clock that is off from the client's shows in items, in Date and in how long a token lasts.
func TestClockSkew(t *testing.T) {
	r := newRig(t, outlooktest.Switches{})
	r.AdvanceClock(-3 * time.Minute)
	id := r.made("events", event("A", 13))
	a := r.get("events/" + id)
	if a.text("lastModifiedDateTime") != "2026-01-12T08:57:00.0000000Z" || a.header.Get("Date") != "Mon, 12 Jan 2026 08:57:00 GMT" {
		t.Errorf("got %v at %v", a.at("lastModifiedDateTime"), a.header.Get("Date"))
	}
}
