package quickbooks

import (
	"time"
)

// What is told ahead.
const (
	warnIdle = 14 * 24 * time.Hour
	warnHard = 60 * 24 * time.Hour
)

// Connection is how the connection to a company is, for people.
type Connection struct {
	State string // Never, Connected, Reconnect or Disconnected
	Realm string // the company's number, also of a connection that has ended; empty if there was none
	// Code is why a person has to do something, or soon will: CodeReconnect, CodeReconnectLost, CodeTokens,
	// CodeEndsIdle, CodeEndsHard; empty if nothing is the matter.
	Code string
	// Since is when a person connected; Refreshed, when the tokens were renewed last.
	Since, Refreshed time.Time
	// IdleDeath is when the connection ends if the box does not reach Intuit before, HardDeath when it ends
	// in any case; zero while not connected.
	IdleDeath, HardDeath time.Time
}

// connectionOf tells how the connection is, without waiting for anything.
func connectionOf(t Tokens, now time.Time) Connection {
	g, err := readGrant(t)
	if err != nil {
		return Connection{State: Reconnect, Code: CodeTokens}
	}
	c := Connection{State: g.State, Realm: g.Realm, Code: g.Why, Since: g.Since, Refreshed: g.Last}
	if g.State != Connected {
		return c
	}
	c.IdleDeath, c.HardDeath = g.Idle, g.Hard
	switch {
	case g.Idle.Sub(now) <= warnIdle:
		c.Code = CodeEndsIdle
	case g.Hard.Sub(now) <= warnHard:
		c.Code = CodeEndsHard
	}
	return c
}
