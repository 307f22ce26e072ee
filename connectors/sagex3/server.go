package sagex3

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/connectors/rest"
	"syncbox/connectors/rest/soap"
)

// Server is a folder of X3, as all users of a box share it: one call at a time, whoever makes it.
type Server struct {
	cfg     Config
	base    *url.URL
	url     *url.URL // of the web services
	secrets *rest.Secrets
	client  *rest.Client

	mu           sync.Mutex             // guards what follows
	descriptions map[string]description // by publication
	takesPart    map[record.Key]parts   // of appointments
	unknown      map[string]time.Time   // codes of tiers that X3 left out of records, and when
}

// endpoints are the paths of the web services by profile.
var endpoints = map[string]string{
	V7: "/soap-generic/syracuse/collaboration/syracuse/CAdxWebServiceXmlCC",
	V6: "/adxwsvc/services/CAdxWebServiceXmlCC",
}

// New makes the server; it starts nothing and sends nothing. transport carries the requests, nil for one of its own; log may
// be nil. The error wraps ErrConfig.
func New(cfg Config, log *slog.Logger, transport http.RoundTripper) (*Server, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	base, err := url.Parse(cfg.BaseURL)
	if err != nil {
		return nil, fmt.Errorf("%w: address is not of the form https://host", ErrConfig)
	}
	basic := base64.StdEncoding.EncodeToString([]byte(cfg.User + ":" + cfg.Password))
	s := &Server{
		cfg: cfg, base: base, url: base.JoinPath(endpoints[cfg.Profile]), secrets: rest.NewSecrets(cfg.User, cfg.Password, basic),
		descriptions: map[string]description{}, takesPart: map[record.Key]parts{}, unknown: map[string]time.Time{},
	}
	s.client = rest.New(rest.Config{
		Transport: transport, Timeout: cfg.Timeout, PerSecond: cfg.Rate, MaxBody: cfg.MaxAnswer, Secrets: s.secrets, Log: log, Now: cfg.Now,
		Codes: rest.Codes{Unreachable: CodeUnreachable, Certificate: CodeCertificate, RateLimited: CodeRateLimited, BadAnswer: CodeBadAnswer},
		Authorize: func(r *http.Request) error {
			if cfg.Profile == V7 {
				r.Header.Set("Authorization", "Basic "+basic)
			}
			return nil
		},
	})
	return s, nil
}

// Close lets go of idle connections. It may be called twice.
func (s *Server) Close() error {
	s.client.Close()
	return nil
}

// String gives the configuration without its secrets.
func (s *Server) String() string { return s.cfg.String() }

// GoString is String.
func (s *Server) GoString() string { return s.String() }

// result is what an operation gave.
type result struct {
	*payload
	damaged  error // why there is no payload, if X3 gave one that can't be read
	warnings int
	trace    string // code of X3's own trace, empty without one
}

// refused is in the chain of an error with which X3 answered a call on one record.
type refused struct{ trace string }

// Error gives the line that people look for in X3's own trace.
func (r *refused) Error() string {
	if r.trace == "" {
		return "refused"
	}
	return "refused, - - - Code de la trace sur le serveur distant: " + r.trace + " - - -"
}

// call does one operation on a publication. X3's refusal of one record is a *refused in a *connectors.Error of kind Rejected.
func (s *Server) call(ctx context.Context, operation, publication string, args ...soap.Value) (*result, error) {
	parts := append([]soap.Value{s.context(), soap.String("publicName", publication)}, args...)
	body := soap.Envelope([]string{"xmlns:wss", "http://www.adonix.com/WSS"}, nil, []soap.Value{{
		Name: "wss:" + operation, Attrs: []string{"soapenv:encodingStyle", "http://schemas.xmlsoap.org/soap/encoding/"}, Children: parts,
	}})
	a, err := s.client.Do(ctx, rest.Request{
		Method: http.MethodPost, URL: s.url, Body: body,
		Header: http.Header{"Content-Type": {soap.Type}, "SOAPAction": {`""`}},
	})
	if err != nil {
		return nil, err
	}
	answer, err := s.answer(a, publication)
	if err != nil {
		return nil, err
	}
	r, err := s.result(answer, publication)
	if err == nil && r.empty && slices.Contains([]string{"read", "query", "getDescription"}, operation) {
		return nil, s.failure(connectors.Unavailable, CodeBadAnswer, fmt.Errorf("%s: a success without a result: %w", operation, cmp.Or(r.damaged, errNothing)))
	}
	return r, err
}

var errNothing = errors.New("it is empty")

// context is the call context. Traces are asked for, so that a refusal has a code in them.
func (s *Server) context() soap.Value {
	config := "adxwss.trace.on=on&adxwss.trace.size=16384&adonix.trace.on=on&adonix.trace.level=3&adonix.trace.size=8" +
		"&adxwss.optiontype=adxwss.optiontype.multi"
	if s.cfg.Payload == "json" {
		config += "&adxwss.optreturn=JSON"
	}
	user, password := "", ""
	if s.cfg.Profile == V6 {
		user, password = s.cfg.User, s.cfg.Password
	}
	return soap.Value{Name: "callContext", Type: "wss:CAdxCallContext", Children: []soap.Value{
		soap.String("codeLang", s.cfg.Language), soap.String("codeUser", user), soap.String("password", password),
		soap.String("poolAlias", s.cfg.Pool), soap.String("poolId", ""), soap.String("requestConfig", config),
	}}
}

