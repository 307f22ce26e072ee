package sharetest

import (
	"errors"
	"io"
	"io/fs"
	"sync"
)

// file is an open file of an FS.
type file struct {
	fs    *FS
	name  string
	under fs.File
	own   *version // what lay at the path when it was opened, nil = Under's
	id    uint64   // whose identity this was

	mu     sync.Mutex // protects what follows
	pos    int64
	closed bool
}

var (
	_ io.ReaderAt    = (*file)(nil)
	_ fs.ReadDirFile = (*file)(nil)
)

// Stat looks at the open file.
func (f *file) Stat() (fs.FileInfo, error) {
	if err := f.fs.enter(Stat, f.name); err != nil {
		return nil, f.failed("stat", err)
	}
	info, err := f.under.Stat()
	if err != nil {
		return nil, err
	}
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	return f.fs.info(f.name, info, f.version()), nil
}

// Read reads on from where the last Read ended.
func (f *file) Read(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	n, err := f.ReadAt(p, f.pos)
	f.pos += int64(n)
	if n > 0 && err == io.EOF {
		err = nil
	}
	return n, err
}

// ReadAt reads with the faults of the file.
func (f *file) ReadAt(p []byte, off int64) (int, error) {
	if err := f.fs.enter(Read, f.name); err != nil {
		return 0, f.failed("read", err)
	}
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	defer f.fs.countRead(f.name)
	for _, s := range f.fs.faults.Locked[f.name] {
		if s.Off < off+int64(len(p)) && off < s.Off+s.Len {
			return 0, f.failed("read", LockConflict)
		}
	}
	if end, short := f.fs.faults.Short[f.name]; short && off+int64(len(p)) > end {
		p = p[:max(0, min(int64(len(p)), end-off))]
		n, err := f.content(p, off)
		if err == nil {
			err = io.EOF
		}
		return n, err
	}
	return f.content(p, off)
}

// content gives the bytes, torn ones included. fs.mu is held.
func (f *file) content(p []byte, off int64) (int, error) {
	n, err := f.bytes(p, off)
	t, torn := f.fs.faults.Torn[f.name]
	if !torn || n == 0 {
		return n, err
	}
	half := off + int64(n/2)
	if half < int64(len(t.New)) {
		copy(p[n/2:n], t.New[half:])
	}
	if t.Times--; t.Times > 0 {
		f.fs.faults.Torn[f.name] = t
		return n, err
	}
	delete(f.fs.faults.Torn, f.name)
	f.fs.put(f.name, t.New, f.fs.id(f.name)) // a write in place: the same file
	return n, err
}

// bytes reads from what the handle stands for.
func (f *file) bytes(p []byte, off int64) (int, error) {
	if v := f.version(); v != nil {
		if off >= int64(len(v.content)) {
			return 0, io.EOF
		}
		n := copy(p, v.content[off:])
		if n < len(p) {
			return n, io.EOF
		}
		return n, nil
	}
	at, ok := f.under.(io.ReaderAt)
	if !ok {
		return 0, f.failed("read", errors.ErrUnsupported)
	}
	return at.ReadAt(p, off)
}

// version is the path's content of now while it is still the same file, else that of the opening.
func (f *file) version() *version {
	if f.fs.id(f.name) == f.id {
		return f.fs.instead[f.name]
	}
	return f.own
}

// ReadDir lists an open folder.
func (f *file) ReadDir(n int) ([]fs.DirEntry, error) {
	dir, ok := f.under.(fs.ReadDirFile)
	if !ok {
		return nil, f.failed("readdir", errors.ErrUnsupported)
	}
	if err := f.fs.enter(ReadDir, f.name); err != nil {
		return nil, f.failed("readdir", err)
	}
	return dir.ReadDir(n)
}

// Close gives the file back.
func (f *file) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return fs.ErrClosed
	}
	f.closed = true
	f.fs.mu.Lock()
	f.fs.open--
	f.fs.mu.Unlock()
	return f.under.Close()
}

func (f *file) failed(op string, err error) error {
	return &fs.PathError{Op: op, Path: f.name, Err: err}
}

// countRead brings a replacement nearer. f.mu is held.
func (f *FS) countRead(name string) {
	if r, ok := f.faults.Replaced[name]; ok && r.AfterReads > 0 {
		r.AfterReads--
		f.faults.Replaced[name] = r
	}
}
