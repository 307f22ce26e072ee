package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"syncbox/firmware/internal/console/setupcode"
	"syncbox/firmware/internal/health"
	"syncbox/firmware/internal/panel/paneltest"
	"syncbox/firmware/internal/sitetest"
	"syncbox/firmware/internal/storytest"
	"syncbox/image/recipe"
	"syncbox/image/vm"
)

// factory is where boxes come from.
type factory struct {
	image string // what their cards hold
	maker *maker
}

const dataSize = 64 << 20

func newFactory(t *testing.T, ctx context.Context) factory {
	t.Helper()
	need(t, vm.Program, "smbclient", "smbstatus", "mcopy", "mkfs.vfat", "mkfs.exfat", "mke2fs", "dumpe2fs", "debugfs", "e2fsck")
	if _, err := os.Stat(vm.UBoot); err != nil {
		missing(t, err.Error()+" (Debian package u-boot-qemu)")
	}
	begin := time.Now()
	m := newMaker(t)
	built := m.build(t, ctx, first)
	t.Logf("image of %d bytes built in %.1f s", built.Image.Bytes, time.Since(begin).Seconds())
	return factory{m.file(first, recipe.ImageFile), m}
}

// device is a box in a virtual machine, with somebody at its light, its button, its serial line and its card.
type device struct {
	*sitetest.Machine // nil while it is off
	t                 *testing.T
	ctx               context.Context
	card              string
	label             string       // the set-up code on its label
	read              int          // bytes of the console that were read
	starts            int          // how often it was to start since the power came on
	kept              planted      // what must not come out
	counted           map[int]bool // stages of the button that the light was seen to count
	unreadable        bool         // the data partition is spoilt
}

// newDevice makes a box that has no card yet.
func newDevice(t *testing.T, ctx context.Context) *device {
	t.Helper()
	return &device{counted: map[int]bool{}, t: t, ctx: ctx, card: filepath.Join(t.TempDir(), "card")}
}

// newBox makes a box as it is delivered. The code of its label must not come out of it.
func (f factory) newBox(t *testing.T, ctx context.Context) *device {
	t.Helper()
	b := newDevice(t, ctx)
	b.no(vm.CopyDisk(f.image, b.card))
	b.label = setupcode.New()
	b.no(sitetest.Label(ctx, b.card, b.label))
	b.kept.secrets = codes(b.label)
	return b
}

// codes gives a set-up code as it may be typed.
func codes(code string) []string { return []string{code, strings.ReplaceAll(code, "-", "")} }

// setSecrets has a technician set what a new box lacks of secrets; they must not come out of it.
func (b *device) setSecrets() {
	b.t.Helper()
	b.logsOn(b.label)
	for name, value := range map[string]string{"job.acomba.share_password": setupcode.New() + `, "w7Q`, "job.acomba.crm_key": sitetest.CRMKey} {
		b.kept.secrets = append(b.kept.secrets, value)
		b.setsSecret(name, value)
	}
}

