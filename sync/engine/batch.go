package engine

import (
	"context"
	"slices"
	"strconv"
	"strings"

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
	byHand   bool                 // the ERP's record was keyed from our list
	instead  plan.LinkID          // the link that the record had alone until then
	asks     map[int]record.Value // changes of the ERP that a person is to key
	parent   record.Fields        // what the ERP shows of the record that this one belongs to
	refused  map[int]bool         // values that the other side can't hold
}

// batchOf does some records of one entity: read both sides, plan, execute.
func (c *cycle) batchOf(ctx context.Context, rule *connectors.EntityRule, side connectors.Side, keys []record.Key) {
	if c.paused[dirIndex(side.Other())][rule.Entity] {
		return
	}
	own, later, err := c.read(ctx, side, rule.Entity, keys)
	if err != nil {
		c.trouble(ctx, side, err)
		return
	}
	works := c.bind(rule, side, keys, own, later)
	if err := c.displaced(ctx, rule, works); err != nil {
		c.trouble(ctx, connectors.CRM, err)
		return
	}
	works, err = c.readOther(ctx, rule, side, works)
	if err != nil {
		c.trouble(ctx, side.Other(), err)
		return
	}
	c.decide(works)
	c.propose(ctx, rule, works)
	c.execute(ctx, rule, works)
}

// trouble notes that a side can't be used any more in this cycle. Without either side nothing can be
// compared, so that both directions wait.
func (c *cycle) trouble(ctx context.Context, side connectors.Side, err error) {
	if c.interrupted(ctx) {
		return
	}
	c.Log.Warn("side can't be read", "side", side.String(), "code", connectors.CodeOf(err))
	c.stopBoth(err)
}

// read reads records of one side by key.
func (c *cycle) read(ctx context.Context, side connectors.Side, e record.Entity, keys []record.Key) (map[record.Key]*record.Record, map[record.Key]bool, error) {
	found, later, err := c.source(side).Read(ctx, e, keys)
	if err != nil {
		return nil, nil, err
	}
	byKey := make(map[record.Key]*record.Record, len(found))
	for i := range found {
		if side == connectors.ERP || !found[i].Gone { // a CRM's record that is not live is not there
			byKey[found[i].Key] = &found[i]
		}
	}
	wait := make(map[record.Key]bool, len(later))
	for _, k := range later {
		wait[k] = true
	}
	return byKey, wait, nil
}

// binding says what became of the search for a record's link.
type binding uint8

const (
	bound   binding = iota
	foreign         // a record that is none of ours
	tooSoon         // its parent is not in the ERP yet, or another one
)

// bind finds or makes the link of every record that was read.
func (c *cycle) bind(rule *connectors.EntityRule, side connectors.Side, keys []record.Key, own map[record.Key]*record.Record, later map[record.Key]bool) []*work {
	var works []*work
	var none []store.Dirty
	claimed := map[string]bool{}
	c.view(func(t *store.Txn) {
		for _, key := range keys {
			if later[key] {
				continue
			}
			w := &work{rule: rule, dirty: store.Dirty{Entity: rule.Entity, Side: side, Key: key}}
			how := tooSoon
			if side == connectors.ERP {
				how = c.bindERP(t, w, key, own[key])
			} else {
				how = c.bindCRM(t, w, key, own[key])
			}
			switch {
			case how == foreign:
				none = append(none, w.dirty)
			case how == bound && !c.undecided(t, w) && claim(claimed, &w.link):
				works = append(works, w)
			}
		}
	})
	c.clean(none)
	return works
}

// claim takes a link for one record of a batch; a second one that belongs to it comes later.
func claim(claimed map[string]bool, l *plan.Link) bool {
	name := "erp " + string(l.ERP)
	switch {
	case l.ID != 0:
		name = "link " + strconv.FormatUint(uint64(l.ID), 10)
	case l.ERP == "":
		name = "crm " + string(l.CRM)
	}
	if claimed[name] {
		return false
	}
	claimed[name] = true
	return true
}

// undecided says whether an earlier write to the record has no outcome yet. Only recover finds it out.
func (c *cycle) undecided(t *store.Txn, w *work) bool {
	if w.link.ID == 0 {
		return false
	}
	in, open := t.Intent(w.link.ID)
	return open && (w.link.State == plan.Creating || c.resolver(in.Side) != nil)
}

// bindERP gives a record of the ERP its link. A record with a number that we asked a person to key belongs
// to the link that waits for it.
func (c *cycle) bindERP(t *store.Txn, w *work, key record.Key, r *record.Record) binding {
	if r == nil {
		r = &record.Record{Entity: w.rule.Entity, Key: key, Gone: true}
	}
	w.erp = r
	l, ok := t.Find(connectors.ERP, r.Entity, key)
	if !ok || l.State == plan.Fresh && l.CRM == "" { // at most listed, as one that could not be read
		if keyed, found := c.bornByHand(t, w.rule, r); found {
			w.instead = l.ID
			l, ok, w.byHand = keyed, true, true
		}
	}
	if !ok {
		l = plan.Link{Entity: r.Entity, ERP: key, Born: connectors.ERP}
	}
	w.link = l
	switch {
	case !ok && r.Gone:
		return foreign
	case c.otherParent(t, w.rule, r):
		return tooSoon
	}
	return bound
}

