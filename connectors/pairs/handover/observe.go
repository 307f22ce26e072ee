package handover

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/zeebo/xxh3"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// pages are the notes of what was told of quotes last.
const pages = 64

func page(p int) string { return fmt.Sprintf("handover/%02d", p) }

func pageOf(reference string) int { return int(xxh3.HashString(reference) % pages) }

// Observe tells of the records as the sync is to see them. A quote is told whenever anything of it is otherwise than it was told last.
func (d *Dossier) Observe(ctx context.Context, o connectors.Observation) error {
	l := &look{Observation: o}
	if err := d.Dossier.Observe(ctx, l); err != nil || l.skipped {
		return err
	}
	k, err := d.Track(ctx)
	if err != nil {
		return err
	}
	if err := d.timed(k); err != nil {
		return err
	}
	now := make([]map[string]uint64, pages)
	for _, ref := range k.References() {
		p := pageOf(ref)
		if now[p] == nil {
			now[p] = map[string]uint64{}
		}
		now[p][ref] = k.Digest(ref)
	}
	for p := range now {
		if err := l.page(page(p), now[p], k.Settled()); err != nil {
			return err
		}
	}
	return o.Commit()
}

// look tells of quotes by our references alone.
type look struct {
	connectors.Observation
	skipped bool
}

// Changed passes on what is no quote: a document's number is not what it is known by.
func (l *look) Changed(e record.Entity, key record.Key, seen *record.Record) {
	if e != record.Quote {
		l.Observation.Changed(e, key, seen)
	}
}

// Skip passes on that an entity can't be looked at.
func (l *look) Skip(e record.Entity, err error) {
	l.skipped = l.skipped || e == record.Quote
	l.Observation.Skip(e, err)
}

// page tells the quotes of a page that are otherwise than noted. What a table that was lost may have had stays noted.
func (l *look) page(name string, now map[string]uint64, settled bool) error {
	was := map[string]uint64{}
	raw := l.Get(name)
	if raw != nil && json.Unmarshal(raw, &was) != nil {
		clear(was) // as if nothing had ever been told
	}
	next := maps.Clone(now)
	for _, ref := range slices.Sorted(maps.Keys(now)) {
		if before, known := was[ref]; !known || before != now[ref] {
			l.Observation.Changed(record.Quote, record.Key(ref), nil)
		}
		delete(was, ref)
	}
	for _, ref := range slices.Sorted(maps.Keys(was)) {
		if settled {
			l.Observation.Changed(record.Quote, record.Key(ref), nil)
			continue
		}
		if next == nil {
			next = map[string]uint64{}
		}
		next[ref] = was[ref]
	}
	if len(next) == 0 {
		if raw != nil {
			l.Put(name, nil)
		}
		return nil
	}
	text, err := json.Marshal(next)
	if err != nil {
		return fmt.Errorf("note quotes: %w", err)
	}
	l.Put(name, text)
	return nil
}
