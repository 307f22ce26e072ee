package salesmanagementtest

import (
	"context"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"syncbox/connectors/rest/resttest"
)

var _ http.Handler = (*Server)(nil)

// Server is one tenant. It is an http.Handler, safe for many callers at once. A request for the host of Options.Store is one to the
// store of documents.
type Server struct {
	opts   Options
	clock  *resttest.Clock
	late   *resttest.Late
	faults *resttest.Script[Fault]
	calls  *resttest.Calls[Call]
	admin  http.Handler

	mu              sync.Mutex // guards what follows
	tables          map[Entity]*table
	public, private string
	rate            int
	switches        Switches
	state           *state
	history         *history
	tokens          map[string]*token
	lastToken       int64
	random          *rand.Rand // of tokens and signatures
	locators        map[int64]*locator
	recent          []time.Time // calls of the API within the last second
}

// New makes a tenant with its value lists and an administrator, user 1. It starts nothing. Unknown switches are a panic.
func New(o Options) *Server {
	o.fill()
	s := &Server{opts: o, clock: resttest.NewClock(o.Clock), late: resttest.NewLate(o.After),
		faults: resttest.NewScript(func(f *Fault) *resttest.Turn { return &f.Turn }), calls: resttest.NewCalls[Call](o.JournalLimit)}
	s.admin = s.adminRoutes()
	s.Reset()
	return s
}

// Reset makes everything as New made it: records, fields, keys, clock, switches, faults, journal.
func (s *Server) Reset() {
	s.late.Clear()
	s.faults.Clear()
	s.clock.Reset()
	s.calls.Clear()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tables, s.switches, s.state, s.history = tables(s.opts.Extra), s.opts.Switches, newState(), &history{}
	s.tokens, s.locators, s.random = map[string]*token{}, map[int64]*locator{}, rand.New(rand.NewPCG(s.opts.Seed, 2))
	s.recent = nil
	s.public, s.private, s.rate = s.opts.PublicKey, s.opts.PrivateKey, s.opts.Rate
	s.fillLists()
}

// SetRate changes the plan: requests a second, below 0 without limit.
func (s *Server) SetRate(perSecond int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rate = perSecond
}

// Listen serves a new tenant and its store of documents on two free ports of the loopback until ctx ends, and tells the address of the
// API: "http://127.0.0.1:port"; /api/v4 lies below.
func Listen(ctx context.Context, o Options) (s *Server, address string, err error) {
	o.Store = "http://documents.invalid"
	s = New(o)
	store, err := resttest.Listen(ctx, http.HandlerFunc(s.serveStore))
	if err != nil {
		return nil, "", err
	}
	s.mu.Lock()
	s.opts.Store = store
	s.mu.Unlock()
	address, err = resttest.Listen(ctx, s)
	return s, address, err
}

// RoundTripper reaches the server and its store without a network. A cut connection is an error, as over a network.
func (s *Server) RoundTripper() http.RoundTripper { return resttest.RoundTripper(s) }

// ServeHTTP answers one call, or one of /_sim/.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case strings.HasPrefix(r.URL.Path, "/_sim/"):
		s.admin.ServeHTTP(w, r)
	case r.Host == s.storeHost():
		s.serveStore(w, r)
	default:
		s.serve(w, r, s.answer)
	}
}

func (s *Server) storeHost() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, err := url.Parse(s.opts.Store)
	if err != nil {
		panic("salesmanagementtest: " + err.Error())
	}
	return u.Host
}

func (s *Server) serveStore(w http.ResponseWriter, r *http.Request) { s.serve(w, r, s.answerStore) }

// serve writes one call into the journal and the log.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, answer func(context.Context, *Call, *request) *resttest.Answer) {
	seq, _ := s.calls.Arrive(s.clock.Now())
	defer s.calls.Leave()
	c := &Call{Seq: seq, At: s.clock.Now(), Method: r.Method}
	a := answer(r.Context(), c, read(r))
	s.end(c, a)
	w.Header().Set("Date", s.clock.Now().UTC().Format(http.TimeFormat))
	a.Write(w)
}

func (s *Server) end(c *Call, a *resttest.Answer) {
	c.finish(a, s.clock.Now())
	s.calls.Keep(*c)
	s.opts.Log.Info("call", "seq", c.Seq, "endpoint", c.Endpoint, "op", c.Op, "entity", c.Entity, "status", c.Status, "outcome", c.Outcome, "fault", c.Fault)
}

// answer finds who answers a call of the API.
func (s *Server) answer(ctx context.Context, c *Call, q *request) *resttest.Answer {
	s.mu.Lock()
	q.about(s, c)
	tooMany := s.tooMany()
	s.mu.Unlock()
	if tooMany {
		return s.throttled(c)
	}
	if c.Endpoint == "" {
		return resttest.Page(http.StatusNotFound, "Not Found")
	}
	if q.cut != nil {
		return resttest.Cut()
	}
	j := &job{enter: func(c *Call) *Refusal { return s.enter(c, q) }, work: func(c *Call) (*resttest.Answer, *Refusal) { return s.work(c, q) }}
	if c.Endpoint == EndpointLogin {
		j.enter = func(*Call) *Refusal { return nil }
	}
	return s.run(ctx, c, j)
}

// tooMany counts a call of the API, whatever becomes of it, and tells whether the plan has not so many in a second. The caller has the lock.
func (s *Server) tooMany() bool {
	now := s.clock.Now()
	s.recent = append(slices.DeleteFunc(s.recent, func(at time.Time) bool { return now.Sub(at) >= time.Second }), now)
	return s.rate > 0 && len(s.recent) > s.rate
}

// work does what a call asks for. The caller has the lock.
func (s *Server) work(c *Call, q *request) (*resttest.Answer, *Refusal) {
	do := map[string]func(*Call, *request) (*resttest.Answer, *Refusal){"login": s.login, "list": s.list, "read": s.readOne, "schema": s.schema,
		"create": s.create, "update": s.update, "delete": s.remove, "document": s.newDocument}[c.Op]
	switch {
	case c.Op == "unknown":
		return nil, gone()
	case do == nil:
		return nil, wrongVerb()
	}
	return do(c, q)
}
