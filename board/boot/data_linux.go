package boot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// dataPartition is the number of the data partition on the card.
const dataPartition = "4"

// lookForDisk is how often a disk that is not there yet is looked for.
const lookForDisk = 50 * time.Millisecond

// MountData mounts the data partition on DataDir. An error is ErrNoData: then a file system in memory stands there, so
// that everything else can go on. It never repairs or formats anything: what a person may still want to save stays.
func MountData(ctx context.Context, log *slog.Logger, d Data) error {
	d = d.withDefaults()
	if _, err := os.Stat(d.Own); d.Own != "" && err == nil {
		log.Info("the root file system brings its own data folder", "because", d.Own)
		return nil
	}
	if err := os.MkdirAll(DataDir, 0o755); err != nil {
		return fmt.Errorf("%w: %w", ErrNoData, err)
	}
	device, err := d.find(ctx)
	if err == nil {
		err = mountExt4(device, DataDir)
	}
	if err == nil {
		log.Info("data partition mounted", "device", device)
		return nil
	}
	err = fmt.Errorf("%w: %w", ErrNoData, err)
	if instead := unix.Mount("tmpfs", DataDir, "tmpfs", hardened, "mode=0755,size=16m"); instead != nil {
		err = errors.Join(err, fmt.Errorf("mount memory on %s: %w", DataDir, instead))
	}
	return err
}

// dataOptions leave the journal without checksums. With them, Linux 6.1 takes the last block of a transaction that was
// torn by a power cut (its first sector is there, the other ones are not) for damage, and never mounts the file system again;
// what came before that block was made durable first, so that its first sector says all there is to know.
const dataOptions = "errors=remount-ro,nojournal_checksum"

func mountExt4(device, dir string) error {
	if err := unix.Mount(device, dir, "ext4", hardened|unix.MS_NOATIME, dataOptions); err != nil {
		return fmt.Errorf("mount %s: %w", device, err)
	}
	return nil
}

// find waits for the data partition and gives its device file.
func (d Data) find(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, d.Wait)
	defer cancel()
	for {
		devices, err := partitions("/")
		if err != nil {
			return "", err
		}
		if len(devices) > 0 {
			return d.choose(devices)
		}
		if ctx.Err() != nil {
			return "", fmt.Errorf("no disk with a partition %s within %s", dataPartition, d.Wait)
		}
		pause(ctx, lookForDisk)
	}
}

// choose gives the one device that has the label, or why there is none.
func (d Data) choose(devices []string) (string, error) {
	var why []error
	for _, device := range devices {
		label, err := readLabel(device)
		if err == nil && label == d.Label {
			return device, nil
		}
		if err == nil {
			err = fmt.Errorf("label is %q, want %q", label, d.Label)
		}
		why = append(why, fmt.Errorf("%s: %w", device, err))
	}
	return "", errors.Join(why...)
}

func readLabel(device string) (string, error) {
	f, err := os.Open(device)
	if err != nil {
		return "", err
	}
	defer f.Close()
	return labelOf(f)
}

// partitions lists the device files of all fourth partitions that there are below root, but those of USB sticks: what
// somebody plugs in must not become the box's memory.
func partitions(root string) ([]string, error) {
	dir := filepath.Join(root, "sys/class/block")
	all, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("list disks: %w", err)
	}
	var found []string
	for _, e := range all {
		number, err := os.ReadFile(filepath.Join(dir, e.Name(), "partition"))
		if err != nil || strings.TrimSpace(string(number)) != dataPartition {
			continue
		}
		where, err := os.Readlink(filepath.Join(dir, e.Name()))
		if err != nil || strings.Contains(where, "/usb") {
			continue
		}
		device := filepath.Join(root, "dev", e.Name())
		if _, err := os.Stat(device); err == nil {
			found = append(found, device)
		}
	}
	return found, nil
}

// release writes a file system out for the last time: it is unmounted, or no more written to where somebody still has
// a file of it open. What is no mount is left alone.
func release(dir string) {
	if err := unix.Unmount(dir, 0); errors.Is(err, unix.EBUSY) {
		_ = unix.Mount("", dir, "", unix.MS_REMOUNT|unix.MS_RDONLY|hardened, "")
	}
	unix.Sync()
}
