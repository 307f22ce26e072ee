package recipe

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"syncbox/image/disk"
	"syncbox/image/kernel"
	"syncbox/image/manifest"
)

// TestBudget builds a slot whose kernel is as large as it may be, and one that is a byte larger.
func TestBudget(t *testing.T) {
	if slotBudget >= disk.SlotSize*9/10 || programBudget >= slotBudget/2 {
		t.Errorf("budgets of %d and %d bytes in a slot of %d leave no room", programBudget, slotBudget, disk.SlotSize)
	}
	for _, bytes := range []int64{slotBudget, slotBudget + 1} {
		dir := t.TempDir()
		b := &build{Spec: Spec{Out: dir}, work: dir, kernel: &kernel.Kernel{Image: filepath.Join(dir, "vmlinuz"), DeviceTrees: dir}, m: &manifest.Manifest{}}
		files := []string{"vmlinuz", "initrd"}
		if err := os.MkdirAll(filepath.Join(dir, "broadcom"), 0o700); err != nil {
			t.Fatal(err)
		}
		for _, tree := range deviceTrees {
			files = append(files, filepath.Join("broadcom", tree.kernel))
		}
		for _, name := range files {
			if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Truncate(filepath.Join(dir, "vmlinuz"), bytes); err != nil {
			t.Fatal(err)
		}
		err := b.slot(context.Background())
		if over := err != nil && strings.Contains(err.Error(), "1 more than its budget"); over != (bytes > slotBudget) {
			t.Errorf("%d bytes: %v", bytes, err)
		}
	}
}
