package quickbookstest

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

// Server is one company. It is an http.Handler, safe for many callers at once.
type Server struct {
	opts    Options
	clock   *resttest.Clock
	journal *journal
	faults  *faults
	late    *resttest.Late
	admin   http.Handler

	mu       sync.Mutex // guards what follows
	state    *state
	switches Switches
	limits   Limits
	gauge    gauge
	lostUser bool
	unpaid   bool
}

// New makes a company without customers. It starts nothing.
func New(o Options) *Server {
	o.fill()
	s := &Server{opts: o, clock: resttest.NewClock(o.Clock), faults: &faults{}}
	s.journal = newJournal(o.JournalLimit)
	s.late = resttest.NewLate(o.After)
	s.admin = s.adminRoutes()
	s.Reset()
	return s
}

// Reset makes everything as New made it: state, clock, switches, limits, faults, journal.
func (s *Server) Reset() {
	s.late.Clear()
	s.faults.clear()
	s.clock.Reset()
	s.journal.reset()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.switches, s.limits, s.gauge, s.lostUser, s.unpaid = s.opts.Switches, *s.opts.Limits, gauge{}, false, false
	s.state = newState(s.opts.Zone)
	s.open()
}

// Serve answers on l until ctx ends and returns nil then. A nil tlsConfig means plain HTTP.
func (s *Server) Serve(ctx context.Context, l net.Listener, tlsConfig *tls.Config) error {
	if tlsConfig != nil {
		l = tls.NewListener(l, tlsConfig)
	}
	return serve(ctx, s, l)
}

func serve(ctx context.Context, h http.Handler, l net.Listener) error {
	srv := &http.Server{Handler: h, ReadHeaderTimeout: time.Minute, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, 0)}
	stop := context.AfterFunc(ctx, func() { srv.Close() })
	defer stop()
	if err := srv.Serve(l); ctx.Err() == nil {
		return err
	}
	return nil
}

// ServeHTTP answers one call of the API, or of /_sim/.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/_sim/") {
		s.admin.ServeHTTP(w, r)
		return
	}
	c := s.journal.begin(s.clock.Now())
	defer s.journal.leave()
	c.Method, c.Tid = r.Method, fmt.Sprintf("1-%08x-%024x", c.At.Unix()&0xffffffff, c.Seq)
	a := s.answer(c, r)
	s.end(c, a)
	a.write(w, c.Tid)
}

// answer takes a call through the gates: path, token, limits, body, version, faults, then the work itself.
func (s *Server) answer(c *Call, r *http.Request) *answer {
	q, prob := route(r)
	if q != nil {
		c.about(q, r)
	}
	if prob != nil {
		return s.refuse(prob)
	}
	s.mu.Lock()
	longest := s.limits.URLBytes
	s.mu.Unlock()
	if longest > 0 && len(r.URL.RequestURI()) > longest {
		return s.refuse(page(414, "Request-URI Too Long"))
	}
	if prob := s.admit(r.Header.Get("Authorization"), q.realm); prob != nil {
		return s.refuse(prob)
	}
	if r.Method == http.MethodPost {
		body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
		if err != nil || len(body) > maxBody {
			return s.refuse(page(400, "Bad Request"))
		}
		prob = q.read(r.Header.Get("Content-Type"), body)
		c.about(q, r)
	}
	if early := s.gates(c, q, r, prob); early != nil {
		return s.refuse(early)
	}
	return s.withFaults(r.Context(), c, q)
}

// gates are what stands before the work, once it is known what the call wants.
func (s *Server) gates(c *Call, q *request, r *http.Request, body *problem) *problem {
	s.mu.Lock()
	defer s.mu.Unlock()
	if prob := s.throttle(c, q); prob != nil {
		return prob
	}
	if body != nil {
		return body
	}
	if !strings.Contains(r.Header.Get("Accept"), "application/json") {
		return page(406, "Not Acceptable: this simulator answers JSON only")
	}
	if s.unpaid && q.op != OpRead && q.op != OpQuery && q.op != OpCDC {
		return invalid("6190", "Invalid Company Status", "Subscription period has ended or cancelled or there was a billing problem", "")
	}
	return s.oldMinor(q)
}

const maxBody = 32 << 20 // bytes

func (s *Server) refuse(p *problem) *answer { return refusal(p, s.now()) }

func (s *Server) now() time.Time { return s.clock.Now().In(s.opts.Zone) }

// reply makes an answer of an object or a problem.
func (s *Server) reply(o Object, p *problem) *answer {
	if p != nil {
		return s.refuse(p)
	}
	return jsonAnswer(o, s.now())
}

// process does the work of a call.
func (s *Server) process(c *Call, q *request) *answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.work(c, q)
	s.meter(c, q, a)
	return a
}

func (s *Server) work(c *Call, q *request) *answer {
	switch q.op {
	case OpRead:
		return s.reply(s.readOne(c, q))
	case OpQuery:
		o, rows, prob := s.query(q, q.statement)
		c.Rows = rows
		return s.reply(Object{"QueryResponse": o}, prob)
	case OpCDC:
		return s.reply(s.changeData(c, q))
	case OpBatch:
		return s.once(c, q, func() (Object, *problem) { return s.batch(c, q) })
	}
	c.Writes = nil // what was asked for is replaced by what came of it
	w := describe(q.entity, q.operation, q.object)
	w.Call = c.Seq
	a := s.once(c, q, func() (Object, *problem) { return s.apply(&w, q.object) })
	c.wrote(w)
	return a
}

func (s *Server) readOne(c *Call, q *request) (Object, *problem) {
	r := s.state.find(q.entity, q.id)
	if q.entity == CompanyInfo || q.entity == Preferences {
		r = s.state.find(q.entity, "1") // companyinfo/<realm>
	}
	if r == nil || q.entity == CompanyInfo && q.id != s.opts.Realm {
		return nil, notFound()
	}
	c.Rows = 1
	return Object{string(q.entity): s.render(q.entity, r)}, nil
}

// end writes a call into the journal.
func (s *Server) end(c *Call, a *answer) {
	c.finish(a, s.clock.Now())
	s.journal.add(c)
	s.opts.Log.Debug("call", "method", c.Method, "op", c.Op, "entity", c.Entity, "status", c.Status, "code", c.Code, "outcome", c.Outcome, "rows", c.Rows)
}
