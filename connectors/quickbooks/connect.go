package quickbooks

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"
	"unicode"

	"syncbox/connectors"
)

const (
	signInLife = 10 * time.Minute // of a sign-in that was begun
	signIns    = 4                // that are open at once: a person who clicks again gets another link
	scope      = "com.intuit.quickbooks.accounting"
	maxPasted  = 8 << 10
)

// Connector connects the box to a company, in two ways: a person signs in and the relay hands over
// (Collect), or the person pastes the address where the sign-in ended (Finish). It is for pages and
// consoles, and may be used by several goroutines. Its errors are *connectors.Error.
type Connector struct {
	link   *link
	tokens Tokens
	relay  *relay // nil: straight to Intuit

	mu   sync.Mutex
	open []signIn // begun and neither used nor over, the oldest first; guarded by mu
}

type signIn struct {
	state string
	until time.Time
}

// NewConnector makes a Connector; it starts nothing and sends nothing. Its error wraps ErrConfig. It shares
// its tokens with the company of the same Tokens.
func NewConnector(cfg Config, tokens Tokens, log *slog.Logger, transport http.RoundTripper) (*Connector, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	l := newLink(cfg.withDefaults(), tokens, orDiscard(log), transport)
	r, _ := l.auth.(*relay)
	return &Connector{link: l, tokens: tokens, relay: r}, nil
}

func orDiscard(log *slog.Logger) *slog.Logger {
	if log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return log
}

// Connection tells how the connection is at now. It waits for nothing.
func (c *Connector) Connection(now time.Time) Connection { return connectionOf(c.tokens, now) }

