package signin_test

import (
	"net/http/httptest"
	"testing"
	"time"

	"syncbox/connectors/quickbooks/quickbookstest/signin"
)

// Over sockets and TLS: the same answers, and a cut is a cut.
func TestOverANetwork(t *testing.T) {
	s := open(t, signin.Switches{})
	intuitAt := httptest.NewTLSServer(s)
	defer intuitAt.Close()
	r := &relay{signin.NewRelay(signin.RelayOptions{Intuit: intuitAt.Client().Transport, AuthorizeURL: intuitAt.URL + signin.AuthorizePath,
		TokenURL: intuitAt.URL + signin.TokenPath, RevokeURL: intuitAt.URL + signin.RevokePath,
		ClientID: appID, ClientSecret: appSecret, Clock: s.Now}), t, nil}
	relayAt := httptest.NewTLSServer(r)
	defer relayAt.Close()
	box := client(relayAt.Client().Transport)
	ask := func(what, body string) reply {
		return send(t, box, request(t, "POST", relayAt.URL+"/v1/quickbooks/"+what, "application/json", body))
	}

	r.http = client(r.RoundTripper())
	state, authorize := r.begin()
	r.comeBack(s, authorize, signin.Choice{})
	g := grant(t, ask("collect", `{"state":"`+state+`"}`))
	s.AddFault(signin.Fault{Kind: signin.CloseAfter, What: signin.Refresh})
	want(t, ask("refresh", `{"refresh_token":"`+g.Refresh+`"}`), 502, "")
	r.AddFault(signin.Fault{Kind: signin.CutBody, What: signin.Refresh, Keep: 5})
	if a := ask("refresh", `{"refresh_token":"`+g.Refresh+`"}`); a.err == nil || a.body == "" {
		t.Errorf("got %d %q err %v, want a part and an error", a.status, a.body, a.err)
	}
	grant(t, ask("refresh", `{"refresh_token":"`+g.Refresh+`"}`))
	want(t, ask("revoke", `{"token":"`+g.Refresh+`"}`), 200, "")
	if n := s.Counters(); n.Of[signin.Refresh] != 3 || len(s.Overlaps()) != 0 {
		t.Errorf("counters %+v, overlaps %v", n, s.Overlaps())
	}
}

// The same seed and the same calls give the same tokens; another seed gives others.
func TestSeed(t *testing.T) {
	first := func(seed uint64) granted {
		s := signin.New(signin.Options{Seed: seed, ClientID: appID, ClientSecret: appSecret, RedirectURIs: []string{home},
			Clock: func() time.Time { return noon }})
		return (&intuit{s, t, client(s.RoundTripper())}).connect()
	}
	if a, b := first(1), first(1); a != b {
		t.Errorf("the same seed: %+v and %+v", a, b)
	}
	if a, b := first(1), first(2); a.Refresh == b.Refresh || a.Access == b.Access {
		t.Errorf("two seeds give the same tokens: %+v", a)
	}
}
