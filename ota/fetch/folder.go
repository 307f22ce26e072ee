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
	in, err := f.open(ctx, name)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	b, err := readAll(in, max)
	if err != nil {
		return nil, f.wrap(code(err), name, err)
	}
	return b, nil
}

// Open gives a stretch of a file.
func (f Folder) Open(ctx context.Context, name string, offset, length int64) (io.ReadCloser, error) {
	if offset < 0 || length < 1 {
		return nil, f.wrap(BadServer, name, fmt.Errorf("no stretch %d+%d", offset, length))
	}
	in, err := f.open(ctx, name)
	if err != nil {
		return nil, err
	}
	if err := skip(in, offset); err != nil {
		in.Close()
		return nil, f.wrap(code(err), name, err)
	}
	return &file{
		stretch: stretch{in, length}, Closer: in, ctx: ctx,
		wrap: func(err error) error { return f.wrap(code(err), name, err) },
	}, nil
}

func (f Folder) open(ctx context.Context, name string) (fs.File, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	in, err := f.FS.Open(name)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) {
		return nil, f.wrap(Missing, name, ErrNotFound)
	}
	if err != nil {
		return nil, f.wrap(Unreachable, name, err)
	}
	if info, err := in.Stat(); err != nil || !info.Mode().IsRegular() {
		in.Close()
		return nil, f.wrap(Missing, name, fmt.Errorf("no regular file: %w", ErrNotFound))
	}
	return in, nil
}

func (f Folder) wrap(code Code, name string, err error) error {
	return &Error{Code: code, Name: name, Server: f.Name, Err: err}
}
