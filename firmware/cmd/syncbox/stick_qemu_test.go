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

// stickStory plugs USB sticks, FAT and exFAT, into a running box: one whose file is wrong changes nothing, one that is
// pulled in the middle harms nothing, one that would have the box's key sent elsewhere is refused, good ones set the box up
// without a restart, and one that is in after a power cut, too, is not applied once more. Each gets its report, with no
// secret in it, and is whole afterwards.
func stickStory(t *testing.T, ctx context.Context, f factory) {
	b := f.newBox(t, ctx)
	bad := newStick(t, ctx, "bad", "[network]\nhostname = \"boite-sud\"\naddress = \n", false)
	hasty := newStick(t, ctx, "hasty", "[network]\nhostname = 1\n", true)
	good := newStick(t, ctx, "good", "[network]\r\nhostname = \"boite-nord\"\r\nntp = [\"192.0.2.123\"]\r\n", true)
	greedy := newExFATStick(t, "greedy", "[[job]]\n[job.centrixone]\nurl = \"https://crm.example.test\"\n", false)
	large := newExFATStick(t, "large", "[network]\nhostname = \"boite-est\"\n", true)

	b.powerOn(vm.Config{USB: true})
	b.hears("code=box-started", "modules-stick.list", "name=syncbox-3456.local")
	b.setSecrets()
	b.plugIn(hasty)
	b.hears("stick refused")
	b.pullOut(hasty) // in the middle of it all
	b.hears("stick may be pulled")
	b.plugIn(bad)
	b.hears("reasons=[malformed]", "code=stick-refused", "stick may be pulled")
	b.shows(health.WaitsForPerson)
	b.pullOut(bad)
	if report := b.report(bad); !strings.Contains(report, "RIEN N'EST CHANGÉ") || !strings.Contains(report, "3") {
		t.Errorf("the bad stick's report:\n%s", report)
	}
	b.plugIn(good)
	b.hears("stick applied", "network.hostname network.ntp", "code=stick-applied", "stick may be pulled", "name=boite-nord.local")
	if report := b.report(good); !strings.Contains(report, "network.hostname = boite-nord") {
		t.Errorf("the good stick's report:\n%s", report)
	}
	b.pullOut(good)
	b.plugIn(greedy)
	b.hears("reasons=[", "code=stick-refused", "stick may be pulled")
	b.pullOut(greedy)
	if report := b.report(greedy); !strings.Contains(report, "job.acomba.centrixone.url") || !strings.Contains(report, "RIEN N'EST CHANGÉ") {
		t.Errorf("the greedy stick's report:\n%s", report)
	}
	b.plugIn(large)
	b.hears("stick applied", "network.hostname", "code=stick-applied", "stick may be pulled", "name=boite-est.local")
	if report := b.report(large); !strings.Contains(report, "network.hostname = boite-est") {
		t.Errorf("the exFAT stick's report:\n%s", report)
	}
	b.powerOff()

	b.powerOn(vm.Config{USB: true})
	b.plugIn(large)
	b.hears("code=box-started-power", "stick known already", "stick may be pulled", "name=boite-est.local")
	for _, never := range []string{"stick applied", "module not loaded"} {
		if b.heard(never) {
			t.Errorf("%q stands on the console", never)
		}
	}
	b.powerOff()

	files := b.files()
	if text := files["syncbox.toml"]; !strings.Contains(text, "boite-est") || strings.Contains(text, "boite-sud") || strings.Contains(text, "example.test") {
		t.Errorf("the box's configuration:\n%s", text)
	}
	for _, code := range []string{"stick-refused", "stick-applied", "box-started-power"} {
		if !strings.Contains(files["journal.db"], code) {
			t.Errorf("%s is not in the journal", code)
		}
	}
	for _, stick := range []*usbStick{bad, good, greedy, large} {
		stick.whole()
	}
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

// report reads what the box wrote, and makes sure that it is for everybody.
func (b *device) report(s *usbStick) string {
	b.t.Helper()
	report, found := b.kept.hide(s.report())
	if found {
		b.t.Errorf("a secret stands in the report of stick %s", s.id)
	}
	return report
}

// usbStick is a stick with a syncbox.toml on it.
type usbStick struct {
	t      *testing.T
	id     string
	path   string
	offset int64 // of its one volume
	exFAT  bool  // its file system, otherwise FAT
}

// newStick makes a stick, with a partition table or without.
func newStick(t *testing.T, ctx context.Context, id, text string, parted bool) *usbStick {
	t.Helper()
	s := newStickOf(t, ctx, id, map[string][]byte{"syncbox.toml": []byte(text)})
	if parted {
		s.part(0x0e)
	}
	return s
}

// newExFATStick makes one with the file system of larger sticks.
func newExFATStick(t *testing.T, id, text string, parted bool) *usbStick {
	t.Helper()
	s := &usbStick{t: t, id: id, path: filepath.Join(t.TempDir(), id), exFAT: true}
	s.no(os.WriteFile(s.path, make([]byte, 16<<20), 0o600))
	if out, err := exec.Command("mkfs.exfat", s.path).CombinedOutput(); err != nil {
		t.Fatalf("make exFAT: %v: %s", err, out)
	}
	volume, err := os.ReadFile(s.path)
	s.no(err)
	s.no(openExFAT(volume).put("syncbox.toml", []byte(text)))
	s.no(os.WriteFile(s.path, volume, 0o600))
	if parted {
		s.part(0x07)
	}
	return s
}

// part puts a partition table before the stick's volume, of which it tells the kind.
func (s *usbStick) part(kind byte) {
	s.t.Helper()
	const sector, first = 512, 2048
	volume, err := os.ReadFile(s.path)
	s.no(err)
	s.offset = first * sector
	table := make([]byte, s.offset) // MBR: one entry at byte 446
	table[446+4] = kind
	binary.LittleEndian.PutUint32(table[446+8:], first)
	binary.LittleEndian.PutUint32(table[446+12:], uint32(len(volume)/sector))
	table[510], table[511] = 0x55, 0xaa
	s.no(os.WriteFile(s.path, append(table, volume...), 0o600))
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
	if s.exFAT {
		text, err := openExFAT(s.volume()).get("syncbox-report.txt")
		if err != nil {
			s.t.Errorf("read the report of %s: %v", s.id, err)
		}
		return string(text)
	}
	out, err := exec.Command("mcopy", "-i", fmt.Sprintf("%s@@%d", s.path, s.offset), "::syncbox-report.txt", "-").CombinedOutput()
	if err != nil {
		s.t.Errorf("read the report of %s: %v: %s", s.id, err, out)
	}
	return string(out)
}

// volume reads its file system.
func (s *usbStick) volume() []byte {
	s.t.Helper()
	text, err := os.ReadFile(s.path)
	s.no(err)
	return text[s.offset:]
}

// whole makes sure that the file system was left in good order.
func (s *usbStick) whole() {
	s.t.Helper()
	volume, check := filepath.Join(s.t.TempDir(), s.id), "fsck.vfat"
	if s.exFAT {
		check = "fsck.exfat"
	}
	s.no(os.WriteFile(volume, s.volume(), 0o600))
	if out, err := exec.Command(check, "-n", volume).CombinedOutput(); err != nil {
		s.t.Errorf("stick %s: %v:\n%s", s.id, err, out)
	}
}
