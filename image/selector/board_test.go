package selector_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/image/debian"
	"syncbox/image/disk"
	"syncbox/image/internal/need"
	"syncbox/image/kernel"
	"syncbox/image/selector"
	"syncbox/image/vm"
	"syncbox/ota/bootstate"
)

// TestQEMUSelectorBoard runs the script's branch for boards, with the boards' own U-Boot, from a card.
// Nothing on the card is a kernel, so that reading it takes no time: what counts is which parts are
// found right before U-Boot refuses to start them.
func TestQEMUSelectorBoard(t *testing.T) {
	need.Programs(t, vm.Program, "mcopy", "/sbin/mkfs.vfat")
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	k, err := kernel.Fetch(ctx, "../../build/kernel", kernel.Options{})
	if err != nil {
		need.Missing(t, err.Error())
	}
	u, err := debian.Fetch(ctx, "../../build/u-boot-rpi", "u-boot-rpi", debian.Options{})
	if err != nil {
		need.Missing(t, err.Error())
	}
	const tree = "broadcom/bcm2837-rpi-3-b.dtb"
	card, state := boardCard(t, ctx, tree)
	m, err := vm.StartPi(ctx, vm.Pi{
		BIOS: filepath.Join(u.Tree, "usr/lib/u-boot/rpi_arm64/u-boot.bin"), DeviceTree: filepath.Join(k.DeviceTrees, tree), Card: card,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Kill()
	if err := m.Wait(ctx); err != nil {
		t.Fatal(err)
	}
	want := []string{"b part 3", "b REJECTED", "a part 2", "a REJECTED"}
	if d := cmp.Diff(want, told(m.Console(), markLine)); d != "" {
		t.Errorf("selector (-want +got):\n%s", d)
	}
	_, rest, _ := strings.Cut(m.Console(), "AB: slot b REJECTED")
	const refused = "Bad Linux ARM64 Image magic!" // all sums were right
	if strings.Count(m.Console(), refused) != 1 || !strings.Contains(rest, refused) {
		t.Errorf("not slot a alone got as far as being started")
	}
	f, err := os.Open(card)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	state.Seq, state.Tries = 2, 1
	if got, err := bootstate.Read(f); err != nil || got != state {
		t.Errorf("state in the end: got %+v, %v, want %+v", got, err, state)
	}
	if t.Failed() {
		t.Log(m.Console())
	}
}

// boardCard gives a card on which all sums of slot a are right, and of slot b, which is on trial, all but
// the device tree's.
func boardCard(t *testing.T, ctx context.Context, tree string) (string, bootstate.State) {
	t.Helper()
	dir := t.TempDir()
	write := func(name, content string) string {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		return p
	}
	no := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	vmlinuz, initrd, dtb := write("vmlinuz", strings.Repeat("no kernel", 9999)), write("initrd", "no initrd"), write("dtb", "no device tree")
	sums, err := disk.SlotSums(vmlinuz, initrd)
	no(err)
	trees, err := disk.SlotSums(dtb, dtb)
	no(err)
	sums.DTB = trees.Kernel
	state := bootstate.State{Good: bootstate.A, Try: bootstate.B, Tries: 2, A: sums, B: sums}
	state.B.DTB = "abc"
	boot, slot, card := filepath.Join(dir, "boot.img"), filepath.Join(dir, "slot.img"), filepath.Join(dir, "card.img")
	no(disk.FAT{ID: 1, Label: "BOOT", Size: disk.BootSize, Files: []disk.File{
		{Name: selector.FileName, Content: selector.Image(selector.Script, disk.Epoch)},
	}}.Write(ctx, boot))
	no(disk.FAT{ID: 2, Label: "SLOT", Size: disk.SlotSize, Files: []disk.File{
		{Name: "vmlinuz", From: vmlinuz}, {Name: tree, From: dtb}, {Name: "initrd", From: initrd},
	}}.Write(ctx, slot))
	no(disk.Write(card, disk.Parts{Boot: boot, SlotA: slot, SlotB: slot, DataSize: 1 << 20, State: state}))
	no(os.Truncate(card, 256<<20))
	return card, state
}
