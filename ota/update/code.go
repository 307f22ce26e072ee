package update

import (
	"errors"
	"fmt"

	"syncbox/ota/fetch"
	"syncbox/ota/order"
	"syncbox/ota/trust"
)

// Code says why something does not go on. Those of packages order, trust and fetch are handed on as they are.
type Code string

// Codes.
const (
	// Why a wish is not followed.
	Unselected   Code = "update-unselected"    // started without the boot selector: there is no other slot
	NotCommitted Code = "update-not-committed" // the system that runs is on trial itself
	NotPublished Code = "update-not-published" // nothing of that name in the signed list, so far
	Disagree     Code = "update-disagree"      // order and signed list name different systems
	WrongBoard   Code = "update-wrong-board"   // for another kind of board
	Downgrade    Code = "update-downgrade"     // older than what runs, without an order of two keys
	BelowFloor   Code = "update-below-floor"   // older than may ever be installed again
	KnownBad     Code = "update-known-bad"     // failed here before, under this very order
	TooLarge     Code = "update-too-large"     // does not fit into a slot
	BadManifest  Code = "update-manifest"      // the signed manifest can't be used

	// What went wrong on the way.
	NoSource   Code = "update-no-source"    // no server and no stick
	BadPayload Code = "update-payload"      // not the bytes that were signed
	SlotFault  Code = "update-slot"         // the slot can't be written or read
	Spoilt     Code = "update-slot-spoilt"  // the slot does not give back what was written
	StateFault Code = "update-boot-state"   // the boot state can't be written
	RecordLost Code = "update-record"       // the database can't be written
	Internal   Code = "update-internal"     // anything else
	Waiting    Code = "update-waiting"      // for the allowed hours
	FloorsLost Code = "update-floors"       // the floors can't be written
	Damaged    Code = "update-good-damaged" // the good slot does not start: the other one runs

	// Why a trial ended badly. A check that failed gives "trial-" and its name instead.
	Interrupted Code = "trial-interrupted" // it never came to an end, again and again: somebody pulled the plug, or it crashes
	Crashed     Code = "trial-crashed"     // the watchdog ended it
	Unreadable  Code = "trial-unreadable"  // the boot selector refused the slot
	Unfinished  Code = "trial-unfinished"  // a check of its own never came to an end
	NoLink      Code = "trial-no-link"     // no link where the old system had one

	// Superseded: another order came.
	Superseded Code = "superseded"
)

// Error is why something does not go on.
type Error struct {
	Code Code
	Err  error
}

func (e *Error) Error() string { return e.Err.Error() }

func (e *Error) Unwrap() error { return e.Err }

func fail(code Code, format string, args ...any) error {
	return &Error{Code: code, Err: fmt.Errorf(format, args...)}
}

// CodeOf gives the code of any error of this package.
func CodeOf(err error) Code {
	var own *Error
	if errors.As(err, &own) {
		return own.Code
	}
	var refused *order.Refusal
	if errors.As(err, &refused) {
		return Code(refused.Code)
	}
	var got *fetch.Error
	if code := trust.CodeOf(err); code != "" {
		return Code(code)
	} else if errors.As(err, &got) {
		return Code(got.Code)
	}
	return Internal
}

// security says whether a code may be somebody's attempt rather than a fault.
func (c Code) security() bool {
	switch c {
	case Disagree, WrongBoard, Downgrade, BelowFloor, BadPayload, BadManifest,
		Code(trust.Signature), Code(trust.Rollback), Code(trust.Mixed), Code(trust.BadMetadata), Code(trust.TooBig),
		Code(order.BadSignature):
		return true
	}
	return false
}