// keys are the objectKeys of a call, key and value by turns.
func keys(pairs ...string) soap.Value {
	v := soap.Value{Name: "objectKeys", Type: "wss:ArrayOfCAdxParamKeyValue", Attrs: []string{
		"soapenc:arrayType", fmt.Sprintf("wss:CAdxParamKeyValue[%d]", len(pairs)/2),
	}}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Children = append(v.Children, soap.Value{Name: "item", Type: "wss:CAdxParamKeyValue", Children: []soap.Value{
			soap.String("key", pairs[i]), soap.String("value", pairs[i+1]),
		}})
	}
	return v
}

// The texts by which X3 says why it does not even begin.
const (
	textNoChildren   = "No Web services accepted"
	textNotPublished = "Unknown web service"
	textLogin        = "Change login error"
)

// answer gives the return value of an answer that is one of X3's.
func (s *Server) answer(a *rest.Answer, publication string) (*soap.Node, error) {
	body, err := soap.Body(a.Body)
	var fault *soap.Fault
	switch {
	case a.Status == http.StatusUnauthorized || a.Status == http.StatusForbidden:
		return nil, s.failure(connectors.Auth, CodeAuth, fmt.Errorf("status %d", a.Status))
	case errors.As(err, &fault):
		return nil, s.sorted(fault.Text, publication, fmt.Errorf("status %d, a fault", a.Status))
	case a.Status != http.StatusOK && strings.Contains(string(a.Body), textNoChildren):
		return nil, s.sorted(textNoChildren, publication, fmt.Errorf("status %d", a.Status))
	case a.Status != http.StatusOK:
		return nil, s.failure(connectors.Unavailable, CodeServerError, fmt.Errorf("status %d", a.Status))
	case err != nil:
		return nil, s.failure(connectors.Unavailable, CodeBadAnswer, err)
	case len(body.Children) == 0:
		return nil, s.failure(connectors.Unavailable, CodeBadAnswer, errors.New("an answer without a return value"))
	}
	return body.Children[0], nil
}

// sorted makes an error of X3's text, which is not shown: it may hold a customer's.
func (s *Server) sorted(text, publication string, err error) *connectors.Error {
	switch {
	case strings.Contains(text, textNoChildren):
		return s.failure(connectors.Auth, CodeNoChildren, err)
	case strings.Contains(text, textLogin):
		return s.failure(connectors.Auth, CodeAuth, err)
	case strings.Contains(text, textNotPublished):
		e := s.failure(connectors.Drift, CodeNotPublished, err)
		e.Args = map[string]string{"publication": publication}
		return e
	}
	return s.failure(connectors.Unavailable, CodeServerError, err)
}

func (s *Server) failure(kind connectors.Kind, code string, err error) *connectors.Error {
	return &connectors.Error{Kind: kind, Code: code, Err: fmt.Errorf("POST %s: %w", s.secrets.URL(s.url), err)}
}

// result reads a CAdxResultXml. It is a success only with status 1 and without a message of type 3.
func (s *Server) result(n *soap.Node, publication string) (*result, error) {
	r := &result{trace: trace(n)}
	refusal := ""
	failed := n.Get("status") != "1"
	said := 0
	if messages := n.Child("messages"); messages != nil {
		for _, m := range messages.Children {
			said++
			switch m.Get("type") {
			case "3":
				failed = true
				refusal += m.Get("message") + "\n"
			case "2":
				r.warnings++
			case "1":
				refusal += m.Get("message") + "\n"
			}
		}
	}
	if failed {
		if strings.Contains(refusal, textNotPublished) || strings.Contains(refusal, textLogin) || strings.Contains(refusal, textNoChildren) {
			return nil, s.sorted(refusal, publication, errors.New("status 0"))
		}
		if strings.EqualFold(n.Get("technicalInfos", "busy"), "true") {
			return nil, s.failure(connectors.Unavailable, CodeBusy, fmt.Errorf("every child of the pool is at work: %w", rest.ErrNotApplied))
		}
		if said == 0 {
			return nil, s.failure(connectors.Unavailable, CodeServerError, errors.New("status 0 without a word"))
		}
		return nil, s.failure(connectors.Rejected, CodeRecordRefused, &refused{r.trace})
	}
	p, err := parsePayload(n.Get("resultXml"))
	if err != nil { // what was done is done
		p, r.damaged = &payload{empty: true}, err
	}
	r.payload = p
	return r, nil
}

// traceCode is how X3 names a trace of its own.
var traceCode = regexp.MustCompile(`\bF[0-9]{3,}\b`)

// trace finds the code of X3's trace wherever a version puts it.
func trace(n *soap.Node) string {
	texts := []string{n.Get("technicalInfos", "traceRequest"), n.Get("technicalInfos", "processReport")}
	if messages := n.Child("messages"); messages != nil {
		for _, m := range messages.Children {
			texts = append(texts, m.Get("message"))
		}
	}
	for _, text := range texts {
		if code := traceCode.FindString(text); code != "" {
			return code
		}
	}
	return ""
}
