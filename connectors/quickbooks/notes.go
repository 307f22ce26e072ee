package quickbooks

import (
	"encoding/json"
	"fmt"
	"slices"

	"syncbox/connectors"
)

// shelf is a table of small values by number that is kept in notes, 512 neighbours in each, so that a
// change writes little. In memory it takes some 50 bytes an entry.
type shelf[T any] struct {
	name    string
	all     map[uint64]T
	buckets []uint64 // that have a note, in order
	changed map[uint64]bool
}

func newShelf[T any](name string) *shelf[T] {
	return &shelf[T]{name: name, all: map[uint64]T{}, changed: map[uint64]bool{}}
}

const bucketBits = 9

// load reads the notes; what can't be read counts as lost.
func (s *shelf[T]) load(o connectors.Observation) {
	s.all, s.buckets, s.changed = map[uint64]T{}, nil, map[uint64]bool{}
	if note := o.Get(s.name); note != nil && json.Unmarshal(note, &s.buckets) != nil {
		s.buckets = nil
	}
	for _, b := range s.buckets {
		var part map[uint64]T
		if note := o.Get(s.note(b)); note != nil && json.Unmarshal(note, &part) == nil {
			for n, v := range part {
				s.all[n] = v
			}
		}
	}
}

func (s *shelf[T]) note(bucket uint64) string { return fmt.Sprintf("%s/%x", s.name, bucket) }

func (s *shelf[T]) get(n uint64) (T, bool) {
	v, ok := s.all[n]
	return v, ok
}

func (s *shelf[T]) put(n uint64, v T) {
	s.all[n] = v
	s.changed[n>>bucketBits] = true
}

func (s *shelf[T]) drop(n uint64) {
	if _, ok := s.all[n]; ok {
		delete(s.all, n)
		s.changed[n>>bucketBits] = true
	}
}

// save hands the notes that changed to the observation. It says whether there were any.
func (s *shelf[T]) save(o connectors.Observation) (bool, error) {
	if len(s.changed) == 0 {
		return false, nil
	}
	parts := map[uint64]map[uint64]T{}
	for n, v := range s.all {
		b := n >> bucketBits
		if !s.changed[b] {
			continue
		}
		if parts[b] == nil {
			parts[b] = map[uint64]T{}
		}
		parts[b][n] = v
	}
	for b := range s.changed {
		if !slices.Contains(s.buckets, b) {
			s.buckets = append(s.buckets, b)
		}
		if err := putJSON(o, s.note(b), parts[b]); err != nil {
			return false, err
		}
	}
	s.changed = map[uint64]bool{}
	slices.Sort(s.buckets)
	return true, putJSON(o, s.name, s.buckets)
}

func putJSON(o connectors.Observation, name string, v any) error {
	note, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("note %s: %w", name, err)
	}
	o.Put(name, note)
	return nil
}

// document is what is remembered of each document that was told.
type document struct {
	Customer uint64 `json:"c,omitempty"` // 0: of an estimate that was not seen yet, only its invoice
	Stage    stage  `json:"s,omitempty"` // of an estimate: the last one that is known here
	By       uint64 `json:"b,omitempty"` // of an estimate: the invoice made from it
	Own      bool   `json:"o,omitempty"` // of an estimate: it names that invoice itself
	Round    uint8  `json:"r,omitempty"` // the complete look that saw it last
	Items    string `json:"i,omitempty"` // what it shows of items: see uses
}

// product is what is remembered of each item.
type product struct {
	Name        string `json:"n,omitempty"`
	Sku         string `json:"k,omitempty"`
	Description string `json:"d,omitempty"`
	Parent      uint64 `json:"p,omitempty"`
	Category    bool   `json:"g,omitempty"`
}

// cursor is how far the looks have come.
type cursor struct {
	Since   text          // the server's time of the last change feed that was taken, or of the beginning of the last complete look
	Whole   *whole        `json:",omitempty"` // a complete look that is under way
	Start   string        `json:",omitempty"` // the day from which documents were read
	Round   uint8         // of the latest complete look
	Version uint64        // of the notes as a whole
	Seen    map[string]id `json:",omitempty"` // the SyncToken of what the last feed told and the next one may tell again
}

// whole is how far a complete look has come.
type whole struct {
	Began    text // the server's time
	Other    bool `json:",omitempty"` // the start date is another one than that of the look before
	Entity   int  // of wholeOrder
	From     text // LastUpdatedTime of the last row that was told, as the product wrote it
	Position int  // of the next row among those from From on, from 1
	Size     int  // of the next page; 0 for the largest
}

// person is what is remembered of each customer.
type person struct {
	Left  bool  `json:"l,omitempty"` // it is inactive or gone
	Round uint8 `json:"r,omitempty"` // the complete look that saw it last
}

const cursorNote = "cursor"

// memory is what the notes of the last look say, and the rows that it showed.
type memory struct {
	version uint64 // 0: nothing is loaded
	docs    *shelf[document]
	items   *shelf[product]
	people  *shelf[person]
	made    map[uint64][]docNumber // the estimates from which an invoice was made
	merges  map[uint64]merge       // suspected, by the customer that went
	held    map[docNumber]uint64   // the documents of these, with that customer
	rows    rows
	ahead   *ahead
}

func newMemory() *memory {
	return &memory{docs: newShelf[document]("documents"), items: newShelf[product]("items"), people: newShelf[person]("customers"),
		made: map[uint64][]docNumber{}, merges: map[uint64]merge{}, held: map[docNumber]uint64{}, rows: newRows(), ahead: newAhead()}
}

// load makes the memory that of the notes. Looks on copies of the notes come in between, so the version decides.
func (m *memory) load(o connectors.Observation, cur *cursor) {
	if m.version == 0 || m.version != cur.Version {
		m.docs.load(o)
		m.items.load(o)
		m.people.load(o)
		m.made = map[uint64][]docNumber{}
		for n, d := range m.docs.all {
			if d.By != 0 {
				m.made[d.By] = append(m.made[d.By], docNumber(n))
			}
		}
	}
	m.version, m.rows = cur.Version, newRows()
	m.ahead.forget()
	m.loadMerges(o)
}

// left says whether a customer is known to be inactive or gone.
func (m *memory) left(customer uint64) bool {
	p, _ := m.people.get(customer)
	return p.Left
}

// rows are rows that the last look showed, so that to read them costs nothing. A row of nil is gone.
type rows struct {
	all   map[string]json.RawMessage
	bytes int
}

// rowsBytes bounds what is kept.
const rowsBytes = 2 << 20

func newRows() rows { return rows{all: map[string]json.RawMessage{}} }

func (r *rows) put(entity string, i id, raw json.RawMessage) {
	name := entity + " " + string(i)
	r.bytes -= len(r.all[name])
	delete(r.all, name)
	if r.bytes+len(raw) > rowsBytes {
		return
	}
	r.bytes += len(raw)
	r.all[name] = slices.Clone(raw)
}

func (r *rows) get(entity string, i id) (json.RawMessage, bool) {
	raw, ok := r.all[entity+" "+string(i)]
	return raw, ok
}

func (r *rows) drop(entity string, i id) {
	name := entity + " " + string(i)
	r.bytes -= len(r.all[name])
	delete(r.all, name)
}
