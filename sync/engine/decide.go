package engine

import (
	"syncbox/connectors"
	"syncbox/sync/plan"
	"syncbox/sync/store"
)

// decide maps both sides and plans.
func (c *cycle) decide(works []*work) {
	now := c.asOf
	c.view(func(t *store.Txn) {
		for _, w := range works {
			rules := c.Mapper.Rules(w.rule.Entity)
			if w.crm != nil && (w.link.State == plan.CRMGone || w.link.State == plan.Archived) {
				w.link.State = plan.Linked // it is back
			}
			w.item = plan.Item{Link: w.link}
			if w.erp != nil {
				w.item.ERP = c.Mapper.View(connectors.ERP, w.erp, t)
			}
			if w.crm != nil {
				w.item.CRM = c.Mapper.View(connectors.CRM, w.crm, t)
			}
			trusted := c.trustBirth(w)
			w.d = plan.Make(rules, w.item, now)
			switch {
			case trusted && w.d.Verdict == plan.Wait:
				w.d.Link.Base = w.link.Base // or what the ERP showed would count as agreed before anybody is told of it
			case trusted:
				w.d.Conflicts = append(w.d.Conflicts, overruled(w)...)
			}
			switch {
			case w.heir:
				c.inherit(w)
				w.d = plan.Make(rules, w.item, now)
			case w.displace != nil && w.d.Verdict == plan.Replace: // not another contact: another customer
				w.item.Link, w.displace = w.before, nil
				w.crm, w.item.CRM = nil, nil // nor is it the former one's: what has that one's identity is asked for (carriers)
				w.d = plan.Make(rules, w.item, now)
			}
			if w.displace != nil && !w.d.After.Known && w.d.Verdict != plan.Wait {
				w.d, w.displace = plan.Decision{Link: w.before}, nil // nothing in the ERP to stand for
				w.item.Link = w.before
			}
			if len(w.d.CRM) > 0 && c.awaits(t, w) {
				c.putOff(w)
			}
			c.onceGone(w)
			if c.hasItsOwn(t, w) {
				c.retire(w)
			}
		}
	})
}

// inherit binds a link to the record that people merged its own into. Nobody typed that one's values over the
// other's: nothing is agreed with it.
func (c *cycle) inherit(w *work) {
	w.displace = nil
	l := &w.item.Link
	l.Base, l.Since, l.Revision = c.Mapper.Rules(l.Entity).Recognised(l.Base), max(1, w.before.Since), w.before.Revision
}

// onceGone lets it count only once in an interval that a record was not found in the ERP.
func (c *cycle) onceGone(w *work) {
	id, now := w.d.Link.ID, c.age()
	if w.d.Link.Gone == 0 {
		delete(c.missed, id)
	}
	if w.d.Link.Gone <= w.item.Link.Gone || id == 0 {
		return
	}
	last, counted := c.missed[id]
	if !counted && w.item.Link.Gone > 0 { // before a restart
		c.missed[id], last, counted = now, now, true
	}
	if counted && now.Sub(last) < c.set.Schedule.Interval {
		c.putOff(w)
		return
	}
	c.missed[id] = now
}

// putOff lets a record have another turn; what has arrived of it is known.
func (c *cycle) putOff(w *work) {
	l, _ := c.Mapper.Rules(w.rule.Entity).Received(&w.item, c.asOf)
	w.d = plan.Decision{Verdict: plan.Again, Link: l}
}

// trustBirth lets the CRM's values count as edits where the record was born there, or where another contact
// took over, and nothing was ever agreed: what a person typed in the CRM is to reach the ERP. What a person
// keyed by hand from our list stands as it was keyed.
func (c *cycle) trustBirth(w *work) bool {
	l := &w.item.Link
	fromCRM := l.Born == connectors.CRM || w.displace != nil
	if !c.set.TwoWay || !fromCRM || w.byHand || l.Base.Known || l.Since != 0 || w.item.CRM == nil || w.item.ERP == nil || w.item.ERP.Gone || w.item.ERP.Held != "" {
		return false
	}
	if plan.MayHavePassed(c.Mapper.Rules(w.rule.Entity), w.item) {
		return false // what the ERP shows is another one's
	}
	l.Base = c.Mapper.Rules(w.rule.Entity).Agreed(&w.item)
	l.Base.Owned = 0
	return true
}

// overruled gives the values of the ERP that are trusted less than the CRM's: somebody may have typed them since the
// record came to be there, and nobody can tell.
func overruled(w *work) (lost []plan.Conflict) {
	for _, i := range sortedFields(w.d.ERP) {
		if v := w.item.ERP.Cells[i].Value; !v.Empty() {
			lost = append(lost, plan.Conflict{Field: i, ERP: v, CRM: w.d.ERP[i], Won: connectors.CRM})
		}
	}
	return lost
}
