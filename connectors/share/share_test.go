package share_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
	"testing/iotest"

	"syncbox/connectors/share"
)

// folder makes a directory with some files of an ERP.
func folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, "CUSTOMER.DAT", bytes.Repeat([]byte("0123456789abcdef"), 40_000)) // 640 kB
	write(t, dir, "F1000/TERM.DAT", []byte("net 30"))
	write(t, dir, "EMPTY.DAT", nil)
	return dir
}

func write(t *testing.T, dir, name string, content []byte) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
}

func directory(path string) share.Config {
	return share.Config{Kind: share.Directory, Path: path}
}

func open(t *testing.T, c share.Config) *share.Share {
	t.Helper()
	s, err := share.Open(t.Context(), c, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func wantClass(t *testing.T, doing string, err error, want share.Class) {
	t.Helper()
	if err == nil || share.ClassOf(err) != want {
		t.Errorf("%s: %v, class %d; want class %d", doing, err, share.ClassOf(err), want)
	}
}

// Requirement: ACO-72
func TestDirectoryIsAFileSystem(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "CUSTOMER.DAT", []byte("Client 812"))
	write(t, dir, "F1000/TERM.DAT", []byte("net 30"))
	write(t, dir, "EMPTY.DAT", nil)
	if err := fstest.TestFS(open(t, directory(dir)), "CUSTOMER.DAT", "F1000/TERM.DAT", "EMPTY.DAT"); err != nil {
		t.Error(err)
	}
}

func TestReadAcrossRequests(t *testing.T) {
	dir := folder(t)
	want, err := os.ReadFile(filepath.Join(dir, "CUSTOMER.DAT"))
	if err != nil {
		t.Fatal(err)
	}
	s := open(t, directory(dir))
	small, err := s.Open("F1000/TERM.DAT")
	if err != nil {
		t.Fatal(err)
	}
	defer small.Close()
	if err := iotest.TestReader(small, []byte("net 30")); err != nil {
		t.Error(err)
	}
	f, err := s.Open("CUSTOMER.DAT")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	at := f.(io.ReaderAt)
	for _, test := range []struct {
		off, n int64
		err    error
	}{{0, 640_000, nil}, {1, 600_000, nil}, {600_000, 40_000, nil}, {600_000, 40_001, io.EOF}, {640_000, 1, io.EOF}, {700_000, 1, io.EOF}} {
		p := make([]byte, test.n)
		n, err := at.ReadAt(p, test.off)
		expected := want[min(test.off, 640_000):min(test.off+test.n, 640_000)]
		if err != test.err || !bytes.Equal(p[:n], expected) {
			t.Errorf("read %d at %d: %d bytes, %v; want %d, %v", test.n, test.off, n, err, len(expected), test.err)
		}
	}
	if _, err := at.ReadAt(make([]byte, 1), -1); !errors.Is(err, fs.ErrInvalid) {
		t.Errorf("read at -1: %v", err)
	}
}

func TestSeesWritesAtOnce(t *testing.T) {
	dir := folder(t)
	s := open(t, directory(dir))
	f, err := s.Open("F1000/TERM.DAT")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	write(t, dir, "F1000/TERM.DAT", []byte("net 30 days"))
	info, err := f.Stat()
	if err != nil || info.Size() != 11 {
		t.Errorf("stat of the open file: size %d, %v; want 11", info.Size(), err)
	}
	entries, err := s.ReadDir("F1000")
	if err != nil || len(entries) != 1 {
		t.Fatalf("list: %v, %v", entries, err)
	}
	write(t, dir, "F1000/TERM.DAT", nil)
	if info, err := entries[0].Info(); err != nil || info.Size() != 0 {
		t.Errorf("details of an entry: size %d, %v; want 0", info.Size(), err)
	}
}

func TestNamesCannotLeadOut(t *testing.T) {
	dir := folder(t)
	outside := t.TempDir()
	write(t, outside, "SECRET", []byte("x"))
	if err := os.Symlink(filepath.Join(outside, "SECRET"), filepath.Join(dir, "LINK")); err != nil {
		t.Fatal(err)
	}
	s := open(t, directory(dir))
	for _, name := range []string{"LINK", "../SECRET", "/etc/passwd", "", "F1000/../EMPTY.DAT"} {
		if _, err := fs.ReadFile(s, name); err == nil {
			t.Errorf("%q was read", name)
		}
		if _, err := s.ReadDir(name); err == nil {
			t.Errorf("%q was listed", name)
		}
	}
}

func TestMissingAndRefused(t *testing.T) {
	dir := folder(t)
	s := open(t, directory(dir))
	_, err := s.Open("NONE.DAT")
	wantClass(t, "open", err, share.Gone)
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v is not fs.ErrNotExist", err)
	}
	_, err = s.Stat("EMPTY.DAT/x")
	wantClass(t, "stat below a file", err, share.Gone)
	_, err = s.ReadDir("NONE")
	wantClass(t, "list", err, share.Gone)

	for _, c := range []share.Config{
		directory(filepath.Join(dir, "none")),
		{Kind: share.Directory, Path: dir, Folder: "none"},
	} {
		_, err := share.Open(t.Context(), c, nil)
		wantClass(t, "open of "+c.Name(), err, share.ShareGone)
	}
	if _, err := share.Open(t.Context(), share.Config{}, nil); err == nil {
		t.Error("an empty configuration opens")
	}
}

