package acombatest

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/sys/unix"
)

// Errors of the simulated program, to be found with errors.Is.
var (
	// ErrLocked means that another station holds the card.
	ErrLocked = errors.New("card is held by another station")
	// ErrExclusive means that the exclusive marker COMPANY.LCK is present.
	ErrExclusive = errors.New("company is open exclusively")
	// ErrNoLock means that this kind of folder has no byte-range locks.
	ErrNoLock = errors.New("byte-range locks are not supported by this folder")
	// ErrNoCard means that a position is outside the file or its card is not in use.
	ErrNoCard = errors.New("no such card")
	// ErrDuplicate means that another card in use has the same number.
	ErrDuplicate = errors.New("number is already in use")
)

// Folder is how the simulated program reaches the company folder: a plain directory, or a session
// on a share. Names are relative, with forward slashes. Errors satisfy errors.Is with fs.ErrNotExist
// and fs.ErrPermission where that is the cause.
type Folder interface {
	Open(name string, write bool) (File, error) // an existing file
	Create(name string) (File, error)           // empty, replacing what was there
	Mkdir(name string) error
	ReadDir(name string) ([]fs.FileInfo, error) // "." is the folder itself
	Stat(name string) (fs.FileInfo, error)
	Rename(from, to string) error // replaces an existing file
	Remove(name string) error
}

// File is one open file. ReadAt follows io.ReaderAt: a short read says why.
type File interface {
	io.ReaderAt
	io.WriterAt
	io.Writer // from where the last Write ended
	io.Closer
	Truncate(size int64) error
	Size() (int64, error)
}

// Locker is what a File may also be: one that can lock n bytes from off against writers, at once or
// not at all. A conflict is ErrLocked. The lock ends with Unlock or when the file is closed.
type Locker interface {
	Lock(off, n int64) error
	Unlock(off, n int64) error
}

// Dir is a Folder on a plain directory. It may be moved while it is in use.
type Dir struct {
	mu   sync.Mutex // guards path
	path string
}

var _ Folder = (*Dir)(nil)

// NewDir gives the folder at path.
func NewDir(path string) *Dir { return &Dir{path: path} }

// Path is where the folder is now.
func (d *Dir) Path() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.path
}

// Move renames the whole folder, on the same file system, as an administrator would.
func (d *Dir) Move(to string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := os.Rename(d.path, to); err != nil {
		return fmt.Errorf("move company folder: %w", err)
	}
	d.path = to
	return nil
}

// SetReadOnly takes the write permission from the folder and its files, or gives it back. It binds
// ordinary users only: root writes all the same.
func (d *Dir) SetReadOnly(on bool) error {
	dirMode, fileMode := fs.FileMode(0o755), fs.FileMode(0o644)
	if on {
		dirMode, fileMode = 0o555, 0o444
	}
	return filepath.WalkDir(d.Path(), func(p string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() {
			return os.Chmod(p, dirMode)
		}
		return os.Chmod(p, fileMode)
	})
}

func (d *Dir) join(name string) string { return filepath.Join(d.Path(), filepath.FromSlash(name)) }

// Open opens an existing file.
func (d *Dir) Open(name string, write bool) (File, error) {
	flag := os.O_RDONLY
	if write {
		flag = os.O_RDWR
	}
	f, err := os.OpenFile(d.join(name), flag, 0)
	if err != nil {
		return nil, err
	}
	return dirFile{f}, nil
}

// Create makes an empty file.
func (d *Dir) Create(name string) (File, error) {
	f, err := os.Create(d.join(name))
	if err != nil {
		return nil, err
	}
	return dirFile{f}, nil
}

// Mkdir makes a sub-folder; one that exists is fine.
func (d *Dir) Mkdir(name string) error { return os.MkdirAll(d.join(name), 0o755) }

// ReadDir lists a folder by name.
func (d *Dir) ReadDir(name string) ([]fs.FileInfo, error) {
	entries, err := os.ReadDir(d.join(name))
	if err != nil {
		return nil, err
	}
	var out []fs.FileInfo
	for _, e := range entries {
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, info)
	}
	return out, nil
}

// Stat describes a file.
func (d *Dir) Stat(name string) (fs.FileInfo, error) { return os.Stat(d.join(name)) }

// Rename renames within the folder.
func (d *Dir) Rename(from, to string) error { return os.Rename(d.join(from), d.join(to)) }

// Remove removes a file.
func (d *Dir) Remove(name string) error { return os.Remove(d.join(name)) }

type dirFile struct{ *os.File }

var _ Locker = dirFile{}

func (f dirFile) Size() (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// Lock takes an open-file-description lock, so that two handles of one process conflict as two
// stations do. The lock is advisory: it stops whoever locks, not whoever only reads.
func (f dirFile) Lock(off, n int64) error {
	err := f.fcntl(unix.F_WRLCK, off, n)
	if errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EACCES) {
		return ErrLocked
	}
	return err
}

func (f dirFile) Unlock(off, n int64) error { return f.fcntl(unix.F_UNLCK, off, n) }

func (f dirFile) fcntl(kind int16, off, n int64) error {
	return unix.FcntlFlock(f.Fd(), unix.F_OFD_SETLK, &unix.Flock_t{Type: kind, Start: off, Len: n})
}

// ReadOnly gives a view of a folder in which every attempt to write is refused with
// fs.ErrPermission, whoever the process is: a share whose account may only read.
func ReadOnly(f Folder) Folder { return readOnly{f} }

type readOnly struct{ Folder }

func refuse(op, name string) error { return &fs.PathError{Op: op, Path: name, Err: fs.ErrPermission} }

func (r readOnly) Open(name string, write bool) (File, error) {
	if write {
		return nil, refuse("open", name)
	}
	return r.Folder.Open(name, false)
}
func (r readOnly) Create(name string) (File, error) { return nil, refuse("create", name) }
func (r readOnly) Mkdir(name string) error          { return refuse("mkdir", name) }
func (r readOnly) Rename(from, _ string) error      { return refuse("rename", from) }
func (r readOnly) Remove(name string) error         { return refuse("remove", name) }

// readFile reads a whole file.
func readFile(f Folder, name string) ([]byte, error) {
	file, err := f.Open(name, false)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	size, err := file.Size()
	if err != nil {
		return nil, err
	}
	b := make([]byte, size)
	if _, err := file.ReadAt(b, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return b, nil
}

// writeFile replaces a file's content in place.
func writeFile(f Folder, name string, b []byte) error {
	file, err := f.Create(name)
	if err != nil {
		return err
	}
	if _, err := file.WriteAt(b, 0); err != nil {
		return errors.Join(err, file.Close())
	}
	return file.Close()
}
