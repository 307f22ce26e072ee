package signin

import (
	"strings"
	"time"
)

// BearerProblem is why the accounting API turns a caller away.
type BearerProblem string

// The problems, in the order in which they are looked for.
const (
	NoBearer    BearerProblem = "no bearer token" // no such header, or another scheme
	WrongLength BearerProblem = "malformed bearer token: too short or too long"
	Unknown     BearerProblem = "unknown bearer token"
	RevokedUse  BearerProblem = "the connection has ended"
	Expired     BearerProblem = "bearer token expired"
	LostUser    BearerProblem = "the person who connected lost access to the company"
)

// BearerError is the refusal of a bearer token. It holds no token.
type BearerError struct {
	Problem BearerProblem
	Realm   string // of the connection; "" where the token names none
}

func (e *BearerError) Error() string { return "check authorization: " + string(e.Problem) }

// The lengths that a bearer token may have, in bytes.
const (
	minBearer = 64
	maxBearer = 4096
)

// Check gives the company that the caller of the accounting API may work with, from the request's
// Authorization header and the time. Its error is a *BearerError. The caller compares the realm with
// that of its path. A token that passes counts as a sign that its holder has the answer it came in.
func (s *Server) Check(authorization string, now time.Time) (realm string, err error) {
	scheme, value, _ := strings.Cut(authorization, " ")
	switch {
	case !strings.EqualFold(scheme, "Bearer") || value == "":
		return "", &BearerError{Problem: NoBearer}
	case len(value) < minBearer || len(value) > maxBearer:
		return "", &BearerError{Problem: WrongLength}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.state.access[value]
	if a == nil {
		return "", &BearerError{Problem: Unknown}
	}
	a.with.acknowledged = true
	if p := s.state.problem(a, now); p != "" {
		return "", &BearerError{Problem: p, Realm: a.of.realm}
	}
	return a.of.realm, nil
}

// problem tells why a known access token is no good, "" if it is.
func (st *state) problem(a *accessToken, now time.Time) BearerProblem {
	switch {
	case a.of.ended:
		return RevokedUse
	case !now.Before(a.expires):
		return Expired
	case st.lost[a.of.realm]:
		return LostUser
	}
	return ""
}