func TestFolderIsTheRoot(t *testing.T) {
	c := directory(folder(t))
	c.Folder = "F1000"
	s := open(t, c)
	if got, err := fs.ReadFile(s, "TERM.DAT"); string(got) != "net 30" {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := s.Stat("../CUSTOMER.DAT"); err == nil {
		t.Error("the folder above can be seen")
	}
	if err := os.Symlink(t.TempDir(), filepath.Join(c.Path, "LINK")); err != nil {
		t.Fatal(err)
	}
	c.Folder = "LINK"
	if _, err := share.Open(t.Context(), c, nil); err == nil {
		t.Error("a folder that leads out of the share opens")
	}
}

func TestFileIDTellsAReplacedFile(t *testing.T) {
	dir := folder(t)
	s := open(t, directory(dir))
	look := func() share.Look {
		t.Helper()
		info, err := s.Stat("CUSTOMER.DAT")
		if err != nil {
			t.Fatal(err)
		}
		return share.LookAt(info)
	}
	before := look()
	if before.ID == 0 || before.Size != 640_000 {
		t.Errorf("look %+v, want an id and the size", before)
	}
	f, err := os.OpenFile(filepath.Join(dir, "CUSTOMER.DAT"), os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	f.WriteAt([]byte("x"), 7)
	f.Close()
	if now := look(); !share.SameFile(before, now) {
		t.Errorf("a write in place made %+v of %+v", now, before)
	}
	write(t, dir, "NEW", bytes.Repeat([]byte{1}, 640_000))
	if err := os.Rename(filepath.Join(dir, "NEW"), filepath.Join(dir, "CUSTOMER.DAT")); err != nil {
		t.Fatal(err)
	}
	if now := look(); share.SameFile(before, now) {
		t.Errorf("a replaced file of the same size still is %+v", now)
	}
}

func TestFolderReplacedWhileSuspended(t *testing.T) {
	parent := t.TempDir()
	write(t, parent, "erp/A.DAT", []byte("old"))
	s := open(t, directory(filepath.Join(parent, "erp")))
	if got, _ := fs.ReadFile(s, "A.DAT"); string(got) != "old" {
		t.Fatalf("got %q", got)
	}
	if err := s.Suspend(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(parent, "erp"), filepath.Join(parent, "backup")); err != nil {
		t.Fatal(err)
	}
	write(t, parent, "erp/A.DAT", []byte("new"))
	if got, err := fs.ReadFile(s, "A.DAT"); string(got) != "new" {
		t.Errorf("after a blackout: %q, %v; want the folder of now", got, err)
	}
}

func TestNewTouchesNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "later")
	s, err := share.New(directory(dir), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if got := s.State(); got != share.Unmounted {
		t.Errorf("state %s before any use", got)
	}
	write(t, dir, "A.DAT", []byte("a"))
	if got, err := fs.ReadFile(s, "A.DAT"); string(got) != "a" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestOpenHeedsItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s, err := share.Open(ctx, directory(t.TempDir()), nil)
	if err == nil { // the folder may have been there faster than we looked
		s.Close()
	} else if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}
