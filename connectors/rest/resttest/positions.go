package resttest

import (
	"fmt"
	"maps"
	"slices"
)

// Positions are the switches of a simulator, points about a product that no document settles, with what each may be set to, the default
// first. W is a product's kind of switch.
type Positions[W ~string] map[W][]string

// All gives the switches, sorted.
func (p Positions[W]) All() []W { return slices.Sorted(maps.Keys(p)) }

// Of gives the positions of a switch, the default first.
func (p Positions[W]) Of(w W) []string { return slices.Clone(p[w]) }

// Full gives the positions of all switches where some are set. An unknown switch or position is an error.
func (p Positions[W]) Full(some map[W]string) (map[W]string, error) {
	out := map[W]string{}
	for w, all := range p {
		out[w] = all[0]
	}
	for w, at := range some {
		if !slices.Contains(p[w], at) {
			return nil, fmt.Errorf("switch %s: no position %q", w, at)
		}
		out[w] = at
	}
	return out, nil
}
