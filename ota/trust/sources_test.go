package trust_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"syncbox/ota/fetch"
	"syncbox/ota/trust"
)

func TestFailingSource(t *testing.T) {
	r := first(t)
	r.release("1.4.0")
	for name := range r.files {
		if name == "metadata/1.root.json" || strings.HasPrefix(name, "metadata/1.") {
			continue
		}
		f := r.server()
		delete(f, name)
		b := r.fresh()
		b.refused(f, trust.Unreachable)
		b.good(r.server())
		// A server that is away for one file stops the walk too: for new roots it must not look like the end.
		b.refused(failing{r.server(), "metadata/2.root.json"}, trust.Code(fetch.Slow))
		b.good(r.server())
	}
}

func TestCancelled(t *testing.T) {
	r := first(t)
	b := r.fresh()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err := b.anchor.Refresh(ctx, r.server(), b.state, b.floors, b.clock)
	if !errors.Is(err, context.Canceled) || trust.CodeOf(err) != "" {
		t.Errorf("got %v of code %q", err, trust.CodeOf(err))
	}
}
