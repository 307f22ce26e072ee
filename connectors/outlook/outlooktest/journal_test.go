package outlooktest_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/outlook/outlooktest"
)

func TestJournal(t *testing.T) {
	r := newRig(t, outlooktest.Switches{})
	id := r.made("contacts", object{"surname": "A"})
	r.patch("contacts/"+id, object{"surname": "B"}, "If-Match", "*")
	r.get("contacts?$top=3&$filter="+url.QueryEscape("surname eq 'B'"), "Prefer", `outlook.body-content-type="text"`)
	r.get("contacts/AAAAAAAAAAAA")
	calls := r.Journal(outlooktest.JournalQuery{Mailbox: alice})
	type brief struct{ method, path, op, outcome, code string }
	var got []brief
	for _, c := range calls {
		got = append(got, brief{c.Method, c.Path, c.Op, c.Outcome, c.Code})
	}
	want := []brief{{"POST", "contacts", "create", "answered", ""}, {"PATCH", "contacts/{id}", "update", "answered", ""}, {"GET", "contacts", "list", "answered", ""},
		{"GET", "contacts/{id}", "read", "refused", "ErrorItemNotFound"}}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if !calls[1].IfMatch || calls[2].Body != "text" || !slices.Equal(calls[2].Options, []string{"$filter", "$top"}) || calls[2].Rows != 1 || !calls[2].Immutable {
		t.Errorf("details: %+v", calls[1:3])
	}
	wrote := r.Written(outlooktest.JournalQuery{})
	if want := []outlooktest.Write{{Call: calls[0].Seq, Mailbox: alice, Op: "create", Kind: "contact", ID: id}, {Call: calls[1].Seq, Mailbox: alice, Op: "update", Kind: "contact", ID: id}}; !cmp.Equal(wrote, want) {
		t.Errorf("written: %v", wrote)
	}
	if got := len(r.Journal(outlooktest.JournalQuery{Writing: true, After: calls[0].Seq})); got != 1 {
		t.Errorf("%d writing calls after the first, want 1", got)
	}
	plain := *r
	plain.plain = true
	plain.get("events")
	n := r.Counters()
	if n.Calls != 6 || n.Tokens != 1 || n.Created != 1 || n.Updated != 1 || n.Lists != 2 || n.Refused != 1 || n.WithoutImmutable != 1 {
		t.Errorf("counters: %+v", n)
	}
}

// No secret and no text of a customer is in the journal or the log.
func TestJournalKeepsNoSecrets(t *testing.T) {
	var log bytes.Buffer
	s := outlooktest.New(outlooktest.Options{Mailboxes: []outlooktest.Mailbox{{Address: alice}}, ClientSecret: "HUSH-HUSH",
		Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	r := &rig{Server: s, t: t}
	r.http.Transport = s.RoundTripper()
	a := r.tokenCall(tenant, url.Values{"grant_type": {"client_credentials"}, "client_id": {client}, "client_secret": {"HUSH-HUSH"}, "scope": {"https://graph.microsoft.com/.default"}})
	r.token = a.text("access_token")
	r.made("contacts", object{"surname": "Dupont"})
	r.get("contacts?$filter=" + url.QueryEscape("surname eq 'Dupont'"))
	r.get("contactFolders/Dupont/contacts")
	r.do("POST", batch, object{"requests": []any{step("1", "GET", "contacts?$filter="+url.QueryEscape("surname eq 'Dupont'"))}})
	kept, err := json.Marshal(s.Journal(outlooktest.JournalQuery{}))
	check(t, err)
	for _, secret := range []string{"HUSH", r.token, "Bearer", "Dupont"} {
		if strings.Contains(string(kept), secret) || strings.Contains(log.String(), secret) {
			t.Errorf("%q is in the journal or the log", secret)
		}
	}
	if strings.Contains(log.String(), alice) || log.Len() == 0 {
		t.Errorf("the log: %s", log.String())
	}
}

// The first half of the journal goes when it is full; the counters stay.
func TestJournalLimit(t *testing.T) {
	s := outlooktest.New(outlooktest.Options{Mailboxes: []outlooktest.Mailbox{{Address: alice}}, JournalLimit: 4})
	r := &rig{Server: s, t: t}
	r.http.Transport = s.RoundTripper()
	r.signIn()
	for range 6 {
		r.get("contacts")
	}
	if got := s.Journal(outlooktest.JournalQuery{}); len(got) < 2 || len(got) > 4 || got[len(got)-1].Seq != s.Mark() || s.Counters().Calls != 7 {
		t.Errorf("%d calls kept of %d", len(got), s.Counters().Calls)
	}
}

// A call before the time that Retry-After named is told; one at that time is not.
func TestEarlyRetries(t *testing.T) {
	r := newRig(t, outlooktest.Switches{})
	r.AddFault(outlooktest.Fault{Kind: outlooktest.Throttle, Retry: 10e9})
	r.get("contacts")
	r.get("https://graph.example/v1.0/users/" + bob + "/contacts")
	r.AdvanceClock(9e9)
	if got := r.EarlyRetries(); len(got) != 0 {
		t.Fatalf("before any: %v", got)
	}
	r.get("contacts")
	early := r.EarlyRetries()
	if len(early) != 1 || early[0].Early != 1e9 {
		t.Errorf("got %v", early)
	}
	s := newRig(t, outlooktest.Switches{})
	s.AddFault(outlooktest.Fault{Kind: outlooktest.Throttle, Retry: 10e9})
	s.get("contacts")
	s.AdvanceClock(10e9)
	s.get("contacts")
	if got := s.EarlyRetries(); len(got) != 0 {
		t.Errorf("in time: %v", got)
	}
}

// The same seed and calls give the same ids and tokens.
// Requirement: LAB-3
func TestDeterministic(t *testing.T) {
	run := func(seed uint64) string {
		s := outlooktest.New(outlooktest.Options{Mailboxes: []outlooktest.Mailbox{{Address: alice}}, Seed: seed})
		s.FreezeClock(monday)
		r := &rig{Server: s, t: t}
		r.http.Transport = s.RoundTripper()
		r.signIn()
		return r.token + r.made("contacts", object{"surname": "A"}) + r.get(mainContacts).text("@odata.deltaLink")
	}
	if a, b, c := run(1), run(1), run(2); a != b || a == c {
		t.Errorf("got\n%s\n%s\n%s", a, b, c)
	}
}

func TestResetBeginsAnew(t *testing.T) {
	r := newRig(t, outlooktest.Switches{})
	before := r.Dump()
	r.made("contacts", object{"surname": "A"})
	r.SetSwitches(outlooktest.Switches{IfMatch: outlooktest.IfMatchIgnored})
	r.AddFault(outlooktest.Fault{Kind: outlooktest.Slow})
	r.Deny(alice, true)
	r.Reset()
	r.FreezeClock(monday)
	if r.Dump() != before || len(r.Journal(outlooktest.JournalQuery{})) != 0 || len(r.Faults()) != 0 || r.Switches().IfMatch != outlooktest.IfMatchEnforced {
		t.Error("something is left")
	}
	if a := r.get("contacts"); a.status != 401 {
		t.Errorf("an old token: %d, want 401", a.status)
	}
	r.signIn()
	if a := r.get("contacts"); a.status != 200 {
		t.Errorf("anew: %d, want 200", a.status)
	}
}
