package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"syncbox/image/disk"
	"syncbox/image/initramfs"
	"syncbox/ota/bootstate"
)

// bare is the kernel of an image without the box: with a process 1 that does nothing.
type bare struct{ kernel, initrd, card string }

// newBare takes an image apart into a folder. It needs the go command, and mcopy of the Debian package mtools.
func newBare(ctx context.Context, image, dir string) (b bare, err error) {
	b = bare{kernel: filepath.Join(dir, "vmlinuz"), initrd: filepath.Join(dir, "initrd"), card: filepath.Join(dir, "bare.img")}
	slot, boot, initFile := filepath.Join(dir, "slot.img"), filepath.Join(dir, "boot.img"), filepath.Join(dir, "bareinit")
	for _, step := range []func() error{
		func() error {
			return tool(ctx, nil, "mcopy", "-n", "-i", fmt.Sprintf("%s@@%d", image, int64(disk.SlotAOffset)), "::vmlinuz", b.kernel)
		},
		func() error {
			return tool(ctx, []string{"CGO_ENABLED=0", "GOOS=linux", "GOARCH=arm64"}, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", initFile, "syncbox/firmware/cmd/qemu/bareinit")
		},
		func() error { return writeInitrd(b.initrd, initFile) },
		func() error { return copyPart(image, disk.BootOffset, disk.BootSize, boot) },
		func() error {
			return disk.FAT{ID: 2, Label: "SLOT", Size: disk.SlotSize, Files: []disk.File{{Name: "vmlinuz", From: b.kernel}, {Name: "initrd", From: b.initrd}}}.Write(ctx, slot)
		},
	} {
		if err := step(); err != nil {
			return b, fmt.Errorf("make a card of the bare kernel: %w", err)
		}
	}
	state := bootstate.First()
	if state.A, err = disk.SlotSums(b.kernel, b.initrd); err != nil {
		return b, err
	}
	state.B = state.A
	return b, disk.Write(b.card, disk.Parts{Boot: boot, SlotA: slot, SlotB: slot, DataSize: 1 << 20, State: state})
}

func writeInitrd(to, initFile string) error {
	f, err := os.Create(to)
	if err != nil {
		return err
	}
	return errors.Join(initramfs.Write(f, initramfs.Spec{Init: initFile}), f.Close())
}

// copyPart copies a part of a card to a file.
func copyPart(card string, at, size int64, to string) error {
	from, err := os.Open(card)
	if err != nil {
		return err
	}
	defer from.Close()
	f, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, io.NewSectionReader(from, at, size))
	return errors.Join(err, f.Close())
}

func tool(ctx context.Context, env []string, name string, args ...string) error {
	c := exec.CommandContext(ctx, name, args...)
	c.Env = append(os.Environ(), env...)
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, out)
	}
	return nil
}
