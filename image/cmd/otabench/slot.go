package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"syncbox/image/debian"
	"syncbox/image/disk"
	"syncbox/image/initramfs"
	"syncbox/image/kernel"
	"syncbox/image/recipe"
)

// image makes the image of a slot, as the recipe of the product does, unless it is there. It leaves out what says which release
// it is (release.json, root.json), and three device trees have the kernel's names.
func (b *builder) image(ctx context.Context, name, program string, k *kernel.Kernel) error {
	if _, err := os.Stat(b.slot(name)); err == nil {
		return nil
	}
	modules, lists, err := recipe.Modules(k)
	if err != nil {
		return err
	}
	initrd := filepath.Join(b.dir, name+".initrd")
	f, err := os.Create(initrd)
	if err != nil {
		return err
	}
	err = initramfs.Write(f, initramfs.Spec{Init: filepath.Join(b.dir, program), Modules: modules, Lists: lists})
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	files := []disk.File{{Name: "vmlinuz", From: k.Image}}
	for _, pattern := range []string{"bcm2711-rpi-*.dtb", "bcm2837-rpi-*.dtb"} {
		trees, err := filepath.Glob(filepath.Join(k.DeviceTrees, "broadcom", pattern))
		if err != nil {
			return err
		}
		for _, t := range trees {
			files = append(files, disk.File{Name: "broadcom/" + filepath.Base(t), From: t})
		}
	}
	files = append(files, disk.File{Name: "initrd", From: initrd})
	unfinished := b.slot(name) + ".new"
	if err := (disk.FAT{ID: 0x5b0a0002, Label: "SLOT", Size: disk.SlotSize, Files: files}).Write(ctx, unfinished); err != nil {
		return err
	}
	return os.Rename(unfinished, b.slot(name))
}

// olderKernel fetches the newest kernel of the same series with an older upstream version.
func olderKernel(ctx context.Context, dir string, k *kernel.Kernel) (*kernel.Kernel, error) {
	parts := strings.Split(k.Name, "-") // linux-image-6.1.0-56-arm64
	if len(parts) != 5 {
		return nil, fmt.Errorf("package %s: can't tell the one before it", k.Name)
	}
	number, err := strconv.Atoi(parts[3])
	if err != nil {
		return nil, err
	}
	for n := number - 1; n > max(0, number-8); n-- {
		parts[3] = strconv.Itoa(n)
		u, err := debian.Fetch(ctx, filepath.Join(dir, parts[3]), strings.Join(parts, "-"), debian.Options{})
		if err != nil {
			continue // not in the archive any more
		}
		if upstream(u.Version) == upstream(k.Version) {
			continue
		}
		return openKernel(u)
	}
	return nil, fmt.Errorf("the archive has no older kernel than %s", k.Name)
}

func upstream(version string) string {
	v, _, _ := strings.Cut(version, "-")
	return v
}

func openKernel(u *debian.Unpacked) (k *kernel.Kernel, err error) {
	k = &kernel.Kernel{Unpacked: *u}
	if k.Image, err = debian.Only(u.Tree, "boot/vmlinuz-*"); err != nil {
		return nil, err
	}
	if k.Modules, err = debian.Only(u.Tree, "lib/modules/*", "usr/lib/modules/*"); err != nil {
		return nil, err
	}
	k.DeviceTrees, err = debian.Only(u.Tree, "usr/lib/linux-image-*")
	return k, err
}
