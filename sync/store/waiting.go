package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
)

// WaitKind says what a record waits for.
type WaitKind string

// The kinds of waiting.
const (
	Quarantine WaitKind = "quarantine" // refused, or can't be read as it is: tried again by itself
	Reference  WaitKind = "reference"  // another record must be there first
	HandedOff  WaitKind = "handoff"    // a person keys it into the ERP
	Refused    WaitKind = "refused"    // a value that the other side can't hold
	Conflicted WaitKind = "conflict"   // both sides changed a field and a person is to choose
	Difference WaitKind = "difference" // an edit of the CRM that the profile leaves standing
	Deleted    WaitKind = "deleted"    // deleted in the CRM: create it again?
	Identity   WaitKind = "identity"   // an ERP key that may belong to another record now
	Brake      WaitKind = "brake"      // too many changes of an entity at once; Link is 0
	Held       WaitKind = "hold"       // everything waits for a person; Link is 0
)

// NeedsPerson says whether only a person ends this kind of waiting.
func (k WaitKind) NeedsPerson() bool {
	switch k {
	case HandedOff, Conflicted, Deleted, Identity, Brake, Held:
		return true
	}
	return false
}

// Whole says whether the record as a whole waits, for one reason at a time.
func (k WaitKind) Whole() bool {
	switch k {
	case Quarantine, Reference, Deleted, Identity:
		return true
	}
	return false
}

// Waiting is one thing that waits, and why. It is listed until its cause is gone.
type Waiting struct {
	Link   plan.LinkID
	Kind   WaitKind
	Field  string // of a single field, by the CRM's name; an entity for a Brake
	Entity record.Entity
	ERP    record.Key
	CRM    record.Key
	Code   string // health code of the reason
	Args   map[string]string
	Since  time.Time
	// Next is when it is tried again by itself; zero if only an event or a person ends it.
	Next  time.Time
	Tries int
	// On is the record that is waited for.
	On *plan.Ref `json:",omitempty"`
	// Handoff is the change a person is to key.
	Handoff *connectors.Handoff `json:",omitempty"`
	// Wanted is the digest of the handed-off or refused value, so that it is listed once.
	Wanted uint64 `json:",omitempty"`
	// Candidates are the records of the CRM that may be this one of the ERP.
	Candidates []record.Key `json:",omitempty"`
	// ERPValue and CRMValue are the two values of a conflict or difference.
	ERPValue record.Value `json:",omitzero"`
	CRMValue record.Value `json:",omitzero"`
}

// Name is the waiting's stable name for commands: "12/conflict/Name".
func (w Waiting) Name() string { return fmt.Sprintf("%d/%s/%s", w.Link, w.Kind, w.Field) }

// ParseWaiting takes the name of a waiting apart.
func ParseWaiting(name string) (id plan.LinkID, kind WaitKind, field string, ok bool) {
	parts := strings.SplitN(name, "/", 3)
	if len(parts) != 3 {
		return 0, "", "", false
	}
	n, err := strconv.ParseUint(parts[0], 10, 64)
	return plan.LinkID(n), WaitKind(parts[1]), parts[2], err == nil
}

// Shown is a digest of what a person is shown of it before an answer: who was shown something else has not answered this.
// When it is tried again, and how often it was, does not count.
func (w Waiting) Shown() string {
	w.Since, w.Next, w.Tries, w.On = time.Time{}, time.Time{}, 0, nil
	if len(w.Candidates) > 0 {
		w.CRM = "" // one of them, in an answer
	}
	if w.Handoff != nil {
		h := *w.Handoff
		h.At = time.Time{}
		w.Handoff = &h
	}
	b, err := json.Marshal(w)
	if err != nil {
		panic(err) // our own type
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:12])
}

func (w *Waiting) key() []byte { return waitingKey(w.Link, w.Kind, w.Field) }

func waitingKey(id plan.LinkID, kind WaitKind, field string) []byte {
	b := binary.BigEndian.AppendUint64(make([]byte, 0, 8+len(kind)+1+len(field)), uint64(id))
	return append(append(append(b, kind...), '/'), field...)
}

func refKey(ref plan.Ref, key []byte) []byte {
	return append(append(recordKey(ref.Entity, ref.ERP), 0), key...)
}

// Waiting gives one waiting of a link.
func (t *Txn) Waiting(id plan.LinkID, kind WaitKind, field string) (Waiting, bool) {
	return getJSON[Waiting](t, bucketWaiting, waitingKey(id, kind, field))
}

// PutWaiting lists something that waits, or renews it; it keeps the time since when it has been listed.
func (t *Txn) PutWaiting(w Waiting) {
	if old, ok := t.Waiting(w.Link, w.Kind, w.Field); ok {
		w.Since = old.Since
		t.unblock(old)
	}
	t.waits = true
	t.putJSON(bucketWaiting, w.key(), w)
	if w.On != nil {
		t.put(bucketBlocked, refKey(*w.On, w.key()), []byte{})
	}
}

func (t *Txn) unblock(w Waiting) {
	if w.On != nil {
		t.delete(bucketBlocked, refKey(*w.On, w.key()))
	}
}

// DeleteWaiting takes something off the list; it is no error if it is not there.
func (t *Txn) DeleteWaiting(w Waiting) {
	if old, ok := t.Waiting(w.Link, w.Kind, w.Field); ok {
		t.waits = true
		t.unblock(old)
		t.delete(bucketWaiting, w.key())
	}
}

// WaitingOf gives all that waits for a link.
func (t *Txn) WaitingOf(id plan.LinkID) []Waiting {
	var all []Waiting
	scanPrefix(t.tx, bucketWaiting, linkKey(id), func(k, v []byte) bool {
		var w Waiting
		if t.readJSON(bucketWaiting, k, v, &w) {
			all = append(all, w)
		}
		return true
	})
	return all
}

// AllWaiting calls fn for everything that waits, in link order, until it returns false.
func (t *Txn) AllWaiting(fn func(Waiting) bool) {
	t.tx.Scan(bucketWaiting, nil, func(k, v []byte) bool {
		var w Waiting
		return !t.readJSON(bucketWaiting, k, v, &w) || fn(w)
	})
}

// WaitingAfter calls fn for what waits in one of some ways, in link order, until it returns false: for what comes behind a
// name, whether that still waits or not, or from the first on where the name is empty.
func (t *Txn) WaitingAfter(name string, kinds []WaitKind, fn func(Waiting) bool) {
	var from []byte
	if id, kind, field, ok := ParseWaiting(name); ok {
		from = append(waitingKey(id, kind, field), 0)
	}
	t.tx.Scan(bucketWaiting, from, func(k, v []byte) bool {
		if !slices.Contains(kinds, kindIn(k)) {
			return true
		}
		var w Waiting
		return !t.readJSON(bucketWaiting, k, v, &w) || fn(w)
	})
}

// kindIn gives the kind that stands in the key of a waiting.
func kindIn(key []byte) WaitKind {
	kind, _, _ := bytes.Cut(key[min(len(key), 8):], []byte{'/'})
	return WaitKind(kind)
}

// BlockedOn gives what waits for a record of the ERP.
func (t *Txn) BlockedOn(ref plan.Ref) []Waiting {
	prefix := refKey(ref, nil)
	var all []Waiting
	scanPrefix(t.tx, bucketBlocked, prefix, func(k, _ []byte) bool {
		if w, ok := getJSON[Waiting](t, bucketWaiting, bytes.TrimPrefix(k, prefix)); ok {
			all = append(all, w)
		}
		return true
	})
	return all
}
