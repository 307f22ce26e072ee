package salesmanagement

import (
	"context"
	"maps"
	"net/http"
	"slices"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// create makes a record, unless one with its external id is there already: that one is the record, and is changed. One that was
// deleted is brought back, or made anew where that is refused (M8, M11). new says that none is there.
func (t *Tenant) create(ctx context.Context, op connectors.Op, res *resource, new bool) connectors.Result {
	body, err := t.encode(ctx, op, nil)
	if err != nil {
		return notApplied(err)
	}
	if err := t.newborn(op.Entity, body); err != nil {
		return notApplied(err)
	}
	if !new {
		there, err := t.present(ctx, op, res)
		if err != nil {
			return outcome(err)
		}
		if there != nil {
			return t.adopt(ctx, op, res, there)
		}
	}
	var sums, final payload
	if op.Entity == record.Quote {
		t.implied(op, body, row{})
		sums, final = take(body, totals), take(body, last)
	}
	made, err := t.write(ctx, http.MethodPost, body, res.list)
	if err != nil {
		if result := outcome(err); result.Outcome == connectors.NotApplied {
			return result
		}
		return t.lost(ctx, op, res, err)
	}
	id := made.id("id")
	if id == "" {
		return t.lost(ctx, op, res, connectors.Errorf(connectors.Unavailable, CodeBadAnswer, "%s was made, and the answer has no id", op.Entity))
	}
	if err := t.finish(ctx, op, &hand{t: t, list: res.list, id: id}, sums, final); err != nil {
		return connectors.Result{Outcome: connectors.ReadBack, Key: record.Key(id), Err: partial{err}}
	}
	return connectors.Result{Outcome: connectors.Applied, Key: record.Key(id)}
}

// identity is an external id of one entity.
type identity struct {
	entity   record.Entity
	external string
}

// absent gives those external ids of what is to be made that no row has, deleted ones among them: many with one expression. Nothing is
// told of the others, nor where the expression is refused or fails: each is looked for by itself then.
func (t *Tenant) absent(ctx context.Context, ops []connectors.Op) map[identity]bool {
	ids := map[record.Entity][]string{}
	for _, op := range ops {
		if op.Kind == connectors.Create && op.ExternalID != "" && t.resource(op.Entity) != nil {
			ids[op.Entity] = append(ids[op.Entity], op.ExternalID)
		}
	}
	absent := map[identity]bool{}
	for _, e := range slices.Sorted(maps.Keys(ids)) {
		for some := range slices.Chunk(ids[e], together) {
			if len(some) > 2 && t.Check(ctx) == nil {
				t.absentOf(ctx, e, some, absent)
			}
		}
	}
	return absent
}

func (t *Tenant) absentOf(ctx context.Context, e record.Entity, externals []string, absent map[identity]bool) {
	there := map[string]bool{}
	err := t.list(ctx, t.resource(e).list, anyExternal(externals), func(page []row) error {
		for _, r := range page {
			there[r.text(FieldExternal)] = true
		}
		return nil
	})
	for _, external := range externals {
		if err == nil && !there[external] {
			absent[identity{e, external}] = true
		}
	}
}

// present gives the row that has the external id of a new record, brought back if it was deleted; nil if there is none.
func (t *Tenant) present(ctx context.Context, op connectors.Op, res *resource) (row, error) {
	if op.ExternalID == "" {
		return nil, nil
	}
	live, deleted, err := t.byExternal(ctx, res.list, op.ExternalID)
	if err != nil || live != nil || deleted == nil {
		return live, err
	}
	_, err = t.write(ctx, http.MethodPut, payload{"deleted": false}, res.list, deleted.id("id"))
	if refuses(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	back, err := t.get(ctx, res.list, deleted.id("id"))
	if err != nil || back == nil || back.gone() {
		return nil, err
	}
	return back, nil
}

// adopt makes a row that is there show the new record.
func (t *Tenant) adopt(ctx context.Context, op connectors.Op, res *resource, there row) connectors.Result {
	op.Key = record.Key(there.id("id"))
	if err := t.change(ctx, op, res, there); err != nil {
		return t.settled(ctx, op, res, err)
	}
	return connectors.Result{Outcome: connectors.Applied, Key: op.Key}
}

// lost looks for a record that was made without an answer (M8). That it is not there proves nothing: it may still come.
func (t *Tenant) lost(ctx context.Context, op connectors.Op, res *resource, cause error) connectors.Result {
	result := outcome(cause)
	if op.ExternalID == "" {
		return result
	}
	live, _, err := t.byExternal(ctx, res.list, op.ExternalID)
	if err != nil || live == nil {
		return result
	}
	return t.adopt(ctx, op, res, live)
}

// finish writes what is no part of a new row itself.
func (t *Tenant) finish(ctx context.Context, op connectors.Op, h *hand, sums, final payload) error {
	switch op.Entity {
	case record.Product:
		return t.picture(ctx, h.id, row{"id": []byte(h.id)}, op.Fields[FieldPicture])
	case record.Quote:
		return t.quoteSteps(ctx, op, h, nil, nil, sums, final)
	}
	return nil
}
