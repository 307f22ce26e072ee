package engine

import (
	"context"
	"slices"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
	"syncbox/sync/store"
)

// recoverCRM settles the writes to the CRM that a power cut or a lost answer left open, before anything is
// looked at: their values are in doubt from now on.
func (c *cycle) recoverCRM(ctx context.Context) error { return c.recover(ctx, connectors.CRM) }

// recoverERP does the same for the ERP, once a look has shown that its folder can be trusted.
func (c *cycle) recoverERP(ctx context.Context) error { return c.recover(ctx, connectors.ERP) }

func (c *cycle) recover(ctx context.Context, side connectors.Side) error {
	var open []store.Intent
	c.view(func(t *store.Txn) { open = t.Intents() })
	for _, in := range open {
		if in.Side != side || in.Refused {
			continue
		}
		if c.err != nil || c.interrupted(ctx) {
			return c.err
		}
		if err := c.settleOpen(ctx, in); err != nil {
			c.Log.Warn("open write stays open", "link", uint64(in.Link), "code", connectors.CodeOf(err))
			if c.leaveAlone(side, err) {
				return c.err
			}
		}
	}
	return c.err
}

func (c *cycle) settleOpen(ctx context.Context, in store.Intent) error {
	if r := c.resolver(in.Side); r != nil && in.Op.Kind != connectors.Delete {
		return c.resolved(in, r.Resolve(ctx, in.Op))
	}
	looked := false
	c.view(func(t *store.Txn) {
		l, ok := t.Get(in.Link)
		looked = ok && (making(&l, in) || maybeMade(&l, in) || in.Op.Displace != nil)
	})
	if looked {
		return c.findCreated(ctx, in)
	}
	c.update(func(t *store.Txn) error {
		if in.Until.IsZero() && in.Op.Kind != connectors.Create {
			c.inDoubt(t, in, c.openUntil(in.Side))
		} else {
			t.DeleteIntent(in.Link) // the create it was was found or settled otherwise
		}
		return nil
	})
	return c.err
}

// resolved settles a write whose target can tell what became of it. That it did not happen counts only when
// it can't happen late any more.
func (c *cycle) resolved(in store.Intent, r connectors.Result) error {
	if in.Until.IsZero() {
		in.Until = c.openUntil(in.Side)
		c.update(func(t *store.Txn) error { c.putIntent(t, in); return nil })
	}
	if c.resent(in, r) {
		in.Until = c.lateUntil(in.Side, r.Outcome)
		c.update(func(t *store.Txn) error { c.putIntent(t, in); return nil })
		return r.Err
	}
	if r.Outcome != connectors.Applied && c.asOf.Before(in.Until) {
		return r.Err
	}
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
			dirty, _ := c.applied(t, in.Side, w, in, r)
			c.mark(dirty...)
		case r.Outcome == connectors.NotApplied && certain(r.Err):
			c.forget(t, in)
			c.mark(lookAt(&l, in.Side))
		case connectors.KindOf(r.Err) == connectors.Rejected:
			c.forget(t, in)
			if in.Op.Kind == connectors.Create { // a person may save what is there of it
				in.Refused = true
				t.PutIntent(in)
			}
			if l, ok := t.Get(in.Link); ok {
				c.doubt(&l, in.Side, in, in.Until)
				c.keep(t, &l)
			}
			c.refusalBy(t, in.Side, w, r.Err, nil)
			c.mark(lookAt(&l, in.Side))
		}
		return nil
	})
	return r.Err
}

// resent says whether a creation of which nothing tells but sending it again was sent again just now, without an answer: it may
// still arrive.
func (c *cycle) resent(in store.Intent, r connectors.Result) bool {
	return in.Op.Kind == connectors.Create && r.Outcome == connectors.InDoubt && connectors.KindOf(r.Err) != connectors.Rejected &&
		businessKey(c.Profile.Entity(in.Op.Entity)) == nil
}

// certain says whether the reason why a write was not done is one of the record, not of the side, which would say the same
// of a write that was done.
func certain(err error) bool {
	k := connectors.KindOf(err)
	return k == connectors.Busy || k == connectors.Rejected
}

