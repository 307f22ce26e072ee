package cuts_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"syncbox/ota/otatest/cuts"
)

func scratch(t *testing.T) string {
	t.Helper()
	if dir, err := os.MkdirTemp("/dev/shm", "cuts"); err == nil {
		t.Cleanup(func() { _ = os.RemoveAll(dir) })
		return dir
	}
	return t.TempDir()
}

func world(t *testing.T, tale cuts.Tale, seed uint64) *cuts.World {
	t.Helper()
	w, err := cuts.NewWorld(tale, seed, scratch(t))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func tale(t *testing.T, name string) cuts.Tale {
	t.Helper()
	i := slices.IndexFunc(cuts.Tales, func(t cuts.Tale) bool { return t.Name == name })
	if i < 0 {
		t.Fatalf("no tale %q", name)
	}
	return cuts.Tales[i]
}

var (
	howMany = flag.Int("cuts", 1000, "about so `many` cuts for TestPowerCut")
	every   = flag.Int("every", 10, "from one in `N` distinct disks, a box goes on to the end")
	seed    = flag.Uint64("seed", 1, "of the first world of each tale of TestPowerCut")
)

// TestPowerCut lets all tales come to their end, then cuts them.
func TestPowerCut(t *testing.T) {
	var mu sync.Mutex
	var total cuts.Count
	share := (*howMany + len(cuts.Tales) - 1) / len(cuts.Tales)
	perWorld := max(5000, *howMany/100) // then comes a world with other content
	t.Run("tales", func(t *testing.T) {
		for i, tale := range cuts.Tales {
			t.Run(tale.Name, func(t *testing.T) {
				t.Parallel()
				began := time.Now()
				var c cuts.Count
				for s := *seed; c.Cuts < share; s++ {
					plan := cuts.Plan{Cuts: min(perWorld, share-c.Cuts), Every: *every, Twice: 5}
					c.Add(world(t, tale, s).Cut(t, plan, rand.New(rand.NewPCG(s, uint64(i))), func(err error) {
						if !t.Failed() || c.Failures < 5 {
							t.Errorf("seed %d: %v", s, err)
						}
					}))
				}
				t.Logf("%+v in %v", c, time.Since(began).Round(time.Second))
				mu.Lock()
				defer mu.Unlock()
				total.Add(c)
			})
		}
	})
	if total.Missed > 0 {
		t.Errorf("%d transactions of the database went by unseen", total.Missed)
	}
	fmt.Printf("cuts=%d distinct=%d lives=%d bricks=%d torn=%d failures=%d\n",
		total.Cuts, total.Distinct, total.Lives, total.Bricks, total.Torn, total.Failures)
}

// TestNoticed: cuts of a box that does something in a wrong order are noticed.
func TestNoticed(t *testing.T) {
	for name, wrong := range cuts.Wrongs {
		t.Run(name, func(t *testing.T) {
			w := world(t, tale(t, "into a"), 1)
			w.Wrong = wrong
			var first error
			c := w.Cut(t, cuts.Plan{Cuts: 500, Every: 50}, rand.New(rand.NewPCG(1, 0)), func(err error) {
				if first == nil {
					first = err
				}
			})
			t.Logf("%+v, first: %v", c, first)
			if c.Torn+c.Bricks+c.Failures == 0 {
				t.Error("not noticed")
			}
		})
	}
}

// TestNoticedWithoutFloors: where no floors are written, a server that goes back to older metadata is not refused
// once the record is lost.
func TestNoticedWithoutFloors(t *testing.T) {
	w := world(t, cuts.Tales[0], 1)
	w.Wrong = cuts.WithoutFloors
	l, err := w.Live(t, w.Start)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.OldServer(t, l.Ops, false); err != nil {
		t.Errorf("with the record: %v", err)
	}
	if _, err := w.OldServer(t, l.Ops, true); err == nil {
		t.Error("not noticed")
	}
}

// TestOrderedAgain: a system that was refused is tried once more by a new order, and only then.
func TestOrderedAgain(t *testing.T) {
	w := world(t, tale(t, "fault"), 1)
	first, err := w.Live(t, w.Start)
	if err != nil || !slices.Equal(first.Starts, []string{"old", "new", "old"}) {
		t.Fatalf("%v, %v, want one trial", first.Starts, err)
	}
	same, err := w.Live(t, first.End)
	if err != nil || !slices.Equal(same.Starts, []string{"old"}) {
		t.Errorf("by the same order: %v, %v, want no trial", same.Starts, err)
	}
	w.Published.Wish = w.Published.Again
	again, err := w.Live(t, same.End)
	if err != nil || !slices.Equal(again.Starts, []string{"old", "new", "old"}) {
		t.Errorf("by a new order: %v, %v, want one trial", again.Starts, err)
	}
}

// TestOldServer: after a cut at any place behind which the new metadata are trusted, a server that shows the old ones
// is refused, also where the record is lost.
func TestOldServer(t *testing.T) {
	w := world(t, cuts.Tales[0], 1)
	l, err := w.Live(t, w.Start)
	if err != nil {
		t.Fatal(err)
	}
	refused := 0
	for _, lost := range []bool{false, true} {
		n, err := w.OldServer(t, l.Ops, lost)
		if err != nil {
			t.Errorf("record lost: %v: %v", lost, err)
		}
		refused += n
	}
	if refused < 10 {
		t.Errorf("the old server was refused %d times only", refused)
	}
}
