package engine

import (
	"context"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
	"syncbox/sync/store"
)

// heir is what became of a record that is gone from the CRM: people merge records there, and the one that
// stays may carry our identity, or the product may tell which one it is.
type heir struct {
	key     record.Key
	linked  bool // it is, or was, the counterpart of another record of the ERP
	claimed bool // several records were merged into it
	named   bool // it carries our identity: it is bound as any record that does
	inUse   bool // it can't be read just now
}

// heirs looks for the records that took over from those that are gone. Without one, a person is asked. One that carries
// another identity, such as one that was given away, is not bound: what it shows is another one's.
func (c *cycle) heirs(ctx context.Context, gone []plan.Link) (map[plan.LinkID]heir, error) {
	found, claims := map[plan.LinkID]heir{}, map[record.Key]int{}
	for i := range gone {
		h, err := c.heir(ctx, &gone[i])
		if err != nil {
			return nil, err
		}
		if h.key == "" {
			continue
		}
		found[gone[i].ID] = h
		claims[h.key]++
	}
	for id, h := range found {
		h.claimed = claims[h.key] > 1
		found[id] = h
	}
	return found, nil
}

func (c *cycle) heir(ctx context.Context, l *plan.Link) (heir, error) {
	ext := c.external(c.Profile.Entity(l.Entity), l.ERP)
	if finder, ok := c.CRM.(connectors.Finder); ok && ext != "" {
		keys, err := finder.Find(ctx, l.Entity, connectors.ExternalIDField, record.TextOf(ext))
		if err != nil || len(keys) > 0 && keys[0] != l.CRM {
			return heir{key: first(keys), named: true}, err
		}
	}
	follower, ok := c.CRM.(connectors.Follower)
	if !ok {
		return heir{}, nil
	}
	key, err := follower.Survivor(ctx, l.Entity, l.CRM)
	if err != nil || key == "" || ext == "" {
		return heir{key: key}, err
	}
	found, later, err := c.read(ctx, connectors.CRM, l.Entity, []record.Key{key})
	r := found[key]
	return heir{key: key, linked: r != nil && r.ExternalID != "" && r.ExternalID != ext, inUse: later[key]}, err
}

func first(keys []record.Key) record.Key {
	if len(keys) == 0 {
		return ""
	}
	return keys[0]
}

// follow binds a link to the record that took over from its own. Nothing is agreed with that one: what is
// empty there erases nothing, and what differs is settled as a conflict.
func (c *cycle) follow(t *store.Txn, l *plan.Link, to record.Key) {
	doubts := l.Doubts
	l.CRM, l.State, l.Base, l.Doubts = to, plan.Linked, c.Mapper.Rules(l.Entity).Recognised(l.Base), nil
	for _, d := range doubts {
		if d.Side == connectors.ERP {
			l.Doubts = append(l.Doubts, d)
		}
	}
	c.mark(lookAt(l, connectors.CRM))
	c.keep(t, l)
}
