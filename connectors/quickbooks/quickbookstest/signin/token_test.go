package signin_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/quickbooks/quickbookstest/signin"
)

func TestTokensForACode(t *testing.T) {
	s := open(t, signin.Switches{})
	a := s.post("grant_type", "authorization_code", "code", s.code(link(), signin.Choice{}), "redirect_uri", home)
	g := grant(t, a)
	got := granted{Type: g.Type, In: g.In, Idle: g.Idle, Hard: g.Hard, ID: g.ID, Realm: g.Realm}
	if diff := cmp.Diff(granted{Type: "bearer", In: 3600, Idle: 8_726_400}, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if a.header.Get("Cache-Control") != "no-store" || a.header.Get("Intuit_tid") == "" {
		t.Errorf("header %v", a.header)
	}
	if got, err := s.Check("Bearer "+g.Access, s.Now()); got != realm || err != nil {
		t.Errorf("Check: got %q, %v, want %q", got, err, realm)
	}
}

func TestIDTokenOnlyWithOpenID(t *testing.T) {
	s := open(t, signin.Switches{})
	code := s.code(link("scope", "openid "+signin.Scope), signin.Choice{})
	if g := grant(t, s.post("grant_type", "authorization_code", "code", code, "redirect_uri", home)); g.ID == "" {
		t.Error("no id_token")
	}
}

func TestCode(t *testing.T) {
	for _, row := range []struct {
		name   string
		before func(*intuit, string)
		code   string // "" is the true one
		home   string
		status int
	}{
		{"fresh", nil, "", home, 200},
		{"unknown", nil, "AB11x", home, 400},
		{"to another address", nil, "", signin.DefaultRedirect, 400},
		{"nearly over", func(s *intuit, _ string) { s.AdvanceClock(signin.CodeLife - time.Second) }, "", home, 200},
		{"over", func(s *intuit, _ string) { s.AdvanceClock(signin.CodeLife) }, "", home, 400},
		{"used", func(s *intuit, code string) {
			grant(s.t, s.post("grant_type", "authorization_code", "code", code, "redirect_uri", home))
		}, "", home, 400},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := open(t, signin.Switches{})
			code := s.code(link(), signin.Choice{})
			if row.before != nil {
				row.before(s, code)
			}
			if row.code != "" {
				code = row.code
			}
			a := s.post("grant_type", "authorization_code", "code", code, "redirect_uri", row.home)
			want(t, a, row.status, map[int]string{400: bareGrant}[row.status])
		})
	}
}

func TestRefusedRequests(t *testing.T) {
	right := values("grant_type", "refresh_token", "refresh_token", "x").Encode()
	for _, row := range []struct {
		name, id, secret, kind, body string
		status                       int
		want                         string
	}{
		{"no credentials", "", "", form, right, 401, `{"error":"invalid_client"}`},
		{"another client", "x", appSecret, form, right, 401, `{"error":"invalid_client"}`},
		{"wrong secret", appID, "x", form, right, 401, `{"error":"invalid_client"}`},
		{"credentials in the body", "", "", form, right + "&client_id=" + appID + "&client_secret=" + appSecret, 401, `{"error":"invalid_client"}`},
		{"wrong secret and wrong body", appID, "x", form, "", 401, `{"error":"invalid_client"}`},
		{"JSON", appID, appSecret, "application/json", right, 400, `{"error":"invalid_request"}`},
		{"no form", appID, appSecret, form, "grant_type=%zz", 400, `{"error":"invalid_request"}`},
		{"no grant", appID, appSecret, form, "refresh_token=x", 400, `{"error":"invalid_request"}`},
		{"unknown grant", appID, appSecret, form, "grant_type=password", 400, `{"error":"unsupported_grant_type"}`},
		{"no refresh token", appID, appSecret, form, "grant_type=refresh_token", 400, `{"error":"invalid_request"}`},
		{"empty refresh token", appID, appSecret, form, "grant_type=refresh_token&refresh_token=", 400, `{"error":"invalid_request"}`},
		{"two refresh tokens", appID, appSecret, form, right + "&refresh_token=y", 400, `{"error":"invalid_request"}`},
		{"no code", appID, appSecret, form, "grant_type=authorization_code&redirect_uri=" + home, 400, `{"error":"invalid_request"}`},
		{"no redirect address", appID, appSecret, form, "grant_type=authorization_code&code=x", 400, `{"error":"invalid_request"}`},
		{"unknown refresh token", appID, appSecret, form + "; charset=UTF-8", right, 400, bareGrant},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := open(t, signin.Switches{})
			q := request(t, http.MethodPost, "https://intuit.test"+signin.TokenPath, row.kind, row.body)
			if row.id != "" {
				q.SetBasicAuth(row.id, row.secret)
			}
			want(t, send(t, s.http, q), row.status, row.want)
		})
	}
}
