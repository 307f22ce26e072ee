// Package store keeps what a job knows: links and what they last agreed on, intents, the waiting list, the
// journal (State, the truth), and the notes of the connectors with the records they found changed (Cache,
// rebuildable). Both are files of their own; a lost cache costs one complete look.
package store

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
)

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

// State is the truth of one job.
type State struct {
	kv    KV
	Seed  uint64  // of all digests in this state
	aside bool    // shows the map that grows aside
	waits *uint64 // how often a waiting list changed, in either map
}

// Open opens the state of a job. device and job name the owner; neither holds a slash. A state that can't be
// used here is refused with one of the kinds of ErrForeign and stays as it is. seed is used when the state is
// new.
func Open(kv KV, device, job string, seed uint64) (*State, error) {
	return openAs(kv, device, job, seed, Schema)
}

// openAs opens a state as a version of the box does.
func openAs(kv KV, device, job string, seed, version uint64) (*State, error) {
	s := &State{kv: kv, Seed: seed, waits: new(uint64)}
	var was owner
	var known bool
	err := kv.View(func(tx Tx) error {
		if was, known = ownerOf(tx); !known {
			return nil
		}
		s.Seed = was.seed
		return was.usable(device, job, version)
	})
	switch {
	case err != nil:
	case !known:
		err = kv.Update(func(tx Tx) error { return found(tx, device, job, seed, version) })
	case was.schema < version:
		err = kv.Update(func(tx Tx) error { return migrate(tx, was.schema, version) })
	}
	if err != nil {
		return nil, fmt.Errorf("open state of job %s: %w", job, err)
	}
	return s, nil
}

// Close closes the file.
func (s *State) Close() error { return s.kv.Close() }

// View reads one consistent state. Its error is one of the file, or ErrDamaged where fn came across something
// that can't be read: what fn took for missing may be there.
func (s *State) View(fn func(*Txn)) error {
	return s.kv.View(func(tx Tx) error {
		t := &Txn{tx: withMap(tx, s.aside)}
		fn(t)
		return t.err
	})
}

// Update changes the state, all or nothing. An error of fn or of any write inside ends it without a trace.
func (s *State) Update(fn func(*Txn) error) error {
	return s.kv.Update(func(tx Tx) error {
		t := &Txn{tx: withMap(tx, s.aside)}
		if err := fn(t); err != nil {
			return err
		}
		if t.waits {
			*s.waits++
		}
		return t.err
	})
}

// WaitsVersion changes with the waiting list, so that who counts it need not read it again.
func (s *State) WaitsVersion() uint64 { return *s.waits }

// Txn is one transaction on the state. A write that fails makes the whole transaction fail, and so does
// something that can't be read: taken for missing, it would be made once more.
type Txn struct {
	tx    Tx
	err   error
	waits bool // the waiting list changed
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

// unreadable notes that something in a bucket can't be read.
func (t *Txn) unreadable(bucket string, key []byte, cause error) {
	if t.err == nil {
		t.err = fmt.Errorf("%w: %s %x: %w", ErrDamaged, bucket, key, cause)
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

func (t *Txn) setUint(key string, n uint64) {
	if err := putUint(t.tx, key, n); err != nil && t.err == nil {
		t.err = err
	}
}

// Next gives the next number of a named counter, from 1.
func (t *Txn) Next(counter string) uint64 {
	n := getUint(t.tx, "next-"+counter) + 1
	t.setUint("next-"+counter, n)
	return n
}

// Last gives the number that was given last of a named counter, 0 before the first.
func (t *Txn) Last(counter string) uint64 { return getUint(t.tx, "next-"+counter) }

// skip leaves out so many numbers of a counter.
func (t *Txn) skip(counter string, n uint64) {
	t.setUint("next-"+counter, getUint(t.tx, "next-"+counter)+n)
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

func recordKey(e record.Entity, k record.Key) []byte {
	b := append(make([]byte, 0, len(e)+1+len(k)), e...)
	return append(append(b, 0), k...)
}

// Intent is the durable record of one write that is about to be sent. Values are kept only where the
// target resolves a half-done write by them; elsewhere their digests are enough.
type Intent struct {
	Link plan.LinkID
	Side connectors.Side
	Op   connectors.Op
	// Sent are the digests of the values by field code, plan.OwnedFields included.
	Sent map[uint16]uint64
	// SentWith are those of the record in Op.With, by the codes of its own entity.
	SentWith map[uint16]uint64 `json:",omitempty"`
	// With is the other side's record whose values Op.With carries.
	With record.Key `json:",omitempty"`
	// Seq orders all sendings.
	Seq uint64
	At  time.Time
	// Until is when the write can't be applied late any more, in the job's own time; zero while it is on its way.
	Until time.Time `json:",omitzero"`
	// Refused says that its target can't end the write, but a person may: nothing asks for its outcome any more, and
	// what it carried is known where the record shows up.
	Refused bool `json:",omitempty"`
	// Settles says that a record of the CRM which takes over belongs to the one that was known to have the ERP key by then.
	Settles bool `json:",omitempty"`
}

// Intent gives the open intent of a link.
func (t *Txn) Intent(id plan.LinkID) (Intent, bool) {
	return getJSON[Intent](t, bucketIntent, linkKey(id))
}

// PutIntent keeps the one intent of its link.
func (t *Txn) PutIntent(in Intent) { t.putJSON(bucketIntent, linkKey(in.Link), in) }

// DeleteIntent ends an intent.
func (t *Txn) DeleteIntent(id plan.LinkID) { t.delete(bucketIntent, linkKey(id)) }

// Intents gives all open intents in link order.
func (t *Txn) Intents() []Intent {
	var all []Intent
	t.tx.Scan(bucketIntent, nil, func(k, v []byte) bool {
		var in Intent
		if t.readJSON(bucketIntent, k, v, &in) {
			all = append(all, in)
		}
		return true
	})
	return all
}

// getJSON reads a value; mostly there is none, which costs next to nothing.
func getJSON[T any](t *Txn, bucket string, key []byte) (v T, ok bool) {
	b := t.tx.Get(bucket, key)
	if b == nil {
		return v, false
	}
	read := new(T)
	ok = t.readJSON(bucket, key, b, read)
	return *read, ok
}

func (t *Txn) readJSON(bucket string, key, value []byte, v any) bool {
	err := json.Unmarshal(value, v)
	if err != nil {
		t.unreadable(bucket, key, err)
	}
	return err == nil
}
