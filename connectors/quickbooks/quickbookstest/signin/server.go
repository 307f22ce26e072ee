package signin

import (
	"io"
	"net/http"
	"net/url"
	"sync"
)

// The paths of the service. On the true one each has a host of its own.
const (
	AuthorizePath = "/connect/oauth2"
	TokenPath     = "/oauth2/v1/tokens/bearer"
	RevokePath    = "/v2/oauth2/tokens/revoke"
)

const maxBody = 1 << 20 // bytes

// Server is the service with one registered app. It is an http.Handler, safe for many callers at once.
type Server struct {
	*clock
	*journal
	*faults
	opts   Options
	tokens *source

	mu    sync.Mutex // guards state
	state *state
}

// New makes a service that nobody is connected with. It starts nothing.
func New(o Options) *Server {
	o.fill()
	return &Server{clock: &clock{base: o.Clock}, journal: newJournal(o.JournalLimit), faults: newFaults(),
		opts: o, tokens: newSource(o.Seed, 2), state: newState(o.Switches)}
}

// request is a call as the service works on it.
type request struct {
	*http.Request
	form url.Values // of the body; the token endpoint and the person's answer
	body []byte
}

// ServeHTTP answers one call.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := s.begin(s.Now(), r.Method, r.URL.Path)
	defer s.land(c) // after the answer is out
	a := s.answer(c, r)
	if r.Context().Err() != nil {
		c.Lost = true
	}
	c.finish(a, s.Now())
	s.add(c)
	s.opts.Log.Debug("call", "what", c.What, "status", c.Status, "outcome", c.Outcome, "done", c.Done)
	a.header = withTrace(a.header, s.tokens.text("1-", 24))
	a.write(w)
}

// withTrace adds the header that names a call in Intuit's own logs.
func withTrace(h http.Header, id string) http.Header {
	if h == nil {
		h = http.Header{}
	}
	h["intuit_tid"] = []string{id}
	return h
}

// answer finds out what is asked and does it, unless a fault waits for it.
func (s *Server) answer(c *Call, r *http.Request) *answer {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil || len(body) > maxBody {
		return refuse(http.StatusBadRequest, "invalid_request", "body: incomplete or too large")
	}
	q := &request{Request: r, body: body}
	work := s.route(c, q)
	if c.What == Refresh {
		s.takeOff(c, q)
	}
	return s.through(r.Context(), c, func() *answer { return work(c, q) })
}

type work func(*Call, *request) *answer

// route names a call and gives its work.
func (s *Server) route(c *Call, q *request) work {
	post := q.Method == http.MethodPost
	switch {
	case q.URL.Path == AuthorizePath && q.Method == http.MethodGet:
		c.What = Authorize
		return s.showPage
	case q.URL.Path == AuthorizePath && post:
		c.What = Consent
		return s.consent
	case q.URL.Path == TokenPath && post:
		return s.tokenWork(c, q)
	case q.URL.Path == RevokePath && post:
		c.What = Revoke
		return s.revoke
	case q.URL.Path == AuthorizePath, q.URL.Path == TokenPath, q.URL.Path == RevokePath:
		return func(*Call, *request) *answer { return notAllowed(http.StatusMethodNotAllowed) }
	}
	return func(*Call, *request) *answer { return notAllowed(http.StatusNotFound) }
}
