package update_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"testing/iotest"

	"syncbox/ota/fetch"
	"syncbox/ota/update"
)

// files is a source that misbehaves.
type files struct {
	fetch.Source
	asked []string // names of what was opened
	bytes int64    // given by Open
	spoil func(name string, b []byte)
	open  func(name string) error
	cut   int // bytes after which a line breaks
}

func (f *files) Get(ctx context.Context, name string, most int64) ([]byte, error) {
	if f.open != nil {
		if err := f.open(name); err != nil {
			return nil, err
		}
	}
	b, err := f.Source.Get(ctx, name, most)
	if err == nil && f.spoil != nil {
		f.spoil(name, b)
	}
	return b, err
}

func (f *files) Open(ctx context.Context, name string, at, n int64) (io.ReadCloser, error) {
	f.asked = append(f.asked, name)
	if f.open != nil {
		if err := f.open(name); err != nil {
			return nil, err
		}
	}
	r, err := f.Source.Open(ctx, name, at, n)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	if f.spoil != nil {
		f.spoil(name, b)
	}
	var from io.Reader = bytes.NewReader(b)
	if f.cut > 0 && len(b) > f.cut {
		from = io.MultiReader(bytes.NewReader(b[:f.cut]), iotest.ErrReader(errAway))
	}
	return io.NopCloser(&counted{from, f}), nil
}

type counted struct {
	io.Reader
	f *files
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b)
	c.f.bytes += int64(n)
	return n, err
}

// server makes the only source one that may misbehave.
func (w *world) server() *files {
	f := &files{Source: w.sources[0].Files}
	w.set(func() { w.sources = []update.Source{{Name: "server", Files: f}} })
	return f
}

func folder(dir string) []update.Source {
	return []update.Source{{Name: filepath.Base(dir), Files: fetch.Folder{FS: os.DirFS(dir), Name: filepath.Base(dir)}}}
}
