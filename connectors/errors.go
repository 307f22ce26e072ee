package connectors

import (
	"errors"
	"fmt"
	"time"
)

// Kind says what happens next to an error, whatever product it came from.
type Kind int

// The kinds, from the mildest to the one that only a person can end.
const (
	// Unknown is an error nobody sorted; it is treated as Unavailable and its text is kept.
	Unknown Kind = iota
	// Busy means that somebody else uses the file or the record: the same again, next cycle.
	Busy
	// Unavailable means that the outside system does not answer: later, with back-off.
	Unavailable
	// RateLimited means wait; Error.Retry says how long.
	RateLimited
	// Rejected means that this one record is refused: quarantine it, the others go on.
	Rejected
	// Drift means that the outside system is no longer shaped as we were told (a failed layout
	// probe, a missing protected list): this direction stops before one write.
	Drift
	// Auth means that the log-on is refused: this side stops and a person is told. No retry loop.
	Auth
	// Hold means that a person must look before anything goes on in either direction
	// (the folder of the ERP is an older copy).
	Hold
)

var kindNames = [...]string{"unknown", "busy", "unavailable", "rate-limited", "rejected", "drift", "auth", "hold"}

// String gives the kind's stable name.
func (k Kind) String() string { return kindNames[k] }

// Error is an error of an outside system, sorted by what happens next.
//
// Code is the stable health code (share-unreachable, layout-probe-failed) that lights, pages and
// support look up; Args are its placeholders. Neither holds secrets or customer data.
type Error struct {
	Kind  Kind
	Code  string
	Args  map[string]string
	Retry time.Duration // RateLimited: wait at least this long; else 0
	Err   error         // the cause, may be nil
}

// Error tells the code and the cause.
func (e *Error) Error() string {
	if e.Err == nil {
		return e.Code
	}
	return e.Code + ": " + e.Err.Error()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an Error whose cause is a formatted text; %w works as in fmt.Errorf.
func Errorf(kind Kind, code, format string, args ...any) *Error {
	return &Error{Kind: kind, Code: code, Err: fmt.Errorf(format, args...)}
}

// KindOf gives the kind of the first Error in err's chain, Unknown if there is none.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Unknown
}

// CodeOf gives the health code of the first Error in err's chain, "internal-error" if there is none.
func CodeOf(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return "internal-error"
}
