package sage50fr

import (
	"context"
	"slices"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// Read gives the records as the exports have told them. A key that a table which was lost may have had comes later.
func (d *Dossier) Read(ctx context.Context, e record.Entity, keys []record.Key) (found []record.Record, later []record.Key, err error) {
	t, err := d.atHand(ctx, e)
	if err != nil || t == nil {
		return nil, nil, err
	}
	for _, k := range keys {
		i, there := t.index[id{e, k}]
		if !there {
			if !t.state.settled(d.cfg.DeletedAfter) {
				later = append(later, k)
			}
			continue
		}
		r, err := d.record(t, i)
		if err != nil {
			return nil, nil, noRoom(err)
		}
		found = append(found, r)
	}
	return found, later, nil
}

// atHand gives the table that tells e; nil where there is none.
func (d *Dossier) atHand(ctx context.Context, e record.Entity) (*table, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if d.blocked != nil {
		return nil, d.blocked
	}
	if err := d.load(); err != nil {
		return nil, err
	}
	kind := kindOfEntity[e]
	if t := d.tables[kind]; t != nil {
		return t, nil
	}
	return nil, d.refused[kind]
}

// record gives one as it is now.
func (d *Dossier) record(t *table, i int) (record.Record, error) {
	row, err := t.row(i)
	if err != nil {
		return record.Record{}, err
	}
	r := record.Record{Entity: row.Entity, Key: row.Key, Fields: record.Fields{}, ExternalID: row.Reference, Gone: row.Gone,
		Held: row.Held, HeldArgs: row.Args}
	for name, v := range row.Fields {
		if d.provides(row.Entity, name) {
			r.Fields[name] = v
		}
	}
	if row.Entity == record.Quote || row.Entity == record.Document {
		d.cfg.named(r.Fields)
	}
	if row.Entity == record.Product {
		put(r.Fields, "picture", record.TextOf(d.pictures.of(row.Key, row.Image)))
	}
	if r.Held == "" && t.twice(t.entries[i]) {
		r.Held = CodeReferenceTwice
	}
	return r, nil
}

// Sweep lists the live keys of what the exports have told, while the exchange folder is there and nothing of that kind is refused.
func (d *Dossier) Sweep(ctx context.Context, e record.Entity, seen func(record.Key)) error {
	t, err := d.atHand(ctx, e)
	if err != nil {
		return err
	}
	if _, err := d.exports(); err != nil {
		return err
	}
	kind := kindOfEntity[e]
	if err := d.refused[kind]; err != nil {
		return err
	}
	switch {
	case t == nil:
		return fault(connectors.Unavailable, CodeNotProvided, nil, "kind", kind)
	case !t.state.settled(d.cfg.DeletedAfter):
		return fault(connectors.Busy, CodeTableLost, nil, "kind", kind)
	}
	for _, x := range t.entries {
		if x.entity == e && !x.gone {
			seen(x.key)
		}
	}
	return nil
}

// Find gives the live records of e whose field has a value. ExternalIDField finds them by our reference.
func (d *Dossier) Find(ctx context.Context, e record.Entity, field string, v record.Value) ([]record.Key, error) {
	t, err := d.atHand(ctx, e)
	if err != nil || t == nil || v.Empty() {
		return nil, err
	}
	if field == connectors.ExternalIDField {
		var keys []record.Key
		for _, i := range t.refs[id{e, record.Key(v.Text)}] {
			keys = append(keys, t.entries[i].key)
		}
		return keys, nil
	}
	return d.search(ctx, t, e, field, v)
}

// search reads all rows.
func (d *Dossier) search(ctx context.Context, t *table, e record.Entity, field string, v record.Value) (keys []record.Key, err error) {
	for i, x := range t.entries {
		if x.entity != e || x.gone {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		r, err := d.record(t, i)
		if err != nil {
			return nil, noRoom(err)
		}
		if r.Fields[field].Equal(v) {
			keys = append(keys, x.key)
		}
	}
	slices.Sort(keys)
	return keys, nil
}
