package quickbookstest_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"syncbox/connectors/quickbooks/quickbookstest"
	"syncbox/connectors/quickbooks/quickbookstest/signin"
)

func TestAPlatformSignsInAndServes(t *testing.T) {
	p := must(quickbookstest.Listen(t.Context(), quickbookstest.Options{}, signin.Options{}))
	p.API.Fill(quickbookstest.Seed{Customers: 3})
	link := p.URL + signin.AuthorizePath + "?client_id=client-id&response_type=code&scope=com.intuit.quickbooks.accounting&state=s&redirect_uri=" +
		url.QueryEscape(p.URL+"/v1/quickbooks/callback")
	callback := must(url.Parse(must(p.SignIn.SignIn(link, signin.Choice{}))))
	form := url.Values{"grant_type": {"authorization_code"}, "code": {callback.Query().Get("code")}, "redirect_uri": {p.URL + "/v1/quickbooks/callback"}}
	q := must(http.NewRequestWithContext(t.Context(), "POST", p.URL+signin.TokenPath, strings.NewReader(form.Encode())))
	q.SetBasicAuth("client-id", "client-secret")
	q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	q.Header.Set("Accept", "application/json")
	tokens := answerOf(http.DefaultClient.Do(q))
	token, _ := tokens.at("access_token").(string)
	if token == "" {
		t.Fatalf("tokens: %d %v", tokens.status, tokens.err)
	}
	ask := func(realm, token string) result {
		return answerOf(http.DefaultClient.Do(must(newCall("GET", p.URL+"/v3/company/"+realm+"/query?minorversion=75&query=select+*+from+Customer", "Bearer "+token))))
	}
	for _, row := range []struct {
		name         string
		before       func()
		realm, token string
		status       int
		code         string
	}{
		{"let in", func() {}, realm, token, 200, ""},
		{"another company", func() {}, "7", token, 403, "3100"},
		{"too short", func() {}, realm, "x", 401, "3200"},
		{"lost", func() { p.SignIn.LoseUser(realm) }, realm, token, 401, "120"},
		{"back, but an hour later", func() { p.SignIn.RestoreUser(realm); p.API.AdvanceClock(time.Hour) }, realm, token, 401, "3200"},
	} {
		row.before()
		if a := ask(row.realm, row.token); a.status != row.status || a.code() != row.code {
			t.Errorf("%s: %d %q, want %d %q", row.name, a.status, a.code(), row.status, row.code)
		}
	}
	relay := answerOf(http.DefaultClient.Do(must(newCall("GET", p.URL+"/v1/quickbooks/callback?state=none", ""))))
	if relay.err != nil || relay.status != http.StatusGone {
		t.Errorf("the relay's page without a sign-in: %d %v", relay.status, relay.err)
	}
}
