package engine

import (
	"context"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
	"syncbox/sync/store"
)

// hasItsOwn says whether the record that stands at the ERP key of a link now is one that the CRM has already: a customer
// that was born there, or what belongs to one.
func (c *cycle) hasItsOwn(t *store.Txn, w *work) bool {
	asks := w.d.Verdict == plan.Wait && w.d.Why.Code == "position-reused"
	if w.d.Verdict != plan.Replace && !asks || w.item.Link.CRM == "" {
		return false
	}
	if w.rule.Parent == "" {
		_, found := c.bornByHand(t, w.rule, w.erp)
		return found
	}
	parent, ok := t.Find(connectors.ERP, w.rule.ParentEntity, w.item.Link.ERP)
	return ok && parent.Born == connectors.CRM
}

// carriers finds out, where an ERP key was given to another record and the former counterpart is not there any more, which
// record of the CRM has our identity now: people may have merged the former one into it.
func (c *cycle) carriers(ctx context.Context, rule *connectors.EntityRule, works []*work) error {
	finder, ok := c.CRM.(connectors.Finder)
	for _, w := range works {
		if w.d.Verdict != plan.Replace && !w.retires || w.crm != nil || w.displace != nil || !ok || rule.ExternalID == "" || c.dry != nil {
			continue
		}
		keys, err := finder.Find(ctx, rule.Entity, connectors.ExternalIDField, record.TextOf(c.external(rule, w.d.Link.ERP)))
		if err != nil {
			return err
		}
		c.view(func(t *store.Txn) {
			if _, linked := t.Find(connectors.CRM, rule.Entity, first(keys)); len(keys) == 1 && !linked {
				w.carrier = keys[0]
			}
		})
	}
	return nil
}

// former gives the record of the CRM that has our identity although its ERP key was given to another one; empty if there is
// none any more.
func (w *work) former() record.Key {
	if w.carrier != "" || w.item.Link.State == plan.CRMGone {
		return w.carrier
	}
	return w.item.Link.CRM
}

// retire takes our identity from the record of the CRM whose ERP key was given to another one, and shows it as inactive.
// The other one is bound after that. One that was deleted there has it no more, unless people merged it into another one.
func (c *cycle) retire(w *work) {
	w.retires = true
	w.d = plan.Decision{Verdict: plan.Deactivate, Link: w.item.Link, CRM: map[int]record.Value{}}
	w.d.Link.Passing = true
	if active := c.Mapper.Rules(w.rule.Entity).Active; active >= 0 {
		w.d.CRM[active] = record.BoolOf(false)
	}
}

// retired leaves of a link no more than its ERP key, and has what stands there now looked at.
func (c *cycle) retired(t *store.Txn, w *work, l *plan.Link) []store.Dirty {
	t.Journal(c.event(store.Info, "position-passed", connectors.CRM, l, nil))
	for _, item := range t.WaitingOf(l.ID) {
		t.DeleteWaiting(item)
	}
	c.passOn(t, l)
	t.PutLink(&plan.Link{ID: l.ID, Entity: l.Entity, ERP: l.ERP, Born: connectors.ERP, Revision: l.Revision + 1})
	c.mark(c.referring(t, l.Entity)...)
	return []store.Dirty{w.dirty, lookAt(l, connectors.ERP)}
}

// settleIn lets a record of the CRM take over in a place that is another one's now: the one to which it belongs has it, and
// nothing was ever agreed.
func settleIn(rule *connectors.EntityRule, l *plan.Link) {
	if l.Other && rule.Parent != "" {
		l.Other, l.Base = false, plan.Base{}
	}
}

// vacant says whether a record that was created in the ERP can have the place in which it was found: a former one is
// retired before.
func (c *cycle) vacant(t *store.Txn, l *plan.Link, key record.Key) bool {
	former, taken := t.Find(connectors.ERP, l.Entity, key)
	switch {
	case !taken || former.ID == l.ID:
		return true
	case former.CRM != "":
		return false
	}
	c.giveWay(t, former.ID)
	l.Revision = max(l.Revision, former.Revision)
	return true
}

// giveWay ends a link without a counterpart whose place a record that was born in the CRM has come to have, with what shared it.
func (c *cycle) giveWay(t *store.Txn, id plan.LinkID) {
	former, ok := t.Get(id)
	if !ok {
		return
	}
	c.close(t, id)
	c.passOn(t, &former)
}
