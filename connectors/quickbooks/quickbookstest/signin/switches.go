package signin

import "time"

// GrantBody is the body of a 400 invalid_grant. All four were seen.
type GrantBody int

// The bodies.
const (
	GrantBare      GrantBody = iota // the error alone, 25 bytes
	GrantIncorrect                  // described first: Incorrect or invalid refresh token
	GrantExpired                    // Token has been expired or revoked.
	GrantInvalid                    // Token invalid
)

// GrantBodies are all of them.
var GrantBodies = []GrantBody{GrantBare, GrantIncorrect, GrantExpired, GrantInvalid}

var grantTexts = map[GrantBody]string{
	GrantBare:      `{"error":"invalid_grant"}`,
	GrantIncorrect: `{"error_description":"Incorrect or invalid refresh token","error":"invalid_grant"}`,
	GrantExpired:   `{"error":"invalid_grant","error_description":"Token has been expired or revoked."}`,
	GrantInvalid:   `{"error":"invalid_grant","error_description":"Token invalid"}`,
}

// Race is what the second of two refreshes sees that are under way at the same time. The second is
// the one that the service works on when the other one's work is done.
type Race int

// The outcomes of a race. Nobody has described the true one.
const (
	RaceRefused Race = iota // 400 invalid_grant; what the first was given stays good
	RaceSame                // the refresh token that the first was given, and an access token of its own
	RaceAnother             // one more refresh token; the one that the first was given is dead
)

// Races are all of them.
var Races = []Race{RaceRefused, RaceSame, RaceAnother}

// Switches are what the descriptions of the service leave open. A client is right in every position.
type Switches struct {
	InvalidGrant GrantBody
	Race         Race
	// TooSoon refuses a refresh that comes within this time of the last one of its connection, as one
	// user reported. 0 means that none is too soon.
	TooSoon time.Duration
	// HardFromIssue begins the five years anew with each new refresh token.
	HardFromIssue bool
	// RefuseUnknownRevoke answers 400 to the revocation of an unknown or dead token, not 200.
	RefuseUnknownRevoke bool
	// KeepOld lets the connection that a company had live on beside a new one.
	KeepOld bool
}

// SetSwitches changes the switches for the calls that follow.
func (s *Server) SetSwitches(w Switches) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.switches = w
}
