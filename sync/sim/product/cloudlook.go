package product

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// cloudCursor is the note of how far looks have come.
type cloudCursor struct {
	Since uint64      // of the feed
	Whole *cloudWhole `json:",omitempty"`
}

// cloudWhole is how far a complete look has come, which began when the feed was at Began.
type cloudWhole struct {
	Began uint64
	Next  int // of the entities
}

// cloudLook is one look.
type cloudLook struct {
	*cloudSide
	ctx   context.Context
	o     connectors.Observation
	known bool // there is a cursor
	cur   cloudCursor
	moves moves
	told  bool
}

// Observe tells what may have changed: by one answer of the feed, where that goes back to the look before and is not cut off.
func (e CloudERP) Observe(ctx context.Context, o connectors.Observation) error {
	l := &cloudLook{cloudSide: e.c, ctx: ctx, o: o}
	e.c.spare = false
	if err := l.run(); err != nil {
		e.c.spare = errors.Is(err, connectors.ErrWritesOnly)
		return err
	}
	clear(e.c.relinks)
	e.c.looked = e.c.p.Line.Steady()
	if l.told {
		e.c.changed = e.c.looked
	}
	return nil
}

func (l *cloudLook) run() error {
	if err := l.ctx.Err(); err != nil {
		return err
	}
	note := l.o.Get("cursor")
	l.known = note != nil && json.Unmarshal(note, &l.cur) == nil
	clear(l.shown)
	l.loadMerges()
	l.made = map[record.Key]record.Key{}
	_ = json.Unmarshal(l.o.Get("made"), &l.made) // nothing, or what commit wrote
	l.relink()
	if !l.known {
		l.begin()
	}
	for range 2 {
		if l.cur.Whole != nil {
			if err := l.complete(); err != nil {
				return err
			}
		}
		if err := l.feed(); err != nil || l.cur.Whole == nil {
			return err
		}
	}
	return nil
}

// begin starts a complete look.
func (l *cloudLook) begin() { l.cur.Whole = &cloudWhole{Began: l.p.feed.seq} }

// page asks for one page.
func (l *cloudLook) page() error {
	if err := l.take(Look, false); err != nil {
		return err
	}
	l.p.Line.End(l.p.Side, Look)
	return nil
}

// complete reads every row, and commits after each page.
func (l *cloudLook) complete() error {
	breaks := l.p.Line.Breaks(l.p.Side, Look)
	w := l.cur.Whole
	for w.Next < len(Entities) {
		if breaks && w.Next == 2 {
			return l.p.broken()
		}
		if err := l.all(Entities[w.Next], true); err != nil {
			return err
		}
		if w.Next++; w.Next < len(Entities) {
			if err := l.commit(); err != nil {
				return err
			}
		}
	}
	l.cur = cloudCursor{Since: w.Began}
	return l.commit()
}

// all reads the list of an entity, and finds out what is not in it any more. Contacts come with their accounts.
func (l *cloudLook) all(e record.Entity, tell bool) error {
	if e == record.Contact {
		return nil
	}
	if err := l.page(); err != nil {
		return err
	}
	listed := map[record.Key]bool{}
	for _, r := range slices.Clone(l.p.Rows) {
		if r.Entity == e && !r.Gone {
			listed[r.Key] = true
			if tell {
				l.row(e, r.Key)
			}
		}
	}
	for _, r := range slices.Clone(l.p.Rows) {
		if r.Entity == e && !listed[r.Key] && l.noted(e, r.Key) {
			if err := l.confirm(e, r.Key); err != nil {
				return err
			}
		}
	}
	return nil
}

// noted says whether a row is known, and not known to be gone.
func (l *cloudLook) noted(e record.Entity, key record.Key) bool {
	note := string(l.o.Get(noteOf(e, key)))
	return note != "" && !(e == record.Account && note == isLeft)
}

// confirm reads a row that is said to be gone.
func (l *cloudLook) confirm(e record.Entity, key record.Key) error {
	if err := l.page(); err != nil {
		return err
	}
	if l.p.Live(e, key) != nil {
		l.row(e, key)
	} else {
		l.gone(e, key)
	}
	return nil
}

// feed takes what the feed tells since the last look. Where it does not go back so far, everything is looked at.
func (l *cloudLook) feed() error {
	p := l.p
	if err := l.page(); err != nil {
		return err
	}
	if p.ERP.Form.Memory > 0 {
		p.ERP.feed.forget(p.Line.Steady() - p.ERP.Form.Memory)
	}
	if l.cur.Since < p.ERP.feed.forgotten {
		p.Line.Forgot(p.Side)
		l.begin()
		return nil
	}
	now := p.ERP.feed.seq
	if rows := l.changedSince(""); len(rows) < p.Form.FeedMost {
		if err := l.rows(rows); err != nil {
			return err
		}
	} else if err := l.cutOff(); err != nil {
		return err
	}
	if err := l.judgeMoves(); err != nil {
		return err
	}
	l.cur.Since = now
	return l.commit()
}

