package sagecrm

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/connectors/vat"
)

// Read gives the records behind keys. It asks for them in groups; what the CRM can't show is held.
func (c *CRM) Read(ctx context.Context, e record.Entity, keys []record.Key) (found []record.Record, later []record.Key, err error) {
	t, ok := tables[e]
	if !ok {
		return nil, nil, badOp("read %s: not known here", e)
	}
	var ids []string
	for _, k := range keys {
		if id := plainID(string(k)); id == string(k) && id != "" {
			ids = append(ids, id)
		}
	}
	s, err := c.use(ctx)
	if err != nil {
		return nil, nil, err
	}
	err = c.whole(ctx, s, t, distinct(ids), func(r row) {
		if rec, live := c.cfg.record(e, r); live {
			found = append(found, rec)
		}
	}, func(id string) {
		found = append(found, record.Record{Entity: e, Key: record.Key(id), Held: CodeRecordUnreadable})
	})
	if err != nil {
		return nil, nil, fmt.Errorf("read %s: %w", e, err)
	}
	return found, nil, nil
}

// distinct gives the ids in order, each once.
func distinct(ids []string) []string {
	ids = slices.Sorted(slices.Values(ids))
	return slices.Compact(ids)
}

// whole reads records by their ids, with their addresses, phones and e-mails. unreadable takes ids that the CRM can't show.
func (c *CRM) whole(ctx context.Context, s site, t table, ids []string, each func(row), unreadable func(string)) error {
	for _, group := range groups(s, t, ids) {
		found := map[string]row{}
		bad, err := c.byIDs(ctx, s, t, t.key, group, func(r row) {
			if id := r.id(t.key); slices.Contains(group, id) {
				found[id] = r
			}
		})
		if err != nil {
			return err
		}
		if err := c.withChildren(ctx, s, t, found); err != nil {
			return err
		}
		for _, id := range sortedKeys(found) {
			each(found[id])
		}
		for _, id := range bad {
			unreadable(id)
		}
	}
	return nil
}

// groups cuts ids so that each request stays below its bounds.
func groups(s site, t table, ids []string) [][]string {
	var all [][]string
	var group []string
	size := 0
	for _, id := range ids {
		if !s.fits(t, size, len(group), id) {
			all, group, size = append(all, group), nil, 0
		}
		group, size = append(group, id), size+len(id)+1
	}
	if len(group) > 0 {
		all = append(all, group)
	}
	return all
}

// byIDs reads the rows that a column names. A query that fails is halved, until the one that it fails for is alone; one
// that fails for every single id is no matter of the records.
func (c *CRM) byIDs(ctx context.Context, s site, t table, column string, ids []string, each func(row)) (bad []string, err error) {
	bad, err = c.halves(ctx, s, t, column, ids, each)
	if err == nil && len(bad) == len(ids) && len(ids) > 1 {
		return nil, connectors.Errorf(connectors.Drift, CodeQueryFailed, "%s: no record can be read", t.name)
	}
	return bad, err
}

func (c *CRM) halves(ctx context.Context, s site, t table, column string, ids []string, each func(row)) (bad []string, err error) {
	rows, err := c.rows(ctx, s, t, in(column, ids))
	if len(ids) == 1 && why(err) == queryFailed { // perhaps it was about this moment
		rows, err = c.rows(ctx, s, t, in(column, ids))
	}
	reason := why(err)
	switch {
	case err == nil:
		for _, r := range rows {
			each(r)
		}
		return nil, nil
	case reason != queryFailed && reason != tooLarge:
		return nil, err
	case len(ids) == 1 && reason == tooLarge:
		return nil, err
	case len(ids) == 1:
		return ids, nil
	}
	for _, half := range [][]string{ids[:len(ids)/2], ids[len(ids)/2:]} {
		more, err := c.halves(ctx, s, t, column, half, each)
		if err != nil {
			return nil, err
		}
		bad = append(bad, more...)
	}
	return bad, nil
}

// rows gives all that a condition fits.
func (c *CRM) rows(ctx context.Context, s site, t table, where cond) ([]row, error) {
	var all []row
	err := s.query(ctx, t, where, func(page []row) error {
		all = append(all, page...)
		return nil
	})
	return all, err
}

// every is the condition that all rows of a table fit.
func (c *CRM) every(t table) cond { return cond{op: "all", column: c.keyOf(t)} }

// withChildren adds to rows what the answer did not nest in them.
func (c *CRM) withChildren(ctx context.Context, s site, t table, found map[string]row) error {
	if len(found) == 0 || s.nested(t) {
		return nil
	}
	for _, ct := range childTables {
		var without []string
		for _, id := range sortedKeys(found) {
			if !found[id].nests[ct.name] {
				without = append(without, id)
			}
		}
		if err := c.adopt(ctx, s, t, ct, without, found); err != nil {
			return err
		}
	}
	return nil
}

// link is the column by which a child names whom it belongs to.
func (c *CRM) link(ct, parent table) string {
	if parent == personTable {
		return c.cfg.child(ct).Person
	}
	return c.cfg.child(ct).Company
}

