package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
)

// Get gives a link by its identity.
func (t *Txn) Get(id plan.LinkID) (plan.Link, bool) {
	b := t.tx.Get(bucketLink, linkKey(id))
	if b == nil {
		return plan.Link{}, false
	}
	l, err := decodeLink(b)
	if err != nil {
		t.unreadable(bucketLink, linkKey(id), err)
		return plan.Link{}, false
	}
	l.ID = id
	return l, true
}

// Find gives the link of a record by its key on a side.
func (t *Txn) Find(side connectors.Side, e record.Entity, key record.Key) (plan.Link, bool) {
	return t.byIndex([...]string{bucketERP, bucketCRM}[side], e, string(key))
}

// FindNumber gives the link that is being born in the ERP under a business number.
func (t *Txn) FindNumber(e record.Entity, number string) (plan.Link, bool) {
	return t.byIndex(bucketNumber, e, number)
}

func (t *Txn) byIndex(bucket string, e record.Entity, key string) (plan.Link, bool) {
	b := t.tx.Get(bucket, recordKey(e, record.Key(key)))
	if len(b) != 8 {
		return plan.Link{}, false
	}
	return t.Get(plan.LinkID(binary.BigEndian.Uint64(b)))
}

// Numbers calls fn for every business number under which a record of an entity is being born in the ERP.
func (t *Txn) Numbers(e record.Entity, fn func(number string, l plan.Link)) {
	prefix := recordKey(e, "")
	scanPrefix(t.tx, bucketNumber, prefix, func(k, _ []byte) bool {
		number := string(k[len(prefix):])
		if l, ok := t.FindNumber(e, number); ok {
			fn(number, l)
		}
		return true
	})
}

// PutNumber reserves a business number for a link that is being born in the ERP.
func (t *Txn) PutNumber(e record.Entity, number string, id plan.LinkID) {
	t.put(bucketNumber, recordKey(e, record.Key(number)), linkKey(id))
}

// DeleteNumber gives a reserved number free.
func (t *Txn) DeleteNumber(e record.Entity, number string) {
	t.delete(bucketNumber, recordKey(e, record.Key(number)))
}

// ErrTaken means that a record was to belong to a second link. Nothing of the transaction was done.
var ErrTaken = errors.New("the record belongs to another link")

// PutLink keeps a link and both its indexes. A new link (ID 0) gets an identity. Keys that another live
// link holds are refused: one record of a side belongs to one link.
func (t *Txn) PutLink(l *plan.Link) {
	if l.ID == 0 {
		l.ID = plan.LinkID(t.Next("link"))
	}
	old, had := t.Get(l.ID)
	if !had {
		old.Entity = l.Entity
	}
	wasERP, isERP := old.ERP, l.ERP
	if l.State == plan.Closed {
		isERP = "" // the key lives on in another link
	}
	if had && old.State == plan.Closed {
		wasERP = ""
	}
	t.reindex(bucketERP, l, wasERP, isERP)
	t.reindex(bucketCRM, l, old.CRM, l.CRM)
	t.put(bucketLink, linkKey(l.ID), encodeLink(l))
}

// DeleteLink removes a link of which nothing is to be remembered, with its intent and all that waits for it.
func (t *Txn) DeleteLink(l plan.Link) {
	for _, item := range t.WaitingOf(l.ID) {
		t.DeleteWaiting(item)
	}
	t.DeleteIntent(l.ID)
	l.ERP, l.CRM = "", ""
	t.PutLink(&l)
	t.delete(bucketLink, linkKey(l.ID))
}

func (t *Txn) reindex(bucket string, l *plan.Link, was, is record.Key) {
	if was == is {
		return
	}
	if was != "" {
		t.delete(bucket, recordKey(l.Entity, was))
	}
	if is == "" {
		return
	}
	if other, ok := t.byIndex(bucket, l.Entity, string(is)); ok && other.ID != l.ID && t.err == nil {
		t.err = fmt.Errorf("%w: link %d: %s key of %s %s belongs to link %d", ErrTaken, l.ID, bucket, l.Entity, is, other.ID)
	}
	t.put(bucket, recordKey(l.Entity, is), linkKey(l.ID))
}

// Links calls fn for every link in order of identity until it returns false.
func (t *Txn) Links(fn func(plan.Link) bool) { t.LinksFrom(0, fn) }

// LinksFrom does so from an identity on.
func (t *Txn) LinksFrom(from plan.LinkID, fn func(plan.Link) bool) {
	t.tx.Scan(bucketLink, linkKey(from), func(k, v []byte) bool {
		l, err := decodeLink(v)
		if err != nil {
			t.unreadable(bucketLink, k, err)
			return true
		}
		l.ID = plan.LinkID(binary.BigEndian.Uint64(k))
		return fn(l)
	})
}

