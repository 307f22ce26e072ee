package outlooktest

import (
	"slices"
	"time"
)

// What If-Match does to a PATCH or DELETE of an item that has changed.
const (
	IfMatchEnforced = "enforced" // 412
	IfMatchIgnored  = "ignored"
)

// How a state token that is no longer known is refused.
const (
	ResetGone     = "410" // 410 with a Location to begin anew
	ResetBad      = "400" // 400 syncStateNotFound
	ResetNotFound = "404" // 404 syncStateNotFound
)

// Where the open extensions of a task can be read.
const (
	TodoExpandable = "expandable" // $expand in a round of changes
	TodoByGet      = "get"        // with a GET of the task alone; elsewhere they are absent without a word
)

// Whether a contact shows its sensitivity as the extended property Integer 0x36.
const (
	PrivateReadable = "readable"
	PrivateAbsent   = "absent"
)

// What a second event with a known transactionId gets.
const (
	TransactionOnce    = "deduplicates" // the first event; 409 if it asks for another one (alcionai/corso/issues/2490)
	TransactionIgnored = "ignored"      // an event of its own
)

// How a 429 or 503 tells when to come back.
const (
	RetrySeconds = "seconds"
	RetryDate    = "date"
	RetryAbsent  = "absent"
)

// What a round of changes of a calendar view tells of a series.
const (
	OccurrencesBare = "bare" // the series master, and of each plain occurrence its id, type, start and end (microsoft-graph-docs-contrib/issues/34)
	OccurrencesFull = "full" // each occurrence with all fields and no master, as calendarView; so the documents
)

// How a round of changes tells that an occurrence was cancelled.
const (
	CancelledRemoved = "removed" // @removed
	CancelledSilent  = "silent"  // the series is told again, and the occurrence is not in it (microsoft-graph-docs/pull/4501)
)

// Whether the main folder is in the list of contact folders. It can be reached as contactFolders/contacts in any case.
const (
	MainFolderHidden = "hidden" // github.com/microsoftgraph/microsoft-graph-docs/issues/6273
	MainFolderListed = "listed"
)

// Whether a round of changes of contacts takes $expand=singleValueExtendedProperties.
const (
	ContactExpandable = "expandable"
	ContactByGet      = "refused" // 400
)

// What becomes of the time in a task's dates.
const (
	TaskTimeCut  = "midnight"
	TaskTimeKept = "kept"
)

// What becomes of the ends of lines in a body of text.
const (
	BodyCRLF   = "crlf"
	BodyAsSent = "as-sent"
)

// What a round of changes gives as the reason of @removed.
const (
	RemovedDeleted = "deleted"
	RemovedChanged = "changed" // of what could be restored
)

// Switches are the points about the product that no public document settles. A client must be correct in every position.
type Switches struct {
	IfMatch         string        // default IfMatchEnforced
	DeltaDelay      time.Duration // how late a round of changes sees a write: 0, 30 s or 5 min; default 0
	TokenLife       time.Duration // of an access token: 5 min, 60 min or 24 h; default 60 min
	Reset           string        // default ResetGone
	TodoExtension   string        // default TodoExpandable
	ContactPrivate  string        // default PrivateReadable
	TransactionID   string        // default TransactionOnce
	RetryAfter      string        // default RetrySeconds
	Occurrences     string        // default OccurrencesBare
	Cancelled       string        // default CancelledRemoved
	MainFolder      string        // default MainFolderHidden
	ContactExpand   string        // default ContactExpandable
	TaskTime        string        // default TaskTimeCut
	BodyLines       string        // default BodyCRLF
	Removed         string        // default RemovedDeleted
	ExtensionsQuiet bool          // a write of an extension leaves changeKey and etag of its item; false: it gives new ones
}

