package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"syncbox/firmware/internal/health"
	"syncbox/image/disk"
	"syncbox/image/vm"
)

// stickStory plugs USB sticks into a running box: one whose file is wrong changes nothing, one that is pulled in the
// middle harms nothing, a good one sets the box up without a restart, and one that is in after a power cut, too, is not
// applied once more. Each gets its report, and is whole afterwards.
func stickStory(t *testing.T, ctx context.Context, f factory) {
	b := f.newBox(t, ctx)
	bad := newStick(t, ctx, "bad", "[network]\nhostname = \"boite-sud\"\naddress = \n", false)
	hasty := newStick(t, ctx, "hasty", "[network]\nhostname = 1\n", true)
	good := newStick(t, ctx, "good", "[network]\r\nhostname = \"boite-nord\"\r\nntp = [\"192.0.2.123\"]\r\n", true)

	b.powerOn(vm.Config{USB: true})
	b.hears("code=box-started", "modules-stick.list", "name=syncbox-3456.local")
	b.plugIn(hasty)
	b.hears("stick refused")
	b.pullOut(hasty) // in the middle of it all
	b.hears("stick may be pulled")
	b.plugIn(bad)
	b.hears("reasons=[malformed]", "code=stick-refused", "stick may be pulled")
	b.shows(health.WaitsForPerson)
	b.pullOut(bad)
	if report := bad.report(); !strings.Contains(report, "RIEN N'EST CHANGÉ") || !strings.Contains(report, "3") {
		t.Errorf("the bad stick's report:\n%s", report)
	}
	b.plugIn(good)
	b.hears("stick applied", "network.hostname network.ntp", "code=stick-applied", "stick may be pulled", "name=boite-nord.local")
	if report := good.report(); !strings.Contains(report, "network.hostname = boite-nord") {
		t.Errorf("the good stick's report:\n%s", report)
	}
	b.powerOff()

	b.powerOn(vm.Config{USB: true})
	b.plugIn(good)
	b.hears("code=box-started-power", "stick known already", "stick may be pulled", "name=boite-nord.local")
	for _, never := range []string{"stick applied", "module not loaded"} {
		if b.heard(never) {
			t.Errorf("%q stands on the console", never)
		}
	}
	b.powerOff()

	files := b.files()
	if text := files["syncbox.toml"]; !strings.Contains(text, "boite-nord") || strings.Contains(text, "boite-sud") {
		t.Errorf("the box's configuration:\n%s", text)
	}
	for _, code := range []string{"stick-refused", "stick-applied", "box-started-power"} {
		if !strings.Contains(files["journal.db"], code) {
			t.Errorf("%s is not in the journal", code)
		}
	}
	bad.whole()
	good.whole()
}

// plugIn plugs a stick in.
func (b *device) plugIn(stick *usbStick) {
	b.t.Helper()
	b.mark()
	b.no(b.PlugIn(b.patiently(), stick.id, stick.path))
}

// pullOut pulls it.
func (b *device) pullOut(stick *usbStick) {
	b.t.Helper()
	b.no(b.PullOut(b.patiently(), stick.id))
}

// usbStick is a stick with a syncbox.toml on it.
type usbStick struct {
	t      *testing.T
	id     string
	path   string
	offset int64 // of its one volume
}

// newStick makes a stick, with a partition table or without.
func newStick(t *testing.T, ctx context.Context, id, text string, parted bool) *usbStick {
	t.Helper()
	s := newStickOf(t, ctx, id, map[string][]byte{"syncbox.toml": []byte(text)})
	if !parted {
		return s
	}
	const sector, first = 512, 2048
	volume, err := os.ReadFile(s.path)
	s.no(err)
	s.offset = first * sector
	table := make([]byte, s.offset) // MBR: one entry of type 0x0e at byte 446
	table[446+4] = 0x0e
	binary.LittleEndian.PutUint32(table[446+8:], first)
	binary.LittleEndian.PutUint32(table[446+12:], uint32(len(volume)/sector))
	table[510], table[511] = 0x55, 0xaa
	s.no(os.WriteFile(s.path, append(table, volume...), 0o600))
	return s
}

// newStickOf makes a stick without a partition table, of some files.
func newStickOf(t *testing.T, ctx context.Context, id string, files map[string][]byte) *usbStick {
	t.Helper()
	s := &usbStick{t: t, id: id, path: filepath.Join(t.TempDir(), id)}
	fat := disk.FAT{ID: 7, Label: "STICK", Size: 16 << 20}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		fat.Files = append(fat.Files, disk.File{Name: name, Content: files[name]})
	}
	s.no(fat.Write(ctx, s.path))
	return s
}

func (s *usbStick) no(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// report reads what the box wrote.
func (s *usbStick) report() string {
	s.t.Helper()
	out, err := exec.Command("mcopy", "-i", fmt.Sprintf("%s@@%d", s.path, s.offset), "::syncbox-report.txt", "-").CombinedOutput()
	if err != nil {
		s.t.Errorf("read the report of %s: %v: %s", s.id, err, out)
	}
	return string(out)
}

// whole makes sure that the file system was left in good order.
func (s *usbStick) whole() {
	s.t.Helper()
	text, err := os.ReadFile(s.path)
	s.no(err)
	volume := filepath.Join(s.t.TempDir(), s.id)
	s.no(os.WriteFile(volume, text[s.offset:], 0o600))
	if out, err := exec.Command("fsck.vfat", "-n", volume).CombinedOutput(); err != nil {
		s.t.Errorf("stick %s: %v:\n%s", s.id, err, out)
	}
}
