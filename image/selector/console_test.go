package selector_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"syncbox/image/internal/need"
	"syncbox/image/kernel"
	"syncbox/image/selector"
	"syncbox/image/vm"
)

// TestQEMUConsoleOfABoard: the script names no console on a board, and a kernel that is told none takes the serial line of
// the header's pins, on which the machine's console is looked at here.
func TestQEMUConsoleOfABoard(t *testing.T) {
	if n := bytes.Count(selector.Script, []byte("console=")); n != 1 {
		t.Errorf("the script names %d consoles, want that of the virtual machine alone", n)
	}
	need.Programs(t, vm.Program)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	k, err := kernel.Fetch(ctx, "../../build/kernel", kernel.Options{})
	if err != nil {
		need.Missing(t, err.Error())
	}
	card := filepath.Join(t.TempDir(), "card")
	if err := os.WriteFile(card, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(card, 64<<20); err != nil {
		t.Fatal(err)
	}
	m, err := vm.StartPi(ctx, vm.Pi{BIOS: k.Image, DeviceTree: filepath.Join(k.DeviceTrees, "broadcom/bcm2837-rpi-3-b.dtb"), Card: card})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Kill()
	if err := m.WaitFor(ctx, "console [ttyS1] enabled"); err != nil {
		t.Error(err)
	}
}
