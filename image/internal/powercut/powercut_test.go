package powercut_test

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

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
	boots    = flag.Int("boots", 3, "at least `N` disks are started by TestQEMUPowerCut; it cuts until it has as many")
	every    = flag.Int("every", 20, "each `N`th of them goes on to the end of the update")
	together = flag.Int("together", 2, "`N` of them at a time")
	seed     = flag.Uint64("seed", 1, "of the cuts")
)

// TestQEMUPowerCut runs an update in the machine, cuts it everywhere, and starts disks, no two of which are the same: one
// of each kind of outcome, which go on to the end, then others.
func TestQEMUPowerCut(t *testing.T) {
	w := workshop(t)
	ops, err := w.Log(t.Context(), powercut.Update)
	if err != nil {
		t.Fatal(err)
	}
	s := &survey{t: t, w: w, ops: ops, seen: map[uint64]bool{}, kinds: map[string]uint64{}}
	s.look()
	if len(s.kinds) < 3 {
		t.Errorf("cuts end in %v, want the old system, the new one on trial and the new one", s.kinds)
	}
	s.start()
	fmt.Printf("cuts=%d distinct=%d boots=%d bricks=%d torn=%d\n", s.cuts, len(s.seen), s.boots, s.bricks, s.torn)
}

// survey is what there is of disks that a cut may leave of an update.
type survey struct {
	t   *testing.T
	w   *powercut.Workshop
	ops []otatest.Op

	rounds                    int // in each of which every operation is cut in every way
	cuts, bricks, torn, boots int
	seen                      map[uint64]bool   // contents, by their sum
	disks                     []uint64          // those from which something starts
	kinds                     map[string]uint64 // the first disk of each kind of outcome
}

// round makes the cuts of a round, the same ones each time.
func (s *survey) round(n int, each func(powercut.Cut)) {
	s.w.Cuts(s.ops, rand.New(rand.NewPCG(*seed, uint64(n))), each)
}

// look judges cuts until there are as many disks as are to be started, or no new ones.
func (s *survey) look() {
	for before := -1; len(s.disks) < *boots && len(s.disks) > before; s.rounds++ {
		before = len(s.disks)
		s.round(s.rounds, s.judge)
	}
}

func (s *survey) judge(c powercut.Cut) {
	s.cuts++
	sum := c.Content.Sum()
	known := s.seen[sum]
	s.seen[sum] = true
	switch {
	case errors.Is(c.Err, otatest.ErrBrick):
		s.bricks++
	case c.Err != nil:
		s.torn++
	case !known:
		s.disks = append(s.disks, sum)
		if kind := c.Start.Image + " " + c.Start.CommandLine(); s.kinds[kind] == 0 {
			s.kinds[kind] = sum
		}
	}
	if c.Err != nil {
		s.t.Errorf("cut at operation %d of %d (%s): %v", c.Op, len(s.ops), c.Mode, c.Err)
	}
}

// chosen gives the disks that are started, and whether they go on to the end.
func (s *survey) chosen() map[uint64]bool {
	chosen := map[uint64]bool{}
	for _, sum := range s.kinds {
		chosen[sum] = true
	}
	rng := rand.New(rand.NewPCG(*seed, 1<<32))
	for n, i := range rng.Perm(len(s.disks)) {
		if _, already := chosen[s.disks[i]]; !already && len(chosen) < *boots {
			chosen[s.disks[i]] = n%*every == 0
		}
	}
	return chosen
}

// start starts the chosen disks, some at a time. The disks are made again for that: all of them are too much to keep.
func (s *survey) start() {
	type one struct {
		powercut.Cut
		on bool
	}
	disks := make(chan one)
	var started, ended atomic.Int32
	var all sync.WaitGroup
	begin := time.Now()
	for range *together {
		all.Go(func() {
			for d := range disks {
				if err := s.w.Boot(s.t.Context(), d.Cut, d.on); err != nil {
					s.t.Error(err)
				}
				if d.on {
					ended.Add(1)
				}
				if n := started.Add(1); n%100 == 0 {
					s.t.Logf("%d disks started after %.0f s", n, time.Since(begin).Seconds())
				}
			}
		})
	}
	left := s.chosen()
	for n := range s.rounds {
		s.round(n, func(c powercut.Cut) {
			if on, wanted := left[c.Content.Sum()]; wanted {
				delete(left, c.Content.Sum())
				disks <- one{c, on}
			}
		})
	}
	close(disks)
	all.Wait()
	s.boots = int(started.Load())
	s.t.Logf("%d disks started, %d of them to the end, in %.0f s", s.boots, ended.Load(), time.Since(begin).Seconds())
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
	w.Cuts(ops, rand.New(rand.NewPCG(1, 0)), func(c powercut.Cut) {
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
