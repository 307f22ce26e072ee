package trust_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/theupdateframework/go-tuf/v2/metadata"

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

// Torn state: each stored item cut at many places. An honest server is never refused, an old one always is.
func TestTornItems(t *testing.T) {
	r, old := second(t)
	b := r.fresh()
	b.good(r.server())
	whole := b.state
	for name, item := range map[string]func(s *trust.State) *[]byte{
		"root":      func(s *trust.State) *[]byte { return &s.Root },
		"timestamp": func(s *trust.State) *[]byte { return &s.Timestamp },
		"snapshot":  func(s *trust.State) *[]byte { return &s.Snapshot },
		"targets":   func(s *trust.State) *[]byte { return &s.Targets },
	} {
		t.Run(name, func(t *testing.T) {
			full := *item(&whole)
			for n := 0; n < len(full); n += step(len(full)) {
				c := *b
				c.state = whole
				*item(&c.state) = full[:n]
				if n%2 == 0 { // cut, or zeroes from there
					*item(&c.state) = append(bytes.Clone(full[:n]), make([]byte, len(full)-n)...)
				}
				d := c
				d.refused(old, trust.Rollback)
				if got := c.good(r.server()); got.Versions != b.floors {
					t.Fatalf("at %d: got %+v", n, got.Versions)
				}
			}
		})
	}
}

// step makes some eight places of a length.
func step(n int) int { return max(1, n/8) }

// A stored timestamp that can't be used, though its signature is good, counts as not there.
func TestStoredTimestampWithoutSnapshot(t *testing.T) {
	r := first(t)
	b := r.fresh()
	b.good(r.server())
	m := *r.timestamp
	m.Signed.Meta = nil
	b.state.Timestamp = signed(t, &m, 31)
	r.release("1.4.0")
	b.good(r.server())
}

func TestStoredSnapshotWithNull(t *testing.T) {
	r := first(t)
	b := r.fresh()
	b.good(r.server())
	m := *r.snapshot
	m.Signed.Meta = map[string]*metadata.MetaFiles{"targets.json": nil}
	b.state.Snapshot = signed(t, &m, 21)
	r.release("1.4.0")
	b.good(r.server())
}

// What ends while it is stored is told by its name.
func TestStoredSnapshotEnds(t *testing.T) {
	r := first(t)
	r.release("1.4.0")
	b := r.fresh()
	b.good(r.server())
	r.timestamp.Signed.Version++
	r.timestamp.Signed.Expires = now.Add(36 * day)
	r.putTimestamp()
	b.clock.Now = now.Add(31 * day)
	_, err := b.refresh(r.server())
	var e *trust.Error
	if !errors.As(err, &e) || e.Code != trust.Expired || e.File != "metadata/2.snapshot.json" {
		t.Errorf("got %v", err)
	}
}
