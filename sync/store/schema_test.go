package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
)

// at gives an instant of the fixture's day.
func at(minutes int) time.Time {
	return time.Date(2026, 11, 20, 8, minutes, 0, 0, time.UTC)
}

// writeSchema1 makes a state as version 1 wrote it: its head, without a word of who can read it, links with a
// doubt and an intent in the time of day, something that waits, and a journal. No seal was known then.
func writeSchema1(t testing.TB, path string) {
	t.Helper()
	db, err := bolt.Open(path, 0o600, nil)
	must(t, err)
	must(t, db.Update(func(btx *bolt.Tx) error {
		tx := &boltTx{tx: btx}
		must(t, errors.Join(tx.Put(bucketMeta, []byte("owner"), []byte("box/job")), putUint(tx, "schema", 1), putUint(tx, "seed", 42)))
		s := &Txn{tx: tx}
		for n := range 50 {
			l := plan.Link{Entity: record.Account, ERP: record.Key(fmt.Sprint("e", n)), CRM: record.Key(fmt.Sprint("c", n)), State: plan.Linked, Since: at(n).Unix(),
				Base: plan.Base{Known: true, Owned: uint64(n), Each: map[uint16]uint64{1: 2}}}
			if n == 7 {
				l.Doubts = []plan.Doubt{{Field: 1, Side: connectors.CRM, Digest: 5, Seq: 3, Until: at(52)}}
			}
			s.PutLink(&l)
			s.Journal(Event{At: at(n), Severity: Info, Code: "record-created", Entity: record.Account, ERP: l.ERP})
		}
		s.PutIntent(Intent{Link: 8, Side: connectors.CRM, Op: connectors.Op{ID: "box-8-3", Kind: connectors.Update, Key: "c7"}, Seq: 3, At: at(50), Until: at(52)})
		s.PutIntent(Intent{Link: 9, Side: connectors.CRM, Op: connectors.Op{ID: "box-9-2", Kind: connectors.Update, Key: "c8"}, Seq: 2, At: at(48), Until: at(50)})
		s.PutWaiting(Waiting{Link: 3, Kind: Quarantine, Entity: record.Account, ERP: "e2", Code: "crm-record-refused", Since: at(30)})
		s.Set("stopped", "yes")
		return s.err
	}))
	must(t, db.Close())
}

func TestMigrationFromSchema1(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	writeSchema1(t, path)
	kv, err := OpenBolt(path)
	must(t, err)
	before := contentOf(t, kv)
	s, err := Open(kv, "box", "job", 7)
	must(t, err)
	if s.Seed != 42 {
		t.Errorf("got seed %d", s.Seed)
	}
	must(t, s.Check())
	must(t, s.View(func(tx *Txn) {
		if got := tx.Steady(); !got.Equal(at(50)) {
			t.Errorf("its own time begins at %v, want the last that was noted, %v", got, at(50))
		}
		l, _ := tx.Get(8)
		if in, ok := tx.Intent(8); !ok || !in.Until.After(tx.Steady()) || !l.Doubts[0].Until.After(tx.Steady()) {
			t.Errorf("what may still arrive late: intent %+v, link %+v, at %v", in, l, tx.Steady())
		}
	}))
	after := contentOf(t, kv)
	for _, key := range []string{"schema", "readable", "steady"} {
		delete(after, bucketMeta+"\x00"+key)
		delete(before, bucketMeta+"\x00"+key)
	}
	if !same(before, after) {
		t.Error("the migration changed more than it should")
	}
	must(t, s.Close())
	kv, err = OpenBolt(path)
	must(t, err)
	again, err := Open(kv, "box", "job", 7)
	must(t, err)
	must(t, again.View(func(tx *Txn) {
		if o, _ := ownerOf(tx.tx); o.schema != 2 || o.readable != 1 || !tx.Steady().Equal(at(50)) {
			t.Errorf("got %+v, %v", o, tx.Steady())
		}
	}))
	must(t, again.Close())
}

