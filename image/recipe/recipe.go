// Package recipe makes the image of the box from its parts: the program, Debian's kernel and boot
// loader, the boards' firmware. The same inputs give the same bytes, wherever they are built.
package recipe

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"syncbox/image/debian"
	"syncbox/image/disk"
	"syncbox/image/initramfs"
	"syncbox/image/kernel"
	"syncbox/image/manifest"
	"syncbox/image/selector"
	"syncbox/ota/bootstate"
)

// Spec says what to build from, and into which folders.
type Spec struct {
	Source  string // root folder of the Go module that holds the program; default "."
	Out     string // folder for the results; default Source/build
	Cache   string // folder that keeps the Debian packages; default Out
	Version string // "1.2.3", into the manifest and the box; default "unreleased", which is 0.0.0
	Root    string // file of the signed root (TUF) that the box believes from its first day; default none: it takes no updates
	Suite   string // Debian suite of the packages; default that of the machine

	// Program is the Go package that becomes process 1.
	Program string   // default ./firmware/cmd/syncbox
	Go      []string // more arguments of "go build"

	DataSize int64  // bytes of the data partition, default 256 MiB
	Data     string // folder of what lies there; default none

	// Again is the manifest of an image that is to be built once more: with those very packages, and an
	// error where another image comes out.
	Again *manifest.Manifest
}

// Names of the results in Spec.Out.
const (
	ImageFile    = "syncbox.img"
	SlotFile     = "syncbox.slot.img"
	ManifestFile = "syncbox.manifest.json"
	SBOMFile     = "syncbox.cdx.json"
	PackageDir   = "packages" // the .deb files, to be kept with the release
)

func (s Spec) withDefaults() Spec {
	if s.Source == "" {
		s.Source = "."
	}
	if s.Out == "" {
		s.Out = filepath.Join(s.Source, "build")
	}
	if s.Cache == "" {
		s.Cache = s.Out
	}
	if s.Version == "" {
		s.Version = unreleased
	}
	if s.Program == "" {
		s.Program = "./firmware/cmd/syncbox"
	}
	if s.DataSize == 0 {
		s.DataSize = 256 << 20
	}
	return s
}

// build is one run of Build.
type build struct {
	Spec
	work   string // for what is not a result; removed in the end
	kernel *kernel.Kernel
	uboot  *debian.Unpacked
	m      *manifest.Manifest
}

// Build builds the image and writes all results.
func Build(ctx context.Context, s Spec) (*manifest.Manifest, error) {
	b := &build{Spec: s.withDefaults(), m: &manifest.Manifest{Name: "syncbox"}}
	b.m.Version = b.Version
	var err error
	if b.Out, err = filepath.Abs(b.Out); err != nil { // the go command runs in another folder
		return nil, err
	}
	if err := os.MkdirAll(b.Out, 0o755); err != nil {
		return nil, err
	}
	if b.work, err = os.MkdirTemp(b.Out, "image"); err != nil {
		return nil, err
	}
	defer os.RemoveAll(b.work)
	for _, step := range []struct {
		what string
		do   func(context.Context) error
	}{
		{"packages", b.packages}, {"program", b.program}, {"initrd", b.initrd}, {"slot", b.slot},
		{"boot partition", b.boot}, {"disk", b.disk}, {"manifest", b.manifest},
	} {
		if err := step.do(ctx); err != nil {
			return nil, fmt.Errorf("build image: %s: %w", step.what, err)
		}
	}
	return b.m, nil
}

// path gives the place of an intermediate file.
func (b *build) path(name string) string { return filepath.Join(b.work, name) }

// Modules gives the modules that the box loads at once, and the lists of those that it loads on some boards only, or
// later, off the way to the first sync.
func Modules(k *kernel.Kernel) (start []string, lists []initramfs.List, err error) {
	if start, err = k.Closure(kernel.Start...); err != nil {
		return nil, nil, err
	}
	for _, l := range []struct {
		name  string
		roots []string
	}{{"modules-pi.list", kernel.Pi}, {"modules-smb.list", kernel.SMB}, {"modules-stick.list", kernel.Sticks}} {
		modules, err := k.Closure(l.roots...)
		if err != nil {
			return nil, nil, err
		}
		lists = append(lists, initramfs.List{Name: l.name, Modules: modules})
	}
	return start, lists, nil
}

// initrd writes the root file system.
func (b *build) initrd(context.Context) error {
	modules, lists, err := Modules(b.kernel)
	if err != nil {
		return err
	}
	files, err := b.identity()
	if err != nil {
		return err
	}
	f, err := os.Create(b.path("initrd"))
	if err != nil {
		return err
	}
	err = initramfs.Write(f, initramfs.Spec{Init: b.path("syncbox"), Modules: modules, Lists: lists, Files: files})
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	b.m.Initrd, err = manifest.Describe("initrd", f.Name())
	return err
}

