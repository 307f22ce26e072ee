package connectortest

import (
	"testing"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// deleting looks, and gives the deletion of the record of e on what it shows.
func deleting(t *testing.T, f Fixture, e record.Entity) connectors.Op {
	t.Helper()
	look(t, f, NewNotes())
	key := f.Delete(t, e)
	found, later, err := f.Source.Read(t.Context(), e, []record.Key{key})
	if err != nil || len(found) != 1 || len(later) > 0 {
		t.Fatalf("%s: read what is to be deleted: %d records, %d later, %v", e, len(found), len(later), err)
	}
	seen := record.Fields{}
	for name := range f.Source.Fields(e) { // also what is empty
		seen[name] = found[0].Fields[name]
	}
	return connectors.Op{ID: "delete-" + string(e), Kind: connectors.Delete, Entity: e, Key: key, Seen: seen}
}

// send writes once, as the engine does.
func send(t *testing.T, f Fixture, op connectors.Op) connectors.Result {
	t.Helper()
	if p, ok := f.Source.(connectors.Resolver); ok {
		token, err := p.Prepare(t.Context(), op)
		if err != nil {
			t.Fatalf("prepare: %v", err)
		}
		op.Token = token
	}
	r := f.Source.(connectors.Target).Apply(t.Context(), []connectors.Op{op})
	if len(r) != 1 {
		t.Fatalf("%d results for one write", len(r))
	}
	f.settle(t)
	return r[0]
}

// shown says whether a side shows a record.
func shown(t *testing.T, f Fixture, op connectors.Op) bool {
	t.Helper()
	found, later, err := f.Source.Read(t.Context(), op.Entity, []record.Key{op.Key})
	if err != nil || len(later) > 0 {
		t.Fatalf("%s: read: %d later, %v", op.Entity, len(later), err)
	}
	return len(found) > 0 && !found[0].Gone
}

// isDeleted holds that a deletion was done and its record is not shown any more.
func isDeleted(t *testing.T, f Fixture, op connectors.Op, r connectors.Result) {
	t.Helper()
	if r.Outcome != connectors.Applied || r.Key != "" && r.Key != op.Key {
		t.Errorf("delete %s: got %+v, want Applied", op.Entity, r)
	}
	if shown(t, f, op) {
		t.Errorf("%s was deleted and is shown", op.Entity)
	}
}

func deletedTwice(t *testing.T, f Fixture) {
	for _, e := range f.Observed {
		op := deleting(t, f, e)
		isDeleted(t, f, op, send(t, f, op))
		isDeleted(t, f, op, send(t, f, op)) // gone already
	}
}

func deleteWithoutAnswer(t *testing.T, f Fixture) {
	for _, e := range f.Observed {
		op := deleting(t, f, e)
		f.Lose(t, op)
		if r := send(t, f, op); r.Outcome != connectors.InDoubt && r.Outcome != connectors.ReadBack || r.Err == nil {
			t.Errorf("delete %s, and the answer is lost: got %+v, want one that says so", e, r)
		}
		isDeleted(t, f, op, send(t, f, op))
	}
}

func deleteOfChanged(t *testing.T, f Fixture) {
	for _, e := range f.Observed {
		op := deleting(t, f, e)
		if key := f.Edit(t, e); key != op.Key {
			t.Fatalf("%s: edited %s, want %s", e, key, op.Key)
		}
		r := send(t, f, op)
		if r.Outcome != connectors.NotApplied || connectors.KindOf(r.Err) != connectors.Busy {
			t.Errorf("delete %s, changed since: got %+v, want NotApplied and Busy", e, r)
		}
		if !shown(t, f, op) {
			t.Errorf("%s was changed since it was seen, and is deleted", e)
		}
	}
}

func deleteUnreachable(t *testing.T, f Fixture) {
	op := deleting(t, f, f.Observed[0])
	mend := f.Break(t)
	r := f.Source.(connectors.Target).Apply(t.Context(), []connectors.Op{op})
	mend()
	if len(r) != 1 || r[0].Outcome == connectors.Applied {
		t.Errorf("delete %s of an unreachable product: got %+v", op.Entity, r)
	}
	if !shown(t, f, op) {
		t.Errorf("%s is deleted by a call that did not arrive", op.Entity)
	}
}
