package signin

import "time"

// refresh gives new tokens for a refresh token: at first the same string again, later a new one.
func (s *Server) refresh(c *Call, q *request) *answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.Now()
	t := s.state.refresh[q.form.Get("refresh_token")]
	if t == nil {
		return s.invalidGrant("refresh token: unknown")
	}
	conn, w := t.of, s.state.switches
	raced := s.state.raced(c)
	if reason := s.state.dead(t, raced, now); reason != "" {
		return s.invalidGrant(reason)
	}
	s.state.worked(c)
	forced := c.Fault == RotateAndDrop || (raced && w.Race == RaceAnother)
	if forced || now.Sub(conn.current.issued) >= SameLife {
		s.state.rotate(conn, s.refreshText(), now)
	}
	conn.current.used, conn.refreshed = now, now
	return s.give(c, q, conn, now)
}

// dead tells why a refresh token gets nothing, "" if it is good.
func (st *state) dead(t *refreshToken, raced bool, now time.Time) string {
	conn, w := t.of, st.switches
	switch {
	case conn.ended:
		return "connection: ended"
	case raced && w.Race == RaceRefused:
		return "refresh token: in another refresh"
	case t != conn.current && !raced:
		return "refresh token: replaced"
	case now.Sub(conn.current.used) >= IdleLife:
		return "refresh token: not used for 100 days"
	case !now.Before(st.hardEnd(conn)):
		return "connection: five years old"
	case !raced && w.TooSoon > 0 && now.Sub(conn.refreshed) < w.TooSoon:
		return "refresh token: too soon after the last refresh"
	}
	return ""
}