// Begin gives the address at which a person signs in, good for ten minutes.
func (c *Connector) Begin(ctx context.Context) (string, error) {
	s, address := signIn{state: rand.Text(), until: c.link.cfg.Now().Add(signInLife)}, ""
	if c.relay != nil {
		state, at, life, err := c.relay.begin(ctx)
		if err != nil {
			return "", err
		}
		s, address = signIn{state: state, until: c.link.cfg.Now().Add(life)}, at
	} else {
		address = c.link.cfg.addresses().signIn + "/connect/oauth2?" + url.Values{
			"client_id": {c.link.cfg.ClientID}, "response_type": {"code"}, "scope": {scope},
			"redirect_uri": {c.link.cfg.RedirectURL}, "state": {s.state},
		}.Encode()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open = append(c.open, s)
	c.open = c.open[max(0, len(c.open)-signIns):]
	return address, nil
}

// Collect asks the relay for the tokens of the sign-ins that were begun: false while nobody has signed in
// yet. It is called every few seconds. Without a relay there is nothing to collect.
func (c *Connector) Collect(ctx context.Context) (bool, error) {
	if c.relay == nil {
		return false, nil
	}
	open := c.alive()
	if len(open) == 0 {
		return false, refused(CodeStateOver, "no sign-in is under way")
	}
	var last error
	for _, s := range open {
		a, err := c.relay.collect(ctx, s.state)
		switch {
		case err == nil && a == nil:
			last = nil
			continue
		case err == nil:
			t := decoded(decodeTokens(a))
			if connectors.KindOf(t.err) != connectors.Unavailable {
				c.drop(s.state)
			}
			return c.take(ctx, "", t)
		case connectors.CodeOf(err) == CodeStateOver:
			c.drop(s.state)
		}
		last = err
	}
	if connectors.CodeOf(last) == CodeStateOver && len(c.alive()) > 0 {
		return false, nil
	}
	return false, last
}

// decodedTokens is an answer for tokens, or why there are none.
type decodedTokens struct {
	tokenAnswer
	err error
}

func decoded(t tokenAnswer, err error) decodedTokens { return decodedTokens{t, err} }

// alive gives the sign-ins that are not over, and forgets the others.
func (c *Connector) alive() []signIn {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.link.cfg.Now()
	var kept []signIn
	for _, s := range c.open {
		if now.Before(s.until) {
			kept = append(kept, s)
		}
	}
	c.open = kept
	return kept
}

// drop makes a state unusable.
func (c *Connector) drop(state string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, s := range c.open {
		if s.state == state {
			c.open = append(c.open[:i:i], c.open[i+1:]...)
			return
		}
	}
}

// claim uses up the sign-in of a state.
func (c *Connector) claim(state string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, s := range c.open {
		if s.state != state {
			continue
		}
		c.open = append(c.open[:i:i], c.open[i+1:]...)
		if !c.link.cfg.Now().Before(s.until) {
			return refused(CodeStateOver, "the sign-in was begun more than %s ago", signInLife)
		}
		return nil
	}
	return refused(CodeStateUnknown, "no sign-in with this state was begun here")
}

// Finish takes the address at which the sign-in ended, as a person pasted it: with blanks and line breaks,
// or only what follows the question mark. Each sign-in is used once.
func (c *Connector) Finish(ctx context.Context, pasted string) error {
	r, err := parseReturn(pasted)
	if err != nil {
		return err
	}
	if r.refusal == "" && r.realm == "" {
		return refused(CodeNoRealm, "the address names no company")
	}
	if err := c.claim(r.state); err != nil {
		return err
	}
	if r.refusal != "" {
		return refused(codeOfRefusal(r.refusal), "the sign-in ended with %q", word(r.refusal))
	}
	if known := c.known(); known != "" && known != r.realm {
		return refused(CodeWrongRealm, "another company was chosen than the one that is connected")
	}
	a, err := c.link.auth.exchange(ctx, r.state, r.code, r.realm)
	if err != nil {
		return err
	}
	_, err = c.take(ctx, r.realm, decoded(decodeTokens(a)))
	return err
}

func codeOfRefusal(name string) string {
	if name == "access_denied" {
		return CodeDenied
	}
	return CodeSignInRefused
}

// known gives the company that the box belongs to; empty if it is free to choose.
func (c *Connector) known() string {
	g, err := readGrant(c.tokens)
	if err != nil || g.State == Disconnected {
		return ""
	}
	return g.Realm
}

// realmForm is what a company's number can be.
var realmForm = regexp.MustCompile(`^[0-9]{1,20}$`)

// take keeps the tokens of a sign-in. realm is what the person's address says; the answer's own stands
// before it.
func (c *Connector) take(ctx context.Context, realm string, t decodedTokens) (bool, error) {
	if t.err != nil {
		return false, signInError(t.err)
	}
	if t.Realm != "" {
		realm = t.Realm
	}
	v := c.link.vault
	if err := v.lock(ctx); err != nil {
		return false, err
	}
	defer v.unlock()
	old, err := v.load()
	if connectors.KindOf(err) == connectors.Unavailable && err != nil {
		return false, err
	}
	code := ""
	switch {
	case !realmForm.MatchString(realm):
		code = CodeNoRealm
	case old.State != Disconnected && old.Realm != "" && old.Realm != realm:
		code = CodeWrongRealm
	case t.Refresh == "":
		code = CodeSignInRefused
	}
	if code != "" {
		_, _ = c.link.auth.revoke(ctx, orText(t.Refresh, t.Access)) // of no use to anybody; it is all the same whether this works
		return false, refused(code, "the tokens of this sign-in are not for this box")
	}
	now := c.link.cfg.Now()
	g := t.granted(grant{Realm: realm, Since: now}, now)
	c.link.rest, c.link.tries = time.Time{}, 0
	if err := v.save(g); err != nil {
		return false, err
	}
	c.link.log.Info("connected to QuickBooks")
	return true, nil
}

func orText(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// signInError says of a refused exchange that the sign-in is to be done again: no connection has ended.
func signInError(err error) error {
	e, ok := errors.AsType[*connectors.Error](err)
	if !ok || e.Code != CodeReconnect {
		return err
	}
	return &connectors.Error{Kind: e.Kind, Code: CodeSignInRefused, Args: e.Args, Err: e.Err}
}

// Disconnect ends the connection and forgets the tokens; the map of records is not its business. An error
// with CodeNotRevoked says that they are forgotten here and could not be revoked at Intuit.
func (c *Connector) Disconnect(ctx context.Context) error {
	token, err := c.forget(ctx)
	if err != nil || token == "" {
		return err
	}
	c.link.log.Info("disconnected from QuickBooks")
	a, err := c.link.auth.revoke(ctx, token)
	switch {
	case err != nil:
		return connectors.Errorf(connectors.Unavailable, CodeNotRevoked, "revoke the tokens: %w", err)
	case a.Status >= 500 || a.Status == http.StatusUnauthorized:
		return connectors.Errorf(connectors.Unavailable, CodeNotRevoked, "revoke the tokens: status %d", a.Status)
	}
	return nil // also a 400: the token was dead already
}

// forget takes the tokens away, and gives the one by which the connection is revoked.
func (c *Connector) forget(ctx context.Context) (string, error) {
	v := c.link.vault
	if err := v.lock(ctx); err != nil {
		return "", err
	}
	defer v.unlock()
	g, err := v.load()
	if err != nil && connectors.KindOf(err) != connectors.Auth {
		return "", err
	}
	if g.State == Never {
		return "", nil
	}
	return orText(g.Refresh, g.Access), v.save(grant{State: Disconnected, Realm: g.Realm})
}

// returned is what the address at which a sign-in ended says.
type returned struct{ state, code, realm, refusal string }

// parseReturn reads an address, or its query alone, however it was copied.
func parseReturn(pasted string) (returned, error) {
	unreadable := refused(CodePasteUnreadable, "this is not the address at which a sign-in ends")
	if len(pasted) > maxPasted {
		return returned{}, unreadable
	}
	text := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune("\"'<>\u200b\ufeff", r) {
			return -1
		}
		return r
	}, pasted)
	text = strings.ReplaceAll(text, "&amp;", "&")
	if _, query, ok := strings.Cut(text, "?"); ok {
		text = query
	}
	text, _, _ = strings.Cut(text, "#")
	q, err := url.ParseQuery(text)
	if err != nil {
		return returned{}, unreadable
	}
	r := returned{state: q.Get("state"), code: q.Get("code"), realm: q.Get("realmId"), refusal: q.Get("error")}
	if r.state == "" || r.code == "" && r.refusal == "" {
		return returned{}, unreadable
	}
	if r.realm != "" && !realmForm.MatchString(r.realm) {
		return returned{}, refused(CodeNoRealm, "the address names no company")
	}
	return r, nil
}

// String keeps what it knows out of logs.
func (c *Connector) String() string { return fmt.Sprintf("connector of %s", c.link.cfg) }

// GoString is String.
func (c *Connector) GoString() string { return c.String() }
