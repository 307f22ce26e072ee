package quickbooks

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"syncbox/connectors/record"
)

// Read gives records. What the last look showed is not asked for again; the rest is, by Id, many at once. A
// row that is missing from an answer is asked for alone before it counts as gone: then its record is Gone.
//
// A row that QuickBooks can't show, or that is not what it should be, gives a record that is Held, and so do
// a customer that seems to have been merged into another one, and its former documents.
func (c *Company) Read(ctx context.Context, e record.Entity, keys []record.Key) (found []record.Record, later []record.Key, err error) {
	if shapes[e] == nil {
		return nil, nil, badOp("read %s: not known here", e)
	}
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	r := reading{c: c, e: e, ask: map[string][]id{}}
	seen := map[record.Key]bool{}
	for _, k := range keys {
		entity, i, ok := placeOf(e, k)
		if !ok || seen[k] {
			continue
		}
		seen[k] = true
		raw, fetched := c.memory.ahead.read(e, k)
		if row, known := c.memory.rows.get(entity, i); known {
			r.show(entity, i, row)
		} else if fetched {
			r.show(entity, i, raw)
		} else {
			r.ask[entity] = append(r.ask[entity], i)
		}
	}
	for _, entity := range readEntities {
		if err := r.askFor(ctx, entity); err != nil {
			return nil, nil, err
		}
	}
	return r.found, nil, nil
}

// reading is one Read.
type reading struct {
	c     *Company
	e     record.Entity
	ask   map[string][]id // what the last look did not show
	found []record.Record
}

func (r *reading) askFor(ctx context.Context, entity string) error {
	ids := r.ask[entity]
	if len(ids) == 0 {
		return nil
	}
	next := r.c.memory.next(r.e, entity, ids)
	if len(ids) == 1 && len(next) == 0 {
		return r.confirm(ctx, entity, ids[0])
	}
	f := &fetching{reading: r, entity: entity, ahead: map[record.Key]json.RawMessage{}}
	answered, err := r.c.byID(ctx, entity, append(slices.Clip(ids), next...), f.row)
	if err != nil {
		return err
	}
	r.c.memory.ahead.keep(r.e, f.ahead)
	for _, i := range answered.missing {
		if slices.Contains(ids, i) {
			if err := r.confirm(ctx, entity, i); err != nil {
				return err
			}
		}
	}
	for _, i := range answered.unread {
		if slices.Contains(ids, i) {
			r.add(entity, i, record.Record{}, holding(CodeRowUnreadable))
		}
	}
	return nil
}

// fetching takes the rows of a query: those that were asked for are shown, and those of later are kept.
type fetching struct {
	*reading
	entity string
	ahead  map[record.Key]json.RawMessage
	bytes  int
}

func (f *fetching) row(raw json.RawMessage) error {
	i := id(idIn(raw))
	switch {
	case i == "":
	case slices.Contains(f.ask[f.entity], i):
		f.show(f.entity, i, raw)
	case f.bytes+len(raw) <= aheadBytes:
		f.bytes += len(raw)
		f.ahead[keyOf(f.entity, i)] = slices.Clone(raw)
	}
	return nil
}

// confirm reads one row alone.
func (r *reading) confirm(ctx context.Context, entity string, i id) error {
	answered := byIDs{c: r.c, entity: entity, each: func(raw json.RawMessage) error {
		r.show(entity, i, raw)
		return nil
	}}
	if err := answered.alone(ctx, i); err != nil {
		return err
	}
	for _, i := range answered.missing {
		r.show(entity, i, nil)
	}
	for _, i := range answered.unread {
		r.add(entity, i, record.Record{}, holding(CodeRowUnreadable))
	}
	return nil
}

// show makes the record of a row; without a row it is gone.
func (r *reading) show(entity string, i id, raw json.RawMessage) {
	if raw == nil {
		r.add(entity, i, record.Record{Gone: true}, r.suspicion(entity, i))
		return
	}
	var rec record.Record
	h := r.c.make(r.e, entity, raw, &rec)
	if s := r.suspicion(entity, i); s != nil {
		h = s
	}
	r.add(entity, i, rec, h)
}

// suspicion says why a record is held back although its row is well.
func (r *reading) suspicion(entity string, i id) *held {
	m := r.c.memory
	if entity == customerEntity {
		n, _ := i.number()
		return m.suspicion(n)
	}
	if s, is := sortOf(entity); is {
		d, _ := docNumberOf(s, i)
		return m.suspicion(m.held[d])
	}
	return nil
}

// make makes a record's fields of a row.
func (c *Company) make(e record.Entity, entity string, raw json.RawMessage, rec *record.Record) *held {
	switch s, is := sortOf(entity); {
	case is:
		var t transaction
		if err := json.Unmarshal(raw, &t); err != nil {
			return badRow(err)
		}
		return c.document(s, &t, rec)
	case entity == customerEntity:
		var cu customer
		if err := json.Unmarshal(raw, &cu); err != nil {
			return badRow(err)
		}
		rec.Fields = cu.fields(e)
	default:
		var it item
		if err := json.Unmarshal(raw, &it); err != nil {
			return badRow(err)
		}
		rec.Fields = it.category()
		rec.Gone = !it.product().Category
	}
	return nil
}

// badRow holds a record whose row is not what it should be.
func badRow(err error) *held {
	field := ""
	if t, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		field = t.Field
	}
	return holding(CodeRowBad, "field", field)
}

func (r *reading) add(entity string, i id, rec record.Record, h *held) {
	rec.Entity, rec.Key = r.e, record.Key(i)
	if s, is := sortOf(entity); is {
		rec.Key = documentKey(s, i)
	}
	if h != nil {
		rec.Gone, rec.Held, rec.HeldArgs, rec.Remark = false, h.code, h.args, nil
	}
	r.found = append(r.found, rec)
}
