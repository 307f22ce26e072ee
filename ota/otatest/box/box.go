// Package box is a box for the stories of tests: the real updater, a simulated card, and a boot loader that chooses as its
// description has it.
package box

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"syncbox/ota/bootstate"
	"syncbox/ota/otatest"
	"syncbox/ota/update"
)

// Box is a box and its card. Judge knows the layout, and the images that may start.
type Box struct {
	Judge otatest.Judge
	Log   otatest.Log
	Disk  *otatest.Disk

	// Of the last start, also once the power is off.
	Updater *update.Updater
	Duty    update.Duty
	Version string // of the image that started: its name
	Slot    string // "a" or "b"

	// Restart has something once the box asks for a restart.
	Restart <-chan struct{}

	off func() error
}

// Factory gives the box a new card, on both slots of which stands the same image.
func (b *Box) Factory(image []byte) error {
	l := b.Judge.Layout
	c := otatest.NewContent(l.B + l.SlotSize)
	c.Write(image, l.A)
	c.Write(image, l.B)
	b.Disk = otatest.NewDisk(&b.Log, c)
	kernel, initrd := otatest.Sums(image)
	s := bootstate.First()
	s.A = bootstate.Sums{Kernel: bootstate.Sum(kernel), Initrd: bootstate.Sum(initrd)}
	s.B = s.A
	_, err := bootstate.Write(b.Whole(), s)
	return err
}

// Whole gives the whole card, as the updater writes boot state and floors.
func (b *Box) Whole() *otatest.File {
	return b.Disk.File("disk", 0, b.Judge.Layout.B+b.Judge.Layout.SlotSize, true)
}

// SlotOf gives the device of a slot.
func (b *Box) SlotOf(name string) *otatest.File {
	return b.Disk.File(name, b.Judge.Layout.Slot(name), b.Judge.Layout.SlotSize, false)
}

// State reads the boot state.
func (b *Box) State() (bootstate.State, error) { return bootstate.Read(b.Whole()) }

// On starts what the boot loader has chosen. Disk and Reboot of c are the box's own, and Version is for the caller to set.
func (b *Box) On(s otatest.Start, c update.Config) error {
	for _, o := range s.Writes {
		if _, err := b.Whole().WriteAt(o.Data, o.At); err != nil {
			return err
		}
	}
	reboot := make(chan struct{}, 1)
	c.Disk, c.Reboot = b.Whole(), func() {
		select {
		case reboot <- struct{}{}:
		default:
		}
	}
	u := update.New(c)
	b.Updater, b.Version, b.Slot, b.Restart = u, s.Image, s.Slot, reboot
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	b.off = func() error {
		cancel()
		return errors.Join(<-done, u.Close())
	}
	var err error
	if b.Duty, err = u.Begin(bootstate.ParseStart(s.CommandLine())); err != nil {
		done <- err
		return b.Off()
	}
	go func() { done <- u.Run(ctx) }()
	return nil
}

// Off cuts the power: what was written is on the card. Without power it does nothing.
func (b *Box) Off() error {
	if b.off == nil {
		return nil
	}
	off := b.off
	b.off = nil
	return off()
}

// Run lets time pass; restart comes whenever the box asks for one, and is to have it Off and On.
func (b *Box) Run(d time.Duration, restart func()) {
	for end := time.Now().Add(d); ; {
		select {
		case <-b.Restart:
			restart()
		case <-time.After(time.Until(end)):
			synctest.Wait()
			return
		}
	}
}

// Image makes that of a version: a few sectors differ from that of any other. size is at least 8 KiB.
func Image(version string, size int) []byte {
	b := otatest.System(1, size)
	copy(b[size/2:], "system "+version)
	copy(b[size-4096:], "system "+version)
	return b
}

// Logger writes what a box logs to the log of a test.
func Logger(t testing.TB) *slog.Logger { return slog.New(slog.NewTextHandler(lines{t}, nil)) }

type lines struct{ t testing.TB }

func (l lines) Write(b []byte) (int, error) {
	l.t.Logf("%s", bytes.TrimSpace(b))
	return len(b), nil
}
