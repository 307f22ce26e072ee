package enrol

import (
	"errors"
	"fmt"
	"time"
)

// Code is a health code.
type Code string

// The codes.
const (
	Missing     Code = "certificate-missing" // the box has none
	Expired     Code = "certificate-expired"
	Ending      Code = "certificate-ending"  // and none took its place in all that time
	Due         Code = "certificate-due"     // no server is set: a person has to bring one
	Unfit       Code = "certificate-unfit"   // what was brought is for another key, another box, of another authority
	Rejected    Code = "certificate-refused" // the broker takes the old one and not the new one
	Waiting     Code = "enrol-waiting"       // the server has not decided yet
	Refused     Code = "enrol-refused"       // the server says no: serial number, code, certificate
	Untrusted   Code = "enrol-untrusted"     // the server has no certificate of an authority that the box knows
	Unreachable Code = "enrol-unreachable"
	BadAnswer   Code = "enrol-bad-answer"
	NoServer    Code = "enrol-no-server"
	NoAuthority Code = "enrol-no-authority" // the box knows none, and so no server
	Storage     Code = "identity-error"     // the box's own files
)

// Error is what went wrong, with a code for people.
type Error struct {
	Code  Code
	After time.Duration // with Waiting and Unreachable: what the server asked for; 0 = nothing
	Err   error
}

// Error tells what went wrong. It holds no secret.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// CodeOf gives the code of an error of this package, empty for nil.
func CodeOf(err error) Code {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	if err == nil {
		return ""
	}
	return Storage
}

func errorf(code Code, format string, args ...any) error {
	return &Error{Code: code, Err: fmt.Errorf(format, args...)}
}