func (w *Switches) fill() {
	if w.TokenLife == 0 {
		w.TokenLife = time.Hour
	}
	if !slices.Contains([]time.Duration{0, 30 * time.Second, 5 * time.Minute}, w.DeltaDelay) {
		panic("outlooktest: DeltaDelay: unknown")
	}
	if !slices.Contains([]time.Duration{5 * time.Minute, time.Hour, 24 * time.Hour}, w.TokenLife) {
		panic("outlooktest: TokenLife: unknown")
	}
	position("IfMatch", &w.IfMatch, IfMatchEnforced, IfMatchIgnored)
	position("Reset", &w.Reset, ResetGone, ResetBad, ResetNotFound)
	position("TodoExtension", &w.TodoExtension, TodoExpandable, TodoByGet)
	position("ContactPrivate", &w.ContactPrivate, PrivateReadable, PrivateAbsent)
	position("TransactionID", &w.TransactionID, TransactionOnce, TransactionIgnored)
	position("RetryAfter", &w.RetryAfter, RetrySeconds, RetryDate, RetryAbsent)
	position("Occurrences", &w.Occurrences, OccurrencesBare, OccurrencesFull)
	position("Cancelled", &w.Cancelled, CancelledRemoved, CancelledSilent)
	position("MainFolder", &w.MainFolder, MainFolderHidden, MainFolderListed)
	position("ContactExpand", &w.ContactExpand, ContactExpandable, ContactByGet)
	position("TaskTime", &w.TaskTime, TaskTimeCut, TaskTimeKept)
	position("BodyLines", &w.BodyLines, BodyCRLF, BodyAsSent)
	position("Removed", &w.Removed, RemovedDeleted, RemovedChanged)
}

// position takes the first position if none is given.
func position(name string, p *string, positions ...string) {
	setDefault(p, positions[0])
	if !slices.Contains(positions, *p) {
		panic("outlooktest: " + name + ": unknown")
	}
}

// Positions gives all switches at their defaults, under "defaults", and for every other position of every switch a set in which it alone
// is there, under a name as IfMatch=ignored. A client must be right in each.
func Positions() map[string]Switches {
	out := map[string]Switches{"defaults": {}}
	for name, set := range map[string]map[string]Switches{
		"IfMatch":         {IfMatchIgnored: {IfMatch: IfMatchIgnored}},
		"DeltaDelay":      {"30s": {DeltaDelay: 30 * time.Second}, "5m": {DeltaDelay: 5 * time.Minute}},
		"TokenLife":       {"5m": {TokenLife: 5 * time.Minute}, "24h": {TokenLife: 24 * time.Hour}},
		"Reset":           {ResetBad: {Reset: ResetBad}, ResetNotFound: {Reset: ResetNotFound}},
		"TodoExtension":   {TodoByGet: {TodoExtension: TodoByGet}},
		"ContactPrivate":  {PrivateAbsent: {ContactPrivate: PrivateAbsent}},
		"TransactionID":   {TransactionIgnored: {TransactionID: TransactionIgnored}},
		"RetryAfter":      {RetryDate: {RetryAfter: RetryDate}, RetryAbsent: {RetryAfter: RetryAbsent}},
		"Occurrences":     {OccurrencesFull: {Occurrences: OccurrencesFull}},
		"Cancelled":       {CancelledSilent: {Cancelled: CancelledSilent}},
		"MainFolder":      {MainFolderListed: {MainFolder: MainFolderListed}},
		"ContactExpand":   {ContactByGet: {ContactExpand: ContactByGet}},
		"TaskTime":        {TaskTimeKept: {TaskTime: TaskTimeKept}},
		"BodyLines":       {BodyAsSent: {BodyLines: BodyAsSent}},
		"Removed":         {RemovedChanged: {Removed: RemovedChanged}},
		"ExtensionsQuiet": {"true": {ExtensionsQuiet: true}},
	} {
		for where, w := range set {
			out[name+"="+where] = w
		}
	}
	for name, w := range out {
		w.fill()
		out[name] = w
	}
	return out
}

// Switches gives the positions of all switches.
func (s *Server) Switches() Switches {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.switches
}

// SetSwitches puts all switches into a position, from the next call on. Empty values mean the defaults.
func (s *Server) SetSwitches(w Switches) {
	w.fill()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.switches = w
}
