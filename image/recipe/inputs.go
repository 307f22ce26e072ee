package recipe

import (
	"context"
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"syncbox/image/debian"
	"syncbox/image/kernel"
	"syncbox/image/manifest"
)

// bootLoader is the Debian package with U-Boot for the boards.
const bootLoader = "u-boot-rpi"

// packages fetches the kernel and the boot loader, and keeps their .deb files with the results.
func (b *build) packages(ctx context.Context) error {
	kernelPin, ubootPin, archive, err := b.pins()
	if err != nil {
		return err
	}
	b.kernel, err = kernel.Fetch(ctx, filepath.Join(b.Cache, "kernel"), kernel.Options{Suite: b.Suite, Pinned: kernelPin, Archive: archive})
	if err != nil {
		return err
	}
	b.uboot, err = debian.Fetch(ctx, filepath.Join(b.Cache, bootLoader), bootLoader, debian.Options{Suite: b.Suite, Pinned: ubootPin, Archive: archive})
	if err != nil {
		return err
	}
	for _, u := range []debian.Unpacked{b.kernel.Unpacked, *b.uboot} {
		if err := b.keep(u); err != nil {
			return err
		}
	}
	return nil
}

// pins gives the packages that must be used, nil where any will do.
func (b *build) pins() (kernelPin, ubootPin *debian.Package, archive string, err error) {
	if b.Again == nil {
		return nil, nil, "", nil
	}
	kernelPin, ubootPin = b.Again.Package("linux-image-*"), b.Again.Package(bootLoader)
	if kernelPin == nil || ubootPin == nil {
		return nil, nil, "", errors.New("the manifest names no kernel or no boot loader")
	}
	return kernelPin, ubootPin, filepath.Join(b.Out, PackageDir), nil
}

// keep copies a .deb into PackageDir and notes it.
func (b *build) keep(u debian.Unpacked) error {
	content, err := os.ReadFile(filepath.Join(u.Dir, u.File))
	if err != nil {
		return err
	}
	p := u.Package
	p.File, p.TreeSum = filepath.Base(u.File), ""
	b.m.Packages = append(b.m.Packages, p)
	to := filepath.Join(b.Out, PackageDir)
	if err := os.MkdirAll(to, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(to, p.File), content, 0o644)
}

// program builds process 1, stripped: what is not executed would make each update some megabytes larger.
func (b *build) program(ctx context.Context) error {
	args := []string{"build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid=", "-o", b.path("syncbox")}
	if _, err := b.goTool(ctx, append(append(args, b.Go...), b.Program)...); err != nil {
		return err
	}
	var err error
	if b.m.Binary, err = manifest.Describe("syncbox", b.path("syncbox")); err != nil {
		return err
	}
	if err := within("program", b.m.Binary.Bytes, programBudget); err != nil {
		return err
	}
	info, err := buildinfo.ReadFile(b.path("syncbox"))
	if err != nil {
		return err
	}
	b.m.Go = info.GoVersion
	for _, d := range info.Deps {
		if d.Replace != nil {
			d = d.Replace
		}
		b.m.Modules = append(b.m.Modules, manifest.Module{Path: d.Path, Version: d.Version, Sum: d.Sum})
	}
	return nil
}

// module finds a module of the build list on the build machine.
func (b *build) module(ctx context.Context, path string) (dir string, err error) {
	out, err := b.goTool(ctx, "mod", "download", "-json", path)
	if err != nil {
		return "", err
	}
	var m struct{ Path, Version, Sum, Dir, Error string }
	if err := json.Unmarshal(out, &m); err != nil || m.Error != "" {
		return "", fmt.Errorf("module %s: %s: %w", path, m.Error, err)
	}
	b.m.Modules = append(b.m.Modules, manifest.Module{Path: m.Path, Version: m.Version, Sum: m.Sum})
	return m.Dir, nil
}

// goTool runs the go command in the source folder, for the board.
func (b *build) goTool(ctx context.Context, args ...string) ([]byte, error) {
	c := exec.CommandContext(ctx, "go", args...)
	c.Dir = b.Source
	c.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=arm64", "GOFLAGS=", "GOARM64=v8.0", "GOEXPERIMENT=")
	out, err := c.Output()
	if ee, ok := errors.AsType[*exec.ExitError](err); ok {
		return nil, fmt.Errorf("go %s: %w: %s", args[0], err, strings.TrimSpace(string(ee.Stderr)))
	}
	return out, err
}
