package store

import (
	"bytes"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// bucketExempt has under a side and a record's key there what a person said of it. A record with two keys stands under both.
const bucketExempt = "exempt"

// Mark is a person's word that a record is left out. The two exclude each other.
type Mark string

// The marks.
const (
	Never       Mark = "never"         // until the person says otherwise
	NotThisTime Mark = "not-this-time" // until the next run has ended in success
)

// Exemption is a record that a person left out: nothing is written of it to either side.
type Exemption struct {
	Entity   record.Entity
	ERP, CRM record.Key `json:",omitempty"` // as far as they were known
	Mark     Mark
	At       time.Time // by the clock of the box
	// Seq orders all marks: a run ends those that were there when it began.
	Seq uint64
}

func exemptKey(e record.Entity, side connectors.Side, key record.Key) []byte {
	return Dirty{Entity: e, Side: side, Key: key}.key()
}

// Exempt says whether a person left out the record that has one of two keys; empty ones are none.
func (t *Txn) Exempt(e record.Entity, erp, crm record.Key) (x Exemption, ok bool) {
	for side, key := range [...]record.Key{erp, crm} {
		if key != "" && !ok {
			x, ok = getJSON[Exemption](t, bucketExempt, exemptKey(e, connectors.Side(side), key))
		}
	}
	return x, ok
}

// PutExempt keeps what a person said of a record, instead of anything said before.
func (t *Txn) PutExempt(x Exemption) {
	t.DeleteExempt(x)
	t.waits = true // what waits of it is counted no more
	for side, key := range [...]record.Key{x.ERP, x.CRM} {
		if key != "" {
			t.putJSON(bucketExempt, exemptKey(x.Entity, connectors.Side(side), key), x)
		}
	}
}

// DeleteExempt forgets what a person said of a record, under all keys that were known of it.
func (t *Txn) DeleteExempt(x Exemption) {
	for side, key := range [...]record.Key{x.ERP, x.CRM} {
		if key == "" {
			continue
		}
		name := exemptKey(x.Entity, connectors.Side(side), key)
		old, ok := getJSON[Exemption](t, bucketExempt, name)
		if !ok {
			continue
		}
		t.waits = true
		t.delete(bucketExempt, name)
		for side, key := range [...]record.Key{old.ERP, old.CRM} {
			if key != "" {
				t.delete(bucketExempt, exemptKey(x.Entity, connectors.Side(side), key))
			}
		}
	}
}

// Exemptions calls fn for every record that a person left out, once each, in the order of their keys, until it returns
// false. fn must not change them.
func (t *Txn) Exemptions(fn func(Exemption) bool) {
	t.tx.Scan(bucketExempt, nil, func(k, v []byte) bool {
		var x Exemption
		if !t.readJSON(bucketExempt, k, v, &x) {
			return true
		}
		if x.ERP != "" && !bytes.Equal(k, exemptKey(x.Entity, connectors.ERP, x.ERP)) {
			return true // its other key
		}
		return fn(x)
	})
}

// AnyExempt says whether a person left any record out.
func (t *Txn) AnyExempt() (is bool) {
	t.tx.Scan(bucketExempt, nil, func(_, _ []byte) bool { is = true; return false })
	return is
}
