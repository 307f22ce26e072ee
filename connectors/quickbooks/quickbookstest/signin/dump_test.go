package signin_test

import (
	"strings"
	"testing"

	"syncbox/connectors/quickbooks/quickbookstest/signin"
)

// What the relay has in its memory at each step of a connection's life: never a token.
func TestRelayKeepsNoToken(t *testing.T) {
	s, r := openRelay(t, signin.Switches{})
	holds := func(when, text string, want bool) {
		t.Helper()
		if got := strings.Contains(r.Dump(), text); got != want {
			t.Errorf("%s: the relay holds %.8s…: %v, want %v", when, text, got, want)
		}
	}
	state, authorize := r.begin()
	address, _ := r.comeBack(s, authorize, signin.Choice{})
	code := query(t, address).Get("code")
	holds("before it is collected", state, true) // the dump sees what there is
	holds("before it is collected", code, true)
	holds("before it is collected", realm, true)
	holds("before it is collected", appSecret, true) // which is what the relay is for

	g := grant(t, r.collect(state))
	for _, text := range []string{state, code, realm, g.Access, g.Refresh} {
		holds("collected", text, false)
	}
	s.AdvanceClock(day)
	next := grant(t, r.post("refresh", `{"refresh_token":"`+g.Refresh+`"}`))
	r.post("refresh", `{"refresh_token":"`+g.Refresh+`"}`)
	r.post("revoke", `{"token":"`+next.Access+`"}`)
	for _, text := range []string{g.Access, g.Refresh, next.Access, next.Refresh, realm} {
		holds("refreshed and revoked", text, false)
	}
}

// Also where a hand-over breaks, nothing stays but the code, and that for ten minutes.
func TestRelayForgetsWhatNobodyCollects(t *testing.T) {
	s, r := openRelay(t, signin.Switches{})
	state, authorize := r.begin()
	address, _ := r.comeBack(s, authorize, signin.Choice{})
	s.AddFault(signin.Fault{Kind: signin.CloseAfter, What: signin.Exchange})
	want(t, r.collect(state), 502, "")
	s.AdvanceClock(signin.SignInLife)
	r.begin()
	want(t, r.collect("x"), 410, "")
	for _, text := range []string{state, query(t, address).Get("code"), realm} {
		if strings.Contains(r.Dump(), text) {
			t.Errorf("%.8s… is still there", text)
		}
	}
}
