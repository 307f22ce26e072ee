package sagecrmtest_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/rest/resttest"
	"syncbox/connectors/sagecrm/sagecrmtest"
)

// What a write gets, and whether it was done, one row for each way to fail.
//
// Requirement: LAB-5
func TestFaults(t *testing.T) {
	for _, tt := range []struct {
		fault  fault
		status int    // 0: no answer
		part   string // of the body
		cut    bool
		stored bool
	}{
		{fault{Kind: sagecrmtest.EntityDisabled}, 500, "is not Web Service enabled", false, false},
		{fault{Kind: sagecrmtest.RefuseRecord, Text: "too late"}, 500, "too late", false, false},
		{fault{Kind: sagecrmtest.SessionEnds}, 500, "Invalid session", false, false}, {fault{Kind: sagecrmtest.SessionStolen}, 500, "Invalid session", false, false},
		{fault{Kind: sagecrmtest.HTTPStatus}, 503, "<html>", false, false}, {fault{Kind: sagecrmtest.HTTPStatus, Status: 500, Done: true}, 500, "<html>", false, true},
		{fault{Kind: sagecrmtest.HTMLPage}, 200, "<html>", false, false}, {fault{Kind: sagecrmtest.EmptyBody, Done: true}, 200, "", false, true},
		{fault{Kind: sagecrmtest.WrongCharset}, 200, "crmid", false, true}, {fault{Kind: sagecrmtest.Slow}, 200, "crmid", false, true},
		{fault{Kind: sagecrmtest.SlowAnswer}, 200, "crmid", false, true}, {fault{Kind: sagecrmtest.CutBody, Keep: 20}, 200, "<?xml", true, true},
		{fault{Kind: sagecrmtest.Truncated, Keep: 20}, 200, "<?xml", false, true}, {fault{Kind: sagecrmtest.CloseBefore}, 0, "", true, false},
		{fault{Kind: sagecrmtest.CloseAfter}, 0, "", true, true}, {fault{Kind: sagecrmtest.AppliedLate, Delay: time.Hour}, 0, "", true, false},
		{fault{Kind: sagecrmtest.QueryFails}, 200, "crmid", false, true}, {fault{Kind: sagecrmtest.Slow, Entity: sagecrmtest.Phone}, 200, "crmid", false, true},
	} {
		t.Run(string(tt.fault.Kind), func(t *testing.T) {
			r := site(t, nil)
			r.AddFault(tt.fault)
			a := r.write("add", "company", el("name", "D"))
			stored := len(r.Records(sagecrmtest.Company)) == 4
			if a.status != tt.status || !strings.Contains(a.body, tt.part) || (a.err != nil) != tt.cut || stored != tt.stored {
				t.Errorf("got %d %q %v stored %v", a.status, a.body, a.err, stored)
			}
			if r.session = ""; len(r.Faults()) == 0 {
				r.logon()
				if a := r.write("add", "company", el("name", "E")); a.root.get("crmid") == "" {
					t.Errorf("once is enough: %s", a.body)
				}
			}
		})
	}
}

// A session that ends inside a query, the error strings inside one, and turns.
//
// Requirement: LAB-5
func TestFaultsOfQueries(t *testing.T) {
	r := many(t, 205, nil)
	r.AddFault(fault{Kind: sagecrmtest.SessionEnds, Op: "next"})
	r.query("company", "")
	if a := r.call("next"); !strings.Contains(a.fault(), "Invalid session") {
		t.Errorf("%s", a.body)
	}
	r.logon()
	r.AddFault(fault{Kind: sagecrmtest.QueryFails, Entity: sagecrmtest.Company, Turn: resttest.Turn{Skip: 1, Count: 2}})
	var got []string
	for range 4 {
		got = append(got, r.query("company", "").fault())
	}
	if diff := cmp.Diff([]string{"", failed, failed, ""}, got); diff != "" {
		t.Error(diff)
	}
	r.AddFault(fault{Kind: sagecrmtest.QueryFails, Turn: resttest.Turn{Count: -1}})
	r.query("company", "")
	if a := r.where("comp_companyid ge 1"); a.said() != failed {
		t.Errorf("REST: %s", a.body)
	}
	r.ClearFaults()
	if a := r.query("company", ""); a.fault() != "" {
		t.Errorf("cleared: %s", a.body)
	}
}

