package engine

import (
	"context"
	"slices"
	"strconv"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
	"syncbox/sync/store"
)

// maybeKeyed is the code of a proposal: a new record of the ERP that may be one we asked a person to key.
const maybeKeyed = "maybe-keyed"

// propose holds back new records of the ERP that look like one which is waited for under another number:
// the person who keyed it may have changed it. Another person says whether it is the same one.
func (c *cycle) propose(ctx context.Context, rule *connectors.EntityRule, works []*work) {
	if businessKey(rule) == nil {
		return
	}
	for _, w := range works {
		if w.d.Verdict != plan.CreateCRM || w.erp == nil || !c.proposable(w) {
			continue
		}
		l, number, err := c.keyedAs(ctx, w)
		switch {
		case err != nil:
			c.trouble(ctx, connectors.CRM, err)
			return
		case l != 0:
			args := map[string]string{"link": strconv.FormatUint(uint64(l), 10), "number": number,
				"keyed": w.erp.Fields[businessKey(rule).ERP].Text}
			w.d = plan.Decision{Verdict: plan.Wait, Link: w.d.Link, Why: plan.Why{Code: maybeKeyed, Person: true, Args: args}}
		}
	}
}

// proposable says whether nobody was asked about the record yet, or has not answered.
func (c *cycle) proposable(w *work) bool {
	open := w.link.ID == 0
	c.view(func(t *store.Txn) {
		if item, listed := t.Waiting(w.link.ID, store.Identity, ""); listed && item.Code == maybeKeyed {
			open = true
		}
	})
	return open
}

// keyedAs gives the link that waits for a record of the same name and the same phone or e-mail, 0 if there
// is none, and the number that it was to get.
func (c *cycle) keyedAs(ctx context.Context, w *work) (plan.LinkID, string, error) {
	var alike []plan.Link
	numbers := map[plan.LinkID]string{}
	c.view(func(t *store.Txn) {
		t.Numbers(w.rule.Entity, func(number string, l plan.Link) {
			if l.ERP == "" && l.CRM != "" && c.sameName(t, w, &l) {
				alike, numbers[l.ID] = append(alike, l), number
			}
		})
	})
	for _, l := range alike {
		if same, err := c.samePhone(ctx, w, l.CRM); err != nil || same {
			return l.ID, numbers[l.ID], err
		}
	}
	return 0, "", nil
}

// sameName says whether all that people recognise the record by, but for its number, is as they were asked
// to key it.
func (c *cycle) sameName(t *store.Txn, w *work, l *plan.Link) bool {
	named := false
	for i, f := range w.rule.Fields {
		if f.Policy == connectors.BusinessKey || !slices.Contains(w.rule.Identity, f.ERP) {
			continue
		}
		item, asked := t.Waiting(l.ID, store.HandedOff, f.ERP)
		if !asked || item.Wanted != w.item.ERP.Cells[i].Digest {
			return false
		}
		named = true
	}
	return named
}

// samePhone says whether the record, or one that shares its key, has a phone or e-mail of the CRM's record
// or of one that belongs to it.
func (c *cycle) samePhone(ctx context.Context, w *work, crm record.Key) (bool, error) {
	same, err := c.reachable(ctx, w.rule, w.erp.Key, []record.Key{crm})
	finder, ok := c.CRM.(connectors.Finder)
	for i := range c.Profile.Entities {
		child := &c.Profile.Entities[i]
		if err != nil || same || !ok || child.Parent == "" || child.ParentEntity != w.rule.Entity {
			continue
		}
		var keys []record.Key
		if keys, err = finder.Find(ctx, child.Entity, child.Parent, record.RefOf(crm)); err == nil {
			same, err = c.reachable(ctx, child, w.erp.Key, keys)
		}
	}
	return same, err
}

// reachable says whether a record of the ERP has a phone or e-mail in common with any of the CRM.
func (c *cycle) reachable(ctx context.Context, rule *connectors.EntityRule, erp record.Key, crm []record.Key) (bool, error) {
	ours, _, err := c.read(ctx, connectors.ERP, rule.Entity, []record.Key{erp})
	if err != nil || ours[erp] == nil {
		return false, err
	}
	theirs, _, err := c.read(ctx, connectors.CRM, rule.Entity, crm)
	same := false
	c.view(func(t *store.Txn) {
		a := c.Mapper.View(connectors.ERP, ours[erp], t)
		for _, r := range theirs {
			b := c.Mapper.View(connectors.CRM, r, t)
			for i, f := range rule.Fields {
				way := f.Lens.Kind == connectors.LensPhone || f.Lens.Kind == connectors.LensEmail
				same = same || way && !a.Cells[i].Value.Empty() && a.Cells[i].Digest == b.Cells[i].Digest
			}
		}
	})
	return same, err
}

// isKeyed lets the link that a proposal names wait for the number which the record really got: then it is
// found like any other that was keyed from the list.
func (e *Engine) isKeyed(t *store.Txn, w store.Waiting) {
	number := w.Args["keyed"]
	id, err := strconv.ParseUint(w.Args["link"], 10, 64)
	l, ok := t.Get(plan.LinkID(id))
	if err != nil || !ok || l.ERP != "" || number == "" {
		return // it was keyed otherwise meanwhile; the record is looked at anew
	}
	e.freeNumber(t, &l)
	t.PutNumber(l.Entity, number, l.ID)
	t.Set(numberName(l.ID), number)
}
