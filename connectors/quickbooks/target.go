package quickbooks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/connectors/rest"
)

var (
	_ connectors.Source   = (*TwoWay)(nil)
	_ connectors.Target   = (*TwoWay)(nil)
	_ connectors.Creator  = (*TwoWay)(nil)
	_ connectors.Resolver = (*TwoWay)(nil)
)

// TwoWay is a company whose customers can be written. Nothing else can: there is no form of a transaction or
// an item here, nor one that deletes or deactivates.
type TwoWay struct{ *Company }

// TwoWay gives the company with its writing half.
func (c *Company) TwoWay() *TwoWay { return &TwoWay{c} }

// Traits tells that each customer is a write of its own, and that the server gives up after its time-out.
func (t *TwoWay) Traits() connectors.Traits {
	return connectors.Traits{Batch: 1, ServerLate: t.cfg.Timeout}
}

// Creating says that a customer is born with its contact; nothing else can be.
func (t *TwoWay) Creating(e record.Entity) connectors.WriteMode {
	if e == record.Account || e == record.Contact {
		return connectors.WriteDirect
	}
	return connectors.WriteNone
}

// request is one write as it is sent, and sent again if its answer is lost. Its body is the token of an op.
type request struct {
	ID   string          `json:"-"`          // the idempotency key: the op's, which has none yet when it is prepared
	Body json.RawMessage `json:",omitempty"` // nothing: the customer shows the values already
	Was  record.Fields   `json:",omitempty"` // of a change: what the customer showed before
}

// Prepare reads the customer that op would change and makes the request of it.
func (t *TwoWay) Prepare(ctx context.Context, op connectors.Op) ([]byte, error) {
	r, err := t.request(ctx, op, op.ID)
	if err != nil {
		return nil, fmt.Errorf("prepare write of %s: %w", op.Entity, err)
	}
	return json.Marshal(r)
}

func (t *TwoWay) request(ctx context.Context, op connectors.Op, key string) (request, error) {
	var body []byte
	var was record.Fields
	var err error
	switch {
	case op.Displace != nil:
		return request{}, badOp("write %s: nothing can be displaced here", op.Entity)
	case op.Kind == connectors.Create:
		body, err = newCustomer(op)
	case op.Kind == connectors.Update:
		body, was, err = t.change(ctx, op)
	default:
		err = badOp("write %s: operation %d is neither create nor update", op.Entity, op.Kind)
	}
	return request{ID: key, Body: body, Was: was}, err
}

// Apply sends ops one by one. A customer that somebody changed in between is read and merged once more. A
// request whose answer is lost is sent once more under the same key, which QuickBooks does once.
func (t *TwoWay) Apply(ctx context.Context, ops []connectors.Op) []connectors.Result {
	results := make([]connectors.Result, len(ops))
	for n, op := range ops {
		if err := ctx.Err(); err != nil {
			results[n] = notApplied(connectors.Errorf(connectors.Busy, CodeUnreachable, "write %s: %w", op.Entity, err))
			continue
		}
		results[n] = t.apply(ctx, op)
	}
	return results
}

func (t *TwoWay) apply(ctx context.Context, op connectors.Op) connectors.Result {
	r, err := t.prepared(ctx, op)
	if err != nil {
		return notApplied(err)
	}
	result := t.send(ctx, op, r)
	if f := asFault(result.Err); f == nil || f.Code != faultStale || op.Kind != connectors.Update {
		return result
	}
	if r, err = t.request(ctx, op, op.ID+"-2"); err != nil {
		return notApplied(err)
	}
	return t.send(ctx, op, r)
}

// prepared gives the request that was made durable, or makes it.
func (t *TwoWay) prepared(ctx context.Context, op connectors.Op) (request, error) {
	if op.Token == nil {
		return t.request(ctx, op, op.ID)
	}
	r := request{ID: op.ID}
	if err := json.Unmarshal(op.Token, &r); err != nil {
		return request{}, badOp("write %s: the token is of another connector", op.Entity)
	}
	return r, nil
}

// send sends a request, once more if its answer is lost.
func (t *TwoWay) send(ctx context.Context, op connectors.Op, r request) connectors.Result {
	if r.Body == nil {
		return connectors.Result{Outcome: connectors.Applied, Key: op.Key}
	}
	t.memory.rows.drop(customerEntity, id(op.Key))
	t.memory.ahead.drop(op.Key)
	a, err := t.api.write(ctx, customersPath, r.ID, r.Body)
	if lost(err) && ctx.Err() == nil {
		a, err = t.api.write(ctx, customersPath, r.ID, r.Body)
		if err != nil {
			return unsettled(err)
		}
	}
	switch {
	case lost(err):
		return connectors.Result{Outcome: connectors.InDoubt, Err: err}
	case err != nil:
		return notApplied(t.explained(ctx, op, err))
	}
	return t.settled(op, a)
}

// unsettled is the failure of a second try. A refusal tells about the second one alone: that the customer is
// stale, or the name taken, may be the first one's doing; who is not let in is told nothing of it; and what the
// product refuses now it may do a minute later, when the first one arrives.
func unsettled(err error) connectors.Result {
	return connectors.Result{Outcome: connectors.InDoubt, Err: err}
}

