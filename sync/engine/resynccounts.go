package engine

import (
	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
	"syncbox/sync/store"
)

// countArgs gives counts as placeholders of a sentence.
func countArgs(level int, n store.RepairCounts) map[string]string {
	args := map[string]string{"level": itoa(level)}
	for name, n := range map[string]int{"created": n.Create[0], "updated": n.Update[0], "createderp": n.Create[1], "updatederp": n.Update[1],
		"inactive": n.Deactivate, "conflicts": n.Conflicts, "asked": n.Ask, "held": n.Held} {
		args[name] = itoa(n)
	}
	return args
}

// did counts what a resync under way has done, in the transaction of the deed.
func (c *cycle) did(t *store.Txn, e record.Entity, count func(*store.RepairCounts)) {
	if !c.comparing || c.dry != nil {
		return
	}
	r, ok := t.Repair()
	if !ok || r.Phase != store.RepairCompare {
		return
	}
	if r.Done == nil {
		r.Done = map[record.Entity]store.RepairCounts{}
	}
	n := r.Done[e]
	count(&n)
	r.Done[e] = n
	t.PutRepair(r)
}

// didWrite counts one write that arrived.
func (c *cycle) didWrite(t *store.Txn, to connectors.Side, e record.Entity, v plan.Verdict) {
	c.did(t, e, func(n *store.RepairCounts) { countWrite(n, to, v) })
}

func countWrite(n *store.RepairCounts, to connectors.Side, v plan.Verdict) {
	switch v {
	case plan.CreateCRM, plan.CreateERP, plan.Replace:
		n.Create[dirIndex(to)]++
	case plan.Deactivate:
		n.Deactivate++
	default:
		n.Update[dirIndex(to)]++
	}
}

// seen gives how many changes of an entity in a direction a person has seen in the preview and said go to.
func (c *cycle) seen(e record.Entity, to connectors.Side) int {
	r := c.underway()
	if !c.comparing {
		return 0
	}
	n := r.Preview[e]
	if to == connectors.CRM {
		return n.Update[0] + n.Deactivate
	}
	return n.Update[1]
}
