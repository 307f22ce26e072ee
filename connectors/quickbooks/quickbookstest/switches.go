package quickbookstest

import "slices"

// How a poll sees the customer that a merge made disappear.
const (
	MergeInactive  = "inactive"  // a row that is inactive and renamed
	MergeTombstone = "tombstone" // gone, and a tombstone in the change data
	MergeBoth      = "both"      // the inactive row, and a tombstone as well
)

// How the body of a 429 is written.
const (
	ThrottleXML   = "xml"
	ThrottleJSON  = "json"  // Fault
	ThrottleLower = "lower" // the gateway's envelope with fault
)

// What a call without minorversion=75 or above gets.
const (
	OldRefused = "refused" // 400
	OldIgnored = "ignored" // answered as 75
)

// Switches are the points about the product that no public document settles. A client must be correct in every position. The zero
// value is what the captures show or, where none tells, what a client finds harder.
type Switches struct {
	MergeView              string // default MergeInactive
	MergeKeepsStamps       bool   // a merge gives documents their new CustomerRef without a new LastUpdatedTime
	ThrottleBody           string // default ThrottleXML
	RetryAfter             bool   // a 429 has Retry-After
	QuotaLikeThrottle      bool   // the 429 of the monthly reads reads as any 429
	AuthXML                bool   // a 401 as XML with code 100, not the JSON envelope with 3200
	BatchMetered           bool   // each query in a batch counts as a read, not the batch as one
	BatchReversed          bool   // a batch answers its items last first
	StartPositionZero      bool   // an answer calls its first page's startPosition 0
	NoTotalCount           bool   // the answer of a page has no totalCount
	NameTombstones         bool   // change data shows inactive rows of name lists as tombstones
	NoSku                  bool   // items come without Sku
	NameOrder              bool   // name lists without ORDERBY come by name, not by Id
	CDCNewest              bool   // a cut answer keeps the newest 1,000, not the oldest
	CDCPerEntity           bool   // the bound of 1,000 holds for each entity
	PoisonCDC              bool   // a poison row breaks change data too
	TitleCaseSuffix        bool   // deactivation appends " (Deleted)"
	InactiveFreesName      bool   // the name an inactive row had before may be given again
	InactiveEditable       bool   // an inactive row can be written without Active: true
	ShortNames             bool   // the field lengths of the older schema
	SparseMergesNested     bool   // a sparse update merges objects as PrimaryPhone member by member
	NullClears             bool   // a null in a sparse update clears as "" does; otherwise it is no value
	EmptyObjects           bool   // a cleared object stays as {}
	CaseSensitive          bool   // = and IN tell capitals from small letters
	ReplayFaults           bool   // requestid replays refusals too
	RefNamesStay           bool   // a reference keeps the name that the customer or item had when the document was entered
	DocumentsLeaveCustomer bool   // a new invoice changes its customer's Balance without a new stamp and SyncToken
	OldMinor               string // default OldRefused
	ConvertedStatus        string // TxnStatus of an estimate that became an invoice; default Closed
}

func (w *Switches) fill() {
	setDefault(&w.MergeView, MergeInactive)
	setDefault(&w.ThrottleBody, ThrottleXML)
	setDefault(&w.OldMinor, OldRefused)
	setDefault(&w.ConvertedStatus, "Closed")
	known("MergeView", w.MergeView, MergeInactive, MergeTombstone, MergeBoth)
	known("ThrottleBody", w.ThrottleBody, ThrottleXML, ThrottleJSON, ThrottleLower)
	known("OldMinor", w.OldMinor, OldRefused, OldIgnored)
}

func known(name, position string, positions ...string) {
	if !slices.Contains(positions, position) {
		panic("quickbookstest: " + name + ": unknown")
	}
}

// Switches gives the positions of all switches.
func (s *Server) Switches() Switches {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.switches
}

// SetSwitches puts all switches into a position, from the next call on. Empty texts mean the defaults.
func (s *Server) SetSwitches(w Switches) {
	w.fill()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.switches = w
}
