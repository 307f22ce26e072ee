package salesmanagement

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"syncbox/connectors"
	"syncbox/connectors/rest"
)

// call is one exchange. in is the body of a write, nil for none.
type call struct {
	method string
	url    *url.URL
	header http.Header
	in     payload
}

// at gives the address of something of the API.
func (t *Tenant) at(parts ...string) *url.URL { return t.base.JoinPath(parts...) }

// logon makes a session. After a refused log-on nothing is sent until Retry.
func (t *Tenant) logon(ctx context.Context) error {
	if t.refused != nil {
		return t.refused
	}
	c := call{method: http.MethodPost, url: t.at("login"), in: payload{"username": t.cfg.PublicKey, "password": t.cfg.PrivateKey}}
	a, err := t.send(ctx, c)
	if err != nil {
		return unsent(err) // the call that needed the session was not sent
	}
	switch a.Status {
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden:
		t.refused = unsent(t.failure(connectors.Auth, CodeAuth, c, fmt.Errorf("status %d", a.Status)))
		return t.refused
	}
	r, err := t.object(c, a)
	if err != nil {
		return unsent(err)
	}
	if t.token = r.text("token"); t.token == "" {
		return unsent(t.failure(connectors.Unavailable, CodeBadAnswer, c, errors.New("no token")))
	}
	return nil
}

// unsent marks the error of a log-on as one of a call that was not sent.
func unsent(err error) error {
	if err == nil || errors.Is(err, rest.ErrNotApplied) {
		return err
	}
	marked := &connectors.Error{Kind: connectors.KindOf(err), Code: connectors.CodeOf(err), Err: fmt.Errorf("%w (%w)", err, rest.ErrNotApplied)}
	if e, ok := errors.AsType[*connectors.Error](err); ok {
		marked.Args, marked.Retry = e.Args, e.Retry
	}
	return marked
}

// do makes a call in a session. One that a 401 ended is renewed once: what a 401 answers was not carried out. A second 401 in a
// row stops this side until a person has looked (M2).
func (t *Tenant) do(ctx context.Context, c call) (*rest.Answer, error) {
	for renewed := false; ; renewed = true {
		if t.token == "" {
			if err := t.logon(ctx); err != nil {
				return nil, err
			}
		}
		a, err := t.send(ctx, c)
		if err != nil || a.Status != http.StatusUnauthorized {
			return a, err
		}
		t.token = ""
		if renewed {
			t.refused = unsent(t.failure(connectors.Auth, CodeAuth, c, errors.New("status 401 for a new session")))
			return nil, t.refused
		}
	}
}

// send makes a call as it is.
func (t *Tenant) send(ctx context.Context, c call) (*rest.Answer, error) {
	r := rest.Request{Method: c.method, URL: c.url, Header: http.Header{"Accept": {"application/json"}}}
	for name, values := range c.header {
		r.Header[name] = values
	}
	if t.token != "" {
		r.Header.Set("X-Session-Key", t.token)
	}
	if c.in != nil {
		var err error
		if r.Body, err = json.Marshal(c.in); err != nil {
			return nil, unsent(t.failure(connectors.Rejected, CodeBadOp, c, errors.New("the request can't be written")))
		}
		r.Header.Set("Content-Type", "application/json")
	}
	a, err := t.client.Do(ctx, r)
	if a != nil {
		t.hear(a.Header)
	}
	return a, err
}

// failure makes an error of a call; its text names the path alone.
func (t *Tenant) failure(kind connectors.Kind, code string, c call, err error) *connectors.Error {
	return &connectors.Error{Kind: kind, Code: code, Err: fmt.Errorf("%s %s: %w", c.method, t.secrets.URL(c.url), err)}
}