// findCreated looks for the record that carries our identity after a write that was to give it to one, and
// that has no certain outcome. It is sent again only when a late arrival is excluded, or does no harm because
// the product knows a second create by our identity. One that is to take the place of a link's own does harm: told of
// by a look, it would be taken for the heir of that one.
func (c *cycle) findCreated(ctx context.Context, in store.Intent) error {
	if in.Until.IsZero() {
		in.Until = c.openUntil(in.Side)
	}
	if (!c.target(in.Side).Traits().Upsert || in.Op.Displace != nil || c.replacing(in)) && c.age().Before(in.Until) {
		c.update(func(t *store.Txn) error { t.PutIntent(in); return nil })
		return c.err
	}
	finder, ok := c.source(in.Side).(connectors.Finder)
	field, mark := c.markOf(in)
	if !ok || mark == "" {
		return c.undecidable(in)
	}
	keys, err := finder.Find(ctx, in.Op.Entity, field, record.TextOf(mark))
	if err == nil {
		keys, err = c.named(ctx, in.Side, in.Op.Entity, field, mark, keys)
	}
	if err == nil && in.Op.Kind == connectors.Create && in.Op.Displace != nil {
		keys, err = c.made(ctx, in, keys)
	}
	if err != nil {
		return err
	}
	c.update(func(t *store.Txn) error {
		c.bindFound(t, in, keys)
		return nil
	})
	return c.err
}

// replacing says whether an open intent is to make a record in place of the counterpart that a link has or had.
func (c *cycle) replacing(in store.Intent) (replaces bool) {
	c.view(func(t *store.Txn) {
		l, ok := t.Get(in.Link)
		replaces = ok && l.Passing && in.Op.Kind == connectors.Create
	})
	return replaces
}

// made leaves out what carries our identity because people merged the former counterpart into it: it shows nothing of
// that by which people recognise the record that was to be made.
func (c *cycle) made(ctx context.Context, in store.Intent, keys []record.Key) ([]record.Key, error) {
	rules := c.Mapper.Rules(in.Op.Entity)
	if len(rules.Identity) == 0 || len(keys) == 0 {
		return keys, nil
	}
	found, _, err := c.read(ctx, in.Side, in.Op.Entity, keys)
	if err != nil {
		return nil, err
	}
	c.view(func(t *store.Txn) {
		keys = slices.DeleteFunc(keys, func(k record.Key) bool {
			r := found[k]
			return r != nil && !rules.Recognises(c.recognisable(in), c.Mapper.View(in.Side, r, t))
		})
	})
	return keys, nil
}

// markOf gives what a record that we created is recognised by: our identity, noted in it, or in the ERP the
// number that we made for it.
func (c *cycle) markOf(in store.Intent) (field, mark string) {
	key := businessKey(c.Profile.Entity(in.Op.Entity))
	if in.Side == connectors.CRM || key == nil {
		return connectors.ExternalIDField, in.Op.ExternalID
	}
	return key.ERP, c.setting(numberName(in.Link))
}

// undecidable asks a person whether a record is there that the product can't be asked for. It is never sent
// again blindly; if it shows up by its number, it is bound.
func (c *cycle) undecidable(in store.Intent) error {
	c.update(func(t *store.Txn) error {
		c.putIntent(t, in)
		if l, ok := t.Get(in.Link); ok {
			c.list(t, c.waiting(&l, store.Identity, createUndecidable, nil), in.Side, &l)
		}
		return nil
	})
	return c.err
}

// createUndecidable is the code of a record that may have been created without our knowing its key.
const createUndecidable = "create-undecidable"

