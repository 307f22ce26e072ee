package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
)

// Folder is a Source out of files, such as those of a USB stick.
type Folder struct {
	FS fs.FS
	// Name is what errors call the folder.
	Name string
}

var _ Source = Folder{}

// Get gives a whole small file.
func (f Folder) Get(ctx context.Context, name string, max int64) ([]byte, error) {
	file, err := f.open(ctx, name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	b, err := io.ReadAll(io.LimitReader(file, max+1))
	switch {
	case err != nil:
		return nil, f.wrap(Unreachable, name, err)
	case int64(len(b)) > max:
		return nil, f.wrap(TooBig, name, fmt.Errorf("%w: at most %d bytes", ErrTooBig, max))
	}
	return b, nil
}

// Open gives a stretch of a file.
func (f Folder) Open(ctx context.Context, name string, offset, length int64) (io.ReadCloser, error) {
	if offset < 0 || length < 1 {
		return nil, f.wrap(BadServer, name, fmt.Errorf("bad stretch %d+%d", offset, length))
	}
	file, err := f.open(ctx, name)
	if err != nil {
		return nil, err
	}
	if err := skip(file, offset); err != nil {
		file.Close()
		return nil, f.wrap(code(err), name, err)
	}
	return &folderReader{stretch: stretch{r: file, left: length}, Closer: file, ctx: ctx, folder: f, name: name}, nil
}

func (f Folder) open(ctx context.Context, name string) (fs.File, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	file, err := f.FS.Open(name)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) {
		return nil, f.wrap(Missing, name, ErrNotFound)
	}
	if err != nil {
		return nil, f.wrap(Unreachable, name, err)
	}
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		file.Close()
		return nil, f.wrap(Missing, name, fmt.Errorf("no file: %w", ErrNotFound))
	}
	return file, nil
}

func (f Folder) wrap(code Code, name string, err error) error {
	return &Error{Code: code, Name: name, Server: f.Name, Err: err}
}

// folderReader tells errors as the folder's.
type folderReader struct {
	stretch
	io.Closer
	ctx    context.Context
	folder Folder
	name   string
}

func (r *folderReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := r.stretch.Read(p)
	if err != nil && err != io.EOF {
		err = r.folder.wrap(Unreachable, r.name, err)
	}
	return n, err
}

// skip moves a reader on by n bytes.
func skip(r io.Reader, n int64) error {
	if s, ok := r.(io.Seeker); ok {
		_, err := s.Seek(n, io.SeekStart)
		return err
	}
	got, err := io.CopyN(io.Discard, r, n)
	if err == io.EOF {
		return fmt.Errorf("ends after %d bytes, want %d: %w", got, n, io.ErrUnexpectedEOF)
	}
	return err
}

// stretch gives the next left bytes of r, neither more nor fewer.
type stretch struct {
	r    io.Reader
	left int64
}

func (s *stretch) Read(p []byte) (int, error) {
	if s.left == 0 {
		return 0, io.EOF
	}
	n, err := s.r.Read(p[:min(int64(len(p)), s.left)])
	s.left -= int64(n)
	if err == io.EOF && s.left > 0 {
		err = fmt.Errorf("ends %d bytes early: %w", s.left, io.ErrUnexpectedEOF)
	} else if err == io.EOF {
		err = nil // the next call tells the end
	}
	return n, err
}

// code gives the code of what went wrong while bytes came in.
func code(err error) Code {
	if errors.Is(err, ErrSlow) {
		return Slow
	}
	return Unreachable
}
