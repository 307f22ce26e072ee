package sagecrmtest

import (
	"context"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"

	"syncbox/connectors/rest/resttest"
)

var _ http.Handler = (*Server)(nil)

// Server is one installation. It is an http.Handler, safe for many callers at once.
type Server struct {
	opts   Options
	tables map[Entity]*table
	clock  *resttest.Clock
	late   *resttest.Late
	faults *resttest.Script[Fault]
	calls  *resttest.Calls[Call]
	admin  http.Handler

	mu          sync.Mutex // guards what follows
	users       []User
	open        map[Entity]bool // "Allow Web Service Access"
	switches    Switches
	state       *state
	history     *history
	sessions    map[string]*session
	lastSession int64
	random      *rand.Rand // of session ids
	restBusy    int        // calls of REST that are being answered
}

// New makes an installation that has nothing but the technical user. It starts nothing. Unknown switches are a panic.
func New(o Options) *Server {
	o.fill()
	s := &Server{opts: o, tables: schema(&o), clock: resttest.NewClock(o.Clock), late: resttest.NewLate(o.After),
		faults: resttest.NewScript(func(f *Fault) *resttest.Turn { return &f.Turn }), calls: resttest.NewCalls[Call](o.JournalLimit)}
	s.admin = s.adminRoutes()
	s.Reset()
	return s
}

// Reset makes everything as New made it: records, users, clock, switches, faults, journal.
func (s *Server) Reset() {
	s.late.Clear()
	s.faults.Clear()
	s.clock.Reset()
	s.calls.Clear()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.switches, s.state, s.history = s.opts.Switches, newState(), &history{}
	s.sessions, s.random = map[string]*session{}, rand.New(rand.NewPCG(s.opts.Seed, 2))
	s.users = []User{{ID: 99, Login: s.opts.Login, Password: s.opts.Password, WebService: true}}
	s.open = map[Entity]bool{}
	for _, e := range s.opts.Enabled {
		s.open[e] = true
	}
}

// AddUser adds somebody.
func (s *Server) AddUser(u User) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users = append(s.users, u)
}

// SetPassword changes the password of a user; sessions stay.
func (s *Server) SetPassword(login, password string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.users {
		if s.users[i].Login == login {
			s.users[i].Password = password
		}
	}
}

// Enable ticks or clears "Allow Web Service Access" of an entity.
func (s *Server) Enable(e Entity, on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open[e] = on
}

// DropColumn takes a column out of an entity, as an administrator does. What it held is kept for AddColumn.
func (s *Server) DropColumn(e Entity, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tables[e].drop(name)
}

// AddColumn adds a column to an entity.
func (s *Server) AddColumn(e Entity, f Field) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tables[e].add(f)
}

// Serve answers on l until ctx ends and returns nil then.
func (s *Server) Serve(ctx context.Context, l net.Listener) error { return resttest.Serve(ctx, l, s) }

// Listen serves a new installation on a free port of the loopback until ctx ends, and tells its address: "http://127.0.0.1:port".
func Listen(ctx context.Context, o Options) (s *Server, url string, err error) {
	s = New(o)
	url, err = resttest.Listen(ctx, s)
	return s, url, err
}

// RoundTripper reaches the server without a network. A cut connection is an error, as over a network.
func (s *Server) RoundTripper() http.RoundTripper { return resttest.RoundTripper(s) }

// The paths.
func (s *Server) soapPath() string { return "/" + s.opts.Install + "/eware.dll/webservices/soap" }
func (s *Server) wsdlPath() string {
	return "/" + s.opts.Install + "/eware.dll/webservices/webservice.wsdl"
}
func (s *Server) restPath() string { return "/sdata/" + s.opts.Install + "j/sagecrm2/-/" }
func (s *Server) oldPath() string  { return "/sdata/" + s.opts.Install + "j/sagecrm/-/" }

// ServeHTTP answers one call, or one of /_sim/.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/_sim/") {
		s.admin.ServeHTTP(w, r)
		return
	}
	seq, recent := s.calls.Arrive(s.clock.Now())
	defer s.calls.Leave()
	c := &Call{Seq: seq, At: s.clock.Now(), Method: r.Method}
	a := s.answer(c, r, recent)
	s.end(c, a)
	w.Header().Set("Date", s.clock.Now().UTC().Format(http.TimeFormat))
	a.Write(w)
}

// answer finds who answers. Paths of IIS have no case.
func (s *Server) answer(c *Call, r *http.Request, recent int) *resttest.Answer {
	switch path := r.URL.Path; {
	case strings.EqualFold(path, s.soapPath()):
		c.Endpoint = EndpointSOAP
		return s.soap(c, r)
	case strings.EqualFold(path, s.wsdlPath()):
		c.Endpoint = EndpointWSDL
		return s.wsdl()
	case under(path, s.restPath()):
		c.Endpoint = EndpointREST
		return s.rest(c, r, path[len(s.restPath()):], recent)
	case under(path, s.oldPath()):
		c.Endpoint = EndpointOld
		return s.rest(c, r, path[len(s.oldPath()):], recent)
	}
	return resttest.Page(http.StatusNotFound, "Not Found")
}

func under(path, folder string) bool {
	return len(path) > len(folder) && strings.EqualFold(path[:len(folder)], folder)
}

// wsdl is empty unless the administrator shows it.
func (s *Server) wsdl() *resttest.Answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.on(SoapWSDL, "hidden") {
		return resttest.NewAnswer(http.StatusOK, "text/xml", nil)
	}
	return resttest.NewAnswer(http.StatusOK, "text/xml", []byte(prolog+`<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" targetNamespace="`+nsType+`"/>`))
}

// end writes a call into the journal and the log.
func (s *Server) end(c *Call, a *resttest.Answer) {
	c.finish(a, s.clock.Now())
	s.calls.Keep(*c)
	s.opts.Log.Info("call", "seq", c.Seq, "endpoint", c.Endpoint, "op", c.Op, "entity", c.Entity, "status", c.Status, "outcome", c.Outcome, "fault", c.Fault)
}
