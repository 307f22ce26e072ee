package salesmanagementtest_test

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/rest/resttest"
	"syncbox/connectors/salesmanagement/salesmanagementtest"
)

// Each kind of fault does what it says, to the call that it suits, once.
//
// Requirement: LAB-5
func TestFaults(t *testing.T) {
	for _, tt := range []struct {
		fault        fault
		method, path string
		want, again  string
		done         bool // the first call was carried out
	}{
		{fault{Kind: salesmanagementtest.TokenEnds}, "POST", "accounts", `401 {"code":401,"message":"Unauthorized"}`, `401 {"code":401,"message":"Unauthorized"}`, false},
		{fault{Kind: salesmanagementtest.Throttled}, "POST", "accounts", `429 {"code":429,"message":"Too Many Requests"}`, "200", false},
		{fault{Kind: salesmanagementtest.RefuseRow}, "POST", "accounts", `400 {"code":400,"message":"refused"}`, "200", false},
		{fault{Kind: salesmanagementtest.RefuseRow}, "GET", "accounts", "200", "200", false},
		{fault{Kind: salesmanagementtest.DatabaseLost}, "POST", "accounts", `500 {"code":900,"message":"Connection Error"}`, "200", false},
		{fault{Kind: salesmanagementtest.HTTPStatus}, "POST", "accounts", "500 <html><body><h1>500</h1><p>Internal Server Error</p></body></html>", "200", false},
		{fault{Kind: salesmanagementtest.HTTPStatus, Status: 408, Done: true}, "POST", "accounts", "408 <html><body><h1>408</h1><p>Request Timeout</p></body></html>", "200", true},
		{fault{Kind: salesmanagementtest.HTMLPage}, "POST", "accounts", "200", "200", false}, {fault{Kind: salesmanagementtest.EmptyBody, Done: true}, "POST", "accounts", "200", "200", true},
		{fault{Kind: salesmanagementtest.CloseBefore}, "POST", "accounts", "cut", "200", false}, {fault{Kind: salesmanagementtest.CloseAfter}, "POST", "accounts", "cut", "200", true},
		{fault{Kind: salesmanagementtest.CutBody, Keep: 3}, "POST", "accounts", "cut", "200", true}, {fault{Kind: salesmanagementtest.Truncated, Keep: 3}, "POST", "accounts", "200", "200", true},
		{fault{Kind: salesmanagementtest.CloseBefore, Op: "update"}, "POST", "accounts", "200", "200", true},
		{fault{Kind: salesmanagementtest.CloseBefore, Entity: salesmanagementtest.Users}, "POST", "accounts", "200", "200", true},
		{fault{Kind: salesmanagementtest.CloseBefore, Endpoint: salesmanagementtest.EndpointStore}, "POST", "accounts", "200", "200", true},
		{fault{Kind: salesmanagementtest.CloseBefore, Turn: resttest.Turn{Skip: 1}}, "POST", "accounts", "200", "cut", true},
	} {
		r := newRig(t, options{})
		r.AddFault(tt.fault)
		body := map[string]string{"POST": account}[tt.method]
		got := r.send(tt.method, tt.path, body)
		done := len(r.Records(salesmanagementtest.Accounts)) == 1
		again := r.send(tt.method, tt.path, body)
		if got.short() != tt.want || again.short() != tt.again || done != tt.done {
			t.Errorf("%+v: got %s, then %s, done %v", tt.fault, got.short(), again.short(), done)
		}
	}
}

// What is damaged is seen to be so by the caller, and told by the journal.
func TestDamaged(t *testing.T) {
	r := newRig(t, options{})
	for _, kind := range []salesmanagementtest.FaultKind{salesmanagementtest.CutBody, salesmanagementtest.Truncated, salesmanagementtest.EmptyBody, salesmanagementtest.HTMLPage} {
		r.AddFault(fault{Kind: kind, Keep: 3, Done: true})
		a := r.send("POST", "accounts", account)
		if a.object() != nil || (a.err != nil) != (kind == salesmanagementtest.CutBody) {
			t.Errorf("%s: %v %q", kind, a.err, a.body)
		}
	}
	for _, c := range r.Journal(salesmanagementtest.JournalQuery{Op: "create"}) {
		if !c.Lost || c.Outcome != salesmanagementtest.Faulted || len(c.Writes) != 1 {
			t.Errorf("%+v", c)
		}
	}
}

