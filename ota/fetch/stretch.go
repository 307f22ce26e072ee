package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
)

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

// file is what Open gives: a stretch whose errors name file and server.
type file struct {
	stretch
	io.Closer
	ctx  context.Context // of the caller
	wrap func(error) error
}

func (f *file) Read(p []byte) (int, error) {
	if err := f.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := f.stretch.Read(p)
	if err == nil || err == io.EOF {
		return n, err
	}
	if stopped := f.ctx.Err(); stopped != nil {
		return n, stopped
	}
	return n, f.wrap(err)
}

// code gives the code of what went wrong while bytes came in.
func code(err error) Code {
	switch {
	case errors.Is(err, ErrSlow):
		return Slow
	case errors.Is(err, ErrTooBig):
		return TooBig
	}
	return Unreachable
}

// readAll gives all of r if it is no longer than max.
func readAll(r io.Reader, max int64) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, max+1))
	if err == nil && int64(len(b)) > max {
		err = fmt.Errorf("%w: more than %d bytes", ErrTooBig, max)
	}
	if err != nil {
		return nil, err
	}
	return b, nil
}
