package mutants

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// ErrOriginal means that the engine as it is fails where a mutant was killed: that kill says nothing.
var ErrOriginal = errors.New("the engine as it is fails as well")

// Judge runs a built mutant: first in the world in which it was last killed, if one is known, and where that kills it no more in
// all worlds of its budget. What kills it, the original passes.
func (g Gate) Judge(ctx context.Context, program, original string, m Mutant) (Verdict, error) {
	if m.Equivalent != "" {
		m.Budget.Seeds /= max(1, g.Share)
	}
	tries := []Budget{m.Budget}
	if seed := lastKilled[m.Name]; seed > 0 {
		tries = []Budget{{Seeds: 1, From: seed}, m.Budget}
	}
	var v Verdict
	for _, b := range tries {
		var err error
		if v, err = Run(ctx, program, b, m.Oracles, g.Limit); err != nil {
			return v, err
		}
		if v.Killed {
			return v, g.passes(ctx, original, b, v.Seed)
		}
	}
	return v, nil
}

// passes has the original pass the worlds of a budget up to the one that killed.
func (g Gate) passes(ctx context.Context, original string, b Budget, seed int) error {
	if b.Seeds > 0 { // no more random worlds than it took
		b.Seeds = min(b.Seeds, seed-b.From+1)
	}
	v, err := Run(ctx, original, b, nil, 2*g.Limit)
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", ErrOriginal, err)
	case v.Other != "":
		return fmt.Errorf("%w: oracle %s in the world of seed %d (%s)", ErrOriginal, v.Other, v.Seed, strings.Join(b.args(), " "))
	}
	return nil
}
