package acomba

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/acomba/layout"
)

// The marks: never lost with the other notes, so that an older copy of the folder is recognised even
// when all else has to be read anew.
const (
	markHigh     = MarkHigh      // highWater as JSON
	markOlder    = "rolled-back" // the signs as text, while a person is asked
	markVerified = "verified"    // what last passed in full, see verification
)

// MarkHigh is the mark that IdentityOf reads.
const MarkHigh = "high"

// highWater is how far the data had come, and whose it is.
//
// Three kinds of signs say that a folder is an older copy: a growing file has fewer cards; a unique_id or a
// sequence number at a position went back; the newest date or highest number of a document kind went back,
// at a position that still holds that kind. Each alone has an innocent cause. Two of them within
// Config.SignsFor have none.
type highWater struct {
	Cards  map[string]int        `json:"cards"`  // by file
	Unique map[string]anchor     `json:"unique"` // by file: the highest unique_id
	Dates  map[string]dateAnchor `json:"dates"`  // by kind of document: the newest date
	Number map[string]anchor     `json:"number"` // by kind: the highest number, by its last digits
	Signs  map[string]time.Time  `json:"signs"`  // seen lately, by their text
	Who    map[int32]uint64      `json:"who"`    // by position: some customers, for Identity
}

// anchor is a high value and where it stands.
type anchor struct {
	At    int32  `json:"at"`
	Value uint64 `json:"v"`
}

type dateAnchor struct {
	At    int32  `json:"at"`
	Value string `json:"v"` // 2006-01-02
}

// readHigh gives the marks; unreadable ones count as none.
func readHigh(raw []byte) *highWater {
	h := &highWater{}
	if json.Unmarshal(raw, h) != nil {
		*h = highWater{}
	}
	if h.Cards == nil {
		h.Cards = map[string]int{}
	}
	if h.Unique == nil {
		h.Unique = map[string]anchor{}
	}
	if h.Dates == nil {
		h.Dates = map[string]dateAnchor{}
	}
	if h.Number == nil {
		h.Number = map[string]anchor{}
	}
	if h.Signs == nil {
		h.Signs = map[string]time.Time{}
	}
	if h.Who == nil {
		h.Who = map[int32]uint64{}
	}
	return h
}

func (h *highWater) bytes() []byte {
	b, err := json.Marshal(h)
	if err != nil {
		panic(err) // maps of plain values
	}
	return b
}

// sign notes a sign of an older copy.
func (h *highWater) sign(now time.Time, format string, args ...any) {
	h.Signs[fmt.Sprintf(format, args...)] = now
}

// forget drops signs that waited too long for a second one.
func (h *highWater) forget(now time.Time, after time.Duration) {
	for text, at := range h.Signs {
		if now.Sub(at) > after {
			delete(h.Signs, text)
		}
	}
}

// older gives the error that stops everything when two signs agree, nil otherwise.
func (h *highWater) older() *connectors.Error {
	if len(h.Signs) < 2 {
		return nil
	}
	var texts []string
	for text := range h.Signs {
		texts = append(texts, text)
	}
	slices.Sort(texts)
	return olderCopy(strings.Join(texts[:min(len(texts), 8)], "; "))
}

func olderCopy(signs string) *connectors.Error {
	return &connectors.Error{Kind: connectors.Hold, Code: CodeRolledBack, Args: map[string]string{"signs": signs}}
}

// shorter compares the number of cards of a file.
func (h *highWater) shorter(file string, cards int, now time.Time) bool {
	if cards >= h.Cards[file] {
		return false
	}
	h.sign(now, "%s has fewer cards", file)
	return true
}

// positions lists the cards of a file that the marks stand on.
func (h *highWater) positions(file string) []int32 {
	var at []int32
	if a, ok := h.Unique[file]; ok {
		at = append(at, a.At)
	}
	if file != fileTrans {
		return at
	}
	for _, a := range h.Dates {
		at = append(at, a.At)
	}
	for _, a := range h.Number {
		at = append(at, a.At)
	}
	return at
}

