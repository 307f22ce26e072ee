package quickbooks

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"syncbox/connectors"
)

const (
	// refreshAhead is what must be left of an access token for a request to be begun with it.
	refreshAhead = 10 * time.Minute
	// freshFor is how long a refused access token counts as fresh: another one would be refused as well.
	freshFor = time.Minute
	// grace is how long an exchange of tokens goes on after its context has ended, since its answer is worth more.
	grace = 10 * time.Second
)

// link is a connection: its tokens, and the server that renews them.
type link struct {
	cfg   Config
	vault *vault
	auth  authority
	log   *slog.Logger

	rest  time.Time // no refresh before; guarded by the vault
	tries int       // refreshes in a row without an answer; guarded by the vault
}

func newLink(cfg Config, tokens Tokens, log *slog.Logger, transport http.RoundTripper) *link {
	l := &link{cfg: cfg, vault: vaultOf(tokens), log: log}
	if cfg.relayed() {
		l.auth = newRelay(cfg, log, transport)
	} else {
		l.auth = newIntuit(cfg, log, transport)
	}
	return l
}

// token gives what a request is made with, renewed where it is about to end. refused is the access token
// that QuickBooks has just refused; empty if none was. Only one goroutine renews, the others wait for it.
// With an error comes what was there before, not to be used.
func (l *link) token(ctx context.Context, refused string) (grant, error) {
	if err := l.vault.lock(ctx); err != nil {
		return grant{}, err
	}
	defer l.vault.unlock()
	g, err := l.vault.load()
	if err != nil {
		return grant{}, err
	}
	if err := g.usable(); err != nil {
		return g, err
	}
	now := l.cfg.Now()
	age := now.Sub(g.Last)
	switch {
	case refused == "" && g.Until.Sub(now) >= refreshAhead:
		return g, nil
	case refused != "" && g.Access != refused:
		return g, nil // renewed meanwhile
	case refused != "" && age >= 0 && age < freshFor:
		return g, sure(connectors.Auth, CodeTokenRefused, errors.New("an access token that is fresh is refused"))
	}
	renewed, err := l.renew(ctx, g, now)
	if err != nil && refused == "" && connectors.KindOf(err) != connectors.Auth && g.Until.After(now) && l.vault.unsaved == nil {
		l.log.Warn("refresh of the access token", "code", connectors.CodeOf(err), "left", g.Until.Sub(now).Round(time.Second))
		return g, nil
	}
	if err != nil {
		return g, err
	}
	return renewed, nil
}

// usable says why there is nothing to make a request with.
func (g grant) usable() error {
	switch g.State {
	case Connected:
		return nil
	case Reconnect:
		return sure(connectors.Auth, g.Why, errors.New("the connection has ended"))
	}
	return sure(connectors.Auth, CodeNotConnected, errors.New("nobody has connected this box"))
}

// sure makes the error of a request that was not sent.
func sure(kind connectors.Kind, code string, err error) *connectors.Error {
	return &connectors.Error{Kind: kind, Code: code, Err: certainly(true, err)}
}

// renew exchanges the refresh token. The new one is durable before the new access token is given out. The
// lock is held.
func (l *link) renew(ctx context.Context, g grant, now time.Time) (grant, error) {
	if left := l.rest.Sub(now); left > 0 {
		return grant{}, sure(connectors.Unavailable, CodeSignInUnavailable, fmt.Errorf("no refresh for another %s", left.Round(time.Second)))
	}
	if ctx.Err() != nil {
		return grant{}, sure(connectors.Unavailable, CodeSignInUnavailable, ctx.Err())
	}
	ctx, cancel := lingering(ctx)
	defer cancel()
	t, err := l.ask(ctx, &g, now)
	switch {
	case err == nil:
		l.rest, l.tries = time.Time{}, 0
		g = t.granted(g, now)
		if err := l.vault.save(g); err != nil {
			return grant{}, err
		}
		l.log.Info("access token renewed", "until", g.Until)
		return g, nil
	case connectors.CodeOf(err) == CodeReconnect:
		return grant{}, l.ended(g)
	default:
		l.rest = now.Add(pauseAfter(http.StatusServiceUnavailable, l.tries))
		l.tries++
		return grant{}, unsent(err)
	}
}

// ask sends the refresh token, and once more where the answer was lost: within a day it stays the same,
// and after that it still tells whether the connection is alive.
func (l *link) ask(ctx context.Context, g *grant, now time.Time) (tokenAnswer, error) {
	t, err := l.askOnce(ctx, g.Refresh)
	if !errors.Is(err, errLost) {
		return t, err
	}
	l.log.Warn("refresh of the access token: the answer was lost", "code", connectors.CodeOf(err))
	g.Lost = now
	if l.vault.save(*g) != nil {
		l.vault.unsaved = nil // a remark only
	}
	if asFault(err) != nil || connectors.KindOf(err) == connectors.RateLimited {
		return t, err // the server is there and ill: later
	}
	return l.askOnce(ctx, g.Refresh)
}

func (l *link) askOnce(ctx context.Context, token string) (tokenAnswer, error) {
	a, err := l.auth.refresh(ctx, token)
	if err != nil {
		return tokenAnswer{}, err
	}
	return decodeTokens(a)
}

// ended keeps it that a person has to connect again, with no token that could be tried any more.
func (l *link) ended(g grant) error {
	why := CodeReconnect
	if !g.Lost.IsZero() {
		why = CodeReconnectLost
	}
	next := grant{State: Reconnect, Realm: g.Realm, Since: g.Since, Last: g.Last, Lost: g.Lost, Why: why}
	if err := l.vault.save(next); err != nil {
		return err
	}
	return next.usable()
}

// unsent says of the error of a refresh that the request it was for was not sent.
func unsent(err error) error {
	e, ok := errors.AsType[*connectors.Error](err)
	if !ok {
		return sure(connectors.Unavailable, CodeSignInUnavailable, err)
	}
	return &connectors.Error{Kind: e.Kind, Code: e.Code, Args: e.Args, Retry: e.Retry, Err: certainly(true, e.Err)}
}

// lingering gives a context that ends a little later than ctx.
func lingering(ctx context.Context) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		t := time.NewTimer(grace)
		defer t.Stop()
		select {
		case <-t.C:
			cancel()
		case <-longer.Done():
		}
	})
	return longer, func() { stop(); cancel() }
}
