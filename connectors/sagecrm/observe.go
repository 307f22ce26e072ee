package sagecrm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/zeebo/xxh3"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// commitAfter is how many records may be told between two commits, and how many a note keeps in mind.
const commitAfter = 5000

// observed are the entities that a look tells, in this order.
var observed = []record.Entity{record.Account, record.Contact}

// Observe tells the companies and persons that may have changed. Each table is asked once for what changed since the last
// look; only what is new there is read. Everything is told when there are no notes or the last complete look is a day old.
func (c *CRM) Observe(ctx context.Context, o connectors.Observation) error {
	if err := c.Check(ctx); err != nil {
		return err
	}
	s, err := c.use(ctx)
	if err != nil {
		return err
	}
	if err := c.lookCustom(ctx, s); err != nil {
		return fmt.Errorf("look for custom fields: %w", err)
	}
	l := look{crm: c, site: s, o: o, begun: c.serverNow(), touched: map[record.Entity][]string{}}
	if err := l.children(ctx); err != nil {
		return fmt.Errorf("look for changes of what belongs to companies and persons: %w", err)
	}
	for _, e := range observed {
		if err := l.entity(ctx, e); err != nil {
			return fmt.Errorf("look for changes of %s: %w", e, err)
		}
	}
	for t, cur := range l.later {
		if err := l.keep(t, cur); err != nil {
			return err
		}
	}
	return o.Commit()
}

// look is one look at everything.
type look struct {
	crm   *CRM
	site  site
	o     connectors.Observation
	begun time.Time // by the server's clock
	// touched are the owners of children that changed; lost says that one changed whose owner nobody tells.
	touched map[record.Entity][]string
	lost    bool
	later   map[table]cursor // notes of children, kept once their owners were told
	told    int64
}

// cursor is the note of where the look at a table ended.
type cursor struct {
	Since    time.Time         // when the last look began
	Wide     time.Time         // when the last one began that went back further
	Complete time.Time         // when the last one began that told everything
	Seen     map[string]string `json:",omitempty"` // what was shown of an id that the next look may be told of again
}

// removed is what Seen holds of a deleted record.
const removed = "-"

func note(t table) string { return "sagecrm/" + t.name }

// cursor gives the note of a table; false if only a complete look will do. A clock that went back is no reason to wait longer.
func (l *look) cursor(t table) (cursor, bool) {
	var cur cursor
	raw := l.o.Get(note(t))
	if raw == nil || json.Unmarshal(raw, &cur) != nil {
		return cursor{Seen: map[string]string{}}, false
	}
	if cur.Seen == nil {
		cur.Seen = map[string]string{}
	}
	age := l.begun.Sub(cur.Complete)
	return cur, age >= 0 && age < l.crm.cfg.CompleteEvery
}

func (l *look) keep(t table, cur cursor) error {
	cur.Since = l.begun
	if len(cur.Seen) > commitAfter {
		cur.Seen = nil
	}
	raw, err := json.Marshal(cur)
	if err != nil {
		return err
	}
	l.o.Put(note(t), raw)
	return nil
}

// window gives the local time from which on a look asks, and notes whether it goes back far.
func (l *look) window(cur *cursor) (since time.Time, wide bool) {
	cfg, back := l.crm.cfg, l.crm.cfg.Recent
	if age := l.begun.Sub(cur.Wide); age < 0 || age >= cfg.WideEvery {
		back, wide, cur.Wide = max(cfg.Overlap, cfg.Recent), true, l.begun
	}
	return earliest(cur.Since.Add(-back), l.begun, cfg.Zone), wide
}

// changes asks for what changed in a table: by queryid or, where that is not to be had, by its times.
func (l *look) changes(ctx context.Context, t table, since time.Time) ([]change, error) {
	found, err := l.site.changes(ctx, t, since)
	if !errors.Is(err, errNoChanges) {
		return found, err
	}
	err = l.site.query(ctx, t, least("updateddate", since.Format(localSQL)), func(page []row) error {
		for _, r := range page {
			id := r.id(l.crm.keyOf(t))
			if id == "" {
				return connectors.Errorf(connectors.Unavailable, CodeBadAnswer, "%s: a record without an id", t.name)
			}
			found = append(found, change{id: id, deleted: r.gone(), row: &r})
		}
		return nil
	})
	return found, err
}

// entity looks at companies or persons.
func (l *look) entity(ctx context.Context, e record.Entity) error {
	t := tables[e]
	cur, fresh := l.cursor(t)
	if cur.Since.IsZero() {
		return l.complete(ctx, e, nil, nil)
	}
	since, wide := l.window(&cur)
	found, err := l.changes(ctx, t, since)
	if err != nil {
		return err
	}
	before := cur.Seen
	if !fresh || l.lost {
		return l.complete(ctx, e, found, before)
	}
	if wide {
		cur.Seen = map[string]string{}
	}
	if err := l.tell(ctx, e, found, before, cur.Seen); err != nil {
		return err
	}
	return l.keep(t, cur)
}

