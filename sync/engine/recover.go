package engine

import (
	"context"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
	"syncbox/sync/store"
)

// recover settles the writes that a power cut or a lost answer left open.
func (c *cycle) recover(ctx context.Context) error {
	var open []store.Intent
	c.view(func(t *store.Txn) { open = t.Intents() })
	for _, in := range open {
		if c.err != nil || ctx.Err() != nil {
			return c.err
		}
		if err := c.settleOpen(ctx, in); err != nil {
			c.Log.Warn("open write stays open", "link", uint64(in.Link), "code", connectors.CodeOf(err))
		}
	}
	return c.err
}

func (c *cycle) settleOpen(ctx context.Context, in store.Intent) error {
	if r, ok := c.source(in.Side).(connectors.Resolver); ok {
		return c.resolved(ctx, in, r.Resolve(ctx, in.Op))
	}
	switch {
	case in.Op.Kind == connectors.Update || in.Op.Displace != nil:
		c.update(func(t *store.Txn) error {
			c.inDoubt(t, in.Side, in.Link, asUpdate(in), connectors.Result{Outcome: connectors.InDoubt})
			return nil
		})
		return c.err
	}
	return c.findCreated(ctx, in)
}

// asUpdate lets a create that displaces another record be planned again: both halves may be sent twice.
func asUpdate(in store.Intent) store.Intent {
	in.Op.Kind = connectors.Update
	return in
}

// resolved settles a write whose target can tell what became of it.
func (c *cycle) resolved(ctx context.Context, in store.Intent, r connectors.Result) error {
	c.update(func(t *store.Txn) error {
		l, ok := t.Get(in.Link)
		if !ok {
			t.DeleteIntent(in.Link)
			return nil
		}
		w := &work{rule: c.Profile.Entity(l.Entity), link: l, item: plan.Item{Link: l}, d: plan.Decision{Verdict: plan.Write, Link: l}}
		if in.Op.Kind == connectors.Create {
			w.d.Verdict = plan.CreateERP
		}
		switch {
		case r.Outcome == connectors.Applied:
			c.mark(c.applied(t, in.Side, w, in, r)...)
		case r.Outcome == connectors.NotApplied && connectors.KindOf(r.Err) != connectors.Unavailable:
			t.DeleteIntent(in.Link)
			if l.State == plan.Creating {
				l.State = plan.Fresh
				t.PutLink(&l)
			}
			c.mark(lookAt(&l, in.Side))
		case connectors.KindOf(r.Err) == connectors.Rejected:
			t.DeleteIntent(in.Link)
			c.refusalBy(t, in.Side, w, r.Err, nil)
		}
		return nil
	})
	return r.Err
}

// findCreated looks for a record whose creation has no certain outcome. It is created again only when a
// late arrival is excluded, or does no harm because the product knows it by our identity.
func (c *cycle) findCreated(ctx context.Context, in store.Intent) error {
	target := c.target(in.Side)
	traits := target.Traits()
	if in.Until.IsZero() {
		in.Until = c.Clock.Now().Add(traits.ServerLate + traits.IndexLag)
	}
	if !traits.Upsert && c.Clock.Now().Before(in.Until) {
		c.update(func(t *store.Txn) error { t.PutIntent(in); return nil })
		return c.err
	}
	finder, ok := c.source(in.Side).(connectors.Finder)
	if !ok || in.Op.ExternalID == "" {
		return connectors.Errorf(connectors.Hold, "create-undecidable", "link %d: the product can't be asked for our identity", in.Link)
	}
	keys, err := finder.Find(ctx, in.Op.Entity, connectors.ExternalIDField, record.TextOf(in.Op.ExternalID))
	if err != nil {
		return err
	}
	c.update(func(t *store.Txn) error {
		c.bindFound(t, in, keys)
		return nil
	})
	return c.err
}

func (c *cycle) bindFound(t *store.Txn, in store.Intent, keys []record.Key) {
	l, ok := t.Get(in.Link)
	if !ok || l.State != plan.Creating {
		t.DeleteIntent(in.Link)
		return
	}
	if !hasDoubt(&l, in.Seq) {
		c.doubt(&l, in.Side, in, in.Until)
	}
	l.State = plan.Fresh
	if len(keys) > 0 {
		l.CRM, l.State = keys[0], plan.Linked // > 1 can't be: the product keeps the identity unique
		c.stamp(&l)
		t.DeleteIntent(in.Link)
		t.Journal(c.event(store.Info, "record-found-again", in.Side, &l, nil))
	}
	t.PutLink(&l)
	if l.State == plan.Linked {
		c.wakeFor(t, &l)
	}
	c.mark(lookAt(&l, in.Side))
}

func hasDoubt(l *plan.Link, seq uint64) bool {
	for _, d := range l.Doubts {
		if d.Seq == seq {
			return true
		}
	}
	return false
}
