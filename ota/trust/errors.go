package trust

import (
	"errors"
	"fmt"

	"github.com/theupdateframework/go-tuf/v2/metadata"

	"syncbox/ota/fetch"
)

// Code says why there is nothing to install. Errors of package fetch keep their own codes.
type Code string

// Codes.
const (
	NoRoot      Code = "update-no-root"      // neither the stored nor the factory root can be read
	Signature   Code = "update-signature"    // not enough good signatures
	BadMetadata Code = "update-metadata"     // signed or not, it can't be used
	Rollback    Code = "update-rollback"     // older than what was seen before
	Mixed       Code = "update-mixed"        // parts of different states
	Frozen      Code = "update-frozen"       // the timestamp has ended: nobody has renewed it, or somebody withholds it
	RootExpired Code = "update-root-expired" // the newest root has ended
	Expired     Code = "update-expired"      // snapshot or targets have ended
	TooBig      Code = Code(fetch.TooBig)    // a file is larger than it may be
	Unreachable Code = Code(fetch.Unreachable)
)

// Error is a file of the metadata that was not accepted.
type Error struct {
	Code Code
	File string // "metadata/timestamp.json"
	Err  error
}

func (e *Error) Error() string { return fmt.Sprintf("verify %s: %v", e.File, e.Err) }

func (e *Error) Unwrap() error { return e.Err }

// CodeOf gives the code of an error of Refresh: one of this package or of fetch; empty for any other error, such as the
// end of a context.
func CodeOf(err error) Code {
	var own *Error
	if errors.As(err, &own) {
		return own.Code
	}
	var got *fetch.Error
	if errors.As(err, &got) {
		return Code(got.Code)
	}
	return ""
}

func fail(code Code, file, format string, args ...any) error {
	return &Error{Code: code, File: file, Err: fmt.Errorf(format, args...)}
}

// guarded calls the library. It trusts in maps without null among their values; such a value makes it panic, even in
// metadata that nobody has signed.
func guarded(call func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("malformed: %v", p)
		}
	}()
	return call()
}

// judge gives the code of an error of the library; older is what a wrong version means.
func judge(file string, err error, older Code) error {
	if err == nil {
		return nil
	}
	code := BadMetadata
	switch {
	case errors.Is(err, &metadata.ErrUnsignedMetadata{}):
		code = Signature
	case errors.Is(err, &metadata.ErrLengthOrHashMismatch{}):
		code = Mixed
	case errors.Is(err, &metadata.ErrExpiredMetadata{}):
		code = Expired
	case errors.Is(err, &metadata.ErrBadVersionNumber{}):
		code = older
	}
	return &Error{Code: code, File: file, Err: err}
}
