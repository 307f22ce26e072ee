package signin_test

import (
	"testing"

	"syncbox/connectors/quickbooks/quickbookstest/signin"
)

func TestCustomerDisconnects(t *testing.T) {
	s := open(t, signin.Switches{})
	g := s.connect()
	if !s.Disconnect(realm) || s.Disconnect(realm) {
		t.Error("want one connection to end, once")
	}
	want(t, s.refresh(g.Refresh), 400, bareGrant)
	again := s.connect()
	if p := problem(t, s, again); p != "" {
		t.Errorf("a new connection: %s", p)
	}
}

// The tokens of somebody who lost access stay good: the accounting API alone refuses.
func TestLostUser(t *testing.T) {
	s := open(t, signin.Switches{})
	g := s.connect()
	s.LoseUser(realm)
	g = grant(t, s.refresh(g.Refresh))
	if p := problem(t, s, g); p != signin.LostUser {
		t.Errorf("got %q, want %q", p, signin.LostUser)
	}
	s.RestoreUser(realm)
	if p := problem(t, s, g); p != "" {
		t.Errorf("access is back: %q", p)
	}
}

func TestClockPastTheDeaths(t *testing.T) {
	for _, row := range []struct {
		name string
		pass func(*intuit)
	}{
		{"idle", func(s *intuit) { s.PassIdleLife() }},
		{"hard", func(s *intuit) { s.PassHardLife() }},
	} {
		s := open(t, signin.Switches{})
		g := s.connect()
		row.pass(s)
		if a := s.refresh(g.Refresh); a.status != 400 {
			t.Errorf("%s: got %d %s", row.name, a.status, a.body)
		}
		grant(t, s.refresh(s.connect().Refresh))
	}
}

func TestConnectingAgain(t *testing.T) {
	for _, keep := range []bool{false, true} {
		s := open(t, signin.Switches{KeepOld: keep})
		old := s.connect()
		fresh := s.connect()
		grant(t, s.refresh(fresh.Refresh))
		if got := s.refresh(old.Refresh).status == 200; got != keep {
			t.Errorf("KeepOld %v: the old connection lives: %v", keep, got)
		}
		s.SetSwitches(signin.Switches{KeepOld: !keep})
		s.connect()
		if got := s.refresh(fresh.Refresh).status == 200; got == keep {
			t.Errorf("KeepOld set to %v: the one before lives: %v", !keep, got)
		}
	}
}
