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

// binding says what became of the search for a record's link.
type binding uint8

const (
	bound   binding = iota
	foreign         // a record that is none of ours
	tooSoon         // its parent is not in the ERP yet, or another one
)

// bind finds or makes the link of every record that was read.
func (c *cycle) bind(ctx context.Context, rule *connectors.EntityRule, side connectors.Side, keys []record.Key, own map[record.Key]*record.Record, later map[record.Key]bool) ([]*work, error) {
	var works []*work
	var none []store.Dirty
	var early []*work
	claimed, children := map[string]bool{}, c.succession(rule)
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
			case side == connectors.CRM && children.turn(t, w):
				none = append(none, w.dirty)
			case how == foreign && side == connectors.ERP && w.erp.Gone && c.justGone(w.dirty):
			case how == foreign:
				none = append(none, w.dirty)
			case how == tooSoon:
				c.dry.early(t, c, w)
				early = append(early, w)
			case c.undecided(t, w):
			case !claim(claimed, &w.link): // or what comes first would come first in every cycle
				c.again = append(c.again, w.dirty)
			default:
				works = append(works, w)
			}
		}
	})
	if err := children.keep(ctx); err != nil {
		return nil, err
	}
	c.clean(none)
	c.arrived(early)
	return slices.DeleteFunc(works, children.over), nil
}

// justGone says whether an ERP's record that has no link was told of and is not shown, without a second look an
// interval later that did not find it either: it may be saved anew just now.
func (c *cycle) justGone(d store.Dirty) bool {
	now := c.age()
	since, known := c.unfound[d]
	if !known {
		c.unfound[d] = now
		return true
	}
	if now.Sub(since) < c.set.Schedule.Interval {
		return true
	}
	delete(c.unfound, d)
	return false
}

// note keeps notes of our own beside those of a side's source.
func (c *cycle) note(side connectors.Side, notes map[string][]byte) {
	if len(notes) == 0 || c.err != nil {
		return
	}
	c.err = c.Cache.Commit(side, notes, nil)
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
	return open && !in.Refused && (making(&w.link, in) || in.Op.Displace != nil || c.resolver(in.Side) != nil)
}

// making says whether an open intent is to make a record: the first counterpart of its link, or the one that
// takes the place of the link's own.
func making(l *plan.Link, in store.Intent) bool {
	return in.Op.Kind == connectors.Create && (l.State == plan.Creating || l.Passing)
}

// sameParents leaves out records whose ERP key was given to another one since their parent's turn, or may have been:
// such a record has no identity of its own.
func (c *cycle) sameParents(ctx context.Context, rule *connectors.EntityRule, works []*work) ([]*work, error) {
	var keys []record.Key
	for _, w := range works {
		if rule.Parent != "" && w.erp != nil && !w.erp.Gone {
			keys = append(keys, w.erp.Key)
		}
	}
	if len(keys) == 0 {
		return works, nil
	}
	found, _, err := c.read(ctx, connectors.ERP, rule.ParentEntity, keys)
	if err != nil {
		return nil, err
	}
	var same []*work
	var passed []store.Dirty
	c.view(func(t *store.Txn) {
		for _, w := range works {
			l, ok := t.Find(connectors.ERP, rule.ParentEntity, keyOn(connectors.ERP, &w.link))
			if r := found[l.ERP]; ok && r != nil && !c.questioned(t, &l) && c.mayHavePassed(t, &l, r) {
				if !c.dueLater(t, l.ID) {
					passed = append(passed, lookAt(&l, connectors.CRM))
				}
				continue
			}
			same = append(same, w)
		}
	})
	c.mark(passed...)
	return same, nil
}

// mayHavePassed says whether a record of the ERP may be another one than that of the link which has its key.
func (c *cycle) mayHavePassed(t *store.Txn, l *plan.Link, r *record.Record) bool {
	return plan.MayHavePassed(c.Mapper.Rules(l.Entity), plan.Item{Link: *l, ERP: c.Mapper.View(connectors.ERP, r, t)})
}

