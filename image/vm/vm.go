// Package vm runs the box in QEMU's "virt" machine, and shows what it writes to its serial console. The
// kernel is started directly, or by the boot loader from a disk, as on a board. Further options put
// hands on its pins, a plug on a second serial line, a watchdog inside.
package vm

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Program is the emulator (Debian package qemu-system-arm).
const Program = "qemu-system-aarch64"

// UBoot is the boot loader for this machine (Debian package u-boot-qemu).
const UBoot = "/usr/lib/u-boot/qemu_arm64/u-boot.bin"

// Config of a machine: one Cortex-A53. The host is 10.0.2.2 to the machine, and what listens on the
// host's 127.0.0.1 is reached there on the same port.
type Config struct {
	Kernel string // path of a raw arm64 Image; empty where BIOS starts one from Disk
	Initrd string // path of an initramfs
	Append string // more of the kernel's command line; no secrets here

	BIOS  string // path of a boot loader
	Flash string // path of its environment (package selector); never written
	Disk  string // path of a raw image, written to: every machine needs its own (CopyDisk)
	// DiskLog is the path of a file that gets every write and flush of Disk, in order (package disklog). With it,
	// Stall can't be used.
	DiskLog string

	Memory int // MiB, default 256, and 512 with a BIOS
	// Network is the back end of the one network card, in QEMU's words without an id.
	Network string // default "user"
	Wire    bool   // the cable passes through this process: Machine.SetServed, SetLeases
	// Resets lets the machine start again when the guest or its watchdog says so, instead of ending.
	Resets   bool
	Watchdog bool     // there is an i6300esb, which resets the machine
	Control  bool     // Machine.GPIO, SetLink, Stall and sticks can be used
	USB      bool     // there are USB sockets, for sticks: Machine.PlugIn
	Serial   bool     // there is a second serial line, /dev/ttyS0: Machine.Serial
	Args     []string // more arguments of the emulator
}

// args gives the emulator's command line; dir is for its sockets.
func (c Config) args(dir string) []string {
	if c.Memory == 0 && c.BIOS != "" {
		c.Memory = 512
	} else if c.Memory == 0 {
		c.Memory = 256
	}
	if c.Network == "" {
		c.Network = "user"
	}
	machine := "virt"
	if c.BIOS != "" {
		machine = "virt,acpi=off" // with both a BIOS and ACPI, this machine has no PL061
	}
	a := []string{
		"-M", machine, "-cpu", "cortex-a53", "-smp", "1", "-m", strconv.Itoa(c.Memory),
		"-nographic", "-nodefaults", "-serial", "stdio",
	}
	a = append(a, c.network()...)
	a = append(a, c.boot()...)
	a = append(a, c.devices(dir)...)
	return append(a, c.Args...)
}

// Names of devices in the emulator.
const (
	networkID = "n0"
	diskID    = "d0"
)

// network gives the card and what its cable goes to.
func (c Config) network() (a []string) {
	to := c.Network
	if c.Wire { // its ends are the first files that the emulator inherits
		to = "socket,fd=3"
		a = []string{"-netdev", c.Network + ",id=router", "-netdev", "hubport,hubid=0,id=port,netdev=router",
			"-netdev", "socket,fd=4,id=wire", "-netdev", "hubport,hubid=0,id=plug,netdev=wire"}
	}
	return append(a, "-netdev", to+",id="+networkID, "-device", "virtio-net-device,netdev="+networkID)
}

// boot gives what the machine starts from.
func (c Config) boot() (a []string) {
	if c.BIOS == "" {
		a = []string{"-kernel", c.Kernel, "-initrd", c.Initrd, "-append", strings.TrimSpace("console=ttyAMA0 quiet panic=1 oops=panic " + c.Append)}
	} else {
		a = []string{"-bios", c.BIOS}
	}
	if c.Flash != "" {
		a = append(a, "-drive", "if=pflash,unit=1,format=raw,readonly=on,file="+escape(c.Flash))
	}
	switch {
	case c.DiskLog != "":
		a = append(a, "-blockdev", "driver=file,node-name=base,filename="+escape(c.Disk),
			"-blockdev", "driver=file,node-name=log,filename="+escape(c.DiskLog),
			"-blockdev", "driver=blklogwrites,file=base,log=log,node-name="+diskID, "-device", "virtio-blk-device,drive="+diskID)
	case c.Disk != "":
		a = append(a, "-drive", "if=none,id="+diskID+",format=raw,file="+escape(c.Disk), "-device", "virtio-blk-device,drive="+diskID)
	}
	if !c.Resets {
		a = append(a, "-no-reboot")
	}
	return a
}

// escape doubles the commas of a path, which would end an option.
func escape(path string) string { return strings.ReplaceAll(path, ",", ",,") }

func (c Config) devices(dir string) (a []string) {
	if c.Watchdog {
		a = append(a, "-device", "i6300esb", "-action", "watchdog=reset")
	}
	if c.Control {
		a = append(a, "-qtest", socket(dir, qtestSocket), "-qtest-log", "/dev/null", "-qmp", socket(dir, qmpSocket))
	}
	if c.USB {
		a = append(a, "-device", "qemu-xhci")
	}
	if c.Serial {
		a = append(a, "-chardev", "socket,id=c1,path="+filepath.Join(dir, serialSocket)+",server=on,wait=off", "-device", "pci-serial,chardev=c1")
	}
	return a
}

