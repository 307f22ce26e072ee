// Package layout reads and writes the cards of a company folder by what a layout file says.
//
// Nothing here knows a file, an offset or a code: these stand in a TOML layout, one per version of
// the accounting program, because the program's own format is not public and must be calibrated on
// a real folder. Parse checks a layout whole; a File then decodes cards, extracts the bytes that
// count for change detection, plans writes, and a ProbeRun tells whether the folder still looks as
// the layout says. The package opens no file: bytes come in and go out.
//
// A Layout and its Files are never changed after Parse and may be used by many goroutines.
package layout

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Layout is one validated layout file.
type Layout struct {
	// Name tells where the text came from (a file name), for messages.
	Name string
	// ID and Version are the two halves of the key layout, "refacomba/1".
	ID      string
	Version int
	// Fingerprint is the SHA-256 of the text in hexadecimal. A write confirmation is bound to it.
	Fingerprint string
	// AcombaVersions are the program versions the layout is meant for, compared without case.
	AcombaVersions []string
	// VersionFrom tells where the program's version is found in a company folder.
	VersionFrom VersionFrom
	// Encoding is the declared code page; Auto leaves the choice to a Vote (see Resolve).
	Encoding Encoding
	// Writable says that cards may be written; Write is then not nil.
	Writable    bool
	Locks       Locks
	Consistency Consistency
	// Write is the block write, nil when the layout has none.
	Write *WriteRules

	files map[string]*File
	names []string // sorted
}

// VersionFrom is the place of the program's version: a line of a text file, or a technician's word.
type VersionFrom struct {
	File string // relative to the company folder; empty: ask a technician
	Line int    // counted from 1
}

// Locks says how the reader behaves towards the program's own locks. A sharing violation always
// means busy, and a locked card is always skipped for the cycle: the grammar has no other word.
type Locks struct {
	// ExclusiveMarkers are files whose presence means: read nothing now.
	ExclusiveMarkers []string
}

// Consistency is how often and how far apart a card is looked at before it is believed.
type Consistency struct {
	Quiet   time.Duration   // between the two looks
	Retries int             // further looks at a torn or locked card
	Backoff []time.Duration // before each retry; the last one repeats
}

// WriteRules is the block write.
type WriteRules struct {
	Lock Lock
	// OddWhileWriting: the sequence field is odd while a card is written.
	OddWhileWriting bool
	Stamps          []Stamp
	// Volatile are the fields left out of the comparison with the pre-image.
	Volatile []string
	// Append: new cards may be added at the end of a file.
	Append bool
	// MaxPerCycle bounds the cards written in one cycle.
	MaxPerCycle int
}

// Lock is the byte-range lock taken around a write, always exclusive.
type Lock struct {
	Ranges   []LockRange // in the order in which they are taken
	Wait     time.Duration
	Attempts int // cycles to try before giving up
}

// LockRange is the card itself or a fixed range of the file, in bytes.
type LockRange struct {
	Card           bool
	Offset, Length int64 // used when Card is false
}

// Stamp is a field kept up at each write: Add to its value, or the Unix time when Now is true.
type Stamp struct {
	Field string
	Add   int64
	Now   bool
}

// String gives the identity "id/version".
func (l *Layout) String() string { return fmt.Sprintf("%s/%d", l.ID, l.Version) }

// File gives the file of that layout name ("CUSTOMER"), nil if the layout has none.
func (l *Layout) File(name string) *File { return l.files[name] }

// Files gives all files, sorted by name.
func (l *Layout) Files() []*File {
	files := make([]*File, 0, len(l.names))
	for _, name := range l.names {
		files = append(files, l.files[name])
	}
	return files
}

// Matches reports whether the layout is meant for that program version.
func (l *Layout) Matches(version string) bool {
	version = strings.TrimSpace(version)
	return slices.ContainsFunc(l.AcombaVersions, func(v string) bool {
		return strings.EqualFold(v, version)
	})
}

// VersionIn picks the program's version out of the content of the version file.
func (l *Layout) VersionIn(content []byte) (string, error) {
	if l.VersionFrom.File == "" {
		return "", fmt.Errorf("read version: layout %s asks a technician", l)
	}
	lines := strings.Split(string(content), "\n")
	if len(lines) < l.VersionFrom.Line {
		return "", fmt.Errorf("read %s: line %d is missing", l.VersionFrom.File, l.VersionFrom.Line)
	}
	version := strings.TrimSpace(lines[l.VersionFrom.Line-1])
	if version == "" {
		return "", fmt.Errorf("read %s: line %d is empty", l.VersionFrom.File, l.VersionFrom.Line)
	}
	return version, nil
}

// Match gives the one layout meant for a program version. None or more than one is an error.
func Match(layouts []*Layout, version string) (*Layout, error) {
	var found *Layout
	for _, l := range layouts {
		switch {
		case !l.Matches(version):
		case found != nil:
			return nil, fmt.Errorf("match layout: version %q fits %s and %s", version, found, l)
		default:
			found = l
		}
	}
	if found == nil {
		return nil, fmt.Errorf("match layout: no layout for version %q", version)
	}
	return found, nil
}

// Resolve gives the layout with the code page a vote chose. A layout that declares its code page is
// returned as it is. A vote that is not sure still decides how text is read, but then nothing
// beyond ASCII is written.
func (l *Layout) Resolve(v *Vote) *Layout {
	if l.Encoding != Auto {
		return l
	}
	encoding, sure := v.Encoding()
	resolved := *l
	resolved.files = make(map[string]*File, len(l.files))
	for name, f := range l.files {
		file := *f
		file.layout, file.page, file.pageSure = &resolved, pages[encoding], sure
		resolved.files[name] = &file
	}
	return &resolved
}
