package calibrate

import (
	"maps"
	"slices"
	"strings"
)

// Confidence says how far a finding may be believed.
type Confidence string

// The grades of confidence.
const (
	Sure   Confidence = "sure"   // nothing else fits, and the whole sample agrees
	Likely Confidence = "likely" // the best of what fits
	Guess  Confidence = "guess"  // fits, as do others
)

// Note is a reason or an obstacle, for people: a code that words are found by, and what stands in them. Args hold file
// names, field names, offsets, counts and card positions, never a text of a customer.
type Note struct {
	Code string            `json:"code"`
	Args map[string]string `json:"args,omitempty"`
}

// String gives the code and its arguments in order.
func (n Note) String() string {
	var s strings.Builder
	s.WriteString(n.Code)
	for _, k := range slices.Sorted(maps.Keys(n.Args)) {
		s.WriteString(" " + k + "=" + n.Args[k])
	}
	return s.String()
}

func note(code string, pairs ...string) Note {
	n := Note{Code: code}
	for i := 0; i+1 < len(pairs); i += 2 {
		if n.Args == nil {
			n.Args = map[string]string{}
		}
		n.Args[pairs[i]] = pairs[i+1]
	}
	return n
}

// Ask is what would settle an open question. While a Blocking one is open no draft is approved.
type Ask struct {
	Table    Table  `json:"table,omitempty"`
	Field    string `json:"field,omitempty"` // its label; empty: the table as a whole
	Note     Note   `json:"note"`
	Card     int32  `json:"card,omitempty"` // the card of the folder whose content would tell; 0: any further example
	Blocking bool   `json:"blocking,omitempty"`
}

// The codes of notes. Those of reasons:
const (
	WhyGrowth   = "growth"   // steps: the file grew by multiples of size
	WhyDivides  = "divides"  // size divides the file's length; header bytes are left
	WhyRepeats  = "repeats"  // the bytes repeat at this distance; ratio in percent
	WhyExamples = "examples" // count examples lie a multiple of size apart
	WhyVote     = "vote"     // letters speak for page, against for the others
	WhyMatches  = "matches"  // the field has the right value in count examples
	WhySample   = "sample"   // good of total cards of the sample have a sensible value there
	WhyChanged  = "changed"  // the comparison of two snapshots showed it
	WhyRefers   = "refers"   // count cards refer to cards of file by position
	WhyCode     = "code"     // the code is the one that public sources tell
	WhyAssumed  = "assumed"  // nothing speaks against it, nothing for it
)

// Those of what is asked for:
const (
	AskExamples   = "examples"     // count more examples of the table
	AskNotFound   = "not-found"    // count of the examples are in no file: is the spelling that of the screen?
	AskSeveral    = "several"      // count of the examples stand on several cards each: other ones, or more of what is on them
	AskNoFile     = "no-file"      // no file holds the examples in cards of equal length
	AskWhichFile  = "which-file"   // files fit as well: choose one
	AskFar        = "far"          // the card size is not certain: an example from the next card would tell
	AskElsewhere  = "elsewhere"    // the value is nowhere on the cards of the examples
	AskDiffers    = "differs"      // count places fit: an example in which the field differs, such as card
	AskPage       = "page"         // no accented letter in the examples: one with é, è, à or ç
	AskUTF16      = "utf-16"       // the texts are UTF-16, which a layout can't say
	AskDeleted    = "deleted"      // the status: a deleted record, or a comparison around a deletion
	AskFirstCard  = "first-card"   // the number of the first card: an example of a card that refers to this table
	AskTable      = "table"        // this table is needed first
	AskDocuments  = "documents"    // a document with all its lines
	AskUnreadable = "unreadable"   // the file can't be read now
	AskTooLarge   = "too-large"    // the file is larger than is read
	AskCode       = "code-unknown" // a code that no example has: what does the card show?
	AskChain      = "chain"        // the lines of the documents don't follow each other
)

// Codes lists all codes of notes, so that a test may hold the words against them.
func Codes() []string {
	return []string{WhyGrowth, WhyDivides, WhyRepeats, WhyExamples, WhyVote, WhyMatches, WhySample, WhyChanged, WhyRefers, WhyCode, WhyAssumed,
		AskExamples, AskNotFound, AskSeveral, AskNoFile, AskWhichFile, AskFar, AskElsewhere, AskDiffers, AskPage, AskUTF16, AskDeleted, AskFirstCard,
		AskTable, AskDocuments, AskUnreadable, AskTooLarge, AskCode, AskChain}
}
