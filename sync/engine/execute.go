package engine

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
	"syncbox/sync/store"
)

// execute carries out what was decided: first what needs no write, then the writes to the CRM, then those
// to the ERP. A record that needs both goes to the CRM now and to the ERP in the next round.
func (c *cycle) execute(ctx context.Context, rule *connectors.EntityRule, works []*work) {
	var quiet, toCRM, toERP []*work
	for _, w := range works {
		switch {
		case len(w.d.CRM) > 0 || c.unnamed(w):
			if !c.paused[dirIndex(connectors.CRM)][rule.Entity] {
				toCRM = append(toCRM, w)
			}
		case len(w.d.ERP) > 0:
			if !c.paused[dirIndex(connectors.ERP)][rule.Entity] {
				toERP = append(toERP, w)
			}
		default:
			quiet = append(quiet, w)
		}
	}
	c.settleQuiet(quiet)
	if len(toCRM) > 0 && c.down[dirIndex(connectors.CRM)] == nil {
		c.send(ctx, connectors.CRM, toCRM)
	}
	if len(toERP) > 0 && c.down[dirIndex(connectors.ERP)] == nil {
		c.sendERP(ctx, rule, toERP)
	}
}

// unnamed says whether a linked CRM record lacks our identity, or another one still has it.
func (c *cycle) unnamed(w *work) bool {
	if w.d.Verdict == plan.Wait || !w.d.After.Known || w.d.Link.ERP == "" || w.d.Link.CRM == "" || w.rule.ExternalID == "" {
		return false
	}
	return w.displace != nil || w.crm != nil && w.crm.ExternalID == ""
}

// settleQuiet keeps what needs no write: agreements, waits, differences.
func (c *cycle) settleQuiet(works []*work) {
	if len(works) == 0 {
		return
	}
	var clean []store.Dirty
	ok := c.update(func(t *store.Txn) error {
		for _, w := range works {
			if c.settle(t, w) {
				clean = append(clean, dirtyOf(w)...)
			}
		}
		return nil
	})
	if ok {
		c.clean(clean)
	}
}

// settle keeps the decision's link and says whether the record needs no further look.
func (c *cycle) settle(t *store.Txn, w *work) bool {
	l := w.d.Link
	if w.d.Verdict == plan.Wait {
		return c.wait(t, w)
	}
	if l.ID == 0 && (l.ERP == "" || l.CRM == "") {
		return w.d.Verdict != plan.Again // never linked, nothing to do: not worth a link
	}
	c.keepFor(t, w, &l)
	w.d.Link = l
	c.clearWaits(t, w)
	c.conflicts(t, w)
	return w.d.Verdict != plan.Again
}

// keep writes a link that changed. Where that makes it whole, the number it was born under is free again,
// and what waited for the record goes on.
func (c *cycle) keep(t *store.Txn, l *plan.Link) {
	was, had := t.Get(l.ID)
	if l.State == plan.Linked && l.Since == 0 {
		l.Since = c.Clock.Now().Unix()
	}
	if had && sameLink(&was, l) {
		return
	}
	t.PutLink(l)
	if l.Whole() && !(had && was.Whole()) {
		c.freeNumber(t, l)
		c.wakeFor(t, l)
	}
}

// keepFor keeps the link of a record, which may have had one of its own before.
func (c *cycle) keepFor(t *store.Txn, w *work, l *plan.Link) {
	if w.instead != 0 {
		c.close(t, w.instead)
		w.instead = 0
	}
	c.keep(t, l)
}

func sameLink(a, b *plan.Link) bool {
	return a.ERP == b.ERP && a.CRM == b.CRM && a.State == b.State && a.Incarnation == b.Incarnation &&
		a.Revision == b.Revision && a.Gone == b.Gone && a.Passing == b.Passing && a.Other == b.Other && a.Since == b.Since &&
		a.Base.Known == b.Base.Known && a.Base.Owned == b.Base.Owned && maps.Equal(a.Base.Each, b.Base.Each) &&
		slices.EqualFunc(a.Doubts, b.Doubts, sameDoubt)
}