// otherParent says whether its parent's key was given to another record, or may have been, which the
// parent's own link has not taken up yet.
func (c *cycle) otherParent(t *store.Txn, rule *connectors.EntityRule, r *record.Record) bool {
	if rule.Parent == "" || r.Gone {
		return false
	}
	parent, ok := t.Find(connectors.ERP, rule.ParentEntity, r.Key)
	newer := parent.Incarnation != "" && r.Incarnation != "" && parent.Incarnation != r.Incarnation
	return ok && (parent.Passing || newer)
}

// bornByHand finds the link that waits for a record with this business number.
func (c *cycle) bornByHand(t *store.Txn, rule *connectors.EntityRule, r *record.Record) (plan.Link, bool) {
	field := businessKey(rule)
	if field == nil || r.Gone || r.Held != "" {
		return plan.Link{}, false
	}
	l, ok := t.FindNumber(r.Entity, r.Fields[field.ERP].Text)
	if !ok || l.ERP != "" {
		return plan.Link{}, false
	}
	l.ERP, l.State = r.Key, plan.Linked
	return l, true
}

func businessKey(rule *connectors.EntityRule) *connectors.FieldRule {
	for i := range rule.Fields {
		if rule.Fields[i].Policy == connectors.BusinessKey {
			return &rule.Fields[i]
		}
	}
	return nil
}

// bindCRM gives a record of the CRM its link: the one it has, the one its external id names, the one its
// parent has, or a new one where the profile lets records be born in the CRM.
func (c *cycle) bindCRM(t *store.Txn, w *work, key record.Key, r *record.Record) binding {
	w.crm = r
	if l, ok := t.Find(connectors.CRM, w.rule.Entity, key); ok {
		w.link = l
		if l.State == plan.Closed {
			return foreign
		}
		return bound
	}
	if r == nil {
		return foreign
	}
	prefix := c.Profile.Prefix + w.rule.ExternalID
	erpKey, ours := strings.CutPrefix(r.ExternalID, prefix)
	switch {
	case ours && erpKey != "" && !strings.Contains(erpKey, "."):
		c.adopt(t, w, record.Key(erpKey))
		return bound
	case r.ExternalID != "":
		return foreign
	case w.rule.Parent != "":
		return c.bindChild(t, w)
	case !w.rule.BornInCRM || !c.set.TwoWay:
		return foreign
	}
	w.link = plan.Link{Entity: r.Entity, CRM: key, Born: connectors.CRM}
	return bound
}

// bindChild binds a record by the one it belongs to, whose ERP key it shares.
func (c *cycle) bindChild(t *store.Txn, w *work) binding {
	parent, ok := t.Find(connectors.CRM, w.rule.ParentEntity, w.crm.Fields[w.rule.Parent].Key())
	switch {
	case !ok && c.Cache.IsDirty(store.Dirty{Entity: w.rule.ParentEntity, Side: connectors.CRM, Key: w.crm.Fields[w.rule.Parent].Key()}):
		return tooSoon // nobody has said yet what it is
	case !ok || parent.State == plan.Closed:
		return foreign
	case parent.ERP == "" || parent.Passing:
		return tooSoon
	}
	w.link.Born = parent.Born
	c.adopt(t, w, parent.ERP)
	return bound
}

// adopt binds a CRM record to the ERP record it stands for. Where that one has another CRM record, its
// identity passes from it to this one (the primary contact of an account changed).
func (c *cycle) adopt(t *store.Txn, w *work, erpKey record.Key) {
	born := w.link.Born
	l, ok := t.Find(connectors.ERP, w.rule.Entity, erpKey)
	if !ok {
		l = plan.Link{Entity: w.rule.Entity, ERP: erpKey, Born: born}
	}
	if ok && l.CRM != "" && l.CRM != w.crm.Key {
		c.displaceBy(w, &l)
	}
	l.CRM, l.State = w.crm.Key, plan.Linked
	w.link = l
}

// displaceBy lets the new CRM record take our identity from the one that the link has now. One way, what
// the two differ in is left standing like any edit of the CRM; two-way it counts as one (trustBirth).
func (c *cycle) displaceBy(w *work, l *plan.Link) {
	w.before = *l
	l.Revision++
	w.displace = &connectors.Op{Kind: connectors.Update, Entity: w.rule.Entity, Key: l.CRM,
		ExternalID: c.passed(w.rule, l.ERP, l.Revision), Fields: record.Fields{}}
	l.Doubts = slices.DeleteFunc(slices.Clone(l.Doubts), func(d plan.Doubt) bool {
		return d.Side == connectors.CRM && d.Field != plan.OwnedFields // sent to the other contact
	})
	if c.set.TwoWay {
		l.Base = plan.Base{}
	}
	l.Since = 0
}

