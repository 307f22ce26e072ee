package engine

import (
	"context"
	"errors"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
	"syncbox/sync/store"
)

// Where the ERP's reads are used up (connectors.ErrWritesOnly), what people do in the CRM still goes on: it is read there, the ERP's
// records that it concerns are read as they are now, and what differs is written. What changed in the ERP alone waits.

// spares says whether a look at the ERP failed for no other reason, and has the cycle go on without it. What needs all of the ERP's
// records (a resync, an older copy that a person accepted, a run that is to be seen before) waits.
func (c *cycle) spares(err error) bool {
	asks := false
	c.view(func(t *store.Txn) { asks = c.asksFirst(t) })
	if !errors.Is(err, connectors.ErrWritesOnly) || !c.set.TwoWay || c.dry != nil || c.accepting || asks || c.underway().Level != 0 || c.err != nil {
		return false
	}
	c.spare = err
	return true
}

// spared says in the status, once all was done that can be, that what changed in the ERP waits.
func (c *cycle) spared(context.Context) error {
	if c.spare != nil {
		c.stop(connectors.CRM, c.spare)
	}
	return c.err
}

// written gives, batch by batch, those dirty records of the ERP that we have written or made ourselves: until they are read again
// what was sent counts as in doubt, and their children wait.
func (c *cycle) written(rule *connectors.EntityRule) (next func() []record.Key) {
	var ours []record.Key
	for after := record.Key(""); ; {
		keys := c.Cache.DirtyAfter(rule.Entity, connectors.ERP, after, 1000)
		if len(keys) == 0 {
			break
		}
		after = keys[len(keys)-1]
		c.view(func(t *store.Txn) {
			for _, k := range keys {
				if l, ok := t.Find(connectors.ERP, rule.Entity, k); ok && (l.Born == connectors.CRM || doubtedIn(connectors.ERP, &l)) {
					ours = append(ours, k)
				}
			}
		})
	}
	return func() []record.Key {
		batch := ours[:min(len(ours), c.batch())]
		ours = ours[len(batch):]
		return batch
	}
}

// doubtedIn says whether something that was sent to a side has not shown there yet.
func doubtedIn(side connectors.Side, l *plan.Link) bool {
	for _, d := range l.Doubts {
		if d.Side == side && d.Seq != 0 {
			return true
		}
	}
	return false
}
