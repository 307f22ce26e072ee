package quickbooks

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// begin starts a complete look.
func (l *look) begin() {
	l.cur.Whole = &whole{Other: l.cur.Start != l.start()}
	l.cur.Start = l.start()
	l.cur.Round++
	l.cur.Seen = nil
}

// start is the day from which documents are taken, as the cursor keeps it.
func (l *look) start() string {
	if l.c.cfg.Start.IsZero() {
		return ""
	}
	return l.c.cfg.Start.Format(time.DateOnly)
}

// wanted are the conditions under which rows of an entity are read: documents from the start date on.
func (c *Company) wanted(entity string) []string {
	if _, is := sortOf(entity); is && !c.cfg.Start.IsZero() {
		return []string{"TxnDate >= " + day(c.cfg.Start)}
	}
	return nil
}

// complete reads every row from the start date on, and commits after each page. What is left then is the
// time from which the change feed is asked: that at which this began.
func (l *look) complete(ctx context.Context) error {
	w := l.cur.Whole
	for ; w.Entity < len(readEntities); w.Entity++ {
		if err := l.completeEntity(ctx, w, readEntities[w.Entity]); err != nil {
			return fmt.Errorf("%s: %w", readEntities[w.Entity], err)
		}
		w.From, w.Position, w.Size = "", 0, 0
	}
	if !w.Other {
		for _, entity := range readEntities[1:] {
			if err := l.vanished(ctx, entity); err != nil {
				return fmt.Errorf("%s: %w", entity, err)
			}
		}
	}
	l.cur.Since, l.cur.Whole, l.cur.Seen = w.Began, nil, nil
	return l.commit()
}

func (l *look) completeEntity(ctx context.Context, w *whole, entity string) error {
	p := l.pager(entity)
	p.from, p.position, p.size = w.From, w.Position, w.Size
	for more := true; more; {
		at, next, err := p.next(ctx, func(raw json.RawMessage) error { return l.row(ctx, entity, raw) })
		if err != nil {
			return err
		}
		if w.Began == "" && at != "" {
			if _, ok := parseTime(at); !ok {
				return bad("query", errNoTime)
			}
			w.Began = at
		}
		w.From, w.Position, w.Size, more = p.from, p.position, p.size, next
		if more {
			if err := l.commit(); err != nil {
				return err
			}
		}
		l.o.Progress(l.told, 0)
	}
	return nil
}

// pager makes a pager of what the site wants of an entity, which reports rows that can't be shown.
func (l *look) pager(entity string) *pager {
	return &pager{c: l.c, entity: entity, conditions: l.c.wanted(entity), skipped: func(i id) error {
		if i == "" {
			l.unnamed(entity, nil)
			return nil
		}
		l.unreadable(entity, i)
		return nil
	}}
}

// unreadable tells a row that the product can't show in a list: it is asked for alone, and held if that does
// not help.
func (l *look) unreadable(entity string, i id) {
	l.seen(entity, i) // it is there
	l.tell(entity, i)
}

// tell tells the records of a row.
func (l *look) tell(entity string, i id) {
	switch s, is := sortOf(entity); {
	case entity == customerEntity:
		l.tellCustomer(i)
	case is:
		l.tellOne(record.Document, documentKey(s, i))
	default:
		l.tellOne(record.Category, record.Key(i))
	}
}

// window reads what changed in an entity since a time where the change feed does not tell all of it. What was
// deleted shows by its absence from a complete list alone.
func (l *look) window(ctx context.Context, entity string, since time.Time) error {
	p := l.pager(entity)
	p.from = text(since.UTC().Format(time.RFC3339))
	if err := l.pages(ctx, p, func(raw json.RawMessage) error { return l.row(ctx, entity, raw) }); err != nil {
		return err
	}
	if entity == itemEntity {
		return nil
	}
	l.cur.Round++
	err := l.pages(ctx, l.pager(entity), func(raw json.RawMessage) error {
		var h struct {
			ID id `json:"Id"`
		}
		if json.Unmarshal(raw, &h) == nil {
			l.seen(entity, h.ID)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return l.vanished(ctx, entity)
}

// seen notes that a row is in the complete list of this round.
func (l *look) seen(entity string, i id) {
	if entity == customerEntity {
		n, _ := i.number()
		if p, known := l.m.people.get(n); known && p.Round != l.cur.Round {
			p.Round = l.cur.Round
			l.m.people.put(n, p)
		}
		return
	}
	s, is := sortOf(entity)
	d, _ := docNumberOf(s, i)
	if entry, known := l.m.docs.get(uint64(d)); is && known && entry.Round != l.cur.Round {
		entry.Round = l.cur.Round
		l.m.docs.put(uint64(d), entry)
	}
}

// pages reads all pages.
func (l *look) pages(ctx context.Context, p *pager, each func(json.RawMessage) error) error {
	for more := true; more; {
		var err error
		if _, more, err = p.next(ctx, each); err != nil {
			return err
		}
		if err := l.commit(); err != nil { // the cursor has not moved
			return err
		}
	}
	return nil
}

// fewGone is how many rows may be missing from a complete list before it is not believed: this many, or so
// many percent of all.
const (
	fewGone        = 50
	fewGonePercent = 20
)

// vanished looks for rows that a complete list did not show. Each is asked for before it counts as gone; a
// list without so many of them is not believed at all.
func (l *look) vanished(ctx context.Context, entity string) error {
	absent, all := l.absent(entity)
	if len(absent) > max(fewGone, all*fewGonePercent/100) {
		return &connectors.Error{Kind: connectors.Unavailable, Code: CodeListShort, Args: map[string]string{"entity": entity}}
	}
	for _, i := range absent {
		raw, err := l.c.get(ctx, entity, i)
		switch {
		case err != nil && !poisoned(err):
			return err
		case err == nil && raw == nil:
			l.gone(entity, i)
		default:
			l.seen(entity, i)
		}
	}
	return nil
}

// absent gives what the complete list of this round did not show, and how many rows are known in all.
func (l *look) absent(entity string) (absent []id, all int) {
	if entity == customerEntity {
		for n, p := range l.m.people.all {
			if all++; p.Round != l.cur.Round && !p.Left {
				absent = append(absent, idOf(n))
			}
		}
		return absent, all
	}
	s, _ := sortOf(entity)
	for n, entry := range l.m.docs.all {
		if d := docNumber(n); d.sort() == s && entry.Customer != 0 {
			if all++; entry.Round != l.cur.Round {
				absent = append(absent, d.id())
			}
		}
	}
	return absent, all
}
