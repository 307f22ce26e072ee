package vm

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"syncbox/image/internal/need"
)

// TestQEMUPins sets pins of a machine that stands still, and drives its outputs by the registers of the
// PL061 (ARM DDI 0190): GPIODIR at 0x400, GPIODATA behind a mask in the address.
func TestQEMUPins(t *testing.T) {
	need.Programs(t, Program)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	m, err := Start(ctx, Config{BIOS: "/dev/zero", Memory: 64, Control: true, Serial: true, USB: true, Wire: true, Args: []string{"-S"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Kill)
	g, err := m.GPIO(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	for _, high := range []bool{true, false, true} {
		if err := g.Set(4, high); err != nil {
			t.Fatal(err)
		}
		if got, err := g.Level(4); err != nil || got != high {
			t.Errorf("level of line 4: got %t, %v, want %t", got, err, high)
		}
	}
	if got, err := g.Level(5); err != nil || got {
		t.Errorf("level of line 5: got %t, %v, want low", got, err)
	}
	for _, command := range []string{
		"writel 0x09030400 0x3", // lines 0 and 1 are outputs
		"writel 0x090303fc 0x1", "writel 0x090303fc 0x3", "writel 0x090303fc 0x2",
	} {
		if _, err := g.do(command); err != nil {
			t.Fatal(err)
		}
	}
	if err := g.WaitFor(ctx, func(all []Change) bool { return len(all) >= 3 }); err != nil {
		t.Fatal(err)
	}
	got, _ := g.Changes()
	want := []Change{{Line: 0, High: true}, {Line: 1, High: true}, {Line: 0}}
	if d := cmp.Diff(want, got, cmpopts.IgnoreFields(Change{}, "At")); d != "" {
		t.Errorf("changes (-want +got):\n%s", d)
	}
	if _, err := g.do("no such command"); err == nil || !strings.Contains(err.Error(), "FAIL") {
		t.Errorf("an unknown command: got %v", err)
	}
	if _, err := m.findDevice(ctx, "pl999"); err == nil || !strings.Contains(err.Error(), "the machine has none") {
		t.Errorf("an unknown device: got %v", err)
	}
	for _, in := range []bool{false, true} {
		if err := m.SetLink(ctx, in); err != nil {
			t.Error(err)
		}
	}
	if err := m.Stall(ctx, true); err == nil || !strings.Contains(err.Error(), "'d0' not found") {
		t.Errorf("a disk that is not there: got %v", err)
	}
	sticks(t, ctx, m)
	line, err := m.Serial(ctx)
	if err != nil {
		t.Fatal(err)
	}
	line.Close()
	m.Kill()
	if err := g.WaitFor(ctx, func([]Change) bool { return false }); err == nil || !strings.Contains(err.Error(), "machine ended") {
		t.Errorf("got %v, want the machine's end", err)
	}
	if err := g.Set(4, true); err == nil {
		t.Error("a pin of a machine that is gone was set")
	}
}

// sticks plugs sticks in and pulls them out.
func sticks(t *testing.T, ctx context.Context, m *Machine) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "stick")
	if err := os.WriteFile(path, make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the file is free again, and so is the name
		if err := m.PlugIn(ctx, "stick", path); err != nil {
			t.Fatal(err)
		}
		if err := m.PlugIn(ctx, "stick", path); err == nil || !strings.Contains(err.Error(), "blockdev-add") {
			t.Errorf("a stick that is in: got %v", err)
		}
		if err := m.PullOut(ctx, "stick"); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.PullOut(ctx, "stick"); err == nil || !strings.Contains(err.Error(), "not found") {
		t.Errorf("a stick that is not in: got %v", err)
	}
}
