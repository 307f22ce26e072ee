package order

import "fmt"

// Code says why an order is refused. The words are part of the protocol with support.
type Code string

// Codes, in the order of the checks.
const (
	TooBig         Code = "too-big"         // more than MaxEnvelope bytes
	BadEnvelope    Code = "bad-envelope"    // not an envelope of ours, or a payload that isn't complete
	BadSignature   Code = "bad-signature"   // not enough keys of the role that the op demands
	UnknownOp      Code = "unknown-op"      // signed, but this version can't do it
	NotMe          Code = "not-me"          // for another box or group
	ClockUntrusted Code = "clock-untrusted" // could hurt if it came late, and the box doesn't know the time
	Expired        Code = "expired"         // its time is over, or longer than it may be
	NotYet         Code = "not-yet"         // its time has not come
	Known          Code = "known"           // was taken already: tell its outcome again, don't repeat it
	Replayed       Code = "replayed"        // older than another order of the same role
	BadArgs        Code = "bad-args"        // arguments that can't be used
)

// Refusal is every error of Verify.
type Refusal struct {
	Code  Code
	ID    string // of the order; empty unless its signature was good
	Cause error
}

func (r *Refusal) Error() string {
	if r.ID == "" {
		return fmt.Sprintf("order refused (%s): %v", r.Code, r.Cause)
	}
	return fmt.Sprintf("order %s refused (%s): %v", r.ID, r.Code, r.Cause)
}

func (r *Refusal) Unwrap() error { return r.Cause }

func refuse(code Code, format string, args ...any) *Refusal {
	return &Refusal{Code: code, Cause: fmt.Errorf(format, args...)}
}
