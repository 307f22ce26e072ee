package powercut_test

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
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
	t.Cleanup(func() {
		if t.Failed() {
			keep(t, dir)
		}
		_ = os.RemoveAll(dir)
	})
	w := &powercut.Workshop{Kernels: "../../../build/kernel", Source: "../../..", Dir: dir}
	if err := w.Build(t.Context()); err != nil {
		need.Missing(t, err.Error())
	}
	return w
}

// keep keeps the logs of a failed test, which make its cuts again with the same seed.
func keep(t *testing.T, dir string) {
	logs, _ := filepath.Glob(filepath.Join(dir, "*.log"))
	for _, from := range logs {
		to := filepath.Join("../../../build", "powercut-"+filepath.Base(from))
		if err := vm.CopyDisk(from, to); err != nil {
			t.Log(err)
			continue
		}
		t.Logf("the log of the disk is kept as %s", to)
	}
}

var (
	random = flag.Int("random", 1, "`N` cuts of each kind at each write for TestQEMUPowerCut")
	boots  = flag.Int("boots", 3, "at least `N` of its disks are started")
	seed   = flag.Uint64("seed", 1, "of its cuts")
)

// TestQEMUPowerCut runs an update in the machine, cuts it everywhere, and starts disks: one of each kind of outcome,
// then others.
func TestQEMUPowerCut(t *testing.T) {
	w := workshop(t)
	ops, err := w.Log(t.Context(), powercut.Update)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(*seed, 0))
	n := map[string]int{}
	seen, kinds := map[uint64]bool{}, map[string]bool{}
	var first, more []powercut.Cut
	w.Cuts(ops, *random, rng, func(c powercut.Cut) {
		n["cuts"]++
		seen[c.Content.Sum()] = true
		if c.Err != nil {
			t.Errorf("cut at operation %d of %d (%s): %v", c.Op, len(ops), c.Mode, c.Err)
			n[map[bool]string{true: "bricks", false: "torn"}[errors.Is(c.Err, otatest.ErrBrick)]]++
			return
		}
		if kind := c.Start.Image + " " + c.Start.CommandLine(); !kinds[kind] {
			kinds[kind] = true
			first = append(first, c)
		} else if len(more) < *boots {
			more = append(more, c)
		} else if k := rng.IntN(n["cuts"]); k < *boots {
			more[k] = c
		}
	})
	if len(kinds) < 3 {
		t.Errorf("cuts end in %v, want the old system, the new one on trial and the new one", kinds)
	}
	for i, c := range append(first, more...) {
		if i >= max(*boots, len(first)) {
			break
		}
		n["boots"]++
		if err := w.Boot(t.Context(), c, powercut.Update); err != nil {
			t.Error(err)
		}
	}
	fmt.Printf("cuts=%d distinct=%d boots=%d bricks=%d torn=%d\n", n["cuts"], len(seen), n["boots"], n["bricks"], n["torn"])
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
