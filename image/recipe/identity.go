package recipe

import (
	"encoding/json"
	"fmt"
	"os"

	"syncbox/image/initramfs"
	"syncbox/image/manifest"
	"syncbox/ota/bundle"
)

// Files at the root of the box's file system that say what it runs, and whose updates it takes.
const (
	releaseFile = "release.json"
	rootFile    = "root.json"
)

// board is the name, in the manifests of updates, of the boards that this image boots.
const board = "arm64"

// unreleased is the version of an image that nobody published.
const unreleased = "unreleased"

// identity gives the files that say what this image is.
func (b *build) identity() ([]initramfs.File, error) {
	id := struct {
		Version bundle.Version `json:"version"`
		Board   string         `json:"board"`
	}{Board: board}
	if b.Version != unreleased {
		var err error
		if id.Version, err = bundle.ParseVersion(b.Version); err != nil {
			return nil, err
		}
	}
	content, err := json.Marshal(id)
	if err != nil {
		return nil, err
	}
	files := []initramfs.File{{Name: releaseFile, Content: append(content, '\n')}}
	if b.Root == "" {
		return files, nil
	}
	root, err := os.ReadFile(b.Root)
	if err != nil {
		return nil, err
	}
	var signed struct {
		Signed struct {
			Type string `json:"_type"`
		} `json:"signed"`
	}
	if err := json.Unmarshal(root, &signed); err != nil {
		return nil, fmt.Errorf("read signed root %s: %w", b.Root, err)
	}
	if signed.Signed.Type != "root" {
		return nil, fmt.Errorf("read signed root %s: its type is %q", b.Root, signed.Signed.Type)
	}
	m := manifest.DescribeContent(rootFile, root)
	b.m.Root = &m
	return append(files, initramfs.File{Name: rootFile, Content: root}), nil
}
