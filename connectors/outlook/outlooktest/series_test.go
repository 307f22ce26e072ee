package outlooktest_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/outlook/outlooktest"
)

// weekly is a series on Mondays and Wednesdays at ten in Paris.
func weekly(subject string, rng object) object {
	return object{"subject": subject, "start": object{"dateTime": "2026-01-05T10:00:00", "timeZone": "Europe/Paris"},
		"end":        object{"dateTime": "2026-01-05T10:30:00", "timeZone": "Europe/Paris"},
		"recurrence": object{"pattern": object{"type": "weekly", "interval": 1, "daysOfWeek": []any{"monday", "wednesday"}, "firstDayOfWeek": "monday"}, "range": rng}}
}

func starts(rows []object) (out []string) {
	for _, row := range rows {
		start := row["start"].(object)
		out = append(out, start["dateTime"].(string)[:16])
	}
	return out
}

func TestPatterns(t *testing.T) {
	for _, tt := range []struct {
		name    string
		start   string
		pattern object
		rng     object
		want    []string
	}{
		{"every second day", "2026-01-05", object{"type": "daily", "interval": 2}, object{"type": "numbered", "numberOfOccurrences": 3}, []string{"2026-01-05", "2026-01-07", "2026-01-09"}},
		{"every second week", "2026-01-07", object{"type": "weekly", "interval": 2, "daysOfWeek": []any{"monday", "wednesday"}, "firstDayOfWeek": "sunday"},
			object{"type": "endDate", "endDate": "2026-01-31"}, []string{"2026-01-07", "2026-01-19", "2026-01-21"}},
		{"the 31st", "2026-01-31", object{"type": "absoluteMonthly", "interval": 1, "dayOfMonth": 31}, object{"type": "numbered", "numberOfOccurrences": 3},
			[]string{"2026-01-31", "2026-02-28", "2026-03-31"}},
		{"last Friday", "2026-01-30", object{"type": "relativeMonthly", "interval": 1, "daysOfWeek": []any{"friday"}, "index": "last"},
			object{"type": "numbered", "numberOfOccurrences": 2}, []string{"2026-01-30", "2026-02-27"}},
		{"second Tuesday", "2026-01-13", object{"type": "relativeMonthly", "interval": 2, "daysOfWeek": []any{"tuesday"}, "index": "second"},
			object{"type": "numbered", "numberOfOccurrences": 2}, []string{"2026-01-13", "2026-03-10"}},
		{"29 February", "2024-02-29", object{"type": "absoluteYearly", "interval": 1, "dayOfMonth": 29, "month": 2}, object{"type": "endDate", "endDate": "2028-12-31"},
			[]string{"2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"}},
		{"first Monday of March", "2026-03-02", object{"type": "relativeYearly", "interval": 1, "month": 3, "daysOfWeek": []any{"monday"}, "index": "first"},
			object{"type": "endDate", "endDate": "2027-12-31"}, []string{"2026-03-02", "2027-03-01"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, outlooktest.Switches{})
			tt.rng["startDate"] = tt.start
			at := must(time.Parse("2006-01-02", tt.start)).Add(10 * time.Hour)
			id := r.made("events", object{"subject": "S", "start": utc(at), "end": utc(at.Add(time.Hour)), "recurrence": object{"pattern": tt.pattern, "range": tt.rng}})
			a := r.get("events/" + id + "/instances?startDateTime=2024-01-01T00:00:00Z&endDateTime=2029-01-01T00:00:00Z")
			var got []string
			for _, s := range starts(a.rows()) {
				got = append(got, s[:10])
			}
			if !cmp.Equal(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestPatternRefusals(t *testing.T) {
	r := newRig(t, outlooktest.Switches{})
	end := object{"type": "noEnd", "startDate": "2026-01-05"}
	for _, tt := range []struct {
		name         string
		pattern, rng object
	}{
		{"unknown type", object{"type": "hourly", "interval": 1}, end},
		{"no interval", object{"type": "daily"}, end},
		{"no days", object{"type": "weekly", "interval": 1}, end},
		{"unknown day", object{"type": "weekly", "interval": 1, "daysOfWeek": []any{"lundi"}}, end},
		{"no day of month", object{"type": "absoluteMonthly", "interval": 1}, end},
		{"no month", object{"type": "absoluteYearly", "interval": 1, "dayOfMonth": 1}, end},
		{"no start", object{"type": "daily", "interval": 1}, object{"type": "noEnd"}},
		{"another start", object{"type": "daily", "interval": 1}, object{"type": "noEnd", "startDate": "2026-01-06"}},
		{"end before start", object{"type": "daily", "interval": 1}, object{"type": "endDate", "startDate": "2026-01-05", "endDate": "2026-01-01"}},
		{"no number", object{"type": "daily", "interval": 1}, object{"type": "numbered", "startDate": "2026-01-05"}},
		{"unknown range", object{"type": "daily", "interval": 1}, object{"type": "ever", "startDate": "2026-01-05"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := event("S", 5)
			e["recurrence"] = object{"pattern": tt.pattern, "range": tt.rng}
			if a := r.do("POST", "events", e); a.status != 400 || a.code() != "ErrorInvalidPropertySet" {
				t.Errorf("got %d %s, want 400", a.status, a.body)
			}
		})
	}
}

// An occurrence keeps its time of the day over the change to summer time.
// Requirement: LAB-10
func TestSeriesAndSummerTime(t *testing.T) {
	r := newRig(t, outlooktest.Switches{})
	r.made("events", weekly("Point", object{"type": "noEnd", "startDate": "2026-01-05"}))
	got := starts(r.get("calendarView?startDateTime=2026-03-25T00:00:00Z&endDateTime=2026-04-01T00:00:00Z").rows())
	if want := []string{"2026-03-25T09:00", "2026-03-30T08:00"}; !cmp.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestExceptions(t *testing.T) {
	r := newRig(t, outlooktest.Switches{})
	master := r.made("events", weekly("Point", object{"type": "endDate", "startDate": "2026-01-05", "endDate": "2026-01-15"}))
	rows := r.get("calendarView?" + january).rows()
	if want := []string{"2026-01-05T09:00", "2026-01-07T09:00", "2026-01-12T09:00", "2026-01-14T09:00"}; !cmp.Equal(starts(rows), want) {
		t.Fatalf("got %v, want %v", starts(rows), want)
	}
	for _, row := range rows {
		if row["type"] != "occurrence" || row["seriesMasterId"] != master || row["recurrence"] != nil {
			t.Errorf("an occurrence: %v", row)
		}
	}
	second, third := rows[1]["id"].(string), rows[2]["id"].(string)
	a := r.patch("events/"+second, object{"subject": "Autre", "singleValueExtendedProperties": []any{object{"id": chrono, "value": "RDV1"}}})
	if a.status != 200 || a.text("type") != "exception" || a.text("id") != second || a.text("seriesMasterId") != master {
		t.Errorf("exception: %d %s", a.status, a.body)
	}
	check(t, r.Person(alice).Delete(third))
	if a := r.get("events/" + third); a.status != 404 {
		t.Errorf("a cancelled occurrence: %d, want 404", a.status)
	}
	if got := r.get("calendarView?" + january).texts("subject"); !cmp.Equal(got, []string{"Point", "Autre", "Point"}) {
		t.Errorf("view: %v", got)
	}
	if a := r.get("events/" + master); a.text("type") != "seriesMaster" || a.at("recurrence", "pattern", "type") != "weekly" || len(r.get("events").rows()) != 1 {
		t.Errorf("master: %s", a.body)
	}
	if a := r.patch("events/"+second, object{"recurrence": object{}}); a.status != 400 {
		t.Errorf("an occurrence that recurs: %d, want 400", a.status)
	}
	one, ok := r.Item(alice, second)
	if !ok || one.Properties["String {00020329-0000-0000-c000-000000000046} Name X3Chrono"] != "RDV1" {
		t.Errorf("the exception's chrono: %v", one.Properties)
	}
	if got := len(r.Occurrences(alice, master, monday.AddDate(0, -1, 0), monday.AddDate(0, 1, 0))); got != 3 {
		t.Errorf("%d occurrences, want 3", got)
	}
	r.patch("events/"+master, object{"end": object{"dateTime": "2026-01-05T11:00:00", "timeZone": "Europe/Paris"}})
	if got := r.get("calendarView?" + january).texts("subject"); len(got) != 4 {
		t.Errorf("another time takes the exceptions away: %v", got)
	}
}

// Each position of the switch is what a round of changes tells of a series. An edit of one occurrence tells of that one.
func TestOccurrences(t *testing.T) {
	for position, want := range map[string]struct {
		types   []string
		subject []string
		edited  []string
	}{
		outlooktest.OccurrencesFull: {[]string{"occurrence", "occurrence", "occurrence"}, []string{"Point", "Point", "Point"}, []string{"exception"}},
		outlooktest.OccurrencesBare: {[]string{"seriesMaster", "occurrence", "occurrence", "occurrence"}, []string{"Point", "", "", ""}, []string{"exception"}},
	} {
		t.Run(position, func(t *testing.T) {
			r := newRig(t, outlooktest.Switches{Occurrences: position})
			r.made("events", weekly("Point", object{"type": "numbered", "startDate": "2026-01-05", "numberOfOccurrences": 3}))
			rows, link := r.round("calendarView/delta?" + january)
			if !cmp.Equal(told(rows, "type"), want.types) || !cmp.Equal(told(rows, "subject"), want.subject) {
				t.Fatalf("first round: %v %v", told(rows, "type"), told(rows, "subject"))
			}
			check(t, r.Person(alice).Edit(rows[len(rows)-1]["id"].(string), object{"subject": "Autre"}))
			rows, link = r.round(link)
			if !cmp.Equal(told(rows, "type"), want.edited) || rows[0]["subject"] != "Autre" {
				t.Errorf("after an edit: %v", rows)
			}
			check(t, r.Person(alice).Delete(rows[0]["id"].(string)))
			if rows, _ = r.round(link); !cmp.Equal(told(rows, "type"), []string{"(deleted)"}) {
				t.Errorf("after a cancellation: %v", rows)
			}
		})
	}
}

// Each position of the switch is how a round tells that an occurrence was cancelled.
func TestCancelled(t *testing.T) {
	for position, want := range map[string][]string{outlooktest.CancelledRemoved: {"(deleted)"}, outlooktest.CancelledSilent: {"seriesMaster", "occurrence", "occurrence"}} {
		t.Run(position, func(t *testing.T) {
			r := newRig(t, outlooktest.Switches{Cancelled: position})
			master := r.made("events", weekly("Point", object{"type": "numbered", "startDate": "2026-01-05", "numberOfOccurrences": 3}))
			rows, link := r.round("calendarView/delta?" + january)
			check(t, r.Person(alice).Delete(rows[len(rows)-1]["id"].(string)))
			rows, link = r.round(link)
			if !cmp.Equal(told(rows, "type"), want) {
				t.Errorf("a cancelled occurrence: %v, want %v", told(rows, "type"), want)
			}
			check(t, r.Person(alice).Delete(master))
			if rows, _ = r.round(link); !cmp.Equal(told(rows, "type"), []string{"(deleted)", "(deleted)", "(deleted)"}) {
				t.Errorf("a deleted series: %v", told(rows, "type"))
			}
		})
	}
}
