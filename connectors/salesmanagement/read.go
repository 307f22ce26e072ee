package salesmanagement

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// together is how many ids one expression holds.
const together = 40

// Read gives records as they are now. What is deleted is there, and gone.
func (t *Tenant) Read(ctx context.Context, e record.Entity, keys []record.Key) (found []record.Record, later []record.Key, err error) {
	res := t.resource(e)
	if res == nil || len(keys) == 0 {
		return nil, nil, nil
	}
	if err := t.Check(ctx); err != nil {
		return nil, nil, err
	}
	var ids []string
	for _, key := range keys {
		if id := plainID(string(key)); id == string(key) {
			ids = append(ids, id)
		}
	}
	for part := range slices.Chunk(ids, together) {
		rows, err := t.rowsOf(ctx, res.list, part)
		if err != nil {
			return nil, nil, fmt.Errorf("read %s: %w", e, err)
		}
		for _, r := range rows {
			if p, err := t.placeOf(ctx, e, r); err != nil {
				return nil, nil, fmt.Errorf("read %s %s: %w", e, r.id("id"), err)
			} else if p == elsewhere && !t.foreign(r) {
				continue // a person gave it to another dossier before this one had it
			}
			rec, err := t.whole(ctx, e, res, r)
			if err != nil {
				return nil, nil, fmt.Errorf("read %s %s: %w", e, r.id("id"), err)
			}
			found = append(found, rec)
		}
	}
	return found, nil, nil
}

