package engine

import (
	"context"
	"errors"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
	"syncbox/sync/store"
)

// work is one record on its way through a cycle.
type work struct {
	rule     *connectors.EntityRule
	link     plan.Link
	erp, crm *record.Record
	item     plan.Item
	d        plan.Decision
	dirty    store.Dirty // what brought it here
	// displace takes our identity away from another CRM record; before is the link as it stays until that
	// has arrived.
	displace *connectors.Op
	before   plan.Link
	named    bool                 // the CRM's record carries our identity
	heir     bool                 // and took over from one that is gone: people merged the two
	loose    bool                 // of the CRM, and known by what it belongs to alone
	byHand   bool                 // the ERP's record was keyed from our list
	instead  plan.LinkID          // the link that the record had alone until then
	asks     map[int]record.Value // changes of the ERP that a person is to key
	newborn  record.Fields        // what a person is asked to key of a new record
	child    *child               // what is born in the ERP together with it
	parent   record.Fields        // what the ERP shows of the record that this one belongs to
	refused  map[int]bool         // values that the other side can't hold
	carrier  record.Key           // has our identity in place of a counterpart that is not there any more
	earlier  *store.Intent        // of a try of the same creation that has no outcome
	kept     bool                 // its link, as it was decided
	retires  bool                 // its ERP key belongs to another record, which has a counterpart of its own
	exempt   store.Mark           // a person left it out
	sure     bool                 // a person has said that it is to be deleted
	tooMany  bool                 // it would be deleted together with so many that a person is asked
}

// batchOf does some records of one entity: read both sides, plan, execute.
func (c *cycle) batchOf(ctx context.Context, rule *connectors.EntityRule, side connectors.Side, keys []record.Key) {
	if c.paused[dirIndex(side.Other())][rule.Entity] && (c.dry == nil || c.dry.into == nil) {
		return
	}
	own, later, err := c.read(ctx, side, rule.Entity, keys)
	c.dry.unreadable(rule.Entity, len(later))
	if err != nil {
		c.trouble(ctx, side, err)
		return
	}
	if side == connectors.CRM {
		if err := c.unmade(ctx, rule.Entity, keys, own); err != nil {
			c.trouble(ctx, side, err)
			return
		}
	}
	keys = c.reappeared(rule, side, keys, own, later)
	works, err := c.bind(ctx, rule, side, keys, own, later)
	if err == nil {
		works, err = c.vanished(ctx, rule, side, works)
	}
	if err != nil {
		c.trouble(ctx, connectors.CRM, err)
		return
	}
	if side == connectors.CRM {
		c.summon(rule, works)
	}
	if err := c.displaced(ctx, rule, works); err != nil {
		c.trouble(ctx, connectors.CRM, err)
		return
	}
	works, err = c.readOther(ctx, rule, side, works)
	if err != nil {
		c.trouble(ctx, side.Other(), err)
		return
	}
	works, err = c.sameParents(ctx, rule, works)
	if err != nil {
		c.trouble(ctx, connectors.ERP, err)
		return
	}
	c.decide(works)
	works = c.leave(works)
	c.strangers(works)
	if err := c.carriers(ctx, rule, works); err != nil {
		c.trouble(ctx, connectors.CRM, err)
		return
	}
	if err := c.twins(ctx, rule, works); err != nil {
		c.trouble(ctx, connectors.CRM, err)
		return
	}
	c.foundlings(rule, works)
	c.propose(ctx, rule, works)
	if c.dry != nil {
		c.tally(ctx, rule, works)
		return
	}
	c.execute(ctx, rule, works)
}

// trouble notes that a side can't be used any more in this cycle. Without either side nothing can be
// compared, so that both directions wait.
func (c *cycle) trouble(ctx context.Context, side connectors.Side, err error) {
	if c.interrupted(ctx) || c.leaveAlone(side, err) {
		return
	}
	c.Log.Warn("side can't be read", "side", side.String(), "code", connectors.CodeOf(err))
	c.stopBoth(err)
}

// errInterrupted means that the cycle ends, for no fault of either side.
var errInterrupted = errors.New("the cycle is interrupted")

// read reads records of one side by key. Where the ERP shows so little that a person has to say that it is right,
// all are to be read later.
func (c *cycle) read(ctx context.Context, side connectors.Side, e record.Entity, keys []record.Key) (map[record.Key]*record.Record, map[record.Key]bool, error) {
	found, later, err := c.glance(ctx, side, e, keys)
	if err == nil && side == connectors.ERP && len(found)+len(later) == 0 && c.allMissing(ctx, e, keys) {
		for _, k := range keys {
			later[k] = true
		}
	}
	return found, later, err
}

