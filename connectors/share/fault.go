package share

import (
	"context"
	"errors"
	"io/fs"

	"syncbox/connectors"
)

// Fault makes a *connectors.Error of an error of any file system: this package's own is passed on, one of a folder of this machine is
// share-denied or share-error. The end of a context stays what it is, and so does no error.
func Fault(err error) error {
	if IsFault(err) {
		return err
	}
	code := CodeError
	if errors.Is(err, fs.ErrPermission) {
		code = CodeDenied
	}
	return &connectors.Error{Kind: connectors.Unavailable, Code: code, Err: err}
}

// IsFault says whether Fault would pass err on as it is.
func IsFault(err error) bool {
	_, ok := errors.AsType[*connectors.Error](err)
	return ok || err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// NotThere says whether an error of any file system means that the path does not exist.
func NotThere(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || ClassOf(err) == Gone
}
