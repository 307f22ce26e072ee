package sagecrm

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/rest"
	"syncbox/connectors/rest/soap"
)

// How often a lost session is renewed, and in which time, before somebody else is said to take it away.
const (
	mostRenewals = 3
	renewalTime  = 10 * time.Minute
)

// webService is the SOAP interface. It has one session, which lasts from one log-on to Close.
type webService struct {
	crm      *CRM
	url      *url.URL
	plain    bool   // names in envelopes are those of the plain profile
	session  string // secret; empty without one
	renewals []time.Time
	noIDs    bool // queryid was refused
}

func newSOAP(c *CRM) *webService {
	return &webService{crm: c, url: c.base.JoinPath(c.cfg.Install, "eware.dll", "webservices", "soap"), plain: c.cfg.Profile == "plain"}
}

func (w *webService) name() string { return "soap" }

// open logs on, with the other profile where the first one is not understood.
func (w *webService) open(ctx context.Context) error {
	err := w.logon(ctx)
	if w.crm.cfg.Profile == "auto" && connectors.CodeOf(err) == CodeFault {
		w.plain = true
		err = w.logon(ctx)
	}
	if why(err) == notFound {
		return with(w.failure(connectors.Drift, CodeNoInterface, err), "interface", w.name())
	}
	return err
}

// logon begins a session. A refusal that says nothing of its reason is one of the user or the password, unless the whole
// call is not understood.
func (w *webService) logon(ctx context.Context) error {
	body, err := w.send(ctx, "logon", "", []soap.Value{{Name: "username", Text: w.crm.cfg.User}, {Name: "password", Text: w.crm.cfg.Password}})
	if r, ok := errors.AsType[*refusal](err); ok && r.why != notFound && !misunderstood(r.text) {
		return w.refusedLogon()
	}
	if err != nil {
		return err
	}
	text, there := find(body, "sessionid")
	if w.session = text; there && (text == "" || text == "0") {
		w.session = ""
		return w.refusedLogon()
	}
	if !there {
		return w.failure(connectors.Unavailable, CodeBadAnswer, errors.New("a log-on without a session"))
	}
	return nil
}

func (w *webService) refusedLogon() error {
	return w.failure(connectors.Auth, CodeAuth, fmt.Errorf("the log-on is refused: %w", rest.ErrNotApplied))
}

// misunderstood says whether the words of a fault are about the form of a call.
func misunderstood(text string) bool {
	text = strings.ToLower(text)
	for _, words := range []string{"namespace", "method", "operation", "unknown element", "not recognised", "not recognized"} {
		if strings.Contains(text, words) {
			return true
		}
	}
	return false
}

// leave ends the session. What goes wrong then harms nobody: the server ends it by itself.
func (w *webService) leave(ctx context.Context) {
	if w.session != "" {
		_, _ = w.send(ctx, "logoff", w.session, []soap.Value{{Name: "sessionId", Text: w.session}})
		w.session = ""
	}
}

// call does an operation in the session. A lost session is renewed once: the CRM did nothing then.
func (w *webService) call(ctx context.Context, operation string, args ...soap.Value) (*soap.Node, error) {
	if err := w.enter(ctx); err != nil {
		return nil, err
	}
	body, err := w.send(ctx, operation, w.session, args)
	if why(err) != sessionLost {
		return body, w.crm.noted(err)
	}
	if err := w.renew(ctx); err != nil {
		return nil, err
	}
	body, err = w.send(ctx, operation, w.session, args)
	if why(err) == sessionLost {
		w.session = ""
	}
	return body, w.crm.noted(err)
}

// enter logs on where there is no session.
func (w *webService) enter(ctx context.Context) error {
	if w.session != "" {
		return nil
	}
	return w.crm.noted(w.logon(ctx))
}