// no ends the test with an error.
func (b *device) no(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// powerOn switches the box on, in a machine that has what c says besides. It starts again by itself.
func (b *device) powerOn(c vm.Config) {
	b.t.Helper()
	var err error
	b.read, b.starts = 0, 1
	c.Resets = true
	b.Machine, err = sitetest.Boot(b.ctx, b.card, c)
	b.no(err)
	b.t.Cleanup(b.powerOff)
}

// patience is how long anything may take that a box is expected to do: far more than on a quiet machine.
const patience = 8 * time.Minute

// patiently gives a context for one wait.
func (b *device) patiently() context.Context {
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	b.t.Cleanup(cancel)
	return ctx
}

// hears waits until each of the texts stands on the console, in any order, since the last mark.
func (b *device) hears(texts ...string) {
	b.t.Helper()
	for _, text := range texts {
		b.no(b.WaitAfter(b.patiently(), b.read, text))
	}
}

// startsAgain waits until the box starts by itself, and for those texts.
func (b *device) startsAgain(texts ...string) {
	b.t.Helper()
	b.starts++
	b.hears(append([]string{bootLoader, "AB: slot a part 2", "data partition mounted"}, texts...)...)
}

// bootLoader is what the boot loader says first.
const bootLoader = "U-Boot 2"

// mark has everything so far count as read.
func (b *device) mark() { b.read = len(b.Console()) }

// heard tells whether a text stands on the console since the last mark.
func (b *device) heard(text string) bool { return strings.Contains(b.Console()[b.read:], text) }

// shows waits until the light means that.
func (b *device) shows(want health.Light) {
	b.t.Helper()
	begin := time.Now()
	if err := paneltest.Await(b.patiently(), b, want); err != nil {
		b.t.Fatal(err)
	}
	b.t.Logf("light %s after %.1f s", want, time.Since(begin).Seconds())
}

// button presses the button or lets it go.
func (b *device) button(pressed bool) {
	b.t.Helper()
	b.no(b.Button(pressed))
}

// hearsAny waits until one of the texts stands on the console since the last mark, and gives it.
func (b *device) hearsAny(texts ...string) (which string) {
	b.t.Helper()
	b.no(storytest.Until(b.ctx, fmt.Sprint("one of ", texts), patience, func() bool {
		i := slices.IndexFunc(texts, b.heard)
		if i >= 0 {
			which = texts[i]
		}
		return i >= 0
	}))
	return which
}

// tries is how often somebody tries to do something in time, in front of a box whose machine has much else to do.
const tries = 5

// press lets the button be for a moment and presses it for another: long enough for a contact to be still, and far from
// the next meaning.
func (b *device) press() {
	b.t.Helper()
	for _, pressed := range []bool{false, true, false} {
		b.button(pressed)
		select {
		case <-time.After(time.Second):
		case <-b.ctx.Done():
		}
	}
}

// pressFor presses until the event of a short press comes; the box may have found one too long.
func (b *device) pressFor(event string) {
	b.t.Helper()
	for range tries {
		b.press()
		soon, cancel := context.WithTimeout(b.ctx, 15*time.Second)
		err := b.WaitAfter(soon, b.read, event)
		cancel()
		if err == nil {
			return
		}
	}
	b.t.Fatalf("a short press is no %s; console:\n%s", event, b.Console()[b.read:])
}

// outcomes are the events of a button that was held.
var outcomes = []string{"code=device-restart", "code=device-reset-network", "code=device-resync", "code=button-armed", "code=button-cancelled"}

// hold holds the button until the light begins to count up to a stage, and lets go when it has; again where that was too
// late. Somebody who looked away for a moment may miss a blink: what was counted right is kept in b.counted.
func (b *device) hold(stage int) {
	b.t.Helper()
	for range tries {
		b.mark()
		begin := b.grasp()
		counted := func() []int { return paneltest.Counts(b.Recording(begin, time.Now())) }
		const cancelled = "code=button-cancelled"
		b.no(storytest.Until(b.ctx, fmt.Sprintf("stage %d of the button", stage), patience, func() bool {
			return len(counted()) >= stage || b.heard(cancelled)
		}))
		all, cancel := context.WithTimeout(b.ctx, 3*time.Second)
		_ = b.Watch(all, func() bool { return slices.Max(append(counted(), 0)) >= stage })
		cancel()
		b.button(false)
		b.note(begin)
		if b.hearsAny(outcomes...) == outcomes[stage-1] {
			return
		}
	}
	b.t.Fatalf("the button could not be let go in time at stage %d", stage)
}

// grasp presses the button, and gives the time at which the light is dark because of that.
func (b *device) grasp() time.Time {
	b.t.Helper()
	b.button(true)
	return time.Now().Add(2 * time.Second)
}

// note keeps what the light counted since then.
func (b *device) note(begin time.Time) {
	b.t.Helper()
	counted := paneltest.Counts(b.Recording(begin, time.Now()))
	b.t.Logf("held while the light counted %v", counted)
	for i, n := range counted {
		if n == i+1 {
			b.counted[n] = true
		}
	}
}
