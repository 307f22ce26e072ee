package signin_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"syncbox/connectors/quickbooks/quickbookstest/signin"
)

// problem gives why an access token is no good now, "" if it is.
func problem(t testing.TB, s *intuit, g granted) signin.BearerProblem {
	t.Helper()
	_, err := s.Check("Bearer "+g.Access, s.Now())
	return problemOf(t, err)
}

func problemOf(t testing.TB, err error) signin.BearerProblem {
	t.Helper()
	if err == nil {
		return ""
	}
	e, ok := errors.AsType[*signin.BearerError](err)
	if !ok {
		t.Fatalf("got %v, want a *BearerError", err)
	}
	return e.Problem
}

func TestCheck(t *testing.T) {
	for _, row := range []struct {
		name   string
		before func(*intuit, granted)
		header string // %s is the access token
		later  time.Duration
		want   signin.BearerProblem
	}{
		{"good", nil, "Bearer %s", 0, ""},
		{"small letters", nil, "bearer %s", 0, ""},
		{"nearly over", nil, "Bearer %s", time.Hour - time.Second, ""},
		{"over", nil, "Bearer %s", time.Hour, signin.Expired},
		{"no header", nil, "", 0, signin.NoBearer},
		{"no token", nil, "Bearer ", 0, signin.NoBearer},
		{"another scheme", nil, "Basic %s", 0, signin.NoBearer},
		{"too short", nil, "Bearer abc", 0, signin.WrongLength},
		{"too long", nil, "Bearer " + strings.Repeat("x", 5000), 0, signin.WrongLength},
		{"unknown", nil, "Bearer %sx", 0, signin.Unknown},
		{"ended by the app", func(s *intuit, g granted) { s.revoke(g.Refresh) }, "Bearer %s", 0, signin.RevokedUse},
		{"ended by the customer", func(s *intuit, g granted) { s.Disconnect(realm) }, "Bearer %s", 0, signin.RevokedUse},
		{"ended and over", func(s *intuit, g granted) { s.Disconnect(realm) }, "Bearer %s", time.Hour, signin.RevokedUse},
		{"another company's end", func(s *intuit, g granted) { s.Disconnect(other) }, "Bearer %s", 0, ""},
		{"person lost access", func(s *intuit, g granted) { s.LoseUser(realm) }, "Bearer %s", 0, signin.LostUser},
		{"person lost access and it is over", func(s *intuit, g granted) { s.LoseUser(realm) }, "Bearer %s", time.Hour, signin.Expired},
		{"an earlier one after a refresh", func(s *intuit, g granted) { s.refresh(g.Refresh) }, "Bearer %s", 0, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := open(t, signin.Switches{})
			g := s.connect()
			if row.before != nil {
				row.before(s, g)
			}
			got, err := s.Check(strings.ReplaceAll(row.header, "%s", g.Access), s.Now().Add(row.later))
			if p := problemOf(t, err); p != row.want || (got == realm) != (row.want == "") {
				t.Errorf("got %q, %q, want %q", got, p, row.want)
			}
			if err != nil && (strings.Contains(err.Error(), g.Access) || strings.Contains(err.Error(), realm)) {
				t.Error("the error tells the token or the company")
			}
		})
	}
}

// The simulator of the accounting API tells the company's problems by it.
func TestProblemNamesTheRealm(t *testing.T) {
	s := open(t, signin.Switches{})
	g := s.connect()
	s.LoseUser(realm)
	_, err := s.Check("Bearer "+g.Access, s.Now())
	if e, ok := errors.AsType[*signin.BearerError](err); !ok || e.Realm != realm {
		t.Errorf("got %#v", err)
	}
}
