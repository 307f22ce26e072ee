package enrol

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"syncbox/firmware/internal/durable"
)

// folder is where the identity lies. Everything that changes it goes through write and remove.
type folder struct {
	path   string
	write  func(path string, text []byte) error
	remove func(path string) error
}

// openFolder makes the folder where there is none, and clears what a power cut left beside its files.
func openFolder(path string) (folder, error) {
	f := folder{path: path, write: func(path string, text []byte) error { return durable.WriteFile(path, text, 0o600) }, remove: remove}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return f, err
	}
	if err := durable.SyncDir(filepath.Dir(path)); err != nil {
		return f, err
	}
	return f, f.sweep()
}

func remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return durable.SyncDir(filepath.Dir(path))
}

// sweep removes files that were being written: they begin with a dot.
func (f folder) sweep() error {
	all, err := os.ReadDir(f.path)
	for _, e := range all {
		if strings.HasPrefix(e.Name(), ".") && e.Type().IsRegular() {
			err = errors.Join(err, os.Remove(filepath.Join(f.path, e.Name())))
		}
	}
	return err
}

// read gives a file, nil where there is none.
func (f folder) read(name string) ([]byte, error) {
	text, err := os.ReadFile(filepath.Join(f.path, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return text, err
}

func (f folder) put(name string, text []byte) error {
	if err := f.write(filepath.Join(f.path, name), text); err != nil {
		return errorf(Storage, "write %s: %w", name, err)
	}
	return nil
}

func (f folder) drop(name string) error {
	if err := f.remove(filepath.Join(f.path, name)); err != nil {
		return errorf(Storage, "remove %s: %w", name, err)
	}
	return nil
}

func (f folder) putJSON(name string, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // our own types
	}
	return f.put(name, text)
}

// getJSON reads a file, and tells whether it is there. A damaged one is an error.
func (f folder) getJSON(name string, v any) (bool, error) {
	text, err := f.read(name)
	if text == nil || err != nil {
		return false, err
	}
	if err := json.Unmarshal(text, v); err != nil {
		return false, fmt.Errorf("read %s: %w", name, err)
	}
	return true, nil
}
