package product

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

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

func (l *cloudLook) changedNow(e record.Entity, key record.Key) {
	l.told = true
	l.p.Line.Told(l.p.Side, e, key)
	l.o.Changed(e, key, nil)
}
