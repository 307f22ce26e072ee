package store

import (
	"maps"
	"slices"
	"time"

	"syncbox/connectors/record"
)

const bucketRepair = "repairs" // "now" → the resync under way

var repairKey = []byte("now")

// RepairPhase is how far a resync has come.
//
//	Preview ──counted──▶ Ready ──go──▶ Settle ──▶ Forget ──▶ Match ──swap──▶ Mark ──▶ Compare ──▶ no repair
//	   │                   │             ▲           │                        ▲
//	   └──────cancel───────┴──▶ no       │           └───────level 1──────────┘
//	                        level 2 without a look at the counts
type RepairPhase string

// The phases of a resync.
const (
	RepairPreview RepairPhase = "preview" // both sides are to be read and counted; nothing is changed
	RepairReady   RepairPhase = "ready"   // counted: a person says go or cancel
	RepairSettle  RepairPhase = "settle"  // level 2: writes without a certain outcome are settled first
	RepairForget  RepairPhase = "forget"  // the notes of both sides are dropped
	RepairMatch   RepairPhase = "match"   // level 2: both sides are read, and a new map is built aside
	RepairMark    RepairPhase = "mark"    // every link is marked for another look
	RepairCompare RepairPhase = "compare" // ordinary cycles compare and repair
)

// Repair is the resync under way, if there is one. Level 1 looks at everything again with the map as it is.
// Level 2 makes the map anew; a job whose truth was lost begins with
// Repair{Level: 2, Phase: RepairSettle, Lost: true, Asked: now} by itself.
type Repair struct {
	Level int
	Phase RepairPhase
	Asked time.Time
	// Lost: the truth was lost or is an older copy. What was sent before may still arrive, and only the keys
	// and numbers of its links are of use.
	Lost bool `json:",omitempty"`
	// Until is a time of the job's own. Settle lasts at least so long after a lost truth: then nothing sent
	// before can arrive late any more. Compare lasts so long where something is left to look at.
	Until time.Time `json:",omitzero"`
	// Cursor is how far the phase has come; its form is the phase's own.
	Cursor string `json:",omitempty"`
	// Cycles counts the complete cycles of Compare.
	Cycles int `json:",omitempty"`
	// Preview are the counts of the dry run, which a person has seen: the brakes let through what they showed.
	// Done are those of what was really done. Both are by entity.
	Preview map[record.Entity]RepairCounts `json:",omitempty"`
	Done    map[record.Entity]RepairCounts `json:",omitempty"`
}

// RepairCounts counts records of one entity: what a resync would do to them, or did. The pairs of numbers are
// towards the CRM and towards the ERP.
type RepairCounts struct {
	Create, Update [2]int
	Deactivate     int // shown as inactive in the CRM
	Conflicts      int // fields that both sides hold differently
	Ask            int // a person is asked
	Held           int // can't go on for now: quarantined, or another record is missing
	Equal          int // nothing to do

	// How level 2 found the links.
	Kept       int // as they were
	ByExternal int // by our identity in the CRM's record
	ByOld      int // by the old map alone
	ByRule     int // by a rule of the profile, or by the record that it belongs to
	Unclear    int // a person is asked which record it is
	OnlyERP    int
	OnlyCRM    int
}

// Add adds up two counts.
func (c RepairCounts) Add(d RepairCounts) RepairCounts {
	for i := range c.Create {
		c.Create[i] += d.Create[i]
		c.Update[i] += d.Update[i]
	}
	c.Deactivate += d.Deactivate
	c.Conflicts += d.Conflicts
	c.Ask += d.Ask
	c.Held += d.Held
	c.Equal += d.Equal
	c.Kept += d.Kept
	c.ByExternal += d.ByExternal
	c.ByOld += d.ByOld
	c.ByRule += d.ByRule
	c.Unclear += d.Unclear
	c.OnlyERP += d.OnlyERP
	c.OnlyCRM += d.OnlyCRM
	return c
}

// TotalOf adds up the counts of all entities.
func TotalOf(all map[record.Entity]RepairCounts) RepairCounts {
	var total RepairCounts
	for _, e := range slices.Sorted(maps.Keys(all)) {
		total = total.Add(all[e])
	}
	return total
}

// Repair gives the resync under way and whether there is one.
func (t *Txn) Repair() (Repair, bool) {
	return getJSON[Repair](t, bucketRepair, repairKey)
}

// PutRepair keeps the resync under way; there is one at a time.
func (t *Txn) PutRepair(r Repair) { t.putJSON(bucketRepair, repairKey, r) }

// DeleteRepair ends the resync; it is no error if there is none.
func (t *Txn) DeleteRepair() { t.delete(bucketRepair, repairKey) }
