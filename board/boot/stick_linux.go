package boot

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// Sticks lists the USB sticks with a medium in them, sorted; root is "/". A card reader without a card is none.
func Sticks(root string) ([]Stick, error) {
	dir := filepath.Join(root, "sys/class/block")
	all, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list disks: %w", err)
	}
	var sticks []Stick
	for _, e := range all {
		where, err := os.Readlink(filepath.Join(dir, e.Name()))
		if err != nil || !strings.Contains(where, "/usb") || textOf(dir, e.Name(), "partition") != "" {
			continue
		}
		if size := textOf(dir, e.Name(), "size"); size == "" || size == "0" {
			continue
		}
		sticks = append(sticks, Stick{ID: e.Name() + "#" + textOf(dir, e.Name(), "diskseq"), Volumes: volumes(root, e.Name())})
	}
	return sticks, nil
}

// volumes gives the device files of a disk's partitions, or its own.
func volumes(root, disk string) []string {
	parts, _ := filepath.Glob(filepath.Join(root, "sys/class/block", disk, disk+"*", "partition"))
	var all []string
	for _, p := range parts {
		all = append(all, filepath.Join(root, "dev", filepath.Base(filepath.Dir(p))))
	}
	if len(all) == 0 {
		all = []string{filepath.Join(root, "dev", disk)}
	}
	slices.Sort(all)
	return all
}

// textOf reads what the kernel says of a disk, empty where it says nothing.
func textOf(dir, disk, name string) string {
	b, _ := os.ReadFile(filepath.Join(dir, disk, name)) // it may be gone in this moment
	return strings.TrimSpace(string(b))
}

// Volume is a mounted volume of a stick.
type Volume struct{ dir string }

// MountVolume mounts a volume on a folder, which it makes, for reading. Nothing on it is a program, a device or anybody's.
func MountVolume(device, dir string) (*Volume, error) {
	kind, err := readKind(device)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", device, err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	if err := unix.Mount(device, dir, kind, hardened|unix.MS_RDONLY, ""); err != nil {
		return nil, fmt.Errorf("mount %s as %s: %w", device, kind, err)
	}
	return &Volume{dir}, nil
}

func readKind(device string) (string, error) {
	f, err := os.Open(device)
	if err != nil {
		return "", err
	}
	defer f.Close()
	sector := make([]byte, bootSector)
	if _, err := io.ReadFull(f, sector); err != nil {
		return "", err
	}
	return kindOf(sector)
}

// Dir gives the folder.
func (v *Volume) Dir() string { return v.dir }

// Write has a function write to the volume, which is for reading alone again when it returns.
func (v *Volume) Write(fn func() error) error {
	if err := unix.Mount("", v.dir, "", unix.MS_REMOUNT|hardened, ""); err != nil {
		return fmt.Errorf("make stick writable: %w", err)
	}
	err := fn()
	if e := unix.Mount("", v.dir, "", unix.MS_REMOUNT|unix.MS_RDONLY|hardened, ""); e != nil {
		err = errors.Join(err, fmt.Errorf("make stick read-only: %w", e))
	}
	return err
}

// Unmount lets go of the volume. One that was pulled lets go as well.
func (v *Volume) Unmount() error {
	if err := unix.Unmount(v.dir, 0); err == nil {
		return nil
	}
	return unix.Unmount(v.dir, unix.MNT_DETACH)
}