// bindERP gives a record of the ERP its link. A record with a number that we asked a person to key belongs
// to the link that waits for it.
func (c *cycle) bindERP(t *store.Txn, w *work, key record.Key, r *record.Record) binding {
	if r == nil {
		r = &record.Record{Entity: w.rule.Entity, Key: key, Gone: true}
	}
	w.erp = r
	l, ok := t.Find(connectors.ERP, r.Entity, key)
	if ok && l.State == plan.Fresh && l.CRM == "" && !r.Gone && c.isAsked(t, &l) {
		return foreign // until a person has said which record of the CRM it is
	}
	if !ok || l.State == plan.Fresh && l.CRM == "" { // at most listed, as one that could not be read
		if keyed, found := c.bornByHand(t, w.rule, r); found {
			w.instead, keyed.Revision = l.ID, max(l.Revision, keyed.Revision)
			l, ok, w.byHand = keyed, true, true
			if in, open := t.Intent(l.ID); open { // it is what we created
				l.Base, w.byHand = bornOf(in, &l), false
			}
		}
	}
	if !ok {
		l = plan.Link{Entity: r.Entity, ERP: key, Born: connectors.ERP}
	}
	w.link = l
	switch {
	case !ok && r.Gone:
		return foreign
	case c.otherParent(t, w.rule, r), !ok && c.mayHaveOne(t, w.rule, key):
		return tooSoon
	}
	return bound
}

// mayHaveOne says whether a record belongs to one that was born in the CRM so recently that its counterpart, made there
// as well, may not be visible yet.
func (c *cycle) mayHaveOne(t *store.Txn, rule *connectors.EntityRule, key record.Key) bool {
	target := c.target(connectors.CRM)
	if rule.Parent == "" || target == nil || target.Traits().IndexLag == 0 {
		return false
	}
	parent, ok := t.Find(connectors.ERP, rule.ParentEntity, key)
	return ok && parent.Born == connectors.CRM && parent.Since > c.asOf.Add(-target.Traits().IndexLag).Unix()
}

// otherParent says whether its parent's key was given to another record, or may have been, which the
// parent's own link has not taken up yet. It shares the key, so that it would be written into the old one's.
func (c *cycle) otherParent(t *store.Txn, rule *connectors.EntityRule, r *record.Record) bool {
	if rule.Parent == "" || r.Gone {
		return false
	}
	parent, ok := t.Find(connectors.ERP, rule.ParentEntity, r.Key)
	newer := parent.Incarnation != "" && r.Incarnation != "" && parent.Incarnation != r.Incarnation
	return ok && (parent.Passing || newer) || c.parentDue(rule, r.Key)
}

