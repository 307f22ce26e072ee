package signin_test

import (
	"testing"

	"syncbox/connectors/quickbooks/quickbookstest/signin"
)

// revoke ends the connection of a token, as the app.
func (s *intuit) revoke(token string) reply {
	s.t.Helper()
	q := request(s.t, "POST", "https://developer.api.intuit.com/v2/oauth2/tokens/revoke", "application/json", `{"token":"`+token+`"}`)
	q.SetBasicAuth(appID, appSecret)
	return send(s.t, s.http, q)
}

func TestRevoke(t *testing.T) {
	for _, row := range []struct {
		name  string
		token func(granted) string
	}{
		{"by the refresh token", func(g granted) string { return g.Refresh }},
		{"by the access token", func(g granted) string { return g.Access }},
	} {
		for _, refuse := range []bool{false, true} {
			s := open(t, signin.Switches{RefuseUnknownRevoke: refuse})
			g := s.connect()
			want(t, s.revoke(row.token(g)), 200, "")
			if problem(t, s, g) != signin.RevokedUse {
				t.Errorf("%s: the access token is good", row.name)
			}
			want(t, s.refresh(g.Refresh), 400, bareGrant)
			again := map[bool]int{false: 200, true: 400}[refuse]
			want(t, s.revoke(row.token(g)), again, "")
			want(t, s.revoke("unknown"), again, "")
			if n := s.Counters(); n.Of[signin.Revoke] != 3 || n.Done[signin.Revoke] != 1 {
				t.Errorf("%s: counters %+v", row.name, n)
			}
		}
	}
}

func TestRefusedRevocations(t *testing.T) {
	for _, row := range []struct {
		name, id, kind, body string
		status               int
		want                 string
	}{
		{"no credentials", "", "application/json", `{"token":"x"}`, 401, `{"error":"invalid_client"}`},
		{"a form", appID, form, `token=x`, 400, `{"error":"invalid_request"}`},
		{"JSON called a form", appID, form, `{"token":"x"}`, 400, `{"error":"invalid_request"}`},
		{"no JSON", appID, "application/json", `token=x`, 400, `{"error":"invalid_request"}`},
		{"no token", appID, "application/json", `{}`, 400, `{"error":"invalid_request"}`},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := open(t, signin.Switches{})
			q := request(t, "POST", "https://intuit.test"+signin.RevokePath, row.kind, row.body)
			if row.id != "" {
				q.SetBasicAuth(row.id, appSecret)
			}
			want(t, send(t, s.http, q), row.status, row.want)
		})
	}
}
