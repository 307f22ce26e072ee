package vm_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/image/vm"
)

// fake puts a shell script in the emulator's place.
func fake(t *testing.T, script string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, vm.Program), []byte("#!/bin/sh\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
}

func start(t *testing.T, ctx context.Context, c vm.Config) *vm.Machine {
	t.Helper()
	m, err := vm.Start(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Kill)
	return m
}

func TestCommandLine(t *testing.T) {
	common := "-M MACHINE -cpu cortex-a53 -smp 1 -m MEMORY -nographic -nodefaults -serial stdio " +
		"-netdev NETWORK,id=n0 -device virtio-net-device,netdev=n0 "
	kernel := "-kernel k -initrd i -append <console=ttyAMA0 quiet panic=1 oops=panicMORE> "
	tests := []struct {
		name                  string
		config                vm.Config
		memory, network, more string
		tail                  string
	}{
		{"defaults", vm.Config{Kernel: "k", Initrd: "i"}, "256", "user", "", kernel + "-no-reboot"},
		{"all", vm.Config{Kernel: "k", Initrd: "i", Append: "sb.slot=a x", Memory: 512, Network: "hubport,hubid=0", Args: []string{"-device", "more"}},
			"512", "hubport,hubid=0", " sb.slot=a x", kernel + "-no-reboot -device more"},
		{"disk", vm.Config{BIOS: "u", Flash: "f,1", Disk: "d,2", Resets: true}, "512", "user", "",
			"-bios u -drive if=pflash,unit=1,format=raw,readonly=on,file=f,,1 -drive if=none,id=d0,format=raw,file=d,,2 -device virtio-blk-device,drive=d0"},
		{"devices", vm.Config{BIOS: "u", Memory: 300, Watchdog: true, Control: true, Serial: true}, "300", "user", "",
			"-bios u -no-reboot -device i6300esb -action watchdog=reset " +
				"-qtest unix:DIR/qtest,server=on,wait=off -qtest-log /dev/null -qmp unix:DIR/qmp,server=on,wait=off " +
				"-chardev socket,id=c1,path=DIR/serial,server=on,wait=off -device pci-serial,chardev=c1"},
		{"wire and USB", vm.Config{BIOS: "u", Wire: true, USB: true}, "512",
			"user,id=router -netdev hubport,hubid=0,id=port,netdev=router -netdev socket,fd=4,id=wire -netdev hubport,hubid=0,id=plug,netdev=wire " +
				"-netdev socket,fd=3", "", "-bios u -no-reboot -device qemu-xhci"},
	}
	dir := regexp.MustCompile(filepath.Join(os.TempDir(), `vm\d+`) + "/")
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			fake(t, `for a in "$@"; do case $a in *" "*) printf '<%s> ' "$a";; *) printf '%s ' "$a";; esac; done`)
			m := start(t, t.Context(), tt.config)
			if err := m.Wait(t.Context()); err != nil {
				t.Fatal(err)
			}
			machine := "virt"
			if tt.config.BIOS != "" {
				machine = "virt,acpi=off"
			}
			want := strings.NewReplacer("MACHINE", machine, "MEMORY", tt.memory, "NETWORK", tt.network, "MORE", tt.more).Replace(common + tt.tail)
			if d := cmp.Diff(want, dir.ReplaceAllString(strings.TrimSpace(m.Console()), "DIR/")); d != "" {
				t.Errorf("arguments (-want +got):\n%s", d)
			}
		})
	}
}

func TestNotInstalled(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := vm.Start(t.Context(), vm.Config{})
	if !errors.Is(err, exec.ErrNotFound) || !strings.Contains(err.Error(), "qemu-system-arm") {
		t.Errorf("got %v, want an error that names the package", err)
	}
}

// TestWaitFor finds text that comes in pieces, and tells the end of the machine.
func TestWaitFor(t *testing.T) {
	fake(t, `printf 'on'; sleep 0.05; printf 'e two'; sleep 0.05; printf ' three'`)
	m := start(t, t.Context(), vm.Config{})
	for _, text := range []string{"one", "two three", "one two"} {
		if err := m.WaitFor(t.Context(), text); err != nil {
			t.Error(err)
		}
	}
	err := m.WaitFor(t.Context(), "four")
	if err == nil || !strings.Contains(err.Error(), `machine ended without "four"; console:`+"\none two three") {
		t.Errorf("got %v, want the end and the console", err)
	}
}

