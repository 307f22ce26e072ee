// Command cutprobe is a process 1 that updates its box: it writes the other slot, lets it be tried, and as the new
// system it says that it is good. The tests of power cuts put it into both slots, and log what reaches the disk.
//
// What it does stands in the first sector of the data partition: "tell" only says who it is, "update" updates,
// "early" is an update by somebody who forgets to sync the slot before the boot state says that it may start. The
// sums of the new system's kernel and initrd stand in the second sector, its image from imageAt on.
package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"syncbox/ota/bootstate"
)

// imageAt is where the new image stands on the data partition.
const imageAt = 1 << 20

const (
	whole = "/dev/vda"
	data  = "/dev/vda4"
	tries = 3
)

var slots = map[bootstate.Slot]string{bootstate.A: "/dev/vda2", bootstate.B: "/dev/vda3"}

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
	slot := slots[start.Slot.Other()]
	sums, err := sumsOfNew()
	if err != nil {
		return err
	}
	try := func() error {
		ready, err := s.Ready(sums)
		if err != nil {
			return err
		}
		return change(ready.Trying(tries))
	}
	if err := write(slot, word == "early", try); err != nil {
		return err
	}
	unix.Sync()
	return unix.Reboot(unix.LINUX_REBOOT_CMD_RESTART)
}

// write writes the new image and reads it again; then it may be tried.
func write(slot string, early bool, try func() error) error {
	from, err := os.Open(data)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := os.OpenFile(slot, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer to.Close()
	end, err := from.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	size := end - imageAt
	const window = 1 << 20
	b, again := make([]byte, window), make([]byte, window)
	for at := int64(0); at < size; at += window {
		if _, err := from.ReadAt(b, imageAt+at); err != nil {
			return err
		}
		if _, err := to.WriteAt(b, at); err != nil {
			return err
		}
		if !early && at/window%8 == 7 {
			if err := to.Sync(); err != nil {
				return err
			}
		}
	}
	if early {
		return try()
	}
	if err := to.Sync(); err != nil {
		return err
	}
	for at := int64(0); at < size; at += window {
		if err := readBoth(from, to, b, again, at); err != nil {
			return err
		}
	}
	return try()
}

func readBoth(from, to *os.File, b, again []byte, at int64) error {
	if _, err := from.ReadAt(b, imageAt+at); err != nil {
		return err
	}
	if _, err := to.ReadAt(again, at); err != nil {
		return err
	}
	if !bytes.Equal(b, again) {
		return fmt.Errorf("slot at %#x holds something else than was written", at)
	}
	return nil
}

// sumsOfNew reads what the builder of the test noted behind the order.
func sumsOfNew() (bootstate.Sums, error) {
	note := make([]byte, 64)
	if err := readAt(data, note, 512); err != nil {
		return bootstate.Sums{}, err
	}
	var s bootstate.Sums
	if _, err := fmt.Sscan(string(note), &s.Kernel, &s.Initrd); err != nil {
		return bootstate.Sums{}, fmt.Errorf("read note: %w", err)
	}
	return s, nil
}
