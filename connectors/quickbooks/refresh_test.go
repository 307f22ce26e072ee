package quickbooks_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/quickbooks"
	"syncbox/connectors/rest"
)

// read makes one read and gives its error.
func read(t *testing.T, a *quickbooks.API) error {
	t.Helper()
	_, err := a.Read(t.Context(), "cdc", nil)
	return err
}

// A token is renewed when less than ten minutes of it are left, and the new refresh token is durable
// before the new access token is used.
func TestRefresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := connected(t)
		a := r.open()
		r.v.signIn = func(*http.Request, string) said { return tokensOf("access-2", "refresh-2") }
		r.v.api = func(q *http.Request) said {
			if q.Header.Get("Authorization") == "Bearer access-2" && !strings.Contains(string(r.tokens.kept), "refresh-2") {
				t.Error("the new access token is used before the new refresh token is durable")
			}
			return said{status: 200, body: `{}`}
		}
		time.Sleep(49 * time.Minute)
		if err := read(t, a); err != nil || len(r.v.asked) != 0 {
			t.Fatalf("with 11 minutes left: %v, %d refreshes", err, len(r.v.asked))
		}
		time.Sleep(2 * time.Minute)
		now := time.Now()
		if err := read(t, a); err != nil || len(r.v.asked) != 1 {
			t.Fatalf("with 9 minutes left: %v, %d refreshes", err, len(r.v.asked))
		}
		if got, want := r.v.asked[0], "/oauth2/v1/tokens/bearer grant_type=refresh_token&refresh_token=refresh-1"; got != want {
			t.Errorf("asked %s, want %s", got, want)
		}
		h := r.v.headers[0]
		if id, secret, ok := (&http.Request{Header: h}).BasicAuth(); !ok || id != theClient || secret != theSecret ||
			h.Get("x-include-refresh-token-hard-expires-in") != "true" || h.Get("Content-Type") != "application/x-www-form-urlencoded" {
			t.Errorf("asked with %v", h)
		}
		g := r.kept()
		if !g.Until.Equal(now.Add(time.Hour)) || !g.Idle.Equal(now.AddDate(0, 0, 100)) || !g.Hard.Equal(now.Add(157680000*time.Second)) || !g.Last.Equal(now) {
			t.Errorf("kept %s until %s, idle %s, hard %s, last %s", g, g.Until, g.Idle, g.Hard, g.Last)
		}
		if leaked(r.log.String()) {
			t.Errorf("log %s", r.log.String())
		}
	})
}

// What an answer leaves out stays as it was known.
func TestRefreshKeepsWhatIsNotTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := connected(t)
		before := r.kept()
		time.Sleep(time.Hour)
		r.v.signIn = func(*http.Request, string) said {
			return said{status: 200, body: `{"access_token":"access-2","expires_in":"1800"}`}
		}
		if err := read(t, r.open()); err != nil {
			t.Fatal(err)
		}
		g := r.kept()
		if g.Refresh != "refresh-1" || !g.Hard.Equal(before.Hard) || !g.Since.Equal(before.Since) || g.Realm != theRealm || time.Until(g.Until) != 30*time.Minute {
			t.Errorf("kept %s hard %s since %s realm %s until %s", g.Refresh, g.Hard, g.Since, g.Realm, g.Until)
		}
	})
}

// Tokens that can't be kept are not used; they are kept in memory until they can, since the one before
// may be dead.
func TestRefreshNotDurable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := connected(t)
		a := r.open()
		time.Sleep(51 * time.Minute)
		r.v.signIn = func(*http.Request, string) said { return tokensOf("access-2", "refresh-2") }
		r.tokens.fail = errors.New("no space left")
		for range 2 {
			want{connectors.Unavailable, quickbooks.CodeTokens, true}.check(t, read(t, a))
		}
		r.tokens.fail = nil
		if err := read(t, a); err != nil {
			t.Fatal(err)
		}
		if g := r.kept(); len(r.v.asked) != 1 || g.Refresh != "refresh-2" || r.v.seen[0].Header.Get("Authorization") != "Bearer access-2" {
			t.Errorf("%d refreshes, kept %q; want one, and its tokens kept", len(r.v.asked), g.Refresh)
		}
	})
}

