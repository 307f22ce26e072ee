package share

import (
	"context"
	"io"
	"io/fs"
	"sync"
)

// handle is an open file, each of whose calls is watched.
type handle struct {
	m     *mount
	s     *session
	file  file
	name  string
	info  fs.FileInfo // as of opening
	write bool
}

// open opens a file and looks at it, in one watched call.
func (m *mount) open(ctx context.Context, name string, flag int) (*handle, error) {
	if !fs.ValidPath(name) {
		return nil, failure("open", name, fs.ErrInvalid)
	}
	s, err := m.acquire(ctx)
	if err != nil {
		return nil, failure("open", name, err)
	}
	h := func(f file, info fs.FileInfo) *handle {
		return &handle{m: m, s: s, file: f, name: name, info: info, write: flag != 0}
	}
	c := call{"open", name, inOpen, 0}
	opened, err := run(m, s, c, func() (*handle, error) {
		f, err := s.tree.open(name, flag)
		if err != nil {
			return nil, err
		}
		info, err := f.Stat()
		if err != nil {
			f.Close()
			return nil, err
		}
		return h(f, info), nil
	}, func(late *handle) { late.file.Close() })
	if err != nil {
		return nil, err
	}
	if !s.keep(opened.file) {
		return nil, failure("open", name, m.dead(s, c))
	}
	return opened, nil
}

// RequestSize is the size of one read or write request on the share, in bytes.
const RequestSize = 256 << 10

// buffers hold one request each. The kernel reads into these and never into the caller's memory,
// since an abandoned call may still write there long after; its buffer does not come back here.
var buffers = sync.Pool{New: func() any { return new([RequestSize]byte) }}

// ReadAt reads as io.ReaderAt says, in requests of at most RequestSize.
func (h *handle) ReadAt(p []byte, off int64) (n int, err error) {
	if off < 0 {
		return 0, failure("read", h.name, fs.ErrInvalid)
	}
	for n < len(p) {
		part := p[n:min(n+RequestSize, len(p))]
		got, err := h.readOnce(part, off+int64(n))
		n += got
		if err != nil {
			return n, err
		}
		if got < len(part) {
			return n, io.EOF
		}
	}
	return n, nil
}

func (h *handle) readOnce(p []byte, off int64) (int, error) {
	buf := buffers.Get().(*[RequestSize]byte)
	n, err := run(h.m, h.s, call{"read", h.name, inRead, int64(len(p))}, func() (int, error) {
		return h.file.ReadAt(buf[:len(p)], off)
	}, nil)
	if err != nil && err != io.EOF {
		return 0, err // the buffer may still be the kernel's
	}
	copy(p, buf[:n])
	buffers.Put(buf)
	return n, err
}

// WriteAt writes as io.WriterAt says, in requests of at most RequestSize. After an error of class
// Dead what reached the server is unknown.
func (h *handle) WriteAt(p []byte, off int64) (n int, err error) {
	for n < len(p) {
		part := append([]byte(nil), p[n:min(n+RequestSize, len(p))]...) // the kernel may outlive the call
		at := off + int64(n)
		wrote, err := run(h.m, h.s, call{"write", h.name, inWrite, int64(len(part))}, func() (int, error) {
			return h.file.WriteAt(part, at)
		}, nil)
		n += wrote
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// Stat asks the server about the open file.
func (h *handle) Stat() (fs.FileInfo, error) {
	return run(h.m, h.s, call{"stat", h.name, inOpen, 0}, h.file.Stat, nil)
}

// Sync brings what was written to the server's disk.
func (h *handle) Sync() error { return h.do(call{"sync", h.name, inWrite, 0}, h.file.Sync) }

// Close gives the file back. A second call, or one after the mount ended, does nothing.
func (h *handle) Close() error {
	if !h.s.drop(h.file) {
		return nil
	}
	at := inRead
	if h.write {
		at = inWrite
	}
	return h.do(call{"close", h.name, at, 0}, h.file.Close)
}

func (h *handle) do(c call, op func() error) error {
	_, err := run(h.m, h.s, c, func() (struct{}, error) { return struct{}{}, op() }, nil)
	return err
}
