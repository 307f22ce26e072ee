package engine

import (
	"context"
	"strconv"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
	"syncbox/sync/store"
)

// brakes pause an entity that would change too much at once: an import into the wrong list, a bulk edit
// gone wrong. Creating is not braked; what already has a counterpart is.
func (c *cycle) brakes(ctx context.Context) error {
	for i := range c.Profile.Entities {
		rule := &c.Profile.Entities[i]
		if c.spare == nil {
			c.brake(ctx, rule, connectors.ERP, c.set.ToCRMBrake)
		}
		if c.set.TwoWay {
			c.brake(ctx, rule, connectors.CRM, c.set.ToERPBrake)
		}
	}
	return c.err
}

func (c *cycle) brake(ctx context.Context, rule *connectors.EntityRule, side connectors.Side, b Brake) {
	if c.over(ctx) || c.skip[rule.Entity] != nil {
		return
	}
	to := side.Other()
	days := c.unseenDays(side)
	b.Min, b.Percent = b.Min*days, b.Percent*days
	seen := c.seen(rule.Entity, to)
	linked := c.linkedDirty(rule.Entity, side)
	if linked <= b.Min+seen {
		c.release(rule.Entity, to)
		return
	}
	bound := 0
	c.view(func(t *store.Txn) { bound = max(b.Min, t.CountLinked(rule.Entity)*b.Percent/100) })
	bound += seen
	if linked <= bound {
		c.release(rule.Entity, to)
		return
	}
	n := c.changes(ctx, rule, side)
	if n <= bound {
		c.release(rule.Entity, to)
		return
	}
	c.pull(rule.Entity, to, n, bound)
}

// unseenDays gives for how many days, at least one, a side was not looked at. A month's ordinary work after a
// long outage is no mass change.
func (c *cycle) unseenDays(side connectors.Side) int {
	last := c.looked[side]
	if last.IsZero() {
		return 1
	}
	return max(1, int(c.age().Sub(last)/(24*time.Hour)))
}

// linkedDirty counts dirty records that have a counterpart.
func (c *cycle) linkedDirty(e record.Entity, side connectors.Side) int {
	n := 0
	for after := record.Key(""); ; {
		keys := c.Cache.DirtyAfter(e, side, after, 1000)
		if len(keys) == 0 {
			return n
		}
		after = keys[len(keys)-1]
		c.view(func(t *store.Txn) {
			for _, k := range keys {
				if l, ok := t.Find(side, e, k); ok && (l.State == plan.Linked || l.State == plan.Inactive) && l.ERP != "" && l.CRM != "" {
					n++
				}
			}
		})
	}
}

// changes counts the dirty records that show something else than what was agreed.
func (c *cycle) changes(ctx context.Context, rule *connectors.EntityRule, side connectors.Side) int {
	n := 0
	for after := record.Key(""); !c.over(ctx); {
		keys := c.Cache.DirtyAfter(rule.Entity, side, after, c.batch())
		if len(keys) == 0 {
			break
		}
		after = keys[len(keys)-1]
		found, _, err := c.glance(ctx, side, rule.Entity, keys)
		if err != nil {
			c.trouble(ctx, side, err)
			break
		}
		c.view(func(t *store.Txn) {
			for _, k := range keys {
				if c.differs(t, rule, side, k, found[k]) {
					n++
				}
			}
		})
	}
	return n
}

func (c *cycle) differs(t *store.Txn, rule *connectors.EntityRule, side connectors.Side, k record.Key, r *record.Record) bool {
	l, ok := t.Find(side, rule.Entity, k)
	if !ok || l.State != plan.Linked || !l.Base.Known {
		return false
	}
	if r == nil || r.Gone {
		return side == connectors.ERP
	}
	v := c.Mapper.View(side, r, t)
	rules := c.Mapper.Rules(rule.Entity)
	if side == connectors.CRM {
		return rules.EditedInCRM(l, v)
	}
	return rules.ChangedInERP(l, v)
}

func brakeName(e record.Entity, to connectors.Side) string { return string(e) + "-" + to.String() }

// pull pauses an entity until a person allows the changes. An allowance holds until the entity is through.
func (c *cycle) pull(e record.Entity, to connectors.Side, n, bound int) {
	name := brakeName(e, to)
	c.update(func(t *store.Txn) error {
		if t.Setting("allowed-"+name) != "" {
			return nil
		}
		c.paused[dirIndex(to)][e] = true
		c.list(t, c.mass("mass-change", name, e, n, bound), to, &plan.Link{Entity: e})
		return nil
	})
}

// mass is a question about n records of an entity at once, where more than bound are.
func (c *cycle) mass(code, name string, e record.Entity, n, bound int) store.Waiting {
	return store.Waiting{Kind: store.Brake, Field: name, Entity: e, Code: code, Since: c.Clock.Now(),
		Args: map[string]string{"count": strconv.Itoa(n), "bound": strconv.Itoa(bound), "entity": string(e)}}
}

// release ends a brake whose cause is gone, and the allowance with it.
func (c *cycle) release(e record.Entity, to connectors.Side) { c.lift(brakeName(e, to)) }

// lift ends a question about many records at once, and the answer to it.
func (c *cycle) lift(name string) {
	listed := false
	c.view(func(t *store.Txn) {
		_, listed = t.Waiting(0, store.Brake, name)
		listed = listed || t.Setting("allowed-"+name) != ""
	})
	if !listed {
		return
	}
	c.update(func(t *store.Txn) error {
		t.DeleteWaiting(store.Waiting{Kind: store.Brake, Field: name})
		t.Set("allowed-"+name, "")
		return nil
	})
}
