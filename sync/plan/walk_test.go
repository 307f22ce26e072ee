package plan_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// walk visits every state of a small world that can be reached, each once, the nearest first.
type walk[S comparable] struct {
	number map[S]int
	states []S
	from   []int
	how    []string
}

// reach notes a state that can be reached from state n.
func (w *walk[S]) reach(n int, how string, s S) {
	if _, been := w.number[s]; been {
		return
	}
	w.number[s] = len(w.states)
	w.states, w.from, w.how = append(w.states, s), append(w.from, n), append(w.how, how)
}

// nearest is how many states a short run (go test -short) visits.
const nearest = 3000

// all calls visit for every state that can be reached, in a short run for the nearest ones, which is to reach the next
// ones. It fails with the shortest story that leads to a state of which visit says what is wrong.
func (w *walk[S]) all(t *testing.T, start S, visit func(n int, s S) string) {
	t.Helper()
	w.number = map[S]int{}
	w.reach(-1, "start", start)
	for n := 0; n < len(w.states) && (n < nearest || !testing.Short()); n++ {
		if wrong := visit(n, w.states[n]); wrong != "" {
			t.Fatalf("%s\n%s", wrong, w.story(n))
		}
	}
}

func (w *walk[S]) story(n int) string {
	var steps []string
	for ; n >= 0; n = w.from[n] {
		steps = append(steps, fmt.Sprintf("%-24s %v", w.how[n], w.states[n]))
	}
	slices.Reverse(steps)
	return strings.Join(steps, "\n")
}

// The outcomes of a write.
const (
	isApplied = iota
	isNot
	inDoubtApplied
	inDoubtNot
	isLate // still under way when nobody waits for its answer any more
)

var outcomes = [...]string{"plan: applied", "plan: not applied", "plan: in doubt, is there", "plan: in doubt, is not", "plan: in doubt, is late"}

// The ends of a doubt's time.
const (
	arrived uint8 = iota // it has none
	pending
	past
)
