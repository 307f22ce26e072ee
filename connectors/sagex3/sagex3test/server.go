package sagex3test

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"syncbox/connectors/rest/resttest"
)

var _ http.Handler = (*Server)(nil)

// Server is one installation with one folder. It is an http.Handler, safe for many callers at once.
type Server struct {
	opts    Options
	clock   *resttest.Clock
	journal *journal
	faults  *faults
	late    *late
	pool    *pool
	admin   http.Handler

	mu        sync.Mutex // guards what follows
	state     *state
	history   *history
	switches  Switches
	published map[string]publication // by public name
	shown     map[string]Object      // REST representations by name
	traces    []Trace
}

// Trace is one trace file of the server: what a refused call tells the code of.
type Trace struct {
	Code string // F and six digits
	Call int64
	Text string
}

// New makes an installation whose folder has nothing but the technical user. It starts nothing.
func New(o Options) *Server {
	o.fill()
	s := &Server{opts: o, clock: resttest.NewClock(o.Clock), faults: &faults{}, pool: &pool{}}
	s.journal = newJournal(o.JournalLimit)
	s.late = newLate(o.After)
	s.admin = s.adminRoutes()
	s.Reset()
	return s
}

// Reset makes everything as New made it: state, clock, switches, publications, faults, journal.
func (s *Server) Reset() {
	s.late.clear()
	s.faults.clear()
	s.clock.Reset()
	s.journal.reset()
	s.pool.restart()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.switches, s.state, s.history, s.traces = s.opts.Switches, newState(), &history{}, nil
	s.published, s.shown = publications(), representations()
	s.addUser(User{Code: s.opts.Code, Login: s.opts.Login, Password: s.opts.Password, Name: "Synchronisation"})
	s.put(Users, poolUser, Values{Name: "Administrateur", Active: Yes, Commercial: No})
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

// Listen serves a new installation on a free port of the loopback until ctx ends, and tells its address: "http://127.0.0.1:port".
func Listen(ctx context.Context, o Options) (s *Server, url string, err error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, "", fmt.Errorf("serve Sage X3: %w", err)
	}
	s = New(o)
	go s.Serve(ctx, l, nil) // ends with ctx; what is asked after that finds a closed port
	return s, "http://" + l.Addr().String(), nil
}

// The paths.
const (
	PathV7   = "/soap-generic/syracuse/collaboration/syracuse/CAdxWebServiceXmlCC"
	PathWSDL = "/soap-wsdl/syracuse/collaboration/syracuse/CAdxWebServiceXmlCC" // ?wsdl
	PathV6   = "/adxwsvc/services/CAdxWebServiceXmlCC"                          // with ?wsdl, and GET, its description
	pathREST = "/api1/x3/erp/"
)

// ServeHTTP answers one call, or one of /_sim/.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/_sim/") {
		s.admin.ServeHTTP(w, r)
		return
	}
	c := s.journal.begin(s.clock.Now())
	defer s.journal.leave()
	c.Method = r.Method
	a := s.answer(c, r)
	s.end(c, a)
	w.Header().Set("Date", s.clock.Now().UTC().Format(http.TimeFormat))
	a.write(w)
}

func (s *Server) answer(c *Call, r *http.Request) *answer {
	old := s.opts.Version == V6
	switch path := r.URL.Path; {
	case path == PathV6 && r.Method == http.MethodGet && old, path == PathWSDL && !old:
		c.Endpoint = EndpointWSDL
		return s.describe(r)
	case path == PathV6:
		c.Endpoint = EndpointV6
		return s.soap(c, r)
	case path == PathV7 && !old:
		c.Endpoint = EndpointV7
		return s.soap(c, r)
	case strings.HasPrefix(path, pathREST) && !old:
		c.Endpoint = EndpointREST
		return s.rest(c, r)
	}
	return page(http.StatusNotFound, "Not Found")
}

// describe gives the WSDL.
func (s *Server) describe(r *http.Request) *answer {
	path := PathV7
	if s.opts.Version == V6 {
		path = PathV6
	} else if _, ok := s.basic(r); !ok {
		return unauthorized()
	}
	if _, asked := r.URL.Query()["wsdl"]; !asked || r.Method != http.MethodGet {
		return page(http.StatusNotFound, "Not Found")
	}
	return bodyAnswer(200, "text/xml; charset=utf-8", wsdl("http://"+r.Host+path))
}

// end writes a call into the journal.
func (s *Server) end(c *Call, a *answer) {
	c.finish(a, s.clock.Now())
	s.journal.add(c)
	s.opts.Log.Debug("call", "endpoint", c.Endpoint, "op", c.Op, "object", c.Object, "status", c.Status, "result", c.Result, "outcome", c.Outcome, "rows", c.Rows)
}
