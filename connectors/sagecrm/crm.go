package sagecrm

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/connectors/rest"
)

var (
	_ connectors.Source   = (*CRM)(nil)
	_ connectors.Target   = (*CRM)(nil)
	_ connectors.Checker  = (*CRM)(nil)
	_ connectors.Sweeper  = (*CRM)(nil)
	_ connectors.Finder   = (*CRM)(nil)
	_ connectors.Resolver = (*CRM)(nil)
	_ connectors.Retrier  = (*CRM)(nil)
)

// CRM is one installation of Sage CRM, as one user of it sees it. Its methods are called by one goroutine at a time.
type CRM struct {
	cfg     Config
	base    *url.URL
	secrets *rest.Secrets
	client  *rest.Client

	site    site // nil until the first call
	refused error
	told    struct{ date, at time.Time } // the server's clock, and when it was told by ours
	shaped  time.Time                    // when the columns were last found to be as the settings say
	custom  map[record.Entity]customised // as it was last seen, and when that was
	seen    time.Time
}

// site is one interface of the CRM. What it reads comes in rows, with short names.
type site interface {
	name() string
	// open tries the interface.
	open(ctx context.Context) error
	// changes tells what was created, changed and deleted since a local time; errNoChanges where the interface can't tell.
	changes(ctx context.Context, t table, since time.Time) ([]change, error)
	// query gives the rows of each page. It may begin anew, and give rows again. No other call may be made meanwhile.
	query(ctx context.Context, t table, where cond, each func([]row) error) error
	// fits says whether a group of ids still fits into one request when another one joins it.
	fits(t table, size, count int, id string) bool
	// columns describes the columns of a table; none where nothing tells.
	columns(ctx context.Context, t table) ([]Column, error)
	// add makes a record and gives its id, empty where the answer has none.
	add(ctx context.Context, t table, r row) (string, error)
	// update writes the changed values of a record, whose whole row is known.
	update(ctx context.Context, t table, id string, whole, changed row) error
	// nested says whether rows of a table come with their addresses, phones and e-mails.
	nested(t table) bool
	// carries says whether a write takes addresses, phones and e-mails with it.
	carries() bool
	// leave ends the session, if there is one.
	leave(ctx context.Context)
}

// errNoChanges: the interface can't tell changes but by their dates.
var errNoChanges = errors.New("changes can't be told")

// New makes the connector; it starts nothing and sends nothing. transport carries the requests, nil for one of its own; log
// may be nil. The error wraps ErrConfig.
func New(cfg Config, log *slog.Logger, transport http.RoundTripper) (*CRM, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	cfg.Custom = maps.Clone(cfg.Custom)
	base, err := url.Parse(cfg.BaseURL)
	if err != nil {
		return nil, fmt.Errorf("%w: address is not of the form https://host", ErrConfig)
	}
	basic := base64.StdEncoding.EncodeToString([]byte(cfg.User + ":" + cfg.Password))
	secrets := rest.NewSecrets(cfg.User, cfg.Password, basic)
	client := rest.New(rest.Config{
		Transport: transport, Timeout: cfg.Timeout, PerSecond: cfg.Rate, MaxBody: cfg.MaxAnswer, Secrets: secrets, Log: log, Now: cfg.Now,
		Codes: rest.Codes{Unreachable: CodeUnreachable, Certificate: CodeCertificate, RateLimited: CodeRateLimited, BadAnswer: CodeBadAnswer},
	})
	return &CRM{cfg: cfg, base: base, secrets: secrets, client: client}, nil
}

// use gives the interface, chosen at the first call. After a refused log-on nothing is sent until Retry.
func (c *CRM) use(ctx context.Context) (site, error) {
	if c.refused != nil {
		return nil, c.refused
	}
	if c.site != nil {
		return c.site, nil
	}
	for _, s := range c.candidates() {
		err := s.open(ctx)
		if connectors.CodeOf(err) == CodeNoInterface && c.cfg.Interface == "auto" && s.name() == "soap" {
			continue
		}
		if err != nil {
			return nil, c.noted(err)
		}
		c.site = s
		return s, nil
	}
	return nil, c.refused // not reached: REST is the last candidate
}

func (c *CRM) candidates() []site {
	switch c.cfg.Interface {
	case "rest":
		return []site{newSData(c)}
	case "soap":
		return []site{newSOAP(c)}
	}
	return []site{newSOAP(c), newSData(c)}
}

// noted remembers a refused log-on.
func (c *CRM) noted(err error) error {
	if connectors.KindOf(err) == connectors.Auth {
		c.refused = err
	}
	return err
}

// Retry lets the next use log on again.
func (c *CRM) Retry() { c.refused = nil }

// closing bounds the log-off.
const closing = 5 * time.Second

// Close logs off and lets go of idle connections. It may be called twice.
func (c *CRM) Close() error {
	if c.site != nil {
		ctx, cancel := context.WithTimeout(context.Background(), closing)
		defer cancel()
		c.site.leave(ctx)
		c.site = nil
	}
	c.client.Close()
	return nil
}

// do sends one request and hears the server's clock.
func (c *CRM) do(ctx context.Context, r rest.Request) (*rest.Answer, error) {
	a, err := c.client.Do(ctx, r)
	if a != nil {
		c.hear(a.Header)
	}
	return a, err
}

// failure makes an error of a call; its text names the path alone.
func (c *CRM) failure(kind connectors.Kind, code, method string, u *url.URL, err error) *connectors.Error {
	return &connectors.Error{Kind: kind, Code: code, Err: fmt.Errorf("%s %s: %w", method, c.secrets.URL(u), err)}
}

// String gives the configuration without its secrets.
func (c *CRM) String() string { return c.cfg.String() }

// GoString is String.
func (c *CRM) GoString() string { return c.String() }
