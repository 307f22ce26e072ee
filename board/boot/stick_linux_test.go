package boot

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// disks makes a root folder in which the kernel shows disks and partitions: a path below sys/devices, and the files there.
func disks(t *testing.T, all map[string]map[string]string) string {
	t.Helper()
	root := t.TempDir()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.MkdirAll(filepath.Join(root, "sys/class/block"), 0o755))
	for where, files := range all {
		dir := filepath.Join(root, "sys/devices", where)
		must(os.MkdirAll(dir, 0o755))
		must(os.Symlink("../../devices/"+where, filepath.Join(root, "sys/class/block", filepath.Base(where))))
		for name, text := range files {
			must(os.WriteFile(filepath.Join(dir, name), []byte(text+"\n"), 0o600))
		}
	}
	return root
}

func TestSticks(t *testing.T) {
	const usb = "pci0000:00/0000:00:02.0/usb1/1-1/host0/block/"
	root := disks(t, map[string]map[string]string{
		"platform/virtio0/block/vda":          {"size": "99"},
		"platform/virtio0/block/vda/vda1":     {"size": "9", "partition": "1"},
		"platform/soc/mmc0/block/mmcblk0":     {"size": "99"},
		usb + "sda":                           {"size": "99", "diskseq": "12"},
		usb + "sda/sda1":                      {"size": "9", "partition": "1"},
		usb + "sda/sda2":                      {"size": "9", "partition": "2"},
		usb + "sdb":                           {"size": "0", "diskseq": "13"}, // a reader without a card
		usb + "sdc":                           {"size": "99", "diskseq": "14"},
		"platform/soc/usb/usb2/2-1/block/sdd": {"size": "99"}, // a kernel that counts no disks
	})
	got, err := Sticks(root)
	if err != nil {
		t.Fatal(err)
	}
	dev := func(name string) string { return filepath.Join(root, "dev", name) }
	want := []Stick{{"sda#12", []string{dev("sda1"), dev("sda2")}}, {"sdc#14", []string{dev("sdc")}}, {"sdd#", []string{dev("sdd")}}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("sticks (-want +got):\n%s", d)
	}
	if got, err := Sticks(t.TempDir()); len(got) > 0 || err != nil {
		t.Errorf("a machine without disks: %v, %v", got, err)
	}
}

func TestKindOf(t *testing.T) {
	sector := func(name string, mark ...byte) []byte {
		b := make([]byte, bootSector)
		copy(b, "\xeb\x3c\x90"+name)
		copy(b[510:], mark)
		return b
	}
	tests := []struct {
		name   string
		sector []byte
		want   string
	}{
		{"FAT", sector("mkfs.fat", 0x55, 0xaa), "vfat"},
		{"exFAT", sector("EXFAT   ", 0x55, 0xaa), "exfat"},
		{"NTFS", sector("NTFS    ", 0x55, 0xaa), ""},
		{"no mark", sector("mkfs.fat"), ""},
		{"nothing", make([]byte, bootSector), ""},
		{"cut short", sector("mkfs.fat", 0x55, 0xaa)[:100], ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := kindOf(tt.sector)
			if got != tt.want || (tt.want == "") != errors.Is(err, errNoFAT) {
				t.Errorf("got %q, %v, want %q", got, err, tt.want)
			}
		})
	}
}

// A volume that is none is an error before anything is mounted.
func TestMountVolumeOfNothing(t *testing.T) {
	dir := t.TempDir()
	device := filepath.Join(dir, "sdz")
	if _, err := MountVolume(device, filepath.Join(dir, "on")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no device: %v", err)
	}
	if err := os.WriteFile(device, make([]byte, 4096), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := MountVolume(device, filepath.Join(dir, "on")); !errors.Is(err, errNoFAT) {
		t.Errorf("an empty device: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "on")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder was made: %v", err)
	}
}
