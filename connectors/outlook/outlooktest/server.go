package outlooktest

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"syncbox/connectors/rest/resttest"
)

// Server is one tenant. It is an http.Handler, safe for many callers at once.
type Server struct {
	opts    Options
	clock   *resttest.Clock
	journal *journal
	faults  *faults
	late    *resttest.Late
	admin   http.Handler

	mu          sync.Mutex // guards what follows
	boxes       []*mailbox
	switches    Switches
	limits      Limits
	roles       []string
	grants      map[string]*grant
	grantSeq    int64
	gauges      map[string]*gauge
	invitations []Invitation
}

// New makes a tenant whose mailboxes are empty but for the folders that each has. It starts nothing.
func New(o Options) *Server {
	o.fill()
	s := &Server{opts: o, clock: resttest.NewClock(o.Clock), faults: &faults{}}
	s.journal = newJournal(o.JournalLimit)
	s.late = resttest.NewLate(o.After)
	s.admin = s.adminRoutes()
	s.Reset()
	return s
}

// Reset makes everything as New made it: mailboxes, clock, switches, limits, faults, tokens, journal.
func (s *Server) Reset() {
	s.late.Clear()
	s.faults.clear()
	s.clock.Reset()
	s.journal.reset()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.switches, s.limits, s.roles = s.opts.Switches, *s.opts.Limits, s.opts.Roles
	s.grants, s.gauges, s.invitations, s.boxes = map[string]*grant{}, map[string]*gauge{}, nil, nil
	for i, m := range s.opts.Mailboxes {
		s.boxes = append(s.boxes, newMailbox(m, i+1, s.opts.Seed))
	}
}

// Service is a server with an address.
type Service struct {
	*Server
	URL string // "http://127.0.0.1:port", of Graph and of the sign-in
}

// Listen serves a new tenant on a free port of the loopback until ctx ends.
func Listen(ctx context.Context, o Options) (*Service, error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("serve Graph: %w", err)
	}
	s := New(o)
	go s.Serve(ctx, l, nil) // ends with ctx; what is asked after that finds a closed port
	return &Service{s, "http://" + l.Addr().String()}, nil
}

// Serve answers on l until ctx ends and returns nil then. A nil tlsConfig means plain HTTP.
func (s *Server) Serve(ctx context.Context, l net.Listener, tlsConfig *tls.Config) error {
	if tlsConfig != nil {
		l = tls.NewListener(l, tlsConfig)
	}
	srv := &http.Server{Handler: s, ReadHeaderTimeout: time.Minute, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, 0)}
	stop := context.AfterFunc(ctx, func() { srv.Close() })
	defer stop()
	if err := srv.Serve(l); ctx.Err() == nil {
		return err
	}
	return nil
}

// ServeHTTP answers one call of Graph, of the sign-in, or of /_sim/.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/_sim/") {
		s.admin.ServeHTTP(w, r)
		return
	}
	c := s.journal.begin(s.clock.Now(), 0)
	c.Method = r.Method
	a := s.answer(c, r)
	s.end(c, a)
	a.write(w, c.Seq, s.clock.Now())
}

// incoming is a call before it is understood.
type incoming struct {
	method, address, base string
	header                http.Header
	body                  []byte
}

const maxBody = 4 << 20 // bytes

// answer gives a call to whom it is for.
func (s *Server) answer(c *Call, r *http.Request) *answer {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil || len(body) > maxBody {
		return s.refused(c, refuse(413, "RequestBodyTooLarge", "Request body: incomplete or too large."))
	}
	in := &incoming{r.Method, r.URL.RequestURI(), baseOf(r), r.Header, body}
	switch {
	case strings.HasSuffix(r.URL.Path, tokenPath):
		c.Op, c.Path = OpToken, "token"
		return s.withFaults(r.Context(), c, nil, &request{op: OpToken, method: r.Method}, func() *answer { return s.token(c, r, in) })
	case r.URL.Path == "/v1.0/$batch":
		return s.batch(r.Context(), c, in)
	}
	return s.call(r.Context(), c, in, nil)
}