func sameDoubt(a, b plan.Doubt) bool {
	return a.Field == b.Field && a.Side == b.Side && a.Digest == b.Digest && a.Seq == b.Seq && a.Until.Equal(b.Until)
}

// dirtyOf gives all marks that bring a record here.
func dirtyOf(w *work) []store.Dirty {
	d := []store.Dirty{w.dirty}
	l := w.d.Link
	if l.ERP != "" && w.dirty.Side != connectors.ERP {
		d = append(d, store.Dirty{Entity: l.Entity, Side: connectors.ERP, Key: l.ERP})
	}
	if l.CRM != "" && w.dirty.Side != connectors.CRM && w.crm != nil {
		d = append(d, store.Dirty{Entity: l.Entity, Side: connectors.CRM, Key: l.CRM})
	}
	return d
}

func (c *cycle) clean(clean []store.Dirty) { c.settled(clean, nil) }

// mark sets marks. A mark that stands for something the state is about to forget is set before that.
func (c *cycle) mark(dirty ...store.Dirty) { c.settled(nil, dirty) }

func (c *cycle) settled(clean, dirty []store.Dirty) {
	if err := c.Cache.Settle(clean, dirty); err != nil && c.err == nil {
		c.err = err
	}
}

// send makes the intents durable, applies them, and settles the results.
func (c *cycle) send(ctx context.Context, to connectors.Side, works []*work) {
	target := c.target(to)
	if target == nil {
		return
	}
	works, intents := c.intend(ctx, to, works)
	if len(works) == 0 || c.err != nil {
		return
	}
	ops := make([]connectors.Op, len(intents))
	for i := range intents {
		ops[i] = intents[i].Op
	}
	results := target.Apply(ctx, ops)
	if len(results) != len(ops) {
		c.err = fmt.Errorf("target of the %s gave %d results for %d writes", to, len(results), len(ops))
		return
	}
	c.settleAll(ctx, to, works, intents, results)
}

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
		return true // listed; the record changes or a person answers
	}
	if w.d.CRM = nil; to == connectors.ERP {
		w.d.ERP = nil
	}
	done := c.settle(t, w)
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
	c.reserve(t, w)
	seq := t.Next("send")
	op.ID = c.opID(t, id, seq)
	c.conflicts(t, w)
	return store.Intent{Link: id, Side: to, Op: op, Sent: c.sent(to, w), Seq: seq, At: c.Clock.Now()}, true
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
	case w.d.Verdict == plan.Replace:
		l.Passing = true
	case kind == connectors.Create:
		l.State = plan.Creating
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
		if rules.Single(i, &w.item) {
			sent[rules.Fields[i].Code] = c.Mapper.Digest(w.rule.Entity, i, v)
		} else {
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

// identify notes our side's identity in a write to the CRM: in every create, and where the record lacks it.
func (c *cycle) identify(op *connectors.Op, w *work) {
	ext := c.external(w.rule, w.d.Link.ERP)
	if op.Kind == connectors.Create || w.crm != nil && w.crm.ExternalID != ext {
		op.ExternalID = ext
	}
	switch {
	case w.displace != nil && w.displace.Key != "":
		op.Displace = w.displace
	case w.d.Verdict == plan.Replace && w.item.Link.State != plan.CRMGone:
		fields := record.Fields{}
		if w.rule.Active != "" {
			fields[w.rule.Active] = record.BoolOf(false)
		}
		op.Displace = &connectors.Op{Kind: connectors.Update, Entity: w.rule.Entity, Key: w.item.Link.CRM, Fields: fields,
			ExternalID: c.passed(w.rule, w.item.Link.ERP, w.d.Link.Revision)}
	}
}
