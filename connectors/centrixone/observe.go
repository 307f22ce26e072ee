package centrixone

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// commitAfter is how many rows may be told between two commits.
const commitAfter = 5000

// Observe tells the accounts of the protected list that may have changed, and those contacts of it that
// are their account's primary one. Users, categories and documents belong to the ERP and are not told.
//
// It asks for what changed since the last look, and for everything when there are no notes or the last
// complete look is a day old: a record that left the list or was deleted shows only by its absence.
func (c *CRM) Observe(ctx context.Context, o connectors.Observation) error {
	list, err := c.checkedList(ctx)
	if err != nil {
		return err
	}
	for _, e := range []record.Entity{record.Account, record.Contact} {
		l := look{crm: c, o: o, entity: e, list: list, teller: c.teller(o, e)}
		if err := l.run(ctx); err != nil {
			return fmt.Errorf("look for changes of %s: %w", e, err)
		}
	}
	return nil
}

// teller turns rows into what is told about them.
type teller interface {
	// complete begins a complete look; again asks for the rows once more when the first round has ended.
	complete() (first, again func(row), between func() error)
	// changed takes a row that may have changed.
	changed(row)
	// flush tells what waits for the rest of the changes; it comes before each commit.
	flush()
}

func (c *CRM) teller(o connectors.Observation, e record.Entity) teller {
	switch {
	case e == record.Account:
		return everyRow{tell(o, e), func(row) bool { return true }}
	case c.cfg.PrimaryContact == PrimaryFlag:
		return everyRow{tell(o, e), func(r row) bool { return r.flag("IsPrimary") && r.id("AccountId") != 0 }}
	}
	return newOldest(tell(o, e), o)
}

// tell hands a row to the observation.
func tell(o connectors.Observation, e record.Entity) func(row) {
	return func(r row) {
		if rec, ok := r.record(e, nil); ok {
			o.Changed(e, rec.Key, &rec)
		}
	}
}

// everyRow tells each row that it is asked about and that is fit.
type everyRow struct {
	tell func(row)
	fit  func(row) bool
}

func (t everyRow) complete() (first, again func(row), between func() error) {
	return t.changed, nil, nil
}

func (t everyRow) changed(r row) {
	if t.fit(r) {
		t.tell(r)
	}
}

func (t everyRow) flush() {}

// cursor is the note of where a look ended.
type cursor struct {
	List     int64            // the protected list that was looked at
	Primary  string           // Config.PrimaryContact of that time
	Since    time.Time        // by the server's clock
	Modified string           `json:",omitempty"` // the last answer's Last-Modified, good for the same Since only
	Complete time.Time        // when the last complete look began, by our clock
	Seen     map[int64]string `json:",omitempty"` // ModifiedAt by Id of what was told at or after Since
}

// look is one look at one entity.
type look struct {
	crm    *CRM
	o      connectors.Observation
	entity record.Entity
	list   int64
	teller teller
	told   int64
}

func (l *look) run(ctx context.Context) error {
	var cur cursor
	note := l.o.Get(l.note())
	if note == nil || json.Unmarshal(note, &cur) != nil || l.stale(cur, time.Now()) {
		return l.whole(ctx)
	}
	return l.since(ctx, cur)
}

func (l *look) note() string { return "centrixone/" + objects[l.entity].resource }

// stale says that only a complete look will do. A clock that went back is no reason to wait longer.
func (l *look) stale(cur cursor, now time.Time) bool {
	age := now.Sub(cur.Complete)
	return cur.List != l.list || cur.Primary != l.crm.cfg.PrimaryContact || age >= l.crm.cfg.CompleteEvery || age < 0
}

func (l *look) query() query {
	return query{resource: objects[l.entity].resource, filter: fmt.Sprintf("S%d", l.list)}
}

