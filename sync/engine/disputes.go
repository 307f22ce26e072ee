package engine

import (
	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
	"syncbox/sync/store"
)

// clearField takes a waiting of one field off the list when the field is settled. What was to be keyed with
// a new record is the matter of a link of its own as soon as that record has its place.
func (c *cycle) clearField(t *store.Txn, w *work, item store.Waiting) {
	if item.Handoff != nil && item.Handoff.Entity != w.rule.Entity {
		if w.d.Verdict != plan.CreateERP {
			t.DeleteWaiting(item)
		}
		return
	}
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
	compared := w.item.CRM != nil && w.item.ERP != nil && !w.item.ERP.Gone
	if (item.Kind == store.Difference || item.Kind == store.Conflicted) && !compared && len(w.d.CRM) == 0 {
		return true // and nothing was written over it
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
		c.did(t, l.Entity, func(n *store.RepairCounts) { n.Conflicts++ })
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
