package connectortest

import (
	"testing"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

func createOnce(t *testing.T, f Fixture) {
	target := f.Source.(connectors.Target)
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
	target := f.Source.(connectors.Target)
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
	target := f.Source.(connectors.Target)
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