// renew logs on again, unless that was done too often: two that take one user's session from each other never end.
func (w *webService) renew(ctx context.Context) error {
	w.session = ""
	now := w.crm.cfg.Now()
	for len(w.renewals) > 0 && now.Sub(w.renewals[0]) > renewalTime {
		w.renewals = w.renewals[1:]
	}
	if len(w.renewals) >= mostRenewals {
		return w.failure(connectors.Unavailable, CodeSessionStolen, fmt.Errorf("ended %d times: %w", len(w.renewals)+1, &refusal{why: sessionLost}))
	}
	w.renewals = append(w.renewals, now)
	return w.enter(ctx)
}

// send does one call and gives the answer's first element.
func (w *webService) send(ctx context.Context, operation, session string, args []soap.Value) (*soap.Node, error) {
	a, err := w.crm.do(ctx, rest.Request{
		Method: http.MethodPost, URL: w.url, Body: w.envelope(operation, session, args),
		Header: http.Header{"Content-Type": {soap.Type}, "SOAPAction": {`""`}},
	})
	if err != nil {
		return nil, err
	}
	return w.sort(a)
}

var faultWord = regexp.MustCompile(`(?i)\bfault(code|string)?\b`)

// sort gives the body of a good answer, and an error with a code for every other one.
func (w *webService) sort(a *rest.Answer) (*soap.Node, error) {
	body, err := soap.Body(a.Body)
	fault, isFault := errors.AsType[*soap.Fault](err)
	switch {
	case isFault:
		return nil, w.refuse(oneLine(fault.Text), CodeFault)
	case err != nil && isPage(a):
		text := pageText(a.Body)
		if reasonOf(text) != unknownReason && a.Status != http.StatusNotFound {
			return nil, w.refuse(text, CodeFaultPage)
		}
		if faultWord.MatchString(text) { // whoever wrote it, what was asked for may be done
			return nil, w.failure(connectors.Unavailable, CodeFaultPage, fmt.Errorf("status %d, a page", a.Status))
		}
		if kind, code, err := byStatus(a); err != nil && a.Status < 500 {
			return nil, w.failure(kind, code, err)
		}
		return nil, w.failure(connectors.Unavailable, CodeHTML, fmt.Errorf("status %d, a page", a.Status))
	}
	if kind, code, err := byStatus(a); err != nil {
		return nil, w.failure(kind, code, err)
	}
	switch {
	case err != nil && (len(a.Body) == 0 || strings.Contains(err.Error(), "cut off")):
		return nil, w.failure(connectors.Unavailable, CodeCut, err)
	case err != nil:
		return nil, w.failure(connectors.Unavailable, CodeBadAnswer, err)
	}
	return body, nil
}

// refuse makes the error of the CRM's own words, which it does not show: a record may stand in them.
func (w *webService) refuse(text, code string) error {
	r := &refusal{why: reasonOf(text), text: text}
	kind, sorted := w.crm.kindOf(r.why)
	if r.why != unknownReason {
		code = sorted
	}
	e := w.failure(kind, code, r)
	if r.why == entityDisabled {
		return with(e, "entity", entityIn(text))
	}
	return e
}

// entityIn takes the name of an entity that the CRM has between quotes.
func entityIn(text string) string {
	_, after, _ := strings.Cut(text, "'")
	name, _, ok := strings.Cut(after, "'")
	if !ok || !shortColumn.MatchString(strings.ToLower(name)) {
		return ""
	}
	return strings.ToLower(name)
}

func (w *webService) failure(kind connectors.Kind, code string, err error) *connectors.Error {
	return w.crm.failure(kind, code, http.MethodPost, w.url, err)
}

// findAll gives the ids under a name, however deep, in their order.
func findAll(n *soap.Node, name string) []string {
	var ids []string
	if id := plainID(n.Text); id != "" && strings.EqualFold(n.Name, name) {
		ids = append(ids, id)
	}
	for _, c := range n.Children {
		ids = append(ids, findAll(c, name)...)
	}
	return ids
}

// find gives the first text under a name, however deep, and whether there is one.
func find(n *soap.Node, name string) (string, bool) {
	if strings.EqualFold(n.Name, name) {
		return n.Text, true
	}
	for _, c := range n.Children {
		if text, there := find(c, name); there {
			return text, true
		}
	}
	return "", false
}
