// Package vm runs the box in QEMU's "virt" machine, with the kernel started directly, and shows what
// it writes to its serial console.
package vm

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Program is the emulator (Debian package qemu-system-arm).
const Program = "qemu-system-aarch64"

// Config of a machine: one Cortex-A53, no disk. The host is 10.0.2.2 to the machine, and what
// listens on the host's 127.0.0.1 is reached there on the same port.
type Config struct {
	Kernel string // path of a raw arm64 Image
	Initrd string // path of an initramfs
	Append string // more of the kernel's command line; no secrets here
	Memory int    // MiB, default 256
	// Network is the back end of the one network card, in QEMU's words without an id.
	Network string   // default "user"
	Args    []string // more arguments of the emulator
}

// args gives the emulator's command line.
func (c Config) args() []string {
	if c.Memory == 0 {
		c.Memory = 256
	}
	if c.Network == "" {
		c.Network = "user"
	}
	return append([]string{
		"-M", "virt", "-cpu", "cortex-a53", "-smp", "1", "-m", strconv.Itoa(c.Memory),
		"-nographic", "-nodefaults", "-serial", "stdio", "-no-reboot",
		"-netdev", c.Network + ",id=n0", "-device", "virtio-net-device,netdev=n0",
		"-kernel", c.Kernel, "-initrd", c.Initrd,
		"-append", strings.TrimSpace("console=ttyAMA0 quiet panic=1 oops=panic " + c.Append),
	}, c.Args...)
}

// Machine is one that was started.
type Machine struct {
	cmd     *exec.Cmd
	console console
	stderr  bytes.Buffer  // of the emulator; read after ended
	ended   chan struct{} // closed when the emulator is gone
	err     error         // why, after ended
}

// Start starts a machine. It ends when the guest switches off or starts again, when ctx ends, by
// Kill, and together with this process.
func Start(ctx context.Context, c Config) (*Machine, error) {
	m := &Machine{cmd: exec.CommandContext(ctx, Program, c.args()...), ended: make(chan struct{})}
	m.cmd.Stdout, m.cmd.Stderr = &m.console, &m.stderr
	m.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	m.cmd.Cancel = m.kill
	m.cmd.WaitDelay = time.Second
	started := make(chan error)
	go m.run(started)
	err := <-started
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
	started <- nil
	if err := m.cmd.Wait(); err != nil {
		m.err = fmt.Errorf("%s: %w: %s", Program, err, bytes.TrimSpace(m.stderr.Bytes()))
	}
	m.console.end()
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

// Console gives everything the machine has written so far.
func (m *Machine) Console() string { return m.console.text() }

// WaitFor waits until text stands on the console, wherever. The error, when ctx or the machine ends
// before that, has the console's last lines.
func (m *Machine) WaitFor(ctx context.Context, text string) error {
	for {
		found, more := m.console.find(text)
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
