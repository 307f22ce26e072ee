package layout

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// Limits that keep a layout, and what it makes us allocate, within reason.
const (
	maxText     = 1 << 20
	maxFiles    = 64
	maxFields   = 2000
	maxCardSize = 1 << 16
	maxHeader   = 1 << 24
)

// The wire types are the grammar, key by key. A pointer marks a key whose absence matters.
type (
	wireLayout struct {
		Layout         string              `toml:"layout"`
		AcombaVersions []string            `toml:"acomba_versions"`
		Version        *wireVersion        `toml:"version"`
		Encoding       string              `toml:"encoding"`
		Writable       bool                `toml:"writable"`
		Files          map[string]wireFile `toml:"files"`
		Locks          wireLocks           `toml:"locks"`
		Consistency    *wireConsistency    `toml:"consistency"`
		Write          *wireWrite          `toml:"write"`
	}
	wireVersion struct {
		File string `toml:"file"`
		Line *int64 `toml:"line"`
		Ask  string `toml:"ask"`
	}
	wireFile struct {
		Path       string        `toml:"path"`
		Required   bool          `toml:"required"`
		HeaderSize int64         `toml:"header_size"`
		FirstCard  *int64        `toml:"first_card"`
		DataFrom   *int64        `toml:"data_from"`
		CardSize   int64         `toml:"card_size"`
		Endian     string        `toml:"endian"`
		InUse      *wireInUse    `toml:"in_use"`
		Deleted    []int64       `toml:"deleted"`
		Creating   []int64       `toml:"creating"`
		Never      []int64       `toml:"never"`
		Sequence   *wireSequence `toml:"sequence"`
		Fields     []wireField   `toml:"fields"`
		Probes     []wireProbe   `toml:"probes"`
	}
	wireInUse struct {
		Field  string  `toml:"field"`
		Equals []int64 `toml:"equals"`
	}
	wireSequence struct {
		Field           string `toml:"field"`
		OddMeansWriting bool   `toml:"odd_means_writing"`
	}
	wireField struct {
		Name      string            `toml:"name"`
		At        *int64            `toml:"at"`
		Type      string            `toml:"type"`
		Count     *int64            `toml:"count"`
		Stride    int64             `toml:"stride"`
		Pad       string            `toml:"pad"`
		LenPrefix int64             `toml:"lenprefix"`
		Scale     *int64            `toml:"scale"`
		Endian    string            `toml:"endian"`
		Enc       string            `toml:"enc"`
		Ref       string            `toml:"ref"`
		Map       map[string]string `toml:"map"`
		As        string            `toml:"as"`
		Key       bool              `toml:"key"`
		Indexed   bool              `toml:"indexed"`
		Writable  bool              `toml:"writable"`
		Volatile  bool              `toml:"volatile"`
	}
	wireProbe struct {
		Kind     string         `toml:"kind"`
		Field    string         `toml:"field"`
		MinRatio *float64       `toml:"min_ratio"`
		Value    any            `toml:"value"`
		Expect   map[string]any `toml:"expect"`
		Plus     []string       `toml:"plus"`
		Minus    []string       `toml:"minus"`
		Children *wireChildren  `toml:"children"`
	}
	wireChildren struct {
		File  string              `toml:"file"`
		By    string              `toml:"by"`
		Field string              `toml:"field"`
		Where map[string][]string `toml:"where"`
	}
	wireLocks struct {
		ExclusiveMarkers   []string `toml:"exclusive_markers"`
		OnSharingViolation string   `toml:"on_sharing_violation"`
		OnLockConflict     string   `toml:"on_lock_conflict"`
	}
	wireConsistency struct {
		Mode      string  `toml:"mode"`
		QuietMS   int64   `toml:"quiet_ms"`
		Retries   int64   `toml:"retries"`
		BackoffMS []int64 `toml:"backoff_ms"`
	}
	wireWrite struct {
		Lock              wireLock    `toml:"lock"`
		Sequence          string      `toml:"sequence"`
		Stamp             []wireStamp `toml:"stamp"`
		Volatile          []string    `toml:"volatile"`
		Create            string      `toml:"create"`
		MaxWritesPerCycle int64       `toml:"max_writes_per_cycle"`
	}
	wireLock struct {
		Range     any   `toml:"range"`
		Exclusive *bool `toml:"exclusive"`
		WaitMS    int64 `toml:"wait_ms"`
		Attempts  int64 `toml:"attempts"`
	}
	wireStamp struct {
		Field string `toml:"field"`
		Add   int64  `toml:"add"`
		Now   string `toml:"now"`
	}
)

