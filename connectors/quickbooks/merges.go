package quickbooks

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// merge is a customer whose documents moved to another one.
type merge struct {
	Into      uint64      // the customer that has them now
	Documents []docNumber // in order
	At        time.Time   // by the server's clock, when the last one moved
	Asked     bool        `json:",omitempty"` // it was found out whether the customer is still there
}

// mergesMark keeps the merges that are suspected; it outlives the notes. movesNote keeps documents that moved
// from a customer that is still there, for as long as the other half of a merge may take to show.
const (
	mergesMark = "merges"
	movesNote  = "moves"
	movesKept  = 7 * 24 * time.Hour
)

// loadMerges reads what is suspected.
func (m *memory) loadMerges(o connectors.Observation) {
	m.merges = map[uint64]merge{}
	if mark := o.Mark(mergesMark); len(mark) > 0 && json.Unmarshal(mark, &m.merges) != nil {
		m.merges = map[uint64]merge{}
	}
	m.hold()
}

// hold lists the documents that are held back.
func (m *memory) hold() {
	m.held = map[docNumber]uint64{}
	for from, s := range m.merges {
		for _, d := range s.Documents {
			m.held[d] = from
		}
	}
}

// suspicion says why a customer is held back, nil if it isn't.
func (m *memory) suspicion(customer uint64) *held {
	s, ok := m.merges[customer]
	if !ok {
		return nil
	}
	return holding(CodeMergeSuspected, "from", string(idOf(customer)), "into", string(idOf(s.Into)), "documents", strconv.Itoa(len(s.Documents)))
}

// moves is what may turn out to be merges: documents that moved not long ago, and customers that became
// inactive or went, and whose documents were not asked for yet.
type moves struct {
	From map[uint64]merge `json:",omitempty"`
	Gone map[uint64]bool  `json:",omitempty"`
}

func (l *look) loadMoves() {
	l.moves = moves{}
	if note := l.o.Get(movesNote); note != nil && json.Unmarshal(note, &l.moves) != nil {
		l.moves = moves{}
	}
	if l.moves.From == nil {
		l.moves.From = map[uint64]merge{}
	}
	if l.moves.Gone == nil {
		l.moves.Gone = map[uint64]bool{}
	}
	l.hadMoves = !l.moves.empty()
}

func (m moves) empty() bool { return len(m.From)+len(m.Gone) == 0 }

// saveMoves keeps them in a note.
func (l *look) saveMoves() error {
	if l.moves.empty() {
		if l.hadMoves {
			l.o.Put(movesNote, nil)
		}
		l.hadMoves = false
		return nil
	}
	l.hadMoves = true
	return putJSON(l.o, movesNote, l.moves)
}

// moved notes that a document is another customer's now. Back at its first one it did not move at all.
func (l *look) moved(d docNumber, from, into uint64) {
	for was, m := range l.moves.From {
		if m.Documents = slices.DeleteFunc(slices.Clone(m.Documents), func(x docNumber) bool { return x == d }); was == into || was == from {
			l.putMove(was, m)
		}
	}
	m := l.moves.From[from]
	m.Into, m.At, m.Asked = into, l.now, false
	m.Documents = append(m.Documents, d)
	l.putMove(from, m)
}

func (l *look) putMove(from uint64, m merge) {
	if len(m.Documents) == 0 {
		delete(l.moves.From, from)
		return
	}
	l.moves.From[from] = m
}

// judgeMoves decides, once all rows of a look are known, which moves look like a merge: documents moved away
// from a customer that is inactive or not there.
func (l *look) judgeMoves(ctx context.Context) error {
	for _, from := range slices.Sorted(maps.Keys(l.moves.Gone)) {
		if err := l.askDocuments(ctx, from); err != nil {
			return err
		}
	}
	for _, from := range slices.Sorted(maps.Keys(l.moves.From)) {
		m := l.moves.From[from]
		if l.now.Sub(m.At) > movesKept {
			delete(l.moves.From, from)
			continue
		}
		left, err := l.left(ctx, from, m.Asked)
		if err != nil {
			return err
		}
		m.Asked = true
		l.moves.From[from] = m
		if left {
			delete(l.moves.From, from)
			l.suspect(from, m)
		}
	}
	clear(l.moves.Gone)
	return nil
}

// left says whether a customer is inactive or gone. It is asked for once, when its documents move.
func (l *look) left(ctx context.Context, customer uint64, asked bool) (bool, error) {
	_, shown := l.m.rows.get(customerEntity, idOf(customer))
	if l.m.left(customer) || shown || asked {
		return l.m.left(customer), nil
	}
	raw, err := l.c.get(ctx, customerEntity, idOf(customer))
	switch {
	case err != nil:
		return false, err
	case raw == nil:
		l.gone(customerEntity, idOf(customer))
		return true, nil
	}
	return l.m.left(customer), l.row(ctx, customerEntity, raw)
}

// askDocuments reads the documents that a customer had when it went: the feed may not tell that they moved.
func (l *look) askDocuments(ctx context.Context, customer uint64) error {
	var keys [len(sorts)][]id
	for n, d := range l.m.docs.all {
		if d.Customer == customer {
			s := docNumber(n).sort()
			keys[s] = append(keys[s], docNumber(n).id())
		}
	}
	for s, ids := range keys {
		slices.Sort(ids)
		_, err := l.c.byID(ctx, sorts[s].entity, ids[:min(len(ids), asked)], func(raw json.RawMessage) error {
			delete(l.cur.Seen, sorts[s].entity+" "+idIn(raw)) // it may be another customer's without being changed
			return l.row(ctx, sorts[s].entity, raw)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// idIn gives the Id of a row, empty if it can't be read.
func idIn(raw json.RawMessage) string {
	var h struct {
		ID id `json:"Id"`
	}
	if json.Unmarshal(raw, &h) != nil {
		return ""
	}
	return string(h.ID)
}

// asked is how many documents of each sort are enough to tell whether a customer's documents moved.
const asked = 200

// suspect holds a customer and its former documents back.
func (l *look) suspect(from uint64, m merge) {
	old := l.m.merges[from]
	for _, d := range old.Documents {
		if !slices.Contains(m.Documents, d) {
			m.Documents = append(m.Documents, d)
		}
	}
	slices.Sort(m.Documents)
	l.m.merges[from] = m
	l.c.log.Warn("customers seem to have been merged", "from", idOf(from), "into", idOf(m.Into), "documents", len(m.Documents))
	l.mergesChanged(from, m)
}

// unsuspect lets a customer and its documents go on.
func (l *look) unsuspect(from uint64) {
	if m, ok := l.m.merges[from]; ok {
		delete(l.m.merges, from)
		l.mergesChanged(from, m)
	}
}

func (l *look) mergesChanged(from uint64, m merge) {
	l.m.hold()
	l.marked = true
	l.tellCustomer(idOf(from))
	for _, d := range m.Documents {
		l.tellOne(record.Document, d.key())
	}
}

// Relink implements connectors.Relinker: a person says that the documents of one customer are now those of
// the customer that QuickBooks shows, into which it was merged.
func (c *Company) Relink(e record.Entity, from, into record.Key) {
	if e != record.Account && e != record.Contact {
		return
	}
	f, ok := id(from).number()
	t, known := id(into).number()
	if ok && known {
		c.relinks[f] = t
	}
}

// relink takes up what a person said, where it still is what is suspected.
func (l *look) relink() {
	for from, into := range l.c.relinks {
		if m, ok := l.m.merges[from]; ok && m.Into == into {
			l.unsuspect(from)
		}
	}
}
