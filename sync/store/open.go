package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	bolt "go.etcd.io/bbolt"
	"golang.org/x/sys/unix"
)

// ErrInUse means that another process holds the file.
var ErrInUse = errors.New("in use by another process")

// OpenBolt opens or makes a bbolt file. A new one is made aside and renamed, so that a power cut never leaves
// half of it. One that is there is verified before it is used; a damaged one gives ErrDamaged and stays as it
// is.
func OpenBolt(path string) (KV, error) {
	kv, err := openOrMake(path)
	if err != nil {
		return nil, err // not a nil *boltKV
	}
	return kv, nil
}

func openOrMake(path string) (*boltKV, error) {
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		if err := makeBolt(path); err != nil {
			return nil, fmt.Errorf("make database %s: %w", filepath.Base(path), err)
		}
	}
	kv, err := openBolt(path)
	if err != nil {
		return nil, fmt.Errorf("open database %s: %w", filepath.Base(path), err)
	}
	return kv, nil
}

func makeBolt(path string) error {
	return replace(path, func(tmp string) error {
		db, err := bolt.Open(tmp, 0o600, &bolt.Options{Timeout: lockPatience})
		if err != nil {
			return err
		}
		return errors.Join(db.Sync(), db.Close())
	})
}

// replace has a file made aside, which fill must make durable, and puts it in its place in one step.
func replace(path string, fill func(tmp string) error) error {
	tmp := path + leftOver
	_ = os.Remove(tmp)
	err := fill(tmp)
	if err == nil {
		err = os.Rename(tmp, path)
	}
	if err != nil {
		_ = os.Remove(tmp)
		return err
	}
	return syncFolder(filepath.Dir(path))
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// openBolt locks a file, verifies it, and only then has bbolt map it.
func openBolt(path string) (*boltKV, error) {
	f, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	b := &boltKV{file: f}
	if err := lock(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if b.opened, err = verifyForUse(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	err = b.guard(func() (err error) {
		b.db, err = bolt.Open(path, 0, &bolt.Options{Timeout: lockPatience, NoFreelistSync: b.opened.cheap(), FreelistType: bolt.FreelistMapType,
			OpenFile: func(string, int, os.FileMode) (*os.File, error) { return f, nil }})
		if err != nil {
			return err
		}
		return b.db.View(func(tx *bolt.Tx) error {
			// One later where bbolt has listed the free pages of a file that grew large: its content is still to be sealed.
			now := uint64(tx.ID())
			b.wrote, b.opened.txid = now != b.opened.txid, now
			return nil
		})
	})
	if err != nil {
		_ = f.Close() // as a rule bbolt has done so
		return nil, err
	}
	return b, nil
}

// openRegular opens a file that is one. A mode that keeps us out is set right, and so is one that lets others
// in: the file holds names and amounts of customers.
func openRegular(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() == 0 {
		return nil, fmt.Errorf("%w: %s of %d bytes", ErrDamaged, info.Mode(), info.Size())
	}
	if info.Mode().Perm() != 0o600 {
		_ = os.Chmod(path, 0o600) // opening tells whether it matters
	}
	return os.OpenFile(path, os.O_RDWR, 0)
}

// lockPatience is how long a file is waited for whose process is about to end.
const lockPatience = 2 * time.Second

// lock keeps other processes from a file until it is closed.
func lock(f *os.File) (err error) {
	free := func() bool {
		err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		return !errors.Is(err, unix.EWOULDBLOCK)
	}
	if !await(lockPatience, free) {
		return ErrInUse
	}
	return err
}

// await asks again and again whether something has happened, for about so long; it says whether it has. It
// reads no clock.
func await(patience time.Duration, happened func() bool) bool {
	const pause = 20 * time.Millisecond
	for range patience / pause {
		if happened() {
			return true
		}
		ts := unix.NsecToTimespec(int64(pause))
		_ = unix.Nanosleep(&ts, nil)
	}
	return happened()
}

// cheap is the size up to which a file is read as a whole whenever it is opened. So small a one lists no free pages:
// that spares the flash a page or more per transaction.
const cheap = 64 << 20

func (s shape) cheap() bool { return int64(s.pages)*s.page <= cheap }

// verifyForUse verifies a file; a large one that was closed in good order only as far as bbolt needs to map it.
func verifyForUse(f *os.File) (shape, error) {
	info, err := f.Stat()
	if err != nil {
		return shape{}, err
	}
	if info.Size() > cheap {
		if s, err := verify(f, info.Size(), true); err == nil && s.seal.clean {
			return s, nil
		}
	}
	readThrough(f)
	return verify(f, info.Size(), false)
}

// readThrough reads a file in the order of the disk, so that the walk through its pages, which jumps, finds them
// in memory. What can't be read is told by the walk, if it matters.
func readThrough(f *os.File) {
	b := make([]byte, 1<<20)
	for at := int64(0); ; at += int64(len(b)) {
		if _, err := f.ReadAt(b, at); err != nil {
			return
		}
	}
}
