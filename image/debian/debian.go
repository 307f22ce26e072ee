// Package debian brings arm64 packages of Debian onto the build machine, through the machine's own
// package sources and without touching its package database: the kernel, and the boot loader of the
// boards.
//
// No version stands here: the current one of the suite is taken and recorded (name, version, SHA-256),
// or the one of an earlier record.
package debian

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// Options of Fetch; the zero value is the machine's own suite and its current version.
type Options struct {
	// AptDir holds the build machine's package sources: sources.list and sources.list.d.
	AptDir string // default /etc/apt
	// Codename is the suite that the entries of AptDir speak of, "bookworm".
	Codename string // default VERSION_CODENAME of /etc/os-release
	// Suite is the suite to take the package from.
	Suite string // default Codename
	// Meta says that the package stands for the first one it depends on.
	Meta bool
	// Pinned is the only package that will do, as an earlier build recorded it.
	Pinned *Package
	// Archive is a folder with the .deb files of earlier builds, looked through for Pinned before the
	// network is: Debian's archive keeps about two versions.
	Archive string
}

func (o Options) withDefaults() (Options, error) {
	if o.AptDir == "" {
		o.AptDir = "/etc/apt"
	}
	if o.Codename == "" {
		name, err := osCodename("/etc/os-release")
		if err != nil {
			return o, err
		}
		o.Codename = name
	}
	if o.Suite == "" {
		o.Suite = o.Codename
	}
	return o, nil
}

// Unpacked is a package and its files.
type Unpacked struct {
	Package
	Dir  string // where Fetch keeps the package; Package.File is relative to it
	Tree string // the files, as they would lie below /
}

// Fetch gives the package kept in dir. A kept one is used again, without the network, when it still
// has the recorded SHA-256 and is the pinned one if there is such; a tree that lost a file is unpacked
// again; whatever else is wrong is fetched again, in the version that is then current. Callers in
// several processes wait for each other.
func Fetch(ctx context.Context, dir, name string, o Options) (*Unpacked, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	dir, err = filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	unlock, err := lock(dir)
	if err != nil {
		return nil, err
	}
	defer unlock()
	p, err := kept(dir, o)
	if err != nil {
		if p, err = download(ctx, dir, name, o); err != nil {
			return nil, fmt.Errorf("fetch %s of %s: %w", name, o.Suite, err)
		}
	}
	if p.TreeSum == "" || treeSum(treeDir(dir)) != p.TreeSum {
		if err := unpack(ctx, dir, &p); err != nil {
			return nil, err
		}
	}
	return &Unpacked{Package: p, Dir: dir, Tree: treeDir(dir)}, nil
}

// kept gives the package that lies in dir, or is copied there from the archive.
func kept(dir string, o Options) (Package, error) {
	p, err := readRecord(dir)
	if err == nil && o.Pinned != nil && p.SHA256 != o.Pinned.SHA256 {
		err = fmt.Errorf("%s %s is not the pinned package", p.Name, p.Version)
	}
	if err == nil {
		err = p.verify(dir)
	}
	if err == nil || o.Pinned == nil || o.Archive == "" {
		return p, err
	}
	return fromArchive(dir, o)
}

// fromArchive takes the pinned package over from the archive.
func fromArchive(dir string, o Options) (Package, error) {
	p := *o.Pinned
	b, err := os.ReadFile(filepath.Join(o.Archive, filepath.Base(p.File)))
	if err != nil {
		return p, err
	}
	debs, err := emptyDebs(dir)
	if err != nil {
		return p, err
	}
	p.File, p.TreeSum = filepath.Join("debs", filepath.Base(p.File)), ""
	if err := os.WriteFile(filepath.Join(debs, filepath.Base(p.File)), b, 0o644); err != nil {
		return p, err
	}
	if err := p.verify(dir); err != nil {
		return p, err
	}
	return p, p.write(dir)
}

// lock keeps other processes out of dir until the returned function is called.
func lock(dir string) (func(), error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(dir, ".lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		f.Close()
		return nil, fmt.Errorf("lock %s: %w", f.Name(), err)
	}
	return func() { f.Close() }, nil
}

// Only gives the one path below root that matches one of the patterns.
func Only(root string, patterns ...string) (string, error) {
	var found []string
	for _, p := range patterns {
		m, err := filepath.Glob(filepath.Join(root, p))
		if err != nil {
			return "", err
		}
		found = append(found, m...)
	}
	if len(found) != 1 {
		return "", fmt.Errorf("package in %s: %d matches for %q, want 1", root, len(found), patterns)
	}
	return found[0], nil
}
