package sagecrmtest

import (
	"io"
	"net/http"
	"strings"
	"unicode/utf8"

	"syncbox/connectors/rest/resttest"
)

// version is what getversionstring tells.
func (s *Server) version() string { return "Sage CRM " + s.switches[RestVersion] }

// soap answers one call of the web services.
func (s *Server) soap(c *Call, r *http.Request) *resttest.Answer {
	if r.Method == http.MethodGet {
		return resttest.NewAnswer(http.StatusOK, "text/html", nil)
	}
	if r.Method != http.MethodPost {
		return resttest.Page(http.StatusMethodNotAllowed, "Method Not Allowed")
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, 16<<20))
	if err != nil {
		return resttest.Page(http.StatusBadRequest, "Bad Request")
	}
	if c.Chars = utf8.RuneCount(body); c.Chars > s.opts.MaxRequest {
		return s.tooLarge()
	}
	s.mu.Lock()
	e, err := readEnvelope(string(body), s.switches[SoapProfile])
	s.mu.Unlock()
	if err != nil {
		return s.refuseSoap(c, refuse(invalid, "Bad request: "+err.Error()))
	}
	c.about(s, e)
	return s.run(r.Context(), c, &job{
		enter:  func(c *Call) (*entered, *Refusal) { return s.admit(c, e) },
		work:   func(c *Call, in *entered) (*resttest.Answer, *Refusal) { return s.operate(c, e, in) },
		refuse: s.refuseSoap,
	})
}

func (s *Server) tooLarge() *resttest.Answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.on(SoapTooLarge, "413") {
		return resttest.Page(http.StatusRequestEntityTooLarge, "Request Entity Too Large")
	}
	return s.soapFault("The request is longer than the maximum size of request")
}

func (s *Server) refuseSoap(c *Call, why *Refusal) *resttest.Answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.Refused = why.Text
	return s.soapFault(why.Text)
}

// entered is who calls, once he is known.
type entered struct {
	session *session // nil of a log-on, and in REST
	user    *User
}

// admit finds the session of a call; a log-on needs none. The caller has the lock.
func (s *Server) admit(c *Call, e *envelope) (*entered, *Refusal) {
	if e.op == "logon" {
		return &entered{}, nil
	}
	one, wrong := s.enter(c, e)
	if wrong != nil {
		return nil, wrong
	}
	return &entered{one, one.user}, nil
}

// operate does what a call asks for. The caller has the lock.
func (s *Server) operate(c *Call, e *envelope, in *entered) (*resttest.Answer, *Refusal) {
	w := s.writer()
	var wrong *Refusal
	switch e.op {
	case "logon":
		var id string
		id, wrong = s.logon(c, e.texts["username"], e.texts["password"])
		w.text("sessionid", id)
	case "logoff":
		delete(s.sessions, e.session)
	case "getversionstring":
		w.text("version", s.version())
	case "next":
		wrong = s.next(c, w, in.session)
	default:
		wrong = s.onEntity(c, w, e, in)
	}
	if wrong != nil {
		return nil, wrong
	}
	return s.result(e, w.String()), nil
}

// enabled finds an entity that the interfaces may see.
func (s *Server) enabled(name string) (*table, *Refusal) {
	name = strings.TrimSpace(name)
	t := s.tables[Entity(lower(name))]
	if t == nil || !s.open[t.entity] {
		return nil, notEnabled(name)
	}
	return t, nil
}

func (s *Server) onEntity(c *Call, w *writer, e *envelope, in *entered) *Refusal {
	t, wrong := s.enabled(e.texts["entityname"])
	if wrong != nil {
		return wrong
	}
	who := author{id: in.user.ID, login: in.user.Login, call: c}
	switch e.op {
	case "query":
		return s.query(c, w, t, e.texts["querystring"], in.session)
	case "queryid":
		return s.queryID(c, w, t, e, in.session)
	case "queryidnodate":
		return s.queryID(c, w, t, e, in.session)
	case "queryentity":
		return s.queryEntity(c, w, t, e.texts["id"])
	case "getmetadata":
		return s.metadata(w, t)
	case "getdropdownvalues":
		s.dropdowns(w, t)
		return nil
	case "delete":
		return s.deleteRecords(w, t, e.records, who)
	}
	return s.storeRecords(w, t, e, who)
}
