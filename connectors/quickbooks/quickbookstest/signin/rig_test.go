package signin_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"syncbox/connectors/quickbooks/quickbookstest/signin"
)

// noon is when the tests' service stands unless a test moves it.
var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

const (
	appID     = "ABtheApp"
	appSecret = "s3cretOfTheApp"
	home      = "https://app.example/back"
	realm     = "4620816365000000007"
	other     = "4620816365000000008"
)

// intuit is a service and a caller of it that knows nothing but HTTP.
type intuit struct {
	*signin.Server
	t    testing.TB
	http *http.Client
}

func open(t testing.TB, w signin.Switches) *intuit {
	t.Helper()
	s := signin.New(signin.Options{ClientID: appID, ClientSecret: appSecret, RedirectURIs: []string{home, signin.DefaultRedirect}, Switches: w,
		Companies: []signin.Company{{Realm: realm, Name: "Pompes Laval"}, {Realm: other, Name: "Autre <inc>"}},
		Clock:     func() time.Time { return noon }})
	return &intuit{s, t, client(s.RoundTripper())}
}

func client(rt http.RoundTripper) *http.Client {
	return &http.Client{Transport: rt, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// reply is an answer read to its end.
type reply struct {
	status int
	header http.Header
	body   string
	err    error // of the connection
}

func send(t testing.TB, c *http.Client, q *http.Request) reply {
	a, err := c.Do(q)
	if err != nil {
		return reply{err: err}
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	return reply{a.StatusCode, a.Header, string(b), err}
}

func request(t testing.TB, method, address, kind, body string) *http.Request {
	t.Helper()
	q, err := http.NewRequest(method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	q.Header.Set("Content-Type", kind)
	return q
}

const form = "application/x-www-form-urlencoded"

func values(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v
}

// link is the way to the authorize page, with some of its parameters changed; "" takes one away.
func link(changes ...string) string {
	v := values("client_id", appID, "response_type", "code", "scope", signin.Scope, "redirect_uri", home, "state", "st4te")
	for i := 0; i+1 < len(changes); i += 2 {
		v.Set(changes[i], changes[i+1])
		if changes[i+1] == "" {
			v.Del(changes[i])
		}
	}
	return "https://appcenter.intuit.com/connect/oauth2?" + v.Encode()
}

// post asks the token endpoint as the app.
func (s *intuit) post(pairs ...string) reply {
	s.t.Helper()
	q := request(s.t, "POST", "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer", form, values(pairs...).Encode())
	q.SetBasicAuth(appID, appSecret)
	return send(s.t, s.http, q)
}

func (s *intuit) refresh(token string) reply {
	s.t.Helper()
	return s.post("grant_type", "refresh_token", "refresh_token", token)
}

// granted is a token answer as an app reads it.
type granted struct {
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
	Type    string `json:"token_type"`
	In      int64  `json:"expires_in"`
	Idle    int64  `json:"x_refresh_token_expires_in"`
	Hard    *int64 `json:"x_refresh_token_hard_expires_in"`
	ID      string `json:"id_token"`
	Realm   string `json:"realm"`
}

// grant fails unless an answer gives tokens.
func grant(t testing.TB, a reply) granted {
	t.Helper()
	var g granted
	if a.err != nil || a.status != 200 || json.Unmarshal([]byte(a.body), &g) != nil || g.Access == "" || g.Refresh == "" {
		t.Fatalf("got %d %s err %v, want tokens", a.status, a.body, a.err)
	}
	return g
}

// code signs a person in and gives the code.
func (s *intuit) code(way string, c signin.Choice) string {
	s.t.Helper()
	to, err := s.SignIn(way, c)
	if err != nil {
		s.t.Fatal(err)
	}
	return query(s.t, to).Get("code")
}

func query(t testing.TB, address string) url.Values {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query()
}

// connect signs a person in and gives the first tokens.
func (s *intuit) connect() granted {
	s.t.Helper()
	return grant(s.t, s.post("grant_type", "authorization_code", "code", s.code(link(), signin.Choice{}), "redirect_uri", home))
}

// want fails unless an answer has the status and, where text is not empty, the body.
func want(t testing.TB, a reply, status int, text string) {
	t.Helper()
	if a.err != nil || a.status != status || (text != "" && a.body != text) {
		t.Errorf("got %d %q err %v, want %d %q", a.status, a.body, a.err, status, text)
	}
}

// lost fails unless the connection was cut.
func lost(t testing.TB, a reply) {
	t.Helper()
	if a.err == nil {
		t.Errorf("got %d %q, want a cut connection", a.status, a.body)
	}
}

const bareGrant = `{"error":"invalid_grant"}`
