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

// sendERP writes to the ERP what can be written there, and hands the rest to a person.
func (c *cycle) sendERP(ctx context.Context, rule *connectors.EntityRule, works []*work) {
	var direct []*work
	var asked []*work
	modes := c.ERP.Fields(rule.Entity)
	given := map[string]bool{}
	if err := c.children(ctx, works); err != nil {
		c.trouble(ctx, connectors.CRM, err)
		return
	}
	for _, w := range works {
		c.agreedChild(w)
		if w.d.Verdict == plan.CreateERP {
			c.giveNumber(ctx, w, given)
		}
		switch w.d.Verdict {
		case plan.Wait:
			asked = append(asked, w)
			continue
		case plan.Again: // it stays dirty
			continue
		}
		if c.split(w, modes) {
			asked = append(asked, w)
		}
		if len(w.d.ERP) > 0 {
			direct = append(direct, w)
		}
	}
	if err := c.readParents(ctx, rule, asked); err != nil {
		c.trouble(ctx, connectors.ERP, err)
		return
	}
	c.handOff(asked, direct)
	if len(direct) > 0 {
		c.send(ctx, connectors.ERP, direct)
	}
}

// split keeps in the decision what we write ourselves; the rest is w.asks. It says whether there is any.
func (c *cycle) split(w *work, modes map[string]connectors.Field) bool {
	w.asks = map[int]record.Value{}
	birth := connectors.WriteDirect
	if creator, ok := c.ERP.(connectors.Creator); ok {
		birth = creator.Creating(w.rule.Entity)
	}
	for i, v := range w.d.ERP {
		mode := modes[c.Mapper.FieldName(connectors.ERP, w.rule.Entity, i)].Write
		if w.d.Verdict == plan.CreateERP {
			mode = birth
		}
		if mode != connectors.WriteDirect {
			delete(w.d.ERP, i)
		}
		if mode == connectors.WriteHandoff {
			w.asks[i] = v
		}
	}
	return len(w.asks) > 0 || len(w.d.ERP) == 0
}

// handOff lists changes for a person to key, and settles what else the decision holds.
func (c *cycle) handOff(works, direct []*work) {
	if len(works) == 0 {
		return
	}
	written := map[*work]bool{}
	for _, w := range direct {
		written[w] = true
	}
	var clean []store.Dirty
	ok := c.update(func(t *store.Txn) error {
		for _, w := range works {
			done := c.ask(t, w)
			if !written[w] && done {
				clean = append(clean, dirtyOf(w)...)
			}
		}
		return nil
	})
	if ok {
		c.clean(clean)
	}
}

// ask lists the changes of one record. A record to be born keeps its number from now on.
func (c *cycle) ask(t *store.Txn, w *work) bool {
	if w.d.Verdict == plan.Wait {
		return c.wait(t, w)
	}
	l := w.d.Link
	if w.d.Verdict == plan.CreateERP {
		l.State = plan.Creating
		if len(w.asks) == 0 {
			return true // nothing can be created there: one-way in effect
		}
	}
	c.keepFor(t, w, &l)
	w.d.Link = l
	c.reserve(t, w)
	c.clearWaits(t, w)
	c.conflicts(t, w)
	fields, refused := c.Mapper.Side(connectors.ERP, w.rule.Entity, w.asks, t)
	c.refusals(t, connectors.ERP, w, refused)
	if w.d.Verdict == plan.CreateERP {
		w.newborn = fields
	}
	for _, i := range sortedFields(w.asks) {
		name := c.Mapper.FieldName(connectors.ERP, w.rule.Entity, i)
		if v, ok := fields[name]; ok {
			c.askField(t, w, i, name, v)
		}
	}
	if len(w.asks) > 0 {
		c.askChild(t, w)
	}
	return len(w.d.Link.Doubts) == 0
}

func (c *cycle) askField(t *store.Txn, w *work, i int, name string, v record.Value) {
	h := &connectors.Handoff{Entity: w.rule.Entity, Key: w.d.Link.ERP, Field: name, Wanted: v, By: w.d.Link.CRM}
	if w.erp != nil {
		h.Current = w.erp.Fields[name]
	}
	c.askOne(t, w, name, c.Mapper.Digest(w.rule.Entity, i, w.asks[i]), h)
}

// askOne lists one change for a person under a name that is unique in the link. A wish that is listed already
// keeps its number.
func (c *cycle) askOne(t *store.Txn, w *work, name string, wanted uint64, h *connectors.Handoff) {
	item := c.waiting(&w.d.Link, store.HandedOff, "handoff-pending", nil)
	item.Field, item.Wanted, h.At = name, wanted, c.Clock.Now()
	old, listed := t.Waiting(item.Link, store.HandedOff, name)
	switch {
	case !listed || old.Wanted != item.Wanted || old.Handoff == nil:
		h.ID = t.Next("handoff")
	case old.ERP == item.ERP:
		return
	default: // the same wish, for a record that has its place by now
		h.ID, h.At = old.Handoff.ID, old.Handoff.At
	}
	h.Context = c.knownBy(w)
	item.Handoff = h
	c.list(t, item, connectors.ERP, &w.d.Link)
}

