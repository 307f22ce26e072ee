package acombatest_test

import (
	"math/rand/v2"
	"sync"
	"testing"

	"syncbox/connectors/acomba/acombatest"
)

// A busy day with several stations: whatever they do, the company stays whole and its index true.
func TestBusyDay(t *testing.T) {
	for _, p := range profiles {
		c := company(t, acombatest.Options{Profile: p, Customers: 40, Documents: 30})
		before := must(c.Snapshot())(t)
		var wg sync.WaitGroup
		counts := make([]map[string]int, 3)
		errs := make([]error, 3)
		for i := range counts {
			counts[i] = map[string]int{}
			station := c.Through(acombatest.NewDir(c.Dir()))
			r := rand.New(rand.NewPCG(uint64(i), 1))
			wg.Go(func() {
				for n := 0; n < 60 && errs[i] == nil; n++ {
					var what string
					what, errs[i] = station.Work(r)
					counts[i][what]++
				}
			})
		}
		wg.Wait()
		total := map[string]int{}
		for i := range counts {
			check(t, errs[i])
			for what, n := range counts[i] {
				total[what] += n
			}
		}
		if len(total) < 8 || total["nothing"] > 90 {
			t.Errorf("%s: a dull day: %v", p, total)
		}
		check(t, invariants(c))
		after := must(c.Snapshot())(t)
		if faults := acombatest.CheckIndex(before, after); len(faults) != 0 {
			t.Errorf("%s: %v", p, faults)
		}
		numbers := map[string]int32{}
		for _, r := range must(c.Customers())(t) {
			if other, ok := numbers[r.Number]; ok {
				t.Errorf("%s: cards %d and %d have one number", p, r.CardPos, other)
			}
			numbers[r.Number] = r.CardPos
			if got := must(c.Find(cust, "name", r.Name))(t); got == 0 {
				t.Errorf("%s: card %d is not found by name", p, r.CardPos)
			}
		}
	}
}
