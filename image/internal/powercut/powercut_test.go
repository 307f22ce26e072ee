package powercut_test

import (
	"errors"
	"math/rand/v2"
	"os"
	"testing"

	"syncbox/image/internal/need"
	"syncbox/image/internal/powercut"
	"syncbox/image/vm"
	"syncbox/ota/otatest"
)

func workshop(t *testing.T) *powercut.Workshop {
	t.Helper()
	need.Programs(t, vm.Program, "mcopy", "/sbin/mkfs.vfat")
	dir, err := os.MkdirTemp(powercut.Memory(), "powercut")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	w := &powercut.Workshop{Kernels: "../../../build/kernel", Source: "../../..", Dir: dir}
	if err := w.Build(t.Context()); err != nil {
		need.Missing(t, err.Error())
	}
	return w
}

// TestQEMUPowerCut runs an update in the machine, cuts it everywhere, and starts one disk of each kind of outcome.
func TestQEMUPowerCut(t *testing.T) {
	w := workshop(t)
	ops, err := w.Log(t.Context(), powercut.Update)
	if err != nil {
		t.Fatal(err)
	}
	cuts := 0
	kinds := map[string]powercut.Cut{}
	w.Cuts(ops, 1, rand.New(rand.NewPCG(1, 0)), func(c powercut.Cut) {
		cuts++
		if c.Err != nil {
			t.Errorf("cut at operation %d of %d (%s): %v", c.Op, len(ops), c.Mode, c.Err)
		}
		kinds[c.Start.Image+" "+c.Start.CommandLine()] = c
	})
	t.Logf("%d operations, %d cuts", len(ops), cuts)
	for kind, c := range kinds {
		t.Log(kind)
		if err := w.Boot(t.Context(), c, powercut.Update); err != nil {
			t.Error(err)
		}
	}
}

// TestQEMUPowerCutNoticed does the same with an update that lets the slot be tried too early. Without its noticing
// that, the test above would be worth nothing.
func TestQEMUPowerCutNoticed(t *testing.T) {
	w := workshop(t)
	ops, err := w.Log(t.Context(), powercut.Early)
	if err != nil {
		t.Fatal(err)
	}
	cuts, torn := 0, 0
	w.Cuts(ops, 1, rand.New(rand.NewPCG(1, 0)), func(c powercut.Cut) {
		cuts++
		if errors.Is(c.Err, otatest.ErrTorn) {
			torn++
		}
	})
	t.Logf("%d of %d cuts start a torn slot", torn, cuts)
	if torn == 0 {
		t.Error("no torn slot starts, although it is tried before it is synced")
	}
}