func (c *cycle) bindFound(t *store.Txn, in store.Intent, keys []record.Key) {
	l, ok := t.Get(in.Link)
	again := ok && maybeMade(&l, in)
	if !ok || !making(&l, in) && !again && in.Op.Displace == nil {
		t.DeleteIntent(in.Link)
		return
	}
	if !again && !hasDoubt(&l, in.Seq) {
		c.doubt(&l, in.Side, in, in.Until)
	}
	switch {
	case l.State == plan.Creating || again:
	case in.Op.Kind == connectors.Create:
		c.replaceFound(t, in, &l, keys)
		return
	default:
		c.takenOver(t, in, &l, keys)
		return
	}
	if in.Side == connectors.ERP && len(keys) == 1 && !c.vacant(t, &l, keys[0]) {
		c.keep(t, &l)
		c.mark(store.Dirty{Entity: l.Entity, Side: in.Side, Key: keys[0]})
		return
	}
	l.State = plan.Fresh
	if len(keys) > 1 { // an earlier try arrived later than its product promised
		t.Journal(c.event(store.Warning, "record-doubled", in.Side, &l, map[string]string{"key": string(keys[1])}))
	}
	if len(keys) > 0 && c.free(t, in, keys[0]) {
		l.State = plan.Linked
		if in.Side == connectors.CRM {
			l.CRM, l.Base = keys[0], c.recognisable(in)
		} else {
			l.ERP, l.Base = keys[0], bornOf(in, &l)
			c.bornWith(t, in, keys[0])
		}
		t.DeleteIntent(in.Link)
		t.Journal(c.event(store.Info, "record-found-again", in.Side, &l, nil))
	} else if again && !c.asOf.Before(in.Until) {
		t.DeleteIntent(in.Link)
	} else {
		c.putIntent(t, in)
	}
	c.keep(t, &l)
	if l.State == plan.Linked || !again && !c.dueLater(t, l.ID) {
		c.mark(lookAt(&l, in.Side))
	}
}

// maybeMade says whether an open intent is to make a record of the CRM that was looked for once in vain. Where a second create
// does no harm it may be sent again before a late arrival is excluded; until then, and once after, it is looked for.
func maybeMade(l *plan.Link, in store.Intent) bool {
	return in.Op.Kind == connectors.Create && in.Side == connectors.CRM && l.State == plan.Fresh && l.CRM == "" && !l.Passing
}

// recognisable gives what is known of a record of the CRM that we created and that may have been edited since: by
// what people recognise the one of the ERP for which it was made.
func (c *cycle) recognisable(in store.Intent) plan.Base {
	return c.Mapper.Rules(in.Op.Entity).Recognised(bornBase(in))
}

// replaceFound settles a write that was to give the ERP key of a link to a new record. One that carries our
// identity and is not the link's own is that new record.
func (c *cycle) replaceFound(t *store.Txn, in store.Intent, old *plan.Link, keys []record.Key) {
	keys = slices.DeleteFunc(keys, func(k record.Key) bool { return k == old.CRM || !c.free(t, in, k) })
	c.keep(t, old)
	t.DeleteIntent(in.Link)
	c.mark(lookAt(old, in.Side))
	if len(keys) == 0 {
		return
	}
	l := plan.Link{Entity: old.Entity, ERP: old.ERP, CRM: keys[0], State: plan.Linked, Born: connectors.ERP,
		Revision: old.Revision + 1, Base: c.recognisable(in), Doubts: old.Doubts}
	c.close(t, old.ID)
	c.mark(c.referring(t, l.Entity)...)
	c.keep(t, &l)
	c.passOn(t, &l)
	t.Journal(c.event(store.Info, "position-passed", in.Side, &l, nil))
}

// takenOver settles a write that was to make another record of the CRM the counterpart of a link. Where the former one has
// our identity as well, it was not done.
func (c *cycle) takenOver(t *store.Txn, in store.Intent, l *plan.Link, keys []record.Key) {
	t.DeleteIntent(in.Link)
	if slices.Contains(keys, in.Op.Key) && !slices.Contains(keys, in.Op.Displace.Key) && c.free(t, in, in.Op.Key) {
		l.CRM = in.Op.Key
		l.Revision++
		if in.Settles {
			settleIn(c.Profile.Entity(l.Entity), l)
		}
		if c.set.TwoWay {
			l.Base.Owned = 0 // as in displaceBy
		}
	}
	c.keep(t, l)
	c.mark(store.Dirty{Entity: l.Entity, Side: connectors.CRM, Key: in.Op.Key}, lookAt(l, in.Side))
}

// free says whether no other link holds a key.
func (c *cycle) free(t *store.Txn, in store.Intent, key record.Key) bool {
	other, taken := t.Find(in.Side, in.Op.Entity, key)
	return !taken || other.ID == in.Link
}

func hasDoubt(l *plan.Link, seq uint64) bool {
	for _, d := range l.Doubts {
		if d.Seq == seq {
			return true
		}
	}
	return false
}