// glance reads records of one side by key, whatever is missing. In the backup window the ERP is not touched any
// more.
func (c *cycle) glance(ctx context.Context, side connectors.Side, e record.Entity, keys []record.Key) (map[record.Key]*record.Record, map[record.Key]bool, error) {
	if side == connectors.ERP && c.interrupted(ctx) {
		return nil, nil, errInterrupted
	}
	found, later, err := c.source(side).Read(ctx, e, keys)
	if err != nil {
		return nil, nil, err
	}
	byKey, wait := c.believe(side, e, keys, found, later)
	return byKey, wait, nil
}

// displaced drops the displacing of records that are not there any more. One that can't be read just now is there.
func (c *cycle) displaced(ctx context.Context, rule *connectors.EntityRule, works []*work) error {
	var keys []record.Key
	for _, w := range works {
		if w.displace != nil {
			keys = append(keys, w.displace.Key)
		}
	}
	if len(keys) == 0 {
		return nil
	}
	found, later, err := c.read(ctx, connectors.CRM, rule.Entity, keys)
	if err != nil {
		return err
	}
	for _, w := range works {
		if w.displace == nil || found[w.displace.Key] != nil || later[w.displace.Key] {
			continue
		}
		w.displace.Key = ""
		w.heir = w.named
	}
	return nil
}

// readOther reads the other side of every link that has one and needs it. A record of which something waits
// is looked at whole.
func (c *cycle) readOther(ctx context.Context, rule *connectors.EntityRule, side connectors.Side, works []*work) ([]*work, error) {
	other := side.Other()
	all := other == connectors.ERP || c.needsCRM(rule)
	var keys []record.Key
	asked := map[record.Key]bool{}
	c.view(func(t *store.Txn) {
		for _, w := range works {
			if k := keyOn(other, &w.link); k != "" && (all || len(t.WaitingOf(w.link.ID)) > 0) {
				keys, asked[k] = append(keys, k), true
			}
		}
	})
	if len(keys) == 0 {
		return works, nil
	}
	found, later, err := c.read(ctx, other, rule.Entity, keys)
	if err != nil {
		return nil, err
	}
	var ready, unread []*work
	for _, w := range works {
		k := keyOn(other, &w.link)
		if !asked[k] && !all {
			ready = append(ready, w)
			continue
		}
		if k != "" && later[k] {
			unread = append(unread, w)
			continue
		}
		switch {
		case c.other(ctx, w, other, k, found[k]):
			ready = append(ready, w)
		case other == connectors.ERP: // what it belongs to has its turn first
			unread = append(unread, w)
		}
	}
	c.arrived(unread)
	return ready, nil
}

// arrived keeps of records that can't be settled just now, as what they belong to has its turn first, a write has to wait or a run is
// to be ticked, that what was sent to a side shows there. It may be gone again when they are read next.
func (c *cycle) arrived(works []*work) {
	if len(works) == 0 {
		return
	}
	var news []plan.Link
	c.view(func(t *store.Txn) {
		for _, w := range works {
			was, _ := t.Get(w.link.ID)
			if len(was.Doubts) == 0 || w.displace != nil || was.ERP != w.link.ERP || was.CRM != w.link.CRM {
				continue // which two records belong together is still to be settled
			}
			rules := c.Mapper.Rules(w.rule.Entity)
			it := plan.Item{Link: was}
			if w.erp != nil {
				it.ERP = c.Mapper.View(connectors.ERP, w.erp, t)
			}
			if plan.MayHavePassed(rules, it) {
				it.ERP = nil
			}
			if w.crm != nil {
				it.CRM = c.Mapper.View(connectors.CRM, w.crm, t)
			}
			if l, is := rules.Received(&it, c.asOf); is {
				news = append(news, l)
			}
		}
	})
	if len(news) == 0 {
		return
	}
	c.update(func(t *store.Txn) error {
		for i := range news {
			c.keep(t, &news[i])
		}
		return nil
	})
}

// other notes the other side's record of a link, and what it means that there is none.
func (c *cycle) other(ctx context.Context, w *work, side connectors.Side, key record.Key, r *record.Record) bool {
	switch {
	case side == connectors.ERP && key != "" && r == nil:
		w.erp = &record.Record{Entity: w.rule.Entity, Key: key, Gone: true}
	case side == connectors.ERP:
		w.erp = r
		return !c.parentDue(w.rule, key)
	case key != "" && r == nil:
		return c.absent(ctx, w)
	default:
		w.crm = r
	}
	return true
}

func keyOn(side connectors.Side, l *plan.Link) record.Key {
	if side == connectors.ERP {
		return l.ERP
	}
	return l.CRM
}

// needsCRM says whether the entity has fields that the CRM's people may edit, so that its record is read
// again immediately before anything is written to it. A resync compares everything.
func (c *cycle) needsCRM(rule *connectors.EntityRule) bool {
	if c.comparing || rule.Deletions != nil {
		return true
	}
	for _, f := range rule.Fields {
		switch f.Policy {
		case connectors.Shared, connectors.OwnCRM, connectors.WriteOnce, connectors.OwnByState:
			return true
		}
	}
	return false
}
