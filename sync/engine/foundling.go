package engine

import (
	"slices"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
	"syncbox/sync/store"
)

// foundlings lets records of the ERP wait that nobody knows, while it is not known what became of one that was to be created
// there: each may be that one, and would be created once more in the CRM. Where records carry a number that we made for them,
// that tells.
func (c *cycle) foundlings(rule *connectors.EntityRule, works []*work) {
	if businessKey(rule) != nil || !slices.ContainsFunc(works, unknown) {
		return
	}
	open := false
	c.view(func(t *store.Txn) {
		open = slices.ContainsFunc(t.Intents(), func(in store.Intent) bool {
			return in.Side == connectors.ERP && in.Op.Kind == connectors.Create && in.Op.Entity == rule.Entity && !in.Refused
		})
	})
	for _, w := range works {
		if open && unknown(w) {
			w.d = plan.Decision{Verdict: plan.Again, Link: w.link}
		}
	}
}

// unknown says whether a record of the ERP is to be created in the CRM.
func unknown(w *work) bool { return w.d.Verdict == plan.CreateCRM }

// bear notes that a record, and what is born with it, was created in the ERP in this cycle.
func (c *cycle) bear(rule *connectors.EntityRule, key record.Key) {
	if businessKey(rule) != nil {
		return
	}
	c.newborn[store.Dirty{Entity: rule.Entity, Side: connectors.ERP, Key: key}] = true
	for i := range c.Profile.Entities {
		if child := &c.Profile.Entities[i]; child.Parent != "" && child.ParentEntity == rule.Entity {
			c.newborn[store.Dirty{Entity: child.Entity, Side: connectors.ERP, Key: key}] = true
		}
	}
}

// grown leaves out of the records that need no further look those that were born in this cycle: no look has shown them, so that
// one that is gone before the next has no list that it is missing from. They are read once more after that.
func (c *cycle) grown(clean []store.Dirty) []store.Dirty {
	if len(c.newborn) == 0 {
		return clean
	}
	return slices.DeleteFunc(slices.Clone(clean), func(d store.Dirty) bool { return c.newborn[d] })
}
