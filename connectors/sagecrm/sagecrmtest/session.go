package sagecrmtest

import (
	"crypto/subtle"
	"fmt"
	"time"
)

// session is what a log-on opens.
type session struct {
	number int64 // what the journal calls it
	user   *User
	used   time.Time
	open   *cursor // the query that is being read
}

// signedIn finds a user who may use the interfaces.
func (s *Server) signedIn(login, password string) (*User, bool) {
	for i := range s.users {
		u := &s.users[i]
		if u.Login == login && u.WebService && subtle.ConstantTimeCompare([]byte(u.Password), []byte(password)) == 1 {
			return u, true
		}
	}
	return nil, false
}

// logon opens a session and gives its id. A user who has one already loses it, or is refused, as the site has it.
func (s *Server) logon(c *Call, login, password string) (string, *Refusal) {
	u, ok := s.signedIn(login, password)
	if !ok {
		return "", refuse(denied, "Logon failed: invalid user name or password")
	}
	s.expire()
	for id, one := range s.sessions {
		if one.user.ID != u.ID {
			continue
		}
		switch s.switches[SoapRelogon] {
		case "refused":
			return "", refuse(denied, "Logon failed: the user is already logged on")
		case "steals":
			delete(s.sessions, id)
		}
	}
	s.lastSession++
	c.Session = s.lastSession
	id := fmt.Sprintf("%015d", 100_000_000_000_000+s.random.Int64N(800_000_000_000_000))
	s.sessions[id] = &session{number: s.lastSession, user: u, used: s.clock.Now()}
	return id, nil
}

// expire ends the sessions that were not used for too long.
func (s *Server) expire() {
	for id, one := range s.sessions {
		if s.clock.Now().Sub(one.used) >= s.opts.SessionTimeout {
			delete(s.sessions, id)
		}
	}
}

// enter finds the session of a call. Any call but next closes the query that is being read.
func (s *Server) enter(c *Call, e *envelope) (*session, *Refusal) {
	s.expire()
	one := s.sessions[e.session]
	if one == nil {
		text := map[string]string{"session": "Invalid session. Please log on again", "logon": "You are not logged on"}[s.switches[SoapSession]]
		return nil, refuse(noSession, text)
	}
	one.used, c.Session = s.clock.Now(), one.number
	if e.op != "next" && one.open != nil {
		c.Abandoned = e.op != "logoff" && len(one.open.ids) > 0
		one.open = nil
	}
	return one, nil
}

// EndSessions ends all sessions, as a restart of the web server does.
func (s *Server) EndSessions() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.sessions)
}

// Sessions tells how many sessions live. After a client's run it is 0.
func (s *Server) Sessions() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expire()
	return len(s.sessions)
}

// Steal lets another program log on as the user; what that does to his session is the switch SoapRelogon's.
func (s *Server) Steal(login string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, u := range s.users {
		if u.Login == login {
			s.logon(&Call{}, u.Login, u.Password) // refused where the site refuses a second log-on
		}
	}
}
