package outlooktest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/outlook/outlooktest"
)

func TestFaults(t *testing.T) {
	for _, tt := range []struct {
		name    string
		fault   outlooktest.Fault
		status  int  // 0: no answer
		created bool // whether the POST was carried out
		part    string
	}{
		{"429", outlooktest.Fault{Kind: outlooktest.Throttle}, 429, false, "MailboxConcurrency"},
		{"503 with HTML", outlooktest.Fault{Kind: outlooktest.Unavailable, Retry: 7 * time.Second}, 503, false, "<html>"},
		{"504 after all", outlooktest.Fault{Kind: outlooktest.Unavailable, Status: 504, Done: true}, 504, true, "<html>"},
		{"401", outlooktest.Fault{Kind: outlooktest.Unauthorized}, 401, false, "InvalidAuthenticationToken"},
		{"403", outlooktest.Fault{Kind: outlooktest.Forbidden, Mailbox: alice}, 403, false, "ErrorAccessDenied"},
		{"cut before", outlooktest.Fault{Kind: outlooktest.CloseBefore}, 0, false, ""},
		{"answer lost", outlooktest.Fault{Kind: outlooktest.CloseAfter, Op: outlooktest.OpCreate}, 0, true, ""},
		{"cut body", outlooktest.Fault{Kind: outlooktest.CutBody, Keep: 10}, 201, true, ""},
		{"of another mailbox", outlooktest.Fault{Kind: outlooktest.CloseBefore, Mailbox: bob}, 201, true, "surname"},
		{"of another op", outlooktest.Fault{Kind: outlooktest.CloseBefore, Op: outlooktest.OpUpdate}, 201, true, "surname"},
		{"of another kind", outlooktest.Fault{Kind: outlooktest.CloseBefore, Item: outlooktest.Event}, 201, true, "surname"},
		{"of another method", outlooktest.Fault{Kind: outlooktest.CloseBefore, Method: "GET"}, 201, true, "surname"},
		{"the second one", outlooktest.Fault{Kind: outlooktest.CloseBefore, Skip: 1}, 201, true, "surname"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, outlooktest.Switches{})
			r.AddFault(tt.fault)
			a := r.do("POST", "contacts", object{"surname": "A"})
			if a.status != tt.status || !strings.Contains(a.body, tt.part) {
				t.Errorf("got %d %s %v, want %d with %q", a.status, a.body, a.err, tt.status, tt.part)
			}
			if got := len(r.Items(alice, outlooktest.Contact)) == 1; got != tt.created {
				t.Errorf("created: %v, want %v", got, tt.created)
			}
			if tt.fault.Retry > 0 && a.header.Get("Retry-After") != "7" {
				t.Errorf("Retry-After %q", a.header.Get("Retry-After"))
			}
		})
	}
}

// A fault between pages leaves the chain whole: the same link goes on.
func TestFaultsInAChain(t *testing.T) {
	for _, kind := range []outlooktest.FaultKind{outlooktest.Throttle, outlooktest.Unavailable, outlooktest.Unauthorized, outlooktest.CloseAfter} {
		t.Run(string(kind), func(t *testing.T) {
			r := newRig(t, outlooktest.Switches{})
			for _, name := range []string{"A", "B", "C"} {
				r.made("contacts", object{"surname": name})
			}
			page := r.get(mainContacts, "Prefer", "odata.maxpagesize=1")
			r.AddFault(outlooktest.Fault{Kind: kind, Op: outlooktest.OpPage})
			if a := r.get(page.text("@odata.nextLink")); a.status == 200 {
				t.Fatalf("no fault: %s", a.body)
			}
			if kind == outlooktest.Unauthorized {
				if a := r.get("contacts"); a.status != 401 {
					t.Errorf("the token: %d, want 401", a.status)
				}
				r.signIn()
			}
			rows, _ := r.round(page.text("@odata.nextLink"))
			if !cmp.Equal(told(rows, "surname"), []string{"B", "C"}) {
				t.Errorf("the rest: %v", rows)
			}
		})
	}
}

