package quickbooks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"syncbox/connectors"
)

// Tokens is the one place of a connection's tokens; the box gives it, encrypted and of its own file. One
// process has one writer for each: values that are equal by == share a lock, so it is a pointer or another
// comparable value.
type Tokens interface {
	Load() ([]byte, error) // nil, nil: never connected
	Save([]byte) error     // durable (written aside, synced, renamed) when it returns nil
}

// The states of a connection.
//
//	never ──connect──► connected ──refused──► reconnect
//	                    ▲  │  ▲                   │
//	                    │  └──┼──disconnect───────┤
//	                    │     └──────connect──────┘
//	                    └─connect── disconnected ◄┘
const (
	Never        = "never"
	Connected    = "connected"
	Reconnect    = "reconnect"    // a person has to connect again; data and cursors wait
	Disconnected = "disconnected" // a person ended it; the map of records stays
)

// What is known about how long tokens live.
const (
	idleLife  = 100 * 24 * time.Hour // of a refresh token that nobody uses
	hardLife  = 5 * 365 * 24 * time.Hour
	accessAge = time.Hour // of an access token whose answer does not say it
)

// grant is what the token file holds.
type grant struct {
	State   string    `json:"state"`
	Realm   string    `json:"realm"` // of the latest connection, also when it has ended
	Access  string    `json:"access_token,omitempty"`
	Refresh string    `json:"refresh_token,omitempty"`
	Until   time.Time `json:"access_until"`
	Idle    time.Time `json:"idle_death"` // the refresh token dies then, if it is not used before
	Hard    time.Time `json:"hard_death"` // and then in any case
	Since   time.Time `json:"connected_at"`
	Last    time.Time `json:"refreshed_at"`
	Lost    time.Time `json:"answer_lost_at,omitzero"` // an exchange is pending: its answer was lost
	Why     string    `json:"why,omitempty"`           // the code of state reconnect
}

// String shows nothing of the tokens.
func (g grant) String() string { return "quickbooks grant " + g.State }

// GoString is String.
func (g grant) GoString() string { return g.String() }

// LogValue is String.
func (g grant) LogValue() slog.Value { return slog.StringValue(g.String()) }

// vault is a place of tokens with its lock: whoever changes them holds it from reading them to having saved.
type vault struct {
	tokens  Tokens
	turn    chan struct{} // holds one token while somebody has the lock
	unsaved *grant        // newer than what the place holds, since saving failed; guarded by turn
}

// lock waits until nobody else changes the tokens, or ctx ends.
func (v *vault) lock(ctx context.Context) error {
	if ctx.Err() == nil {
		select {
		case v.turn <- struct{}{}:
			return nil
		case <-ctx.Done():
		}
	}
	return sure(connectors.Unavailable, CodeUnreachable, ctx.Err())
}

func (v *vault) unlock() { <-v.turn }

var vaults = struct {
	sync.Mutex
	of map[Tokens]*vault // guarded by the mutex
}{of: map[Tokens]*vault{}}

// vaultOf gives the one vault of a place, so that the page and the engine don't write at once.
func vaultOf(t Tokens) *vault {
	vaults.Lock()
	defer vaults.Unlock()
	v := vaults.of[t]
	if v == nil {
		v = &vault{tokens: t, turn: make(chan struct{}, 1)}
		vaults.of[t] = v
	}
	return v
}

// load reads what the place holds, or saves first what it should. The lock is held.
func (v *vault) load() (grant, error) {
	if v.unsaved != nil {
		g := *v.unsaved
		return g, v.save(g)
	}
	return readGrant(v.tokens)
}

// save makes g durable. What can't be saved is kept in memory and tried again: the token before it may be
// dead already. The lock is held.
func (v *vault) save(g grant) error {
	b, err := json.Marshal(g)
	if err != nil {
		return fmt.Errorf("keep the tokens: %w", err)
	}
	if err := v.tokens.Save(b); err != nil {
		v.unsaved = &g
		return tokensError("keep", err)
	}
	v.unsaved = nil
	return nil
}

// readGrant may be called without the lock: a place is replaced as a whole.
func readGrant(t Tokens) (grant, error) {
	b, err := t.Load()
	if err != nil {
		return grant{}, tokensError("read", err)
	}
	if b == nil {
		return grant{State: Never}, nil
	}
	var g grant
	if err := json.Unmarshal(b, &g); err != nil || g.State == "" {
		return grant{}, sure(connectors.Auth, CodeTokens, errors.New("read the tokens: what was kept is damaged"))
	}
	return g, nil
}

func tokensError(what string, err error) error {
	return connectors.Errorf(connectors.Unavailable, CodeTokens, "%s the tokens: %w", what, certainly(true, err))
}
