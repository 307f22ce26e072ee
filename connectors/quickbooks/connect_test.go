package quickbooks_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/quickbooks"
)

// connector makes a rig whose box is not connected, and a Connector for it.
func connector(t *testing.T, relayed bool) (*rig, *quickbooks.Connector) {
	t.Helper()
	r := connected(t)
	r.tokens.kept = nil
	if relayed {
		r.cfg = quickbooks.Config{RelayURL: "https://relay.example", BoxName: "box-7"}
	}
	c, err := quickbooks.NewConnector(r.cfg, r.tokens, nil, r.v)
	if err != nil {
		t.Fatal(err)
	}
	return r, c
}

func begin(t *testing.T, c *quickbooks.Connector) url.Values {
	t.Helper()
	link, err := c.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(link)
	if err != nil || u.Scheme != "https" {
		t.Fatalf("link %s, %v", link, err)
	}
	return u.Query()
}

// A person signs in and pastes the address, however it was copied.
//
// Requirement: QBO-4
func TestFinish(t *testing.T) {
	for name, form := range map[string]func(query string) string{
		"address":     func(q string) string { return "https://box.example/return?" + q },
		"query":       func(q string) string { return q },
		"with ?":      func(q string) string { return "?" + q },
		"blanks":      func(q string) string { return "  https://box.example/return?" + q + " \n" },
		"line breaks": func(q string) string { return "https://box.exa\r\n mple/return?" + q[:9] + "\n  " + q[9:] },
		"quoted":      func(q string) string { return "<\"https://box.example/return?" + q + "\">" },
		"of a page": func(q string) string {
			return "https://box.example/return?" + strings.ReplaceAll(q, "&", "&amp;") + "#top"
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, c := connector(t, false)
				r.v.signIn = func(*http.Request, string) said { return tokensOf("access-1", "refresh-1") }
				q := begin(t, c)
				if q.Get("client_id") != theClient || q.Get("response_type") != "code" || q.Get("scope") != "com.intuit.quickbooks.accounting" ||
					q.Get("redirect_uri") != r.cfg.RedirectURL || len(q.Get("state")) < 20 {
					t.Errorf("link with %v", q)
				}
				pasted := form("code=AB11&state=" + q.Get("state") + "&realmId=" + theRealm)
				if err := c.Finish(t.Context(), pasted); err != nil {
					t.Fatal(err)
				}
				if want := "/oauth2/v1/tokens/bearer code=AB11&grant_type=authorization_code&redirect_uri=https%3A%2F%2Fbox.example%2Freturn"; r.v.asked[0] != want {
					t.Errorf("asked %s, want %s", r.v.asked[0], want)
				}
				if g := r.kept(); g.State != quickbooks.Connected || g.Realm != theRealm || g.Refresh != "refresh-1" {
					t.Errorf("kept %s of %s", g, g.Realm)
				}
				want{connectors.Auth, quickbooks.CodeStateUnknown, false}.check(t, c.Finish(t.Context(), pasted))
				if len(r.v.asked) != 1 {
					t.Errorf("%d exchanges, want 1", len(r.v.asked))
				}
			})
		})
	}
}

// Each thing that can be wrong with what was pasted has its own code, and none is exchanged.
func TestFinishRefuses(t *testing.T) {
	for _, tc := range []struct {
		name, query, code string
		after             time.Duration
	}{
		{"other state", "code=AB11&state=other&realmId=" + theRealm, quickbooks.CodeStateUnknown, 0},
		{"over", "code=AB11&state=STATE&realmId=" + theRealm, quickbooks.CodeStateOver, 10 * time.Minute},
		{"refused by the person", "error=access_denied&state=STATE", quickbooks.CodeDenied, 0},
		{"refused otherwise", "error=invalid_scope&state=STATE", quickbooks.CodeSignInRefused, 0},
		{"no company", "code=AB11&state=STATE", quickbooks.CodeNoRealm, 0},
		{"odd company", "code=AB11&state=STATE&realmId=../1", quickbooks.CodeNoRealm, 0},
		{"other company", "code=AB11&state=STATE&realmId=42", quickbooks.CodeWrongRealm, 0},
		{"no code", "state=STATE&realmId=" + theRealm, quickbooks.CodePasteUnreadable, 0},
		{"something else", "https://qbo.intuit.com/app/homepage", quickbooks.CodePasteUnreadable, 0},
		{"nothing", "", quickbooks.CodePasteUnreadable, 0},
		{"bad escape", "code=%zz&state=STATE", quickbooks.CodePasteUnreadable, 0},
		{"very long", strings.Repeat("x", 1<<20), quickbooks.CodePasteUnreadable, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, c := connector(t, false)
				r.put(quickbooks.Grant{State: quickbooks.Reconnect, Realm: theRealm, Why: quickbooks.CodeReconnect})
				state := begin(t, c).Get("state")
				time.Sleep(tc.after)
				want{connectors.Auth, tc.code, false}.check(t, c.Finish(t.Context(), strings.ReplaceAll(tc.query, "STATE", state)))
				if len(r.v.asked) != 0 || r.kept().State != quickbooks.Reconnect {
					t.Errorf("%d exchanges, state %s", len(r.v.asked), r.kept().State)
				}
			})
		})
	}
}

// A refused code ends nothing but this sign-in: the connection that there was goes on.
func TestFinishOnTop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, c := connector(t, false)
		r.put(r.grant())
		r.v.signIn = func(*http.Request, string) said { return said{status: 400, body: `{"error":"invalid_grant"}`} }
		err := c.Finish(t.Context(), "code=AB11&state="+begin(t, c).Get("state")+"&realmId="+theRealm)
		want{connectors.Auth, quickbooks.CodeSignInRefused, false}.check(t, err)
		if r.kept().Refresh != "refresh-1" {
			t.Error("the connection that there was is lost")
		}
	})
}

