package trust

import (
	"context"
	"errors"

	"syncbox/ota/fetch"
)

// RefreshAny asks one source after the other until one has something new, so that a source that is away, wrong or behind
// does not stand in the way of the others. It is an error only if no source gave anything.
func (a Anchor) RefreshAny(ctx context.Context, sources []fetch.Source, s State, floors Versions, c Clock) (State, *Targets, error) {
	var found *Targets
	var failures []error
	for _, src := range sources {
		next, t, err := a.Refresh(ctx, src, s, floors, c)
		s = next
		if err != nil {
			failures = append(failures, err)
			continue
		}
		if found = t; t.New {
			break
		}
	}
	if len(sources) == 0 {
		failures = append(failures, fail(Unreachable, "metadata", "no source is known"))
	}
	if found == nil {
		return s, nil, errors.Join(failures...)
	}
	return s, found, nil
}