// whole looks at all rows, twice if the teller needs to have seen all before it tells any.
func (l *look) whole(ctx context.Context) error {
	cur := cursor{List: l.list, Primary: l.crm.cfg.PrimaryContact, Complete: time.Now().UTC()}
	first, again, between := l.teller.complete()
	fresh := map[int64]string{}
	start, err := l.round(ctx, func(r row, since time.Time) {
		first(r)
		if modified := r.text("ModifiedAt"); recent(modified, since) {
			fresh[r.id("Id")] = modified
		}
	})
	if err != nil {
		return err
	}
	if again != nil {
		if err := between(); err != nil {
			return err
		}
		if _, err := l.round(ctx, func(r row, _ time.Time) { again(r) }); err != nil {
			return err
		}
	}
	cur.advance(start, fresh)
	return l.keep(cur)
}

// round hands all rows to each and gives the time from which on the next look asks: that of the server at
// the beginning, less the overlap.
func (l *look) round(ctx context.Context, each func(row, time.Time)) (since time.Time, err error) {
	_, err = l.crm.pages(ctx, l.query(), func(p *page) error {
		if since.IsZero() {
			since = p.serverTime.Add(-l.crm.cfg.Overlap)
		}
		return l.page(p, func(r row) { each(r, since) })
	})
	return since, err
}

// page hands the rows of one page to each, and commits when enough has been told.
func (l *look) page(p *page, each func(row)) error {
	if p.serverTime.IsZero() {
		return l.crm.badAnswer(http.MethodGet, l.crm.address(l.query()), errors.New("the answer has no ServerTime"))
	}
	before := l.told / commitAfter
	for _, r := range p.rows {
		each(r)
	}
	l.told += int64(len(p.rows))
	l.o.Progress(l.told, 0)
	if l.told/commitAfter > before {
		l.teller.flush()
		return l.o.Commit()
	}
	return nil
}

// since looks at what has changed. While nothing does, the URL stays the same, so that the server can
// answer 304; when something did, Since moves behind it but for the overlap.
func (l *look) since(ctx context.Context, cur cursor) error {
	q := l.query()
	q.since, q.modified = cur.Since, cur.Modified
	var first *page
	fresh := map[int64]string{}
	unchanged, err := l.crm.pages(ctx, q, func(p *page) error {
		if first == nil {
			first = p
		}
		return l.page(p, func(r row) { l.once(r, cur.Seen, fresh) })
	})
	if err != nil || unchanged {
		return err
	}
	if cur.Modified = safely(first); first.next != "" {
		cur.Modified = "" // a later page may change alone
	}
	if len(fresh) > 0 {
		cur.advance(first.serverTime.Add(-l.crm.cfg.Overlap), fresh)
	}
	return l.keep(cur)
}

// once passes a row on that was not told before in the same state, in this look or in the overlap.
func (l *look) once(r row, seen, fresh map[int64]string) {
	id, modified := r.id("Id"), r.text("ModifiedAt")
	known := modified != "" && (seen[id] == modified || fresh[id] == modified)
	if fresh[id] = modified; !known {
		l.teller.changed(r)
	}
}

// advance moves Since forward and keeps in mind what the next look will show again.
func (cur *cursor) advance(since time.Time, told map[int64]string) {
	if since.After(cur.Since) {
		cur.Since, cur.Modified = since, ""
	}
	cur.Seen = map[int64]string{}
	for id, modified := range told {
		if recent(modified, cur.Since) && len(cur.Seen) < commitAfter {
			cur.Seen[id] = modified
		}
	}
}

// recent says whether a read since that time, which URLs tell in whole seconds, shows the row again.
func recent(modified string, since time.Time) bool {
	at, err := time.Parse(time.RFC3339, modified) // takes fractions of a second too
	return err == nil && !at.Before(since.Truncate(time.Second))
}

func (l *look) keep(cur cursor) error {
	l.teller.flush()
	note, err := json.Marshal(cur)
	if err != nil {
		return err
	}
	l.o.Put(l.note(), note)
	return l.o.Commit()
}

// safely gives the If-Modified-Since for the next read of the same URL. Last-Modified has whole seconds:
// one that is as young as the answer may hide what changed later in the same second, so a little less is
// asked for, which costs one answer that was not needed.
func safely(p *page) string {
	at, err := http.ParseTime(p.modified)
	if err != nil {
		return ""
	}
	if p.serverTime.Sub(at) >= 2*time.Second {
		return p.modified
	}
	return at.Add(-2 * time.Second).UTC().Format(http.TimeFormat)
}
