//go:build !linux

package share

import "syscall"

// classOfErrno knows no errno here: only directories are read on such machines, and the errors of
// io/fs tell enough about those.
func classOfErrno(where, syscall.Errno) (Class, bool) { return Unknown, false }
