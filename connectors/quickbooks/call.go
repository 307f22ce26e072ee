package quickbooks

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/rest"
)

const (
	minorVersion  = "75" // the oldest that the vendor still serves
	userAgent     = "syncbox"
	tidHeader     = "intuit_tid"
	maxRequestID  = 50
	customersPath = "customer"
)

// answer is an answer of QuickBooks that is JSON and no fault.
type answer struct {
	Body []byte
	Tid  string // Intuit's own name of the exchange, for its support; may be empty
}

// api speaks to one company. One request at a time; limits, budget, tokens and faults are its business.
// Its methods may be called by several goroutines; they wait for each other.
type api struct {
	cfg       Config
	tokens    Tokens
	link      *link
	budget    *budget
	minute    *minute
	log       *slog.Logger
	transport http.RoundTripper

	mu     sync.Mutex
	client *rest.Client // of the company that is connected; guarded by mu
	of     string       // that company; guarded by mu
	halt   error        // a log-on that was refused; guarded by mu
	halted time.Time    // the connection that it was refused to; guarded by mu
	until  time.Time    // nothing is sent before; guarded by mu
}

// newAPI makes the client of one company; it starts nothing and sends nothing. cfg is valid and has its
// defaults; log and transport may be nil.
func newAPI(cfg Config, tokens Tokens, log *slog.Logger, transport http.RoundTripper) (*api, error) {
	log = orDiscard(log)
	return &api{cfg: cfg, tokens: tokens, link: newLink(cfg, tokens, log, transport), budget: newBudget(cfg),
		minute: newMinute(cfg.PerMinute), log: log, transport: transport}, nil
}

// call is one request to the company.
type call struct {
	method, path string
	query        url.Values
	body         []byte
	needed       bool // a read that a write can't be made without
}

func (c call) writing() bool { return c.method == http.MethodPost }

// read is a metered GET below the company's base ("query", "cdc", "customer/12"); minorversion is added.
// Errors are *connectors.Error with the kinds and codes of codes.go; a fault of QuickBooks itself is in
// the chain as *fault.
func (a *api) read(ctx context.Context, path string, query url.Values) (*answer, error) {
	return a.do(ctx, call{method: http.MethodGet, path: path, query: query})
}

// readForWrite is read for a GET without which a write can't be made: it goes on when the box's own
// allowance of the month is used up.
func (a *api) readForWrite(ctx context.Context, path string, query url.Values) (*answer, error) {
	return a.do(ctx, call{method: http.MethodGet, path: path, query: query, needed: true})
}

// write POSTs JSON with the idempotency key: what is sent again under the same key is done once.
// errors.Is(err, rest.ErrNotApplied) means it is certain that nothing was done. Only customers can be
// written: there is no way to a transaction (QBO-12, QBO-52).
func (a *api) write(ctx context.Context, path, requestID string, body []byte) (*answer, error) {
	if path != customersPath || requestID == "" {
		return nil, sure(connectors.Rejected, CodeRecordRefused, errors.New("write: only customers are written, and with a request id"))
	}
	return a.do(ctx, call{method: http.MethodPost, path: path, query: url.Values{"requestid": {requestKey(requestID)}}, body: body})
}

// requestKey gives an id in a form that the vendor takes; the same id gives the same one.
func requestKey(id string) string {
	if len(id) <= maxRequestID {
		return id
	}
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:20])
}

// do makes a call: again with a new access token where one is refused, and once more where the server is ill.
func (a *api) do(ctx context.Context, c call) (*answer, error) {
	if err := a.standing(); err != nil {
		return nil, err
	}
	g, err := a.link.token(ctx, "")
	if err != nil {
		a.note(err, g)
		return nil, err
	}
	ans, err := a.try(ctx, c, g)
	if connectors.CodeOf(err) == CodeTokenRefused {
		ans, err = a.again(ctx, c, g)
	}
	a.note(err, g)
	return ans, err
}

// again sends a call whose access token was refused with another one.
func (a *api) again(ctx context.Context, c call, old grant) (*answer, error) {
	g, err := a.link.token(ctx, old.Access)
	if err != nil {
		return nil, err
	}
	return a.try(ctx, c, g)
}

// try sends a call, and once more after a SystemFault, as the vendor asks: for a read that is harmless, and a
// write is done once under its request id.
func (a *api) try(ctx context.Context, c call, g grant) (*answer, error) {
	ans, err := a.send(ctx, c, g)
	if f := asFault(err); f != nil && f.Status == http.StatusInternalServerError && connectors.CodeOf(err) == CodeServerError {
		a.log.Info("quickbooks is ill, once more", "tid", f.Tid)
		return a.send(ctx, c, g)
	}
	return ans, err
}

// standing gives why nothing is sent now: a refused log-on, until a person has connected again or called
// retry, or a pause that was asked for otherwise than by status 429 or 503.
func (a *api) standing() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if left := a.until.Sub(a.cfg.Now()); left > 0 && left <= longest {
		e := sure(connectors.RateLimited, CodeRateLimited, errors.New("the server asked to wait"))
		e.Retry = left
		return e
	}
	if a.halt == nil {
		return nil
	}
	if g, err := readGrant(a.tokens); err == nil && !a.halted.Equal(g.Since) {
		a.halt = nil
	}
	return a.halt
}

// note keeps a refused log-on and a pause.
func (a *api) note(err error, g grant) {
	a.mu.Lock()
	defer a.mu.Unlock()
	e, ok := errors.AsType[*connectors.Error](err)
	switch {
	case ok && e.Kind == connectors.Auth:
		a.halt, a.halted = err, g.Since
	case ok && e.Kind == connectors.RateLimited && asFault(err) != nil:
		a.until = a.cfg.Now().Add(e.Retry)
	}
}