// After a lost answer the old refresh token is tried once more, and no oftener.
func TestRefreshLost(t *testing.T) {
	for _, tc := range []struct {
		name  string
		said  []said // one after the other
		left  time.Duration
		asked int
		want  want // zero: the read works
		state string
	}{
		{"once", []said{{err: io.ErrUnexpectedEOF}, tokensOf("access-2", "refresh-2")}, 0, 2, want{}, quickbooks.Connected},
		{"cut", []said{{status: 200, body: `{"access_token":"acc`}, tokensOf("access-2", "refresh-2")}, 0, 1, want{connectors.Unavailable, quickbooks.CodeSignInUnavailable, true}, quickbooks.Connected},
		{"twice, and the access token has ended", []said{{err: io.ErrUnexpectedEOF}, {err: io.ErrUnexpectedEOF}}, 0, 2, want{connectors.Unavailable, quickbooks.CodeSignInUnavailable, true}, quickbooks.Connected},
		{"twice, and the access token lives", []said{{err: io.ErrUnexpectedEOF}, {err: io.ErrUnexpectedEOF}}, 5 * time.Minute, 2, want{}, quickbooks.Connected},
		{"rotated meanwhile", []said{{err: io.ErrUnexpectedEOF}, {status: 400, body: `{"error":"invalid_grant"}`}}, 0, 2, want{connectors.Auth, quickbooks.CodeReconnectLost, true}, quickbooks.Reconnect},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := connected(t)
				a := r.open()
				time.Sleep(time.Hour - tc.left)
				r.v.signIn = func(*http.Request, string) said { return tc.said[len(r.v.asked)-1] }
				err := read(t, a)
				if tc.want == (want{}) {
					if err != nil {
						t.Error(err)
					}
				} else {
					tc.want.check(t, err)
				}
				if len(r.v.asked) != tc.asked || r.kept().State != tc.state {
					t.Errorf("%d refreshes, state %s; want %d, %s", len(r.v.asked), r.kept().State, tc.asked, tc.state)
				}
			})
		})
	}
}

// A refused refresh token ends the connection for good: kept across a restart, without another knock, and
// nothing but the tokens is lost.
func TestInvalidGrant(t *testing.T) {
	for _, tc := range []said{
		{status: 400, body: `{"error":"invalid_grant"}`},
		{status: 400, body: `{"error_description":"Incorrect or invalid refresh token","error":"invalid_grant"}`},
		{status: 200, body: `{"error":"invalid_grant"}`},
	} {
		synctest.Test(t, func(t *testing.T) {
			r := connected(t)
			a := r.open()
			time.Sleep(55 * time.Minute)
			r.v.signIn = func(*http.Request, string) said { return tc }
			for range 3 {
				want{connectors.Auth, quickbooks.CodeReconnect, true}.check(t, read(t, a))
				a.Retry()
				time.Sleep(time.Hour)
			}
			want{connectors.Auth, quickbooks.CodeReconnect, true}.check(t, read(t, r.open()))
			if g := r.kept(); len(r.v.asked) != 1 || len(r.v.seen) != 0 || g.State != quickbooks.Reconnect || g.Realm != theRealm || g.Refresh+g.Access != "" {
				t.Errorf("%d refreshes, %d requests, kept %+v", len(r.v.asked), len(r.v.seen), g.State)
			}
		})
	}
}

// Other answers of the sign-in keep the tokens. While the access token lives it serves; later the sign-in
// is asked in growing intervals.
func TestSignInIll(t *testing.T) {
	for _, tc := range []struct {
		name string
		said said
		want want
	}{
		{"503", said{status: 503, body: "<html>"}, want{connectors.RateLimited, quickbooks.CodeSignInUnavailable, true}},
		{"504", said{status: 504}, want{connectors.Unavailable, quickbooks.CodeSignInUnavailable, true}},
		{"no access token", said{status: 200, body: `{"access_token":"","refresh_token":"refresh-2"}`}, want{connectors.Unavailable, quickbooks.CodeSignInUnavailable, true}},
		{"page", said{status: 200, body: `<html>`}, want{connectors.Unavailable, quickbooks.CodeSignInUnavailable, true}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := connected(t)
				a := r.open()
				r.v.signIn = func(*http.Request, string) said { return tc.said }
				time.Sleep(55 * time.Minute)
				for range 3 {
					if err := read(t, a); err != nil {
						t.Fatalf("while the access token lives: %v", err)
					}
				}
				if len(r.v.asked) != 1 {
					t.Errorf("%d refreshes, want one and a pause", len(r.v.asked))
				}
				time.Sleep(5 * time.Minute)
				tc.want.check(t, read(t, a))
				before := len(r.v.asked)
				for range 240 {
					if err := read(t, a); err == nil {
						t.Fatal("a read went through")
					}
					time.Sleep(15 * time.Second)
				}
				if n := len(r.v.asked) - before; n < 4 || n > 8 {
					t.Errorf("%d refreshes in an hour, want a few", n)
				}
				r.v.signIn = func(*http.Request, string) said { return tokensOf("access-2", "refresh-2") }
				time.Sleep(15 * time.Minute)
				if err := read(t, a); err != nil {
					t.Errorf("once it is well: %v", err)
				}
			})
		})
	}
}

// Wrong settings of the client are told, and the tokens stay.
func TestClientRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := connected(t)
		a := r.open()
		time.Sleep(time.Hour)
		r.v.signIn = func(*http.Request, string) said { return said{status: 401, body: `{"error":"invalid_client"}`} }
		for range 3 {
			want{connectors.Auth, quickbooks.CodeClientRefused, true}.check(t, read(t, a))
			time.Sleep(time.Hour)
		}
		if len(r.v.asked) != 1 || r.kept().Refresh != "refresh-1" {
			t.Errorf("%d refreshes, want one knock and the tokens kept", len(r.v.asked))
		}
		a.Retry()
		r.v.signIn = func(*http.Request, string) said { return tokensOf("access-2", "refresh-2") }
		if err := read(t, a); err != nil {
			t.Errorf("after a person said so: %v", err)
		}
	})
}