// rowsOf reads rows by their ids: many with one expression, where that is taken, and one by one what it did not show, since only an
// answer to the id itself proves that nothing is there.
func (t *Tenant) rowsOf(ctx context.Context, list string, ids []string) (rows []row, err error) {
	shown := map[string]bool{}
	if len(ids) > 2 {
		err := t.list(ctx, list, anyID(ids), func(page []row) error {
			for _, r := range page {
				if slices.Contains(ids, r.id("id")) {
					rows, shown[r.id("id")] = append(rows, r), true
				}
			}
			if len(rows) == len(ids) {
				return errEnough
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) && !refuses(err) {
			return nil, err
		}
	}
	for _, id := range ids {
		if shown[id] {
			continue
		}
		r, err := t.get(ctx, list, id)
		if err != nil {
			return nil, err
		}
		if r != nil {
			rows = append(rows, r)
		}
	}
	return rows, nil
}

// Sweep lists the keys of all live records of e. Orders that are no quotes are among them: a quote that became one is not gone.
func (t *Tenant) Sweep(ctx context.Context, e record.Entity, seen func(record.Key)) error {
	res := t.resource(e)
	if res == nil {
		return badOp("sweep %s: not known here", e)
	}
	err := t.list(ctx, res.list, "", func(page []row) error {
		for _, r := range page {
			if !r.gone() && (!t.foreign(r) || e == record.User) {
				seen(record.Key(r.id("id")))
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("sweep %s: %w", e, err)
	}
	return nil
}

// Find gives the live records by our identity, by what they refer to, or users by what they show. Names of accounts and contacts
// are never searched (S50-9).
func (t *Tenant) Find(ctx context.Context, e record.Entity, name string, v record.Value) ([]record.Key, error) {
	res := t.resource(e)
	if res == nil {
		return nil, badOp("find %s: not known here", e)
	}
	if strings.TrimSpace(v.Text) == "" {
		return nil, nil
	}
	f, known := res.fields[name]
	switch {
	case name == connectors.ExternalIDField || name == FieldExternal:
		return t.findBy(ctx, e, equal(FieldExternal, v.Text), func(r row) bool { return r.text(FieldExternal) == v.Text })
	case known && f.form == asRef && plainID(v.Text) != "":
		return t.findBy(ctx, e, refersTo(f.wire, plainID(v.Text)), func(r row) bool { return r.id(f.wire) == plainID(v.Text) })
	case known && e == record.User:
		return t.findBy(ctx, e, "", func(r row) bool { return fold(r.text(f.wire)) == fold(v.Text) })
	}
	return nil, badOp("find %s by %s: the product has no form for it", e, name)
}

// Asked gives the quotes that representatives ask prices for, with one call where there are none. It may be asked more often than
// a whole look would be made (S50-15).
func (t *Tenant) Asked(ctx context.Context) ([]record.Key, error) {
	if t.cfg.NoQuotes {
		return nil, nil
	}
	if err := t.Check(ctx); err != nil {
		return nil, err
	}
	for id, state := range t.shape.quotes {
		if state == ToPrice {
			return t.findBy(ctx, record.Quote, refersTo("statusId", id), func(r row) bool {
				t.noteAsked(r)
				p, err := t.placeOf(ctx, record.Quote, r) // else the cycle tells
				return r.id("statusId") == id && (p != elsewhere || err != nil)
			})
		}
	}
	return nil, nil
}

// noteAsked keeps since when prices are asked for a quote.
func (t *Tenant) noteAsked(r row) {
	if t.shape.quotes[r.id("statusId")] != ToPrice || r.gone() {
		delete(t.asked, record.Key(r.id("id")))
		return
	}
	key := record.Key(r.id("id"))
	if moved := r.moved(); t.asked[key].IsZero() && !moved.IsZero() {
		t.asked[key] = t.cfg.Now().Add(-max(0, t.serverNow().Sub(moved)))
	}
}

// AskedAt gives since when prices are asked for a quote, by the box's clock, as the first answer told that showed so; zero where none
// did. A representative who went on writing after asking moves it. It asks nobody.
func (t *Tenant) AskedAt(key record.Key) time.Time { return t.asked[key] }

func (t *Tenant) findBy(ctx context.Context, e record.Entity, where string, same func(row) bool) (keys []record.Key, err error) {
	err = t.search(ctx, t.resource(e).list, where, func(r row) {
		if same(r) && !r.gone() {
			keys = append(keys, record.Key(r.id("id")))
		}
	})
	if err != nil {
		return nil, fmt.Errorf("find %s: %w", e, err)
	}
	slices.SortFunc(keys, oldestFirst)
	return keys, nil
}

// oldestFirst orders keys by their numbers.
func oldestFirst(a, b record.Key) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
}

// search gives the rows that meet where, and maybe others; all where the expression is refused.
func (t *Tenant) search(ctx context.Context, list, where string, each func(row)) error {
	all := func(page []row) error {
		for _, r := range page {
			each(r)
		}
		return nil
	}
	err := t.list(ctx, list, where, all)
	if where != "" && refuses(err) {
		err = t.list(ctx, list, "", all)
	}
	return err
}

// byExternal gives the oldest live row with an external id, and the newest one that is deleted; nil where there is none (M8).
func (t *Tenant) byExternal(ctx context.Context, list, external string) (live, deleted row, err error) {
	err = t.search(ctx, list, equal(FieldExternal, external), func(r row) {
		switch {
		case r.text(FieldExternal) != external:
		case r.gone():
			if deleted == nil || number64(r) > number64(deleted) {
				deleted = r
			}
		case live == nil || number64(r) < number64(live):
			live = r
		}
	})
	return live, deleted, err
}

func number64(r row) int64 {
	n, _ := strconv.ParseInt(r.id("id"), 10, 64)
	return n
}

// Survivor gives the live row that carries the external id of a deleted one: what could not be brought back was made anew (M11).
func (t *Tenant) Survivor(ctx context.Context, e record.Entity, key record.Key) (record.Key, error) {
	res := t.resource(e)
	if res == nil || plainID(string(key)) != string(key) {
		return "", nil
	}
	r, err := t.get(ctx, res.list, string(key))
	if err != nil || r == nil || !r.gone() || r.text(FieldExternal) == "" {
		return "", err
	}
	live, _, err := t.byExternal(ctx, res.list, r.text(FieldExternal))
	if err != nil || live == nil {
		return "", err
	}
	return record.Key(live.id("id")), nil
}

// badOp makes the error of something that this connector has no form for.
func badOp(format string, args ...any) error {
	return connectors.Errorf(connectors.Rejected, CodeBadOp, format, args...)
}
