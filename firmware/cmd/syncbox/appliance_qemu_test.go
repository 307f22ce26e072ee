package main

import (
	"bytes"
	"context"
	"math/rand/v2"
	"os"
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

// TestQEMUDataPartition starts a new box with a data partition, then with garbage in its place: it comes up both times,
// talks on its serial line, and in the end its light says that the box itself is broken.
func TestQEMUDataPartition(t *testing.T) {
	need(t, vm.Program, "mke2fs")
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	p := newPlain(t, ctx)

	p.start()
	p.await("data partition mounted", "clock set to the least it can be", "code=config-incomplete", "name=syncbox-3456.local", "\nsyncbox-3456> ")
	p.box.Kill()

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