// Nobody refreshes while somebody else does, whichever client of the same tokens they use.
func TestRefreshAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := connected(t)
		one, two := r.open(), r.open()
		time.Sleep(55 * time.Minute)
		r.v.signIn = func(*http.Request, string) said { time.Sleep(time.Second); return tokensOf("access-2", "refresh-2") }
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				if _, err := []*quickbooks.API{one, two}[i%2].Read(t.Context(), "cdc", nil); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if len(r.v.asked) != 1 {
			t.Errorf("%d refreshes, want 1", len(r.v.asked))
		}
	})
}

// slow is a transport that answers the sign-in after a while, unless the request is given up before.
type slow struct {
	next  http.RoundTripper
	after time.Duration
}

func (s slow) RoundTrip(r *http.Request) (*http.Response, error) {
	select {
	case <-time.After(s.after):
		return s.next.RoundTrip(r)
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

// An exchange of tokens that is under way goes on for a little when its reason ends: its answer is worth more.
func TestRefreshLingers(t *testing.T) {
	for _, tc := range []struct {
		after time.Duration
		want  string
	}{{5 * time.Second, "refresh-2"}, {30 * time.Second, "refresh-1"}} {
		synctest.Test(t, func(t *testing.T) {
			r := connected(t)
			time.Sleep(time.Hour)
			r.v.signIn = func(*http.Request, string) said { return tokensOf("access-2", "refresh-2") }
			a, err := quickbooks.NewAPI(r.cfg, r.tokens, nil, slow{r.v, tc.after})
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			if _, err := a.Read(ctx, "cdc", nil); !errors.Is(err, rest.ErrNotApplied) {
				t.Errorf("got %v, want a read that was not sent", err)
			}
			if got := r.kept().Refresh; got != tc.want {
				t.Errorf("kept %s, want %s", got, tc.want)
			}
		})
	}
}

// What a person is told about a connection, and when.
func TestConnection(t *testing.T) {
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	day := 24 * time.Hour
	good := quickbooks.Grant{State: quickbooks.Connected, Realm: theRealm, Access: "access-1", Refresh: "refresh-1", Since: now, Last: now,
		Idle: now.Add(100 * day), Hard: now.Add(1825 * day)}
	for _, tc := range []struct {
		name        string
		change      func(*quickbooks.Grant)
		at          time.Duration
		state, code string
	}{
		{"new", func(*quickbooks.Grant) {}, 0, quickbooks.Connected, ""},
		{"15 days before idle death", func(*quickbooks.Grant) {}, 85 * day, quickbooks.Connected, ""},
		{"14 days before idle death", func(*quickbooks.Grant) {}, 86 * day, quickbooks.Connected, quickbooks.CodeEndsIdle},
		{"61 days before hard death", func(g *quickbooks.Grant) { g.Hard = now.Add(61 * day) }, 0, quickbooks.Connected, ""},
		{"60 days before hard death", func(g *quickbooks.Grant) { g.Hard = now.Add(60 * day) }, 0, quickbooks.Connected, quickbooks.CodeEndsHard},
		{"ended", func(g *quickbooks.Grant) { g.State, g.Why = quickbooks.Reconnect, quickbooks.CodeReconnectLost }, 0, quickbooks.Reconnect, quickbooks.CodeReconnectLost},
		{"disconnected", func(g *quickbooks.Grant) { g.State = quickbooks.Disconnected }, 0, quickbooks.Disconnected, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			g, p := good, &place{}
			tc.change(&g)
			if err := quickbooks.PutGrant(p, g); err != nil {
				t.Fatal(err)
			}
			c, err := quickbooks.NewConnector(direct(), p, nil, &vendor{})
			if err != nil {
				t.Fatal(err)
			}
			got := c.Connection(now.Add(tc.at))
			if got.State != tc.state || got.Code != tc.code || got.Realm != theRealm {
				t.Errorf("got %+v, want %s %q", got, tc.state, tc.code)
			}
			if alive := tc.state == quickbooks.Connected; alive == got.IdleDeath.IsZero() || alive == got.HardDeath.IsZero() {
				t.Errorf("got the dates %s and %s in state %s", got.IdleDeath, got.HardDeath, got.State)
			}
		})
	}
	for kept, want := range map[string]quickbooks.Connection{
		"":           {State: quickbooks.Never},
		"{\"state\"": {State: quickbooks.Reconnect, Code: quickbooks.CodeTokens},
	} {
		p := &place{}
		if kept != "" {
			p.kept = []byte(kept)
		}
		c, err := quickbooks.NewConnector(direct(), p, nil, &vendor{})
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Connection(now); got != want {
			t.Errorf("%q: got %+v, want %+v", kept, got, want)
		}
	}
}