// changedSince gives the rows of an entity that the feed tells, or of all. A customer is one row.
func (l *cloudLook) changedSince(only record.Entity) (rows []spot) {
	for _, c := range l.p.ERP.feed.changes {
		at := spot{c.e, c.key}
		if at.e == record.Contact {
			at.e = record.Account
		}
		if c.seq > l.cur.Since && (only == "" || at.e == only) {
			rows = append(slices.DeleteFunc(rows, func(o spot) bool { return o == at }), at)
		}
	}
	return rows
}

func (l *cloudLook) rows(rows []spot) error {
	for _, at := range rows {
		if l.p.Live(at.e, at.key) != nil {
			l.row(at.e, at.key)
		} else if err := l.confirm(at.e, at.key); err != nil {
			return err
		}
	}
	return nil
}

// cutOff asks by entity where an answer may have been cut off, and reads the list of one of which that is so as well. What was
// deleted shows by its absence from that alone.
func (l *cloudLook) cutOff() error {
	l.p.Line.Happened("the feed may be cut off", false)
	breaks := l.p.Line.Breaks(l.p.Side, Look)
	for n, e := range Entities {
		if e == record.Contact {
			continue
		}
		if breaks && n == 3 {
			return l.p.broken()
		}
		if err := l.page(); err != nil {
			return err
		}
		rows := l.changedSince(e)
		if len(rows) < l.p.Form.FeedMost {
			if err := l.rows(rows); err != nil {
				return err
			}
			continue
		}
		for _, at := range rows {
			if l.p.Live(at.e, at.key) != nil {
				l.row(at.e, at.key)
			}
		}
		if err := l.commit(); err != nil { // the cursor has not moved
			return err
		}
		if err := l.all(e, false); err != nil {
			return err
		}
	}
	return nil
}

// Notes of a customer that is in use, and of one that is not.
const (
	isActive = "active"
	isLeft   = "left"
)

func noteOf(e record.Entity, key record.Key) string { return string(e) + "/" + string(key) }

// row takes a live row.
func (l *cloudLook) row(e record.Entity, key record.Key) {
	switch e {
	case record.Account:
		l.tellCustomer(key)
		l.person(key, !l.p.Active(key))
		if l.p.Active(key) {
			l.unsuspect(key)
		}
	case record.Document:
		l.document(key)
	default:
		l.o.Put(noteOf(e, key), []byte(isActive))
		l.tell(e, key)
	}
}

// tell tells of a record, and keeps it as it is for whoever reads it.
func (l *cloudLook) tell(e record.Entity, key record.Key) {
	r := l.p.Get(e, key)
	if r == nil {
		return
	}
	l.shown[spot{e, key}] = *r
	l.told = true
	l.p.Line.Told(l.p.Side, e, key)
	l.o.Changed(e, key, nil)
}

func (l *cloudLook) tellCustomer(key record.Key) {
	l.tell(record.Account, key)
	l.tell(record.Contact, key)
}

// person notes whether a customer is in use. Of one that has just left, the documents are asked for, and so they are of one that
// the feed tells of though it left before: it may have come back and been merged since.
func (l *cloudLook) person(key record.Key, left bool) {
	was, now := string(l.o.Get(noteOf(record.Account, key))), isActive
	if left {
		now = isLeft
	}
	l.o.Put(noteOf(record.Account, key), []byte(now))
	if !left {
		delete(l.moves.Gone, key)
	} else if was == isActive || was == isLeft && l.cur.Whole == nil {
		l.moves.Gone[key] = true
	}
}

// document notes whose a document is, and tells those that it was made from.
func (l *cloudLook) document(key record.Key) {
	r := l.p.Live(record.Document, key)
	was, now := record.Key(l.o.Get(noteOf(record.Document, key))), r.Fields["account"].Key()
	l.o.Put(noteOf(record.Document, key), []byte(now))
	l.tell(record.Document, key)
	if r.From != "" {
		l.made[r.From] = key
		l.tell(record.Document, r.From)
	}
	if was != "" && was != now {
		l.moved(key, was, now)
	}
}

// gone takes a row that is not there any more.
func (l *cloudLook) gone(e record.Entity, key record.Key) {
	switch e {
	case record.Account:
		l.tellCustomer(key)
		l.person(key, true)
	case record.Document:
		if l.noted(e, key) {
			l.o.Put(noteOf(e, key), nil)
			l.tell(e, key)
			if from := l.p.Get(e, key).From; l.made[from] == key {
				delete(l.made, from)
				l.tell(e, from)
			}
		}
	}
}

func (l *cloudLook) commit() error {
	if len(l.moves.From)+len(l.moves.Gone) > 0 || l.o.Get("moves") != nil {
		b, err := json.Marshal(l.moves)
		if err != nil {
			return err
		}
		l.o.Put("moves", b)
	}
	if len(l.made) > 0 || l.o.Get("made") != nil {
		b, err := json.Marshal(l.made)
		if err != nil {
			return err
		}
		l.o.Put("made", b)
	}
	b, err := json.Marshal(l.cur)
	if err != nil {
		return err
	}
	l.o.Put("cursor", b)
	return l.o.Commit()
}

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
func (l *cloudLook) changedNow(e record.Entity, key record.Key) {
	l.told = true
	l.p.Line.Told(l.p.Side, e, key)
	l.o.Changed(e, key, nil)
}

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
