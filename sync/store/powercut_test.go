package store

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var powerCuts = flag.Int("powercuts", 0, "`N` scripts for TestPowerCut, with more images of each; 0 = a short one")

// cuts counts what was cut and what came of it.
type cuts struct{ commits, epochs, images, lost, corrupt int }

func (c cuts) String() string {
	return fmt.Sprintf("commits=%d epochs=%d images=%d lost=%d corrupt=%d", c.commits, c.epochs, c.images, c.lost, c.corrupt)
}

// replay plays a traced run and has every image of a power cut judged: acks is how many steps were told to be
// done before it.
func replay(t *testing.T, d *disk, calls []call, rng *rand.Rand, random int, total *cuts, judge func(img image, acks int)) {
	t.Helper()
	acks := 0
	cut := func() {
		total.epochs++
		d.images(rng, random, func(img image) {
			total.images++
			judge(img, acks)
		})
	}
	for _, c := range calls {
		if d.open[c.fd] != nil && (c.name == "fsync" || c.name == "fdatasync") {
			cut()
		}
		if c.name == "pwrite" && c.at < 8192 && len(c.data) == os.Getpagesize() {
			total.commits++
		}
		if d.do(c) {
			acks++
		}
	}
	cut()
}

// scratchDir gives a folder in memory, where there is one.
func scratchDir(t testing.TB) string {
	t.Helper()
	if dir, err := os.MkdirTemp("/dev/shm", "store"); err == nil {
		t.Cleanup(func() { _ = os.RemoveAll(dir) })
		return dir
	}
	return t.TempDir()
}

// TestPowerCut traces a run of the real files: made, written, closed, opened again, copied and compacted. Then it
// cuts the power in every epoch between two syncs, with what was written since in every order and half written.
// What was acknowledged must be there, what was under way wholly or not at all, in both files, and the cache
// never ahead of the state.
func TestPowerCut(t *testing.T) {
	seeds, steps, random := 1, 35, 3
	if *powerCuts > 0 {
		seeds, steps, random = *powerCuts, 60, 20
	}
	var total cuts
	for seed := range seeds {
		cutScript(t, uint64(seed), steps, random, &total)
	}
	if total.images < 500 || total.commits < 30 {
		t.Errorf("too little was cut: %v", total)
	}
	if *powerCuts > 0 {
		fmt.Println(total)
	} else {
		t.Log(total)
	}
}

func cutScript(t *testing.T, seed uint64, steps, random int, total *cuts) {
	t.Helper()
	d := newDisk(filepath.Join(t.TempDir(), "job"))
	must(t, os.Mkdir(d.dir, 0o700))
	calls := traceOf(t, fmt.Sprintf("script %s %d %d", d.dir, seed, steps))
	after, copyOf := expected(t, seed, steps)
	dir := filepath.Join(scratchDir(t), "job")
	rng := rand.New(rand.NewPCG(seed, 1))
	replay(t, d, calls, rng, random, total, func(img image, acks int) {
		least, most := max(acks-1, 0), min(acks, steps)
		img.lay(t, dir)
		judgeCopy(t, dir, after, copyOf[least], copyOf[most], total)
		f, err := OpenJob(dir, "box", "job", 42, at(0))
		if err != nil {
			total.corrupt++
			t.Errorf("seed %d, step %d: %v", seed, acks, err)
			return
		}
		defer f.Close()
		got := both{contentOf(t, f.State.kv), contentOf(t, f.Cache.kv)}
		switch {
		case f.Rescue != nil || f.CacheLost != nil:
			total.corrupt++
			t.Errorf("seed %d, step %d: damaged: %+v, %v", seed, acks, f.Rescue, f.CacheLost)
		case !same(got.state, after[least].state) && !same(got.state, after[most].state):
			total.lost++
			t.Errorf("seed %d, step %d: the state is neither old nor new", seed, acks)
		case !same(got.cache, after[least].cache) && !same(got.cache, after[most].cache):
			total.lost++
			t.Errorf("seed %d, step %d: the cache is neither old nor new", seed, acks)
		}
		if err := f.State.Check(); err != nil {
			total.corrupt++
			t.Errorf("seed %d, step %d: %v", seed, acks, err)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, "*"+leftOver)); len(left) > 0 {
			t.Errorf("seed %d, step %d: left behind: %v", seed, acks, left)
		}
	})
}