// knownBy gives the fields by which people recognise a record: of the one it belongs to, where it has none.
func (c *cycle) knownBy(w *work) record.Fields {
	rule, fields := w.rule, w.parent
	if rule.Parent != "" {
		rule = c.Profile.Entity(rule.ParentEntity)
	} else if fields = w.newborn; w.erp != nil {
		fields = w.erp.Fields
	}
	return recognised(rule, fields)
}

// recognised gives those fields of the ERP by which people recognise a record.
func recognised(rule *connectors.EntityRule, fields record.Fields) record.Fields {
	known := record.Fields{}
	for _, field := range append(slices.Clone(rule.Identity), nameOfKey(rule)) {
		if v := fields[field]; !v.Empty() {
			known[field] = v
		}
	}
	return known
}

// asToday gives what people recognise records by as the ERP shows it today: since a change was listed, a customer
// may have got another number. What can't be read now stays as it was; what shows another customer by now is left out.
func (c *cycle) asToday(ctx context.Context, all []connectors.Handoff) []connectors.Handoff {
	owners := map[record.Entity][]int{}
	for i, h := range all {
		if rule := c.Profile.Entity(h.Entity); rule.Parent != "" && h.Key != "" {
			owners[rule.ParentEntity] = append(owners[rule.ParentEntity], i)
		} else if h.Key != "" {
			owners[h.Entity] = append(owners[h.Entity], i)
		}
	}
	passed := map[int]bool{}
	for _, owner := range slices.Sorted(maps.Keys(owners)) {
		which := owners[owner]
		var keys []record.Key
		for _, i := range which {
			keys = append(keys, all[i].Key)
		}
		slices.Sort(keys)
		found, _, err := c.glance(ctx, connectors.ERP, owner, slices.Compact(keys))
		for _, i := range which {
			if r := found[all[i].Key]; err == nil && r != nil && !r.Gone && r.Held == "" {
				all[i].Context = recognised(c.Profile.Entity(owner), r.Fields)
				c.view(func(t *store.Txn) {
					l, ok := t.Find(connectors.ERP, owner, r.Key)
					passed[i] = ok && c.mayHavePassed(t, &l, r)
				})
			}
		}
	}
	var same []connectors.Handoff
	for i := range all {
		if !passed[i] {
			same = append(same, all[i])
		}
	}
	return same
}

// readParents reads what the ERP shows of the records that these belong to. Without it a list for people
// lacks what they recognise a record by, and is the next cycle's.
func (c *cycle) readParents(ctx context.Context, rule *connectors.EntityRule, works []*work) error {
	if rule.Parent == "" || len(works) == 0 {
		return nil
	}
	var keys []record.Key
	for _, w := range works {
		if w.d.Link.ERP != "" {
			keys = append(keys, w.d.Link.ERP)
		}
	}
	found, _, err := c.read(ctx, connectors.ERP, rule.ParentEntity, keys)
	for _, w := range works {
		if r := found[w.d.Link.ERP]; r != nil {
			w.parent = r.Fields
		}
	}
	return err
}

func nameOfKey(rule *connectors.EntityRule) string {
	if key := businessKey(rule); key != nil {
		return key.ERP
	}
	return ""
}

// passing says whether the place of a record may be another one's by now: what was wanted of the one is not keyed into
// the other.
func (c *cycle) passing(t *store.Txn, w store.Waiting) bool {
	l, _ := t.Get(w.Link)
	rule := c.Profile.Entity(w.Entity)
	if l.Passing || l.Other || l.ERP == "" || rule == nil || rule.Parent == "" {
		return l.Passing || l.Other
	}
	parent, _ := t.Find(connectors.ERP, rule.ParentEntity, l.ERP)
	return parent.Passing || l.Incarnation != "" && parent.Incarnation != "" && l.Incarnation != parent.Incarnation
}

// publish shows people what they are asked to key.
func (c *cycle) publish(ctx context.Context) error {
	publisher, ok := c.ERP.(connectors.Publisher)
	if !ok {
		return nil
	}
	due := c.dueNow()
	var all []connectors.Handoff
	c.view(func(t *store.Txn) {
		for _, w := range due {
			if w.Kind == store.HandedOff && w.Handoff != nil && !c.passing(t, w) {
				h := *w.Handoff
				h.Key = w.ERP
				all = append(all, h)
			}
		}
	})
	all = c.asToday(ctx, all)
	if c.interrupted(ctx) { // the backup window may have begun meanwhile
		return c.err
	}
	if err := publisher.Publish(ctx, all); err != nil {
		c.stop(connectors.ERP, err)
	}
	return c.err
}
