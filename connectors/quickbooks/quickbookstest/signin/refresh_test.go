package signin_test

import (
	"testing"
	"time"

	"syncbox/connectors/quickbooks/quickbookstest/signin"
)

const day = 24 * time.Hour

func TestRefreshTokenOverItsLife(t *testing.T) {
	for _, row := range []struct {
		name  string
		after time.Duration
		same  bool
		ok    bool
	}{
		{"at once", 0, true, true},
		{"a second before 24 hours", day - time.Second, true, true},
		{"24 hours", day, false, true},
		{"a second before 100 days", 100*day - time.Second, false, true},
		{"100 days", 100 * day, false, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := open(t, signin.Switches{})
			first := s.connect()
			s.AdvanceClock(row.after)
			a := s.refresh(first.Refresh)
			if !row.ok {
				want(t, a, 400, bareGrant)
				return
			}
			g := grant(t, a)
			if (g.Refresh == first.Refresh) != row.same || g.Access == first.Access || g.In != 3600 {
				t.Errorf("got %+v after %+v, want the same refresh token: %v", g, first, row.same)
			}
			if _, err := s.Check("Bearer "+g.Access, s.Now()); err != nil {
				t.Error(err)
			}
		})
	}
}

// The day counts from the token's issue, the hundred days from its last use.
func TestWhatTheLivesCountFrom(t *testing.T) {
	s := open(t, signin.Switches{})
	g := s.connect()
	first := g.Refresh
	s.AdvanceClock(20 * time.Hour)
	grant(t, s.refresh(g.Refresh))
	s.AdvanceClock(4 * time.Hour) // 24 from the issue, 4 from the use
	if g = grant(t, s.refresh(g.Refresh)); g.Refresh == first {
		t.Error("the same refresh token 24 hours after its issue")
	}
	s.AdvanceClock(20 * time.Hour)
	grant(t, s.refresh(g.Refresh))
	s.AdvanceClock(100*day - time.Second) // from the use
	next := grant(t, s.refresh(g.Refresh))
	if next.Refresh == g.Refresh {
		t.Error("the same refresh token after 24 hours from its issue")
	}
	s.AdvanceClock(100 * day)
	want(t, s.refresh(next.Refresh), 400, bareGrant)
}

func TestBodiesOfARefusedGrant(t *testing.T) {
	for _, row := range []struct {
		body signin.GrantBody
		want string
	}{
		{signin.GrantBare, `{"error":"invalid_grant"}`},
		{signin.GrantIncorrect, `{"error_description":"Incorrect or invalid refresh token","error":"invalid_grant"}`},
		{signin.GrantExpired, `{"error":"invalid_grant","error_description":"Token has been expired or revoked."}`},
		{signin.GrantInvalid, `{"error":"invalid_grant","error_description":"Token invalid"}`},
	} {
		s := open(t, signin.Switches{InvalidGrant: row.body})
		old := s.connect()
		s.AdvanceClock(day)
		next := grant(t, s.refresh(old.Refresh))
		want(t, s.refresh(old.Refresh), 400, row.want)
		grant(t, s.refresh(next.Refresh)) // the new one lives on
	}
}

func TestHardDeath(t *testing.T) {
	for _, row := range []struct {
		name      string
		fromIssue bool
		dies      bool
	}{
		{"of the connection", false, true},
		{"of each refresh token", true, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := open(t, signin.Switches{HardFromIssue: row.fromIssue})
			token := s.connect().Refresh
			for passed := time.Duration(0); passed+99*day < signin.HardLife; passed += 99 * day {
				s.AdvanceClock(99 * day)
				token = grant(t, s.refresh(token)).Refresh
			}
			s.AdvanceClock(99 * day)
			a := s.refresh(token)
			if row.dies {
				want(t, a, 400, bareGrant)
			} else {
				grant(t, a)
			}
		})
	}
}

// The hard end is told only to a caller whose header asks.
func TestHardEndIsTold(t *testing.T) {
	const years = int64(5 * 365 * 24 * 3600)
	for _, row := range []struct {
		header    string
		fromIssue bool
		want      int64 // 0: not told
	}{
		{"", false, 0},
		{"false", false, 0},
		{"true", false, years - 24*3600},
		{"true", true, years},
	} {
		s := open(t, signin.Switches{HardFromIssue: row.fromIssue})
		token := s.connect().Refresh
		s.AdvanceClock(day)
		q := request(t, "POST", "https://intuit.test"+signin.TokenPath, form, values("grant_type", "refresh_token", "refresh_token", token).Encode())
		q.SetBasicAuth(appID, appSecret)
		q.Header.Set("x-include-refresh-token-hard-expires-in", row.header)
		g := grant(t, send(t, s.http, q))
		switch {
		case g.Hard == nil && row.want != 0:
			t.Errorf("%+v: not told", row)
		case g.Hard != nil && *g.Hard != row.want:
			t.Errorf("%+v: got %d", row, *g.Hard)
		}
	}
}

func TestRefreshTooSoon(t *testing.T) {
	s := open(t, signin.Switches{TooSoon: time.Minute, InvalidGrant: signin.GrantExpired})
	token := s.connect().Refresh
	grant(t, s.refresh(token)) // the first one is never too soon
	s.AdvanceClock(59 * time.Second)
	want(t, s.refresh(token), 400, `{"error":"invalid_grant","error_description":"Token has been expired or revoked."}`)
	s.AdvanceClock(time.Second)
	grant(t, s.refresh(token))
}
