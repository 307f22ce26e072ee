package quickbooks

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/rest"
)

// relay is our server that holds the client secret and the address to which a person is sent back. It
// hands tokens over once and keeps none. Version 1.
type relay struct {
	cfg  Config
	door door
}

// newRelay makes the way to it; it starts nothing.
func newRelay(cfg Config, log *slog.Logger, transport http.RoundTripper) *relay {
	return &relay{cfg: cfg, door: newDoor(cfg, log, transport)}
}

func (r *relay) post(ctx context.Context, step string, body map[string]string) (*rest.Answer, error) {
	return r.door.postJSON(ctx, strings.TrimSuffix(r.cfg.RelayURL, "/")+"/v1/quickbooks/"+step, body)
}

// begin asks for a sign-in: the state that names it, the address for the person, and how long it lasts.
func (r *relay) begin(ctx context.Context) (state, address string, life time.Duration, err error) {
	a, err := r.post(ctx, "begin", map[string]string{"box": r.cfg.BoxName})
	if err != nil {
		return "", "", 0, err
	}
	var begun struct {
		State     string  `json:"state"`
		Authorize string  `json:"authorize"`
		Expires   seconds `json:"expires_in"`
	}
	if a.Status != http.StatusOK || json.Unmarshal(a.Body, &begun) != nil || begun.State == "" {
		return "", "", 0, odd("begin", a.Status)
	}
	if rest.CheckAddress("sign-in", strings.SplitN(begun.Authorize, "?", 2)[0], r.cfg.PlainHTTP) != nil {
		return "", "", 0, odd("begin", a.Status)
	}
	return begun.State, begun.Authorize, min(orElse(begun.Expires.duration(), signInLife), signInLife), nil
}

// collect asks for the tokens of a sign-in: nil and no error while nobody has signed in.
func (r *relay) collect(ctx context.Context, state string) (*rest.Answer, error) {
	a, err := r.post(ctx, "collect", map[string]string{"state": state})
	switch {
	case err != nil:
		return nil, err
	case a.Status == http.StatusAccepted:
		return nil, nil
	case a.Status == http.StatusGone:
		return nil, refused(CodeStateOver, "the relay no longer has this sign-in")
	}
	return a, nil
}

func (r *relay) exchange(ctx context.Context, state, code, realm string) (*rest.Answer, error) {
	a, err := r.post(ctx, "exchange", map[string]string{"state": state, "code": code, "realm": realm})
	if err == nil && a.Status == http.StatusGone {
		return nil, refused(CodeStateOver, "the relay no longer has this sign-in")
	}
	return a, err
}

func (r *relay) refresh(ctx context.Context, token string) (*rest.Answer, error) {
	return r.post(ctx, "refresh", map[string]string{"refresh_token": token})
}

func (r *relay) revoke(ctx context.Context, token string) (*rest.Answer, error) {
	return r.post(ctx, "revoke", map[string]string{"token": token})
}

func odd(step string, status int) error {
	return connectors.Errorf(connectors.Unavailable, CodeRelay, "relay %s: status %d and not what was asked for", step, status)
}

// refused is an end of a sign-in that only a new one can mend.
func refused(code, format string, args ...any) *connectors.Error {
	return connectors.Errorf(connectors.Auth, code, format, args...)
}
