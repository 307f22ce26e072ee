package centrixone

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// Read gives the records behind keys. It asks for them in groups, by Id, whatever list they are in.
func (c *CRM) Read(ctx context.Context, e record.Entity, keys []record.Key) (found []record.Record, later []record.Key, err error) {
	wanted := map[record.Key]bool{}
	var terms []string
	for _, k := range keys {
		if id, ok := idOf(k); ok && !wanted[k] {
			wanted[k] = true
			terms = append(terms, fmt.Sprintf("C%d", id))
		}
	}
	err = c.readTerms(ctx, e, terms, func(r record.Record) {
		if wanted[r.Key] {
			found = append(found, r)
			delete(wanted, r.Key)
		}
	})
	if err != nil {
		return nil, nil, err
	}
	return found, nil, nil
}

// readTerms reads the records that any of the base filter's terms, all of one letter, names.
func (c *CRM) readTerms(ctx context.Context, e record.Entity, terms []string, each func(record.Record)) error {
	o, ok := objects[e]
	if !ok {
		return badOp("read %s: not known here", e)
	}
	if len(terms) == 0 {
		return nil
	}
	stages, err := c.stageKeys(ctx, e)
	if err != nil {
		return err
	}
	for _, filter := range c.filters(o.resource, terms) {
		err := c.records(ctx, e, query{resource: o.resource, filter: filter}, stages, each)
		if err != nil {
			return fmt.Errorf("read %s: %w", e, err)
		}
	}
	return nil
}

func (c *CRM) records(ctx context.Context, e record.Entity, q query, stages stageKeys, each func(record.Record)) error {
	_, err := c.pages(ctx, q, func(p *page) error {
		for _, r := range p.rows {
			if rec, ok := r.record(e, stages); ok {
				each(rec)
			}
		}
		return nil
	})
	return err
}

// filters joins terms to base filters so that no URL's last part grows beyond what servers take and no
// answer beyond a page.
func (c *CRM) filters(resource string, terms []string) []string {
	room := c.cfg.MaxName - len(resource+"---.awp") - len(url.PathEscape(c.cfg.Account)) - len(url.PathEscape(c.cfg.APIKey))
	var all []string
	var group []string
	size := 0
	for _, t := range terms {
		if len(group) > 0 && (size+len(t)+1 > room || len(group) == c.cfg.PageSize) {
			all, group, size = append(all, strings.Join(group, ",")), nil, 0
		}
		group, size = append(group, t), size+len(t)+1
	}
	return append(all, strings.Join(group, ","))
}

// Sweep lists the keys of all records of e, in any list.
func (c *CRM) Sweep(ctx context.Context, e record.Entity, seen func(record.Key)) error {
	o, ok := objects[e]
	if !ok {
		return badOp("sweep %s: not known here", e)
	}
	q := query{resource: o.resource, filter: "all"}
	_, err := c.pages(ctx, q, func(p *page) error {
		for _, r := range p.rows {
			id := r.id("Id")
			if id == 0 {
				return c.badAnswer(http.MethodGet, c.address(q), errors.New("a record has no Id"))
			}
			seen(keyOf(id))
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("sweep %s: %w", e, err)
	}
	return nil
}

// Find asks the server to look for the value and then compares for itself, since how the server
// compares is not public.
func (c *CRM) Find(ctx context.Context, e record.Entity, name string, v record.Value) ([]record.Key, error) {
	if name == connectors.ExternalIDField {
		return c.findOurs(ctx, e, v.Text)
	}
	o := objects[e]
	f, ok := lookup(o.fields, name)
	if !ok || f.form == asRows || strings.ContainsAny(v.Text, "\t\r\n") {
		return nil, badOp("find %s by %s: the dialect has no form for it", e, name)
	}
	text, err := f.filterText(v)
	if err != nil {
		return nil, badOp("find %s by %s: %w", e, name, err)
	}
	stages, err := c.stageKeys(ctx, e)
	if err != nil {
		return nil, err
	}
	var keys []record.Key
	q := query{resource: o.resource, filter: "all", filters: "\t" + name + "\t=\t" + text + "\t"}
	err = c.records(ctx, e, q, stages, func(r record.Record) {
		if r.Fields[name].Equal(v) {
			keys = append(keys, r.Key)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("find %s by %s: %w", e, name, err)
	}
	return keys, nil
}

// findOurs finds the record with an external id; there is at most one.
func (c *CRM) findOurs(ctx context.Context, e record.Entity, external string) ([]record.Key, error) {
	if _, ok := objects[e]; !ok || !segment.MatchString(external) {
		return nil, badOp("find %s by external id %q: the dialect has no form for it", e, external)
	}
	var keys []record.Key
	err := c.readTerms(ctx, e, []string{"E" + external}, func(r record.Record) {
		if r.ExternalID == external {
			keys = append(keys, r.Key)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("find %s by external id: %w", e, err)
	}
	return keys, nil
}

func (f field) filterText(v record.Value) (string, error) {
	raw, err := f.encode(v)
	if err != nil || raw == nil {
		return "", err
	}
	return fmt.Sprint(raw), nil
}