// anchors compares a card as it streams by with what stood at the same position when the marks were made.
func (h *highWater) anchors(c *layout.Card, now time.Time) {
	file, at := c.File().Name, c.Position()
	if c.Status() != layout.StatusInUse {
		return
	}
	if was := h.Unique[file]; was.At == at && was.Value > uniqueOf(c) {
		h.sign(now, "%s card %d: unique_id went back", file, at)
		h.Unique[file] = anchor{at, uniqueOf(c)}
	}
	if file == fileTrans {
		h.documentAnchors(c, now)
	}
}

func (h *highWater) documentAnchors(c *layout.Card, now time.Time) {
	d, ok := documentMark(c)
	if !ok {
		return
	}
	at := c.Position()
	if was := h.Dates[d.kind]; was.At == at && d.date != "" && d.date < was.Value {
		h.sign(now, "newest %s went back", d.kind)
		h.Dates[d.kind] = dateAnchor{at, d.date}
	}
	if was := h.Number[d.kind]; was.At == at && d.ranked && d.rank < was.Value {
		h.sign(now, "newest %s went back", d.kind)
		h.Number[d.kind] = anchor{at, d.rank}
	}
}

// before compares a changed card with what was remembered of it.
func (h *highWater) before(c *layout.Card, row []uint32, now time.Time) {
	const both = rowKnown | rowInUse
	if row[colFlags]&both != both || c.Status() != layout.StatusInUse {
		return
	}
	unique, seq := uniqueOf(c), sequenceOf(c)
	switch {
	case uint32(unique) < row[colUnique]:
		h.sign(now, "%s card %d: unique_id went back", c.File().Name, c.Position())
	case uint32(unique) == row[colUnique] && seq < row[colSeq]:
		h.sign(now, "%s card %d: sequence went back", c.File().Name, c.Position())
	}
}

// raise takes an accepted card into the marks.
func (h *highWater) raise(c *layout.Card) {
	if c.Status() != layout.StatusInUse {
		return
	}
	file, at := c.File().Name, c.Position()
	if unique := uniqueOf(c); unique > h.Unique[file].Value {
		h.Unique[file] = anchor{at, unique}
	}
	if file == fileCustomer {
		h.know(c)
	}
	if file != fileTrans {
		return
	}
	d, ok := documentMark(c)
	if !ok {
		return
	}
	if d.date > h.Dates[d.kind].Value {
		h.Dates[d.kind] = dateAnchor{at, d.date}
	}
	if d.ranked && d.rank > h.Number[d.kind].Value {
		h.Number[d.kind] = anchor{at, d.rank}
	}
}

// know keeps who a customer is, of the first ones.
func (h *highWater) know(c *layout.Card) {
	if _, known := h.Who[c.Position()]; !known && len(h.Who) >= signsOf {
		return
	}
	if sum, ok := who(c); ok {
		h.Who[c.Position()] = sum
	}
}

// mark is what counts of a document for the marks.
type mark struct {
	kind, date string
	rank       uint64
	ranked     bool
}

func documentMark(c *layout.Card) (m mark, ok bool) {
	probe := *c // its own first error
	if !probe.Has("doc_type") {
		return m, false
	}
	m.kind = probe.Format("doc_type")
	if probe.Has("date") {
		m.date = probe.Format("date")
	}
	if probe.Has("number") {
		m.rank, m.ranked = rank(probe.Format("number"))
	}
	return m, probe.Err() == nil
}

// rank gives the last digits of a number as people count it: of "F-001234" 1234.
func rank(number string) (value uint64, ok bool) {
	digits := number[len(strings.TrimRight(number, "0123456789")):]
	if len(digits) == 0 || len(digits) > 18 {
		return 0, false
	}
	for _, d := range digits {
		value = 10*value + uint64(d-'0')
	}
	return value, true
}

func uniqueOf(c *layout.Card) uint64 {
	probe := *c
	if !probe.Has("unique_id") {
		return 0
	}
	return uint64(probe.Int("unique_id"))
}

func sequenceOf(c *layout.Card) uint32 {
	seq, _ := c.Sequence()
	return uint32(seq)
}