// Problem is one thing wrong with a layout, told by its place.
type Problem struct {
	File, Field string // empty when the problem is outside a file or a field
	Key         string // of the grammar, "card_size"
	Value       string // as given, may be empty
	Why         string
}

// String reads: file CUSTOMER: field opened: enc "ymd33": unknown date encoding.
func (p Problem) String() string {
	var s strings.Builder
	if p.File != "" {
		fmt.Fprintf(&s, "file %s: ", p.File)
	}
	if p.Field != "" {
		fmt.Fprintf(&s, "field %s: ", p.Field)
	}
	s.WriteString(p.Key)
	if p.Value != "" {
		fmt.Fprintf(&s, " %q", p.Value)
	}
	s.WriteString(": " + p.Why)
	return s.String()
}

// ParseError lists everything wrong with a layout file.
type ParseError struct {
	Name     string // of the layout file
	Problems []Problem
}

// Error tells all problems in one line.
func (e *ParseError) Error() string {
	texts := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		texts[i] = p.String()
	}
	return fmt.Sprintf("parse layout %s: %s", e.Name, strings.Join(texts, "; "))
}

// Parse reads and validates a layout file. name is used in messages only. The error is a
// *ParseError that lists all problems, not only the first.
//
// The embedded layouts show the grammar at work. Keys that need a word more:
//
//	in_use = {field, equals}; deleted, creating, never   lists of status codes of that one field;
//	                      a code on no list is StatusUnknown
//	type                  strN (N bytes of text), u8 i8 u16 i16 u32 i32 i64 f32 f64, bcdN (N bytes packed
//	                      decimal), cp (i32 card position, needs ref), date (needs enc), skip (count bytes)
//	pad, lenprefix        of strN; the prefix of 1 or 2 bytes lies before the N bytes and is not counted
//	map = {1 = "invoice"} makes an integer an enum; as = "bool" makes it yes or no (0, 1)
//	scale = -2            hundredths
//	ref = "FILE"          by card position (cp); "FILE.field" by value (integers and texts)
//	enc                   ymd32, days_since:<date>, delphi_f64, dos16, str_yyyymmdd
//	count, stride         an array; stride 0 or absent is contiguous
//	endian                little or big, of a file, or of a field
//	volatile              of a field: left out of change detection (a counter of the program's own)
//	write.lock.range      "card", {offset, length}, or a list of these in the order of locking
//	probes: sum           {field = total, plus = [...], minus = [...]} inside the card, an array with all
//	                      elements; children = {file, by, field, where} adds up the cards of another file
//
// Bytes that no field declares are allowed and never read; declared fields must not overlap.
func Parse(name string, text []byte) (*Layout, error) {
	if len(text) > maxText {
		return nil, &ParseError{Name: name, Problems: []Problem{{Key: "text", Why: fmt.Sprintf("%d bytes, at most %d", len(text), maxText)}}}
	}
	var wire wireLayout
	if problems := decodeTOML(text, &wire); len(problems) > 0 {
		return nil, &ParseError{Name: name, Problems: problems}
	}
	b := &builder{layout: &Layout{Name: name, files: map[string]*File{}}}
	sum := sha256.Sum256(text)
	b.layout.Fingerprint = hex.EncodeToString(sum[:])
	b.build(&wire)
	if len(b.problems) > 0 {
		return nil, &ParseError{Name: name, Problems: b.problems}
	}
	for _, f := range b.layout.files {
		f.settle()
	}
	return b.layout, nil
}

// decodeTOML decodes strictly and turns the decoder's errors into problems.
func decodeTOML(text []byte, wire *wireLayout) []Problem {
	err := toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields().Decode(wire)
	if err == nil {
		return nil
	}
	if strict, ok := errors.AsType[*toml.StrictMissingError](err); ok {
		problems := make([]Problem, 0, len(strict.Errors))
		for i := range strict.Errors {
			problems = append(problems, tomlProblem(&strict.Errors[i], "unknown key"))
		}
		return problems
	}
	if wrong, ok := errors.AsType[*toml.DecodeError](err); ok {
		why := strings.TrimPrefix(wrong.Error(), "toml: ")
		if strings.HasPrefix(why, "cannot decode") { // it names our Go types, which help nobody
			why = "value of the wrong type"
		}
		return []Problem{tomlProblem(wrong, why)}
	}
	return []Problem{{Key: "text", Why: err.Error()}}
}

func tomlProblem(e *toml.DecodeError, why string) Problem {
	line, _ := e.Position()
	key := strings.Join(e.Key(), ".")
	if key == "" {
		key = "text"
	}
	return Problem{Key: key, Why: fmt.Sprintf("%s (line %d)", why, line)}
}
