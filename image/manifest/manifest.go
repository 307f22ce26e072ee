// Package manifest records what an image was made of: every file with its SHA-256, every package of
// Debian with version and source package, every Go module. Written beside the image, it says later how
// to build that very image again, and is the source of its bill of materials (CycloneDX).
package manifest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"syncbox/image/debian"
	"syncbox/ota/bootstate"
)

// Manifest of an image. It holds no time and no path of the build machine.
type Manifest struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	// Image is what is written on a card, Slot what an update writes, Binary and Initrd what is in it.
	Image  File `json:"image"`
	Slot   File `json:"slot"`
	Initrd File `json:"initrd"`
	Binary File `json:"binary"`
	// Root is the signed root that a box with this image believes from its first day; nil where it takes no updates.
	Root *File `json:"root,omitempty"`
	// Boot and SlotFiles are the files of the frozen partition and of a slot, in their order.
	Boot      []File           `json:"boot"`
	SlotFiles []File           `json:"slot_files"`
	Packages  []debian.Package `json:"packages"` // File is the name of the .deb alone
	Go        string           `json:"go"`       // version of the toolchain, "go1.26.0"
	Modules   []Module         `json:"modules"`  // of the binary and of the boards' firmware
}

// File is a file of the image.
type File struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"` // hex
	// Sum is what the boot selector knows a file of a slot by (package bootstate); others have none.
	Sum bootstate.Sum `json:"sum,omitempty"`
}

// Module is a Go module.
type Module struct {
	Path    string `json:"path"`
	Version string `json:"version"`
	Sum     string `json:"sum"` // of go.sum, "h1:…"
}

// Describe reads a file's length and hash.
func Describe(name, path string) (File, error) {
	f, err := os.Open(path)
	if err != nil {
		return File{}, err
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.Copy(h, f)
	if err != nil {
		return File{}, fmt.Errorf("read %s: %w", path, err)
	}
	return File{Name: name, Bytes: n, SHA256: hex.EncodeToString(h.Sum(nil))}, nil
}

// DescribeContent is Describe of a file that is nowhere yet.
func DescribeContent(name string, content []byte) File {
	sum := sha256.Sum256(content)
	return File{Name: name, Bytes: int64(len(content)), SHA256: hex.EncodeToString(sum[:])}
}

// Read reads a manifest; a key that it does not know is an error.
func Read(path string) (*Manifest, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	m := &Manifest{}
	if err := d.Decode(m); err != nil {
		return nil, fmt.Errorf("read manifest %s: %w", path, err)
	}
	return m, nil
}

// Write writes the manifest for people and programs.
func (m *Manifest) Write(path string) error {
	b, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(b, '\n'), 0o644)
}

// Package gives the package whose name fits a pattern ("linux-image-*"), nil for none.
func (m *Manifest) Package(pattern string) *debian.Package {
	for _, p := range m.Packages {
		if ok, err := filepath.Match(pattern, p.Name); err == nil && ok {
			return &p
		}
	}
	return nil
}
