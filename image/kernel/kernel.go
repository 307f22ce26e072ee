// Package kernel brings Debian's own arm64 kernel package onto the build machine and says which of
// its modules an image needs, in the order in which PID 1 has to load them.
//
// No version and no file name of a kernel stands here: the current one of the suite is taken, its
// parts are found by pattern, and what was taken is recorded (name, version, SHA-256).
package kernel

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// Options of Fetch; the zero value is the machine's own suite and the meta package of the regular
// arm64 flavour.
type Options struct {
	// AptDir holds the build machine's package sources: sources.list and sources.list.d.
	AptDir string // default /etc/apt
	// Codename is the suite that the entries of AptDir speak of, "bookworm".
	Codename string // default VERSION_CODENAME of /etc/os-release
	// Suite is the suite to take the kernel from.
	Suite string // default Codename
	// Meta is the package whose first dependency is the kernel itself.
	Meta string // default linux-image-arm64
}

func (o Options) withDefaults() (Options, error) {
	if o.AptDir == "" {
		o.AptDir = "/etc/apt"
	}
	if o.Meta == "" {
		o.Meta = "linux-image-arm64"
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

// Kernel is an unpacked kernel package.
type Kernel struct {
	Package
	Image   string // path of the raw arm64 Image (vmlinuz)
	Modules string // path of lib/modules/VERSION
}

// Closure gives the paths of the modules that the roots need, in load order: Modules.Closure.
func (k *Kernel) Closure(roots ...string) ([]string, error) {
	m, err := OpenModules(k.Modules)
	if err != nil {
		return nil, err
	}
	return m.Closure(roots...)
}

// Fetch gives the kernel kept in dir. A kept one is used again, without the network, when the
// package still has the recorded SHA-256; a tree that lost a file is unpacked again; whatever else
// is wrong is fetched again, in the version that is then current. Callers in several processes wait for each other.
func Fetch(ctx context.Context, dir string, o Options) (*Kernel, error) {
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
	p, err := readRecord(dir)
	if err == nil {
		err = p.verify(dir)
	}
	if err != nil {
		if p, err = download(ctx, dir, o); err != nil {
			return nil, fmt.Errorf("fetch %s of %s: %w", o.Meta, o.Suite, err)
		}
	}
	if p.Tree == "" || treeSum(treeDir(dir)) != p.Tree {
		if err := unpack(ctx, dir, &p); err != nil {
			return nil, err
		}
	}
	return open(treeDir(dir), p)
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

// open finds the parts of an unpacked package.
func open(root string, p Package) (*Kernel, error) {
	image, err := only(root, "boot/vmlinuz-*")
	if err != nil {
		return nil, err
	}
	modules, err := only(root, "lib/modules/*", "usr/lib/modules/*")
	if err != nil {
		return nil, err
	}
	return &Kernel{Package: p, Image: image, Modules: modules}, nil
}

// only gives the one path below root that matches one of the patterns.
func only(root string, patterns ...string) (string, error) {
	var found []string
	for _, p := range patterns {
		m, err := filepath.Glob(filepath.Join(root, p))
		if err != nil {
			return "", err
		}
		found = append(found, m...)
	}
	if len(found) != 1 {
		return "", fmt.Errorf("kernel package in %s: %d matches for %q, want 1", root, len(found), patterns)
	}
	return found[0], nil
}