// judgeCopy holds the copy that a cut leaves against what it must be of.
func judgeCopy(t *testing.T, dir string, after []both, least, most int, total *cuts) {
	t.Helper()
	path := filepath.Join(dir, copyName)
	if _, err := os.Stat(path); err != nil {
		if least >= 0 {
			total.lost++
			t.Errorf("the copy of step %d is gone: %v", least, err)
		}
		return
	}
	kv, err := openBolt(path)
	if err != nil {
		total.corrupt++
		t.Errorf("the copy of step %d: %v", most, err)
		return
	}
	defer kv.Close()
	got := contentOf(t, kv)
	if (least < 0 || !same(got, after[least].state)) && !same(got, after[most].state) {
		total.corrupt++
		t.Errorf("the copy of step %d is neither old nor new", most)
	}
}

// TestPowerCutInMigration cuts the power while a state of version 1 is taken up: it is of version 1 or 2.
func TestPowerCutInMigration(t *testing.T) {
	d := newDisk(filepath.Join(t.TempDir(), "job"))
	must(t, os.Mkdir(d.dir, 0o700))
	path := filepath.Join(d.dir, stateName)
	writeSchema1(t, path)
	d.load(t)
	before := readContent(t, path)
	calls := traceOf(t, "migrate "+d.dir+" 0 0")
	after := readContent(t, path)
	if same(before, after) {
		t.Fatal("nothing was migrated")
	}
	dir := filepath.Join(scratchDir(t), "job")
	var total cuts
	old := 0
	replay(t, d, calls, rand.New(rand.NewPCG(1, 1)), 10, &total, func(img image, acks int) {
		img.lay(t, dir)
		got := readContent(t, filepath.Join(dir, stateName))
		isOld := same(got, before)
		if isOld {
			old++
		}
		if !isOld && !same(got, after) || isOld && acks > 0 {
			t.Errorf("after %d steps: neither version 1 nor 2, or the older one", acks)
		}
		f, err := OpenJob(dir, "box", "job", 42, at(0))
		must(t, err)
		defer f.Close()
		if f.Rescue != nil || !same(contentOf(t, f.State.kv), after) {
			t.Errorf("after %d steps: not migrated by the next start: %+v", acks, f.Rescue)
		}
	})
	if old == 0 || old == total.images {
		t.Errorf("%d of %d images are of version 1", old, total.images)
	}
}

func readContent(t *testing.T, path string) content {
	t.Helper()
	kv, err := openBolt(path)
	must(t, err)
	all := contentOf(t, kv)
	must(t, kv.db.Close())
	return all
}

// TestPowerCutInRescue cuts the power while a damaged truth is replaced by its copy. The next start goes on with
// the same copy, a resync is due, and the damaged file is kept.
func TestPowerCutInRescue(t *testing.T) {
	d := newDisk(filepath.Join(t.TempDir(), "job"))
	path := filepath.Join(d.dir, stateName)
	f, err := OpenJob(d.dir, "box", "job", 42, at(0))
	must(t, err)
	s := &script{seed: 1, state: f.State, cache: f.Cache}
	for step := 1; step < 12; step++ {
		must(t, s.write(step))
	}
	must(t, f.Copy())
	links := countLinks(t, f.State)
	must(t, s.write(12))
	must(t, f.Close())
	damaged := strings.Repeat("no database ", 3000)
	must(t, os.WriteFile(path, []byte(damaged), 0o600))
	d.load(t)
	calls := traceOf(t, "rescue "+d.dir+" 0 0")
	dir := filepath.Join(scratchDir(t), "job")
	var total cuts
	replay(t, d, calls, rand.New(rand.NewPCG(1, 1)), 10, &total, func(img image, acks int) {
		img.lay(t, dir)
		f, err := OpenJob(dir, "box", "job", 43, at(0))
		must(t, err)
		defer f.Close()
		if f.Rescue != nil && (acks > 0 || f.Rescue.Code != FromCopy) {
			t.Errorf("after %d steps: rescued again: %+v", acks, f.Rescue)
		}
		must(t, f.State.Check())
		must(t, f.State.View(func(tx *Txn) {
			r, due := tx.Repair()
			was, known := tx.Rescued()
			if !due || !r.Lost || r.Level != 2 || !known || was.Code != FromCopy || was.Aside != asideName(1) {
				t.Errorf("after %d steps: %+v, %+v", acks, r, was)
			}
		}))
		if got := countLinks(t, f.State); got != links {
			t.Errorf("after %d steps: %d links, want the copy's %d", acks, got, links)
		}
		if b, err := os.ReadFile(filepath.Join(dir, asideName(1))); err != nil || string(b) != damaged {
			t.Errorf("after %d steps: the damaged file: %v", acks, err)
		}
	})
	if total.images < 20 {
		t.Errorf("too little was cut: %v", total)
	}
}

func countLinks(t *testing.T, s *State) int {
	t.Helper()
	n := 0
	must(t, s.View(func(tx *Txn) { n = tx.CountLinked("account") }))
	return n
}
