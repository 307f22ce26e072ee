// Package plan decides, from what was last agreed and what both sides show now, what is to be done to one
// record. It is pure: no clock, no network, no store.
package plan

import (
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// LinkID is our own identity of a link, never given twice in a job.
type LinkID uint64

// State is how far a link has come.
//
//	Fresh ──create──▶ Creating ──found/acknowledged──▶ Linked ──gone twice in the ERP──▶ Inactive
//	                                                    │  ▲                               │
//	                            deleted in the CRM ─────┘  └──── back / re-created ────────┘
//	                                     ▼
//	                                  CRMGone            Linked ──key given to another──▶ Closed
//
// Where deletions travel, an Inactive or CRMGone link is one whose other record is to be deleted:
//
//	Inactive ──deleted in the CRM too──▶ Ended ◀──deleted in the ERP too── CRMGone ──too old──▶ Archived ──back──▶ Linked
type State uint8

// The states of a link.
const (
	Fresh    State = iota // one side only
	Creating              // a create is on its way or in doubt
	Linked                // both sides
	Inactive              // gone from the ERP, shown inactive in the CRM
	CRMGone               // deleted in the CRM: a person is asked, dependents wait
	Closed                // its ERP key was given to another record; kept so that the CRM's record is known
	Archived              // put away in the CRM; the ERP's record stays, and nothing of it is sent any more
	Ended                 // gone from both sides; kept so that what a late answer still shows is known
)

// String gives the state's name for status and journal.
func (s State) String() string {
	return [...]string{"fresh", "creating", "linked", "inactive", "crm-gone", "closed", "archived", "ended"}[s]
}

// Link binds one record's keys on both sides and remembers what they last agreed on.
type Link struct {
	ID     LinkID
	Entity record.Entity
	ERP    record.Key // empty while there is none
	CRM    record.Key
	State  State
	// Born is the side where the record appeared first.
	Born connectors.Side
	// Incarnation is the ERP's never-reused identity of the record, as last seen.
	Incarnation string
	// Revision counts how often the ERP key was given to another record or its CRM counterpart passed on.
	Revision int
	// Gone counts the looks in a row that found no live record in the ERP.
	Gone int
	// Passing: the ERP key belongs, or may belong, to another record now, or another record of the CRM is to be
	// the counterpart. Nothing that refers to the key is written before that is settled, or it would land
	// with the wrong one.
	Passing bool
	// Other: the ERP key is known to belong to another record now, with that of the record which shares it.
	Other bool
	// Since is when the link became Linked, in Unix seconds of the job's own time; 0 before.
	Since int64
	Base  Base
	// Doubts are the values whose writing has no certain outcome yet, oldest first.
	Doubts []Doubt
}

// Base is what both sides last agreed on. It holds digests, no values: telling edits apart needs no more,
// and no customer data stays on the box.
type Base struct {
	Known bool
	// Owned is the digest over all fields that only the ERP may change.
	Owned uint64
	// Each is the digest of every field that is merged or recognised one by one, by Field.Code.
	Each map[uint16]uint64
}

// Doubt is a value sent to a side without a certain outcome. It stays until no request can be applied late.
//
// As long as one of a field stays, the earlier ones do too, and so do notes of the values that a side showed or
// was given meanwhile: their order tells which of two values is the newer one. A note has no Seq.
type Doubt struct {
	Field  uint16 // Field.Code, or OwnedFields
	Side   connectors.Side
	Digest uint64
	Seq    uint64 // order of sending over all links, from 1; 0 for a note
	// Until is when a late application is excluded; zero for a note, and for a value that has arrived and
	// that only waits for the ordinary reader to show it.
	Until time.Time
}

// OwnedFields stands in Doubt.Field for all fields that only the ERP may change.
const OwnedFields uint16 = 0xffff

// WholeRecord stands in Doubt.Field for the deletion of a record: what is gone from that side may be gone by it.
const WholeRecord uint16 = 0xfffe

// At gives the base of a field and whether there is one.
func (b Base) At(code uint16) (uint64, bool) {
	d, ok := b.Each[code]
	return d, ok && b.Known
}

// undecided is set in the code under which Each has what the ERP showed of a field of which nothing is agreed, since a
// person is asked about it: the record is recognised by it all the same.
const undecided uint16 = 0x8000

// recognised gives by what of a field the record is recognised in the ERP.
func (b Base) recognised(code uint16) (uint64, bool) {
	d, ok := b.Each[code]
	if !ok {
		d, ok = b.Each[code|undecided]
	}
	return d, ok
}

// Parted says whether the record is gone from one side or both, so that nothing of it is merged.
func (r *Rules) Parted(l *Link) bool {
	switch l.State {
	case Archived, Ended:
		return true
	case CRMGone:
		return r.DeletesERP
	case Inactive:
		return r.DeletesCRM
	}
	return false
}

// Whole says whether both sides are there and nothing is open about which records they are, so that
// others may refer to them.
func (l *Link) Whole() bool {
	return (l.State == Linked || l.State == Inactive) && !l.Passing && l.ERP != "" && l.CRM != ""
}
