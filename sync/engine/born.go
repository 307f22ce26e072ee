package engine

import (
	"context"
	"maps"
	"slices"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
	"syncbox/sync/store"
)

// child is a record of the CRM that is born in the ERP together with the one it belongs to: the primary
// contact of a new customer stands on the customer's card.
type child struct {
	rule   *connectors.EntityRule
	record *record.Record
	values map[int]record.Value // what may reach the ERP
}

// summon marks what belongs to records that are new to us, or to be born after all: it may have become visible before them, and been
// left alone as nobody's.
func (c *cycle) summon(rule *connectors.EntityRule, works []*work) {
	for i := range c.Profile.Entities {
		child := &c.Profile.Entities[i]
		if child.Parent == "" || child.ParentEntity != rule.Entity {
			continue
		}
		for _, w := range works {
			if w.crm == nil || w.link.ID != 0 && !(unborn(rule, &w.link) && rule.Ripe(w.crm)) {
				continue
			}
			if key := c.Cache.Note(connectors.CRM, firstNote(child, w.crm.Key)); key != nil {
				c.mark(store.Dirty{Entity: child.Entity, Side: connectors.CRM, Key: record.Key(key)})
			}
		}
	}
}

// children finds, for records about to be born in the ERP, those that are born with them. They are dirty in
// the CRM until the one they belong to has its place. One that is not found follows later, by itself.
func (c *cycle) children(ctx context.Context, works []*work) error {
	parents := map[record.Key]*work{}
	for _, w := range works {
		if w.d.Verdict == plan.CreateERP {
			parents[w.d.Link.CRM] = w
		}
	}
	if len(parents) == 0 {
		return nil
	}
	for i := range c.Profile.Entities {
		rule := &c.Profile.Entities[i]
		if rule.Parent == "" || rule.ParentEntity != works[0].rule.Entity {
			continue
		}
		if err := c.childrenOf(ctx, rule, parents); err != nil {
			return err
		}
	}
	return nil
}

func (c *cycle) childrenOf(ctx context.Context, rule *connectors.EntityRule, parents map[record.Key]*work) error {
	for after := record.Key(""); ; {
		keys := c.Cache.DirtyAfter(rule.Entity, connectors.CRM, after, c.batch())
		if len(keys) == 0 {
			return nil
		}
		after = keys[len(keys)-1]
		found, later, err := c.read(ctx, connectors.CRM, rule.Entity, keys)
		if err == nil {
			err = c.expecting(ctx, rule, parents, later)
		}
		if err != nil {
			return err
		}
		for _, key := range keys { // in their order: of two, the same one in every cycle
			r := found[key]
			if r == nil || r.ExternalID != "" || c.exempt(rule.Entity, key) != "" {
				continue
			}
			w := parents[r.Fields[rule.Parent].Key()]
			if w == nil || w.child != nil && c.succeeded(rule, w, key) {
				continue
			}
			w.child = c.newChild(rule, r)
		}
	}
}

// succeeded says whether the child that is to be born with a record took over from another one.
func (c *cycle) succeeded(rule *connectors.EntityRule, w *work, key record.Key) bool {
	child := w.child.record.Key
	if c.toldLater(rule.Entity, child, key) {
		return true
	}
	noted := c.Cache.Note(connectors.CRM, firstNote(rule, w.d.Link.CRM))
	return string(noted) == string(key) && !c.toldLater(rule.Entity, key, child)
}

// expecting lets a record wait until what is to be born with it can be read: somebody is at work on it.
func (c *cycle) expecting(ctx context.Context, rule *connectors.EntityRule, parents map[record.Key]*work, later map[record.Key]bool) error {
	finder, ok := c.CRM.(connectors.Finder)
	if len(later) == 0 {
		return nil
	}
	for _, key := range slices.Sorted(maps.Keys(parents)) {
		w := parents[key]
		var keys []record.Key
		err := error(nil)
		if ok {
			keys, err = finder.Find(ctx, rule.Entity, rule.Parent, record.RefOf(key))
		}
		if err != nil && connectors.KindOf(err) != connectors.Rejected {
			return err
		}
		if !ok || err != nil || slices.ContainsFunc(keys, func(k record.Key) bool { return later[k] }) {
			w.d = plan.Decision{Verdict: plan.Again, Link: w.d.Link}
		}
	}
	return nil
}