// complete tells everything, and of what changed since the last look what is deleted: a list of what is there does not tell
// that. Where rows nest all that belongs to them, one pass does.
func (l *look) complete(ctx context.Context, e record.Entity, found []change, before map[string]string) error {
	t, cur := tables[e], cursor{Wide: l.begun, Complete: l.begun, Seen: map[string]string{}}
	for _, ch := range found {
		if ch.deleted {
			l.absent(e, ch.id, before, cur.Seen)
		}
	}
	if l.site.nested(t) {
		if err := l.nesting(ctx, e, cur.Seen); err != nil {
			return err
		}
		return l.keep(t, cur)
	}
	var ids []string
	if err := l.crm.everyID(ctx, l.site, t, func(id string) { ids = append(ids, id) }); err != nil {
		return err
	}
	for part := range slices.Chunk(ids, commitAfter) {
		err := l.crm.whole(ctx, l.site, t, part, func(r row) { l.show(e, r, nil, l.recent(r, cur.Seen)) }, func(id string) { l.unreadable(e, id) })
		if err != nil {
			return err
		}
		if err := l.count(len(part)); err != nil {
			return err
		}
	}
	return l.keep(t, cur)
}

// nesting tells all rows of a table that nest what belongs to them. Where the first page nests nothing of a kind, this is asked for
// before any row counts: a site that keeps it apart would seem to have cleared it all.
func (l *look) nesting(ctx context.Context, e record.Entity, seen map[string]string) error {
	t, proven := tables[e], false
	var doubtful []row
	all := func(page []row) error {
		if doubtful = page; !proven && len(page) > 0 && !nestAll(page) {
			return errDoubtful
		}
		proven = proven || len(page) > 0
		for _, r := range page {
			l.show(e, r, nil, l.recent(r, seen))
		}
		return l.count(len(page))
	}
	err := l.site.query(ctx, t, l.crm.every(t), all)
	if !errors.Is(err, errDoubtful) {
		return err
	}
	if err := l.crm.proveNested(ctx, l.site, t, doubtful); err != nil {
		return err
	}
	proven = true
	return l.site.query(ctx, t, l.crm.every(t), all)
}

// recent gives where to note what a row shows: nowhere, if no look that goes back can show it again.
func (l *look) recent(r row, seen map[string]string) map[string]string {
	cfg := l.crm.cfg
	since := earliest(l.begun.Add(-2*max(cfg.Overlap, cfg.Recent)), l.begun, cfg.Zone).Format(localTime)
	if at := strings.Replace(r.get("updateddate"), " ", "T", 1); at != "" && at < since || len(seen) > commitAfter {
		return map[string]string{}
	}
	return seen
}

// unreadable tells a record that the CRM can't show.
func (l *look) unreadable(e record.Entity, id string) {
	l.o.Changed(e, record.Key(id), &record.Record{Entity: e, Key: record.Key(id), Held: CodeRecordUnreadable})
}

// count commits when enough has been told.
func (l *look) count(n int) error {
	before := l.told / commitAfter
	l.told += int64(n)
	l.o.Progress(l.told, 0)
	if l.told/commitAfter > before {
		return l.o.Commit()
	}
	return nil
}

// tell reads what changed and tells what was not told before in the same state.
func (l *look) tell(ctx context.Context, e record.Entity, found []change, before, after map[string]string) error {
	ids := l.touched[e]
	for _, ch := range found {
		if !ch.deleted {
			ids = append(ids, ch.id)
			continue
		}
		if before[ch.id] != removed {
			l.o.Changed(e, record.Key(ch.id), nil)
		}
		after[ch.id] = removed
	}
	ids = slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return after[id] == removed && slices.ContainsFunc(found, deleted(id)) })
	nests := l.site.nested(tables[e])
	for _, ch := range found { // where the answer holds them whole
		if ch.row != nil && nests && !ch.deleted && !slices.Contains(l.touched[e], ch.id) {
			l.show(e, *ch.row, before, after)
			ids = slices.DeleteFunc(ids, func(id string) bool { return id == ch.id })
		}
	}
	return l.read(ctx, e, ids, before, after)
}

// deleted finds the deletion of an id.
func deleted(id string) func(change) bool {
	return func(ch change) bool { return ch.deleted && ch.id == id }
}

// read reads records and tells them. What is not there any more is told without a record.
func (l *look) read(ctx context.Context, e record.Entity, ids []string, before, after map[string]string) error {
	missing := map[string]bool{}
	for _, id := range ids {
		missing[id] = true
	}
	err := l.crm.whole(ctx, l.site, tables[e], distinct(ids), func(r row) {
		delete(missing, r.id(tables[e].key))
		l.show(e, r, before, after)
	}, func(id string) {
		delete(missing, id)
		l.unreadable(e, id)
	})
	if err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(missing)) {
		l.absent(e, id, before, after)
	}
	return nil
}

// show tells one row, unless before has it in the same state.
func (l *look) show(e record.Entity, r row, before, after map[string]string) {
	rec, live := l.crm.cfg.record(e, r)
	if rec.Key == "" {
		return
	}
	if !live {
		l.absent(e, string(rec.Key), before, after)
		return
	}
	state := digest(rec.Fields, rec.ExternalID+"\x00"+r.get("updateddate")) // what was gone meanwhile is back as it was
	known := before[string(rec.Key)] == state
	if after[string(rec.Key)] = state; !known {
		l.o.Changed(e, rec.Key, &rec)
	}
}

func (l *look) absent(e record.Entity, id string, before, after map[string]string) {
	known := before[id] == removed
	if after[id] = removed; !known {
		l.o.Changed(e, record.Key(id), nil)
	}
}

// digest is equal for equal fields.
func digest(f record.Fields, external string) string {
	return strconv.FormatUint(xxh3.Hash(f.AppendCanonical([]byte(external))), 36)
}
