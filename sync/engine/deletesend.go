package engine

import (
	"context"
	"strconv"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
	"syncbox/sync/store"
)

// sendDeletes deletes records on a side, batch by batch: the intents are durable before the side hears of them. Of one
// without an answer it stays known that what is gone may be gone by it; it is sent again, which does no harm.
func (c *cycle) sendDeletes(ctx context.Context, rule *connectors.EntityRule, to connectors.Side, works []*work) {
	target := c.target(to)
	if target == nil {
		return
	}
	n := c.batch()
	for ; len(works) > 0 && c.err == nil && !c.shut(to, rule); works = works[min(n, len(works)):] {
		some := works[:min(n, len(works))]
		if c.interrupted(ctx) {
			return
		}
		intents, ops := c.intendDeletes(to, some)
		if c.err != nil || len(intents) == 0 {
			return
		}
		results := c.shaped(ctx, to, ops, c.apply(ctx, to, ops))
		c.settleDeletes(ctx, to, some, intents, results)
	}
}

// intendDeletes makes the intents durable.
func (c *cycle) intendDeletes(to connectors.Side, works []*work) (intents []store.Intent, ops []connectors.Op) {
	ok := c.update(func(t *store.Txn) error {
		intents, ops = nil, nil
		for _, w := range works {
			l := w.link
			seq := t.Next("send")
			in := store.Intent{Link: l.ID, Side: to, Seq: seq, At: c.Clock.Now(), Sent: map[uint16]uint64{plan.WholeRecord: 0},
				Op: connectors.Op{ID: c.opID(t, l.ID, seq), Kind: connectors.Delete, Entity: l.Entity, Key: keyOn(to, &l), Seen: w.seenOn(to)}}
			ops = append(ops, in.Op)
			c.putIntent(t, in)
			intents = append(intents, in)
		}
		return nil
	})
	if !ok {
		return nil, nil
	}
	return intents, ops
}

// seenOn gives all fields of the profile as a side shows them; those that are not there are empty.
func (w *work) seenOn(side connectors.Side) record.Fields {
	seen := record.Fields{}
	for _, f := range w.rule.Fields {
		if side == connectors.ERP {
			seen[f.ERP] = w.erp.Fields[f.ERP]
		} else {
			seen[f.CRM] = w.crm.Fields[f.CRM]
		}
	}
	return seen
}

// settleDeletes settles the results of one batch in one transaction.
func (c *cycle) settleDeletes(ctx context.Context, to connectors.Side, works []*work, intents []store.Intent, results []connectors.Result) {
	away := c.movedBefore(ctx, to, works, results)
	ok := c.update(func(t *store.Txn) error {
		for n, w := range works {
			l := w.link
			switch r := results[n]; r.Outcome {
			case connectors.Applied:
				if away[n] {
					continue
				}
				c.ended(t, &l, to, "record-deleted")
			case connectors.NotApplied:
				t.DeleteIntent(l.ID)
				c.refusedDelete(t, to, w, r.Err)
			default:
				c.inDoubt(t, intents[n], c.lateUntil(to, r.Outcome))
				if r.Outcome == connectors.ReadBack {
					c.refusedDelete(t, to, w, r.Err)
				}
			}
		}
		return nil
	})
	if !ok {
		return
	}
	c.count(to, works, results)
	c.tooMany(to)
}

// movedBefore finds the records of the CRM that were moved before their deletion arrived, and were gone already for it. Where
// that can't be found out, the deletion is in doubt.
func (c *cycle) movedBefore(ctx context.Context, to connectors.Side, works []*work, results []connectors.Result) map[int]bool {
	away := map[int]bool{}
	for n, w := range works {
		if to != connectors.CRM || results[n].Outcome != connectors.Applied {
			continue
		}
		moved, err := c.moved(ctx, &w.link)
		if away[n] = moved; err != nil {
			results[n] = connectors.Result{Outcome: connectors.ReadBack, Err: err}
		}
	}
	return away
}

