package share

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"syscall"

	"syncbox/connectors"
)

// Class is what an error of the share means for the next step.
type Class int

// The classes. Dead and ShareGone end the mount: the next use mounts afresh.
const (
	Unknown     Class = iota // not sorted; its text goes into the log
	Busy                     // somebody else has the file open or the range locked: again later
	Gone                     // this path is not there (only a complete listing proves a file gone)
	Auth                     // the log-on is refused: stop and tell a person
	Denied                   // logged on, but without the right for this
	Full                     // no room on the server
	ReadOnly                 // the share or the mount takes no writes
	ShareGone                // the server has no such share (any more)
	Dead                     // the server does not answer; after any time-out, too
	MountBusy                // the mount itself is refused as busy
	Dialect                  // the server is too old for SMB 3
	DFS                      // the path leads to another server: configure that one
	Unsupported              // this machine cannot mount a Windows share
	Stuck                    // too many calls never came back: the process must start again
	Conflict                 // a drop file of this name is there with other content
)

// The stable health codes of this package. They are the Code of its *connectors.Error values, whose
// Args hold "share" and, where a file is meant, "file".
const (
	CodeError       = "share-error"
	CodeFileBusy    = "file-busy"
	CodeFileGone    = "file-gone"
	CodeAuth        = "share-auth"
	CodeDenied      = "share-denied"
	CodeFull        = "share-full"
	CodeReadOnly    = "share-read-only"
	CodeGone        = "share-gone"
	CodeUnreachable = "share-unreachable"
	CodeBusy        = "share-busy"
	CodeDialect     = "share-dialect"
	CodeDFS         = "share-dfs"
	CodeUnsupported = "share-unsupported"
	CodeStuck       = "share-stuck"
	CodeConflict    = "drop-conflict"
)

// classes is ordered as the Class constants.
var classes = [...]struct {
	kind connectors.Kind
	code string
}{
	Unknown:     {connectors.Unknown, CodeError},
	Busy:        {connectors.Busy, CodeFileBusy},
	Gone:        {connectors.Unavailable, CodeFileGone},
	Auth:        {connectors.Auth, CodeAuth},
	Denied:      {connectors.Unavailable, CodeDenied},
	Full:        {connectors.Unavailable, CodeFull},
	ReadOnly:    {connectors.Unavailable, CodeReadOnly},
	ShareGone:   {connectors.Unavailable, CodeGone},
	Dead:        {connectors.Unavailable, CodeUnreachable},
	MountBusy:   {connectors.Busy, CodeBusy},
	Dialect:     {connectors.Unavailable, CodeDialect},
	DFS:         {connectors.Unavailable, CodeDFS},
	Unsupported: {connectors.Unavailable, CodeUnsupported},
	Stuck:       {connectors.Unavailable, CodeStuck},
	Conflict:    {connectors.Rejected, CodeConflict},
}

// Codes lists every health code this package can give, in the order of the classes.
func Codes() []string {
	codes := make([]string, len(classes))
	for i, c := range classes {
		codes[i] = c.code
	}
	return codes
}

// ClassOf gives the class of an error of this package, Unknown for any other.
func ClassOf(err error) Class {
	code := connectors.CodeOf(err)
	for class, c := range classes {
		if c.code == code {
			return Class(class)
		}
	}
	return Unknown
}

// where is the kind of call in which an error came up: one errno has several causes.
type where int

const (
	inMount where = iota
	inOpen        // also stat and directory listings
	inRead        // of an opened file
	inWrite       // also fsync and the close of a file written to
	inLock
	inRename // also remove
)

// classify sorts an error that came back from a call.
func classify(at where, err error) Class {
	if e, ok := errors.AsType[*connectors.Error](err); ok {
		return ClassOf(e)
	}
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		if class, known := classOfErrno(at, errno); known {
			return class
		}
	}
	switch {
	case errors.Is(err, fs.ErrNotExist) && at == inMount:
		return ShareGone
	case errors.Is(err, fs.ErrNotExist):
		return Gone
	case errors.Is(err, fs.ErrPermission):
		return refused(at)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return Dead
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok { // not any net.Error: each errno is one, too
		return Dead
	}
	return Unknown
}

// refused tells what "permission denied" means at a place: on an opened file it is a locked range.
func refused(at where) Class {
	switch at {
	case inMount:
		return Auth
	case inRead, inWrite, inLock:
		return Busy
	}
	return Denied
}

// ends says whether an error of this class makes the mount useless.
func (c Class) ends() bool { return c == Dead || c == ShareGone }

// sorted makes the *connectors.Error of err; one that is sorted already is passed on.
func sorted(class Class, share, file string, err error) error {
	if _, ok := errors.AsType[*connectors.Error](err); ok {
		return err
	}
	if path, ok := err.(*fs.PathError); ok {
		err = path.Err // the caller says operation and path itself
	}
	args := map[string]string{"share": share}
	if file != "" {
		args["file"] = file
	}
	return &connectors.Error{Kind: classes[class].kind, Code: classes[class].code, Args: args, Err: err}
}

// failure is the error of an operation on a path, as io/fs wants it.
func failure(op, path string, err error) error {
	if _, ok := err.(*fs.PathError); ok {
		return err
	}
	return &fs.PathError{Op: op, Path: path, Err: err}
}