// Through the relay: the link is its own, and the tokens are collected once, or exchanged for what was pasted.
func TestRelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, c := connector(t, true)
		tokens := tokensOf("access-1", "refresh-1")
		tokens.body = strings.Replace(tokens.body, "{", `{"realm":"`+theRealm+`",`, 1)
		collect := said{status: 202}
		r.v.signIn = func(q *http.Request, body string) said {
			switch q.URL.Path {
			case "/v1/quickbooks/begin":
				return said{status: 200, body: `{"state":"s-1","authorize":"https://intuit.example/connect?state=s-1","expires_in":600}`}
			case "/v1/quickbooks/collect":
				return collect
			}
			return tokens
		}
		_, err := c.Collect(t.Context())
		want{connectors.Auth, quickbooks.CodeStateOver, false}.check(t, err)
		begin(t, c)
		for range 2 {
			if done, err := c.Collect(t.Context()); done || err != nil {
				t.Fatalf("before the person has signed in: %v, %v", done, err)
			}
		}
		collect = tokens
		if done, err := c.Collect(t.Context()); !done || err != nil || r.kept().Realm != theRealm || r.kept().State != quickbooks.Connected {
			t.Fatalf("after: %v, %v", done, err)
		}
		time.Sleep(55 * time.Minute)
		a := r.open()
		tokens = tokensOf("access-2", "refresh-2")
		if err := read(t, a); err != nil || r.kept().Refresh != "refresh-2" || r.kept().Realm != theRealm {
			t.Fatalf("refresh: %v", err)
		}
		begin(t, c)
		collect = said{status: 410}
		_, err = c.Collect(t.Context())
		want{connectors.Auth, quickbooks.CodeStateOver, false}.check(t, err)
		begin(t, c)
		if err := c.Finish(t.Context(), "https://relay.example/done?code=AB11&state=s-1&realmId="+theRealm); err != nil {
			t.Fatal(err)
		}
		if got := strings.TrimSpace(r.v.asked[len(r.v.asked)-1]); got != `/v1/quickbooks/exchange {"code":"AB11","realm":"`+theRealm+`","state":"s-1"}` {
			t.Errorf("asked %s", got)
		}
		for i, want := range []string{`/v1/quickbooks/begin {"box":"box-7"}`, `/v1/quickbooks/collect {"state":"s-1"}`} {
			if got := strings.TrimSpace(r.v.asked[i]); got != want {
				t.Errorf("asked %s, want %s", got, want)
			}
		}
		for _, h := range r.v.headers {
			if h.Get("Authorization") != "" {
				t.Error("the relay got a log-on")
			}
		}
	})
}

// Tokens of another company are not kept, but given back.
func TestRelayOtherCompany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, c := connector(t, true)
		r.put(r.grant())
		r.v.signIn = func(q *http.Request, body string) said {
			if strings.HasSuffix(q.URL.Path, "/begin") {
				return said{status: 200, body: `{"state":"s-1","authorize":"https://intuit.example/connect","expires_in":600}`}
			}
			return said{status: 200, body: `{"realm":"42","access_token":"access-9","refresh_token":"refresh-9","expires_in":3600}`}
		}
		begin(t, c)
		_, err := c.Collect(t.Context())
		want{connectors.Auth, quickbooks.CodeWrongRealm, false}.check(t, err)
		if last := strings.TrimSpace(r.v.asked[len(r.v.asked)-1]); last != `/v1/quickbooks/revoke {"token":"refresh-9"}` || r.kept().Refresh != "refresh-1" {
			t.Errorf("asked last %s, kept %s", last, r.kept().Refresh)
		}
	})
}

// Disconnecting revokes and forgets; where Intuit can't be told, it forgets and says so. Then any company may be chosen.
func TestDisconnect(t *testing.T) {
	for _, tc := range []struct {
		said said
		code string
	}{{said{status: 200}, ""}, {said{status: 400, body: `{"error":"invalid_request"}`}, ""}, {said{status: 503}, quickbooks.CodeNotRevoked}, {said{err: io.EOF}, quickbooks.CodeNotRevoked}} {
		synctest.Test(t, func(t *testing.T) {
			r, c := connector(t, false)
			if err := c.Disconnect(t.Context()); err != nil || r.tokens.saves != 1 {
				t.Errorf("never connected: %v, %d saves", err, r.tokens.saves-1)
			}
			r.put(r.grant())
			r.v.signIn = func(*http.Request, string) said { return tc.said }
			if err := c.Disconnect(t.Context()); (err == nil) != (tc.code == "") || err != nil && connectors.CodeOf(err) != tc.code || err != nil && leaked(err.Error()) {
				t.Errorf("got %v, want %q", err, tc.code)
			}
			if got := strings.TrimSpace(r.v.asked[0]); got != `/v2/oauth2/tokens/revoke {"token":"refresh-1"}` {
				t.Errorf("asked %s", got)
			}
			want{connectors.Auth, quickbooks.CodeNotConnected, true}.check(t, read(t, r.open()))
			if g := r.kept(); g.State != quickbooks.Disconnected || g.Refresh+g.Access != "" {
				t.Errorf("kept %s", g)
			}
			time.Sleep(time.Hour)
			r.v.signIn = func(*http.Request, string) said { return tokensOf("access-3", "refresh-3") }
			if err := c.Finish(t.Context(), "code=AB11&state="+begin(t, c).Get("state")+"&realmId=42"); err != nil || r.kept().Realm != "42" {
				t.Errorf("another company afterwards: %v", err)
			}
		})
	}
}
