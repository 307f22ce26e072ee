package salesmanagement

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/connectors/rest"
)

// Traits: the API takes one row a call, and knows no identity by which a repeated call would be harmless.
func (t *Tenant) Traits() connectors.Traits {
	return connectors.Traits{Batch: 1, ServerLate: t.cfg.ServerLate}
}

// Apply writes records, one after another. After a lost answer, a refused log-on or a wait nothing more is sent.
func (t *Tenant) Apply(ctx context.Context, ops []connectors.Op) []connectors.Result {
	results := make([]connectors.Result, len(ops))
	absent := t.absent(ctx, ops)
	var halt error
	for i, op := range ops {
		switch {
		case halt != nil:
			results[i] = notApplied(halt)
			continue
		case ctx.Err() != nil:
			results[i] = notApplied(fmt.Errorf("not sent: %w", ctx.Err()))
			continue
		}
		results[i] = t.apply(ctx, op, absent[identity{op.Entity, op.ExternalID}])
		if kind := connectors.KindOf(results[i].Err); results[i].Err != nil && kind != connectors.Rejected && kind != connectors.Busy {
			halt = results[i].Err
		}
	}
	return results
}

func notApplied(err error) connectors.Result {
	return connectors.Result{Outcome: connectors.NotApplied, Err: err}
}

func readBack(err error) connectors.Result {
	return connectors.Result{Outcome: connectors.ReadBack, Err: err}
}

// outcome says what became of a write that failed. One that was answered with 500, or with what is no answer, happens no more later.
func outcome(err error) connectors.Result {
	switch {
	case errors.Is(err, rest.ErrNotApplied), connectors.KindOf(err) == connectors.Rejected, connectors.KindOf(err) == connectors.Busy:
		return notApplied(err)
	case connectors.CodeOf(err) == CodeServerError, connectors.CodeOf(err) == CodeBadAnswer:
		return readBack(err)
	}
	return connectors.Result{Outcome: connectors.InDoubt, Err: err}
}

// apply does one write. new says that no row has its external id.
func (t *Tenant) apply(ctx context.Context, op connectors.Op, new bool) connectors.Result {
	res := t.resource(op.Entity)
	switch {
	case res == nil:
		return notApplied(badOp("write %s: not known here", op.Entity))
	case len(op.With) > 0 || op.Displace != nil:
		return notApplied(badOp("write %s: the product has no form for it", op.Entity))
	case op.Kind != connectors.Create && plainID(string(op.Key)) != string(op.Key):
		return notApplied(badOp("write %s: key %q is no id", op.Entity, op.Key))
	}
	if err := t.Check(ctx); err != nil {
		return notApplied(err)
	}
	if op.Entity == record.Quote && t.shape.noQuotes != nil {
		return notApplied(t.shape.noQuotes)
	}
	r := connectors.Result{}
	switch op.Kind {
	case connectors.Create:
		r = t.create(ctx, op, res, new)
	case connectors.Update:
		r = t.update(ctx, op, res)
	case connectors.Delete:
		r = t.remove(ctx, op, res)
	default:
		return notApplied(badOp("write %s: of an unknown kind", op.Entity))
	}
	if op.Entity == record.User && r.Outcome == connectors.NotApplied && refuses(r.Err) {
		r.Err = &connectors.Error{Kind: connectors.Rejected, Code: CodeUserRefused, Err: r.Err}
	}
	return r
}

// update changes a record. The API has no condition for a write: the record is read and compared first.
func (t *Tenant) update(ctx context.Context, op connectors.Op, res *resource) connectors.Result {
	now, err := t.current(ctx, op, res)
	if err != nil {
		return notApplied(err)
	}
	if err := t.change(ctx, op, res, now); err != nil {
		return t.settled(ctx, op, res, err)
	}
	return connectors.Result{Outcome: connectors.Applied, Key: op.Key}
}

// current reads the row that is to be changed, and says why it is not what the plan was made on.
func (t *Tenant) current(ctx context.Context, op connectors.Op, res *resource) (row, error) {
	now, err := t.get(ctx, res.list, string(op.Key))
	if err != nil {
		return nil, err
	}
	if now == nil || now.gone() {
		return nil, missing(op)
	}
	if len(op.Seen) == 0 {
		return now, nil
	}
	rec, err := t.whole(ctx, op.Entity, res, now)
	if err != nil {
		return nil, err
	}
	for name, v := range op.Seen {
		if !v.Equal(rec.Fields[name]) {
			return nil, connectors.Errorf(connectors.Busy, CodeRecordChanged, "%s %s was changed meanwhile", op.Entity, op.Key)
		}
	}
	return now, nil
}

func missing(op connectors.Op) error {
	return connectors.Errorf(connectors.Rejected, CodeRecordMissing, "%s %s is not there", op.Entity, op.Key)
}

// partial is the error of a write of several calls, some of which were carried out: a read tells how far it came.
type partial struct{ err error }

func (p partial) Error() string { return "partly written: " + p.err.Error() }
func (p partial) Unwrap() error { return p.err }

// change writes what a row does not show yet.
func (t *Tenant) change(ctx context.Context, op connectors.Op, res *resource, now row) error {
	body, err := t.encode(ctx, op, now)
	if err != nil {
		return err
	}
	if op.Entity == record.Account && now.id(FieldSalesman) == "" {
		body[FieldSalesman] = literal(t.shape.admin)
	}
	id := now.id("id")
	h := &hand{t: t, list: res.list, id: id, readOnly: now.truth(FieldReadOnly)}
	if op.Entity == record.Quote {
		return t.changeQuote(ctx, op, h, body, now)
	}
	err = h.put(ctx, body)
	if err = h.told(h.done(ctx, wanted(body, h.readOnly), err)); err != nil {
		return err
	}
	if err := t.picture(ctx, id, now, op.Fields[FieldPicture]); err != nil {
		return partial{err}
	}
	return nil
}

// settled is the result of a change that failed. A refusal of a row that is not there any more is told as that (M9).
func (t *Tenant) settled(ctx context.Context, op connectors.Op, res *resource, err error) connectors.Result {
	if _, begun := errors.AsType[partial](err); begun {
		if certain := outcome(err); certain.Outcome == connectors.NotApplied {
			return readBack(err)
		}
		return outcome(err)
	}
	if refuses(err) {
		if now, look := t.get(ctx, res.list, string(op.Key)); look == nil && (now == nil || now.gone()) {
			return notApplied(missing(op))
		}
	}
	return outcome(err)
}

// remove marks a record as deleted, which the API does by itself (M11). One that is gone already is done.
func (t *Tenant) remove(ctx context.Context, op connectors.Op, res *resource) connectors.Result {
	now, err := t.current(ctx, op, res)
	if connectors.CodeOf(err) == CodeRecordMissing {
		return connectors.Result{Outcome: connectors.Applied, Key: op.Key}
	}
	if err != nil {
		return notApplied(err)
	}
	if err := t.mayGo(ctx, op); err != nil {
		return notApplied(err)
	}
	h := &hand{t: t, list: res.list, id: string(op.Key), readOnly: now.truth(FieldReadOnly)}
	err = h.try(ctx, func() error {
		_, err := t.write(ctx, http.MethodDelete, nil, res.list, string(op.Key))
		return err
	})
	if err != nil {
		err = h.done(ctx, true, err)
		if r := t.settled(ctx, op, res, err); connectors.CodeOf(r.Err) != CodeRecordMissing {
			return r
		}
	}
	return connectors.Result{Outcome: connectors.Applied, Key: op.Key}
}
