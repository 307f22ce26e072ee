package centrixonetest

import (
	"context"
	"crypto/tls"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"syncbox/connectors/rest/resttest"
)

// Server is one account of the CRM. It is an http.Handler, safe for many callers at once.
type Server struct {
	opts    Options
	clock   *resttest.Clock
	journal *journal
	faults  *faults
	late    *resttest.Late
	admin   http.Handler

	mu    sync.RWMutex // guards state and limit
	state *state
	limit *rate.Limiter
}

// New makes a CRM as it is on the day the sync is enabled. It starts nothing.
func New(o Options) *Server {
	o.Companies = slices.Clone(o.Companies)
	o.fill()
	s := &Server{opts: o, clock: resttest.NewClock(o.Clock)}
	s.journal = newJournal(o.JournalLimit)
	s.faults = &faults{}
	s.late = resttest.NewLate(o.After)
	s.admin = s.adminRoutes()
	s.Reset()
	return s
}

// Reset makes everything as New made it: state, clock, faults, journal, counters.
func (s *Server) Reset() {
	s.late.Clear()
	s.faults.clear()
	s.clock.Reset()
	s.journal.reset()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state = seeded(&s.opts, s.clock.Now())
	s.limit = nil
	if s.opts.RateLimit.PerSecond > 0 {
		s.limit = rate.NewLimiter(rate.Limit(s.opts.RateLimit.PerSecond), max(1, s.opts.RateLimit.Burst))
	}
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

// request is a call as the CRM works on it, now or late.
type request struct {
	target     *target
	method     string
	query      string
	ifModified string
	body       []byte
}

// ServeHTTP answers one call of the API, or of /__sim/.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/__sim/") {
		s.admin.ServeHTTP(w, r)
		return
	}
	c := s.journal.begin(s.opts.Clock())
	defer s.journal.leave()
	c.Method, c.Path, c.Query = r.Method, s.redact(r.URL.Path), s.redact(r.URL.RawQuery)
	a := s.answer(c, r)
	s.end(c, a)
	a.write(w)
}

// answer takes a call through the gates: grammar, key, rate, faults, then the work itself.
func (s *Server) answer(c *Call, r *http.Request) *answer {
	t, prob := parseTarget(r.URL.Path)
	if prob != nil {
		return refusal(prob)
	}
	c.Path, c.Resource, c.Base = t.redacted(), t.resource, t.base
	if t.account != s.opts.Account || t.key != s.opts.Key {
		return refusal(refuse(403, "Forbidden"))
	}
	if a := s.throttle(); a != nil {
		return a
	}
	if r.Method != http.MethodGet && r.Method != http.MethodPost {
		return refusal(refuse(405, "Method Not Allowed"))
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil || len(body) > maxBody {
		return refusal(refuse(400, "body: incomplete or too large"))
	}
	q := &request{t, r.Method, r.URL.RawQuery, r.Header.Get("If-Modified-Since"), body}
	return s.withFaults(r.Context(), c, q)
}

const maxBody = 32 << 20 // bytes

// process does the work of a call.
func (s *Server) process(c *Call, q *request) *answer {
	if q.method == http.MethodPost {
		return s.post(c, q)
	}
	return s.get(c, q)
}

func (s *Server) get(c *Call, r *request) *answer {
	q, prob := parseQuery(r.target.resource, r.query)
	if prob != nil {
		return refusal(prob)
	}
	s.mu.RLock()
	p, prob := s.state.read(r.target, q, s.clock.Now(), r.ifModified)
	s.mu.RUnlock()
	switch {
	case prob != nil:
		return refusal(prob)
	case p == nil:
		return &answer{status: http.StatusNotModified, keep: -1}
	}
	c.Rows = p.rows
	a := jsonAnswer(p.body)
	a.header.Set("Last-Modified", p.modified.UTC().Format(http.TimeFormat))
	return a
}

func (s *Server) post(c *Call, r *request) *answer {
	if !r.target.filter.all {
		return refusal(refuse(400, "base filter: a POST wants all"))
	}
	rows, prob := parseBody(r.body)
	if prob != nil {
		return refusal(prob)
	}
	c.Rows = len(rows)
	s.mu.Lock()
	items, prob := s.state.begin(s.clock.Now(), authorSync, c.Seq).upsert(r.target.resource, rows)
	s.mu.Unlock()
	if prob != nil {
		return refusal(prob)
	}
	c.applied(items)
	return jsonAnswer(itemsBody(items))
}

// throttle answers 503 to what comes too fast. Retry-After is when the next call has a place.
func (s *Server) throttle() *answer {
	s.mu.RLock()
	limit := s.limit
	s.mu.RUnlock()
	if limit == nil {
		return nil
	}
	now := s.opts.Clock()
	if limit.AllowN(now, 1) {
		return nil
	}
	s.journal.throttled()
	a := refusal(refuse(503, "Service Unavailable"))
	missing := (1 - limit.TokensAt(now)) / float64(limit.Limit())
	a.setRetry(time.Duration(missing*float64(time.Second)), false, now)
	return a
}

// redact makes a path or query fit to be seen.
func (s *Server) redact(text string) string {
	if strings.HasPrefix(text, "/API_WEB/") {
		return "/API_WEB/***"
	}
	return strings.ReplaceAll(text, s.opts.Key, "***")
}

// end writes a call into the journal.
func (s *Server) end(c *Call, a *answer) {
	c.finish(a, s.opts.Clock())
	s.journal.add(c)
	s.opts.Log.Debug("call", "method", c.Method, "path", c.Path, "status", c.Status, "outcome", c.Outcome, "rows", c.Rows)
}
