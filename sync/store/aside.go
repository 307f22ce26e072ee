package store

import (
	"syncbox/connectors/record"
	"syncbox/sync/plan"
)

// The map is what hangs on links: the links themselves, both their indexes, and what waits. There is room for
// two maps. One counts; while a resync makes the map anew, the other one grows aside, and one transaction
// lets it count.
var mapBuckets = [...]string{bucketLink, bucketERP, bucketCRM, bucketWaiting, bucketBlocked}

// secondMap is what the names of the second map's buckets end in.
const secondMap = "-2"

// keyMap says which of the two counts.
var keyMap = []byte("map")

// mapTx shows one of the two maps under the plain names of the buckets.
type mapTx struct {
	Tx
	second bool
}

// withMap gives a transaction on the map that counts, or on the one aside.
func withMap(tx Tx, aside bool) Tx {
	if second := uintOf(tx.Get(bucketMeta, keyMap)) == 1; second != aside {
		return mapTx{tx, true}
	}
	return mapTx{tx, false}
}

func (m mapTx) name(bucket string) string {
	if m.second {
		for _, b := range mapBuckets {
			if b == bucket {
				return bucket + secondMap
			}
		}
	}
	return bucket
}

func (m mapTx) Get(bucket string, key []byte) []byte { return m.Tx.Get(m.name(bucket), key) }

func (m mapTx) Put(bucket string, key, value []byte) error {
	return m.Tx.Put(m.name(bucket), key, value)
}

func (m mapTx) Delete(bucket string, key []byte) error { return m.Tx.Delete(m.name(bucket), key) }

func (m mapTx) Scan(bucket string, from []byte, fn func(key, value []byte) bool) {
	m.Tx.Scan(m.name(bucket), from, fn)
}

// Aside gives the same state with the map that grows aside in the place of the one that counts. Identities of
// links come from the same counter, so that a link may keep its own in both.
func (s *State) Aside() *State {
	aside := *s
	aside.aside = !s.aside
	return &aside
}

// Swap lets the map that grew aside count from the end of this transaction on, and shows it to the rest of it.
// What waits for no link goes along. Numbers that were kept for links which are no longer being born are free.
func (t *Txn) Swap() {
	whole := t.WaitingOf(0)
	m := t.tx.(mapTx)
	m.second = !m.second
	t.tx, t.waits = m, true
	n := uint64(0)
	if m.second {
		n = 1
	}
	if err := putUint(m.Tx, "map", n); err != nil && t.err == nil {
		t.err = err
	}
	for _, w := range whole {
		t.PutWaiting(w)
	}
	t.freeNumbers()
}

func (t *Txn) freeNumbers() {
	var free [][]byte
	t.tx.Scan(bucketNumber, nil, func(k, v []byte) bool {
		if l, ok := t.Get(plan.LinkID(uintOf(v))); !ok || l.ERP != "" {
			free = append(free, append([]byte{}, k...))
		}
		return true
	})
	for _, k := range free {
		t.delete(bucketNumber, k)
	}
}

// Other gives the other map in the same transaction, to be looked at.
func (t *Txn) Other() *Txn {
	m := t.tx.(mapTx)
	m.second = !m.second
	return &Txn{tx: m}
}

// ClearAside takes links of an entity, or of all, off the map that does not count, with all that hangs on them:
// at most n at a time. It says whether none is left.
func (s *State) ClearAside(e record.Entity, n int) (empty bool, err error) {
	err = s.Aside().Update(func(t *Txn) error {
		var some []plan.Link
		t.Links(func(l plan.Link) bool {
			if e == "" || l.Entity == e {
				some = append(some, l)
			}
			return len(some) < n
		})
		for i := range some {
			t.drop(&some[i])
		}
		if empty = len(some) < n; empty && e == "" {
			for _, w := range t.WaitingOf(0) { // stayed behind when the other map came to count
				t.DeleteWaiting(w)
			}
		}
		return nil
	})
	return empty, err
}

// drop takes a link and all that hangs on it off the map.
func (t *Txn) drop(l *plan.Link) {
	for _, w := range t.WaitingOf(l.ID) {
		t.DeleteWaiting(w)
	}
	erp := l.ERP
	if l.State == plan.Closed {
		erp = ""
	}
	t.reindex(bucketERP, l, erp, "")
	t.reindex(bucketCRM, l, l.CRM, "")
	t.delete(bucketLink, linkKey(l.ID))
}
