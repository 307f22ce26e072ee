package disk_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/image/disk"
	"syncbox/image/internal/need"
	"syncbox/ota/bootstate"
)

// fill writes a file of a size that begins and ends with a word, sparse between.
func fill(t *testing.T, word string, size int64) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), word)
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, at := range []int64{0, size - int64(len(word))} {
		if _, err := f.WriteAt([]byte(word), at); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

func TestWriteDisk(t *testing.T) {
	const dataSize = 2 << 20
	state := bootstate.State{Good: bootstate.A, A: bootstate.Sums{Kernel: "1", Initrd: "2"}, B: bootstate.Sums{Kernel: bootstate.Invalid}}
	parts := disk.Parts{
		Boot: fill(t, "boot", disk.BootSize), SlotA: fill(t, "slota", disk.SlotSize), SlotB: fill(t, "slotb", disk.SlotSize),
		Data: fill(t, "data", dataSize), DataSize: dataSize, State: state,
	}
	path := filepath.Join(t.TempDir(), "disk.img")
	if err := disk.Write(path, parts); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sector := make([]byte, 512)
	if _, err := f.ReadAt(sector, 0); err != nil {
		t.Fatal(err)
	}
	if sector[510] != 0x55 || sector[511] != 0xaa {
		t.Error("no signature in sector 0")
	}
	tests := []struct {
		word         string
		active, kind byte
		first, count uint32 // sectors
	}{
		{"boot", 0x80, 0x0c, 8192, 32768},
		{"slota", 0, 0x0c, 40960, 196608},
		{"slotb", 0, 0x0c, 237568, 196608},
		{"data", 0, 0x83, 434176, dataSize / 512},
	}
	for i, tt := range tests {
		e := sector[446+16*i:][:16]
		first, count := binary.LittleEndian.Uint32(e[8:]), binary.LittleEndian.Uint32(e[12:])
		if e[0] != tt.active || e[4] != tt.kind || first != tt.first || count != tt.count {
			t.Errorf("partition %d: entry % x", i+1, e)
		}
		for _, at := range []int64{int64(tt.first) * 512, int64(tt.first+tt.count)*512 - int64(len(tt.word))} {
			b := make([]byte, len(tt.word))
			if _, err := f.ReadAt(b, at); err != nil || string(b) != tt.word {
				t.Errorf("partition %d: %q, %v at %#x, want %q", i+1, b, err, at, tt.word)
			}
		}
	}
	want := state
	want.Seq = 1
	if got, err := bootstate.Read(f); err != nil || got != want {
		t.Errorf("boot state %+v, %v, want %+v", got, err, want)
	}
	if info, err := f.Stat(); err != nil || info.Size() != (434176*512+dataSize) {
		t.Errorf("disk of %d bytes, %v", info.Size(), err)
	}
}

func TestWriteDiskRefuses(t *testing.T) {
	good := disk.Parts{DataSize: 1 << 20, State: bootstate.First()}
	for name, change := range map[string]func(*disk.Parts){
		"slot too small":          func(p *disk.Parts) { p.SlotB = fill(t, "short", disk.SlotSize-1) },
		"slot too large":          func(p *disk.Parts) { p.SlotA = fill(t, "long", disk.SlotSize+512) },
		"no such part":            func(p *disk.Parts) { p.Boot = filepath.Join(t.TempDir(), "no") },
		"no data partition":       func(p *disk.Parts) { p.DataSize = 0 },
		"half a sector":           func(p *disk.Parts) { p.DataSize = 1<<20 + 256 },
		"more than an MBR counts": func(p *disk.Parts) { p.DataSize = 1 << 41 },
		"no good slot":            func(p *disk.Parts) { p.State.Good = bootstate.None },
	} {
		p := good
		change(&p)
		if err := disk.Write(filepath.Join(t.TempDir(), "disk.img"), p); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

var epoch = disk.Epoch

// slot is a file system like that of a slot, from files with a given time.
func slot(t *testing.T, files map[string]string, at time.Time) disk.FAT {
	t.Helper()
	dir := t.TempDir()
	fat := disk.FAT{ID: 0x5b0a0001, Label: "SLOT", Size: 32 << 20}
	for _, name := range []string{"vmlinuz", "broadcom/bcm2711-rpi-4-b.dtb", "broadcom/x.dtb", "initrd"} {
		from := filepath.Join(dir, filepath.Base(name))
		if err := os.WriteFile(from, []byte(files[name]), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(from, at, at); err != nil {
			t.Fatal(err)
		}
		fat.Files = append(fat.Files, disk.File{Name: name, From: from})
	}
	fat.Files = append(fat.Files, disk.File{Name: "config.txt", Content: []byte("kernel=u-boot.bin\n")})
	return fat
}

var slotFiles = map[string]string{
	"vmlinuz": strings.Repeat("kernel ", 1<<20), "broadcom/bcm2711-rpi-4-b.dtb": "four", "broadcom/x.dtb": "x", "initrd": strings.Repeat("initrd!", 300000),
}

func writeFAT(t *testing.T, fat disk.FAT) (path string, content []byte) {
	t.Helper()
	need.Programs(t, "mcopy", "mmd", "/sbin/mkfs.vfat")
	path = filepath.Join(t.TempDir(), "fat.img")
	if err := fat.Write(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return path, b
}

func TestFAT(t *testing.T) {
	path, image := writeFAT(t, slot(t, slotFiles, time.Now()))
	if out, err := exec.Command("/sbin/fsck.vfat", "-n", path).CombinedOutput(); err != nil {
		t.Errorf("fsck.vfat: %v\n%s", err, out)
	}
	if len(image) != 32<<20 {
		t.Errorf("%d bytes", len(image))
	}
	last := 0
	for _, name := range []string{"vmlinuz", "initrd"} {
		at := bytes.Index(image, []byte(slotFiles[name])) // found only when in one piece
		if at < last {
			t.Errorf("%s stands at %d, want one piece behind %d", name, at, last)
		}
		last = at
	}
	// The short entry of a file, by the FAT specification: at 14 created, at 22 written, time then date.
	entry := image[bytes.Index(image, []byte("VMLINUZ    ")):]
	for _, at := range []int{14, 22} {
		want := []byte{0, 0, 1<<5 | 1, (2026 - 1980) << 1}
		if got := entry[at : at+4]; !bytes.Equal(got, want) {
			t.Errorf("time at %d: % x, want % x, that of disk.Epoch", at, got, want)
		}
	}
	label := image[bytes.LastIndex(image, []byte("SLOT       ")):]
	if got, want := label[24:26], []byte{3<<5 | 14, (2015 - 1980) << 1}; !bytes.Equal(got, want) {
		t.Errorf("date of the label: % x, want % x, the constant of mkfs.vfat", got, want)
	}
	for name, want := range map[string]string{"::broadcom/bcm2711-rpi-4-b.dtb": "four", "::config.txt": "kernel=u-boot.bin\n"} {
		out, err := exec.Command("mtype", "-i", path, name).Output()
		if err != nil || string(out) != want {
			t.Errorf("%s: got %q, %v, want %q", name, out, err, want)
		}
	}
}

// TestSameBytes builds file systems from files of different times, for a builder in another time zone.
func TestSameBytes(t *testing.T) {
	need.Programs(t, "/sbin/mke2fs")
	_, a := writeFAT(t, slot(t, slotFiles, time.Now()))
	t.Setenv("TZ", "Asia/Tokyo")
	_, b := writeFAT(t, slot(t, slotFiles, epoch.AddDate(-9, 2, 3)))
	if !bytes.Equal(a, b) {
		t.Error("two FAT file systems of the same content differ")
	}
	other := map[string]string{"vmlinuz": "another"}
	if _, c := writeFAT(t, slot(t, other, epoch)); bytes.Equal(a, c) {
		t.Error("file systems of different content are the same")
	}
	ext4 := writeExt4(t, "")
	if !bytes.Equal(ext4, writeExt4(t, "")) {
		t.Error("two ext4 file systems differ")
	}
	// s_wtime, s_lastcheck and s_mkfs_time of the superblock.
	for _, at := range []int{0x30, 0x40, 0x108} {
		if got := int64(binary.LittleEndian.Uint32(ext4[1024+at:])); got != epoch.Unix() {
			t.Errorf("ext4: time at %#x is %d, want that of disk.Epoch", at, got)
		}
	}
}

func writeExt4(t *testing.T, dir string) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ext4.img")
	e := disk.Ext4{Label: "data", UUID: "5b0a0000-0000-4000-8000-000000000004", Size: 32 << 20, Dir: dir}
	if err := e.Write(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("/sbin/e2fsck", "-fn", path).CombinedOutput(); err != nil {
		t.Errorf("e2fsck: %v\n%s", err, out)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestExt4Content(t *testing.T) {
	need.Programs(t, "/sbin/mke2fs")
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "syncbox.toml"), []byte("[box]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if b := writeExt4(t, dir); !bytes.Contains(b, []byte("[box]\n")) {
		t.Error("the file is not there")
	}
}

func TestToolErrors(t *testing.T) {
	fat := slot(t, slotFiles, epoch)
	fat.Size = 5 << 20 // too small for its files
	need.Programs(t, "mcopy", "/sbin/mkfs.vfat")
	if err := fat.Write(t.Context(), filepath.Join(t.TempDir(), "fat.img")); err == nil || !strings.Contains(err.Error(), "write FAT SLOT: ") {
		t.Errorf("files that have no room: got %v", err)
	}
	e := disk.Ext4{Label: "data", UUID: "no", Size: 32 << 20}
	if err := e.Write(t.Context(), filepath.Join(t.TempDir(), "ext4.img")); err == nil || !strings.Contains(err.Error(), "write ext4 data: mke2fs: ") {
		t.Errorf("a bad UUID: got %v", err)
	}
}

func TestSlotSums(t *testing.T) {
	dir := t.TempDir()
	kernel, initrd := filepath.Join(dir, "k"), filepath.Join(dir, "i")
	for _, p := range []string{kernel, initrd} {
		if err := os.WriteFile(p, []byte("content of "+p[len(dir):]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := disk.SlotSums(kernel, initrd)
	want := bootstate.Sums{
		Kernel: bootstate.SumOf(crc32.ChecksumIEEE([]byte("content of /k"))), Initrd: bootstate.SumOf(crc32.ChecksumIEEE([]byte("content of /i"))),
	}
	if d := cmp.Diff(want, got); err != nil || d != "" {
		t.Errorf("%v, sums (-want +got):\n%s", err, d)
	}
	for _, paths := range [][2]string{{kernel, initrd + "x"}, {kernel + "x", initrd}} {
		if _, err := disk.SlotSums(paths[0], paths[1]); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("got %v, want no such file", err)
		}
	}
}
