package product

import (
	"context"
	"encoding/json"
	"slices"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// Traits says what writing is like.
func (t CloudTarget) Traits() connectors.Traits { return t.c.p.ERP.Form.Traits }

// Creating says that a customer is born with its contact.
func (t CloudTarget) Creating(e record.Entity) connectors.WriteMode {
	if e == record.Account || e == record.Contact {
		return connectors.WriteDirect
	}
	return connectors.WriteNone
}

// Prepare reads the customer that op would change and makes the request of it.
func (t CloudTarget) Prepare(_ context.Context, op connectors.Op) ([]byte, error) {
	q, err := t.c.request(&op, op.ID)
	if err != nil {
		return nil, err
	}
	return json.Marshal(q)
}

// request makes the request of an op. A field that shows neither what the plan was made on nor what is wanted was changed by
// somebody.
func (c *cloudSide) request(op *connectors.Op, id string) (cloudRequest, error) {
	q := cloudRequest{ID: id, Was: record.Fields{}}
	if op.Kind == connectors.Create {
		q.Fields = op.Fields.Names()
		return q, nil
	}
	row, err := c.current(op)
	if err != nil {
		return q, err
	}
	q.Version = c.p.version(op.Entity, op.Key)
	for _, name := range op.Fields.Names() {
		if row.Fields[name].Equal(op.Fields[name]) {
			continue
		}
		if seen, compared := op.Seen[name]; compared && !row.Fields[name].Equal(seen) {
			return q, connectors.Errorf(connectors.Busy, staleCode, "%s %s: %s shows another value", op.Entity, op.Key, name)
		}
		q.Fields, q.Was[name] = append(q.Fields, name), row.Fields[name]
	}
	q.Nothing = len(q.Fields) == 0
	return q, nil
}

// current reads a customer for a write.
func (c *cloudSide) current(op *connectors.Op) (*Row, error) {
	if err := c.take(Prepare, true); err != nil {
		return nil, err
	}
	row := c.p.Live(op.Entity, op.Key)
	if row == nil {
		return nil, connectors.Errorf(connectors.Rejected, "erp-record-missing", "%s %s", op.Entity, op.Key)
	}
	return row, nil
}

// Apply sends ops one by one. A customer that somebody changed in between is read and merged once more.
func (t CloudTarget) Apply(ctx context.Context, ops []connectors.Op) []connectors.Result {
	results := make([]connectors.Result, len(ops))
	for n := range ops {
		t.c.changed = t.c.p.Line.Steady()
		if err := ctx.Err(); err != nil {
			results[n] = notDone(connectors.Errorf(connectors.Busy, "erp-unreachable", "%w", err))
			continue
		}
		results[n] = t.c.apply(&ops[n])
	}
	return results
}

func (c *cloudSide) apply(op *connectors.Op) connectors.Result {
	q, err := c.prepared(op)
	if err != nil {
		return notDone(err)
	}
	r := c.send(op, q)
	if r.Outcome != connectors.NotApplied || connectors.CodeOf(r.Err) != staleCode || op.Kind != connectors.Update {
		return r
	}
	if q, err = c.request(op, op.ID+"-2"); err != nil {
		return notDone(err)
	}
	return c.send(op, q)
}

// prepared gives the request that was made durable. Where there is none it is made.
func (c *cloudSide) prepared(op *connectors.Op) (cloudRequest, error) {
	if op.Token == nil {
		return c.request(op, op.ID)
	}
	var q cloudRequest
	err := json.Unmarshal(op.Token, &q)
	q.ID = op.ID
	return q, err
}

// send sends a request, and once more where its answer is lost. That the second one is refused tells about the second one
// alone: the first one may be why, or arrive later.
func (c *cloudSide) send(op *connectors.Op, q cloudRequest) connectors.Result {
	if q.Nothing {
		return connectors.Result{Outcome: connectors.Applied, Key: op.Key}
	}
	delete(c.shown, spot{record.Account, op.Key})
	delete(c.shown, spot{record.Contact, op.Key})
	r := c.try(op, q)
	if r.Outcome != connectors.InDoubt {
		return r
	}
	again := c.try(op, q)
	if again.Outcome == connectors.Applied {
		return again
	}
	return connectors.Result{Outcome: connectors.InDoubt, Err: again.Err}
}

// try sends a request, and once more where the server is ill.
func (c *cloudSide) try(op *connectors.Op, q cloudRequest) connectors.Result {
	r := c.post(op, q)
	if r.Outcome == connectors.ReadBack {
		if r = c.post(op, q); r.Outcome == connectors.ReadBack {
			r.Outcome = connectors.InDoubt
		} else if r.Outcome == connectors.NotApplied { // the first one may have been done
			r.Outcome = connectors.InDoubt
		}
	}
	return r
}

// post makes one request.
func (c *cloudSide) post(op *connectors.Op, q cloudRequest) connectors.Result {
	if err := c.begin(Apply); err != nil {
		return notDone(err)
	}
	fate := c.p.Line.Send(c.p.Side, []connectors.Op{*op})
	var r connectors.Result
	switch {
	case fate.Kind == Late:
		late := *op
		c.p.Line.Later(fate.Delay, func() { c.p.write(&late, q) })
		r = noAnswer(c.p.Side)
	case fate.Kind == Limited:
		c.until = c.p.Line.Steady() + fate.Retry
		r = notDone(&connectors.Error{Kind: connectors.RateLimited, Code: "erp-rate-limited", Retry: fate.Retry})
	case fate.Kind == Delivered || fate.Done > 0:
		r = c.p.write(op, q)
	}
	switch fate.Kind {
	case Lost:
		r = noAnswer(c.p.Side)
	case Broken:
		r = connectors.Result{Outcome: connectors.ReadBack, Err: connectors.Errorf(connectors.Unavailable, "erp-server-error", "500")}
	}
	c.p.Line.End(c.p.Side, Apply)
	return r
}

// Resolve says what became of op after its answer was lost. A change shows in the customer. A creation is sent again under the
// same id: done once, it gives the customer that there is.
func (t CloudTarget) Resolve(_ context.Context, op connectors.Op) connectors.Result {
	c := t.c
	if op.Kind == connectors.Create {
		q, err := c.prepared(&op)
		if err != nil {
			return connectors.Result{Outcome: connectors.InDoubt, Err: err}
		}
		again := c.send(&op, q)
		if again.Outcome == connectors.NotApplied && connectors.KindOf(again.Err) != connectors.Rejected {
			again.Outcome = connectors.InDoubt // that this one was not let in tells nothing of the one before
		}
		if again.Outcome == connectors.InDoubt && connectors.KindOf(again.Err) == connectors.Rejected {
			again.Err = connectors.Errorf(connectors.Unavailable, "erp-unreachable", "%w", again.Err)
		}
		return again
	}
	if err := c.take(Resolve, true); err != nil {
		return connectors.Result{Outcome: connectors.InDoubt, Err: err}
	}
	row := c.p.Live(op.Entity, op.Key)
	if row == nil {
		return notDone(connectors.Errorf(connectors.Rejected, "erp-record-missing", "%s %s", op.Entity, op.Key))
	}
	q, err := c.prepared(&op)
	if err != nil {
		return connectors.Result{Outcome: connectors.InDoubt, Err: err}
	}
	shows := func(fields record.Fields) bool {
		return !slices.ContainsFunc(fields.Names(), func(name string) bool { return !row.Fields[name].Equal(fields[name]) })
	}
	switch {
	case shows(op.Fields):
		return connectors.Result{Outcome: connectors.Applied, Key: op.Key}
	case c.p.version(op.Entity, op.Key) == q.Version || shows(q.Was):
		return notDone(connectors.Errorf(connectors.Busy, staleCode, "%s %s shows what it did", op.Entity, op.Key))
	}
	return connectors.Result{Outcome: connectors.InDoubt, Err: connectors.Errorf(connectors.Rejected, staleCode, "%s %s shows neither", op.Entity, op.Key)}
}
