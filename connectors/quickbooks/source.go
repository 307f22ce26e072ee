package quickbooks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// Observe tells what changed since the last look: one call of the change feed where nothing special
// happened. Without notes, or when the last look is longer ago than the feed goes back, it reads everything
// from the site's start date on, page by page; a look that is cut short goes on at the page where it was.
//
// What the feed and the pages show is kept in memory until the next look, so that Read of it costs no call.
// An error with connectors.ErrWritesOnly in its chain says that the box's allowance of reads is used up.
// The error of kind Auth qbo-realm-changed says that the box was connected to another company.
func (c *Company) Observe(ctx context.Context, o connectors.Observation) error {
	c.writesOnly = false
	l := newLook(c, o)
	err := l.run(ctx)
	if err != nil {
		c.memory.version = 0 // it may hold what was not committed
		c.writesOnly = errors.Is(err, connectors.ErrWritesOnly)
		return err
	}
	clear(c.relinks)
	return nil
}

// look is one look.
type look struct {
	c     *Company
	o     connectors.Observation
	m     *memory
	cur   cursor
	now   time.Time // of the server, when the last look was taken; ours without one
	told  int64
	moves moves
	// hadMoves says that there is a note of moves, marked that the suspected merges changed.
	hadMoves, marked bool

	fresh map[string]id      // the SyncToken of what this look showed
	items map[uint64]product // those that changed since the last commit, as they were
}

func newLook(c *Company, o connectors.Observation) *look {
	l := &look{c: c, o: o, m: c.memory, fresh: map[string]id{}, items: map[uint64]product{}}
	if note := o.Get(cursorNote); note == nil || json.Unmarshal(note, &l.cur) != nil {
		l.cur = cursor{Version: uint64(c.cfg.Now().UnixNano())}
	}
	l.m.load(o, &l.cur)
	l.loadMoves()
	var ok bool
	if l.now, ok = parseTime(l.cur.Since); !ok {
		l.now = c.cfg.Now()
	}
	return l
}

func (l *look) run(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := l.sameRealm(); err != nil {
		return err
	}
	l.relink()
	if l.cur.Since == "" && l.cur.Whole == nil || l.cur.Start != l.start() {
		l.begin()
	}
	for range 2 { // a feed that does not go back far enough asks for a complete look
		if l.cur.Whole != nil {
			if err := l.complete(ctx); err != nil {
				return fmt.Errorf("look at everything: %w", err)
			}
		}
		if err := l.feed(ctx); err != nil {
			return fmt.Errorf("look for changes: %w", err)
		}
		if l.cur.Whole == nil {
			return nil
		}
	}
	return nil
}

// realmMark keeps the number of the company whose records are linked.
const realmMark = "realm"

// sameRealm refuses another company than the one of the looks before.
func (l *look) sameRealm() error {
	realm, err := l.c.api.realm()
	if err != nil {
		return err
	}
	switch was := string(l.o.Mark(realmMark)); {
	case realm == "" || was == realm:
	case was == "":
		l.o.SetMark(realmMark, []byte(realm))
	default:
		return connectors.Errorf(connectors.Auth, CodeRealmChanged, "the looks before were at another company")
	}
	return nil
}

// commit makes everything durable: what was told, and how far that is.
func (l *look) commit() error {
	if err := l.fanOut(); err != nil {
		return err
	}
	changed := false
	for _, save := range []func(connectors.Observation) (bool, error){l.m.docs.save, l.m.items.save, l.m.people.save} {
		did, err := save(l.o)
		if err != nil {
			return err
		}
		changed = changed || did
	}
	if changed {
		l.cur.Version++
	}
	if err := l.saveMoves(); err != nil {
		return err
	}
	if l.marked {
		mark, err := json.Marshal(l.m.merges)
		if err != nil {
			return fmt.Errorf("mark %s: %w", mergesMark, err)
		}
		l.o.SetMark(mergesMark, mark)
	}
	if err := putJSON(l.o, cursorNote, l.cur); err != nil {
		return err
	}
	if err := l.o.Commit(); err != nil {
		return err
	}
	l.m.version, l.marked = l.cur.Version, false
	return nil
}

// tellOne tells one record.
func (l *look) tellOne(e record.Entity, k record.Key) {
	l.o.Changed(e, k, nil)
	if l.cur.Whole == nil {
		l.m.ahead.told(e, k)
	}
}

// tellCustomer tells both records of a customer.
func (l *look) tellCustomer(i id) {
	l.tellOne(record.Account, record.Key(i))
	l.tellOne(record.Contact, record.Key(i))
}

// bad makes the error of an answer that is not what it should be.
func bad(what string, err error) error {
	return connectors.Errorf(connectors.Unavailable, CodeBadAnswer, "%s: %w", what, err)
}