// What a page does that it should not: the chain comes to its end all the same, and what is told is told more than once.
func TestPageFaults(t *testing.T) {
	for _, tt := range []struct {
		kind outlooktest.FaultKind
		op   string
		want []string
	}{
		{outlooktest.DuplicateItem, outlooktest.OpDelta, []string{"A", "B", "A", "C"}},
		{outlooktest.EmptyPage, outlooktest.OpPage, []string{"A", "B", "C"}},
		{outlooktest.PageTwice, outlooktest.OpDelta, []string{"A", "B", "A", "B", "C"}},
		{outlooktest.PageTwice, outlooktest.OpPage, []string{"A", "B", "C", "C"}},
		{outlooktest.Replay, outlooktest.OpPage, []string{"A", "B", "C", "A"}},
	} {
		t.Run(string(tt.kind)+" "+tt.op, func(t *testing.T) {
			r := newRig(t, outlooktest.Switches{})
			for _, name := range []string{"A", "B", "C"} {
				r.made("contacts", object{"surname": name})
			}
			r.AddFault(outlooktest.Fault{Kind: tt.kind, Op: tt.op})
			rows, _ := r.round(mainContacts, "Prefer", "odata.maxpagesize=2")
			if got := told(rows, "surname"); !cmp.Equal(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
			if tt.kind == outlooktest.DuplicateItem && (rows[0]["changeKey"] == rows[2]["changeKey"] || rows[0]["id"] != rows[2]["id"]) {
				t.Errorf("the duplicate: %v", rows[2])
			}
		})
	}
}

// A page that comes twice comes with the same link.
func TestSameNextLink(t *testing.T) {
	r := newRig(t, outlooktest.Switches{})
	for _, name := range []string{"A", "B", "C"} {
		r.made("contacts", object{"surname": name})
	}
	link := r.get(mainContacts, "Prefer", "odata.maxpagesize=1").text("@odata.nextLink")
	r.AddFault(outlooktest.Fault{Kind: outlooktest.PageTwice, Op: outlooktest.OpPage})
	if a := r.get(link); a.text("@odata.nextLink") != link {
		t.Errorf("got %s, want %s", a.text("@odata.nextLink"), link)
	}
	if a := r.get(link); a.text("@odata.nextLink") == link {
		t.Error("the second time it leads on")
	}
}

func TestReplayAfterARound(t *testing.T) {
	r := newRig(t, outlooktest.Switches{})
	r.made("contacts", object{"surname": "A"})
	_, link := r.round(mainContacts)
	r.AddFault(outlooktest.Fault{Kind: outlooktest.Replay})
	if rows, _ := r.round(link); !cmp.Equal(told(rows, "surname"), []string{"A"}) {
		t.Errorf("got %v, want what has not changed", rows)
	}
}

func TestForgottenByFault(t *testing.T) {
	r := newRig(t, outlooktest.Switches{})
	r.made("contacts", object{"surname": "A"})
	_, link := r.round(mainContacts)
	r.AddFault(outlooktest.Fault{Kind: outlooktest.Forgotten})
	if r.get("contacts").status != 200 || r.get(mainContacts).status != 200 {
		t.Error("calls without a token are not hit")
	}
	a := r.get(link)
	if a.status != 410 || a.header.Get("Location") == "" {
		t.Errorf("got %d %s, want 410", a.status, a.body)
	}
	if a := r.get(link); a.status != 410 {
		t.Errorf("again: %d, want 410", a.status)
	}
}

func TestSignInFails(t *testing.T) {
	r := newRig(t, outlooktest.Switches{})
	r.AddFault(outlooktest.Fault{Kind: outlooktest.Unavailable, Op: outlooktest.OpToken, Retry: time.Minute})
	if a := r.tokenCall(tenant, nil); a.status != 503 || a.header.Get("Retry-After") != "60" {
		t.Errorf("got %d, Retry-After %q", a.status, a.header.Get("Retry-After"))
	}
	r.signIn()
}

func TestMissingByFault(t *testing.T) {
	r := newRig(t, outlooktest.Switches{})
	id := r.made("contacts", object{"surname": "A"})
	r.AddFault(outlooktest.Fault{Kind: outlooktest.Missing})
	if r.get("contacts").status != 200 || r.get("contacts/"+id).status != 404 || r.get("contacts/"+id).status != 200 {
		t.Error("one call by id gets 404, and no other")
	}
}

func TestAppliedLate(t *testing.T) {
	var waiting []func()
	s := outlooktest.New(outlooktest.Options{Mailboxes: []outlooktest.Mailbox{{Address: alice}}, After: func(_ time.Duration, f func()) { waiting = append(waiting, f) }})
	s.FreezeClock(monday)
	r := &rig{Server: s, t: t}
	r.http.Transport = s.RoundTripper()
	r.signIn()
	r.AddFault(outlooktest.Fault{Kind: outlooktest.AppliedLate, Op: outlooktest.OpCreate, Count: 2})
	for _, name := range []string{"A", "B"} {
		if a := r.do("POST", "contacts", object{"surname": name}); a.err == nil {
			t.Errorf("answered: %d", a.status)
		}
	}
	if len(r.Items(alice, outlooktest.Contact)) != 0 || r.PendingLate() != 2 || len(waiting) != 2 {
		t.Fatalf("too early: %d waiting", r.PendingLate())
	}
	waiting[0]()
	r.FlushLate()
	calls := r.Journal(outlooktest.JournalQuery{Op: outlooktest.OpCreate})
	if len(r.Items(alice, outlooktest.Contact)) != 2 || len(calls) != 4 || calls[0].Outcome != outlooktest.Pending || !calls[3].Late || len(calls[3].Writes) != 1 {
		t.Errorf("in the end: %v", calls)
	}
}

func TestSlowAnswer(t *testing.T) {
	r := newRig(t, outlooktest.Switches{})
	r.AddFault(outlooktest.Fault{Kind: outlooktest.SlowAnswer, Delay: time.Millisecond})
	if a := r.do("POST", "contacts", object{"surname": "A"}); a.status != 201 {
		t.Errorf("got %d, want 201", a.status)
	}
	if c := r.Journal(outlooktest.JournalQuery{Writing: true}); len(c) != 1 || c[0].Fault != outlooktest.SlowAnswer {
		t.Errorf("journal: %v", c)
	}
}

// The same seed breaks the same calls.
func TestRandomFaults(t *testing.T) {
	run := func(seed uint64) (kinds []outlooktest.FaultKind) {
		r := newRig(t, outlooktest.Switches{})
		r.SetRandomFaults(outlooktest.RandomFaults{Seed: seed, Rate: 0.5, MaxDelay: time.Nanosecond, Kinds: []outlooktest.FaultKind{outlooktest.Throttle, outlooktest.CloseAfter, outlooktest.Slow, outlooktest.EmptyPage}})
		for range 40 {
			r.get("contacts")
		}
		for _, c := range r.Journal(outlooktest.JournalQuery{Op: outlooktest.OpList}) {
			kinds = append(kinds, c.Fault)
		}
		return kinds
	}
	if a, b, c := run(1), run(1), run(2); !cmp.Equal(a, b) || cmp.Equal(a, c) {
		t.Errorf("got %v, %v and %v", a, b, c)
	}
}
