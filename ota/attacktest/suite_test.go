package attacktest_test

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"syncbox/ota/update"
)

// played is a line of the table.
type played struct {
	number  int
	attack  string
	how     string
	stopped []update.Code
	ok      bool
}

type code = update.Code

// done puts the line into the table.
func (p *played) done(t *testing.T) {
	p.ok = !t.Failed()
	tableMu.Lock()
	defer tableMu.Unlock()
	table = append(table, *p)
}

var (
	tableMu sync.Mutex
	table   []played
)

// attack plays one way of an attack in a world of its own: play must leave the box as it was, or at what the maker has
// ordered. Then the box must recover.
func attack(t *testing.T, number int, how string, play func(w *world)) {
	t.Helper()
	name, _, _ := strings.Cut(t.Name(), "/")
	t.Run(how, func(t *testing.T) {
		t.Parallel()
		p := &played{number: number, attack: strings.TrimPrefix(name, "TestAttack"), how: how}
		defer p.done(t)
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			defer func() { w.stop() }()
			play(w)
			p.stopped = w.said()
			w.recovers()
		})
	})
}

// TestMain prints the table behind the tests, with -v.
func TestMain(m *testing.M) {
	code := m.Run()
	if err := os.RemoveAll(stages()); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	if testing.Verbose() {
		slices.SortFunc(table, func(a, b played) int { return cmp.Or(a.number-b.number, cmp.Compare(a.how, b.how)) })
		bad := 0
		fmt.Printf("\n%-3s %-30s %-58s %-52s %s\n", "#", "attack", "how", "the box says", "installed, then recovered")
		for _, p := range table {
			outcome := "0, yes"
			if !p.ok {
				outcome, bad = "FAILED", bad+1
			}
			var codes []string
			for _, c := range p.stopped {
				codes = append(codes, string(c))
			}
			fmt.Printf("%-3d %-30s %-58s %-52s %s\n", p.number, p.attack, p.how, strings.Join(codes, " "), outcome)
		}
		fmt.Printf("attacks=%d failed=%d\n", len(table), bad)
	}
	os.Exit(code)
}
