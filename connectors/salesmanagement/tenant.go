package salesmanagement

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/connectors/rest"
)

var (
	_ connectors.Source     = (*Tenant)(nil)
	_ connectors.Target     = (*Tenant)(nil)
	_ connectors.Checker    = (*Tenant)(nil)
	_ connectors.Sweeper    = (*Tenant)(nil)
	_ connectors.Finder     = (*Tenant)(nil)
	_ connectors.Follower   = (*Tenant)(nil)
	_ connectors.Retrier    = (*Tenant)(nil)
	_ connectors.Customised = (*Tenant)(nil)
)

// Tenant is a tenant of Sage Sales Management, as one API key sees it. Its methods are called by one goroutine at a time, so that one
// call is under way at most.
type Tenant struct {
	cfg     Config
	base    *url.URL
	secrets *rest.Secrets
	client  *rest.Client
	store   *http.Client // of the pictures
	log     *slog.Logger

	token   string // secret; empty without a session
	refused error  // a log-on that was refused
	told    struct{ date, at time.Time }

	shape    shape
	users    *userList                // nil until it is read, and at the beginning of each look
	models   map[string]string        // codes of products by their ids, since the last look began
	accounts map[string]string        // ids of accounts by their external ids, since then
	others   bool                     // rows of other dossiers were seen
	places   map[string]place         // of accounts by their ids, since the last look began
	asked    map[record.Key]time.Time // since when prices are asked for quotes
	pictures pictures
	unsorted map[string]bool // lists that take no order
}

// New makes the connector; it starts nothing and sends nothing. transport carries the requests, nil for one of its own; log
// may be nil. The error wraps ErrConfig.
func New(cfg Config, log *slog.Logger, transport http.RoundTripper) (*Tenant, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	base, err := url.Parse(cfg.BaseURL)
	if err != nil {
		return nil, fmt.Errorf("%w: address is not of the form https://host", ErrConfig)
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	t := &Tenant{cfg: cfg, base: base.JoinPath("api", "v4"), secrets: rest.NewSecrets(cfg.PublicKey, cfg.PrivateKey), log: log,
		models: map[string]string{}, accounts: map[string]string{}, asked: map[record.Key]time.Time{}, places: map[string]place{}, pictures: pictures{known: map[string]string{}}, unsorted: map[string]bool{}}
	t.client = rest.New(rest.Config{
		Transport: transport, Timeout: cfg.Timeout, PerSecond: pace * cfg.Rate, MaxBody: cfg.MaxAnswer, Secrets: t.secrets, Log: log, Now: cfg.Now,
		AlsoWaits: []int{http.StatusRequestTimeout}, Backoff: backoff,
		Codes: rest.Codes{Unreachable: CodeUnreachable, Certificate: CodeCertificate, RateLimited: CodeRateLimited, Ill: CodeServerError, BadAnswer: CodeBadAnswer},
	})
	t.store = &http.Client{Transport: transport, Timeout: cfg.Timeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return t, nil
}

// pace is the part of the plan's calls that is used: what left evenly may arrive unevenly, and a call too many costs seconds.
const pace = 0.92

// backoff is 2, 4, 8, … 60 s, with a quarter more at random (M3).
func backoff(_, tries int) time.Duration {
	wait := min(2*time.Second<<min(tries, 5), time.Minute)
	return wait + rand.N(wait/4)
}

// Retry lets the next use log on again.
func (t *Tenant) Retry() { t.refused = nil }

// Close lets go of idle connections and forgets the session; the API knows no log-off. It may be called twice.
func (t *Tenant) Close() error {
	t.token = ""
	t.client.Close()
	t.store.CloseIdleConnections()
	return nil
}

// String gives the configuration without its secrets.
func (t *Tenant) String() string { return t.cfg.String() }

// GoString is String.
func (t *Tenant) GoString() string { return t.String() }

// serverNow is the time that a look goes by: the earlier one of the box's clock and of the one that the server last told, so
// that a clock that is fast makes a look see too much and not too little.
func (t *Tenant) serverNow() time.Time {
	now := t.cfg.Now()
	if date, at := t.told.date, t.told.at; !date.IsZero() {
		if server := date.Add(now.Sub(at)); server.Before(now) {
			return server.UTC()
		}
	}
	return now.UTC()
}

// hear takes the server's clock from an answer.
func (t *Tenant) hear(h http.Header) {
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		t.told.date, t.told.at = date, t.cfg.Now()
	}
}
