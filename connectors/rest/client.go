// Package rest does HTTP once for all connectors of APIs: one request at a time, no faster than allowed,
// silent while a server asks to wait, with bounded answers, and with errors that say whether the server
// may have acted on the request and never hold a secret.
//
// It does not sleep for minutes and sends nothing twice. A wait comes back as an error of kind
// RateLimited with Retry set; when to try again is the caller's business.
package rest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"time"

	"golang.org/x/time/rate"

	"syncbox/connectors"
)

// Codes are the health codes that a product uses for the failures that this package sorts.
type Codes struct {
	Unreachable string // no connection, time-out, connection lost
	Certificate string // the server's certificate is not accepted
	RateLimited string // the server asks to wait
	Ill         string // a 503 that names no time: the server does not ask, it is ill; empty: RateLimited
	BadAnswer   string // an answer that is larger than it may be
}

// Config says how to talk to one server.
type Config struct {
	// Transport carries the requests; nil for one of our own.
	Transport http.RoundTripper
	// Timeout bounds one exchange, from connecting to the last byte of the answer.
	Timeout time.Duration
	// PerSecond is the largest number of requests per second.
	PerSecond float64
	// MaxBody is the largest answer in bytes, after decompression.
	MaxBody int64
	// Secrets never appear in errors and logs.
	Secrets *Secrets
	// Authorize adds the log-on to a request just before it is sent; nil if there is nothing to add.
	// Its error is returned as it is, and nothing is sent.
	Authorize func(*http.Request) error
	Codes     Codes
	// Backoff gives the pause after a 429 or 503 that names no time; tries counts the ones before it in a row.
	// nil: 30 s, doubled each time, up to 15 minutes.
	Backoff func(status, tries int) time.Duration
	// AlsoWaits are further statuses that ask to wait, as a 503 does: 408 of servers that throttle so.
	AlsoWaits []int
	// Now is the clock by which waits end; nil for time.Now.
	Now func() time.Time
	Log *slog.Logger
}

// Client sends requests to one server. It may be used by several goroutines; they wait for each other.
type Client struct {
	cfg   Config
	http  *http.Client
	limit *rate.Limiter
	turn  chan struct{} // holds one token while a request is under way; guards wait
	wait  wait
}

// Request is one request.
type Request struct {
	Method string
	URL    *url.URL
	Header http.Header // may be nil
	Body   []byte      // nil for none
}

// New makes a client; it starts nothing.
func New(cfg Config) *Client {
	if cfg.Transport == nil {
		cfg.Transport = ownTransport()
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Backoff == nil {
		cfg.Backoff = func(_, tries int) time.Duration { return backoff(tries) }
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Client{
		cfg:   cfg,
		http:  &http.Client{Transport: cfg.Transport, CheckRedirect: sameHost},
		limit: rate.NewLimiter(rate.Limit(cfg.PerSecond), 1),
		turn:  make(chan struct{}, 1),
	}
}

// ownTransport forgets idle connections soon: a POST on one that the server has just closed ends in doubt.
func ownTransport() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.IdleConnTimeout = 15 * time.Second
	return t
}

// sameHost lets reads follow a few redirects on the same server. A write is never redirected, since it
// would arrive as a read, and no request leaves the host that its secrets belong to.
func sameHost(next *http.Request, before []*http.Request) error {
	first := before[0]
	if first.Method != http.MethodGet || next.URL.Host != first.URL.Host || next.URL.Scheme != first.URL.Scheme || len(before) > 3 {
		return http.ErrUseLastResponse
	}
	next.Header.Del("Referer")
	return nil
}

// Do sends one request and gives the answer, whatever its status, but for 429, 503 and AlsoWaits: these are errors
// of kind RateLimited, and until their time has passed Do sends nothing and gives the rest of the wait.
// The answer that asked to wait comes with its error, for what it says about the reason.
//
// Every error but Authorize's is a *connectors.Error. errors.Is(err, ErrNotApplied) means it is certain
// that the server did not act on the request; after any other error it may have, or may still.
func (c *Client) Do(ctx context.Context, r Request) (*Answer, error) {
	if err := c.enter(ctx); err != nil {
		return nil, c.unsent(r, err)
	}
	defer func() { <-c.turn }()
	if left := c.wait.left(c.cfg.Now()); left > 0 {
		return nil, c.limited(r, left, "the server is left alone", true)
	}
	if err := c.limit.Wait(ctx); err != nil {
		return nil, c.unsent(r, err)
	}
	a, err := c.exchange(ctx, r)
	if err != nil {
		return nil, err
	}
	return c.heed(r, a)
}

func (c *Client) enter(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case c.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c *Client) exchange(ctx context.Context, r Request) (*Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	var seen progress
	req, err := http.NewRequestWithContext(httptrace.WithClientTrace(ctx, seen.hooks()), r.Method, r.URL.String(), bodyOf(r.Body))
	if err != nil {
		return nil, c.unsent(r, err)
	}
	for name, values := range r.Header {
		req.Header[name] = values
	}
	if c.cfg.Authorize != nil {
		if err := c.cfg.Authorize(req); err != nil {
			return nil, err
		}
	}
	start := time.Now()
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, c.lost(r, err, seen.certainlyUnsent(err))
	}
	defer resp.Body.Close()
	a, err := c.read(r, resp)
	c.cfg.Log.Debug("http exchange", "method", r.Method, "url", c.cfg.Secrets.URL(r.URL),
		"status", resp.StatusCode, "took", time.Since(start).Round(time.Millisecond))
	return a, err
}

func bodyOf(b []byte) io.Reader {
	if b == nil {
		return nil
	}
	return bytes.NewReader(b)
}

func (c *Client) read(r Request, resp *http.Response) (*Answer, error) {
	body, err := io.ReadAll(io.LimitReader(resp.Body, c.cfg.MaxBody+1))
	if err != nil {
		return nil, c.lost(r, err, false)
	}
	if int64(len(body)) > c.cfg.MaxBody {
		return nil, connectors.Errorf(connectors.Unavailable, c.cfg.Codes.BadAnswer,
			"%s %s: the answer is longer than %d bytes", r.Method, c.cfg.Secrets.URL(r.URL), c.cfg.MaxBody)
	}
	return &Answer{Status: resp.StatusCode, Header: resp.Header, Body: body}, nil
}

// Close lets go of idle connections. It may be called twice, and the client may be used afterwards.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// String keeps what the client knows out of logs.
func (c *Client) String() string { return "rest client" }

// GoString is String.
func (c *Client) GoString() string { return c.String() }

// ErrNotApplied is in the chain of an error where it is certain that the server did not act on the request.
var ErrNotApplied = errors.New("not applied")
