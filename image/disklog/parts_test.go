package disklog_test

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"syncbox/image/disk"
	"syncbox/image/disklog"
	"syncbox/image/internal/need"
	"syncbox/ota/otatest"
)

// TestParts reads what mtools wrote; spoilt tables give something else or nothing, and come to an end.
func TestParts(t *testing.T) {
	need.Programs(t, "mcopy", "/sbin/mkfs.vfat")
	kernel, initrd := bytes.Repeat([]byte("kernel"), 50_000), bytes.Repeat([]byte("initrd"), 7)
	path := filepath.Join(t.TempDir(), "slot")
	fat := disk.FAT{ID: 1, Label: "SLOT", Size: disk.BootSize, Files: []disk.File{
		{Name: "a-long-name.dtb", Content: []byte("tree")}, {Name: "vmlinuz", Content: kernel}, {Name: "initrd", Content: initrd},
	}}
	if err := fat.Write(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const at, size = 1 << 20, disk.BootSize
	c := otatest.NewContent(at + size)
	c.Write(b, at)
	if k, i, ok := disklog.Parts(&c, at, size); !ok || !bytes.Equal(k, kernel) || !bytes.Equal(i, initrd) {
		t.Errorf("got %d and %d bytes, %v, want %d and %d", len(k), len(i), ok, len(kernel), len(initrd))
	}
	empty := otatest.NewContent(at + size)
	if _, _, ok := disklog.Parts(&empty, at, size); ok {
		t.Error("an empty slot has a system")
	}
	rng := rand.New(rand.NewPCG(1, 0))
	other := 0
	for range 300 {
		spoilt := c.Clone()
		for range 40 {
			spoilt.Write([]byte{byte(rng.Uint32())}, at+rng.Int64N(64<<10)) // boot sector, tables, root folder
		}
		if k, i, ok := disklog.Parts(&spoilt, at, size); !ok || !bytes.Equal(k, kernel) || !bytes.Equal(i, initrd) {
			other++
		}
	}
	if other == 0 {
		t.Error("no spoilt table made a difference")
	}
}