// displaced drops the displacing of records that are not there any more.
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
	found, _, err := c.read(ctx, connectors.CRM, rule.Entity, keys)
	if err != nil {
		return err
	}
	for _, w := range works {
		if w.displace != nil && found[w.displace.Key] == nil {
			w.displace.Key = ""
		}
	}
	return nil
}

// readOther reads the other side of every link that has one and needs it.
func (c *cycle) readOther(ctx context.Context, rule *connectors.EntityRule, side connectors.Side, works []*work) ([]*work, error) {
	other := side.Other()
	if other == connectors.CRM && !c.needsCRM(rule) {
		return works, nil
	}
	var keys []record.Key
	for _, w := range works {
		if k := keyOn(other, &w.link); k != "" {
			keys = append(keys, k)
		}
	}
	if len(keys) == 0 {
		return works, nil
	}
	found, later, err := c.read(ctx, other, rule.Entity, keys)
	if err != nil {
		return nil, err
	}
	var ready []*work
	for _, w := range works {
		k := keyOn(other, &w.link)
		if k != "" && later[k] {
			continue
		}
		if c.other(ctx, w, other, k, found[k]) {
			ready = append(ready, w)
		}
	}
	return ready, nil
}

// other notes the other side's record of a link, and what it means that there is none.
func (c *cycle) other(ctx context.Context, w *work, side connectors.Side, key record.Key, r *record.Record) bool {
	switch {
	case side == connectors.ERP && key != "" && r == nil:
		w.erp = &record.Record{Entity: w.rule.Entity, Key: key, Gone: true}
	case side == connectors.ERP:
		w.erp = r
	case key != "" && r == nil:
		return c.absent(ctx, w)
	default:
		w.crm = r
	}
	return true
}

// absent deals with a link whose CRM record an answer did not show. Only a complete list proves that it is
// gone; then its dependents wait and a person is asked.
func (c *cycle) absent(ctx context.Context, w *work) bool {
	if w.link.State != plan.Linked && w.link.State != plan.Inactive {
		return w.link.State == plan.CRMGone
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

func keyOn(side connectors.Side, l *plan.Link) record.Key {
	if side == connectors.ERP {
		return l.ERP
	}
	return l.CRM
}

// needsCRM says whether the entity has fields that the CRM's people may edit, so that its record is read
// again immediately before anything is written to it.
func (c *cycle) needsCRM(rule *connectors.EntityRule) bool {
	for _, f := range rule.Fields {
		switch f.Policy {
		case connectors.Shared, connectors.OwnCRM, connectors.WriteOnce, connectors.OwnByState:
			return true
		}
	}
	return false
}

// decide maps both sides and plans.
func (c *cycle) decide(works []*work) {
	now := c.Clock.Now()
	c.view(func(t *store.Txn) {
		for _, w := range works {
			rules := c.Mapper.Rules(w.rule.Entity)
			if w.crm != nil && w.link.State == plan.CRMGone {
				w.link.State = plan.Linked // it is back
			}
			w.item = plan.Item{Link: w.link}
			if w.erp != nil {
				w.item.ERP = c.Mapper.View(connectors.ERP, w.erp, t)
			}
			if w.crm != nil {
				w.item.CRM = c.Mapper.View(connectors.CRM, w.crm, t)
			}
			c.trustBirth(w)
			w.d = plan.Make(rules, w.item, now)
			if w.displace != nil && w.d.Verdict == plan.Replace { // not another contact: another customer
				w.item.Link, w.displace = w.before, nil
				w.d = plan.Make(rules, w.item, now)
			}
			c.onceGone(w)
			if w.displace != nil && !w.d.After.Known && w.d.Verdict != plan.Wait {
				w.d, w.displace = plan.Decision{Link: w.before}, nil // nothing in the ERP to stand for
			}
		}
	})
}

// onceGone lets a cycle count only once that a record was not found in the ERP.
func (c *cycle) onceGone(w *work) {
	if w.d.Link.Gone <= w.item.Link.Gone || w.d.Link.ID == 0 {
		return
	}
	if c.missed[w.d.Link.ID] {
		w.d = plan.Decision{Verdict: plan.Again, Link: w.item.Link}
		return
	}
	c.missed[w.d.Link.ID] = true
}

// trustBirth lets the CRM's values count as edits where the record was born there, or where another contact
// took over, and nothing was agreed yet: what a person typed in the CRM is to reach the ERP. What a person
// keyed by hand from our list stands as it was keyed.
func (c *cycle) trustBirth(w *work) {
	l := &w.item.Link
	fromCRM := l.Born == connectors.CRM || w.displace != nil
	if !c.set.TwoWay || !fromCRM || w.byHand || l.Base.Known || w.item.ERP == nil || w.item.ERP.Gone || w.item.ERP.Held != "" {
		return
	}
	l.Base = c.Mapper.Rules(w.rule.Entity).Agreed(&w.item)
	l.Base.Owned = 0
}
