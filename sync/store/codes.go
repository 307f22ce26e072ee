package store

import (
	"errors"
	"io/fs"
	"syscall"
)

// kinds are the errors of a job's files by their health code; the first that fits counts.
var kinds = []struct {
	code string
	err  error
}{
	{"state-other-box", ErrOtherBox},
	{"state-foreign", ErrOtherJob},
	{"state-newer", ErrNewer},
	{"data-full", syscall.ENOSPC},
	{"data-full", syscall.EDQUOT},
	{"data-readonly", syscall.EROFS},
	{"data-in-use", ErrInUse},
	{"data-denied", fs.ErrPermission},
	{"state-damaged", ErrDamaged},
	{"data-error", syscall.EIO},
}

// Code gives the health code of an error of a job's files; empty if it is none.
func Code(err error) string {
	for _, k := range kinds {
		if errors.Is(err, k.err) {
			return k.code
		}
	}
	return ""
}

// Codes gives every health code that this package tells, in errors, in the journal and of rescues.
func Codes() []string {
	all := []string{SteppedBack, FromCopy, BegunAnew, CacheBegunAnew}
	for i, k := range kinds {
		if i == 0 || kinds[i-1].code != k.code {
			all = append(all, k.code)
		}
	}
	return all
}
