package sagex3test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
)

const maxBody = 32 << 20 // bytes

// soap takes a call of the web services through the gates: who, form, address, then the pool.
func (s *Server) soap(c *Call, r *http.Request) *answer {
	if r.Method != http.MethodPost {
		return page(http.StatusMethodNotAllowed, "Method Not Allowed")
	}
	var who User
	if c.Endpoint == EndpointV7 {
		signed, ok := s.basic(r)
		if !ok {
			return unauthorized()
		}
		who = signed
	}
	q, a := readCall(r)
	if a != nil {
		return a
	}
	s.mu.Lock()
	c.about(q, s.published[q.publicName].object)
	how := style{s.switches.StatusOK == StatusText, s.switches.MultiRef, s.opts.Version == V7}
	s.mu.Unlock()
	if c.Endpoint == EndpointV6 && s.opts.Version == V7 {
		return how.answer(q.op, &result{quiet: true}) // the old address after an upgrade: calls silently fail
	}
	if c.Endpoint == EndpointV6 {
		s.mu.Lock()
		signed, ok := s.signIn(q.context["codeUser"], q.context["password"], true)
		s.mu.Unlock()
		if who = signed; !ok {
			return how.answer(q.op, refused(errLogin, q.context["codeLang"]))
		}
	}
	if q.context["poolAlias"] != s.opts.Pool {
		return soapFault("Server", "No such pool alias")
	}
	return s.withFaults(r.Context(), c, q, how, who)
}

func readCall(r *http.Request) (*request, *answer) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if charset := params["charset"]; err != nil || kind != "text/xml" || charset != "" && !strings.EqualFold(charset, "utf-8") {
		return nil, page(http.StatusUnsupportedMediaType, "Unsupported Media Type")
	}
	if action, sent := r.Header["Soapaction"]; !sent || strings.Trim(action[0], `"`) != "" {
		return nil, soapFault("Client", "no SOAPAction header, or an unknown one")
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil || len(body) > maxBody {
		return nil, page(http.StatusBadRequest, "Bad Request")
	}
	q, err := readRequest(bytes.NewReader(body))
	if err != nil {
		return nil, soapFault("Client", err.Error())
	}
	return q, nil
}

// inPool gives a call to a free worker.
func (s *Server) inPool(ctx context.Context, c *Call, q *request, how style, who User) *answer {
	s.mu.Lock()
	children := *s.switches.Children
	s.mu.Unlock()
	if children == 0 {
		return soapFault("Server", "No Web services accepted")
	}
	index, first := s.pool.enter(children)
	if index < 0 {
		return how.answer(q.op, busyPool(q))
	}
	defer s.pool.leave(index)
	if q.fault != nil && q.fault.Kind == Slow {
		wait(ctx, q.fault.Delay)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	res := s.process(c, q, who, first)
	res.entry = index
	c.result(res)
	return how.answer(q.op, res)
}

func busyPool(q *request) *result {
	r := refused(say("Aucune entrée libre dans le pool", "No free entry in the pool"), q.context["codeLang"])
	r.busy = true
	return r
}

// config are the settings of one call.
type config map[string]string

// configOf reads requestConfig: settings parted by &.
func configOf(text string) config {
	out := config{}
	for one := range strings.SplitSeq(text, "&") {
		name, value, _ := strings.Cut(strings.TrimSpace(one), "=")
		if unescaped, err := url.QueryUnescape(value); err == nil {
			value = unescaped
		}
		out[name] = value
	}
	return out
}

func (n config) on(name string) bool { return n[name] == "on" || n[name] == "true" }

// process carries a call out and traces what is refused. The caller has the lock.
func (s *Server) process(c *Call, q *request, who User, first bool) *result {
	conf := configOf(q.context["requestConfig"])
	n, wrong := s.become(who, first, conf["adxwss.optiontype"] == "adxwss.optiontype.multi")
	c.User = n.user
	var res *result
	if wrong != nil {
		res = refused(wrong, "")
	} else {
		v := &visit{s: s, c: c, q: q, who: n, look: s.lookOf(q, conf)}
		res = v.work()
		res.userChanged = n.user == n.asked
	}
	res.lang = q.context["codeLang"]
	if limit := s.opts.SizeLimit; limit > 0 && len(res.xml) > limit {
		res = refused(plain("WSSIZELIMIT: the result is too large"), res.lang)
	}
	s.trace(c, res, conf.on("adxwss.trace.on"))
	return res
}

func (s *Server) lookOf(q *request, conf config) look {
	l := look{root: s.switches.ResultRoot, lang: q.context["codeLang"], zone: s.opts.Zone, beautify: conf.on("adxwss.beautify")}
	switch strings.ToUpper(conf["adxwss.optreturn"]) {
	case "JSON":
		l.json = true
	case "":
		l.json = s.switches.OptReturn == ReturnJSON
	}
	return l
}

// trace keeps the cause of a refusal on the server, and tells its code where this site shows it.
func (s *Server) trace(c *Call, res *result, asked bool) {
	if asked {
		res.traceRequest = "[" + c.Op + "] " + c.PublicName
	}
	if !res.failed() {
		return
	}
	s.state.Traced++
	res.traceCode = fmt.Sprintf("F%06d", s.state.Traced)
	c.Trace = res.traceCode
	s.traces = append(s.traces, Trace{res.traceCode, c.Seq, res.messages[len(res.messages)-1].text.en})
	shown := "Code de la trace sur le serveur distant: " + res.traceCode
	switch {
	case s.switches.Trace == TraceMessages:
		res.messages = append(res.messages, message{information, *plain("%s", shown)})
	case s.switches.Trace == TraceReport:
		res.traceReport = "[err] " + shown
	case asked:
		res.traceRequest += "\n" + shown
	}
}

// Traces gives the traces that the server keeps.
func (s *Server) Traces() []Trace {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Trace(nil), s.traces...)
}
