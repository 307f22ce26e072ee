// Command cutprobe is a process 1 that updates its box: it writes the other slot, lets it be tried, and as the new
// system it says that it is good. The tests of power cuts put it into both slots, and log what reaches the disk.
//
// What it does stands in the first sector of the data partition: "tell" only says who it is, "update" updates,
// "early" is an update by somebody who forgets to sync the slot before the boot state says that it may start. The
// sums of the new system's kernel and initrd, size and hash of its image stand in the second sector, the image from
// imageAt on.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"syncbox/ota/bootstate"
	"syncbox/ota/bundle"
	"syncbox/ota/slot"
)

// imageAt is where the new image stands on the data partition.
const imageAt = 1 << 20

const (
	whole = "/dev/vda"
	data  = "/dev/vda4"
	tries = 3
)

func main() {
	if err := probe(); err != nil {
		fmt.Println("cutprobe: FAILED:", err)
	}
	unix.Sync()
	_ = unix.Reboot(unix.LINUX_REBOOT_CMD_POWER_OFF)
	os.Exit(1)
}

func probe() error {
	name, err := os.ReadFile("/name")
	if err != nil {
		return err
	}
	start, err := begin()
	if err != nil {
		return err
	}
	order := make([]byte, 16)
	if err := readAt(data, order, 0); err != nil {
		return err
	}
	word, _, _ := strings.Cut(string(order), "\x00")
	fmt.Printf("cutprobe: content %s, started with sb.slot=%s sb.try=%s sb.failed=%s\n", name, dash(start.Slot), dash(start.Try), dash(start.Failed))
	if word == "tell" {
		return nil
	}
	return work(start, word, string(name) == "new")
}

func dash(s bootstate.Slot) string {
	if s == bootstate.None {
		return "-"
	}
	return string(s)
}

// begin mounts, loads the driver of the disk, and reads the command line.
func begin() (bootstate.Start, error) {
	for dir, kind := range map[string]string{"/proc": "proc", "/dev": "devtmpfs"} {
		if err := unix.Mount(kind, dir, kind, 0, ""); err != nil {
			return bootstate.Start{}, fmt.Errorf("mount %s: %w", dir, err)
		}
	}
	list, err := os.ReadFile("/modules.list")
	if err != nil {
		return bootstate.Start{}, err
	}
	for _, path := range strings.Fields(string(list)) {
		f, err := os.Open(path)
		if err != nil {
			return bootstate.Start{}, err
		}
		if err := unix.FinitModule(int(f.Fd()), "", 0); err != nil {
			return bootstate.Start{}, fmt.Errorf("load %s: %w", filepath.Base(path), err)
		}
		f.Close()
	}
	for range 1000 { // until the kernel has found the disk
		if _, err := os.Stat(data); err == nil {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	cmdline, err := os.ReadFile("/proc/cmdline")
	return bootstate.ParseStart(string(cmdline)), err
}

func readAt(path string, b []byte, at int64) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.ReadAt(b, at)
	return err
}

// work does what a start means.
func work(start bootstate.Start, word string, isNew bool) error {
	disk, err := bootstate.Open(whole)
	if err != nil {
		return err
	}
	defer disk.Close()
	s, err := bootstate.Read(disk)
	if err != nil {
		return err
	}
	change := func(to bootstate.State, err error) error {
		if err == nil {
			s, err = bootstate.Write(disk, to)
		}
		return err
	}
	switch start.Meaning(s.Good) {
	case bootstate.Trial:
		return change(s.MarkGood(start.Slot))
	case bootstate.Unreadable:
		if err := change(s.Fail()); err != nil {
			return err
		}
	case bootstate.Normal, bootstate.RolledBack:
	default:
		return fmt.Errorf("start is %s", start.Meaning(s.Good))
	}
	if isNew {
		return nil // nothing newer is to be had
	}
	if err := change(s.Writing(start.Slot)); err != nil {
		return err
	}
	if word == "early" { // and the kernel is in no hurry either
		for name, value := range map[string]string{"dirty_ratio": "95", "dirty_background_ratio": "90", "dirty_writeback_centisecs": "0"} {
			if err := os.WriteFile("/proc/sys/vm/"+name, []byte(value), 0o600); err != nil {
				return err
			}
		}
	}
	next, err := readNote()
	if err != nil {
		return err
	}
	try := func() error {
		ready, err := s.Ready(next.sums)
		if err != nil {
			return err
		}
		return change(ready.Trying(tries))
	}
	if err := write(start.Slot.Other(), next, word == "early", try); err != nil {
		return err
	}
	unix.Sync()
	return unix.Reboot(unix.LINUX_REBOOT_CMD_RESTART)
}

// write writes the new image as the box does, windows and syncs and all, and reads it again; then it may be tried.
// Who is early neither syncs nor reads.
func write(to bootstate.Slot, next note, early bool, try func() error) error {
	from, err := os.Open(data)
	if err != nil {
		return err
	}
	defer from.Close()
	s, err := slot.Open(whole, slot.Partition(to))
	if err != nil {
		return err
	}
	defer s.Close()
	var device slot.Device = s
	if early {
		device = unsynced{s}
	}
	w := slot.NewWriter(device)
	b := make([]byte, bundle.WindowSize)
	for i := range bundle.WindowCount(next.size) {
		window := b[:bundle.WindowSizes(next.size, i, 1)[0]]
		if _, err := from.ReadAt(window, imageAt+int64(i)*bundle.WindowSize); err != nil {
			return err
		}
		if err := w.Write(i, window); err != nil {
			return err
		}
	}
	if early {
		return try()
	}
	if err := w.Sync(); err != nil {
		return err
	}
	hash, err := slot.Hash(context.Background(), s, next.size)
	if err != nil {
		return err
	}
	if hash != next.hash {
		return fmt.Errorf("slot holds %v, want %v", hash, next.hash)
	}
	return try()
}

// unsynced is a slot that nobody syncs.
type unsynced struct{ slot.Device }

func (unsynced) Sync() error { return nil }

// note is what the builder of the test knows of the new image; it stands behind the order.
type note struct {
	sums bootstate.Sums
	hash bundle.Digest
	size int64
}

func readNote() (n note, err error) {
	b := make([]byte, 512)
	if err := readAt(data, b, 512); err != nil {
		return n, err
	}
	var hash string
	if _, err = fmt.Sscan(string(b), &n.sums.Kernel, &n.sums.Initrd, &n.size, &hash); err == nil {
		err = n.hash.UnmarshalText([]byte(hash))
	}
	if err != nil {
		return n, fmt.Errorf("read note: %w", err)
	}
	return n, nil
}
