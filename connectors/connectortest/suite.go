// Package connectortest is the suite that every connector passes. A connector's own test hands it a Fixture
// and gets the whole contract of package connectors checked against its simulator.
package connectortest

import (
	"context"
	"errors"
	"slices"
	"testing"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// Fixture is a connector on a product that has some records, and what a test may do to that product.
type Fixture struct {
	Source connectors.Source
	// Observed are the entities that Observe tells; each has at least one record.
	Observed []record.Entity
	// Swept are the entities that Sweep lists, for a connectors.Sweeper.
	Swept []record.Entity
	// Edit has a person change one record of e and gives its key.
	Edit func(t *testing.T, e record.Entity) record.Key
	// Break makes the product unreachable; the function it gives mends it.
	Break func(t *testing.T) (mend func())

	// For a connectors.Target: a record that can be created, as often as asked with other contents, and a
	// change of a record that exists. nil where the product has no such write.
	Create func(t *testing.T, n int) connectors.Op
	Update func(t *testing.T) connectors.Op
	// Delete gives the record of e that can be deleted, which is the one that Edit changes; nil for a Target that deletes nothing.
	Delete func(t *testing.T, e record.Entity) record.Key
	// Lose has the answer to the next deletion lost, after the product has carried it out.
	Lose func(t *testing.T, op connectors.Op)
	// Settle is called between a write and a read, where the product needs a new look first.
	Settle func(t *testing.T)
}

// Run checks the contract, as far as the product has a part of it. make gives a fresh fixture for every part.
func Run(t *testing.T, make func(t *testing.T) Fixture) {
	has := make(t)
	_, sweeps := has.Source.(connectors.Sweeper)
	_, writes := has.Source.(connectors.Target)
	parts := []struct {
		name string
		has  bool
		test func(*testing.T, Fixture)
	}{
		{"FirstLookTellsEveryRecord", true, firstLook}, {"EditIsTold", true, editIsTold},
		{"WhatWasNotCommittedIsToldAgain", true, uncommitted}, {"UnreachableLosesNothing", true, unreachable},
		{"ReadLeavesUnknownKeysOut", true, unknownKeys}, {"FieldsAreDescribed", true, fieldsDescribed},
		{"EndedContext", true, endedContext}, {"CloseTwice", true, closeTwice},
		{"SweepIsComplete", sweeps, sweep}, {"CreateOnce", writes && has.Create != nil, createOnce},
		{"UpdateIsRead", writes && has.Update != nil, updateIsRead}, {"UpdateOfNothingIsRefused", writes && has.Update != nil, updateOfNothing},
		{"DeleteTwiceIsApplied", writes && has.Delete != nil, deletedTwice}, {"DeleteWithoutAnswerIsSentAgain", writes && has.Lose != nil, deleteWithoutAnswer},
		{"DeleteOfChangedIsRefused", writes && has.Delete != nil, deleteOfChanged}, {"DeleteUnreachable", writes && has.Delete != nil, deleteUnreachable},
	}
	for _, p := range parts {
		if !p.has {
			continue
		}
		t.Run(p.name, func(t *testing.T) {
			f := make(t)
			t.Cleanup(func() { _ = f.Source.Close() })
			p.test(t, f)
		})
	}
}

// look observes once and commits.
func look(t *testing.T, f Fixture, n *Notes) {
	t.Helper()
	n.Begin()
	if err := f.Source.Observe(t.Context(), n); err != nil {
		t.Fatalf("look: %v", err)
	}
	if err := n.Commit(); err != nil {
		t.Fatalf("commit: %v", err)
	}
	for e, err := range n.Skipped {
		t.Fatalf("%s skipped: %v", e, err)
	}
}

func firstLook(t *testing.T, f Fixture) {
	n := NewNotes()
	look(t, f, n)
	for _, e := range f.Observed {
		if len(n.Told[e]) == 0 {
			t.Errorf("%s: the first look told nothing", e)
			continue
		}
		found, later, err := f.Source.Read(t.Context(), e, n.Told[e])
		if err != nil || len(later) > 0 {
			t.Errorf("%s: read what was told: %d later, %v", e, len(later), err)
		}
		for _, r := range found {
			if r.Entity != e || !slices.Contains(n.Told[e], r.Key) {
				t.Errorf("read of %s gave %s, which was not asked for", e, r.Name())
			}
		}
	}
}

func editIsTold(t *testing.T, f Fixture) {
	n := NewNotes()
	look(t, f, n)
	for _, e := range f.Observed {
		key := f.Edit(t, e)
		look(t, f, n)
		if !slices.Contains(n.Told[e], key) {
			t.Errorf("%s %s was edited and not told", e, key)
		}
	}
}

var errFull = errors.New("no space left")

func uncommitted(t *testing.T, f Fixture) {
	n := NewNotes()
	look(t, f, n)
	e := f.Observed[0]
	key := f.Edit(t, e)
	n.Begin()
	n.CommitErr = errFull
	if err := f.Source.Observe(t.Context(), n); err != nil && !errors.Is(err, errFull) {
		t.Fatalf("look whose commit fails: got %v", err)
	}
	n.CommitErr = nil
	look(t, f, n)
	if !slices.Contains(n.Told[e], key) {
		t.Errorf("%s %s was told in a look that was not committed, and never again", e, key)
	}
}

func unreachable(t *testing.T, f Fixture) {
	n := NewNotes()
	look(t, f, n)
	e := f.Observed[0]
	key := f.Edit(t, e)
	mend := f.Break(t)
	n.Begin()
	err := f.Source.Observe(t.Context(), n)
	if err == nil {
		t.Fatal("a look at an unreachable product gave no error")
	}
	switch connectors.KindOf(err) {
	case connectors.Unavailable, connectors.Busy, connectors.RateLimited:
	default:
		t.Errorf("kind: got %v (%v), want one that comes back by itself", connectors.KindOf(err), err)
	}
	if len(n.Told) > 0 {
		t.Errorf("an unreachable product told changes: %v", n.Told)
	}
	mend()
	look(t, f, n)
	if !slices.Contains(n.Told[e], key) {
		t.Errorf("%s %s was edited while the product was away, and not told", e, key)
	}
}

func unknownKeys(t *testing.T, f Fixture) {
	n := NewNotes()
	look(t, f, n)
	for _, e := range f.Observed {
		found, later, err := f.Source.Read(t.Context(), e, []record.Key{"999999999", n.Told[e][0]})
		if err != nil || len(later) > 0 {
			t.Fatalf("%s: %d later, %v", e, len(later), err)
		}
		for _, r := range found {
			if r.Key == "999999999" && !r.Gone {
				t.Errorf("%s: a key with nothing behind it gave a live record", e)
			}
		}
	}
}

func fieldsDescribed(t *testing.T, f Fixture) {
	n := NewNotes()
	look(t, f, n)
	for _, e := range f.Observed {
		known := f.Source.Fields(e)
		found, _, err := f.Source.Read(t.Context(), e, n.Told[e])
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range found {
			for name, v := range r.Fields {
				field, ok := known[name]
				if !ok {
					t.Fatalf("%s: field %s is not described", r.Name(), name)
				}
				if !v.Empty() && v.Kind != field.Kind {
					t.Fatalf("%s: field %s is of kind %d, described as %d", r.Name(), name, v.Kind, field.Kind)
				}
			}
		}
	}
	if f.Source.Fields("no-such-entity") != nil {
		t.Error("an unknown entity has fields")
	}
}

func endedContext(t *testing.T, f Fixture) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	n := NewNotes()
	if err := f.Source.Observe(ctx, n); err == nil {
		t.Error("a look with an ended context gave no error")
	}
	if len(n.Kept) > 0 && len(n.Told) == 0 {
		t.Error("notes were kept of a look that told nothing")
	}
	target, ok := f.Source.(connectors.Target)
	if !ok || f.Update == nil {
		return
	}
	look(t, f, n)
	op := f.Update(t)
	if r := target.Apply(ctx, []connectors.Op{op}); len(r) != 1 || r[0].Outcome != connectors.NotApplied {
		t.Errorf("a write with an ended context: got %+v, want NotApplied", r)
	}
}

func sweep(t *testing.T, f Fixture) {
	s := f.Source.(connectors.Sweeper)
	n := NewNotes()
	look(t, f, n)
	for _, e := range f.Swept {
		seen := map[record.Key]bool{}
		if err := s.Sweep(t.Context(), e, func(k record.Key) { seen[k] = true }); err != nil {
			t.Fatalf("%s: %v", e, err)
		}
		for _, k := range n.Told[e] {
			if !seen[k] {
				t.Errorf("%s %s is told by a look and missing in the complete list", e, k)
			}
		}
	}
	mend := f.Break(t)
	defer mend()
	if err := s.Sweep(t.Context(), f.Swept[0], func(record.Key) {}); err == nil {
		t.Error("a list of an unreachable product counts as complete")
	}
}

func closeTwice(t *testing.T, f Fixture) {
	for range 2 {
		if err := f.Source.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
}
