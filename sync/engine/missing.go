package engine

import (
	"context"
	"maps"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
	"syncbox/sync/store"
)

// missingRefs finds out, after an answer that says no more than "error", which of the records referred to
// are not there any more.
func (c *cycle) missingRefs(ctx context.Context, to connectors.Side, works []*work, results []connectors.Result) []*plan.Ref {
	gone := make([]*plan.Ref, len(works))
	if to != connectors.CRM {
		return gone
	}
	for n, w := range works {
		if results[n].Outcome == connectors.ReadBack || connectors.CodeOf(results[n].Err) == "crm-record-missing" {
			gone[n] = c.missingRef(ctx, w)
		}
	}
	return gone
}

func (c *cycle) missingRef(ctx context.Context, w *work) *plan.Ref {
	for i, f := range w.rule.Fields {
		for _, ref := range w.refs(f) {
			if _, sent := w.d.CRM[i]; sent && ref.ERP != "" && c.isGone(ctx, ref) {
				return &ref
			}
		}
	}
	if w.item.Link.CRM != "" {
		if err := c.sweep(ctx, w.rule.Entity); err != nil {
			c.trouble(ctx, connectors.CRM, err)
		}
	}
	return nil
}

// refs gives what a field of the ERP's record refers to.
func (w *work) refs(f connectors.FieldRule) []plan.Ref {
	switch f.Lens.Kind {
	case connectors.LensRef:
		return []plan.Ref{{Entity: f.Ref, ERP: w.erpField(f.ERP).Key()}}
	case connectors.LensRows:
		return rowRefs(f, w.erpField(f.ERP))
	}
	return nil
}

// awaits says whether a record refers to one whose turn could not come yet: it would be written without it, and nobody would
// look at it again.
func (c *cycle) awaits(t *store.Txn, w *work) bool {
	for _, f := range w.rule.Fields {
		for _, ref := range w.refs(f) {
			if ref.ERP == "" || !c.Cache.IsDirty(store.Dirty{Entity: ref.Entity, Side: connectors.ERP, Key: ref.ERP}) {
				continue
			}
			if _, known := t.Find(connectors.ERP, ref.Entity, ref.ERP); !known {
				return true
			}
		}
	}
	return false
}

// strangerNote names the note that something refers to a record of the ERP that nobody knows.
func strangerNote(e record.Entity, key record.Key) string {
	return "stranger/" + string(e) + "/" + string(key)
}

// strangers notes to what records refer that the ERP does not show. They are written without; should it show up, they are looked
// at again.
func (c *cycle) strangers(works []*work) {
	notes := map[string][]byte{}
	c.view(func(t *store.Txn) {
		for _, w := range works {
			for _, f := range w.rule.Fields {
				if f.Required {
					continue // waited for
				}
				for _, ref := range w.refs(f) {
					if l, known := t.Find(connectors.ERP, ref.Entity, ref.ERP); ref.ERP != "" && (!known || l.State == plan.Ended) {
						notes[strangerNote(ref.Entity, ref.ERP)] = []byte{1}
					}
				}
			}
		}
	})
	maps.DeleteFunc(notes, func(name string, _ []byte) bool { return c.Cache.Note(connectors.ERP, name) != nil })
	c.note(connectors.ERP, notes)
}

// welcome marks all that may refer to a record, where something does that was written without it.
func (c *cycle) welcome(t *store.Txn, l *plan.Link) {
	name := strangerNote(l.Entity, l.ERP)
	if c.Cache.Note(connectors.ERP, name) == nil {
		return
	}
	c.mark(c.referring(t, l.Entity)...)
	c.note(connectors.ERP, map[string][]byte{name: nil})
}

func (w *work) erpField(name string) record.Value {
	if w.erp == nil {
		return record.Value{}
	}
	return w.erp.Fields[name]
}

func rowRefs(f connectors.FieldRule, v record.Value) []plan.Ref {
	var refs []plan.Ref
	for _, col := range f.Lens.Rows {
		for _, row := range v.Rows {
			if col.Lens.Kind == connectors.LensRef {
				refs = append(refs, plan.Ref{Entity: col.Ref, ERP: row[col.ERP].Key()})
			}
		}
	}
	return refs
}

// isGone sweeps the referred entity once per cycle and says whether the record is missing.
func (c *cycle) isGone(ctx context.Context, ref plan.Ref) bool {
	if err := c.sweep(ctx, ref.Entity); err != nil {
		c.trouble(ctx, connectors.CRM, err)
		return false
	}
	missing := false
	c.view(func(t *store.Txn) {
		l, ok := t.Find(connectors.ERP, ref.Entity, ref.ERP)
		missing = ok && !l.Whole()
	})
	return missing
}
