package engine

import (
	"context"
	"fmt"
	"slices"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
	"syncbox/sync/store"
)

// intend builds the operations and makes them durable, in one step for the whole batch. A record whose
// values the side can't hold goes on without them.
func (c *cycle) intend(ctx context.Context, to connectors.Side, works []*work) (ready []*work, intents []store.Intent) {
	prepared := map[*work][]byte{}
	if c.resolver(to) != nil {
		works = c.prepare(ctx, to, works, prepared)
	}
	var clean []store.Dirty
	ok := c.update(func(t *store.Txn) error {
		ready, intents, clean = nil, nil, nil
		for _, w := range works {
			in, fine := c.intent(t, to, w)
			if !fine {
				if c.settleUnwritten(t, to, w) {
					clean = append(clean, dirtyOf(w)...)
				}
				continue
			}
			in.Op.Token = prepared[w]
			c.putIntent(t, in)
			ready, intents = append(ready, w), append(intents, in)
		}
		return nil
	})
	if !ok {
		return nil, nil
	}
	c.clean(clean)
	return ready, intents
}

// resolver gives a side's Resolver, nil if it is none.
func (c *cycle) resolver(side connectors.Side) connectors.Resolver {
	r, _ := c.source(side).(connectors.Resolver)
	return r
}

// putIntent makes an intent durable. The values are left out where nothing needs them.
func (c *cycle) putIntent(t *store.Txn, in store.Intent) {
	in.Op.Seen = nil
	if c.resolver(in.Side) == nil {
		in.Op.Fields, in.Op.With = nil, nil
	}
	t.PutIntent(in)
}

// settleUnwritten keeps a decision of which nothing is left to write to a side: it can't hold the values, or
// has them already. It says whether the record needs no further look.
func (c *cycle) settleUnwritten(t *store.Txn, to connectors.Side, w *work) bool {
	if w.d.Verdict == plan.CreateERP || w.d.Verdict == plan.CreateCRM || w.d.Verdict == plan.Replace {
		c.onlyOne(t, store.Waiting{Link: w.durable().ID, Kind: store.Refused})
		return true // listed, for that alone; the record changes or a person answers
	}
	if w.d.CRM = nil; to == connectors.ERP {
		w.d.ERP = nil
	}
	done := c.settle(t, w) && len(w.d.Link.Doubts) == 0
	if len(w.d.ERP) == 0 {
		return done
	}
	c.again = append(c.again, lookAt(&w.d.Link, connectors.ERP))
	return false
}

// prepare asks a target for the tokens by which a half-done write is told apart.
func (c *cycle) prepare(ctx context.Context, to connectors.Side, works []*work, tokens map[*work][]byte) []*work {
	var fine []*work
	for _, w := range works {
		var op connectors.Op
		c.view(func(t *store.Txn) { op, _ = c.operation(t, to, w) })
		token, err := c.target(to).(connectors.Resolver).Prepare(ctx, op)
		if err != nil {
			c.settleAll(ctx, to, []*work{w}, []store.Intent{{Link: w.d.Link.ID, Side: to, Op: op}},
				[]connectors.Result{{Outcome: connectors.NotApplied, Err: err}})
			continue
		}
		tokens[w] = token
		fine = append(fine, w)
	}
	return fine
}

// intent keeps the link as it stands before the write and gives the write's durable record; false if
// nothing is left to write.
func (c *cycle) intent(t *store.Txn, to connectors.Side, w *work) (store.Intent, bool) {
	op, refused := c.operation(t, to, w)
	c.refusals(t, to, w, refused)
	switch {
	case op.Kind == connectors.Create && c.nameless(w):
		return store.Intent{}, false
	case len(op.Fields) == 0 && op.Kind == connectors.Update && op.Displace == nil && op.ExternalID == "":
		return store.Intent{}, false
	}
	id := c.keepBefore(t, w, op.Kind)
	if tried, open := t.Intent(id); open && tried.Op.Kind == connectors.Create && op.Kind == connectors.Create {
		w.earlier = &tried
	}
	c.reserve(t, w)
	seq := t.Next("send")
	op.ID = c.opID(t, id, seq)
	c.conflicts(t, w)
	return store.Intent{Link: id, Side: to, Op: op, Sent: c.sent(to, w), SentWith: w.bornAtFirst(c.sentWith(w, op)), With: w.childKey(op), Seq: seq, At: c.Clock.Now(),
		Settles: w.displace != nil && w.before.Other && !w.d.Link.Other}, true
}