// parentDue says whether the turn of a record's parent has not come: nobody has said yet whether their key
// stands for another one.
func (c *cycle) parentDue(rule *connectors.EntityRule, key record.Key) bool {
	return rule.Parent != "" && key != "" && c.Cache.IsDirty(store.Dirty{Entity: rule.ParentEntity, Side: connectors.ERP, Key: key})
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
	if r == nil || c.candidates(t)[candidate{r.Entity, key}] {
		return foreign
	}
	prefix := c.Profile.Prefix + w.rule.ExternalID
	erpKey, ours := strings.CutPrefix(r.ExternalID, prefix)
	switch {
	case ours && erpKey != "" && !strings.Contains(erpKey, "."):
		w.named = w.rule.Parent == "" // with a parent, another record may just have taken over from it
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
	w.loose = true
	parent, ok := t.Find(connectors.CRM, w.rule.ParentEntity, w.crm.Fields[w.rule.Parent].Key())
	switch {
	case !ok && c.Cache.IsDirty(store.Dirty{Entity: w.rule.ParentEntity, Side: connectors.CRM, Key: w.crm.Fields[w.rule.Parent].Key()}):
		return tooSoon // nobody has said yet what it is
	case !ok && c.candidates(t)[candidate{w.rule.ParentEntity, w.crm.Fields[w.rule.Parent].Key()}]:
		return tooSoon // a person has still to say
	case !ok:
		return foreign
	case parent.State == plan.Closed, c.leftUnborn(t, &parent):
		return foreign
	case parent.ERP == "" || parent.Passing, c.onItsWay(t, w.rule.Entity, parent.ERP):
		return tooSoon
	}
	w.link.Born = parent.Born
	c.adopt(t, w, parent.ERP)
	if former := w.link.Incarnation; w.displace == nil && former != "" && parent.Incarnation != "" && former != parent.Incarnation {
		w.link.Other, w.link.Incarnation = true, parent.Incarnation // one without a counterpart
	}
	settleIn(w.rule, &w.link)
	return bound
}

// leftUnborn says whether a record of the CRM is known, and not to be born as it stands: people took back what its birth depends on.
// What belongs to it comes along when it is born.
func (c *cycle) leftUnborn(t *store.Txn, l *plan.Link) bool {
	_, sent := t.Intent(l.ID)
	return unborn(c.Profile.Entity(l.Entity), l) && !sent && len(t.WaitingOf(l.ID)) == 0 &&
		!c.Cache.IsDirty(store.Dirty{Entity: l.Entity, Side: connectors.CRM, Key: l.CRM})
}

// unborn says whether a record of the CRM is known that the ERP does not have, and whose birth depends on what it shows.
func unborn(rule *connectors.EntityRule, l *plan.Link) bool {
	return rule.BornWhen != nil && l.ERP == "" && l.State == plan.Fresh
}

// onItsWay says whether the CRM may have, or still get, a counterpart that we sent to it: no other one takes its place
// before that is known.
func (c *cycle) onItsWay(t *store.Txn, e record.Entity, erpKey record.Key) bool {
	l, ok := t.Find(connectors.ERP, e, erpKey)
	if !ok || l.CRM != "" {
		return false
	}
	in, open := t.Intent(l.ID)
	return open && making(&l, in) || slices.ContainsFunc(l.Doubts, func(d plan.Doubt) bool {
		return d.Side == connectors.CRM && c.asOf.Before(d.Until)
	})
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
	if l.CRM == "" { // it shows up by itself
		c.nowMade(t, &l)
	}
	l.CRM, l.State = w.crm.Key, plan.Linked
	w.link = l
}

// nowMade notes of a link whose record in the CRM was found to be made after all what it was made for.
func (c *cycle) nowMade(t *store.Txn, l *plan.Link) {
	sent := c.Mapper.Rules(l.Entity).LastSent(*l)
	if in, open := t.Intent(l.ID); open && making(l, in) {
		sent = c.recognisable(in)
		if !hasDoubt(l, in.Seq) { // cut before the answer: what it shows else was typed since
			c.doubt(l, connectors.CRM, in, c.openUntil(connectors.CRM))
		}
	}
	if len(sent.Each) > 0 {
		l.Base = sent
	}
}

// displaceBy lets the new CRM record take our identity from the one that the link has now. What the two differ
// in counts like any edit of the CRM: one way it is left standing, two-way it goes to the ERP. Values in doubt
// that were sent to the former one stay: they tell that what the ERP shows is no news.
func (c *cycle) displaceBy(w *work, l *plan.Link) {
	w.before = *l
	l.Revision++
	w.displace = &connectors.Op{Kind: connectors.Update, Entity: w.rule.Entity, Key: l.CRM,
		ExternalID: c.passed(w.rule, l.ERP, l.Revision), Fields: record.Fields{}}
	if c.set.TwoWay {
		l.Base.Owned = 0 // nothing of the ERP's own is known to stand in the new one
	}
	l.Since = 0
}
