package signin

import (
	"mime"
	"net/http"
	"net/url"
	"time"
)

// hardHeader asks for x_refresh_token_hard_expires_in.
const hardHeader = "x-include-refresh-token-hard-expires-in"

// tokenAnswer is what the token endpoint gives.
type tokenAnswer struct {
	TokenType         string `json:"token_type"`
	AccessToken       string `json:"access_token"`
	ExpiresIn         int64  `json:"expires_in"` // seconds, as the others
	RefreshToken      string `json:"refresh_token"`
	RefreshExpiresIn  int64  `json:"x_refresh_token_expires_in"`
	RefreshHardDiesIn *int64 `json:"x_refresh_token_hard_expires_in,omitempty"`
	IDToken           string `json:"id_token,omitempty"`
}

// tokenWork reads the form and gives the work of its grant. The client is checked before all else.
func (s *Server) tokenWork(c *Call, q *request) work {
	form, bad := readForm(q)
	q.form = form
	switch form.Get("grant_type") {
	case "authorization_code":
		c.What = Exchange
		return s.authenticated(s.exchange, bad, "grant_type", "code", "redirect_uri")
	case "refresh_token":
		c.What = Refresh
		return s.authenticated(s.refresh, bad, "grant_type", "refresh_token")
	case "":
		return s.authenticated(nil, "grant_type: missing")
	}
	return s.authenticated(func(*Call, *request) *answer {
		return refuse(http.StatusBadRequest, "unsupported_grant_type", "grant_type: unknown")
	}, bad)
}

// readForm reads the body as a form, whatever it says to be; bad tells what is wrong with it.
func readForm(q *request) (form url.Values, bad string) {
	form, err := url.ParseQuery(string(q.body))
	kind, _, _ := mime.ParseMediaType(q.Header.Get("Content-Type"))
	switch {
	case err != nil:
		bad = "body: not a form"
	case kind != "application/x-www-form-urlencoded":
		bad = "Content-Type: want application/x-www-form-urlencoded"
	}
	return form, bad
}

// authenticated does a work for the app alone, with a form that has each of the fields once.
func (s *Server) authenticated(do work, bad string, fields ...string) work {
	return func(c *Call, q *request) *answer {
		if !s.isApp(q) {
			return refuse(http.StatusUnauthorized, "invalid_client", "client: unknown, or a wrong secret")
		}
		for _, f := range fields {
			if bad == "" && (len(q.form[f]) != 1 || q.form.Get(f) == "") {
				bad = f + ": wanted once"
			}
		}
		if bad != "" {
			return refuse(http.StatusBadRequest, "invalid_request", bad)
		}
		return do(c, q)
	}
}

// isApp checks the client's own credentials, which come in the header and nowhere else.
func (s *Server) isApp(q *request) bool {
	id, secret, ok := q.BasicAuth()
	return ok && id == s.opts.ClientID && secret == s.opts.ClientSecret
}

// exchange gives the first tokens of a connection for a code.
func (s *Server) exchange(c *Call, q *request) *answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.Now()
	k := s.state.codes[q.form.Get("code")]
	switch {
	case k == nil:
		return s.invalidGrant("code: unknown")
	case k.used:
		return s.invalidGrant("code: used")
	case !now.Before(k.expires):
		return s.invalidGrant("code: over")
	case k.redirect != q.form.Get("redirect_uri"):
		return s.invalidGrant("redirect_uri: not the one that the code went to")
	}
	k.used = true
	conn := s.state.connect(k, now)
	s.state.rotate(conn, s.refreshText(), now)
	return s.give(c, q, conn, now)
}

// give hands out an access token with the current refresh token. The lock is held.
func (s *Server) give(c *Call, q *request, conn *connection, now time.Time) *answer {
	a := s.state.grant(conn, s.tokens.text("eyJlbmMiOiJBMTI4Q0JDLUhTMjU2IiwiYWxnIjoiZGlyIn0..", 400), now)
	c.Connection, c.Given, c.Done = conn.number, conn.current.number, true
	t := tokenAnswer{TokenType: "bearer", AccessToken: a.value, ExpiresIn: int64(AccessLife / time.Second),
		RefreshToken: conn.current.value, RefreshExpiresIn: s.opts.IdleTold}
	if q.Header.Get(hardHeader) == "true" {
		left := int64(s.state.hardEnd(conn).Sub(now) / time.Second)
		t.RefreshHardDiesIn = &left
	}
	if conn.openID {
		t.IDToken = s.tokens.text("eyJraWQiOiJPUElDU0lNIiwiYWxnIjoiUlMyNTYifQ.", 200)
	}
	return jsonAnswer(http.StatusOK, t)
}

func (s *Server) refreshText() string { return s.tokens.text("AB11", 46) }

// invalidGrant answers 400 in the body that the switch wants. The lock is held.
func (s *Server) invalidGrant(reason string) *answer {
	a := newAnswer(http.StatusBadRequest, "application/json;charset=UTF-8", []byte(grantTexts[s.state.switches.InvalidGrant]))
	a.reason = reason
	return a
}
