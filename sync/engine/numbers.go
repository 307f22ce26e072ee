package engine

import (
	"context"
	"strconv"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
	"syncbox/sync/store"
)

// giveNumber makes sure that a record about to be born in the ERP has a number nobody else has: the CRM's
// own, or local time to the millisecond, moved on where that is taken. given are those of the same batch.
func (c *cycle) giveNumber(ctx context.Context, w *work, given map[string]bool) {
	field := businessKey(w.rule)
	if field == nil {
		return
	}
	i := fieldIndex(w.rule, field)
	if v := w.d.ERP[i]; !v.Empty() {
		c.ownNumber(ctx, w, field, v, given[v.Text])
		given[v.Text] = true
		return
	}
	var reserved string
	c.view(func(t *store.Txn) { reserved = t.Setting(numberName(w.d.Link.ID)) })
	if reserved != "" && w.d.Link.ID != 0 {
		w.d.ERP[i] = record.TextOf(reserved)
		return
	}
	number, err := c.freeKey(ctx, w.rule, field)
	if err != nil {
		c.unnumbered(ctx, w, err)
		return
	}
	w.d.ERP[i] = record.TextOf(number)
}

// ownNumber checks that a number the CRM gave is nobody else's.
func (c *cycle) ownNumber(ctx context.Context, w *work, field *connectors.FieldRule, v record.Value, given bool) {
	taken, err := c.numberTaken(ctx, w.rule, field, v.Text, w.d.Link.ID)
	switch {
	case err != nil:
		c.unnumbered(ctx, w, err)
	case taken || given:
		w.d.Verdict, w.d.Why = plan.Wait, plan.Why{Code: "number-taken", Args: map[string]string{"field": field.CRM}}
	}
}

// unnumbered leaves a record for later whose number the ERP can't be asked about.
func (c *cycle) unnumbered(ctx context.Context, w *work, err error) {
	w.d = plan.Decision{Verdict: plan.Again, Link: w.d.Link}
	c.trouble(ctx, connectors.ERP, err)
}

// numberTaken says whether the ERP has a record of this number, or another one is being born with it.
func (c *cycle) numberTaken(ctx context.Context, rule *connectors.EntityRule, field *connectors.FieldRule, number string, id plan.LinkID) (bool, error) {
	taken := false
	c.view(func(t *store.Txn) {
		l, pending := t.FindNumber(rule.Entity, number)
		taken = pending && l.ID != id
	})
	finder, ok := c.ERP.(connectors.Finder)
	if taken || !ok {
		return taken, nil
	}
	if c.interrupted(ctx) {
		return false, errInterrupted
	}
	keys, err := finder.Find(ctx, rule.Entity, field.ERP, record.TextOf(number))
	return len(keys) > 0, err
}

func fieldIndex(rule *connectors.EntityRule, field *connectors.FieldRule) int {
	for i := range rule.Fields {
		if &rule.Fields[i] == field {
			return i
		}
	}
	return -1
}

// freeKey makes a number of 17 digits, yyyyMMddHHmmssSSS in the profile's zone, that neither the ERP nor
// anything waiting has.
func (c *cycle) freeKey(ctx context.Context, rule *connectors.EntityRule, field *connectors.FieldRule) (string, error) {
	at := c.Clock.Now().Truncate(time.Millisecond)
	if !at.After(c.lastKey) {
		at = c.lastKey.Add(time.Millisecond)
	}
	for ; ; at = at.Add(time.Millisecond) {
		local := at.In(c.zone)
		number := local.Format("20060102150405") + local.Format(".000")[1:]
		taken, err := c.numberTaken(ctx, rule, field, number, 0)
		if err != nil {
			return "", err
		}
		if !taken {
			c.lastKey = at
			return number, nil
		}
	}
}

// reserve keeps the number of a record to be born.
func (c *cycle) reserve(t *store.Txn, w *work) {
	field := businessKey(w.rule)
	if field == nil || w.d.Verdict != plan.CreateERP {
		return
	}
	v := w.asks[fieldIndex(w.rule, field)]
	if v.Empty() {
		v = w.d.ERP[fieldIndex(w.rule, field)]
	}
	if v.Empty() {
		return
	}
	if was := t.Setting(numberName(w.d.Link.ID)); was != v.Text {
		c.freeNumber(t, &w.d.Link)
	}
	t.PutNumber(w.rule.Entity, v.Text, w.d.Link.ID)
	t.Set(numberName(w.d.Link.ID), v.Text)
}

func numberName(id plan.LinkID) string { return "number-" + strconv.FormatUint(uint64(id), 10) }

// freeNumber ends the reservation of a record that is born, or given up.
func (e *Engine) freeNumber(t *store.Txn, l *plan.Link) {
	if number := t.Setting(numberName(l.ID)); number != "" {
		t.DeleteNumber(l.Entity, number)
		t.Set(numberName(l.ID), "")
	}
}
