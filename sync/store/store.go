// Package store keeps what a job knows: links and what they last agreed on, intents, the waiting list, the
// journal (State, the truth), and the notes of the connectors with the records they found changed (Cache,
// rebuildable). Both are files of their own; a lost cache costs one complete look.
package store

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
)

// Schema is the version of the state's form. Schema-1 can be read and is migrated in one transaction.
const Schema = 1

// The buckets of the state.
const (
	bucketMeta    = "meta"
	bucketLink    = "link"    // link id → link
	bucketERP     = "erp"     // entity, ERP key → link id
	bucketCRM     = "crm"     // entity, CRM key → link id
	bucketNumber  = "number"  // entity, business number of a record being born in the ERP → link id
	bucketIntent  = "intent"  // link id → intent
	bucketWaiting = "waiting" // link id, kind, field → waiting
	bucketBlocked = "blocked" // entity and ERP key waited for, waiting's key → nothing
	bucketJournal = "journal" // sequence → event
	bucketMark    = "mark"    // a source's durable notes
)

// ErrForeign means that a state file belongs to another box, job or a newer version.
var ErrForeign = errors.New("state of another box, job or version")

// State is the truth of one job.
type State struct {
	kv    KV
	Seed  uint64 // of all digests in this state
	aside bool   // shows the map that grows aside
}

// Open opens the state of a job. device and job name the owner; a state that belongs to others is refused
// with ErrForeign and stays as it is. seed is used when the state is new.
func Open(kv KV, device, job string, seed uint64) (*State, error) {
	s := &State{kv: kv}
	owner := device + "/" + job
	err := kv.Update(func(tx Tx) error {
		if v := tx.Get(bucketMeta, []byte("owner")); v != nil {
			if string(v) != owner {
				return fmt.Errorf("%w: it is of %q", ErrForeign, v)
			}
			if got := getUint(tx, "schema"); got > Schema {
				return fmt.Errorf("%w: schema %d, this version knows %d", ErrForeign, got, Schema)
			}
			s.Seed = getUint(tx, "seed")
			return nil
		}
		s.Seed = seed
		return errors.Join(tx.Put(bucketMeta, []byte("owner"), []byte(owner)),
			putUint(tx, "schema", Schema), putUint(tx, "seed", seed))
	})
	if err != nil {
		return nil, fmt.Errorf("open state of job %s: %w", job, err)
	}
	return s, nil
}

// Close closes the file.
func (s *State) Close() error { return s.kv.Close() }

// View reads one consistent state.
func (s *State) View(fn func(*Txn)) error {
	return s.kv.View(func(tx Tx) error {
		fn(&Txn{tx: withMap(tx, s.aside)})
		return nil
	})
}

// Update changes the state, all or nothing. An error of fn or of any write inside ends it without a trace.
func (s *State) Update(fn func(*Txn) error) error {
	return s.kv.Update(func(tx Tx) error {
		t := &Txn{tx: withMap(tx, s.aside)}
		if err := fn(t); err != nil {
			return err
		}
		return t.err
	})
}

// Txn is one transaction on the state. A write that fails makes the whole transaction fail.
type Txn struct {
	tx  Tx
	err error
}

func (t *Txn) put(bucket string, key, value []byte) {
	if err := t.tx.Put(bucket, key, value); err != nil && t.err == nil {
		t.err = fmt.Errorf("write %s: %w", bucket, err)
	}
}

func (t *Txn) delete(bucket string, key []byte) {
	if err := t.tx.Delete(bucket, key); err != nil && t.err == nil {
		t.err = fmt.Errorf("delete in %s: %w", bucket, err)
	}
}

func (t *Txn) putJSON(bucket string, key []byte, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // our own types
	}
	t.put(bucket, key, b)
}

func getUint(tx Tx, key string) uint64 {
	return uintOf(tx.Get(bucketMeta, []byte(key)))
}

func uintOf(v []byte) uint64 {
	if len(v) != 8 {
		return 0
	}
	return binary.BigEndian.Uint64(v)
}

func putUint(tx Tx, key string, n uint64) error {
	return tx.Put(bucketMeta, []byte(key), binary.BigEndian.AppendUint64(nil, n))
}

// Next gives the next number of a named counter, from 1.
func (t *Txn) Next(counter string) uint64 {
	n := getUint(t.tx, "next-"+counter) + 1
	if err := putUint(t.tx, "next-"+counter, n); err != nil && t.err == nil {
		t.err = err
	}
	return n
}

// Raise lets a named counter go on from n at least.
func (t *Txn) Raise(counter string, n uint64) {
	if getUint(t.tx, "next-"+counter) >= n {
		return
	}
	if err := putUint(t.tx, "next-"+counter, n); err != nil && t.err == nil {
		t.err = err
	}
}

// Setting gives a small setting that people change while the box runs (stopped, confirmations); empty if unset.
func (t *Txn) Setting(name string) string { return string(t.tx.Get(bucketMeta, []byte("set-"+name))) }

// Set keeps a setting; an empty value removes it.
func (t *Txn) Set(name, value string) {
	if value == "" {
		t.delete(bucketMeta, []byte("set-"+name))
		return
	}
	t.put(bucketMeta, []byte("set-"+name), []byte(value))
}

// Mark gives a source's durable note.
func (t *Txn) Mark(side connectors.Side, key string) []byte {
	return t.tx.Get(bucketMark, []byte(side.String()+"/"+key))
}

// SetMark keeps a source's durable note.
func (t *Txn) SetMark(side connectors.Side, key string, value []byte) {
	t.put(bucketMark, []byte(side.String()+"/"+key), value)
}

func linkKey(id plan.LinkID) []byte { return binary.BigEndian.AppendUint64(nil, uint64(id)) }

func recordKey(e record.Entity, k record.Key) []byte { return []byte(string(e) + "\x00" + string(k)) }

// Intent is the durable record of one write that is about to be sent. Values are kept only where the
// target resolves a half-done write by them; elsewhere their digests are enough.
type Intent struct {
	Link plan.LinkID
	Side connectors.Side
	Op   connectors.Op
	// Sent are the digests of the values by field code, plan.OwnedFields included.
	Sent map[uint16]uint64
	// Seq orders all sendings.
	Seq uint64
	At  time.Time
	// Until is when the write can't be applied late any more, in the job's own time; zero while it is on its way.
	Until time.Time `json:",omitzero"`
}

// Intent gives the open intent of a link.
func (t *Txn) Intent(id plan.LinkID) (Intent, bool) {
	var in Intent
	return in, t.getJSON(bucketIntent, linkKey(id), &in)
}

// PutIntent keeps the one intent of its link.
func (t *Txn) PutIntent(in Intent) { t.putJSON(bucketIntent, linkKey(in.Link), in) }

// DeleteIntent ends an intent.
func (t *Txn) DeleteIntent(id plan.LinkID) { t.delete(bucketIntent, linkKey(id)) }

// Intents gives all open intents in link order.
func (t *Txn) Intents() []Intent {
	var all []Intent
	t.tx.Scan(bucketIntent, nil, func(_, v []byte) bool {
		var in Intent
		if json.Unmarshal(v, &in) == nil {
			all = append(all, in)
		}
		return true
	})
	return all
}

func (t *Txn) getJSON(bucket string, key []byte, v any) bool {
	b := t.tx.Get(bucket, key)
	return b != nil && json.Unmarshal(b, v) == nil
}
