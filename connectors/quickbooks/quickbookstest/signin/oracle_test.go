package signin_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/quickbooks/quickbookstest/signin"
)

// An old refresh token is stale once something of the new answer was shown.
func TestStaleUse(t *testing.T) {
	check := func(s *intuit, g granted) {
		if _, err := s.Check("Bearer "+g.Access, s.Now()); err != nil {
			s.t.Error(err)
		}
	}
	for _, row := range []struct {
		name  string
		shown func(s *intuit, next granted)
		want  []signin.StaleUse
	}{
		{"nothing was shown", func(*intuit, granted) {}, []signin.StaleUse{}},
		{"the new access token was", check, []signin.StaleUse{{Call: 5, Token: 1}}},
		{"the new refresh token was", func(s *intuit, next granted) { s.refresh(next.Refresh) }, []signin.StaleUse{{Call: 6, Token: 1}}},
		{"the one after it was", func(s *intuit, next granted) {
			s.AdvanceClock(day)
			check(s, grant(s.t, s.refresh(next.Refresh)))
		}, []signin.StaleUse{{Call: 6, Token: 1}}},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := open(t, signin.Switches{})
			first := s.connect()
			check(s, first)
			s.AdvanceClock(day)
			next := grant(t, s.refresh(first.Refresh))
			row.shown(s, next)
			want(t, s.refresh(first.Refresh), 400, bareGrant)
			if diff := cmp.Diff(row.want, s.StaleUses()); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// The same token again within 24 hours is what the service wants.
func TestSameTokenIsNotStale(t *testing.T) {
	s := open(t, signin.Switches{})
	g := s.connect()
	for range 3 {
		g = grant(t, s.refresh(g.Refresh))
		if _, err := s.Check("Bearer "+g.Access, s.Now()); err != nil {
			t.Error(err)
		}
	}
	if got := s.StaleUses(); len(got) != 0 {
		t.Errorf("stale uses %v", got)
	}
}

func TestStaleRevocation(t *testing.T) {
	s := open(t, signin.Switches{})
	first := s.connect()
	s.AdvanceClock(day)
	next := grant(t, s.refresh(first.Refresh))
	grant(t, s.refresh(next.Refresh))
	want(t, s.revoke(first.Refresh), 200, "")
	if got := s.StaleUses(); len(got) != 1 {
		t.Errorf("stale uses %v, want 1", got)
	}
}