// refusedDelete lists a record that was not deleted for a reason of its own.
func (c *cycle) refusedDelete(t *store.Txn, to connectors.Side, w *work, err error) {
	w.d.Link = w.link
	switch connectors.KindOf(err) {
	case connectors.Rejected:
		item := c.waiting(&w.link, store.Quarantine, connectors.CodeOf(err), argsOf(err))
		c.onlyOne(t, item)
		c.nextTry(t, &item)
		c.list(t, item, to, &w.link)
	case connectors.Busy: // a person changed it meanwhile, or has it open: it is planned again
		c.inUse(t, to, w, err)
	}
}

// deleteBrake names the question about many deletions at once.
func deleteBrake(e record.Entity, on connectors.Side) string {
	return string(e) + "-delete-" + on.String()
}

// massDelete is its code.
const massDelete = "mass-delete"

// stillTooMany says whether a person was asked about as many deletions and has not answered.
func (c *cycle) stillTooMany(e record.Entity, to connectors.Side, n int) (asked bool) {
	name := deleteBrake(e, to)
	c.view(func(t *store.Txn) {
		item, listed := t.Waiting(0, store.Brake, name)
		count, _ := strconv.Atoi(item.Args["count"])
		asked = listed && t.Setting("allowed-"+name) == "" && n == count
	})
	return asked && c.dry == nil
}

// tooManyDeleted asks a person where a cycle would delete more records of an entity than its bound. An allowance holds until
// no more than that are left.
func (c *cycle) tooManyDeleted(rule *connectors.EntityRule, to connectors.Side, going []*work) bool {
	n, bound, allowed := 0, 0, false
	for _, w := range going {
		if !w.sure {
			n++
		}
	}
	name := deleteBrake(rule.Entity, to)
	c.view(func(t *store.Txn) {
		links := t.CountLinked(rule.Entity)
		if to == connectors.ERP {
			links += len(going)
		}
		bound, allowed = max(c.set.DeleteBrake.Min, links*c.set.DeleteBrake.Percent/100), t.Setting("allowed-"+name) != ""
	})
	if n <= bound {
		c.lift(name)
		return false
	}
	if allowed {
		return false
	}
	c.update(func(t *store.Txn) error {
		item := c.mass(massDelete, name, rule.Entity, n, bound)
		if old, listed := t.Waiting(0, store.Brake, name); listed {
			item.Since = old.Since
		}
		c.list(t, item, to, &plan.Link{Entity: rule.Entity})
		return nil
	})
	return true
}

// listDeletions is the setting that has deletions listed and not carried out: a resync looks at everything anew, or a person
// took older data for the truth.
const listDeletions = "list-deletions"

// listsDeletions says whether deletions are only listed.
func (c *cycle) listsDeletions() bool {
	listed := c.setting(listDeletions) != ""
	if r := c.underway(); !listed && r.Level > 0 && r.Phase != store.RepairPreview && r.Phase != store.RepairReady {
		c.onlyList()
		return true
	}
	return listed
}

// onlyList has deletions listed until everything was looked at.
func (e *Engine) onlyList() {
	if !e.anyDeletions() {
		return
	}
	_ = e.durably(func(t *store.Txn) error {
		t.Set(listDeletions, "yes")
		for i := range e.Profile.Entities {
			if e.Profile.Entities[i].Deletions != nil {
				t.Set(sweptName(e.Profile.Entities[i].Entity), "")
			}
		}
		return nil
	})
}

// deletionsTravel lets deletions travel again once everything was looked at, and what was missing twice.
func (c *cycle) deletionsTravel(ctx context.Context, listed bool) {
	if !listed || c.underway().Level > 0 || c.over(ctx) || c.down != [2]error{} || len(c.skip) > 0 || c.Cache.AnyDirty() {
		return
	}
	for i := range c.Profile.Entities {
		if e := c.Profile.Entities[i]; e.Deletions != nil && c.setting(sweptName(e.Entity)) == "" {
			return
		}
	}
	c.update(func(t *store.Txn) error { t.Set(listDeletions, ""); return nil })
}
