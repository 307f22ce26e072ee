package quickbooks_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/quickbooks"
	"syncbox/connectors/rest"
)

const (
	theRealm  = "9130347957986500"
	theSecret = "S3cret.of.the.client"
	theClient = "ABclient42"
)

// place keeps bytes as the box does: durable when Save returns nil.
type place struct {
	mu    sync.Mutex
	kept  []byte
	saves int
	fail  error // of Save
}

func (p *place) Load() ([]byte, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return bytes.Clone(p.kept), nil
}

func (p *place) Save(b []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fail != nil {
		return p.fail
	}
	p.kept, p.saves = bytes.Clone(b), p.saves+1
	return nil
}

// said is an answer of a server.
type said struct {
	status int
	header http.Header
	body   string
	err    error // instead of an answer: the connection is lost
}

// vendor is Intuit without a network: its API and its sign-in. Tests set what they answer.
type vendor struct {
	mu      sync.Mutex
	api     func(*http.Request) said
	signIn  func(r *http.Request, body string) said
	seen    []*http.Request // of the API
	asked   []string        // paths and bodies that the sign-in got
	headers []http.Header   // of the sign-in
}

func (v *vendor) RoundTrip(r *http.Request) (*http.Response, error) {
	body := ""
	if r.Body != nil {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		body = string(b)
	}
	api := strings.HasPrefix(r.URL.Path, "/v3/company/")
	v.mu.Lock()
	if api {
		v.seen = append(v.seen, r)
	} else {
		v.asked, v.headers = append(v.asked, r.URL.Path+" "+body), append(v.headers, r.Header)
	}
	v.mu.Unlock()
	var s said
	if api {
		s = v.api(r)
	} else {
		s = v.signIn(r, body)
	}
	if s.err != nil {
		return nil, s.err
	}
	if s.header == nil {
		s.header = http.Header{}
	}
	return &http.Response{StatusCode: s.status, Header: s.header, Body: io.NopCloser(strings.NewReader(s.body)), Request: r}, nil
}

// rig is a client, its places and the vendor.
type rig struct {
	t      *testing.T
	v      *vendor
	tokens *place
	meter  *place
	cfg    quickbooks.Config
	log    bytes.Buffer
	logger *slog.Logger // one for all clients, since they share the buffer
}

// direct is a good configuration of a box that has its own client id.
func direct() quickbooks.Config {
	return quickbooks.Config{ClientID: theClient, ClientSecret: theSecret, RedirectURL: "https://box.example/return"}
}

// connected makes a rig of a box that is connected, with an access token good for an hour.
func connected(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t, v: &vendor{}, tokens: &place{}, meter: &place{}, cfg: direct()}
	r.cfg.Meter = r.meter
	r.logger = slog.New(slog.NewTextHandler(&r.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	r.v.api = func(*http.Request) said { return said{status: 200, body: `{"QueryResponse":{}}`} }
	r.v.signIn = func(*http.Request, string) said { return said{status: 500} }
	r.put(r.grant())
	return r
}

func (r *rig) grant() quickbooks.Grant {
	now := time.Now()
	return quickbooks.Grant{State: quickbooks.Connected, Realm: theRealm, Access: "access-1", Refresh: "refresh-1",
		Until: now.Add(time.Hour), Idle: now.AddDate(0, 0, 100), Hard: now.AddDate(5, 0, 0), Since: now, Last: now}
}

func (r *rig) put(g quickbooks.Grant) {
	r.t.Helper()
	if err := quickbooks.PutGrant(r.tokens, g); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) kept() quickbooks.Grant {
	r.t.Helper()
	g, err := quickbooks.GrantIn(r.tokens)
	if err != nil {
		r.t.Fatal(err)
	}
	return g
}

func (r *rig) open() *quickbooks.API {
	r.t.Helper()
	a, err := quickbooks.NewAPI(r.cfg, r.tokens, r.logger, r.v)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() {
		if err := a.Close(); err != nil {
			r.t.Error(err)
		}
	})
	return a
}

// tokensOf is Intuit's answer with tokens.
func tokensOf(access, refresh string) said {
	return said{status: 200, body: fmt.Sprintf(`{"token_type":"bearer","access_token":%q,"refresh_token":%q,"expires_in":3600,"x_refresh_token_expires_in":8726400,"x_refresh_token_hard_expires_in":157680000}`, access, refresh)}
}

func faultBody(code, kind string) string {
	return fmt.Sprintf(`{"Fault":{"Error":[{"Message":"about Jean Tremblay","Detail":"Tremblay","code":%q,"element":""}],"type":%q},"time":"2026-11-22T09:00:00Z"}`, code, kind)
}

// want is what an error should be.
type want struct {
	kind connectors.Kind
	code string
	sure bool // certain that nothing was done
}

func (w want) check(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want %s", w.code)
	}
	if connectors.KindOf(err) != w.kind || connectors.CodeOf(err) != w.code || errors.Is(err, rest.ErrNotApplied) != w.sure {
		t.Errorf("got %v, %s, certain %v (%v); want %v, %s, %v", connectors.KindOf(err), connectors.CodeOf(err),
			errors.Is(err, rest.ErrNotApplied), err, w.kind, w.code, w.sure)
	}
	if leaked(err.Error()) {
		t.Errorf("the error tells a secret or a customer: %v", err)
	}
}

// leaked says whether text holds what nobody may see.
func leaked(text string) bool {
	for _, word := range []string{"access-", "refresh-", theSecret, theClient, theRealm, "Tremblay", "Basic ", "Bearer "} {
		if strings.Contains(text, word) {
			return true
		}
	}
	return false
}