// TestEmptySchema1 migrates a state in which nothing ever happened: its own time begins with the first run.
func TestEmptySchema1(t *testing.T) {
	kv := newMemKV()
	must(t, kv.Update(func(tx Tx) error {
		return errors.Join(tx.Put(bucketMeta, []byte("owner"), []byte("box/job")), putUint(tx, "schema", 1), putUint(tx, "seed", 42))
	}))
	s, err := Open(kv, "box", "job", 7)
	must(t, err)
	must(t, s.View(func(tx *Txn) {
		if got := tx.Steady(); !got.IsZero() {
			t.Errorf("got %v", got)
		}
	}))
}

// TestTheOtherSlotCanReadIt opens what this version wrote by the rules of version 1, as a box does that goes
// back to its other slot, works with it, and comes back.
func TestTheOtherSlotCanReadIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	kv, err := OpenBolt(path)
	must(t, err)
	s, err := Open(kv, "box", "job", 7)
	must(t, err)
	l := plan.Link{Entity: record.Account, ERP: "1", CRM: "2", State: plan.Linked}
	must(t, s.Update(func(tx *Txn) error {
		tx.PutLink(&l)
		tx.SetSteady(at(1))
		tx.PutRepair(Repair{Level: 1, Phase: RepairPreview})
		return nil
	}))
	must(t, s.Close())

	db, err := bolt.Open(path, 0o600, nil) // version 1 knew no seal
	must(t, err)
	must(t, db.Update(func(btx *bolt.Tx) error {
		tx := &boltTx{tx: btx}
		o, _ := ownerOf(tx)
		if err := o.usable("box", "job", 1); err != nil {
			t.Errorf("version 1: %v", err)
		}
		s := &Txn{tx: tx}
		if got, ok := s.Find(connectors.ERP, record.Account, "1"); !ok || got.CRM != "2" {
			t.Errorf("got %+v, %v", got, ok)
		}
		next := plan.Link{Entity: record.Account, ERP: "3", State: plan.Fresh}
		s.PutLink(&next)
		s.Journal(Event{Code: "record-created"})
		return s.err
	}))
	must(t, db.Close())

	kv, err = OpenBolt(path)
	must(t, err)
	s, err = Open(kv, "box", "job", 7)
	must(t, err)
	must(t, s.Check())
	must(t, s.Update(func(tx *Txn) error {
		if _, ok := tx.Find(connectors.ERP, record.Account, "3"); !ok || !tx.Steady().Equal(at(1)) {
			t.Errorf("back again: found %v, steady %v", ok, tx.Steady())
		}
		tx.SetSteady(at(2))
		return nil
	}))
	must(t, s.Close())
	f, err := os.Open(path)
	must(t, err)
	defer f.Close()
	if shape, err := verifyForUse(f); err != nil || shape.seal.txid != shape.txid {
		t.Errorf("not sealed again: %v, %+v", err, shape)
	}
}

// TestNewerStates opens what later versions may have written.
func TestNewerStates(t *testing.T) {
	for _, row := range []struct {
		name             string
		schema, readable uint64
		want             error
	}{
		{"this version can read it", Schema + 1, Schema, nil},
		{"an older one can, too", Schema + 5, 1, nil},
		{"this version can't", Schema + 1, Schema + 1, ErrNewer},
		{"it does not say", Schema + 1, 0, ErrNewer},
	} {
		t.Run(row.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "state.db")
			kv, err := OpenBolt(path)
			must(t, err)
			_, err = Open(kv, "box", "job", 7)
			must(t, err)
			must(t, kv.Update(func(tx Tx) error {
				return errors.Join(putUint(tx, "schema", row.schema), putUint(tx, "readable", row.readable))
			}))
			must(t, kv.Close())
			before, err := os.ReadFile(path)
			must(t, err)
			f, err := OpenJob(filepath.Dir(path), "box", "job", 8, at(0))
			if !errors.Is(err, row.want) || (row.want != nil) != (Code(err) == "state-newer") {
				t.Errorf("got %v, code %s", err, Code(err))
			}
			if err == nil {
				must(t, f.State.View(func(tx *Txn) {
					if o, _ := ownerOf(tx.tx); o.schema != row.schema {
						t.Errorf("the schema became %d", o.schema)
					}
				}))
				must(t, f.Close())
			} else if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
				t.Errorf("the file was touched, %v", err)
			}
		})
	}
}
