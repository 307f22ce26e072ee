package cuts_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
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

// TestTales: without a cut, each tale comes to its end.
func TestTales(t *testing.T) {
	for _, tale := range cuts.Tales {
		t.Run(tale.Name, func(t *testing.T) {
			w := world(t, tale, 1)
			began := time.Now()
			l, err := w.Live(t, w.Start)
			t.Logf("%d operations, starts %v, %v, %d transactions missed", len(l.Ops), l.Starts, time.Since(began), l.Missed)
			if err != nil {
				t.Error(err)
			}
			if testing.Verbose() {
				for _, o := range l.Ops {
					t.Log(o)
				}
			}
		})
	}
}

var (
	howMany = flag.Int("cuts", 2000, "about so many cuts for TestPowerCut")
	seed    = flag.Uint64("seed", 1, "of the first world of TestPowerCut")
)

// TestPowerCut cuts all tales.
func TestPowerCut(t *testing.T) {
	var mu sync.Mutex
	var total cuts.Count
	each := (*howMany + len(cuts.Tales) - 1) / len(cuts.Tales)
	t.Run("tales", func(t *testing.T) {
		for i, tale := range cuts.Tales {
			t.Run(tale.Name, func(t *testing.T) {
				t.Parallel()
				began := time.Now()
				w := world(t, tale, *seed)
				rng := rand.New(rand.NewPCG(*seed, uint64(i)))
				shown := 0
				c := w.Cut(t, cuts.Plan{Cuts: each, Every: 10, Twice: 5}, rng, func(err error) {
					if shown++; shown <= 5 {
						t.Error(err)
					}
				})
				t.Logf("%+v in %v", c, time.Since(began))
				mu.Lock()
				defer mu.Unlock()
				total.Add(c)
			})
		}
	})
	fmt.Printf("cuts=%d distinct=%d lives=%d bricks=%d torn=%d failures=%d\n", total.Cuts, total.Distinct, total.Lives, total.Bricks, total.Torn, total.Failures)
}
