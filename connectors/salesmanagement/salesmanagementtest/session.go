package salesmanagementtest

import (
	"crypto/subtle"
	"fmt"
	"net/http"
	"time"

	"syncbox/connectors/rest/resttest"
)

// token is what a log-on gives.
type token struct {
	number int64 // what the journal calls it
	made   time.Time
	used   int
}

// login answers POST /login.
func (s *Server) login(c *Call, q *request) (*resttest.Answer, *Refusal) {
	body, wrong := q.object()
	if wrong != nil {
		return nil, wrong
	}
	public, ok := body["username"].(string)
	private, ok2 := body["password"].(string)
	if !ok || !ok2 || len(body) != 2 {
		return nil, invalid("login: username and password")
	}
	if public != s.public || subtle.ConstantTimeCompare([]byte(private), []byte(s.private)) != 1 {
		return nil, unauthorized()
	}
	s.lastToken++
	c.Session = s.lastToken
	text := fmt.Sprintf("%016x%016x", s.random.Uint64(), s.random.Uint64())
	s.tokens[text] = &token{number: s.lastToken, made: s.clock.Now()}
	return resttest.JSON(http.StatusOK, map[string]string{"token": text}), nil
}

// enter checks the session key of a call.
func (s *Server) enter(c *Call, q *request) *Refusal {
	t := s.tokens[q.header.Get("X-Session-Key")]
	if t == nil {
		return unauthorized()
	}
	c.Session = t.number
	life := 24 * time.Hour
	if s.on(TokenLife, "5min") {
		life = 5 * time.Minute
	}
	if s.clock.Now().Sub(t.made) >= life || s.on(TokenLife, "one-call") && t.used > 0 {
		return unauthorized()
	}
	t.used++
	return nil
}

// EndTokens ends all tokens.
func (s *Server) EndTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.tokens)
}

// SetKeys has the administrator make another API key; tokens of the old one end.
func (s *Server) SetKeys(public, private string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.public, s.private = public, private
	clear(s.tokens)
}
