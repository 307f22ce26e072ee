package quickbooks

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/rest"
)

// authority gives tokens: Intuit itself, or our relay. The answers are Intuit's, with their status and body.
type authority interface {
	// exchange gives tokens for the code of a sign-in.
	exchange(ctx context.Context, state, code, realm string) (*rest.Answer, error)
	refresh(ctx context.Context, token string) (*rest.Answer, error)
	revoke(ctx context.Context, token string) (*rest.Answer, error)
}

// seconds is a number of seconds, in JSON as a number or in digits.
type seconds json.Number

// UnmarshalJSON takes both.
func (s *seconds) UnmarshalJSON(b []byte) error {
	*s = seconds(strings.Trim(string(b), `"`))
	return nil
}

// duration gives 0 for what is none.
func (s seconds) duration() time.Duration {
	n, err := json.Number(s).Int64()
	if err != nil || n < 0 || n > int64(10*hardLife/time.Second) {
		return 0
	}
	return time.Duration(n) * time.Second
}

// tokenAnswer is Intuit's answer, with the relay's realm.
type tokenAnswer struct {
	Realm   string  `json:"realm"`
	Access  string  `json:"access_token"`
	Refresh string  `json:"refresh_token"`
	Expires seconds `json:"expires_in"`
	Idle    seconds `json:"x_refresh_token_expires_in"`
	Hard    seconds `json:"x_refresh_token_hard_expires_in"`
}

// errLost says of an exchange of tokens that it may have been made, with an answer that did not arrive.
var errLost = errors.New("the answer was lost")

// decodeTokens takes an answer for tokens by its status and by what it holds: a refusal under status 200
// has been seen. It gives connectors.Error of kind Auth for a refusal, with CodeReconnect for invalid_grant.
func decodeTokens(a *rest.Answer) (tokenAnswer, error) {
	var t tokenAnswer
	f := decodeFault(a.Body)
	if f == nil {
		f = &fault{}
	}
	f.Status, f.Tid = a.Status, only(a.Header.Get("intuit_tid"), 100, "-.:_")
	if a.Status == http.StatusOK && f.Code == "" && json.Unmarshal(a.Body, &t) == nil && t.Access != "" {
		return t, nil
	}
	return tokenAnswer{}, signInFault(f)
}

// signInFault sorts an answer without tokens.
func signInFault(f *fault) error {
	var kind connectors.Kind
	var code string
	var err error = f
	switch {
	case f.Status >= 500:
		kind, code, err = connectors.Unavailable, CodeSignInUnavailable, fmt.Errorf("%w: %w", f, errLost)
	case f.Code == "invalid_grant":
		kind, code = connectors.Auth, CodeReconnect
	case f.Code == "invalid_client" || f.Status == http.StatusUnauthorized:
		kind, code = connectors.Auth, CodeClientRefused
	case f.Status < 300:
		kind, code, err = connectors.Unavailable, CodeSignInUnavailable, fmt.Errorf("%w: %w", f, errLost)
	case f.Code != "":
		kind, code = connectors.Auth, CodeSignInRefused
	default:
		kind, code = connectors.Unavailable, CodeSignInUnavailable
	}
	return &connectors.Error{Kind: kind, Code: code, Args: f.args(), Err: err}
}

// granted makes of an answer what the token file holds; old is what it held.
func (t tokenAnswer) granted(old grant, now time.Time) grant {
	g := grant{State: Connected, Realm: old.Realm, Access: t.Access, Refresh: t.Refresh, Since: old.Since, Last: now}
	if g.Refresh == "" {
		g.Refresh = old.Refresh
	}
	g.Until = now.Add(orElse(t.Expires.duration(), accessAge))
	g.Idle = now.Add(min(orElse(t.Idle.duration(), idleLife), idleLife))
	switch told := t.Hard.duration(); {
	case told > 0:
		g.Hard = now.Add(told)
	case !old.Hard.IsZero():
		g.Hard = old.Hard
	default:
		g.Hard = now.Add(hardLife)
	}
	return g
}

func orElse(d, other time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return other
}

// door is the way to one server of the sign-in.
type door struct {
	client *rest.Client
	header http.Header
}

// newDoor makes the way; it starts nothing.
func newDoor(cfg Config, log *slog.Logger, transport http.RoundTripper) door {
	return door{
		client: rest.New(rest.Config{
			Transport: transport, Timeout: min(cfg.Timeout, time.Minute), PerSecond: cfg.Rate, MaxBody: 64 << 10,
			Secrets: rest.NewSecrets(cfg.ClientID, cfg.ClientSecret), Backoff: pauseAfter, Now: cfg.Now, Log: log,
			Codes: rest.Codes{Unreachable: CodeSignInUnavailable, Certificate: CodeCertificate, RateLimited: CodeSignInUnavailable, BadAnswer: CodeSignInUnavailable},
		}),
		header: http.Header{"Accept": {"application/json"}, "User-Agent": {userAgent}},
	}
}

// post sends body. An error that leaves it open whether the server acted has errLost in its chain.
func (d door) post(ctx context.Context, address, kind string, body []byte) (*rest.Answer, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, errors.New("an address of the sign-in is none")
	}
	header := d.header.Clone()
	header.Set("Content-Type", kind)
	a, err := d.client.Do(ctx, rest.Request{Method: http.MethodPost, URL: u, Header: header, Body: body})
	if err == nil {
		return a, nil
	}
	if e, ok := errors.AsType[*connectors.Error](err); ok && !errors.Is(err, rest.ErrNotApplied) {
		err = &connectors.Error{Kind: e.Kind, Code: e.Code, Args: e.Args, Retry: e.Retry, Err: fmt.Errorf("%w: %w", e.Err, errLost)}
	}
	return nil, err
}

// postJSON sends v.
func (d door) postJSON(ctx context.Context, address string, v any) (*rest.Answer, error) {
	var b bytes.Buffer
	if err := json.NewEncoder(&b).Encode(v); err != nil {
		return nil, err
	}
	return d.post(ctx, address, "application/json", b.Bytes())
}

// intuit is the sign-in itself, for a box that has a client id and secret of its own.
type intuit struct {
	cfg  Config
	door door
}

// newIntuit makes the way to it; it starts nothing.
func newIntuit(cfg Config, log *slog.Logger, transport http.RoundTripper) *intuit {
	d := newDoor(cfg, log, transport)
	r := http.Request{Header: d.header}
	r.SetBasicAuth(cfg.ClientID, cfg.ClientSecret)
	d.header.Set("x-include-refresh-token-hard-expires-in", "true")
	return &intuit{cfg: cfg, door: d}
}

func (i *intuit) token(ctx context.Context, form url.Values) (*rest.Answer, error) {
	return i.door.post(ctx, i.cfg.addresses().token+"/oauth2/v1/tokens/bearer", "application/x-www-form-urlencoded", []byte(form.Encode()))
}

func (i *intuit) exchange(ctx context.Context, _, code, _ string) (*rest.Answer, error) {
	return i.token(ctx, url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {i.cfg.RedirectURL}})
}

func (i *intuit) refresh(ctx context.Context, token string) (*rest.Answer, error) {
	return i.token(ctx, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}})
}

func (i *intuit) revoke(ctx context.Context, token string) (*rest.Answer, error) {
	return i.door.postJSON(ctx, i.cfg.addresses().revoke+"/v2/oauth2/tokens/revoke", map[string]string{"token": token})
}
