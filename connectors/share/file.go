package share

import (
	"errors"
	"io"
	"io/fs"
)

var (
	_ fs.File        = (*openFile)(nil)
	_ io.ReaderAt    = (*openFile)(nil)
	_ io.Seeker      = (*openFile)(nil)
	_ fs.ReadDirFile = (*openDir)(nil)
)

// openFile is a file opened for reading; its position is for one goroutine, ReadAt for many.
type openFile struct {
	handle *handle
	pos    int64
}

func (f *openFile) Stat() (fs.FileInfo, error)              { return f.handle.Stat() }
func (f *openFile) ReadAt(p []byte, off int64) (int, error) { return f.handle.ReadAt(p, off) }
func (f *openFile) Close() error                            { return f.handle.Close() }

// Read reads on from the position.
func (f *openFile) Read(p []byte) (int, error) {
	n, err := f.handle.ReadAt(p, f.pos)
	f.pos += int64(n)
	return n, err
}

// Seek moves the position; it asks the server only for the end.
func (f *openFile) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekStart:
	case io.SeekCurrent:
		offset += f.pos
	case io.SeekEnd:
		info, err := f.Stat()
		if err != nil {
			return 0, err
		}
		offset += info.Size()
	default:
		return 0, failure("seek", f.handle.name, fs.ErrInvalid)
	}
	if offset < 0 {
		return 0, failure("seek", f.handle.name, fs.ErrInvalid)
	}
	f.pos = offset
	return offset, nil
}

// openDir is an opened folder: a listing made at the first ReadDir, without a handle behind it.
type openDir struct {
	info    fs.FileInfo
	list    func() ([]fs.DirEntry, error)
	entries []fs.DirEntry
	listed  bool
}

func (d *openDir) Stat() (fs.FileInfo, error) { return d.info, nil }
func (d *openDir) Close() error               { return nil }

func (d *openDir) Read([]byte) (int, error) {
	return 0, failure("read", d.info.Name(), errors.New("is a directory"))
}

// ReadDir gives the next n entries, or all that are left for n <= 0.
func (d *openDir) ReadDir(n int) ([]fs.DirEntry, error) {
	if !d.listed {
		entries, err := d.list()
		if err != nil {
			return nil, err
		}
		d.entries, d.listed = entries, true
	}
	take := len(d.entries)
	if n > 0 {
		if take == 0 {
			return nil, io.EOF
		}
		take = min(n, take)
	}
	head := d.entries[:take:take]
	d.entries = d.entries[take:]
	return head, nil
}
