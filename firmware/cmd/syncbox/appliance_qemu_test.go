package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"syncbox/board"
	"syncbox/board/boardtest"
	"syncbox/firmware/internal/health"
	"syncbox/firmware/internal/panel/paneltest"
	"syncbox/image/disk"
	"syncbox/image/initramfs"
	"syncbox/image/kernel"
	"syncbox/image/vm"
	"syncbox/ota/bootstate"
)

// TestQEMUDataPartition starts a new box with a data partition, restarts it at its button, and starts it with garbage in
// the partition's place: it comes up both times, talks on its serial line, and in the end its light says that the box
// itself is broken.
func TestQEMUDataPartition(t *testing.T) {
	need(t, vm.Program, "mke2fs", "debugfs")
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	p := newPlain(t, ctx)

	p.start()
	p.await("data partition mounted", "clock set to the least it can be", "code=config-incomplete", "name=syncbox-3456.local", "\nsyncbox-3456> ")
	p.restart()
	if kept := p.file("clock"); !strings.HasPrefix(kept, "2026-11-01T00:0") {
		t.Errorf("the time that was kept is %q", kept)
	}
	if first := p.file("syncbox.toml"); !strings.Contains(first, `name = "syncbox-3456"`) {
		t.Errorf("the first configuration is %q", first)
	}

	f, err := os.OpenFile(p.disk, os.O_WRONLY, 0)
	p.no(err)
	garbage, seeded := make([]byte, 4<<20), rand.NewChaCha8([32]byte{7})
	_, _ = seeded.Read(garbage)
	_, err = f.WriteAt(garbage, disk.DataOffset)
	p.no(err)
	p.no(f.Close())
	p.start()
	p.await("code=data-missing", "no ext4 file system", "code=config-missing", "name=syncbox-3456.local", "\nsyncbox-3456> ")
	p.shows(health.HardwareFault)
	p.box.Kill()

	after := make([]byte, len(garbage))
	f, err = os.Open(p.disk)
	p.no(err)
	defer f.Close()
	_, err = f.ReadAt(after, disk.DataOffset)
	p.no(err)
	if !bytes.Equal(after, garbage) {
		t.Error("the box wrote to a partition that it could not read")
	}
}

// plain is a box with a card and nothing around it.
type plain struct {
	t                    *testing.T
	ctx                  context.Context
	kernel, initrd, disk string
	box                  *vm.Machine
	pins                 *boardtest.QEMU
}

func newPlain(t *testing.T, ctx context.Context) *plain {
	t.Helper()
	dir := t.TempDir()
	p := &plain{t: t, ctx: ctx, initrd: filepath.Join(dir, "initrd"), disk: filepath.Join(dir, "card")}
	k, err := kernel.Fetch(ctx, "../../../build/kernel", kernel.Options{})
	if err != nil {
		missing(t, err.Error())
	}
	p.kernel = k.Image
	modules, err := k.Closure(append(append([]string{}, kernel.Virt...), kernel.Ext4...)...)
	p.no(err)
	var archive bytes.Buffer
	p.no(initramfs.Write(&archive, initramfs.Spec{Init: buildBox(t), Modules: modules}))
	p.no(os.WriteFile(p.initrd, archive.Bytes(), 0o600))
	const size = 16 << 20
	p.no(disk.Ext4{Label: "data", UUID: "5b0a0000-0000-4000-8000-000000000004", Size: size}.Write(ctx, filepath.Join(dir, "data")))
	p.no(disk.Write(p.disk, disk.Parts{Data: filepath.Join(dir, "data"), DataSize: size, State: bootstate.First()}))
	return p
}

func (p *plain) no(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// start switches the box on, in 1970: it has no clock.
func (p *plain) start() {
	p.t.Helper()
	var err error
	p.pins, err = boardtest.NewQEMU(p.t.TempDir(), board.Models()[0].Pins)
	p.no(err)
	p.box, err = vm.Start(p.ctx, vm.Config{Kernel: p.kernel, Initrd: p.initrd, Disk: p.disk, Watchdog: true,
		Args: append([]string{"-rtc", "base=1970-01-02T00:00:00"}, p.pins.Args()...)})
	p.no(err)
	p.t.Cleanup(p.box.Kill)
	p.t.Cleanup(func() { _ = p.pins.Close() })
	p.no(p.pins.Attach(p.ctx))
}

func (p *plain) await(texts ...string) {
	p.t.Helper()
	begin := time.Now()
	for _, text := range texts {
		p.no(p.box.WaitFor(p.ctx, text))
	}
	p.t.Logf("up after %.1f s", time.Since(begin).Seconds())
	if strings.Contains(p.box.Console(), "panic") {
		p.t.Errorf("something panicked:\n%s", p.box.Console())
	}
}

// restart holds the button until the light has said that the box starts again, and lets go.
func (p *plain) restart() {
	p.t.Helper()
	p.no(p.pins.Press())
	select {
	case <-time.After(6 * time.Second):
	case <-p.ctx.Done():
	}
	p.no(p.pins.Release())
	p.no(p.box.Wait(p.ctx))
	if text := p.box.Console(); !strings.Contains(text, "code=device-restart") || !strings.Contains(text, "starting again") || strings.Contains(text, "did not end well") {
		p.t.Errorf("the end was not orderly:\n%s", text)
	}
}

// file reads a file of the data partition, and sees that this was left clean.
func (p *plain) file(name string) string {
	p.t.Helper()
	device := fmt.Sprintf("%s?offset=%d", p.disk, int64(disk.DataOffset))
	stats, err := exec.CommandContext(p.ctx, "debugfs", "-R", "stats", device).CombinedOutput()
	p.no(err)
	if !strings.Contains(string(stats), "Filesystem state:         clean") || strings.Contains(string(stats), "needs_recovery") {
		p.t.Errorf("the data partition was not unmounted:\n%s", stats)
	}
	out, err := exec.CommandContext(p.ctx, "debugfs", "-R", "cat "+name, device).Output()
	p.no(err)
	return string(out)
}

// shows waits until the light can be read, and means that.
func (p *plain) shows(want health.Light) {
	p.t.Helper()
	begin := time.Now()
	tick := time.NewTicker(time.Second / 2)
	defer tick.Stop()
	for {
		select {
		case now := <-tick.C:
			if now.Sub(begin) < paneltest.Long {
				continue
			}
			if got, err := paneltest.Decode(p.pins.Recording(now.Add(-paneltest.Long), now)); err == nil && got == want {
				return
			}
		case <-p.ctx.Done():
			p.t.Fatalf("the light never means %s:\n%s", want, p.box.Console())
		}
	}
}
