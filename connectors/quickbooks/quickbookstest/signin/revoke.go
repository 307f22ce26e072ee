package signin

import (
	"encoding/json"
	"mime"
	"net/http"
)

// revoke ends the connection of a refresh token or an access token.
func (s *Server) revoke(c *Call, q *request) *answer {
	if !s.isApp(q) {
		return refuse(http.StatusUnauthorized, "invalid_client", "client: unknown, or a wrong secret")
	}
	var body struct {
		Token string `json:"token"`
	}
	kind, _, _ := mime.ParseMediaType(q.Header.Get("Content-Type"))
	if kind != "application/json" || json.Unmarshal(q.body, &body) != nil || body.Token == "" {
		return refuse(http.StatusBadRequest, "invalid_request", `body: want application/json, {"token":"…"}`)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	conn := s.state.ofToken(body.Token)
	if conn != nil {
		c.Connection = conn.number
	}
	if t := s.state.refresh[body.Token]; t != nil {
		c.Shown = t.number
		s.state.show(t, c.Seq)
	}
	if conn == nil || conn.ended {
		return s.nothingToRevoke()
	}
	conn.ended, c.Done = true, true
	return newAnswer(http.StatusOK, "application/json;charset=UTF-8", nil)
}

func (s *Server) nothingToRevoke() *answer {
	if s.state.switches.RefuseUnknownRevoke {
		return refuse(http.StatusBadRequest, "invalid_request", "token: unknown or ended")
	}
	return newAnswer(http.StatusOK, "application/json;charset=UTF-8", nil)
}

func (st *state) ofToken(value string) *connection {
	if t := st.refresh[value]; t != nil {
		return t.of
	}
	if a := st.access[value]; a != nil {
		return a.of
	}
	return nil
}
