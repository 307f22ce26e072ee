package durable_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"syncbox/firmware/internal/durable"
)

// TestWriteFile: what was there is replaced as a whole, with the mode that was asked for, and nothing is left beside it.
// That a power cut leaves one of both is renameio's promise; a reader that has the old one open sees that it is another.
func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "clock")
	if err := os.WriteFile(path, []byte("a longer old text"), 0o666); err != nil {
		t.Fatal(err)
	}
	old, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close()
	if err := durable.WriteFile(path, []byte("new"), 0o600); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	info, statErr := os.Stat(path)
	if err != nil || statErr != nil || string(text) != "new" || info.Mode() != 0o600 {
		t.Errorf("the file holds %q, %v, %v", text, err, info)
	}
	if all, err := os.ReadDir(dir); len(all) != 1 || err != nil {
		t.Errorf("the folder holds %v, %v", all, err)
	}
	if was, err := old.Stat(); err != nil || os.SameFile(was, info) {
		t.Errorf("it was overwritten in place: %v", err)
	}
}

// TestInTheWay: what can't be put in its place is an error, and leaves nothing behind.
func TestInTheWay(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "clock")
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := durable.WriteFile(path, []byte("new"), 0o600); err == nil {
		t.Error("a folder was replaced")
	}
	if all, err := os.ReadDir(dir); len(all) != 1 || err != nil {
		t.Errorf("the folder holds %v, %v", all, err)
	}
}

func TestNoFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "gone")
	if err := durable.WriteFile(filepath.Join(dir, "clock"), nil, 0o600); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("write: %v", err)
	}
	if err := durable.SyncDir(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("sync: %v", err)
	}
}
