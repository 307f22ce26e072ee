package store

import (
	"encoding/binary"
	"encoding/json"
	"time"

	"syncbox/connectors/record"
)

// Severity says how loud an event is.
type Severity string

// The severities.
const (
	Info    Severity = "info"
	Warning Severity = "warning"
	Problem Severity = "problem"
)

// Direction is the way a change goes, in the words of the status lines; empty for both.
type Direction string

// The directions.
const (
	ToCRM Direction = "erp-crm"
	ToERP Direction = "crm-erp"
)

// Event is one line of the journal: a message by its code and what fills its gaps, rendered in the
// reader's language. Values of a conflict are part of it; it never leaves the box as a log.
type Event struct {
	Seq       uint64
	At        time.Time
	Severity  Severity
	Code      string
	Direction Direction         `json:",omitempty"`
	Entity    record.Entity     `json:",omitempty"`
	ERP       record.Key        `json:",omitempty"`
	CRM       record.Key        `json:",omitempty"`
	Args      map[string]string `json:",omitempty"`
}

// JournalBytes is how much the journal may hold; the oldest events make room.
const JournalBytes = 8 << 20

// Journal appends an event in the transaction of its effect. Sequence numbers have no gap.
func (t *Txn) Journal(e Event) {
	e.Seq = t.Next("event")
	b, err := json.Marshal(e)
	if err != nil {
		panic(err) // our own type
	}
	t.put(bucketJournal, binary.BigEndian.AppendUint64(nil, e.Seq), b)
	size := getUint(t.tx, "journal-bytes") + uint64(len(b))
	for size > JournalBytes {
		freed := t.dropOldest()
		if freed == 0 {
			break
		}
		size -= min(freed, size)
	}
	if err := putUint(t.tx, "journal-bytes", size); err != nil && t.err == nil {
		t.err = err
	}
}

func (t *Txn) dropOldest() uint64 {
	var key []byte
	var n int
	t.tx.Scan(bucketJournal, nil, func(k, v []byte) bool {
		key, n = append(key, k...), len(v)
		return false
	})
	if key != nil {
		t.delete(bucketJournal, key)
	}
	return uint64(n)
}

// Events calls fn for the events from sequence number from on, oldest first, until it returns false.
func (t *Txn) Events(from uint64, fn func(Event) bool) {
	t.tx.Scan(bucketJournal, binary.BigEndian.AppendUint64(nil, from), func(k, v []byte) bool {
		var e Event
		return !t.readJSON(bucketJournal, k, v, &e) || fn(e)
	})
}

// LastEvent gives the number of the newest event, 0 if there is none.
func (t *Txn) LastEvent() uint64 { return getUint(t.tx, "next-event") }
