package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
)

// Source has the files of a release. Names are slash-separated, as fs.ValidPath wants them. A Source may be used by
// several goroutines. Every error but a cancelled context's is an *Error.
type Source interface {
	// Get gives a whole small file of at most max bytes.
	Get(ctx context.Context, name string, max int64) ([]byte, error)
	// Open gives length bytes of a file, beginning at offset; length is at least 1. The reader gives exactly so many
	// bytes and io.EOF, or an error; then the rest may be asked for from where it stands. The caller closes it. An end of
	// ctx also ends the reader.
	Open(ctx context.Context, name string, offset, length int64) (io.ReadCloser, error)
}

// Code says what went wrong.
type Code string

// Codes.
const (
	Unreachable Code = "update-unreachable" // no connection, or one that broke
	Slow        Code = "update-slow"        // less than the least rate
	BadServer   Code = "update-server"      // an answer that makes no sense: status, range, redirect
	Missing     Code = "update-missing"     // the file is not there
	TooBig      Code = "update-too-big"     // the file is larger than it may be
	Changed     Code = "update-changed"     // the file is not the one that was begun; the next Open begins with the new one
)

// Errors that an *Error matches by errors.Is, for those who need no code.
var (
	ErrNotFound = fmt.Errorf("not there: %w", fs.ErrNotExist)
	ErrTooBig   = errors.New("larger than it may be")
	ErrSlow     = errors.New("slower than the least rate")
)

// Error is a file that could not be had.
type Error struct {
	Code   Code
	Name   string // of the file
	Server string // host of the server, or what the folder is called
	Err    error
}

func (e *Error) Error() string { return fmt.Sprintf("get %s from %s: %v", e.Name, e.Server, e.Err) }

func (e *Error) Unwrap() error { return e.Err }
