package signin_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/quickbooks/quickbookstest/signin"
)

func TestJournalTellsWhatWasAsked(t *testing.T) {
	s := open(t, signin.Switches{})
	g := s.connect()
	grant(t, s.refresh(g.Refresh))
	s.AdvanceClock(day)
	grant(t, s.refresh(g.Refresh))
	s.refresh(g.Refresh)
	s.revoke(g.Access)
	token, at := signin.TokenPath, noon
	want := []signin.Call{
		{Seq: 1, At: at, Method: "GET", Path: signin.AuthorizePath, What: signin.Authorize, Status: 200, Outcome: "answered"},
		{Seq: 2, At: at, Method: "POST", Path: signin.AuthorizePath, What: signin.Consent, Status: 302, Outcome: "answered", Done: true},
		{Seq: 3, At: at, Method: "POST", Path: token, What: signin.Exchange, Connection: 1, Given: 1, Status: 200, Outcome: "answered", Done: true},
		{Seq: 4, At: at, Method: "POST", Path: token, What: signin.Refresh, Connection: 1, Shown: 1, Given: 1, Status: 200, Outcome: "answered", Done: true},
		{Seq: 5, At: at.Add(day), Method: "POST", Path: token, What: signin.Refresh, Connection: 1, Shown: 1, Given: 2, Status: 200, Outcome: "answered", Done: true},
		{Seq: 6, At: at.Add(day), Method: "POST", Path: token, What: signin.Refresh, Connection: 1, Shown: 1, Status: 400, Outcome: "refused", Reason: "refresh token: replaced"},
		{Seq: 7, At: at.Add(day), Method: "POST", Path: signin.RevokePath, What: signin.Revoke, Connection: 1, Status: 200, Outcome: "answered", Done: true},
	}
	if diff := cmp.Diff(want, s.Journal()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	counts := signin.Counters{Calls: 7, Refused: 1, Rotations: 1,
		Of:   map[signin.What]int{signin.Authorize: 1, signin.Consent: 1, signin.Exchange: 1, signin.Refresh: 3, signin.Revoke: 1},
		Done: map[signin.What]int{signin.Consent: 1, signin.Exchange: 1, signin.Refresh: 2, signin.Revoke: 1}, Lost: map[signin.What]int{}}
	if diff := cmp.Diff(counts, s.Counters()); diff != "" {
		t.Errorf("counters: -want +got\n%s", diff)
	}
	if got := len(s.Journal(signin.Refresh, signin.Revoke)); got != 4 {
		t.Errorf("%d refreshes and revocations, want 4", got)
	}
}

// Nothing that opens a company, and no company, is in a journal or a log.
func TestNoSecretsInJournalAndLog(t *testing.T) {
	var log bytes.Buffer
	debug := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	clock := func() time.Time { return noon }
	s := &intuit{Server: signin.New(signin.Options{ClientID: appID, ClientSecret: appSecret, Clock: clock, Log: debug,
		Companies: []signin.Company{{Realm: realm, Name: "Pompes Laval"}}}), t: t}
	s.http = client(s.RoundTripper())
	r := &relay{signin.NewRelay(signin.RelayOptions{Intuit: s.RoundTripper(), ClientID: appID, ClientSecret: appSecret, Clock: clock, Log: debug}), t, nil}
	r.http = client(r.RoundTripper())
	state, g := r.connect(s)
	r.post("refresh", `{"refresh_token":"`+g.Refresh+`"}`)
	r.post("refresh", `{"refresh_token":"wrongSecret"}`)
	r.post("revoke", `{"token":"`+g.Access+`"}`)
	send(t, s.http, request(t, "GET", "https://intuit.test/"+"?token="+g.Access, "", ""))
	kept := fmt.Sprintf("%+v %+v %s", s.Journal(), r.Journal(), log.String())
	if !strings.Contains(kept, "/v1/quickbooks/collect") || !strings.Contains(log.String(), "what=collect") {
		t.Fatal("the calls are not in what was looked at")
	}
	for _, secret := range []string{g.Access, g.Refresh, state, realm, appSecret, "Laval", "AB11", "wrongSecret", "box 7"} {
		if strings.Contains(kept, secret) {
			t.Errorf("%q is in journal or log", secret)
		}
	}
}

func TestJournalIsBounded(t *testing.T) {
	s := signin.New(signin.Options{JournalLimit: 10})
	c := client(s.RoundTripper())
	for range 100 {
		send(t, c, request(t, "GET", "https://intuit.test/", "", ""))
	}
	if n, calls := len(s.Journal()), s.Counters().Calls; n > 10 || n < 5 || calls != 100 {
		t.Errorf("%d calls kept, %d counted", n, calls)
	}
}