// nameless says whether a record to be born would lack what people recognise it by.
func (c *cycle) nameless(w *work) bool {
	for i, f := range w.rule.Fields {
		if w.refused[i] && slices.Contains(w.rule.Identity, f.ERP) {
			return true
		}
	}
	return false
}

// keepBefore keeps the link as it stands until the write has arrived: keys that are to pass on have not
// done so yet.
func (c *cycle) keepBefore(t *store.Txn, w *work, kind connectors.OpKind) plan.LinkID {
	l := w.durable()
	switch {
	case w.d.Verdict == plan.Replace: // what is to become of the former one is no question any more
		l.Passing = true
		t.DeleteWaiting(store.Waiting{Link: l.ID, Kind: store.Deleted})
	case w.displace != nil:
		l.Passing = true
	case kind == connectors.Create:
		if l.State = plan.Creating; w.d.Passed {
			c.passOn(t, l)
		}
	default: // that the ERP's own fields changed is in the intent, too: no second page of the flash for it
		l.Base.Owned = w.item.Link.Base.Owned
	}
	c.keepFor(t, w, l)
	return l.ID
}

// durable gives the link to keep as long as the write has not arrived.
func (w *work) durable() *plan.Link {
	switch {
	case w.d.Verdict == plan.Replace:
		return &w.item.Link
	case w.displace != nil:
		return &w.before
	}
	return &w.d.Link
}

// opID gives the idempotency key of a write: the one of its first try where that had no outcome.
func (c *cycle) opID(t *store.Txn, id plan.LinkID, seq uint64) string {
	if in, ok := t.Intent(id); ok && in.Op.ID != "" && in.Op.Kind == connectors.Create {
		return in.Op.ID
	}
	return fmt.Sprintf("%s-%d-%d", c.set.Device, id, seq)
}

// sent gives the digests of what a write carries, by field code.
func (c *cycle) sent(to connectors.Side, w *work) map[uint16]uint64 {
	values := w.d.CRM
	if to == connectors.ERP {
		values = w.d.ERP
	}
	rules := c.Mapper.Rules(w.rule.Entity)
	sent := map[uint16]uint64{}
	for i, v := range values {
		if rules.Each(i, &w.item) {
			sent[rules.Fields[i].Code] = c.Mapper.Digest(w.rule.Entity, i, v)
		}
		if !rules.Single(i, &w.item) {
			sent[plan.OwnedFields] = 0
		}
	}
	return sent
}

// operation builds the write of a decision.
func (c *cycle) operation(t *store.Txn, to connectors.Side, w *work) (connectors.Op, map[int]string) {
	values, seen := w.d.CRM, w.item.CRM
	if to == connectors.ERP {
		values, seen = w.d.ERP, w.item.ERP
	}
	l := w.d.Link
	op := connectors.Op{Kind: connectors.Update, Entity: w.rule.Entity, Key: keyOn(to, &l)}
	if op.Key == "" {
		op.Kind = connectors.Create
	}
	var refused map[int]string
	op.Fields, refused = c.Mapper.Side(to, w.rule.Entity, values, t)
	if to == connectors.CRM {
		c.identify(&op, w)
	} else {
		op.With = c.with(t, w)
	}
	if seen != nil {
		was := map[int]record.Value{}
		for i := range values {
			was[i] = seen.Cells[i].Value
		}
		op.Seen, _ = c.Mapper.Side(to, w.rule.Entity, was, t)
	}
	return op, refused
}

// identify notes our side's identity in a write to the CRM: in every create, where the record lacks it, and where another one
// has it as well, since a write that takes it from that one is looked for by it.
func (c *cycle) identify(op *connectors.Op, w *work) {
	ext := c.external(w.rule, w.d.Link.ERP)
	if w.retires {
		op.Key, op.ExternalID = w.former(), c.passed(w.rule, w.d.Link.ERP, w.d.Link.Revision+1)
		return
	}
	if op.Kind == connectors.Create || w.crm != nil && w.crm.ExternalID != ext {
		op.ExternalID = ext
	}
	switch {
	case w.displace != nil && w.displace.Key != "":
		op.Displace, op.ExternalID = w.displace, ext
	case w.d.Verdict == plan.Replace && w.former() != "":
		fields := record.Fields{}
		if w.rule.Active != "" {
			fields[w.rule.Active] = record.BoolOf(false)
		}
		op.Displace = &connectors.Op{Kind: connectors.Update, Entity: w.rule.Entity, Key: w.former(), Fields: fields,
			ExternalID: c.passed(w.rule, w.item.Link.ERP, w.d.Link.Revision)}
	}
}
