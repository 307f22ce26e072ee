package sagex3test_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/sagex3/sagex3test"
)

// The changes tell who did what, people and calls apart.
func TestChanges(t *testing.T) {
	r := newRig(t, options{})
	key := r.task("x")
	r.modify("TSK", "TSKNUM", key, owned("FULOBJ", "y"))
	r.no(r.Administrator().Delete(sagex3test.Tasks, key))
	type change struct {
		user, op      string
		field         sagex3test.Field
		before, after string
	}
	tell := func(q sagex3test.ChangeQuery) (all []change) {
		for _, c := range r.Changes(q) {
			all = append(all, change{c.User, c.Op, c.Field, c.Before, c.After})
		}
		return all
	}
	want := []change{{"U1", "create", sagex3test.Company, "", "C00001"}, {"U1", "create", sagex3test.Owner, "", "R1"}, {"U1", "create", sagex3test.Start, "", "20260116"},
		{"U1", "create", sagex3test.Subject, "", "x"}, {"SYNC", "update", sagex3test.Subject, "x", "y"}, {"ADMIN", "delete", "", "", ""}}
	if diff := cmp.Diff(want, tell(sagex3test.ChangeQuery{Object: sagex3test.Tasks}), cmp.AllowUnexported(change{})); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(want[4:5], tell(sagex3test.ChangeQuery{Calls: true}), cmp.AllowUnexported(change{})); diff != "" {
		t.Error(diff)
	}
	if got := tell(sagex3test.ChangeQuery{People: true, Field: sagex3test.Subject}); len(got) != 1 {
		t.Errorf("people's: %v", got)
	}
}

// An answer is dated by the server's clock, so that a caller sees how far it is from his own.
func TestDateOfAnAnswer(t *testing.T) {
	r := newRig(t, options{})
	r.AdvanceClock(5 * time.Minute)
	a, err := r.client.Do(r.send(r.envelope("query", "TSK", keys(), size(1))))
	if err != nil {
		t.Fatal(err)
	}
	a.Body.Close()
	if got := a.Header.Get("Date"); got != "Thu, 15 Jan 2026 11:05:00 GMT" {
		t.Errorf("got %q", got)
	}
}

// What the screens refuse changes nothing.
func TestScreensRefuse(t *testing.T) {
	r := newRig(t, options{})
	key := r.task("x")
	before := r.Save()
	for name, err := range map[string]error{
		"unknown tiers":          r.Person("U1").Edit(sagex3test.Tasks, key, values{sagex3test.Company: "NIX"}),
		"unknown representative": r.Person("U1").Reassign(sagex3test.Tasks, key, "R9"),
		"not a day":              r.Person("U1").Edit(sagex3test.Tasks, key, values{sagex3test.Start: "demain"}),
		"a number":               r.Person("U1").Edit(sagex3test.Tasks, key, values{sagex3test.Number: "TSK1"}),
		"too long":               r.Person("U1").Edit(sagex3test.Tasks, key, values{sagex3test.Site: "123456"}),
		"no such record":         r.Person("U1").Delete(sagex3test.Calls, "CLL1"),
	} {
		if err == nil {
			t.Errorf("%s: want a refusal", name)
		}
	}
	if diff := cmp.Diff(string(before), string(r.Save())); diff != "" {
		t.Error(diff)
	}
	if _, err := r.Administrator().Create(sagex3test.Tasks, values{sagex3test.Subject: "x"}); err == nil || !strings.Contains(err.Error(), "Representative") {
		t.Errorf("without an owner: %v", err)
	}
}

// Times are the server's, also where its clock is changed: on 29 March 2026 02:30 does not exist in Paris, and two appointments that
// meet in the repeated hour of 25 October overlap as the clock on the wall shows them.
//
// Requirement: LAB-10
func TestSummerTime(t *testing.T) {
	r := newRig(t, options{})
	r.FreezeClock(time.Date(2026, 3, 29, 0, 30, 0, 0, time.UTC))
	key := r.task("x")
	r.AdvanceClock(time.Hour) // from 01:30 to 03:30
	r.no(r.Person("U1").Edit(sagex3test.Tasks, key, values{sagex3test.Subject: "y"}))
	got := flds(r.read("TSK", "TSKNUM", key).result)
	if got["CRETIM"] != "5400" || got["UPDTIM"] != "12600" || got["UPDDATTIM"] != "2026-03-29T01:30:00Z" {
		t.Errorf("stamps %v", got)
	}
	v := func(from, to string) values {
		return values{sagex3test.Start: "20261025", sagex3test.StartTime: from, sagex3test.End: "20261025", sagex3test.EndTime: to}
	}
	must(r.Person("U1").Create(sagex3test.Appointments, v("0200", "0230")))
	if _, err := r.Person("U1").Create(sagex3test.Appointments, v("0215", "0245")); err == nil {
		t.Error("overlap in the repeated hour: want a refusal")
	}
	must(r.Person("U1").Create(sagex3test.Appointments, v("0230", "0300")))
}

// Requirement: LAB-10
func TestTwentyThousandRecords(t *testing.T) {
	r := newRig(t, options{})
	r.Fill(sagex3test.Seed{Users: 5, Customers: 100, Tasks: 20_000})
	a := r.raw(r.send(r.envelope("query", "TSK", keys(), size(30_000))))
	got := regexp.MustCompile(`<LIN NUM="[0-9]+"><FLD NAME="TSKNUM" TYPE="Char">([^<]*)`).FindAllStringSubmatch(a.body, -1) // a parser would take most of the time
	if a.http != 200 || len(got) != 20_000 || got[0][1] != "TSK000000000001" || got[19_999][1] != "TSK000000020000" {
		t.Errorf("%d: %d rows, want 20,000 by key", a.http, len(got))
	}
	if a := r.query("TSK", 100); len(rows(a.result)) != 100 {
		t.Errorf("listSize 100: %d rows", len(rows(a.result)))
	}
	if a := r.query("TSK", 0); !a.ok() || len(rows(a.result)) != 0 {
		t.Errorf("listSize 0: %s", a.result)
	}
}