// retry lets the next call try again after a refused log-on.
func (a *api) retry() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.halt = nil
}

// realm gives the company's number, empty if nobody has connected yet.
func (a *api) realm() (string, error) {
	g, err := readGrant(a.tokens)
	return g.Realm, err
}

// connection tells how the connection is at now, for people.
func (a *api) connection(now time.Time) Connection { return connectionOf(a.tokens, now) }

// clientOf gives the client of a company, which knows what must not be printed.
func (a *api) clientOf(realm string) *rest.Client {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.client == nil || a.of != realm {
		a.of = realm
		a.client = rest.New(rest.Config{
			Transport: a.transport, Timeout: a.cfg.Timeout, PerSecond: a.cfg.Rate, MaxBody: a.cfg.MaxAnswer,
			Secrets: rest.NewSecrets(realm), Backoff: pauseAfter, Now: a.cfg.Now, Log: a.log,
			Codes: rest.Codes{Unreachable: CodeUnreachable, Certificate: CodeCertificate, RateLimited: CodeRateLimited, Ill: CodeServerError, BadAnswer: CodeBadAnswer},
		})
	}
	return a.client
}

// pathForm is what a path below the company can be: an entity or a word, and an Id.
var pathForm = regexp.MustCompile(`^[a-z]+(/[0-9A-Za-z-]+)?$`)

func (a *api) request(c call, g grant) (rest.Request, error) {
	if !pathForm.MatchString(c.path) || !realmForm.MatchString(g.Realm) {
		return rest.Request{}, sure(connectors.Rejected, CodeRecordRefused, errors.New("this is no path below a company"))
	}
	base, err := url.Parse(a.cfg.addresses().base)
	if err != nil {
		return rest.Request{}, sure(connectors.Unavailable, CodeUnreachable, errors.New("the address of the API is none"))
	}
	u := base.JoinPath("/", "v3", "company", g.Realm, c.path)
	query := url.Values{}
	for name, values := range c.query {
		query[name] = values
	}
	query.Set("minorversion", minorVersion)
	u.RawQuery = query.Encode()
	header := http.Header{"Accept": {"application/json"}, "User-Agent": {userAgent}, "Authorization": {"Bearer " + g.Access}}
	if c.body != nil {
		header.Set("Content-Type", "application/json")
	}
	return rest.Request{Method: c.method, URL: u, Header: header, Body: c.body}, nil
}

// send sends a call once, and sorts what comes back.
func (a *api) send(ctx context.Context, c call, g grant) (*answer, error) {
	r, err := a.request(c, g)
	if err != nil {
		return nil, err
	}
	if err := a.minute.wait(ctx); err != nil {
		return nil, sure(connectors.Unavailable, CodeUnreachable, err)
	}
	if c.writing() {
		return a.exchange(ctx, c, g, r)
	}
	if err := a.budget.take(c.needed); err != nil {
		return nil, err
	}
	return a.exchange(ctx, c, g, r)
}

// exchange makes one exchange with the server. What the vendor does not count is given back to the budget:
// what was not sent, and what was no success.
func (a *api) exchange(ctx context.Context, c call, g grant, r rest.Request) (*answer, error) {
	start := time.Now()
	entity, _, _ := strings.Cut(c.path, "/") // what follows can be the company's number
	raw, err := a.clientOf(g.Realm).Do(ctx, r)
	if raw != nil {
		a.log.Debug("quickbooks answered", "method", c.method, "entity", entity, "status", raw.Status,
			"tid", tidOf(raw), "took", time.Since(start).Round(time.Millisecond))
	}
	switch {
	case err == nil && raw.Status < 300:
		if !c.writing() {
			if err := a.budget.succeeded(); err != nil {
				return nil, err
			}
		}
		return sorted(raw, c.writing())
	case !c.writing() && (raw != nil || errors.Is(err, rest.ErrNotApplied)):
		a.budget.giveBack()
	}
	if err == nil {
		return sorted(raw, c.writing())
	}
	if raw != nil && raw.Status == http.StatusTooManyRequests && !c.writing() {
		if month := a.budget.told(raw.Body); month != nil {
			return nil, month
		}
	}
	return nil, err
}

// tidOf gives Intuit's name of an exchange.
func tidOf(a *rest.Answer) string { return only(a.Header.Get(tidHeader), 100, "-.:_") }

// sorted tells an answer from a fault, whatever the status says.
func sorted(raw *rest.Answer, writing bool) (*answer, error) {
	f, object := faultIn(raw.Body)
	if f == nil && raw.Status >= 200 && raw.Status < 300 && object {
		return &answer{Body: raw.Body, Tid: tidOf(raw)}, nil
	}
	if f == nil {
		f = &fault{}
	}
	f.Status, f.Tid, f.At = raw.Status, tidOf(raw), answered(raw.Body)
	e := classify(f, writing)
	if e.Kind == connectors.RateLimited {
		e.Retry = pauseAfter(raw.Status, 0)
	}
	return nil, e
}

// close lets go of idle connections and makes the count of reads exact. It may be called twice.
func (a *api) close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.client != nil {
		a.client.Close()
	}
	return a.budget.close()
}

// String gives the configuration without its secrets.
func (a *api) String() string { return a.cfg.String() }

// GoString is String.
func (a *api) GoString() string { return a.String() }
