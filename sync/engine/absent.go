package engine

import (
	"context"
	"slices"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
	"syncbox/sync/store"
)

// absent deals with a link whose CRM record an answer did not show. Only a complete list proves that it is
// gone; then its dependents wait and a person is asked.
func (c *cycle) absent(ctx context.Context, w *work) bool {
	if w.link.State != plan.Linked && w.link.State != plan.Inactive {
		return w.link.State == plan.CRMGone || w.link.State == plan.Archived
	}
	if err := c.sweep(ctx, w.rule.Entity); err != nil {
		c.trouble(ctx, connectors.CRM, err)
		return false
	}
	c.view(func(t *store.Txn) {
		if l, ok := t.Get(w.link.ID); ok {
			w.link = l
		}
	})
	return w.link.State == plan.CRMGone || w.link.State == plan.Fresh
}

// fewest is how many records may be missing where a side shows nothing at all.
const fewest = 3

// allMissing says whether an answer of the ERP that shows nothing can't be believed: it shows nothing of other
// records either, which nobody touched, or everything would be gone at once. A person is asked.
func (c *cycle) allMissing(ctx context.Context, e record.Entity, keys []record.Key) bool {
	if c.setting("allowed-"+brakeName(e, connectors.CRM)) != "" {
		return false // a person has said so of these changes
	}
	asked, linked := 0, 0
	var others, touched []record.Key
	c.view(func(t *store.Txn) {
		t.Links(func(l plan.Link) bool {
			switch {
			case l.Entity != e || l.State != plan.Linked || l.CRM == "" || l.ERP == "":
				return true
			case slices.Contains(keys, l.ERP):
				asked++
			case !c.Cache.IsDirty(store.Dirty{Entity: e, Side: connectors.ERP, Key: l.ERP}):
				others = append(others, l.ERP)
			case len(touched) < fewest:
				touched = append(touched, l.ERP)
			}
			linked++
			return len(others) < fewest
		})
	})
	if asked == 0 {
		return false
	}
	if len(others) == 0 {
		others = touched // a resync has everything looked at
	}
	if len(others) > 0 {
		there, later, err := c.glance(ctx, connectors.ERP, e, others)
		if err != nil || len(there)+len(later) > 0 {
			return false // the error is told by whoever reads next
		}
	}
	return linked > fewest && c.miss(connectors.ERP, e, asked, fewest)
}

func missingName(side connectors.Side, e record.Entity) string {
	return string(e) + "-missing-" + side.String()
}

// miss asks a person whether so many records are gone from a side, and says whether to wait for the answer.
func (c *cycle) miss(side connectors.Side, e record.Entity, n, bound int) bool {
	name := missingName(side, e)
	c.missing[name] = true
	if c.setting("allowed-"+name) != "" {
		return false
	}
	c.update(func(t *store.Txn) error {
		w := c.mass("mass-missing", name, e, n, bound)
		if old, listed := t.Waiting(0, store.Brake, name); listed {
			w.Since = old.Since
		}
		c.list(t, w, side.Other(), &plan.Link{Entity: e})
		return nil
	})
	return true
}

// found ends the question about missing records of an entity, and the answer to it.
func (c *cycle) found(side connectors.Side, e record.Entity) {
	if name := missingName(side, e); !c.missing[name] {
		c.lift(name)
	}
}

// foundInERP does so for the ERP after a cycle that went through.
func (c *cycle) foundInERP() {
	if c.cut || c.down != [2]error{} {
		return
	}
	for i := range c.Profile.Entities {
		c.found(connectors.ERP, c.Profile.Entities[i].Entity)
	}
}

// absentees tells, of links whose CRM record a complete list did not show, those that are not there when they are
// asked for, either; false where the list shows so little that a person has to say that it is right.
func (c *cycle) absentees(ctx context.Context, e record.Entity, seen int, missing []plan.Link) (map[plan.LinkID]bool, bool, error) {
	gone := map[plan.LinkID]bool{}
	for rest, n := missing, c.batch(); len(rest) > 0; rest = rest[min(n, len(rest)):] {
		some := rest[:min(n, len(rest))]
		keys := make([]record.Key, len(some))
		for i := range some {
			keys[i] = some[i].CRM
		}
		there, later, err := c.read(ctx, connectors.CRM, e, keys)
		if err != nil {
			return nil, false, err
		}
		for _, l := range some {
			switch {
			case later[l.CRM]:
			case there[l.CRM] != nil:
				c.odd(connectors.CRM, "list-incomplete")
			default:
				gone[l.ID] = true
			}
		}
	}
	bound := 0
	if len(gone) > 0 { // or there is no need to go through all links
		c.view(func(t *store.Txn) {
			bound = max(c.set.ToCRMBrake.Min, t.CountLinked(e)*c.set.ToCRMBrake.Percent/100)
		})
	}
	if seen == 0 {
		bound = min(bound, fewest)
	}
	if len(gone) > bound && c.miss(connectors.CRM, e, len(gone), bound) {
		return nil, false, nil
	}
	c.found(connectors.CRM, e)
	return gone, true, nil
}