// slot writes the file system of a slot: what changes most stands last.
func (b *build) slot(ctx context.Context) error {
	files := []disk.File{{Name: "vmlinuz", From: b.kernel.Image}}
	for _, t := range deviceTrees {
		files = append(files, disk.File{Name: "broadcom/" + t.boot, From: filepath.Join(b.kernel.DeviceTrees, "broadcom", t.kernel)})
	}
	files = append(files, disk.File{Name: "initrd", From: b.path("initrd")})
	var err error
	if b.m.SlotFiles, err = describe(files); err != nil {
		return err
	}
	used := int64(0)
	for _, f := range b.m.SlotFiles {
		used += f.Bytes
	}
	if err := within("slot", used, slotBudget); err != nil {
		return err
	}
	for i, f := range files {
		if b.m.SlotFiles[i].Sum, err = disk.Sum(f.From); err != nil {
			return err
		}
	}
	slot := filepath.Join(b.Out, SlotFile)
	if err := (disk.FAT{ID: slotID, Label: "SLOT", Size: disk.SlotSize, Files: files}).Write(ctx, slot); err != nil {
		return err
	}
	b.m.Slot, err = manifest.Describe(SlotFile, slot)
	return err
}

// Ids of the file systems.
const (
	bootID = 0x5b0a0001
	slotID = 0x5b0a0002
	dataID = "5b0a0000-0000-4000-8000-000000000004"
)

// boot writes the frozen first partition.
func (b *build) boot(ctx context.Context) error {
	files, err := b.firmware(ctx)
	if err != nil {
		return err
	}
	uboot, err := debian.Only(b.uboot.Tree, "usr/lib/u-boot/rpi_arm64/u-boot.bin")
	if err != nil {
		return err
	}
	if err := knownTrees(uboot); err != nil {
		return err
	}
	files = append(files,
		disk.File{Name: "config.txt", Content: configTxt},
		disk.File{Name: "u-boot.bin", From: uboot},
		disk.File{Name: selector.FileName, Content: selector.Image(selector.Script, disk.Epoch)},
	)
	for _, t := range deviceTrees {
		for _, name := range t.names() {
			files = append(files, disk.File{Name: name, From: filepath.Join(b.kernel.DeviceTrees, "broadcom", t.kernel)})
		}
	}
	if b.m.Boot, err = describe(files); err != nil {
		return err
	}
	return disk.FAT{ID: bootID, Label: "BOOT", Size: disk.BootSize, Files: files}.Write(ctx, b.path("boot.img"))
}

// disk puts all together. Both slots get the same system, so that the box has one to fall back to from
// its first day.
func (b *build) disk(ctx context.Context) error {
	sums, err := disk.SlotSums(b.kernel.Image, b.path("initrd"))
	if err != nil {
		return err
	}
	data := disk.Ext4{Label: "data", UUID: dataID, Size: b.DataSize, Dir: b.Data}
	if err := data.Write(ctx, b.path("data.img")); err != nil {
		return err
	}
	state := bootstate.First()
	state.A, state.B = sums, sums
	image, slot := filepath.Join(b.Out, ImageFile), filepath.Join(b.Out, SlotFile)
	err = disk.Write(image, disk.Parts{
		Boot: b.path("boot.img"), SlotA: slot, SlotB: slot, Data: b.path("data.img"), DataSize: b.DataSize, State: state,
	})
	if err != nil {
		return err
	}
	b.m.Image, err = manifest.Describe(ImageFile, image)
	return err
}

// manifest writes what was used.
func (b *build) manifest(context.Context) error {
	if b.Again != nil && b.Again.Image.SHA256 != b.m.Image.SHA256 {
		return fmt.Errorf("image by %s has SHA-256 %s, the one to build again, by %s, %s", b.m.Go, b.m.Image.SHA256, b.Again.Go, b.Again.Image.SHA256)
	}
	if err := b.m.Write(filepath.Join(b.Out, ManifestFile)); err != nil {
		return err
	}
	var bom bytes.Buffer
	if err := b.m.WriteSBOM(&bom); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(b.Out, SBOMFile), bom.Bytes(), 0o644)
}

func describe(files []disk.File) ([]manifest.File, error) {
	var all []manifest.File
	for _, f := range files {
		d := manifest.DescribeContent(f.Name, f.Content)
		if f.From != "" {
			var err error
			if d, err = manifest.Describe(f.Name, f.From); err != nil {
				return nil, err
			}
		}
		all = append(all, d)
	}
	return all, nil
}
