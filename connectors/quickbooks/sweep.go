package quickbooks

import (
	"context"
	"encoding/json"
	"fmt"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// Sweep lists the keys of all records of e, documents from the start date on. The list is complete only if it
// is as long as the product's own count says, and not far shorter than the one before.
func (c *Company) Sweep(ctx context.Context, e record.Entity, seen func(record.Key)) error {
	var from []string
	for _, entity := range readEntities {
		for _, of := range entities(entity) {
			if of == e {
				from = append(from, entity)
			}
		}
	}
	if len(from) == 0 {
		return badOp("sweep %s: not known here", e)
	}
	for _, entity := range from {
		if err := c.sweep(ctx, e, entity, seen); err != nil {
			return fmt.Errorf("sweep %s: %w", entity, err)
		}
	}
	return nil
}

func (c *Company) sweep(ctx context.Context, e record.Entity, entity string, seen func(record.Key)) error {
	count, err := c.count(ctx, entity, c.wanted(entity)...)
	if err != nil {
		return err
	}
	all := map[id]bool{}
	p := &pager{c: c, entity: entity, conditions: c.wanted(entity), skipped: func(i id) error {
		if i == "" {
			return errNoID
		}
		if all[i] = true; entity != itemEntity {
			seen(keyOf(entity, i))
		}
		return nil
	}}
	for more := true; more && err == nil; {
		_, more, err = p.next(ctx, func(raw json.RawMessage) error {
			i, lists := listed(entity, raw)
			if i == "" {
				return bad("list of "+entity, errNoID)
			}
			if !all[i] && lists {
				seen(keyOf(entity, i))
			}
			all[i] = true
			return nil
		})
	}
	if err != nil {
		return err
	}
	if len(all) < count || len(all) < c.swept[entity]-max(fewGone, c.swept[entity]*fewGonePercent/100) {
		return &connectors.Error{Kind: connectors.Unavailable, Code: CodeListShort, Args: map[string]string{"entity": entity}}
	}
	c.swept[entity] = len(all)
	return nil
}

// listed gives the Id of a row and whether it is a record of its own: of items categories alone are.
func listed(entity string, raw json.RawMessage) (id, bool) {
	var h struct {
		ID   id `json:"Id"`
		Type text
	}
	if err := json.Unmarshal(raw, &h); err != nil {
		return "", false
	}
	return h.ID, entity != itemEntity || (&item{Type: h.Type}).product().Category
}

// keyOf makes the key of a row's record.
func keyOf(entity string, i id) record.Key {
	if s, is := sortOf(entity); is {
		return documentKey(s, i)
	}
	return record.Key(i)
}

// Find gives the accounts that go by a name, also inactive ones. Nothing else can be asked for: the product
// has no place for an identity of ours.
func (c *Company) Find(ctx context.Context, e record.Entity, field string, v record.Value) ([]record.Key, error) {
	if e != record.Account || field != "name" {
		return nil, badOp("find %s by %s: the product has no form for it", e, field)
	}
	found, err := c.named(ctx, v.Text)
	if err != nil {
		return nil, fmt.Errorf("find %s by %s: %w", e, field, err)
	}
	var keys []record.Key
	for _, cu := range found {
		if record.TextOf(cu.name()).Equal(v) {
			keys = append(keys, record.Key(cu.ID))
		}
	}
	return keys, nil
}

// named gives the customers, active or not, whose company or listed name this is.
func (c *Company) named(ctx context.Context, name string) ([]*customer, error) {
	var found []*customer
	known := map[id]bool{}
	for _, condition := range []string{
		"DisplayName IN (" + quote(name) + ", " + quote(name+" (deleted)") + ")", "CompanyName = " + quote(name),
	} {
		_, _, err := c.query(ctx, selectFrom("*", customerEntity, condition), func(raw json.RawMessage) error {
			cu := &customer{}
			if err := json.Unmarshal(raw, cu); err != nil || known[cu.ID] {
				return nil // held elsewhere
			}
			known[cu.ID] = true
			found = append(found, cu)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}
