package sagecrmtest_test

import (
	"strings"
	"testing"
	"time"

	"syncbox/connectors/sagecrm/sagecrmtest"
)

// worked is a site where A, B and C came at 12:00; at 13:00 A went, B changed and D came.
func worked(t testing.TB, w switches) *rig {
	r := site(t, w)
	r.AdvanceClock(time.Hour)
	anne := r.Console("anne")
	r.no(anne.Delete(sagecrmtest.Company, 1))
	r.no(anne.Edit(sagecrmtest.Company, 2, values{"comp_website": "x"}))
	must(anne.Create(sagecrmtest.Company, values{"comp_name": "D"}))
	r.logon()
	return r
}

// flags gives ids and flags of queryid.
func (a reply) flags() string {
	var out []string
	for _, one := range a.records() {
		if flag := one.child("flag"); flag != nil {
			out = append(out, one.child("id").text+" "+flag.text)
			continue
		}
		for _, name := range []string{"created", "updated", "deleted"} {
			if one.child(name).text == "true" {
				out = append(out, one.child("id").text+" "+name)
			}
		}
	}
	return strings.Join(out, ", ")
}

// Requirement: LAB-7
func TestQueryID(t *testing.T) {
	for _, tt := range []struct {
		name, date, where string
		at                switches
		want, fault       string
	}{
		{name: "all", date: "2026-07-30T12:00:00", want: "1 deleted, 2 created, 3 created, 4 created"},
		{name: "since noon", date: "2026-07-30 12:00:01", want: "1 deleted, 2 updated, 4 created"},
		{name: "at the second", date: "2026-07-30T13:00:00", want: "1 deleted, 2 updated, 4 created"}, {name: "local, not UTC", date: "2026-07-30T13:00:01", want: ""},
		{name: "a day", date: "2026-07-31", want: ""}, {name: "a predicate", date: "2026-07-30", where: "comp_name = 'A'", want: "1 deleted"},
		{name: "booleans", date: "2026-07-30 13:00", at: switches{sagecrmtest.SoapAisID: "booleans"}, want: "1 deleted, 2 updated, 4 created"},
		{name: "without deleted", date: "2026-07-30 13:00", at: switches{sagecrmtest.SoapQueryID: "no-deleted"}, want: "2 updated, 4 created"},
		{name: "no date", date: "", fault: failed}, {name: "not a date", date: "yesterday", fault: failed},
		{name: "a zone", date: "2026-07-30T12:00:00Z", fault: failed}, {name: "bad predicate", date: "2026-07-30", where: "name = 1", fault: failed},
		{name: "refused", date: "2026-07-30", at: switches{sagecrmtest.SoapQueryID: "refused"}, fault: "The method is not available: queryid"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if a := worked(t, tt.at).queryID("company", tt.where, tt.date); a.flags() != tt.want || a.fault() != tt.fault {
				t.Errorf("got %q %q, want %q %q", a.flags(), a.fault(), tt.want, tt.fault)
			}
		})
	}
	if a := worked(t, nil).call("queryidnodate", el("where", ""), el("entity", "company")); a.flags() != "1 deleted, 2 created, 3 created, 4 created" {
		t.Errorf("without a date: %s", a.body)
	}
}

// Requirement: LAB-7
func TestPagesOfQueryID(t *testing.T) {
	for position, want := range map[string]int{"whole": 205, "batches": 100} {
		r := many(t, 205, switches{sagecrmtest.SoapQueryIDPages: position})
		a := r.queryID("company", "", "2026-07-30")
		if got := len(a.records()); got != want || a.root.get("more") != map[string]string{"whole": "false", "batches": "true"}[position] {
			t.Errorf("%s: %d records, more %s", position, got, a.root.get("more"))
		}
		if a = r.call("next"); position == "batches" && (len(a.records()) != 100 || a.records()[0].child("flag").text != "created") {
			t.Errorf("next: %d records, %s", len(a.records()), a.fault())
		}
	}
}

// When summer time ends an hour comes twice: what was done in the second one looks older than what was done late in the first. A clock
// that is put back dates likewise.
//
// Requirement: LAB-10
func TestLocalTimes(t *testing.T) {
	r := site(t, nil)
	edit := func(at time.Time) string {
		r.FreezeClock(at)
		r.no(r.Console("anne").Edit(sagecrmtest.Company, 1, values{"comp_website": at.String()}))
		r.logon()
		return r.query("company", "comp_companyid = 1").root.get("updateddate")
	}
	for _, tt := range []struct {
		name string
		at   time.Time
		want string
	}{
		{"summer", noon, "2026-07-30T12:00:00"}, {"first time", time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC), "2026-10-25T02:30:00"},
		{"second time", time.Date(2026, 10, 25, 1, 30, 0, 0, time.UTC), "2026-10-25T02:30:00"},
		{"winter", time.Date(2028, 2, 29, 11, 0, 0, 0, time.UTC), "2028-02-29T12:00:00"}, {"put back", noon.Add(-2 * time.Hour), "2026-07-30T10:00:00"},
	} {
		if got := edit(tt.at); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
	edit(time.Date(2026, 10, 25, 1, 10, 0, 0, time.UTC))
	if a := r.queryID("company", "", "2026-10-25T02:30:00"); a.flags() != "" {
		t.Errorf("a change of the second hour is seen since the first: %s", a.flags())
	}
}
