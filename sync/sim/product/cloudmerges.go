package product

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"

	"syncbox/connectors/record"
)

// merge is a customer whose documents moved to another one.
type merge struct {
	Into      record.Key
	Documents []record.Key
	Asked     bool `json:",omitempty"`
}

// moves is what may turn out to be merges.
type moves struct {
	From map[record.Key]merge
	Gone map[record.Key]bool
}

func (l *cloudLook) loadMerges() {
	l.merges, l.moves = map[record.Key]merge{}, moves{}
	_ = json.Unmarshal(l.o.Mark("merges"), &l.merges) // nothing, or what mergesChanged wrote
	_ = json.Unmarshal(l.o.Get("moves"), &l.moves)
	if l.moves.From == nil {
		l.moves.From = map[record.Key]merge{}
	}
	if l.moves.Gone == nil {
		l.moves.Gone = map[record.Key]bool{}
	}
}

// moved notes that a document is another customer's now. Back at its first one it did not move at all.
func (l *cloudLook) moved(d, from, into record.Key) {
	for _, was := range slices.Sorted(maps.Keys(l.moves.From)) {
		m := l.moves.From[was]
		if m.Documents = slices.DeleteFunc(slices.Clone(m.Documents), func(x record.Key) bool { return x == d }); was == into || was == from {
			l.putMove(was, m)
		}
	}
	m := l.moves.From[from]
	m.Into, m.Asked, m.Documents = into, false, append(m.Documents, d)
	l.putMove(from, m)
}

func (l *cloudLook) putMove(from record.Key, m merge) {
	if len(m.Documents) == 0 {
		delete(l.moves.From, from)
		return
	}
	l.moves.From[from] = m
}

// judgeMoves decides which moves look like a merge: documents moved away from a customer that is not in use, or not there.
func (l *cloudLook) judgeMoves() error {
	for _, from := range slices.Sorted(maps.Keys(l.moves.Gone)) {
		if err := l.askDocuments(from); err != nil {
			return err
		}
	}
	for _, from := range slices.Sorted(maps.Keys(l.moves.From)) {
		m := l.moves.From[from]
		left, err := l.left(from, m.Asked)
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

// left says whether a customer is not in use or gone. It is asked for once.
func (l *cloudLook) left(customer record.Key, asked bool) (bool, error) {
	noted := func() bool { return string(l.o.Get(noteOf(record.Account, customer))) == isLeft }
	if _, shown := l.shown[spot{record.Account, customer}]; shown || asked || noted() {
		return noted(), nil
	}
	err := l.confirm(record.Account, customer)
	return noted(), err
}

// askDocuments reads the documents that a customer had when it went: the feed may not tell that they moved.
func (l *cloudLook) askDocuments(customer record.Key) error {
	var keys []record.Key
	for _, r := range l.p.Rows {
		if r.Entity == record.Document && string(l.o.Get(noteOf(r.Entity, r.Key))) == string(customer) {
			keys = append(keys, r.Key)
		}
	}
	if len(keys) == 0 {
		return nil
	}
	if err := l.page(); err != nil {
		return err
	}
	for _, key := range keys {
		if l.p.Live(record.Document, key) != nil {
			l.document(key)
		}
	}
	return nil
}

// suspect holds a customer and its former documents back.
func (l *cloudLook) suspect(from record.Key, m merge) {
	for _, d := range l.merges[from].Documents {
		if !slices.Contains(m.Documents, d) {
			m.Documents = append(m.Documents, d)
		}
	}
	slices.Sort(m.Documents)
	l.merges[from] = m
	l.p.Line.Happened("customer "+string(from)+" seems to have been merged into "+string(m.Into), false)
	l.mergesChanged(from, m)
}

func (l *cloudLook) unsuspect(from record.Key) {
	if m, ok := l.merges[from]; ok {
		delete(l.merges, from)
		l.mergesChanged(from, m)
	}
}

func (l *cloudLook) mergesChanged(from record.Key, m merge) {
	b, err := json.Marshal(l.merges)
	if err != nil {
		panic(err) // our own type
	}
	l.o.SetMark("merges", b)
	l.changedNow(record.Account, from)
	l.changedNow(record.Contact, from)
	for _, d := range m.Documents {
		l.changedNow(record.Document, d)
	}
}

// changedNow tells of a record of which this look may not have shown anything.

// relink takes up what a person said, where it still is what is suspected.
func (l *cloudLook) relink() {
	for _, from := range slices.Sorted(maps.Keys(l.relinks)) {
		if m, ok := l.merges[from]; ok && m.Into == l.relinks[from] {
			l.p.Line.Happened("customer "+string(from)+" was merged, a person says", false)
			l.unsuspect(from)
		}
	}
}

// MergeSuspected is the code of a record that is held back since customers seem to have been merged.
const MergeSuspected = "erp-merge-suspected"

// suspicious holds back what is suspected.
func (c *cloudSide) suspicious(r record.Record) record.Record {
	for _, from := range slices.Sorted(maps.Keys(c.merges)) {
		m := c.merges[from]
		mine := (r.Entity == record.Account || r.Entity == record.Contact) && r.Key == from
		if mine || r.Entity == record.Document && slices.Contains(m.Documents, r.Key) {
			r.Gone, r.Held = false, MergeSuspected
			r.HeldArgs = map[string]string{"from": string(from), "into": string(m.Into), "documents": strconv.Itoa(len(m.Documents))}
		}
	}
	return r
}