// adopt reads the children of a table that belong to records.
func (c *CRM) adopt(ctx context.Context, s site, t, ct table, ids []string, found map[string]row) error {
	link := c.link(ct, t)
	for _, group := range groups(s, ct, ids) {
		err := s.query(ctx, ct, in(link, group), func(page []row) error {
			for _, r := range page {
				parent, ok := found[plainID(r.get(link))]
				if !ok {
					return c.noLink(ct, link)
				}
				if t == companyTable && plainID(r.get(c.link(ct, personTable))) != "" {
					continue // of one of its persons
				}
				if key := c.keyOf(ct); r.id(key) != "" && !slices.ContainsFunc(parent.children[ct.name], func(old row) bool { return old.id(key) == r.id(key) }) {
					parent.children[ct.name] = append(parent.children[ct.name], r)
				}
			}
			return nil
		})
		if why(err) == queryFailed {
			return c.noLink(ct, link)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// errDoubtful ends a query whose rows nest less than they may have.
var errDoubtful = errors.New("rows without what belongs to them")

// nestAll says whether every kind of children is nested in some row.
func nestAll(page []row) bool {
	return !slices.ContainsFunc(childTables, func(ct table) bool { return !nestSome(page, ct) })
}

func nestSome(page []row, ct table) bool {
	return slices.ContainsFunc(page, func(r row) bool { return r.nests[ct.name] })
}

// proveNested makes sure that what rows do not nest is not there either.
func (c *CRM) proveNested(ctx context.Context, s site, t table, page []row) error {
	var ids []string
	for _, r := range page {
		if id := r.id(t.key); id != "" {
			ids = append(ids, id)
		}
	}
	for _, ct := range childTables {
		if nestSome(page, ct) || len(ids) == 0 {
			continue
		}
		link := c.link(ct, t)
		err := s.query(ctx, ct, in(link, groups(s, ct, ids)[0]), func(children []row) error {
			for _, child := range children {
				if !child.gone() && (t == personTable || plainID(child.get(c.link(ct, personTable))) == "") {
					return with(connectors.Errorf(connectors.Drift, CodeChildren, "%s does not show its %s, against the settings", t.name, ct.name),
						"table", ct.name, "column", ct.column(link))
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *CRM) noLink(ct table, link string) error {
	return with(connectors.Errorf(connectors.Drift, CodeChildren, "%s can't be read by %s", ct.name, ct.column(link)), "table", ct.name, "column", ct.column(link))
}

// Sweep lists the keys of all live records of e.
func (c *CRM) Sweep(ctx context.Context, e record.Entity, seen func(record.Key)) error {
	t, ok := tables[e]
	if !ok {
		return badOp("sweep %s: not known here", e)
	}
	s, err := c.use(ctx)
	if err != nil {
		return err
	}
	err = c.everyID(ctx, s, t, func(id string) { seen(record.Key(id)) })
	if err != nil {
		return fmt.Errorf("sweep %s: %w", e, err)
	}
	return nil
}

// everyID lists the ids of all live rows. What a query gave before it had to begin anew is given once.
func (c *CRM) everyID(ctx context.Context, s site, t table, each func(string)) error {
	known := map[string]bool{}
	return s.query(ctx, t, c.every(t), func(page []row) error {
		for _, r := range page {
			id := r.id(t.key)
			if id == "" {
				return connectors.Errorf(connectors.Unavailable, CodeBadAnswer, "%s: a record without an id", t.name)
			}
			if !r.gone() && !known[id] {
				known[id] = true
				each(id)
			}
		}
		return nil
	})
}

// Find gives the live records whose field has a value. VAT numbers are compared by what they mean, not by how they are written.
func (c *CRM) Find(ctx context.Context, e record.Entity, name string, v record.Value) ([]record.Key, error) {
	t := tables[e]
	where, same, err := c.search(e, name, v)
	if err != nil || same == nil {
		return nil, err
	}
	s, err := c.use(ctx)
	if err != nil {
		return nil, err
	}
	var keys []record.Key
	err = s.query(ctx, t, where, func(page []row) error {
		for _, r := range page {
			rec, live := c.cfg.record(e, r)
			if live && same(rec) && !slices.Contains(keys, rec.Key) {
				keys = append(keys, rec.Key)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("find %s by %s: %w", e, name, err)
	}
	return keys, nil
}

// search gives the condition of a search and what it means; the CRM may find more than that. Nothing where there is nothing
// to search for.
func (c *CRM) search(e record.Entity, name string, v record.Value) (cond, func(record.Record) bool, error) {
	f, known := c.cfg.fields(e)[name]
	switch {
	case strings.TrimSpace(v.Text) == "":
		return cond{}, nil, nil
	case name == connectors.ExternalIDField && c.cfg.idField(e) == "" && tables[e].name != "":
		return cond{}, nil, nil // it has no place for one, so that no record has it
	case name == connectors.ExternalIDField && tables[e].name != "":
		return equal(short(c.cfg.idField(e)), v.Text), func(r record.Record) bool { return r.ExternalID == v.Text }, nil
	case known && f.place == vatNumber && c.cfg.VATField != "":
		key := vat.Key(v.Text, c.cfg.Country)
		if vat.Digits(key) == "" {
			return cond{}, nil, nil
		}
		return like(short(c.cfg.VATField), digitsBetween(vat.Digits(key))), func(r record.Record) bool {
			return vat.Key(r.Fields[FieldVAT].Text, c.cfg.Country) == key
		}, nil
	case known && f.place == own && f.kind() == record.Text && f.form == FormText && !f.code:
		return equal(f.column, v.Text), func(r record.Record) bool { return r.Fields[name].Equal(v) }, nil
	case known && f.ref && plainID(v.Text) != "":
		return in(f.column, []string{v.Text}), func(r record.Record) bool { return r.Fields[name].Text == v.Text }, nil
	}
	return cond{}, nil, badOp("find %s by %s: %w", e, name, errors.New("the CRM has no form for it"))
}
