// Package mutants is the only honest measure of the simulator's oracles: it removes each protection of the
// engine in turn and asks that the simulator notices. A mutant is a change of source text that is laid over
// the product's files at build time (go build -overlay); nothing of the product knows about it.
package mutants

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Edit replaces one text of a file.
type Edit struct {
	File string // from the module's root, with slashes
	Old  string // occurs exactly once in the file
	New  string
}

// Budget is how much the simulator may look at: its flags of the same names.
type Budget struct {
	Seeds  int // random worlds
	Single int // worlds with every single cut
	Double int // small worlds cut twice
	From   int // the first seed
}

// Mutant is the engine without one of its protections.
type Mutant struct {
	Name    string
	Removes string // the protection, in a sentence
	Edits   []Edit
	Budget  Budget
	// Oracles are the oracles of which one must fail; what any other says does not count.
	Oracles []string
	// Equivalent is the written argument why the mutant does no harm; empty if it is to be killed.
	Equivalent string
}

// usual is the budget of a mutant that asks for no other.
var usual = Budget{Seeds: 20000, From: 1}

// parts cuts a budget into n; the exhaustive modes stay in the first.
func (b Budget) parts(n int) []Budget {
	var all []Budget
	for i := range n {
		from, to := b.Seeds*i/n, b.Seeds*(i+1)/n
		all = append(all, Budget{Seeds: to - from, From: b.From + from})
	}
	all[0].Single, all[0].Double = b.Single, b.Double
	return all
}

// All gives every mutant, in the order in which they are run.
func All() []Mutant {
	all := slices.Concat(intents(), doubts(), births(), absences(), waits(), limits(), resyncs(), confirmed(), ticked(), clouds(), deletions(), handedOver())
	for i := range all {
		if all[i].Budget == (Budget{}) {
			all[i].Budget = usual
		}
	}
	return all
}

// Apply gives the new content of every file that the mutant changes, by its path from root. An edit whose
// old text is not there exactly once is an error that names the mutant: the code has moved on, and the
// mutant must follow.
func (m Mutant) Apply(root string) (map[string]string, error) {
	changed := map[string]string{}
	for _, e := range m.Edits {
		text, ok := changed[e.File]
		if !ok {
			b, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(e.File)))
			if err != nil {
				return nil, fmt.Errorf("mutant %s: %w", m.Name, err)
			}
			text = string(b)
		}
		if n := strings.Count(text, e.Old); n != 1 {
			return nil, fmt.Errorf("mutant %s: %s: the old text occurs %d times, want once: %q", m.Name, e.File, n, e.Old)
		}
		changed[e.File] = strings.Replace(text, e.Old, e.New, 1)
	}
	return changed, nil
}
