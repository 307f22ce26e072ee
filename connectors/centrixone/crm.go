package centrixone

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/rest"
)

var (
	_ connectors.Source  = (*CRM)(nil)
	_ connectors.Target  = (*CRM)(nil)
	_ connectors.Checker = (*CRM)(nil)
	_ connectors.Sweeper = (*CRM)(nil)
	_ connectors.Finder  = (*CRM)(nil)
)

// CRM is one account of CentrixOne, as one ERP company sees it.
type CRM struct {
	cfg     Config
	base    *url.URL
	secrets *rest.Secrets
	client  *rest.Client

	mu     sync.Mutex // guards what follows
	frames map[string]*page
	list   int64     // the protected list, 0 if it was not as it should be
	listAt time.Time // when it was looked at last; goes by the monotonic clock
}

// New makes the connector; it starts nothing and sends nothing. transport carries the requests, nil for
// one of its own; log may be nil. The error wraps ErrConfig.
func New(cfg Config, log *slog.Logger, transport http.RoundTripper) (*CRM, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	base, err := url.Parse(cfg.BaseURL)
	if err != nil {
		return nil, fmt.Errorf("%w: address is not of the form https://host", ErrConfig)
	}
	secrets := rest.NewSecrets(cfg.Account, cfg.APIKey)
	client := rest.New(rest.Config{
		Transport: transport, Timeout: cfg.Timeout, PerSecond: cfg.Rate, MaxBody: cfg.MaxAnswer, Secrets: secrets, Log: log,
		Codes: rest.Codes{Unreachable: CodeUnreachable, Certificate: CodeCertificate, RateLimited: CodeRateLimited, BadAnswer: CodeBadAnswer},
	})
	return &CRM{cfg: cfg, base: base, secrets: secrets, client: client, frames: map[string]*page{}}, nil
}

// Close lets go of idle connections. It may be called twice.
func (c *CRM) Close() error {
	c.client.Close()
	return nil
}

// String gives the configuration without its secrets.
func (c *CRM) String() string { return c.cfg.String() }

// GoString is String.
func (c *CRM) GoString() string { return c.String() }

// get reads one page. A refusal is of kind Auth if the key opens nothing at all any more.
func (c *CRM) get(ctx context.Context, q query) (*page, error) {
	p, err := c.read(ctx, q)
	if connectors.KindOf(err) != connectors.Auth || q.resource == listResource {
		return p, err
	}
	if probe := c.probe(ctx); probe != nil {
		return nil, probe
	}
	return nil, &connectors.Error{Kind: connectors.Unavailable, Code: CodeResourceRefused,
		Args: map[string]string{"resource": q.resource}, Err: errors.Unwrap(err)}
}

// probe reads what every key may read. Its error is of kind Auth if the key or the account is refused.
func (c *CRM) probe(ctx context.Context) error {
	_, err := c.read(ctx, query{resource: listResource, filter: "all"})
	return err
}

func (c *CRM) read(ctx context.Context, q query) (*page, error) {
	u := c.readURL(q)
	r := rest.Request{Method: http.MethodGet, URL: u, Header: http.Header{}}
	if q.modified != "" {
		r.Header.Set("If-Modified-Since", q.modified)
	}
	a, err := c.client.Do(ctx, r)
	if err != nil {
		return nil, err
	}
	if a.Status == http.StatusNotModified && q.modified != "" {
		return &page{unchanged: true}, nil
	}
	if a.Status != http.StatusOK {
		failure := c.refusal(http.MethodGet, u, a)
		if failure.Code == CodeResourceRefused {
			failure.Args = map[string]string{"resource": q.resource}
		}
		return nil, failure
	}
	p, err := decodePage(a, q.resource)
	if err != nil {
		return nil, c.badAnswer(http.MethodGet, u, err)
	}
	return p, nil
}

// pages reads all pages of q and gives them to each. Only the first read is conditional; unchanged says
// that it was answered so, and each was not called.
func (c *CRM) pages(ctx context.Context, q query, each func(*page) error) (unchanged bool, err error) {
	for {
		p, err := c.get(ctx, q)
		if err != nil || p.unchanged {
			return err == nil, err
		}
		if err := each(p); err != nil || p.next == "" {
			return false, err
		}
		if p.next == q.after {
			return false, c.badAnswer(http.MethodGet, c.address(q), errors.New("the next page is the same page"))
		}
		q.after, q.modified = p.next, ""
	}
}

// frame reads one of the small resources that everything hangs on, from memory where it has not changed.
func (c *CRM) frame(ctx context.Context, resource string) ([]row, error) {
	c.mu.Lock()
	old := c.frames[resource]
	c.mu.Unlock()
	q := query{resource: resource, filter: "all"}
	if old != nil {
		q.modified = old.modified
	}
	var whole *page
	unchanged, err := c.pages(ctx, q, func(p *page) error {
		if whole == nil {
			whole = &page{modified: safely(p)}
		} else {
			whole.modified = "" // a later page may change alone
		}
		whole.rows = slices.Concat(whole.rows, p.rows)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if unchanged {
		return old.rows, nil
	}
	c.mu.Lock()
	c.frames[resource] = whole
	c.mu.Unlock()
	return whole.rows, nil
}

// refusal sorts an answer that is no success and no wait.
func (c *CRM) refusal(method string, u *url.URL, a *rest.Answer) *connectors.Error {
	kind, code := connectors.Unavailable, CodeResourceRefused
	switch {
	case a.Status == http.StatusUnauthorized, a.Status == http.StatusForbidden, a.Status == http.StatusNotFound:
		kind, code = connectors.Auth, CodeAuth
	case a.Status >= 500:
		code = CodeServerError
	case a.Status < 400:
		code = CodeBadAnswer
	}
	return &connectors.Error{Kind: kind, Code: code, Err: c.answered(method, u, a)}
}

// answered tells what the server said, in its own words where they are plain text.
func (c *CRM) answered(method string, u *url.URL, a *rest.Answer) error {
	what := fmt.Sprintf("%s %s: status %d", method, c.secrets.URL(u), a.Status)
	if text := c.secrets.Hide(a.Text(200)); text != "" {
		what += fmt.Sprintf(" %q", text)
	}
	if a.Status == http.StatusInternalServerError {
		return fmt.Errorf("%s: %w", what, errServer)
	}
	return errors.New(what)
}

func (c *CRM) badAnswer(method string, u *url.URL, err error) *connectors.Error {
	return connectors.Errorf(connectors.Unavailable, CodeBadAnswer, "%s %s: %s", method, c.secrets.URL(u), c.secrets.Hide(err.Error()))
}
