package outlook

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"syncbox/connectors"
	"syncbox/connectors/rest"
)

// Tenant is an application's access to a tenant, as all mailboxes of a box share it.
type Tenant struct {
	cfg       Config
	graph     *url.URL
	login     clientcredentials.Config
	transport http.RoundTripper
	log       *slog.Logger

	mu    sync.Mutex // guards what follows; held while a token is fetched, so that one is enough for all
	token *oauth2.Token
	until time.Time // no token is asked for before
}

// New makes the access; it starts nothing and sends nothing. transport carries the requests, nil for one of its own; log may
// be nil. The error wraps ErrConfig.
func New(cfg Config, log *slog.Logger, transport http.RoundTripper) (*Tenant, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	graph, err := url.Parse(cfg.GraphURL)
	if err != nil {
		return nil, fmt.Errorf("%w: address is not of the form https://host", ErrConfig)
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Tenant{cfg: cfg, graph: graph.JoinPath("v1.0"), transport: transport, log: log, login: clientcredentials.Config{
		ClientID: cfg.ApplicationID, ClientSecret: cfg.Secret, AuthStyle: oauth2.AuthStyleInParams,
		TokenURL: cfg.LoginURL + "/" + url.PathEscape(cfg.Tenant) + "/oauth2/v2.0/token",
		Scopes:   []string{cfg.Scope},
	}}, nil
}

// String gives the configuration without its secrets.
func (t *Tenant) String() string { return t.cfg.String() }

// GoString is String.
func (t *Tenant) GoString() string { return t.String() }

// bearer gives a token that is not refused, the one that a 401 has just answered.
func (t *Tenant) bearer(ctx context.Context, refused string) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.token.Valid() && t.token.AccessToken != refused {
		return t.token.AccessToken, nil
	}
	if left := t.until.Sub(t.cfg.Now()); left > 0 {
		return "", unsigned(connectors.RateLimited, CodeRateLimited, left, "the sign-in server asked to wait")
	}
	ctx, cancel := context.WithTimeout(ctx, t.cfg.Timeout)
	defer cancel()
	ctx = context.WithValue(ctx, oauth2.HTTPClient, &http.Client{Transport: t.transport})
	token, err := t.login.Token(ctx)
	if err != nil {
		return "", t.sorted(err)
	}
	t.token = token
	t.log.Debug("token", "part", "outlook")
	return token.AccessToken, nil
}

// sorted makes an error of what the library says, whose text holds the server's answer.
func (t *Tenant) sorted(err error) error {
	refusal, ok := errors.AsType[*oauth2.RetrieveError](err)
	if !ok || refusal.Response == nil {
		if _, bad := errors.AsType[*tls.CertificateVerificationError](err); bad {
			return unsigned(connectors.Unavailable, CodeCertificate, 0, "the sign-in server's certificate")
		}
		return unsigned(connectors.Unavailable, CodeUnreachable, 0, "the sign-in server gives no token")
	}
	status := refusal.Response.StatusCode
	text := fmt.Sprintf("sign-in: status %d %s", status, plainCode(refusal.ErrorCode))
	switch {
	case status == http.StatusTooManyRequests, status == http.StatusServiceUnavailable:
		wait := pause(refusal.Response.Header)
		t.until = t.cfg.Now().Add(wait)
		return unsigned(connectors.RateLimited, CodeRateLimited, wait, text)
	case status >= 500, refusal.ErrorCode == "temporarily_unavailable":
		return unsigned(connectors.Unavailable, CodeUnavailable, 0, text)
	}
	return unsigned(connectors.Auth, CodeAuth, 0, text)
}

// pause gives the wait that an answer of the sign-in server names in seconds, between a second and an hour; else half a minute.
func pause(h http.Header) time.Duration {
	seconds, err := strconv.Atoi(h.Get("Retry-After"))
	if err != nil {
		return 30 * time.Second
	}
	return time.Duration(min(max(seconds, 1), 3600)) * time.Second
}

// unsigned is the error of a request that was not sent for want of a token.
func unsigned(kind connectors.Kind, code string, wait time.Duration, text string) error {
	return &connectors.Error{Kind: kind, Code: code, Retry: wait, Err: fmt.Errorf("%s: %w", text, rest.ErrNotApplied)}
}