// Machine is one that was started.
type Machine struct {
	cmd     *exec.Cmd
	console console
	keys    io.WriteCloser // what is typed on the console
	dir     string         // of its sockets
	wire    *wire          // nil = none
	stderr  bytes.Buffer   // of the emulator; read after ended
	ended   chan struct{}  // closed when the emulator is gone
	err     error          // why, after ended
}

// Start starts a machine. It ends when the guest switches off or starts again, when ctx ends, by
// Kill, and together with this process.
func Start(ctx context.Context, c Config) (*Machine, error) {
	if c.DiskLog != "" { // the emulator wants a file that is there, with room for a beginning
		if err := os.WriteFile(c.DiskLog, make([]byte, 1<<20), 0o600); err != nil {
			return nil, fmt.Errorf("start machine: %w", err)
		}
	}
	if !c.Wire {
		return start(ctx, nil, c.args)
	}
	w, err := newWire()
	if err != nil {
		return nil, fmt.Errorf("start machine: %w", err)
	}
	m, err := start(ctx, w, c.args)
	if err != nil {
		w.close()
	}
	return m, err
}

// start starts a machine from the emulator's command line, which is told the folder for its sockets.
func start(ctx context.Context, w *wire, args func(dir string) []string) (*Machine, error) {
	dir, err := os.MkdirTemp("", "vm") // a socket's path must be short
	if err != nil {
		return nil, fmt.Errorf("start machine: %w", err)
	}
	m := &Machine{cmd: exec.CommandContext(ctx, Program, args(dir)...), dir: dir, wire: w, ended: make(chan struct{})}
	if w != nil {
		m.cmd.ExtraFiles = w.theirs[:]
	}
	m.cmd.Stdout, m.cmd.Stderr = &m.console, &m.stderr
	if m.keys, err = m.cmd.StdinPipe(); err != nil {
		os.RemoveAll(dir)
		return nil, fmt.Errorf("start machine: %w", err)
	}
	m.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	m.cmd.Cancel = m.kill
	m.cmd.WaitDelay = time.Second
	started := make(chan error)
	go m.run(started)
	if err = <-started; err != nil {
		os.RemoveAll(dir)
	}
	if errors.Is(err, exec.ErrNotFound) {
		return nil, fmt.Errorf("start machine: %w (Debian package qemu-system-arm)", err)
	}
	if err != nil {
		return nil, fmt.Errorf("start machine: %w", err)
	}
	return m, nil
}

// run starts the emulator and waits for its end on one thread, because Pdeathsig speaks of the
// thread that started it.
func (m *Machine) run(started chan<- error) {
	runtime.LockOSThread()
	if err := m.cmd.Start(); err != nil {
		started <- err
		return
	}
	if m.wire != nil {
		m.wire.run()
	}
	started <- nil
	if err := m.cmd.Wait(); err != nil {
		m.err = fmt.Errorf("%s: %w: %s", Program, err, bytes.TrimSpace(m.stderr.Bytes()))
	}
	m.console.end()
	if m.wire != nil {
		m.wire.close()
	}
	os.RemoveAll(m.dir)
	close(m.ended)
}

func (m *Machine) kill() error { return syscall.Kill(-m.cmd.Process.Pid, syscall.SIGKILL) }

// Kill ends the machine as pulling its plug would, and returns when it is gone. It may be called twice.
func (m *Machine) Kill() {
	select {
	case <-m.ended:
	default:
		_ = m.kill() // refused only when it is gone already
		<-m.ended
	}
}

// Pause stops the machine's clock and everything in it, as a box too busy to answer would, until Resume.
// Its connections stay open.
func (m *Machine) Pause() error { return syscall.Kill(-m.cmd.Process.Pid, syscall.SIGSTOP) }

// Resume lets a paused machine go on.
func (m *Machine) Resume() error { return syscall.Kill(-m.cmd.Process.Pid, syscall.SIGCONT) }

// Wait waits for the guest to switch itself off (or to start again: the machine ends then too). An
// emulator that failed or was killed is an error, as is the end of ctx.
func (m *Machine) Wait(ctx context.Context) error {
	select {
	case <-m.ended:
		return m.err
	case <-ctx.Done():
		return fmt.Errorf("machine still runs: %w; console:\n%s", ctx.Err(), m.console.tail())
	}
}

// Type sends bytes to the machine's serial console, as a keyboard at its other end does. What is sent before somebody
// listens is lost.
func (m *Machine) Type(text string) error {
	_, err := io.WriteString(m.keys, text)
	return err
}

// Console gives everything the machine has written so far.
func (m *Machine) Console() string { return m.console.text() }

// WaitFor waits until text stands on the console, wherever. The error, when ctx or the machine ends
// before that, has the console's last lines.
func (m *Machine) WaitFor(ctx context.Context, text string) error { return m.WaitAfter(ctx, 0, text) }

// WaitAfter is WaitFor for a text in what comes after the first bytes, as many as Console gave at some time.
func (m *Machine) WaitAfter(ctx context.Context, first int, text string) error {
	for {
		found, more := m.console.find(text, first)
		if found {
			return nil
		}
		if more == nil {
			return fmt.Errorf("machine ended without %q; console:\n%s", text, m.console.tail())
		}
		select {
		case <-more:
		case <-ctx.Done():
			return fmt.Errorf("wait for %q: %w; console:\n%s", text, ctx.Err(), m.console.tail())
		}
	}
}
