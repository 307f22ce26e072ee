package engine

import (
	"context"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
	"syncbox/sync/store"
)

// settleAll settles the results of one batch in one transaction; then the records are clean.
func (c *cycle) settleAll(ctx context.Context, to connectors.Side, works []*work, intents []store.Intent, results []connectors.Result) {
	i := dirIndex(to)
	var clean, dirty []store.Dirty
	gone := c.missingRefs(ctx, to, works, results)
	ok := c.update(func(t *store.Txn) error {
		clean, dirty = nil, nil
		for n, w := range works {
			switch results[n].Outcome {
			case connectors.Applied:
				more := c.applied(t, to, w, intents[n], results[n])
				clean = append(clean, dirtyOf(w)...)
				dirty = append(dirty, more...)
			case connectors.NotApplied:
				t.DeleteIntent(intents[n].Link)
				if c.refusal(t, to, w, results[n].Err) {
					clean = append(clean, dirtyOf(w)...)
				}
			default:
				c.inDoubt(t, to, w.d.Link.ID, intents[n], results[n])
				if results[n].Outcome == connectors.ReadBack && c.refusalBy(t, to, w, results[n].Err, gone[n]) {
					clean = append(clean, dirtyOf(w)...)
				}
			}
		}
		return nil
	})
	if !ok {
		return
	}
	c.clean(clean)
	c.mark(dirty...)
	c.count(i, works, results)
	c.tooMany(to)
}

func (c *cycle) count(i int, works []*work, results []connectors.Result) {
	for n := range results {
		c.tried[i]++
		if results[n].Outcome != connectors.Applied {
			kind := connectors.KindOf(results[n].Err)
			if kind == connectors.Rejected || results[n].Outcome == connectors.ReadBack {
				c.failed[i]++
			}
			c.sideTrouble(connectors.Side(1-i), results[n].Err)
			continue
		}
		switch works[n].d.Verdict {
		case plan.CreateCRM, plan.CreateERP, plan.Replace:
			c.done.Created[i]++
		default:
			c.done.Updated[i]++
		}
	}
}

// sideTrouble stops a direction when the error is one of the whole side, not of the record.
func (c *cycle) sideTrouble(to connectors.Side, err error) {
	switch connectors.KindOf(err) {
	case connectors.RateLimited, connectors.Unavailable, connectors.Auth, connectors.Drift, connectors.Hold:
		c.stop(to, err)
		if to == connectors.CRM {
			c.stop(connectors.ERP, err) // without the CRM there is nothing to compare with
		}
	}
}

// tooMany stops a direction for this cycle when so many of its items fail that something larger is wrong.
func (c *cycle) tooMany(to connectors.Side) {
	i := dirIndex(to)
	if c.failed[i] >= c.set.FailureMin && c.failed[i]*100 > c.tried[i]*c.set.FailurePercent {
		c.stop(to, connectors.Errorf(connectors.Unavailable, "too-many-failures", "%d of %d items failed", c.failed[i], c.tried[i]))
	}
}

// applied keeps what is certain now. It gives further records to look at.
func (c *cycle) applied(t *store.Txn, to connectors.Side, w *work, in store.Intent, r connectors.Result) []store.Dirty {
	t.DeleteIntent(in.Link)
	l := w.d.Link
	was, _ := t.Get(l.ID)
	if to == connectors.ERP {
		return c.appliedERP(t, w, &l, in, r)
	}
	code := "record-updated"
	switch w.d.Verdict {
	case plan.Replace:
		old := w.old
		old.State = plan.Closed
		t.PutLink(&old)
		code = "position-passed"
	case plan.CreateCRM:
		code = "record-created"
	case plan.Deactivate:
		code = "record-deactivated"
	}
	if in.Op.Displace != nil && w.d.Verdict != plan.Replace {
		code = "primary-contact-passed"
	}
	l.CRM, l.Base = r.Key, w.d.After
	if w.d.Verdict == plan.Deactivate {
		l.State, l.Base = plan.Inactive, plan.Base{Known: true, Each: w.item.Link.Base.Each}
	} else {
		l.State = plan.Linked
	}
	c.stamp(&l)
	t.PutLink(&l)
	w.d.Link = l
	t.Journal(c.event(store.Info, code, to, &l, nil))
	c.clearWaits(t, w)
	var more []store.Dirty
	if was.State != plan.Linked {
		more = c.wakeFor(t, &l)
	}
	return append(more, c.furtherLook(w, &l)...)
}

