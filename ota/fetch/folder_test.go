package fetch_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"syncbox/ota/fetch"
)

// seekless is a file system whose files can't be moved about in.
type seekless struct{ fs.FS }

func (f seekless) Open(name string) (fs.File, error) {
	file, err := f.FS.Open(name)
	return struct{ fs.File }{file}, err
}

func folders(t *testing.T) map[string]fetch.Folder {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "d"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "a"), []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	mem := fstest.MapFS{"a": {Data: []byte(content)}, "d": {Mode: fs.ModeDir}}
	return map[string]fetch.Folder{"disk": {os.DirFS(dir), "stick"}, "memory": {mem, "stick"}, "tape": {seekless{mem}, "stick"}}
}

func TestFolder(t *testing.T) {
	for name, f := range folders(t) {
		t.Run(name, func(t *testing.T) {
			if b, err := f.Get(t.Context(), "a", 36); err != nil || string(b) != content {
				t.Errorf("got %q, %v", b, err)
			}
			_, err := f.Get(t.Context(), "a", 35)
			want(t, err, fetch.TooBig)
			for _, missing := range []string{"b", "d", "d/b", "../a", ""} {
				_, err := f.Get(t.Context(), missing, 36)
				want(t, err, fetch.Missing)
				if !errors.Is(err, fetch.ErrNotFound) {
					t.Errorf("%q: %v is not ErrNotFound", missing, err)
				}
			}
			for _, stretch := range [][2]int64{{0, 36}, {10, 26}, {35, 1}, {3, 5}} {
				got, err := open(t, f, stretch[0], stretch[1])
				if want := content[stretch[0] : stretch[0]+stretch[1]]; err != nil || got != want {
					t.Errorf("%v: got %q, %v; want %q", stretch, got, err, want)
				}
			}
			got, err := open(t, f, 30, 10)
			want(t, err, fetch.Unreachable)
			if got != content[30:] {
				t.Errorf("before the early end: got %q", got)
			}
			if _, err = open(t, f, 40, 10); err == nil {
				t.Error("bytes after the end")
			}
			_, err = f.Open(t.Context(), "a", 0, 0)
			want(t, err, fetch.BadServer)
		})
	}
}

func TestFolderCancelled(t *testing.T) {
	f := folders(t)["memory"]
	ctx, cancel := context.WithCancel(t.Context())
	r, err := f.Open(ctx, "a", 0, 36)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := io.ReadAll(r); err != context.Canceled {
		t.Errorf("reader: got %v", err)
	}
	if _, err := f.Get(ctx, "a", 36); err != context.Canceled {
		t.Errorf("get: got %v", err)
	}
}

// pulled is a stick that is pulled out while it is read.
type pulled struct{ fs.FS }

func (p pulled) Open(name string) (fs.File, error) {
	f, err := p.FS.Open(name)
	return pulledFile{f}, err
}

type pulledFile struct{ fs.File }

func (pulledFile) Read([]byte) (int, error) { return 0, os.ErrDeadlineExceeded }

func TestFolderPulled(t *testing.T) {
	f := fetch.Folder{FS: pulled{fstest.MapFS{"a": {Data: []byte(content)}}}, Name: "stick"}
	_, err := f.Get(t.Context(), "a", 100)
	want(t, err, fetch.Unreachable)
	if err.Error() != "get a from stick: i/o timeout" {
		t.Errorf("got %q", err)
	}
	_, err = open(t, f, 0, 10)
	want(t, err, fetch.Unreachable)
}
