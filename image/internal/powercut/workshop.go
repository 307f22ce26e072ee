// Package powercut cuts the power of an update in the virtual machine: the update runs once, what reaches the disk is
// logged, and package otatest makes disks of the log as cuts leave them. All of them are judged here; some are started,
// and must start as foretold.
package powercut

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"hash/crc32"
	"os"
	"os/exec"
	"path/filepath"
	"sync"

	"syncbox/image/disk"
	"syncbox/image/disklog"
	"syncbox/image/initramfs"
	"syncbox/image/kernel"
	"syncbox/image/selector"
	"syncbox/image/vm"
	"syncbox/ota/bootstate"
	"syncbox/ota/otatest"
)

// What cutprobe knows of its data partition.
const (
	orderAt  = disk.DataOffset
	noteAt   = orderAt + otatest.SectorSize
	imageAt  = orderAt + 1<<20
	diskSize = imageAt + imageSize
	// imageSize is how much of an image is written: a kernel and little more.
	imageSize = 40 << 20
)

// Workshop has what an update needs: a box with an old system, and the image of a new one.
type Workshop struct {
	Kernels string // folder of the kernel's packages
	Source  string // root folder of the Go module
	Dir     string // for all that is made

	flash, base string
	start       otatest.Content
	judge       otatest.Judge
}

// Memory gives a folder in memory, where there is one: disks of some hundred megabytes are written and synced.
func Memory() string {
	const shm = "/dev/shm"
	if _, err := os.Stat(shm); err != nil {
		return ""
	}
	return shm
}

// Build makes the box.
func (w *Workshop) Build(ctx context.Context) error {
	k, err := kernel.Fetch(ctx, w.Kernels, kernel.Options{})
	if err != nil {
		return err
	}
	w.flash, w.base = filepath.Join(w.Dir, "flash"), filepath.Join(w.Dir, "base.img")
	if err := selector.WriteFlash(w.flash); err != nil {
		return err
	}
	boot := filepath.Join(w.Dir, "boot.img")
	fat := disk.FAT{ID: 1, Label: "BOOT", Size: disk.BootSize, Files: []disk.File{
		{Name: selector.FileName, Content: selector.Image(selector.Script, disk.Epoch)},
	}}
	if err := fat.Write(ctx, boot); err != nil {
		return err
	}
	probe, err := w.probe(ctx)
	if err != nil {
		return err
	}
	// What the other slot held before is a system, too.
	sums := map[string]bootstate.Sums{}
	w.judge = otatest.Judge{Layout: otatest.Layout{A: disk.SlotAOffset, B: disk.SlotBOffset, SlotSize: disk.SlotSize, Parts: disklog.Parts, Known: &sync.Map{}}}
	for i, name := range []string{"older", "old", "new"} {
		path := w.slot(name)
		if sums[name], err = slot(ctx, k, probe, name, i, path); err != nil {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if w.judge.Images = append(w.judge.Images, otatest.NewImage(name, b[:imageSize])); len(bytes.Trim(b[imageSize:], "\x00")) > 0 {
			return fmt.Errorf("image of %s is larger than %d bytes", name, imageSize)
		}
	}
	return w.assemble(boot, sums)
}

func (w *Workshop) slot(name string) string { return filepath.Join(w.Dir, name+".img") }

// probe builds the program of all systems.
func (w *Workshop) probe(ctx context.Context) (string, error) {
	path, err := filepath.Abs(filepath.Join(w.Dir, "cutprobe"))
	if err != nil {
		return "", err
	}
	c := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", path, "syncbox/image/internal/cutprobe")
	c.Dir = w.Source
	c.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=arm64")
	if out, err := c.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build cutprobe: %w: %s", err, out)
	}
	return path, nil
}

// slot builds the image of a system that says a name. Each has something before its kernel and its initrd that the
// others don't have, so that no sector of them is the same.
func slot(ctx context.Context, k *kernel.Kernel, probe, name string, number int, path string) (s bootstate.Sums, err error) {
	modules, err := k.Closure(kernel.VirtDisk...)
	if err != nil {
		return s, err
	}
	var initrd bytes.Buffer
	pad := bytes.Repeat([]byte(name), 100*(number+1))
	err = initramfs.Write(&initrd, initramfs.Spec{Init: probe, Modules: modules, Files: []initramfs.File{
		{Name: "aside", Content: pad}, {Name: "name", Content: []byte(name)},
	}})
	if err != nil {
		return s, err
	}
	vmlinuz, err := os.ReadFile(k.Image)
	if err != nil {
		return s, err
	}
	fat := disk.FAT{ID: uint32(2 + number), Label: "SLOT", Size: disk.SlotSize, Files: []disk.File{
		{Name: "aside", Content: make([]byte, number*(32<<10))}, // moves what follows
		{Name: "vmlinuz", Content: vmlinuz}, {Name: "initrd", Content: initrd.Bytes()},
	}}
	s.Kernel, s.Initrd = bootstate.SumOf(crc32.ChecksumIEEE(vmlinuz)), bootstate.SumOf(crc32.ChecksumIEEE(initrd.Bytes()))
	return s, fat.Write(ctx, path)
}

// assemble lays out the disk: the old system runs, the new one lies on the data partition.
func (w *Workshop) assemble(boot string, sums map[string]bootstate.Sums) error {
	state := bootstate.First()
	state.A, state.B = sums["old"], sums["older"]
	if err := disk.Write(w.base, disk.Parts{Boot: boot, SlotA: w.slot("old"), SlotB: w.slot("older"), DataSize: diskSize - disk.DataOffset, State: state}); err != nil {
		return err
	}
	f, err := os.OpenFile(w.base, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := w.judge.Images[2].Content.WriteChanges(at{f, imageAt}, w.empty()); err != nil {
		return err
	}
	image := w.judge.Images[2].Content.Bytes(0, imageSize)
	if _, err := fmt.Fprintf(at{f, noteAt}, "%s %s %d %x \n", sums["new"].Kernel, sums["new"].Initrd, len(image), sha256.Sum256(image)); err != nil {
		return err
	}
	w.start, err = otatest.ReadContent(f, diskSize)
	return err
}

func (w *Workshop) empty() *otatest.Content {
	c := otatest.NewContent(imageSize)
	return &c
}

// at writes behind a place of a file.
type at struct {
	f    *os.File
	from int64
}

func (a at) Write(b []byte) (int, error)                { return a.f.WriteAt(b, a.from) }
func (a at) WriteAt(b []byte, place int64) (int, error) { return a.f.WriteAt(b, a.from+place) }

// order writes what cutprobe is to do.
func order(path, word string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.WriteAt(append([]byte(word), make([]byte, 16-len(word))...), orderAt)
	return err
}

// machine gives the machine of a disk, no larger than it must be; it starts again when it is told to.
func (w *Workshop) machine(path string) vm.Config {
	return vm.Config{BIOS: vm.UBoot, Flash: w.flash, Disk: path, Memory: 256, Resets: true}
}