// TestType types to a machine that writes back what it reads.
func TestType(t *testing.T) {
	fake(t, `exec cat`)
	m := start(t, t.Context(), vm.Config{})
	for range 2 {
		before := len(m.Console())
		if err := m.Type("a line\n"); err != nil {
			t.Fatal(err)
		}
		if err := m.WaitAfter(t.Context(), before, "a line\n"); err != nil {
			t.Fatal(err)
		}
	}
	if got := m.Console(); got != "a line\na line\n" {
		t.Errorf("got %q", got)
	}
	m.Kill()
	if err := m.WaitAfter(t.Context(), len("a line\n")+1, "a line"); err == nil {
		t.Error("found what came before")
	}
	if err := m.Type("x"); err == nil {
		t.Error("somebody typed on a machine that is gone")
	}
}

func TestWaitForLimit(t *testing.T) {
	fake(t, "echo here; exec sleep 600")
	m := start(t, t.Context(), vm.Config{})
	if err := m.WaitFor(t.Context(), "here"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for what, err := range map[string]error{"WaitFor": m.WaitFor(ctx, "there"), "Wait": m.Wait(ctx)} {
		if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "here") {
			t.Errorf("%s: got %v, want the end of ctx and the console", what, err)
		}
	}
}

// TestEnd ends an emulator that has a child, by Kill and by ctx: nothing of it may stay.
func TestEnd(t *testing.T) {
	for _, by := range []string{"Kill", "ctx"} {
		t.Run(by, func(t *testing.T) {
			fake(t, "sleep 600 & echo child $! .; wait")
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			m := start(t, ctx, vm.Config{})
			if err := m.WaitFor(ctx, " ."); err != nil {
				t.Fatal(err)
			}
			child, err := strconv.Atoi(strings.Fields(m.Console())[1])
			if err != nil {
				t.Fatal(err)
			}
			if by == "Kill" {
				m.Kill()
				m.Kill()
			} else {
				cancel()
			}
			if err := m.Wait(t.Context()); err == nil {
				t.Error("the end of a killed machine is no error")
			}
			awaitState(t, child, "", "Z")
		})
	}
}

// awaitState waits for a process to be in one of the states of proc(5); "" is no process.
func awaitState(t *testing.T, pid int, want ...string) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	end := time.After(10 * time.Second)
	for state := processState(pid); !slices.Contains(want, state); state = processState(pid) {
		select {
		case <-tick.C:
		case <-end:
			_ = syscall.Kill(pid, syscall.SIGKILL)
			t.Fatalf("child %d is in state %q, want one of %q", pid, state, want)
		}
	}
}

// processState gives the letter of proc(5), "" for no such process.
func processState(pid int) string {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return ""
	}
	return strings.Fields(string(b))[2]
}

// TestPause stops an emulator with its child, and lets both go on.
func TestPause(t *testing.T) {
	fake(t, "sleep 600 & echo child $! .; wait")
	m := start(t, t.Context(), vm.Config{})
	if err := m.WaitFor(t.Context(), " ."); err != nil {
		t.Fatal(err)
	}
	child, err := strconv.Atoi(strings.Fields(m.Console())[1])
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Pause(); err != nil {
		t.Fatal(err)
	}
	awaitState(t, child, "T")
	if err := m.Resume(); err != nil {
		t.Fatal(err)
	}
	awaitState(t, child, "S")
	m.Kill()
	awaitState(t, child, "", "Z")
}

func TestEmulatorFails(t *testing.T) {
	fake(t, "echo no such machine >&2; exit 3")
	m := start(t, t.Context(), vm.Config{})
	err := m.Wait(t.Context())
	if err == nil || !strings.Contains(err.Error(), "exit status 3: no such machine") {
		t.Errorf("got %v, want exit status and words of the emulator", err)
	}
}
