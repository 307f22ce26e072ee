package trust_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/ota/order"
	"syncbox/ota/trust"
)

// A stored root is read up to MaxRoot bytes. A longer one counts as lost: the factory's holds, and what follows it is had anew.
func TestStoredRootIsBounded(t *testing.T) {
	for more, want := range map[int]byte{0: 42, 1: 41} {
		r := first(t)
		b := r.fresh()
		r.next(func() { r.assign("ops", 1, 42) })
		b.good(r.server())
		root := b.state.Root
		b.state.Root = append(bytes.Clone(root), bytes.Repeat([]byte{' '}, trust.MaxRoot-len(root)+more)...)
		ring, err := b.anchor.Keys(b.state)
		if err != nil {
			t.Fatal(err)
		}
		if got := ring[order.Ops].Public; len(got) != 1 || !got[0].Equal(key(want).Public()) {
			t.Errorf("%d bytes: got the keys of another root", len(b.state.Root))
		}
		if got := b.good(r.server()).Keys[order.Ops].Public; !got[0].Equal(key(42).Public()) {
			t.Errorf("%d bytes: the newest root is not followed", len(b.state.Root))
		}
		if d := cmp.Diff(trust.Versions{Root: 2, Timestamp: 1, Snapshot: 1, Targets: 1}, b.state.Versions); d != "" {
			t.Errorf("%d bytes: versions (-want +got):\n%s", len(b.state.Root), d)
		}
	}
}