// What was cut is done when its time comes, once, although the session has ended; in REST as well.
//
// Requirement: LAB-5
func TestAppliedLate(t *testing.T) {
	var later []func()
	r := newRig(t, options{After: func(_ time.Duration, f func()) { later = append(later, f) }})
	r.logon()
	r.AddFault(fault{Kind: sagecrmtest.AppliedLate, Delay: time.Minute, Turn: resttest.Turn{Count: 2}})
	r.write("add", "company", el("name", "late"))
	r.rest("POST", "company", `{"comp_name":"later"}`)
	r.call("logoff")
	if n := r.PendingLate(); n != 2 || len(r.Records(sagecrmtest.Company)) != 0 {
		t.Fatalf("%d wait", n)
	}
	r.AdvanceClock(time.Minute)
	later[0]()
	r.FlushLate()
	later[1]()
	all := r.Records(sagecrmtest.Company)
	if len(all) != 2 || all[0].Values["comp_createddate"] != "2026-07-30T12:01:00" || all[1].Values["comp_name"] != "later" {
		t.Errorf("%v", all)
	}
	var got []string
	for _, c := range r.Journal(sagecrmtest.JournalQuery{Entity: sagecrmtest.Company}) {
		got = append(got, fmt.Sprint(c.Op, " ", c.Outcome, " late ", c.Late, " writes ", len(c.Writes)))
	}
	want := []string{"add pending late false writes 0", "create pending late false writes 0", "add faulted late true writes 1", "create faulted late true writes 1"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Slow answers pass the time of the test's clock.
func TestSlowAnswers(t *testing.T) {
	var r *rig
	r = newRig(t, options{Wait: func(_ context.Context, d time.Duration) { r.AdvanceClock(d) }})
	r.logon()
	r.AddFault(fault{Kind: sagecrmtest.Slow, Delay: time.Minute})
	r.write("add", "company", el("name", "slow"))
	r.AddFault(fault{Kind: sagecrmtest.SlowAnswer, Delay: time.Minute})
	r.write("add", "company", el("name", "answered slowly"))
	all := r.Records(sagecrmtest.Company)
	for i, want := range []string{"2026-07-30T12:01:00", "2026-07-30T12:01:00"} {
		if got := all[i].Values["comp_createddate"]; got != want {
			t.Errorf("%d: got %s, want %s", i, got, want)
		}
	}
	if got := r.Now().Sub(noon); got != 2*time.Minute {
		t.Errorf("passed: %v", got)
	}
	if got := r.Journal(sagecrmtest.JournalQuery{Op: "add"})[1].Took; got != time.Minute {
		t.Errorf("took: %v", got)
	}
}

// The same seed breaks alike, whatever breaks the calls are answered or cut, and what is told to be stored is stored.
//
// Requirement: LAB-3
func TestRandomFaults(t *testing.T) {
	run := func(seed uint64) (string, string) {
		var r *rig
		r = newRig(t, options{Wait: func(_ context.Context, d time.Duration) { r.AdvanceClock(d) }, After: func(time.Duration, func()) {}})
		r.SetRandomFaults(sagecrmtest.RandomFaults{Seed: seed, Rate: 0.5})
		told := 0
		for i := range 60 {
			if a := r.call("logon", el("username", "syncbox"), el("password", "SECRET")); a.root.get("sessionid") != "" {
				r.session = a.root.get("sessionid")
			}
			if a := r.write("add", "company", el("name", fmt.Sprint(i))); a.err == nil && a.root.get("crmid") != "" {
				told++
			}
		}
		r.SetRandomFaults(sagecrmtest.RandomFaults{})
		if n := len(r.Records(sagecrmtest.Company)); n < told || told == 0 || told > 50 {
			t.Errorf("%d told of %d", told, n)
		}
		var log strings.Builder
		for _, c := range r.Journal(sagecrmtest.JournalQuery{}) {
			fmt.Fprintln(&log, c.Seq, c.Op, c.Status, c.Outcome, c.Fault, c.Writes)
		}
		return log.String(), string(r.Save())
	}
	log1, state1 := run(3)
	log2, state2 := run(3)
	if diff := cmp.Diff(log1, log2); diff != "" || state1 != state2 {
		t.Error(diff)
	}
	if other, _ := run(4); other == log1 {
		t.Error("another seed breaks alike")
	}
}
