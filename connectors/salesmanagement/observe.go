package salesmanagement

import (
	"context"
	"encoding/json"
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

// Observe tells the records that may have changed since the last look. A list that the key may not read is passed over; the
// others go on.
func (t *Tenant) Observe(ctx context.Context, o connectors.Observation) error {
	if err := t.Check(ctx); err != nil {
		return err
	}
	noQuotes, err := t.quotesThere(ctx)
	if err != nil {
		return fmt.Errorf("look for the statuses of quotes: %w", err)
	}
	t.users = nil
	clear(t.models)
	clear(t.accounts)
	clear(t.places)
	t.remember(o)
	t.pictures.load(o)
	l := &look{t: t, o: o, begun: t.serverNow()}
	for _, e := range entities {
		res := t.resource(e)
		if res == nil {
			continue
		}
		if e == record.Quote && noQuotes != nil {
			o.Skip(e, noQuotes)
			continue
		}
		err := l.entity(ctx, e, res)
		if connectors.KindOf(err) == connectors.Drift {
			o.Skip(e, err)
			continue
		}
		if err != nil {
			return fmt.Errorf("look for changes of %s: %w", e, err)
		}
	}
	t.keepOthers(o)
	if err := t.pictures.save(o); err != nil {
		return err
	}
	return o.Commit()
}

// look is one look at everything.
type look struct {
	t     *Tenant
	o     connectors.Observation
	begun time.Time // by the server's clock
	told  int64
}

// cursor is the note of where the look at a list ended.
type cursor struct {
	Since    time.Time         // when the last look began
	Complete time.Time         // when the last one began that told everything
	Plain    bool              `json:",omitempty"` // the expression was refused since: everything is read and compared here
	Seen     map[string]string `json:",omitempty"` // what was shown of an id that the next look may be shown again
}

func note(list string) string { return "salesmanagement/" + list }

// cursor gives the note of a list; complete says that only a look at everything will do. A clock that went back is no reason to
// wait longer.
func (l *look) cursor(list string) (cur cursor, complete bool) {
	raw := l.o.Get(note(list))
	if raw == nil || json.Unmarshal(raw, &cur) != nil || cur.Since.IsZero() {
		return cursor{}, true
	}
	age := l.begun.Sub(cur.Complete)
	return cur, age < 0 || age >= l.t.cfg.CompleteEvery
}

func (l *look) keep(list string, cur cursor) error {
	if len(cur.Seen) > commitAfter {
		cur.Seen = nil
	}
	raw, err := json.Marshal(cur)
	if err != nil {
		return err
	}
	l.o.Put(note(list), raw)
	return nil
}

// rows gives the rows of a list that changed since the last look: by an expression, or compared here where that is refused (M6).
func (l *look) rows(ctx context.Context, list string, each func(r row, whole bool) error) error {
	cur, complete := l.cursor(list)
	since := cur.Since.Add(-l.t.cfg.Overlap)
	next := cursor{Since: l.begun, Complete: cur.Complete, Plain: cur.Plain, Seen: map[string]string{}}
	if complete {
		next.Complete, next.Plain = l.begun, false
	}
	visit := func(page []row) error {
		for _, r := range page {
			recent := r.moved().IsZero() || r.moved().After(l.begun.Add(-2*l.t.cfg.Overlap))
			state := digest(r)
			if recent {
				next.Seen[r.id("id")] = state
			}
			switch {
			case complete:
			case !r.moved().IsZero() && !r.moved().After(since):
				continue
			case cur.Seen[r.id("id")] == state:
				continue
			}
			if err := each(r, complete); err != nil {
				return err
			}
		}
		return l.count(len(page))
	}
	err := error(nil)
	if complete || cur.Plain {
		err = l.t.list(ctx, list, "", visit)
	} else if err = l.t.list(ctx, list, since3(since), visit); refuses(err) {
		l.t.log.Warn("changes can't be asked for", "part", "salesmanagement", "list", list)
		next.Plain = true
		err = l.t.list(ctx, list, "", visit)
	}
	if err != nil {
		return err
	}
	return l.keep(list, next)
}

// since3 is true of rows that were made, changed or deleted after a time; the time of updates is null until the first.
func since3(at time.Time) string {
	when := quoted(at.UTC().Format(time.RFC3339))
	var parts []string
	for _, name := range []string{"dateCreated", "dateUpdated", "dateDeleted"} {
		parts = append(parts, name+" > "+when)
	}
	return strings.Join(parts, " OR ")
}

// digest is equal for rows that show the same.
func digest(r row) string {
	var b []byte
	for _, name := range slices.Sorted(maps.Keys(r)) {
		b = append(append(append(append(b, name...), 0), r[name]...), 0)
	}
	return strconv.FormatUint(xxh3.Hash(b), 36)
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

// entity looks at the records of one entity.
func (l *look) entity(ctx context.Context, e record.Entity, res *resource) error {
	told := map[string]bool{}
	err := l.rows(ctx, res.list, func(r row, whole bool) error {
		alone, err := l.t.seen(ctx, e, r)
		if alone && !whole && !l.t.foreign(r) { // it may have been ours until now, or nobody's
			l.gone(e, r)
		}
		if alone || err != nil {
			return err
		}
		if e == record.Quote {
			l.quote(r, told)
			return nil
		}
		rec, err := l.t.whole(ctx, e, res, r)
		if err != nil {
			return err
		}
		l.o.Changed(e, rec.Key, &rec)
		return nil
	})
	if err != nil || e != record.Quote {
		return err
	}
	return l.rows(ctx, linesList, func(r row, whole bool) error {
		if id := r.id("salesOrderId"); !whole && id != "" && !told[id] {
			return l.owner(ctx, id, told)
		}
		return nil
	})
}

// gone tells that a row is not, or no longer, there for this dossier.
func (l *look) gone(e record.Entity, r row) {
	key := record.Key(r.id("id"))
	l.o.Changed(e, key, &record.Record{Entity: e, Key: key, ExternalID: r.text(FieldExternal), Gone: true})
}

// quote tells an order that is a quote. Its lines are read when it is asked for.
func (l *look) quote(r row, told map[string]bool) {
	if l.t.shape.quotes[r.id("statusId")] == "" && !r.gone() {
		return
	}
	told[r.id("id")] = true
	if r.gone() {
		l.gone(record.Quote, r)
		return
	}
	l.o.Changed(record.Quote, record.Key(r.id("id")), nil)
}

// owner tells the quote of a line that changed: that may leave the quote's own times alone.
func (l *look) owner(ctx context.Context, id string, told map[string]bool) error {
	told[id] = true
	r, err := l.t.get(ctx, resources[record.Quote].list, id)
	if err != nil || r == nil {
		return err
	}
	p, err := l.t.placeOf(ctx, record.Quote, r)
	if err == nil && p != elsewhere {
		l.quote(r, told)
	}
	return err
}