// Rows come twice over two pages, and what happens meanwhile happens.
func TestPagesThatShift(t *testing.T) {
	r := newRig(t, options{})
	r.Fill(salesmanagementtest.Seed{Accounts: 60})
	r.AddFault(fault{Kind: salesmanagementtest.DuplicateRows, Turn: resttest.Turn{Skip: 1}})
	r.AddFault(fault{Kind: salesmanagementtest.Meanwhile, Turn: resttest.Turn{Skip: 1}, Do: func() { must(r.App(1).Create(salesmanagementtest.Accounts, values{"name": "x"})) }})
	r.send("GET", "accounts", "")
	if got := r.send("GET", "accounts?page=1", "").ids(); !strings.HasPrefix(got, "13 12 11 10 ") {
		t.Errorf("duplicates: %s", got)
	}
	if got := r.send("GET", "accounts?page=1", "").ids(); !strings.HasPrefix(got, "11 10 ") {
		t.Errorf("meanwhile: %s", got)
	}
}

// What was cut is done when its time comes, once, although the token has ended.
//
// Requirement: LAB-5
func TestAppliedLate(t *testing.T) {
	var later []func()
	r := newRig(t, options{After: func(_ time.Duration, f func()) { later = append(later, f) }})
	r.AddFault(fault{Kind: salesmanagementtest.AppliedLate, Delay: time.Minute, Turn: resttest.Turn{Count: 2}})
	for range 2 {
		if a := r.send("POST", "accounts", account); a.err == nil {
			t.Errorf("%s", a.short())
		}
	}
	r.EndTokens()
	if n := r.PendingLate(); n != 2 || len(r.Records(salesmanagementtest.Accounts)) != 0 {
		t.Fatalf("%d wait", n)
	}
	r.AdvanceClock(time.Minute)
	later[0]()
	r.FlushLate()
	later[1]()
	if all := r.Records(salesmanagementtest.Accounts); len(all) != 2 || all[0].Values["dateCreated"] != "2026-11-23T12:01:00.000Z" {
		t.Errorf("%v", all)
	}
	var got []string
	for _, c := range r.Journal(salesmanagementtest.JournalQuery{Op: "create"}) {
		got = append(got, fmt.Sprint(c.Outcome, " late ", c.Late, " writes ", len(c.Writes)))
	}
	if diff := cmp.Diff([]string{"pending late false writes 0", "pending late false writes 0", "faulted late true writes 1", "faulted late true writes 1"}, got); diff != "" {
		t.Error(diff)
	}
	r.AddFault(fault{Kind: salesmanagementtest.AppliedLate})
	if r.send("POST", "accounts", account); r.PendingLate() != 0 {
		t.Error("somebody without a token is let in late")
	}
}

// Slow answers pass the time of the test's clock.
func TestSlowAnswers(t *testing.T) {
	var r *rig
	r = newRig(t, options{Wait: func(_ context.Context, d time.Duration) { r.AdvanceClock(d) }})
	r.AddFault(fault{Kind: salesmanagementtest.Slow, Delay: 30 * time.Second})
	r.AddFault(fault{Kind: salesmanagementtest.SlowAnswer, Delay: 30 * time.Second})
	r.send("POST", "accounts", account)
	r.send("POST", "accounts", account)
	for i, one := range r.Records(salesmanagementtest.Accounts) {
		if got := one.Values["dateCreated"]; got != "2026-11-23T12:00:30.000Z" {
			t.Errorf("%d: %s", i, got)
		}
	}
	if got := r.Now().Sub(noon); got != time.Minute {
		t.Errorf("passed: %v", got)
	}
}

// The same seed breaks alike, and what is told to be stored is stored.
//
// Requirement: LAB-3
func TestRandomFaults(t *testing.T) {
	run := func(seed uint64) (string, string) {
		var r *rig
		r = newRig(t, options{Wait: func(_ context.Context, d time.Duration) { r.AdvanceClock(d) }, After: func(time.Duration, func()) {}})
		r.SetRandomFaults(salesmanagementtest.RandomFaults{Seed: seed, Rate: 0.5})
		told := 0
		for range 80 {
			r.logon()
			if a := r.send("POST", "accounts", account); a.err == nil && a.id() != "" {
				told++
			}
		}
		r.SetRandomFaults(salesmanagementtest.RandomFaults{})
		if n := len(r.Records(salesmanagementtest.Accounts)); n < told || told == 0 || told > 70 {
			t.Errorf("%d told of %d", told, n)
		}
		var log strings.Builder
		for _, c := range r.Journal(salesmanagementtest.JournalQuery{}) {
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

// A request that does not arrive whole is not carried out.
func TestRequestCut(t *testing.T) {
	r := newRig(t, options{})
	h := r.header.Clone()
	h.Set("X-Session-Key", r.token)
	h.Set("Content-Type", "application/json")
	a := r.call("POST", "http://api.example/api/v4/accounts", h, io.MultiReader(strings.NewReader(account), broken{}))
	if a.err == nil || len(r.Records(salesmanagementtest.Accounts)) != 0 {
		t.Errorf("%s", a.short())
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