// twins lets a record wait that would be created in the CRM while one which people made there for the same parent could
// not be bound yet: somebody is at work on it, a brake holds it, or the next look tells of it, as the one before is gone.
func (c *cycle) twins(ctx context.Context, rule *connectors.EntityRule, works []*work) error {
	if rule.Parent == "" {
		return nil
	}
	for _, w := range works {
		if w.d.Verdict == plan.CreateCRM && c.anew[w.link.ID] {
			w.d = plan.Decision{Verdict: plan.Again, Link: w.link}
		}
	}
	finder, ok := c.CRM.(connectors.Finder)
	if !ok {
		return nil
	}
	var unbound map[record.Key]bool
	for _, w := range works {
		if w.d.Verdict != plan.CreateCRM {
			continue
		}
		if unbound == nil {
			unbound = c.unbound(rule.Entity)
		}
		if len(unbound) == 0 {
			return nil
		}
		var parent plan.Link
		c.view(func(t *store.Txn) { parent, _ = t.Find(connectors.ERP, rule.ParentEntity, w.link.ERP) })
		if c.madeUp(parent.CRM) {
			continue
		}
		keys, err := finder.Find(ctx, rule.Entity, rule.Parent, record.RefOf(parent.CRM))
		if err != nil {
			return err
		}
		if slices.ContainsFunc(keys, func(k record.Key) bool { return unbound[k] }) {
			w.d = plan.Decision{Verdict: plan.Again, Link: w.link}
		}
	}
	return nil
}

// unbound gives the records of the CRM that were told of and that have no link yet.
func (c *cycle) unbound(e record.Entity) map[record.Key]bool {
	unbound := map[record.Key]bool{}
	for after := record.Key(""); ; {
		keys := c.Cache.DirtyAfter(e, connectors.CRM, after, 1000)
		if len(keys) == 0 {
			return unbound
		}
		after = keys[len(keys)-1]
		c.view(func(t *store.Txn) {
			for _, k := range keys {
				if _, linked := t.Find(connectors.CRM, e, k); !linked {
					unbound[k] = true
				}
			}
		})
	}
}

func (c *cycle) newChild(rule *connectors.EntityRule, r *record.Record) *child {
	kid := &child{rule: rule, record: r, values: map[int]record.Value{}}
	c.view(func(t *store.Txn) {
		view := c.Mapper.View(connectors.CRM, r, t)
		d := plan.Make(c.Mapper.Rules(rule.Entity), plan.Item{Link: plan.Link{Entity: rule.Entity, CRM: r.Key}, CRM: view}, c.asOf)
		kid.values = d.ERP
	})
	return kid
}

// with gives what is born in one piece with a record. A value that the ERP can't hold is left to the
// record's own turn, where it is listed.
func (c *cycle) with(t *store.Txn, w *work) []connectors.Op {
	if w.child == nil || w.d.Verdict != plan.CreateERP {
		return nil
	}
	fields, _ := c.Mapper.Side(connectors.ERP, w.child.rule.Entity, w.child.values, t)
	if len(fields) == 0 {
		return nil
	}
	return []connectors.Op{{Kind: connectors.Create, Entity: w.child.rule.Entity, Fields: fields}}
}

// sentWith gives the digests of what is born in one piece with a record, by field code.
func (c *cycle) sentWith(w *work, op connectors.Op) map[uint16]uint64 {
	if len(op.With) == 0 {
		return nil
	}
	sent := map[uint16]uint64{}
	for i, v := range w.child.values {
		if _, fits := op.With[0].Fields[c.Mapper.FieldName(connectors.ERP, w.child.rule.Entity, i)]; fits {
			sent[c.Mapper.Rules(w.child.rule.Entity).Fields[i].Code] = c.Mapper.Digest(w.child.rule.Entity, i, v)
		}
	}
	return sent
}

