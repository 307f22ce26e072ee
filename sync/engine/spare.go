package engine

import (
	"context"
	"errors"
	"strconv"
	"time"

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
	if c.setting(spareSince) == "" {
		c.update(func(t *store.Txn) error {
			t.Set(spareSince, strconv.FormatInt(c.age().Add(-unlooked).Unix(), 10))
			return nil
		})
	}
	return c.err == nil
}

// spareSince is the setting that tells since when, in the job's own time, there may have been no look at the ERP; empty = one was allowed.
const spareSince = "spare-since"

// unlooked is how long the last look may have been away when the next one was refused, at most.
const unlooked = 24 * time.Hour

// looksAgain has what was made in the ERP while no look was allowed looked at once more after the first one: no look ever showed it, so
// that none tells that it was deleted meanwhile.
func (c *cycle) looksAgain() {
	since, err := strconv.ParseInt(c.setting(spareSince), 10, 64)
	if err != nil {
		return
	}
	var made []store.Dirty
	c.view(func(t *store.Txn) {
		t.Links(func(l plan.Link) bool {
			if l.Born == connectors.CRM && l.ERP != "" && l.State != plan.Closed && l.Since >= since {
				made = append(made, lookAt(&l, connectors.ERP))
			}
			return true
		})
	})
	c.mark(made...)
	c.update(func(t *store.Txn) error { t.Set(spareSince, ""); return nil })
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