// lost says whether a write may have been done although it has no answer.
func lost(err error) bool { return err != nil && !errors.Is(err, rest.ErrNotApplied) }

func notApplied(err error) connectors.Result {
	return connectors.Result{Outcome: connectors.NotApplied, Err: err}
}

// settled takes the key out of the answer to a write.
func (t *TwoWay) settled(op connectors.Op, a *answer) connectors.Result {
	var wrote struct{ Customer head }
	err := json.Unmarshal(a.Body, &wrote)
	if _, ok := wrote.Customer.ID.number(); err == nil && !ok {
		err = errNoID
	}
	key := record.Key(wrote.Customer.ID)
	if err == nil && op.Kind == connectors.Update && key != op.Key {
		err = errors.New("another customer was changed than was asked for")
	}
	if err != nil {
		return connectors.Result{Outcome: connectors.ReadBack, Err: bad("write customer", err)}
	}
	return connectors.Result{Outcome: connectors.Applied, Key: key}
}

// explained adds to the refusal of a name which customer has it, so that a person can say whether it is that
// one; a vendor or an employee can have it, too.
func (t *TwoWay) explained(ctx context.Context, op connectors.Op, err error) error {
	f := asFault(err)
	if f == nil || f.Code != faultDuplicate {
		return err
	}
	args := map[string]string{}
	if found, e := t.named(ctx, displayName(op.Fields["name"].Text)); e == nil && len(found) > 0 {
		args["key"] = string(found[0].ID)
		if !found[0].active() {
			args["inactive"] = "true"
		}
	}
	return &connectors.Error{Kind: connectors.Rejected, Code: CodeNameTaken, Args: args, Err: err}
}

// Resolve says what became of op after its answer was lost. A change shows in the customer, unless somebody has typed
// over it since: it may have been done where the customer shows neither what it showed before nor what is wanted. A
// creation is sent again under the same key: done once, it gives the customer that there is.
func (t *TwoWay) Resolve(ctx context.Context, op connectors.Op) connectors.Result {
	if op.Kind == connectors.Create {
		return t.resolveCreate(ctx, op)
	}
	cu, _, err := t.current(ctx, op.Key)
	switch {
	case connectors.CodeOf(err) == CodeRecordMissing:
		return notApplied(err)
	case err != nil:
		return connectors.Result{Outcome: connectors.InDoubt, Err: err}
	case shows(cu, op.Entity, op.Fields):
		return connectors.Result{Outcome: connectors.Applied, Key: op.Key}
	case untouched(cu, op):
		return notApplied(connectors.Errorf(connectors.Busy, CodeStale, "write %s %s: the customer shows other values", op.Entity, op.Key))
	}
	return connectors.Result{Outcome: connectors.InDoubt,
		Err: connectors.Errorf(connectors.Rejected, CodeStale, "write %s %s: the customer shows neither the old values nor the new ones", op.Entity, op.Key)}
}

// untouched says whether a customer is as it was before a change, or shows what it showed then. What was never prepared
// was never sent.
func untouched(cu *customer, op connectors.Op) bool {
	var r request
	var sent struct{ SyncToken text }
	if op.Token == nil || json.Unmarshal(op.Token, &r) != nil || r.Body == nil || json.Unmarshal(r.Body, &sent) != nil {
		return op.Token == nil
	}
	return sent.SyncToken == text(cu.SyncToken) || shows(cu, op.Entity, r.Was)
}

// doubted gives what the outcome of a repeated write tells of the write itself: that the repeated one was not let in tells
// nothing, nor what was refused while a try before it has no answer.
func doubted(again connectors.Result) connectors.Result {
	if again.Outcome == connectors.NotApplied && connectors.KindOf(again.Err) != connectors.Rejected {
		again.Outcome = connectors.InDoubt
	}
	if again.Outcome == connectors.InDoubt && connectors.KindOf(again.Err) == connectors.Rejected {
		again.Err = connectors.Errorf(connectors.Unavailable, CodeUnreachable, "%w", again.Err)
	}
	return again
}

func (t *TwoWay) resolveCreate(ctx context.Context, op connectors.Op) connectors.Result {
	r, err := t.prepared(ctx, op)
	if err != nil {
		return connectors.Result{Outcome: connectors.InDoubt, Err: err}
	}
	result := t.send(ctx, op, r)
	if f := asFault(result.Err); f == nil || f.Code != faultDuplicate {
		return doubted(result)
	}
	// The key may be forgotten by now; then the name is taken by the customer that this write created.
	found, err := t.named(ctx, displayName(op.Fields["name"].Text))
	if err != nil {
		return connectors.Result{Outcome: connectors.InDoubt, Err: err}
	}
	for _, cu := range found {
		if cu.active() && born(cu, op) {
			return connectors.Result{Outcome: connectors.Applied, Key: record.Key(cu.ID)}
		}
	}
	if result.Outcome == connectors.InDoubt {
		return doubted(result)
	}
	return notApplied(t.explained(ctx, op, result.Err))
}
