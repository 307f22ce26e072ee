package updates

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"syncbox/ota/bundle"
)

// System is what the read-only system says of itself.
type System struct {
	Version bundle.Version `json:"version"`
	Board   string         `json:"board"` // the boards that it boots: "arm64"
	Root    []byte         `json:"-"`     // signed root of the updates that it takes; empty = it takes none
}

// Files of the read-only system.
const (
	releaseFile = "release.json"
	rootFile    = "root.json"
)

// ReadSystem reads what the system says of itself, out of its root folder. One that says nothing has version 0.0.0.
func ReadSystem(root fs.FS) (System, error) {
	var s System
	text, err := fs.ReadFile(root, releaseFile)
	if err == nil {
		err = json.Unmarshal(text, &s)
	}
	if err != nil {
		return System{}, fmt.Errorf("read %s: %w", releaseFile, err)
	}
	if s.Root, err = fs.ReadFile(root, rootFile); errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return s, err
}
