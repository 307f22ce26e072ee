// Package kernel finds the parts of Debian's own arm64 kernel package, and says which of its modules an
// image needs, in the order in which PID 1 has to load them.
//
// No version and no file name of a kernel stands here: its parts are found by pattern.
package kernel

import (
	"context"

	"syncbox/image/debian"
)

// Options of Fetch; the zero value is the machine's own suite and the meta package of the regular
// arm64 flavour. The fields are those of debian.Options.
type Options struct {
	AptDir, Codename, Suite string
	Meta                    string // the package whose first dependency is the kernel itself; default linux-image-arm64
	Pinned                  *debian.Package
	Archive                 string
}

// Kernel is an unpacked kernel package.
type Kernel struct {
	debian.Unpacked
	Image       string // path of the raw arm64 Image (vmlinuz)
	Modules     string // path of lib/modules/VERSION
	DeviceTrees string // path of the folder with the .dtb files, sorted into vendors' folders
}

// Closure gives the paths of the modules that the roots need, in load order:
// modules.Closure.
func (k *Kernel) Closure(roots ...string) ([]string, error) {
	m, err := openModules(k.Modules)
	if err != nil {
		return nil, err
	}
	return m.Closure(roots...)
}

// Fetch gives the kernel kept in dir, or fetches it there: debian.Fetch.
func Fetch(ctx context.Context, dir string, o Options) (*Kernel, error) {
	if o.Meta == "" {
		o.Meta = "linux-image-arm64"
	}
	u, err := debian.Fetch(ctx, dir, o.Meta, debian.Options{
		AptDir: o.AptDir, Codename: o.Codename, Suite: o.Suite, Meta: true, Pinned: o.Pinned, Archive: o.Archive,
	})
	if err != nil {
		return nil, err
	}
	return open(u)
}

// open finds the parts of an unpacked package.
func open(u *debian.Unpacked) (*Kernel, error) {
	image, err := debian.Only(u.Tree, "boot/vmlinuz-*")
	if err != nil {
		return nil, err
	}
	modules, err := debian.Only(u.Tree, "lib/modules/*", "usr/lib/modules/*")
	if err != nil {
		return nil, err
	}
	trees, err := debian.Only(u.Tree, "usr/lib/linux-image-*")
	if err != nil {
		return nil, err
	}
	return &Kernel{Unpacked: *u, Image: image, Modules: modules, DeviceTrees: trees}, nil
}
