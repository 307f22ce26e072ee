package signin_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"syncbox/connectors/quickbooks/quickbookstest/signin"
)

func TestRelayIsDown(t *testing.T) {
	for _, row := range []struct {
		name   string
		fault  signin.Fault
		status int // 0: the connection is cut
	}{
		{"503", signin.Fault{Kind: signin.Status, Count: -1}, 503},
		{"cut", signin.Fault{Kind: signin.CloseBefore, Count: -1}, 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			s, r := openRelay(t, signin.Switches{})
			state, g := r.connect(s)
			r.AddFault(row.fault)
			for _, a := range []reply{r.post("begin", `{"box":"b"}`), r.collect(state), r.load(signin.DefaultRedirect),
				r.post("refresh", `{"refresh_token":"`+g.Refresh+`"}`), r.post("revoke", `{"token":"`+g.Refresh+`"}`)} {
				if row.status == 0 {
					lost(t, a)
				} else {
					want(t, a, row.status, "")
				}
			}
			if n := s.Counters(); n.Of[signin.Refresh]+n.Of[signin.Revoke] != 0 {
				t.Errorf("Intuit heard of it: %+v", n)
			}
			r.ClearFaults()
			grant(t, r.post("refresh", `{"refresh_token":"`+g.Refresh+`"}`))
		})
	}
}

// The person comes back, the box never hears of it, and the person pastes the address.
func TestHandOverFails(t *testing.T) {
	s, r := openRelay(t, signin.Switches{})
	state, authorize := r.begin()
	r.AddFault(signin.Fault{Kind: signin.HandOverFails})
	address, shown := r.comeBack(s, authorize, signin.Choice{Realm: other})
	if !strings.Contains(shown.body, "copiez l’adresse") || !strings.Contains(shown.body, "copy the whole address") {
		t.Errorf("page: %s", shown.body)
	}
	want(t, r.collect(state), 202, "")
	want(t, r.post("exchange", `{"state":"`+state+`","code":"AB11half","realm":"`+other+`"}`), 400, bareGrant)
	if g := grant(t, r.paste(address)); g.Realm != other {
		t.Errorf("realm %q, want %q", g.Realm, other)
	}
	want(t, r.paste(address), 410, "")
	want(t, r.collect(state), 410, "")
}

// An address may be pasted also where the hand-over did not fail, as long as nobody collected.
func TestPasteInsteadOfCollect(t *testing.T) {
	s, r := openRelay(t, signin.Switches{})
	state, authorize := r.begin()
	address, _ := r.comeBack(s, authorize, signin.Choice{})
	grant(t, r.paste(address))
	want(t, r.collect(state), 410, "")
}

// What happens to a sign-in when Intuit breaks while the box collects.
func TestIntuitBreaksWhileTheBoxCollects(t *testing.T) {
	for _, row := range []struct {
		name          string
		fault         signin.Fault
		first, second int
	}{
		{"503", signin.Fault{Kind: signin.Status}, 503, 200},
		{"cut before", signin.Fault{Kind: signin.CloseBefore}, 502, 200},
		{"a page", signin.Fault{Kind: signin.HTML200}, 200, 200},
		{"cut after: the code is used", signin.Fault{Kind: signin.CloseAfter}, 502, 400},
		{"body cut: the code is used", signin.Fault{Kind: signin.CutBody, Keep: 20}, 502, 400},
	} {
		t.Run(row.name, func(t *testing.T) {
			s, r := openRelay(t, signin.Switches{})
			state, authorize := r.begin()
			r.comeBack(s, authorize, signin.Choice{})
			row.fault.What = signin.Exchange
			s.AddFault(row.fault)
			a := r.collect(state)
			want(t, a, row.first, "")
			if strings.Contains(a.body, "access_token") {
				t.Errorf("got %s, want no token", a.body)
			}
			a = r.collect(state)
			want(t, a, row.second, "")
			if row.second == 200 {
				grant(t, a)
			} else {
				want(t, a, 400, bareGrant)
			}
			want(t, r.collect(state), 410, "")
		})
	}
}

// The answer to the box is lost: nobody has the tokens, and the person signs in once more.
func TestCollectedAnswerIsLost(t *testing.T) {
	s, r := openRelay(t, signin.Switches{})
	state, authorize := r.begin()
	address, _ := r.comeBack(s, authorize, signin.Choice{})
	r.AddFault(signin.Fault{Kind: signin.CloseAfter, What: signin.Collect})
	lost(t, r.collect(state))
	want(t, r.collect(state), 410, "")
	want(t, r.paste(address), 410, "")
	r.connect(s)
}

// Of two that collect at the same time one gets the tokens.
func TestCollectTwiceAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, r := openRelay(t, signin.Switches{})
		state, authorize := r.begin()
		address, _ := r.comeBack(s, authorize, signin.Choice{})
		s.AddFault(signin.Fault{Kind: signin.Hold, What: signin.Exchange})
		first := make(chan reply)
		go func() { first <- r.collect(state) }()
		synctest.Wait()
		want(t, r.collect(state), 202, "{}")
		want(t, r.paste(address), 410, "")
		s.Release()
		grant(t, <-first)
		want(t, r.collect(state), 410, "")
	})
}

// Intuit's failures of a refresh come as they are; a cut is 502.
func TestIntuitBreaksWhileTheBoxRefreshes(t *testing.T) {
	for _, row := range []struct {
		fault  signin.FaultKind
		status int
		text   string
	}{
		{signin.Status, 503, "<h1>503 Service Unavailable</h1>"},
		{signin.NoToken, 200, bareGrant},
		{signin.RotateAndDrop, 502, `{"error":"no_answer"}`},
	} {
		s, r := openRelay(t, signin.Switches{})
		_, g := r.connect(s)
		s.AddFault(signin.Fault{Kind: row.fault, What: signin.Refresh})
		a := r.post("refresh", `{"refresh_token":"`+g.Refresh+`"}`)
		want(t, a, row.status, "")
		if !strings.Contains(a.body, row.text) {
			t.Errorf("%s: got %s", row.fault, a.body)
		}
		if c := r.Journal(signin.Refresh)[0]; c.Done {
			t.Errorf("%s: journal %+v", row.fault, c)
		}
	}
}

func TestRelayWithAWrongSecret(t *testing.T) {
	s := open(t, signin.Switches{})
	r := &relay{signin.NewRelay(signin.RelayOptions{Intuit: s.RoundTripper(), ClientID: appID, ClientSecret: "x", Clock: s.Now}), t, nil}
	r.http = client(r.RoundTripper())
	want(t, r.post("refresh", `{"refresh_token":"x"}`), http.StatusUnauthorized, `{"error":"invalid_client"}`)
}
