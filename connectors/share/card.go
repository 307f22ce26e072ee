package share

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync/atomic"
)

// LockedFile is a file of the ERP, opened to change single cards of it. To be held for milliseconds.
// After an error of class Dead it is unknown what reached the server: read it again on a new one.
type LockedFile interface {
	io.ReaderAt
	// WriteAt writes in place. It refuses while no range is locked.
	io.WriterAt
	// Stat asks the server.
	Stat() (fs.FileInfo, error)
	// Lock takes an exclusive byte-range lock on n bytes from off, which may lie beyond the end of
	// the file. It never waits: when somebody is in the way the error is of class Busy.
	Lock(off, n int64) error
	// Unlock gives back what Lock took, with the same numbers.
	Unlock(off, n int64) error
	// Sync brings what was written to the server's disk.
	Sync() error
	// Close gives back every lock and the file. It may be called twice.
	Close() error
}

var (
	errNoLock   = errors.New("no range is locked")
	errBadRange = errors.New("not a range of bytes")
)

// OpenCard opens an existing file of the ERP with access for reading and writing, shared with
// everybody. Only a Writer for WriteCards does so.
func (w *Writer) OpenCard(ctx context.Context, name string) (LockedFile, error) {
	if w.mode != WriteCards {
		return nil, failure("open", name, errMode)
	}
	h, err := w.m.open(ctx, name, os.O_RDWR)
	if err != nil {
		return nil, err
	}
	return &card{handle: h}, nil
}

// card is a handle that counts its locks.
type card struct {
	*handle
	locks atomic.Int32
}

func (c *card) WriteAt(p []byte, off int64) (int, error) {
	if c.locks.Load() == 0 {
		return 0, failure("write", c.name, errNoLock)
	}
	if off < 0 {
		return 0, failure("write", c.name, errBadRange)
	}
	return c.handle.WriteAt(p, off)
}

func (c *card) Lock(off, n int64) error {
	if off < 0 || n <= 0 { // a length of 0 would lock to the end of the file
		return failure("lock", c.name, fmt.Errorf("%w: %d from %d", errBadRange, n, off))
	}
	err := c.do(call{"lock", c.name, inLock, 0}, func() error { return c.file.lock(off, n) })
	if err == nil {
		c.locks.Add(1)
	}
	return err
}

func (c *card) Unlock(off, n int64) error {
	if off < 0 || n <= 0 {
		return failure("unlock", c.name, fmt.Errorf("%w: %d from %d", errBadRange, n, off))
	}
	err := c.do(call{"unlock", c.name, inLock, 0}, func() error { return c.file.unlock(off, n) })
	if err == nil {
		c.locks.Add(-1)
	}
	return err
}