// furtherLook asks for another look at a record that owes something to the ERP as well, or whose earlier
// write may still arrive.
func (c *cycle) furtherLook(w *work, l *plan.Link) []store.Dirty {
	d := store.Dirty{Entity: l.Entity, Side: connectors.ERP, Key: l.ERP}
	if len(w.d.ERP) > 0 {
		c.again = append(c.again, d)
	}
	if len(w.d.ERP) > 0 || len(l.Doubts) > 0 {
		return []store.Dirty{d}
	}
	return nil
}

// appliedERP keeps a write to the ERP. It counts as agreed only when the ordinary reader has shown it, so
// the value stays in doubt, and the record is looked at again.
func (c *cycle) appliedERP(t *store.Txn, w *work, l *plan.Link, in store.Intent, r connectors.Result) []store.Dirty {
	code := "record-updated"
	if w.d.Verdict == plan.CreateERP {
		code = "record-created"
		l.ERP, l.State = r.Key, plan.Linked
		l.Base = plan.Base{Known: true, Each: map[uint16]uint64{}}
		for c, digest := range in.Sent {
			if c != plan.OwnedFields {
				l.Base.Each[c] = digest
			}
		}
		c.stamp(l)
		c.freeNumber(t, w)
	} else {
		c.doubt(l, connectors.ERP, in, c.Clock.Now())
	}
	t.PutLink(l)
	w.d.Link = *l
	t.Journal(c.event(store.Info, code, connectors.ERP, l, nil))
	more := c.wakeFor(t, l)
	return append(more, store.Dirty{Entity: l.Entity, Side: connectors.ERP, Key: l.ERP})
}

// doubt adds what was sent to the values in doubt.
func (c *cycle) doubt(l *plan.Link, to connectors.Side, in store.Intent, until time.Time) {
	for _, code := range sortedCodes(in.Sent) {
		l.Doubts = append(l.Doubts, plan.Doubt{Field: code, Side: to, Digest: in.Sent[code], Seq: in.Seq, Until: until})
	}
}

// inDoubt keeps a write whose outcome is open: its values stay in doubt until no late request can bring
// them, and a create is looked for before it is tried again.
func (c *cycle) inDoubt(t *store.Txn, to connectors.Side, id plan.LinkID, in store.Intent, r connectors.Result) {
	if id == 0 {
		id = in.Link
	}
	until := c.Clock.Now()
	if r.Outcome != connectors.ReadBack {
		traits := c.target(to).Traits()
		until = until.Add(traits.ServerLate + traits.IndexLag)
	}
	l, ok := t.Get(id)
	if !ok {
		t.DeleteIntent(in.Link)
		return
	}
	c.doubt(&l, to, in, until)
	t.PutLink(&l)
	if in.Op.Kind == connectors.Create {
		in.Until = until
		t.PutIntent(in)
	} else {
		t.DeleteIntent(in.Link)
	}
	if d := lookAt(&l, to); d.Key != "" && c.Cache.MarkDirty([]store.Dirty{d}) != nil {
		c.Log.Warn("mark record for another look", "link", uint64(l.ID))
	}
}

func lookAt(l *plan.Link, to connectors.Side) store.Dirty {
	if l.ERP != "" {
		return store.Dirty{Entity: l.Entity, Side: connectors.ERP, Key: l.ERP}
	}
	return store.Dirty{Entity: l.Entity, Side: connectors.CRM, Key: l.CRM}
}

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
		var refs []plan.Ref
		switch f.Lens.Kind {
		case connectors.LensRef:
			refs = append(refs, plan.Ref{Entity: f.Ref, ERP: w.erpField(f.ERP).Key()})
		case connectors.LensRows:
			refs = rowRefs(f, w.erpField(f.ERP))
		}
		for _, ref := range refs {
			if _, sent := w.d.CRM[i]; sent && ref.ERP != "" && c.isGone(ctx, ref) {
				return &ref
			}
		}
	}
	if w.d.Link.CRM != "" {
		if err := c.sweep(ctx, w.rule.Entity); err != nil {
			c.trouble(connectors.CRM, err)
		}
	}
	return nil
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
		c.trouble(connectors.CRM, err)
		return false
	}
	missing := false
	c.view(func(t *store.Txn) {
		l, ok := t.Find(connectors.ERP, ref.Entity, ref.ERP)
		missing = ok && l.State == plan.CRMGone
	})
	return missing
}
