// Command slotprobe is a process 1 that stands for a whole system in a slot: it says which slot it
// came from and how it was started, then does what the slot was made to do. The tests of the selector
// put it into both slots.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

func main() {
	if err := probe(); err != nil {
		fmt.Println("slotprobe: FAILED:", err)
		off()
	}
	os.Exit(1) // the end of process 1 is a panic of the kernel
}

// probe reads /slot, "NAME ACTION".
func probe() error {
	slot, err := os.ReadFile("/slot")
	if err != nil {
		return err
	}
	if err := unix.Mount("proc", "/proc", "proc", 0, ""); err != nil {
		return err
	}
	cmdline, err := os.ReadFile("/proc/cmdline")
	if err != nil {
		return err
	}
	name, action, _ := strings.Cut(string(slot), " ")
	fmt.Printf("slotprobe: content %s, started with %s\n", name, strings.TrimSpace(string(cmdline)))
	switch action {
	case "off":
		off()
	case "panic":
		return nil
	case "hang":
		return hang()
	}
	return fmt.Errorf("unknown action %q", action)
}

func off() {
	unix.Sync()
	_ = unix.Reboot(unix.LINUX_REBOOT_CMD_POWER_OFF)
}

// hang arms the watchdog for three seconds and never comes back.
func hang() error {
	if err := unix.Mount("devtmpfs", "/dev", "devtmpfs", 0, ""); err != nil {
		return err
	}
	if err := loadModules(); err != nil {
		return err
	}
	dog, err := os.OpenFile("/dev/watchdog0", os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	const seconds = 3
	if err := unix.IoctlSetPointerInt(int(dog.Fd()), unix.WDIOC_SETTIMEOUT, seconds); err != nil {
		return fmt.Errorf("set watchdog: %w", err)
	}
	fmt.Println("slotprobe: hangs")
	for {
		time.Sleep(time.Hour)
	}
}

func loadModules() error {
	list, err := os.ReadFile("/modules.list")
	if err != nil {
		return err
	}
	for _, path := range strings.Fields(string(list)) {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		if err := unix.FinitModule(int(f.Fd()), "", 0); err != nil {
			return fmt.Errorf("load %s: %w", filepath.Base(path), err)
		}
		f.Close()
	}
	return nil
}
