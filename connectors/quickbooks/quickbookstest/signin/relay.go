package signin

import (
	"encoding/json"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// The paths of the relay, version 1, and the redirect address of the zero Options.
const (
	BeginPath       = "/v1/quickbooks/begin"
	CollectPath     = "/v1/quickbooks/collect"
	ExchangePath    = "/v1/quickbooks/exchange"
	RefreshPath     = "/v1/quickbooks/refresh"
	RelayRevokePath = "/v1/quickbooks/revoke"
	DefaultRedirect = "https://relay.example/v1/quickbooks/callback"
)

// SignInLife is how long a state is good.
const SignInLife = 10 * time.Minute

// RelayOptions describe a relay. Intuit is wanted; the rest defaults to what Options default to.
type RelayOptions struct {
	Intuit                            http.RoundTripper // to the service, for the three addresses below
	AuthorizeURL, TokenURL, RevokeURL string            // default: Intuit's own
	ClientID, ClientSecret            string
	RedirectURI                       string // the relay's own page; its path is served
	Plain                             bool   // requests without TLS are taken too
	Clock                             func() time.Time
	Seed                              uint64
	JournalLimit                      int
	Log                               *slog.Logger
}

func (o *RelayOptions) fill() {
	setDefault(&o.AuthorizeURL, "https://appcenter.intuit.com"+AuthorizePath)
	setDefault(&o.TokenURL, "https://oauth.platform.intuit.com"+TokenPath)
	setDefault(&o.RevokeURL, "https://developer.api.intuit.com"+RevokePath)
	setDefault(&o.ClientID, "client-id")
	setDefault(&o.ClientSecret, "client-secret")
	setDefault(&o.RedirectURI, DefaultRedirect)
	setDefault(&o.JournalLimit, 100_000)
	setDefault(&o.Log, slog.New(slog.DiscardHandler))
	if o.Clock == nil {
		o.Clock = time.Now
	}
}

// Relay is our hosted service between the boxes and Intuit. It owns the redirect address and adds the
// client secret. It keeps states for ten minutes, a code until the box asks, and no token: the code is
// exchanged while the box waits for the answer. It is an http.Handler, safe for many callers at once.
type Relay struct {
	*clock
	*journal
	*faults
	opts     RelayOptions
	redirect *url.URL
	states   *source

	mu      sync.Mutex // guards signIns
	signIns map[string]*signIn
}

// NewRelay makes a relay that knows of nobody. It starts nothing.
func NewRelay(o RelayOptions) *Relay {
	o.fill()
	u, err := url.Parse(o.RedirectURI)
	if err != nil || o.Intuit == nil {
		panic("signin: a relay wants Intuit and a RedirectURI")
	}
	return &Relay{clock: &clock{base: o.Clock}, journal: newJournal(o.JournalLimit), faults: newFaults(),
		opts: o, redirect: u, states: newSource(o.Seed, 3), signIns: map[string]*signIn{}}
}

// relayRequest is a call as the relay works on it. Of the fields each path wants its own.
type relayRequest struct {
	*http.Request `json:"-"`
	Box           string `json:"box"`
	State         string `json:"state"`
	Code          string `json:"code"`
	Realm         string `json:"realm"`
	RefreshToken  string `json:"refresh_token"`
	Token         string `json:"token"`
}

// ServeHTTP answers one call of a box, or of the browser that comes back.
func (r *Relay) ServeHTTP(w http.ResponseWriter, in *http.Request) {
	c := r.begin(r.Now(), in.Method, in.URL.Path)
	what, do := r.route(in)
	c.What = what
	a := r.through(in.Context(), c, func() *answer { return do(c, in) })
	if in.Context().Err() != nil {
		c.Lost = true
	}
	c.finish(a, r.Now())
	r.add(c)
	r.opts.Log.Debug("call", "what", c.What, "status", c.Status, "outcome", c.Outcome, "done", c.Done)
	a.write(w)
}

type relayWork func(*Call, *http.Request) *answer

// route names a call and gives its work.
func (r *Relay) route(in *http.Request) (What, relayWork) {
	switch in.URL.Path {
	case BeginPath:
		return Begin, r.asked(r.beginSignIn, func(q *relayRequest) []string { return []string{q.Box} })
	case CollectPath:
		return Collect, r.asked(r.collect, func(q *relayRequest) []string { return []string{q.State} })
	case ExchangePath:
		return Exchange, r.asked(r.exchange, func(q *relayRequest) []string { return []string{q.State, q.Code, q.Realm} })
	case RefreshPath:
		return Refresh, r.asked(r.refresh, func(q *relayRequest) []string { return []string{q.RefreshToken} })
	case RelayRevokePath:
		return Revoke, r.asked(r.revoke, func(q *relayRequest) []string { return []string{q.Token} })
	case r.redirect.Path:
		return Callback, r.callback
	}
	return Other, func(*Call, *http.Request) *answer { return notAllowed(http.StatusNotFound) }
}

// asked does a work for a POST over TLS whose JSON has the wanted fields.
func (r *Relay) asked(do func(*Call, *relayRequest) *answer, wanted func(*relayRequest) []string) relayWork {
	return func(c *Call, in *http.Request) *answer {
		if in.TLS == nil && !r.opts.Plain {
			return refuse(http.StatusForbidden, "tls_required", "request without TLS")
		}
		if in.Method != http.MethodPost {
			return notAllowed(http.StatusMethodNotAllowed)
		}
		q := &relayRequest{Request: in}
		kind, _, _ := mime.ParseMediaType(in.Header.Get("Content-Type"))
		body, err := io.ReadAll(io.LimitReader(in.Body, maxBody))
		if err != nil || kind != "application/json" || json.Unmarshal(body, q) != nil {
			return refuse(http.StatusBadRequest, "invalid_request", "body: want application/json")
		}
		for _, value := range wanted(q) {
			if value == "" {
				return refuse(http.StatusBadRequest, "invalid_request", "body: a field is missing")
			}
		}
		return do(c, q)
	}
}
