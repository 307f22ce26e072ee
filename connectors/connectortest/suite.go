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
	// Settle is called between a write and a read, where the product needs a new look first.
	Settle func(t *testing.T)
}

// Run checks the contract. make gives a fresh fixture for every part.
func Run(t *testing.T, make func(t *testing.T) Fixture) {
	parts := []struct {
		name string
		test func(*testing.T, Fixture)
	}{
		{"FirstLookTellsEveryRecord", firstLook}, {"EditIsTold", editIsTold}, {"WhatWasNotCommittedIsToldAgain", uncommitted},
		{"UnreachableLosesNothing", unreachable}, {"ReadLeavesUnknownKeysOut", unknownKeys}, {"FieldsAreDescribed", fieldsDescribed},
		{"EndedContext", endedContext}, {"SweepIsComplete", sweep}, {"CreateOnce", createOnce}, {"UpdateIsRead", updateIsRead},
		{"UpdateOfNothingIsRefused", updateOfNothing}, {"CloseTwice", closeTwice},
	}
	for _, p := range parts {
		t.Run(p.name, func(t *testing.T) {
			f := make(t)
			t.Cleanup(func() { _ = f.Source.Close() })
			p.test(t, f)
		})
	}
}

// Notes are the notes and the findings of looks, in memory.
type Notes struct {
	Kept, Marks map[string][]byte
	Told        map[record.Entity][]record.Key
	Skipped     map[record.Entity]error
	CommitErr   error // what Commit answers instead of committing

	notes, marks map[string][]byte
	told         map[record.Entity][]record.Key
}

var _ connectors.Observation = (*Notes)(nil)

// NewNotes gives notes of nothing.
func NewNotes() *Notes {
	n := &Notes{Kept: map[string][]byte{}, Marks: map[string][]byte{}}
	n.Begin()
	return n
}

// Begin forgets what was told and what was not committed, as the start of another look does.
func (n *Notes) Begin() {
	n.Told, n.Skipped = map[record.Entity][]record.Key{}, map[record.Entity]error{}
	n.drop()
}

func (n *Notes) drop() {
	n.notes, n.marks, n.told = map[string][]byte{}, map[string][]byte{}, map[record.Entity][]record.Key{}
}

// Get gives a note.
func (n *Notes) Get(key string) []byte {
	if v, ok := n.notes[key]; ok {
		return v
	}
	return n.Kept[key]
}

// Put keeps a note until Commit.
func (n *Notes) Put(key string, value []byte) { n.notes[key] = slices.Clone(value) }

// Mark gives a durable note.
func (n *Notes) Mark(key string) []byte {
	if v, ok := n.marks[key]; ok {
		return v
	}
	return n.Marks[key]
}

// SetMark keeps a durable note until Commit.
func (n *Notes) SetMark(key string, value []byte) { n.marks[key] = slices.Clone(value) }

// Changed notes what was told.
func (n *Notes) Changed(e record.Entity, key record.Key, _ *record.Record) {
	n.told[e] = append(n.told[e], key)
}

// Skip notes what could not be looked at.
func (n *Notes) Skip(e record.Entity, err error) { n.Skipped[e] = err }

// Progress does nothing.
func (n *Notes) Progress(int64, int64) {}

// Commit keeps everything, or fails as the test wants.
func (n *Notes) Commit() error {
	if n.CommitErr != nil {
		return n.CommitErr
	}
	for k, v := range n.notes {
		n.Kept[k] = v
		if v == nil {
			delete(n.Kept, k)
		}
	}
	for k, v := range n.marks {
		n.Marks[k] = v
	}
	for e, keys := range n.told {
		n.Told[e] = append(n.Told[e], keys...)
	}
	n.drop()
	return nil
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
	s, ok := f.Source.(connectors.Sweeper)
	if !ok {
		t.Skip("the product's keys can't be listed")
	}
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

func createOnce(t *testing.T, f Fixture) {
	target, ok := f.Source.(connectors.Target)
	if !ok || f.Create == nil {
		t.Skip("nothing is created in this product")
	}
	look(t, f, NewNotes())
	op := f.Create(t, 1)
	var keys []record.Key
	for range 2 {
		r := target.Apply(t.Context(), []connectors.Op{op})
		if len(r) != 1 {
			t.Fatalf("%d results for one write", len(r))
		}
		if r[0].Outcome == connectors.Applied {
			keys = append(keys, r[0].Key)
		}
		f.settle(t)
		if !target.Traits().Upsert {
			break
		}
	}
	if len(keys) == 0 || keys[0] == "" || keys[0] != keys[len(keys)-1] {
		t.Fatalf("the same create twice: got keys %v", keys)
	}
	found, _, err := f.Source.Read(t.Context(), op.Entity, keys[:1])
	if err != nil || len(found) != 1 {
		t.Fatalf("read what was created: %d records, %v", len(found), err)
	}
	shows(t, found[0], op.Fields)
}

func (f Fixture) settle(t *testing.T) {
	if f.Settle != nil {
		f.Settle(t)
	}
}

// shows checks that a record has the values that were written.
func shows(t *testing.T, r record.Record, want record.Fields) {
	t.Helper()
	for name, v := range want {
		if got := r.Fields[name]; !got.Equal(v) {
			t.Errorf("%s: %s: got %+v, want %+v", r.Name(), name, got, v)
		}
	}
}

func updateIsRead(t *testing.T, f Fixture) {
	target, ok := f.Source.(connectors.Target)
	if !ok || f.Update == nil {
		t.Skip("nothing is changed in this product")
	}
	look(t, f, NewNotes())
	op := f.Update(t)
	if p, ok := f.Source.(connectors.Resolver); ok {
		token, err := p.Prepare(t.Context(), op)
		if err != nil {
			t.Fatalf("prepare: %v", err)
		}
		op.Token = token
	}
	r := target.Apply(t.Context(), []connectors.Op{op})
	if len(r) != 1 || r[0].Outcome != connectors.Applied || r[0].Key != op.Key {
		t.Fatalf("update: got %+v", r)
	}
	f.settle(t)
	found, _, err := f.Source.Read(t.Context(), op.Entity, []record.Key{op.Key})
	if err != nil || len(found) != 1 {
		t.Fatalf("read what was updated: %d records, %v", len(found), err)
	}
	shows(t, found[0], op.Fields)
}

func updateOfNothing(t *testing.T, f Fixture) {
	target, ok := f.Source.(connectors.Target)
	if !ok || f.Update == nil {
		t.Skip("nothing is changed in this product")
	}
	look(t, f, NewNotes())
	op := f.Update(t)
	op.Key = "999999999"
	var r connectors.Result
	if p, ok := f.Source.(connectors.Resolver); ok {
		token, err := p.Prepare(t.Context(), op)
		if err != nil {
			return // refused before anything was sent
		}
		op.Token = token
	}
	r = target.Apply(t.Context(), []connectors.Op{op})[0]
	if r.Outcome != connectors.NotApplied || connectors.KindOf(r.Err) != connectors.Rejected {
		t.Errorf("update of a record that is not there: got %+v, want NotApplied and Rejected", r)
	}
}

func closeTwice(t *testing.T, f Fixture) {
	for range 2 {
		if err := f.Source.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
}
