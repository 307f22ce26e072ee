package debian

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Package says which package was taken; it is written to package.json, and goes into the image's manifest.
type Package struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Source  string `json:"source"`         // source package, with its version where that differs
	SHA256  string `json:"sha256"`         // of the .deb, hex
	File    string `json:"file"`           // the .deb, relative to the folder of Fetch
	TreeSum string `json:"tree,omitempty"` // names and sizes of the unpacked files, hashed; empty before unpacking
}

func recordFile(dir string) string { return filepath.Join(dir, "package.json") }
func treeDir(dir string) string    { return filepath.Join(dir, "tree") }

func readRecord(dir string) (Package, error) {
	var p Package
	b, err := os.ReadFile(recordFile(dir))
	if err != nil {
		return p, err
	}
	if err := json.Unmarshal(b, &p); err != nil {
		return p, fmt.Errorf("read %s: %w", recordFile(dir), err)
	}
	return p, nil
}

func (p Package) write(dir string) error {
	b, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return err
	}
	tmp := recordFile(dir) + ".new"
	if err := os.WriteFile(tmp, append(b, '\n'), 0o644); err != nil {
		return err
	}
	return os.Rename(tmp, recordFile(dir))
}

// verify compares the kept .deb with its recorded checksum.
func (p Package) verify(dir string) error {
	got, err := fileSum(filepath.Join(dir, p.File))
	if err != nil {
		return err
	}
	if got != p.SHA256 {
		return fmt.Errorf("check %s: SHA-256 %s, want %s", p.File, got, p.SHA256)
	}
	return nil
}

// unpack lays the tree of p anew and records it.
func unpack(ctx context.Context, dir string, p *Package) error {
	tmp := treeDir(dir) + ".new"
	for _, old := range []string{tmp, treeDir(dir)} {
		if err := os.RemoveAll(old); err != nil {
			return err
		}
	}
	if _, err := run(ctx, dir, "dpkg-deb", "-x", p.File, tmp); err != nil {
		return err
	}
	if err := os.Rename(tmp, treeDir(dir)); err != nil {
		return err
	}
	p.TreeSum = treeSum(treeDir(dir))
	return p.write(dir)
}

// treeSum hashes the names and sizes of the files below root; "" when they cannot be read.
func treeSum(root string) string {
	h := sha256.New()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(h, "%d %s\n", info.Size(), path[len(root):])
		return err
	})
	if err != nil {
		return ""
	}
	return hex.EncodeToString(h.Sum(nil))
}

func fileSum(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("read %s: %w", path, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