// bornAtFirst gives, of the digests of what is born with a record, those of the first try that may have made it: what people typed in
// the CRM for a later one is still to reach the ERP then. Of what that one did not carry nothing is agreed.
func (w *work) bornAtFirst(sent map[uint16]uint64) map[uint16]uint64 {
	if w.earlier == nil {
		return sent
	}
	first := w.earlier.SentWith
	if w.child != nil && w.earlier.With != w.child.record.Key {
		first = nil // another one's
	}
	maps.DeleteFunc(sent, func(code uint16, _ uint64) bool { _, ok := first[code]; return !ok })
	for code := range sent {
		sent[code] = first[code]
	}
	return sent
}

// bornBase gives what both sides agree on when a record was created in the ERP.
func bornBase(in store.Intent) plan.Base {
	base := plan.Base{Known: true, Each: maps.Clone(in.Sent)}
	delete(base.Each, plan.OwnedFields)
	return base
}

// bornOf gives the same where earlier tries may have made the record, which the ERP did not show when it was looked for: of a field
// that not all of them carried nothing is agreed. That one of them left it empty is nobody's edit.
func bornOf(in store.Intent, l *plan.Link) plan.Base {
	base, carried := bornBase(in), map[uint64]map[uint16]uint64{}
	for _, d := range l.Doubts {
		if d.Side != in.Side || d.Seq == 0 || d.Seq == in.Seq {
			continue
		}
		if carried[d.Seq] == nil {
			carried[d.Seq] = map[uint16]uint64{}
		}
		carried[d.Seq][d.Field] = d.Digest
	}
	for _, try := range carried {
		maps.DeleteFunc(base.Each, func(code uint16, _ uint64) bool { _, ok := try[code]; return !ok })
	}
	return base
}

// childKey gives the CRM's record that is born in one piece with another one.
func (w *work) childKey(op connectors.Op) record.Key {
	if len(op.With) == 0 {
		return ""
	}
	return w.child.record.Key
}

// bornWith keeps what a card was born with for the record that shares it. What the ERP's people change from
// now on is theirs, although the two records do not know of each other yet.
func (c *cycle) bornWith(t *store.Txn, in store.Intent, key record.Key) {
	i := slices.IndexFunc(c.Profile.Entities, func(r connectors.EntityRule) bool {
		return r.Parent != "" && r.ParentEntity == in.Op.Entity
	})
	if i < 0 || len(in.SentWith) == 0 {
		return
	}
	child := c.Profile.Entities[i].Entity
	l, known := t.Find(connectors.ERP, child, key)
	_, taken := t.Find(connectors.CRM, child, in.With)
	_, listed := t.Waiting(l.ID, store.Reference, "") // while its account was not found
	if known && (l.State != plan.Fresh || l.CRM != "" || !listed) || taken {
		return
	}
	l.Entity, l.ERP, l.CRM, l.State, l.Born, l.Base = child, key, in.With, plan.Linked, connectors.CRM, plan.Base{Known: true, Each: in.SentWith}
	l.Other = false
	c.keep(t, &l)
	c.mark(dirtyOfLink(&l)...)
}

// askChild lists, in the same block as a record to be keyed, what is born with it.
func (c *cycle) askChild(t *store.Txn, w *work) {
	for _, op := range c.with(t, w) {
		for _, i := range sortedFields(w.child.values) {
			name := c.Mapper.FieldName(connectors.ERP, op.Entity, i)
			if v, fits := op.Fields[name]; fits {
				c.askOne(t, w, string(op.Entity)+"."+name, c.Mapper.Digest(op.Entity, i, w.child.values[i]),
					&connectors.Handoff{Entity: op.Entity, Field: name, Wanted: v, By: w.child.record.Key})
			}
		}
	}
}
