package share

import (
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// setLock takes or gives back an exclusive byte-range lock, bound to the open file and not to the
// process (fcntl(2), open file description locks). Taking fails at once when somebody is in the way.
// The range may lie beyond the file's end.
func setLock(f *os.File, take bool, off, n int64) error {
	l := unix.Flock_t{Type: unix.F_UNLCK, Whence: io.SeekStart, Start: off, Len: n}
	if take {
		l.Type = unix.F_WRLCK
	}
	return unix.FcntlFlock(f.Fd(), unix.F_OFD_SETLK, &l)
}