// baseOf gives scheme and host as the caller wrote them.
func baseOf(r *http.Request) string {
	scheme := r.URL.Scheme
	switch {
	case scheme != "":
	case r.TLS != nil:
		scheme = "https"
	default:
		scheme = "http"
	}
	host := r.Host
	setDefault(&host, r.URL.Host)
	return scheme + "://" + host
}

// refused answers with a problem.
func (s *Server) refused(c *Call, p *problem) *answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.status == http.StatusTooManyRequests {
		c.Throttled = true
	}
	return s.refusal(p, c.Seq)
}

// call takes a call through the gates: token, mailbox, role, limits, address, body, faults, then the work itself. A call of a batch has
// its place already.
func (s *Server) call(ctx context.Context, c *Call, in *incoming, place *place) *answer {
	q, wrong := route(in.method, in.address, in.header)
	q.base, q.raw = in.base, in.body
	c.about(q)
	if q.op == OpUnknown && q.kind == "" && wrong == nil {
		wrong = noSegment("")
	}
	mb, prob := s.admit(c, in, q, wrong)
	if prob != nil {
		return s.refused(c, prob)
	}
	if place == nil {
		var leave func()
		if leave, prob = s.enterMailbox(mb, int64(len(in.body))); prob != nil {
			return s.refused(c, prob)
		}
		defer leave()
	} else if place.refused {
		return s.refused(c, throttled(concurrency, concurrencyPause))
	} else if prob = s.count(mb, int64(len(in.body))); prob != nil {
		return s.refused(c, prob)
	}
	if wrong == nil {
		wrong = q.readBody(in.header.Get("Content-Type"))
	}
	if wrong != nil {
		return s.refused(c, wrong)
	}
	return s.withFaults(ctx, c, mb, q, func() *answer { return s.process(c, mb, q) })
}

// admit lets a call in: its token, the mailbox, the role.
func (s *Server) admit(c *Call, in *incoming, q *request, wrong *problem) (*mailbox, *problem) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, prob := s.bearer(in.header.Get("Authorization"))
	if prob != nil {
		return nil, prob
	}
	if q.user == "" || q.kind == "" {
		return nil, wrong
	}
	mb := s.mailbox(q.user)
	if mb == nil {
		return nil, refuse(404, "ErrorInvalidUser", "The requested user is invalid.")
	}
	c.Mailbox = mb.address
	if mb.denied {
		return nil, denied()
	}
	if !g.has(q.role()) {
		return nil, refuse(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
	}
	return mb, nil
}

// process does the work of a call.
func (s *Server) process(c *Call, mb *mailbox, q *request) *answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, prob := s.work(c, s.mustMailbox(mb.address), q) // the one that is there now: Restore makes new ones
	if prob != nil {
		return s.refusal(prob, c.Seq)
	}
	if applied := q.prefer.applied(); applied != "" {
		a.header.Set("Preference-Applied", applied)
	}
	c.Rows = a.rows
	return a
}

// mailbox finds a mailbox by its address or id. The caller has the lock.
func (s *Server) mailbox(user string) *mailbox {
	for _, mb := range s.boxes {
		if strings.EqualFold(mb.address, user) || strings.EqualFold(mb.id, user) {
			return mb
		}
	}
	return nil
}

// mustMailbox is for tests, which know their mailboxes.
func (s *Server) mustMailbox(user string) *mailbox {
	mb := s.mailbox(user)
	if mb == nil {
		panic("outlooktest: no mailbox " + user)
	}
	return mb
}

// Deny lets the application no longer into a mailbox, or again.
func (s *Server) Deny(address string, denied bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mustMailbox(address).denied = denied
}

// end writes a call into the journal.
func (s *Server) end(c *Call, a *answer) {
	c.finish(a, s.clock.Now())
	s.journal.add(c)
	s.opts.Log.Debug("call", "method", c.Method, "op", c.Op, "kind", c.Kind, "status", c.Status, "code", c.Code, "outcome", c.Outcome, "rows", c.Rows)
}
