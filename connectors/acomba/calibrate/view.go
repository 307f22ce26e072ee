package calibrate

import (
	"errors"
	"time"

	"syncbox/connectors/acomba/layout"
)

// Site is what a calibration is of, and who makes it.
type Site struct {
	ID            string `json:"id"`             // of the layout to be made: small letters, digits, "." "_" "-", from the job's name
	AcombaVersion string `json:"acomba_version"` // as Acomba's window "À propos" shows it
	By            string `json:"by"`             // the technician; another person approves
}

// View is a session as it stands, for a page. It is a copy.
type View struct {
	Site      Site                `json:"site"`
	Began     time.Time           `json:"began"`
	Snapshots []Snapshot          `json:"snapshots"` // oldest first
	Examples  map[Table][]Example `json:"examples"`  // customer data: never into a report
	Chosen    map[Table]Place     `json:"chosen"`    // where a person chose among several files
	Findings  *Findings           `json:"findings"`  // of the latest Search, nil once the examples are others
	Changes   []Comparison        `json:"changes"`   // the latest ten comparisons
	Markers   []string            `json:"markers"`   // files whose presence means that Acomba wants to be alone
	Draft     *Draft              `json:"draft"`     // nil once something that it is made of is another
}

// Snapshot is the folder at one moment.
type Snapshot struct {
	ID    int       `json:"id"` // counts up
	At    time.Time `json:"at"` // when it was complete, UTC
	Note  string    `json:"note"`
	Files []File    `json:"files"`
	More  bool      `json:"more,omitempty"` // there are more files than are listed
}

// File is one file of a snapshot.
type File struct {
	Path  string    `json:"path"`            // below the company folder, with slashes
	Size  int64     `json:"size"`            // bytes
	Time  time.Time `json:"time"`            // of the last change, as the server tells it
	Copy  string    `json:"copy,omitempty"`  // name of the copy; empty: none, it is read where it is
	Holes int       `json:"holes,omitempty"` // locked ranges, which are zeros in the copy
	Why   *Note     `json:"why,omitempty"`   // why there is no copy
}

// Inventory is what sizes, growth and repetition tell of the files.
type Inventory struct {
	Files []FileSeen `json:"files"` // by path
}

// FileSeen is one file over all snapshots.
type FileSeen struct {
	Path       string      `json:"path"`
	Size       int64       `json:"size"`   // in the latest snapshot
	Growth     []int64     `json:"growth"` // differences between snapshots, other than 0
	Step       int64       `json:"step"`   // their greatest common divisor; 0 = it never grew
	Candidates []Candidate `json:"candidates"`
	Text       bool        `json:"text,omitempty"`    // lines of text: no cards
	Version    int         `json:"version,omitempty"` // the line that is Acomba's version, from 1
}

// Candidate is a size that the cards of a file may have. The likeliest comes first, at most eight.
type Candidate struct {
	CardSize   int        `json:"card_size"`
	HeaderSize int        `json:"header_size"` // what is left of the file's length
	Confidence Confidence `json:"confidence"`
	Why        []Note     `json:"why"`
}

// EditKind says what a person did in Acomba between two snapshots.
type EditKind string

// The kinds of edits.
const (
	EditField    EditKind = "field"    // changed Edit.Field from From to To
	EditAdd      EditKind = "add"      // made a new record
	EditDelete   EditKind = "delete"   // deleted a record
	EditInactive EditKind = "inactive" // took the tick "active" off
	EditNothing  EditKind = "nothing"  // opened and closed it, or only waited
)

// Edit is what a person did in Acomba between two snapshots.
type Edit struct {
	Kind  EditKind `json:"kind"`
	Table Table    `json:"table,omitempty"`
	Field string   `json:"field,omitempty"` // its label
	From  string   `json:"from,omitempty"`
	To    string   `json:"to,omitempty"`
}

// Meaning is what changed bytes look like.
type Meaning string

// The meanings of changed bytes.
const (
	MeansField   Meaning = "field"   // hold the value before and after
	MeansStatus  Meaning = "status"  // a code that went with a deletion
	MeansActive  Meaning = "active"  // 1 before, 0 after
	MeansCounter Meaning = "counter" // a number that went up a little
	MeansStamp   Meaning = "stamp"   // the time of the change
	MeansCount   Meaning = "count"   // the number of cards of the file
	MeansNew     Meaning = "new"     // the file grew
	MeansUnknown Meaning = "unknown"
)

// Move is a range of bytes that changed.
type Move struct {
	File     string  `json:"file"`
	Offset   int64   `json:"offset"` // in the file
	Len      int64   `json:"len"`
	Table    Table   `json:"table,omitempty"` // where the file's table is known:
	Position int32   `json:"position,omitempty"`
	At       int     `json:"at"` // in the card; -1 in the header, or where no table is known
	Meaning  Meaning `json:"meaning"`
	Type     string  `json:"type,omitempty"` // of a counter, a count or a stamp
	From     *int64  `json:"from,omitempty"` // of a status: code before and after
	To       *int64  `json:"to,omitempty"`
}

// Comparison is what an edit changed.
type Comparison struct {
	Before   int      `json:"before"` // ids of the snapshots
	After    int      `json:"after"`
	Edit     Edit     `json:"edit"` // without From and To, which may be a customer's
	Moves    []Move   `json:"moves"`
	More     bool     `json:"more,omitempty"`     // more ranges changed than are listed
	Appeared []string `json:"appeared,omitempty"` // files that were not there before: perhaps lock files
	Vanished []string `json:"vanished,omitempty"`
	Unread   []string `json:"unread,omitempty"` // files without a copy in both snapshots
}

// Draft is a layout file that nobody has approved yet.
type Draft struct {
	Text   string    `json:"text"` // as layout.Parse takes it
	By     string    `json:"by"`
	At     time.Time `json:"at"`
	Report Report    `json:"report"`
}

// Report tells how good a draft is, without any data of a customer.
type Report struct {
	AcombaVersion string               `json:"acomba_version"`
	Probes        []layout.ProbeResult `json:"probes"` // in full, on the folder as it was last read
	Pass          bool                 `json:"pass"`   // all probes
	Asks          []Ask                `json:"asks"`   // open questions
}

// Blocked says whether the draft may not be approved as it is.
func (r Report) Blocked() bool {
	for _, a := range r.Asks {
		if a.Blocking {
			return true
		}
	}
	return !r.Pass
}

// Errors of the steps, to be told apart by errors.Is. Others are those of the folder or of the disk.
var (
	ErrBusy       = errors.New("another step is going on")
	ErrNoSnapshot = errors.New("no snapshot of that number")
	ErrNotBegun   = errors.New("nobody has begun a calibration")
	ErrNoDraft    = errors.New("there is no draft")
	ErrBlocked    = errors.New("the draft has open questions or failed probes")
	ErrSamePerson = errors.New("a second person approves")
	ErrBadExample = errors.New("not a value of the field")
)
