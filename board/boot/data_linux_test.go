package boot

import (
	"context"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// superblock is the beginning of an ext4 file system with a label.
func superblock(label string) []byte {
	b := make([]byte, superOffset+superSize)
	binary.LittleEndian.PutUint16(b[superOffset+magicAt:], ext4Magic)
	copy(b[superOffset+labelAt:], label)
	return b
}

func TestChooseData(t *testing.T) {
	garbage := make([]byte, superOffset+superSize)
	for i := range garbage {
		garbage[i] = byte(i * 7)
	}
	tests := []struct {
		name    string
		devices map[string][]byte
		want    string // the device's name; empty = an error
		err     string
	}{
		{"ours", map[string][]byte{"vda4": superblock("data")}, "vda4", ""},
		{"ours beside another", map[string][]byte{"sda4": superblock("photos"), "vda4": superblock("data")}, "vda4", ""},
		{"another label", map[string][]byte{"vda4": superblock("photos")}, "", `label is "photos", want "data"`},
		{"longer label", map[string][]byte{"vda4": superblock("data2")}, "", `label is "data2"`},
		{"garbage", map[string][]byte{"vda4": garbage}, "", "no ext4 file system"},
		{"cut short", map[string][]byte{"vda4": superblock("data")[:superOffset+100]}, "", "read superblock"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			var devices []string
			for name, content := range tt.devices {
				path := filepath.Join(dir, name)
				if err := os.WriteFile(path, content, 0o600); err != nil {
					t.Fatal(err)
				}
				devices = append(devices, path)
			}
			slices.Sort(devices)
			got, err := Data{}.withDefaults().choose(devices)
			if tt.want != "" && (err != nil || filepath.Base(got) != tt.want) {
				t.Errorf("got %q, %v, want %s", got, err, tt.want)
			}
			if tt.want == "" && (err == nil || !strings.Contains(err.Error(), tt.err)) {
				t.Errorf("got %q, %v, want an error with %q", got, err, tt.err)
			}
		})
	}
}

// TestPartitions: a stick's fourth partition is never the box's memory, however it is named.
func TestPartitions(t *testing.T) {
	root := t.TempDir()
	for name, where := range map[string][2]string{
		"vda": {"devices/platform/virtio0/block/vda", ""}, "vda3": {"devices/platform/virtio0/block/vda/vda3", "3\n"},
		"vda4":      {"devices/platform/virtio0/block/vda/vda4", "4\n"},
		"mmcblk0p4": {"devices/platform/mmc0/block/mmcblk0/mmcblk0p4", "4\n"},
		"sda4":      {"devices/platform/xhci/usb1/1-1/host0/block/sda/sda4", "4\n"},
	} {
		dir := filepath.Join(root, "sys", where[0])
		for _, err := range []error{
			os.MkdirAll(dir, 0o755), os.MkdirAll(filepath.Join(root, "sys/class/block"), 0o755), os.MkdirAll(filepath.Join(root, "dev"), 0o755),
			os.Symlink("../../"+where[0], filepath.Join(root, "sys/class/block", name)),
			os.WriteFile(filepath.Join(root, "dev", name), nil, 0o600),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		if where[1] != "" {
			if err := os.WriteFile(filepath.Join(dir, "partition"), []byte(where[1]), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	got, err := partitions(root)
	want := []string{filepath.Join(root, "dev/mmcblk0p4"), filepath.Join(root, "dev/vda4")}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	if err := os.WriteFile(filepath.Join(root, "dev/mmcblk0"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if disk, err := Card(root); err != nil || disk != filepath.Join(root, "dev/mmcblk0") {
		t.Errorf("got the card %q, %v", disk, err)
	}
}

// TestNoCard: a machine without a box's disk has no card.
func TestNoCard(t *testing.T) {
	root := t.TempDir()
	if err := os.MkdirAll(filepath.Join(root, "sys/class/block"), 0o755); err != nil {
		t.Fatal(err)
	}
	if disk, err := Card(root); !errors.Is(err, ErrNoCard) {
		t.Errorf("got %q, %v", disk, err)
	}
}

// TestFindEnds: a disk that never comes is waited for no longer than was said.
func TestFindEnds(t *testing.T) {
	if found, _ := partitions("/"); len(found) > 0 {
		t.Skip("this machine has disks with a fourth partition")
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, err := Data{Wait: 100 * time.Millisecond}.withDefaults().find(ctx)
	if err == nil || !strings.Contains(err.Error(), "no disk with a partition 4 within 100ms") || errors.Is(ctx.Err(), context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

// TestOwnData: a root file system with a configuration in it is left as it is.
func TestOwnData(t *testing.T) {
	own := filepath.Join(t.TempDir(), "syncbox.toml")
	if err := os.WriteFile(own, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var out logged
	if err := MountData(t.Context(), newLog(&out), Data{Own: own}); err != nil || !out.has("brings its own data folder") {
		t.Errorf("got %v, log %q", err, out.buf.String())
	}
}