// CountLinked counts the live links of an entity.
func (t *Txn) CountLinked(e record.Entity) int {
	n := 0
	t.Links(func(l plan.Link) bool {
		if l.Entity == e && (l.State == plan.Linked || l.State == plan.Inactive) {
			n++
		}
		return true
	})
	return n
}

// encodeLink writes a link in a compact form: some 100 bytes without doubts.
func encodeLink(l *plan.Link) []byte {
	b := make([]byte, 0, 128)
	b = append(b, 1) // form
	for _, s := range []string{string(l.Entity), string(l.ERP), string(l.CRM), l.Incarnation} {
		b = append(binary.AppendUvarint(b, uint64(len(s))), s...)
	}
	// A version that knows nothing of the last two states takes such a link for one that was deleted in the CRM, and asks.
	state := l.State
	if state == plan.Archived || state == plan.Ended {
		state = plan.CRMGone
	}
	b = append(b, byte(state), byte(l.Born), bitIf(l.Base.Known, 1)|bitIf(l.Passing, 2)|bitIf(l.Other, 4)|
		bitIf(l.State == plan.Archived, 8)|bitIf(l.State == plan.Ended, 16))
	for _, n := range []uint64{uint64(l.Revision), uint64(l.Gone), uint64(l.Since)} {
		b = binary.AppendUvarint(b, n)
	}
	b = binary.BigEndian.AppendUint64(b, l.Base.Owned)
	b = binary.AppendUvarint(b, uint64(len(l.Base.Each)))
	for _, code := range slices.Sorted(maps.Keys(l.Base.Each)) {
		b = binary.BigEndian.AppendUint16(b, code)
		b = binary.BigEndian.AppendUint64(b, l.Base.Each[code])
	}
	b = binary.AppendUvarint(b, uint64(len(l.Doubts)))
	for _, d := range l.Doubts {
		b = append(binary.BigEndian.AppendUint16(b, d.Field), byte(d.Side))
		b = binary.BigEndian.AppendUint64(b, d.Digest)
		b = binary.AppendUvarint(b, d.Seq)
		b = binary.AppendVarint(b, d.Until.UnixMilli())
	}
	return b
}

func bitIf(set bool, bit byte) byte {
	if set {
		return bit
	}
	return 0
}

// linkReader reads what encodeLink wrote; after a short read everything is zero and bad is set.
type linkReader struct {
	b   []byte
	bad bool
}

func (r *linkReader) bytes(n uint64) []byte {
	if n > uint64(len(r.b)) {
		r.bad, r.b = true, nil
		return make([]byte, min(n, 8))
	}
	v := r.b[:n]
	r.b = r.b[n:]
	return v
}

func (r *linkReader) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *linkReader) varint() int64 {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *linkReader) text() string { return string(r.bytes(r.uvarint())) }
func (r *linkReader) u16() uint16  { return binary.BigEndian.Uint16(r.bytes(2)) }
func (r *linkReader) u64() uint64  { return binary.BigEndian.Uint64(r.bytes(8)) }
func (r *linkReader) byte() byte   { return r.bytes(1)[0] }

// count reads how many elements follow; each has at least a byte.
func (r *linkReader) count() uint64 {
	n := r.uvarint()
	if n > uint64(len(r.b)) {
		r.bad, r.b = true, nil
		return 0
	}
	return n
}

func decodeLink(b []byte) (plan.Link, error) {
	r := &linkReader{b: b}
	if form := r.byte(); form != 1 {
		return plan.Link{}, fmt.Errorf("link of unknown form %d", form)
	}
	l := plan.Link{Entity: record.Entity(r.text()), ERP: record.Key(r.text()), CRM: record.Key(r.text()), Incarnation: r.text()}
	l.State, l.Born = plan.State(r.byte()), connectors.Side(r.byte())
	if l.State > plan.Closed || l.Born > connectors.CRM {
		r.bad = true
	}
	flags := r.byte()
	l.Base.Known, l.Passing, l.Other = flags&1 != 0, flags&2 != 0, flags&4 != 0
	switch {
	case l.State != plan.CRMGone:
	case flags&8 != 0:
		l.State = plan.Archived
	case flags&16 != 0:
		l.State = plan.Ended
	}
	l.Revision, l.Gone, l.Since = int(r.uvarint()), int(r.uvarint()), int64(r.uvarint())
	l.Base.Owned = r.u64()
	if n := r.count(); n > 0 {
		l.Base.Each = make(map[uint16]uint64, n)
		for range n {
			code := r.u16()
			l.Base.Each[code] = r.u64()
		}
	}
	for range r.count() {
		d := plan.Doubt{Field: r.u16(), Side: connectors.Side(r.byte()), Digest: r.u64(), Seq: r.uvarint()}
		d.Until = time.UnixMilli(r.varint()).UTC()
		l.Doubts = append(l.Doubts, d)
	}
	if r.bad || len(r.b) > 0 {
		return plan.Link{}, fmt.Errorf("link record is cut")
	}
	return l, nil
}
