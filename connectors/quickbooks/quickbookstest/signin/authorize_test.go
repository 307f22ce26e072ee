package signin_test

import (
	"strings"
	"testing"

	"syncbox/connectors/quickbooks/quickbookstest/signin"
)

func TestLinkToTheAuthorizePage(t *testing.T) {
	for _, row := range []struct {
		name, link string
		status     int
		text       string // in the page
	}{
		{"right", link(), 200, `value="` + realm + `"> Pompes Laval`},
		{"names are escaped", link(), 200, "Autre &lt;inc&gt;"},
		{"more scopes", link("scope", signin.Scope+" openid"), 200, "Connect"},
		{"no client", link("client_id", ""), 400, "client_id: wanted once"},
		{"another client", link("client_id", "x"), 400, "client_id: unknown"},
		{"no response type", link("response_type", ""), 400, "response_type: wanted once"},
		{"another response type", link("response_type", "token"), 400, "response_type: want code"},
		{"no scope", link("scope", ""), 400, "scope: wanted once"},
		{"another scope", link("scope", "com.intuit.quickbooks.payment"), 400, "scope: want"},
		{"no redirect address", link("redirect_uri", ""), 400, "redirect_uri: wanted once"},
		{"redirect address with a slash more", link("redirect_uri", home+"/"), 400, "redirect_uri: not registered"},
		{"no state", link("state", ""), 400, "state: wanted once"},
		{"two states", link() + "&state=b", 400, "state: wanted once"},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := open(t, signin.Switches{})
			a := send(t, s.http, request(t, "GET", row.link, "", ""))
			want(t, a, row.status, "")
			if !strings.Contains(a.body, row.text) || a.header.Get("Location") != "" {
				t.Errorf("got %q to %q, want %q in it and no redirect", a.body, a.header.Get("Location"), row.text)
			}
			if _, err := s.SignIn(row.link, signin.Choice{}); (err == nil) != (row.status == 200) {
				t.Errorf("SignIn: got %v, want an error with 400 alone", err)
			}
		})
	}
}

func TestAnswerOfThePerson(t *testing.T) {
	for _, row := range []struct {
		name, form string
		status     int
		want       string // of the address gone to, without the code
	}{
		{"connects", "decision=connect&realm=" + other, 302, home + "?code=…&realmId=" + other + "&state=st4te"},
		{"refuses", "decision=refuse", 302, home + "?error=access_denied&state=st4te"},
		{"chooses no company", "decision=connect", 400, ""},
		{"chooses a company of another", "decision=connect&realm=1", 400, ""},
		{"decides nothing", "realm=" + other, 400, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := open(t, signin.Switches{})
			a := send(t, s.http, request(t, "POST", link(), form, row.form))
			want(t, a, row.status, "")
			got := a.header.Get("Location")
			if code := a.header.Get("Location"); strings.Contains(code, "code=") {
				got = strings.Replace(got, "code="+query(t, got).Get("code"), "code=…", 1)
			}
			if got != row.want {
				t.Errorf("got %q, want %q", got, row.want)
			}
		})
	}
}

func TestSignInAsAMethod(t *testing.T) {
	s := open(t, signin.Switches{})
	to, err := s.SignIn(link("state", "a b&c"), signin.Choice{Realm: other})
	if q := query(t, to); err != nil || q.Get("state") != "a b&c" || q.Get("realmId") != other || q.Get("code") == "" {
		t.Errorf("got %s, %v", to, err)
	}
	to, err = s.SignIn(link(), signin.Choice{Refuse: true})
	if want := home + "?error=access_denied&state=st4te"; err != nil || to != want {
		t.Errorf("got %s, %v, want %s", to, err, want)
	}
}

func TestWrongMethodAndPath(t *testing.T) {
	s := open(t, signin.Switches{})
	for _, row := range []struct {
		method, path string
		status       int
	}{
		{"DELETE", signin.AuthorizePath, 405},
		{"GET", signin.TokenPath, 405},
		{"GET", signin.RevokePath, 405},
		{"GET", "/oauth2/v1/tokens", 404},
	} {
		want(t, send(t, s.http, request(t, row.method, "https://intuit.test"+row.path, "", "")), row.status, "")
	}
}
