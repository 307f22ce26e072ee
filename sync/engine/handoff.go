package engine

import (
	"context"
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
	for _, w := range works {
		if w.d.Verdict == plan.CreateERP {
			c.giveNumber(ctx, w, given)
			if w.d.Verdict == plan.Wait {
				asked = append(asked, w)
				continue
			}
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
	for _, i := range sortedFields(w.asks) {
		name := c.Mapper.FieldName(connectors.ERP, w.rule.Entity, i)
		if v, ok := fields[name]; ok {
			c.askField(t, w, i, name, v)
		}
	}
	return len(w.d.Link.Doubts) == 0
}

func (c *cycle) askField(t *store.Txn, w *work, i int, name string, v record.Value) {
	l := &w.d.Link
	item := c.waiting(l, store.HandedOff, "handoff-pending", nil)
	item.Field, item.Wanted = name, c.Mapper.Digest(w.rule.Entity, i, w.asks[i])
	h := &connectors.Handoff{At: c.Clock.Now(), Entity: l.Entity, Key: l.ERP, Field: name, Wanted: v, By: l.CRM}
	old, listed := t.Waiting(l.ID, store.HandedOff, name)
	switch {
	case !listed || old.Wanted != item.Wanted || old.Handoff == nil:
		h.ID = t.Next("handoff")
	case old.ERP == item.ERP:
		return
	default: // the same wish, for a record that has its place by now
		h.ID, h.At = old.Handoff.ID, old.Handoff.At
	}
	if w.erp != nil {
		h.Current = w.erp.Fields[name]
	}
	h.Context = c.knownBy(w)
	item.Handoff = h
	c.list(t, item, connectors.ERP, l)
}

// knownBy gives the fields by which people recognise a record: of the one it belongs to, where it has none.
func (c *cycle) knownBy(w *work) record.Fields {
	known := record.Fields{}
	rule, fields := w.rule, w.parent
	if rule.Parent != "" {
		rule = c.Profile.Entity(rule.ParentEntity)
	} else if w.erp != nil {
		fields = w.erp.Fields
	}
	for _, field := range append(slices.Clone(rule.Identity), nameOfKey(rule)) {
		if v := fields[field]; !v.Empty() {
			known[field] = v
		}
	}
	return known
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

// clearField takes a waiting of one field off the list when the field is settled.
func (c *cycle) clearField(t *store.Txn, w *work, item store.Waiting) {
	rules := c.Mapper.Rules(w.rule.Entity)
	for i, f := range rules.Fields {
		if item.Field != f.Name && item.Field != c.Mapper.FieldName(connectors.ERP, w.rule.Entity, i) {
			continue
		}
		if c.stillOpen(w, item, i) {
			return
		}
		t.DeleteWaiting(item)
		if item.Kind == store.HandedOff {
			code := "handoff-superseded"
			if w.item.ERP != nil && w.item.ERP.Cells[i].Digest == item.Wanted {
				code = "handoff-done"
			}
			t.Journal(c.event(store.Info, code, connectors.ERP, &w.d.Link, map[string]string{"field": item.Field}))
		}
	}
}

// stillOpen says whether this cycle's decision leaves the matter of a waiting as it is.
func (c *cycle) stillOpen(w *work, item store.Waiting, i int) bool {
	for _, con := range w.d.Conflicts {
		if con.Field == i && con.Ask {
			return true
		}
	}
	if w.refused[i] && item.Kind == store.Refused {
		return true
	}
	for _, differs := range w.d.Differ {
		if differs == i {
			return true
		}
	}
	v, asked := w.asks[i]
	if !asked {
		v, asked = w.d.ERP[i]
	}
	return asked && c.Mapper.Digest(w.rule.Entity, i, v) == item.Wanted
}

// refusals lists values that a side can't hold. Nothing is cut to fit.
func (c *cycle) refusals(t *store.Txn, to connectors.Side, w *work, refused map[int]string) {
	for _, i := range sortedFields(refused) {
		l := w.durable()
		c.keepFor(t, w, l)
		v := c.refuse(to, w, i)
		item := c.waiting(l, store.Refused, refused[i], nil)
		item.Field, item.Wanted = c.Mapper.FieldName(to, w.rule.Entity, i), c.Mapper.Digest(w.rule.Entity, i, v)
		if item.CRMValue = v; to == connectors.CRM {
			item.CRMValue, item.ERPValue = record.Value{}, v
		}
		c.list(t, item, to, l)
	}
}

// refuse takes a value out of a decision. What was not sent is not agreed on either.
func (c *cycle) refuse(to connectors.Side, w *work, i int) record.Value {
	if w.refused == nil {
		w.refused = map[int]bool{}
	}
	w.refused[i] = true
	if to == connectors.ERP {
		v, asked := w.asks[i]
		if !asked {
			v = w.d.ERP[i]
		}
		delete(w.d.ERP, i)
		return v
	}
	v := w.d.CRM[i]
	delete(w.d.CRM, i)
	rules := c.Mapper.Rules(w.rule.Entity)
	if !rules.Single(i, &w.item) {
		w.d.After.Owned = 0
		return v
	}
	if base, known := w.item.Link.Base.At(rules.Fields[i].Code); known {
		w.d.After.Each[rules.Fields[i].Code] = base
	} else {
		delete(w.d.After.Each, rules.Fields[i].Code)
	}
	return v
}

// conflicts journals what both sides changed, with both values, and lists what a person is to decide.
func (c *cycle) conflicts(t *store.Txn, w *work) {
	l := &w.d.Link
	for _, con := range w.d.Conflicts {
		name := c.Mapper.Rules(w.rule.Entity).Fields[con.Field].Name
		if con.Ask {
			item := c.waiting(l, store.Conflicted, "conflict-open", nil)
			item.Field, item.ERPValue, item.CRMValue = name, con.ERP, con.CRM
			item.Wanted = w.item.ERP.Cells[con.Field].Digest ^ w.item.CRM.Cells[con.Field].Digest
			c.list(t, item, connectors.ERP, l)
			continue
		}
		c.done.Conflicts++
		t.Journal(c.event(store.Warning, "conflict-settled", con.Won.Other(), l, map[string]string{
			"field": name, "erp": con.ERP.Text, "crm": con.CRM.Text, "won": con.Won.String()}))
	}
	w.d.Conflicts = keepAsked(w.d.Conflicts)
	for _, i := range w.d.Differ {
		item := c.waiting(l, store.Difference, "difference-stands", nil)
		item.Field = c.Mapper.Rules(w.rule.Entity).Fields[i].Name
		item.ERPValue, item.CRMValue = w.item.ERP.Cells[i].Value, w.item.CRM.Cells[i].Value
		item.Wanted = w.item.CRM.Cells[i].Digest
		c.list(t, item, connectors.CRM, l)
	}
}

func keepAsked(all []plan.Conflict) []plan.Conflict {
	var asked []plan.Conflict
	for _, con := range all {
		if con.Ask {
			asked = append(asked, con)
		}
	}
	return asked
}

// publish shows people what they are asked to key.
func (c *cycle) publish(ctx context.Context) error {
	publisher, ok := c.ERP.(connectors.Publisher)
	if !ok {
		return nil
	}
	var all []connectors.Handoff
	c.view(func(t *store.Txn) {
		t.AllWaiting(func(w store.Waiting) bool {
			if w.Kind == store.HandedOff && w.Handoff != nil {
				h := *w.Handoff
				h.Key = w.ERP
				all = append(all, h)
			}
			return true
		})
	})
	if err := publisher.Publish(ctx, all); err != nil {
		c.stop(connectors.ERP, err)
	}
	return c.err
}
