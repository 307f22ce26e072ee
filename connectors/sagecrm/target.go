package sagecrm

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// Traits: SOAP takes several records a call, REST one; neither knows an identity by which a repeated call would be harmless.
func (c *CRM) Traits() connectors.Traits {
	return connectors.Traits{Batch: c.batch(), ServerLate: c.cfg.ServerLate}
}

// Apply writes records, one after another. After a lost answer, a refused log-on or a wait nothing more is sent.
func (c *CRM) Apply(ctx context.Context, ops []connectors.Op) []connectors.Result {
	results := make([]connectors.Result, 0, len(ops))
	var halt error
	for len(results) < len(ops) {
		rest := ops[len(results):]
		switch err := ctx.Err(); {
		case halt != nil:
			results = append(results, notApplied(halt))
			continue
		case err != nil:
			results = append(results, notApplied(fmt.Errorf("not sent: %w", err)))
			continue
		}
		done := c.some(ctx, rest)
		results, halt = append(results, done...), halting(done)
	}
	return results
}

// batch is how many records one call may hold.
func (c *CRM) batch() int {
	if c.cfg.Interface == "rest" || c.cfg.Nested == "none" {
		return 1
	}
	return mostTogether
}

// some does the first op, with those behind it that can go in the same call.
func (c *CRM) some(ctx context.Context, ops []connectors.Op) []connectors.Result {
	if n := sameFrom(ops); n > 1 {
		if s := c.batches(ctx); s != nil {
			return c.together(ctx, s, ops[:n])
		}
	}
	return []connectors.Result{c.write(ctx, ops[0])}
}

// halting gives the error after which nothing more is sent: any but that of a record.
func halting(results []connectors.Result) error {
	for _, r := range results {
		if r.Err != nil && connectors.KindOf(r.Err) != connectors.Rejected && connectors.KindOf(r.Err) != connectors.Busy {
			return r.Err
		}
	}
	return nil
}

func notApplied(err error) connectors.Result {
	return connectors.Result{Outcome: connectors.NotApplied, Err: err}
}

// outcome says what became of a write that failed.
func outcome(err error, op connectors.Op) connectors.Result {
	if certain(err) {
		return notApplied(worded(err, op))
	}
	return connectors.Result{Outcome: connectors.InDoubt, Err: err}
}

// badForm says why no interface can do a write.
func badForm(op connectors.Op) error {
	switch {
	case tables[op.Entity].name == "" || op.Kind != connectors.Create && op.Kind != connectors.Update:
		return badOp("write %s: not known here", op.Entity)
	case len(op.With) > 0 || op.Displace != nil:
		return badOp("write %s: the CRM has no form for it", op.Entity)
	case op.Kind == connectors.Update && plainID(string(op.Key)) != string(op.Key):
		return badOp("write %s: key %q is no id", op.Entity, op.Key)
	}
	return nil
}

func (c *CRM) write(ctx context.Context, op connectors.Op) connectors.Result {
	if err := badForm(op); err != nil {
		return notApplied(err)
	}
	s, err := c.use(ctx)
	if err != nil {
		return notApplied(err)
	}
	if op.Kind == connectors.Create {
		return c.create(ctx, s, op)
	}
	return c.update(ctx, s, op)
}

// create makes a record, unless one with its VAT number or its identity is there already.
func (c *CRM) create(ctx context.Context, s site, op connectors.Op) connectors.Result {
	t := tables[op.Entity]
	r, err := c.cfg.encode(op, newRow())
	if err != nil {
		return notApplied(badOp("write %s: %w", op.Entity, err))
	}
	if t, ok := tokenOf(op.Token); !ok || t.Later {
		if err := c.free(ctx, op); err != nil {
			return notApplied(err)
		}
	}
	with := r
	if !s.carries() {
		with.children = nil
	}
	id, err := s.add(ctx, t, with)
	if err != nil {
		return outcome(err, op)
	}
	if id == "" {
		return connectors.Result{Outcome: connectors.ReadBack, Err: connectors.Errorf(connectors.Unavailable, CodeBadAnswer, "%s was made, and the answer has no id", op.Entity)}
	}
	if !s.carries() {
		if err := c.writeChildren(ctx, s, t, id, newRow(), r); err != nil { // the record is there, and not whole
			return connectors.Result{Outcome: connectors.InDoubt, Err: err}
		}
	}
	return c.readBack(ctx, s, op, id)
}

// free makes sure that no record has the number or the identity of a new one.
func (c *CRM) free(ctx context.Context, op connectors.Op) error {
	by := c.identity(op)
	if by == "" {
		return nil
	}
	there, err := c.alike(ctx, op)
	if err == nil && len(there) > 0 {
		return with(connectors.Errorf(connectors.Rejected, CodeTaken, "%s %s has it", op.Entity, there[0]), "field", by)
	}
	return err
}

// update changes a record. The CRM has no condition for a write: the record is read and compared first.
func (c *CRM) update(ctx context.Context, s site, op connectors.Op) connectors.Result {
	t, id := tables[op.Entity], string(op.Key)
	now, err := c.one(ctx, s, t, id)
	if err != nil {
		return notApplied(err)
	}
	if err := c.unmoved(op, now); err != nil {
		return notApplied(err)
	}
	r, err := c.cfg.encode(op, *now)
	if err != nil {
		return notApplied(badOp("write %s: %w", op.Entity, err))
	}
	with := r
	if !s.carries() {
		with.children = nil
	}
	if len(with.values)+len(with.children) > 0 {
		if err := s.update(ctx, t, id, *now, with); err != nil {
			return outcome(gone(err, op), op)
		}
	}
	if !s.carries() {
		if err := c.writeChildren(ctx, s, t, id, *now, r); err != nil {
			return connectors.Result{Outcome: connectors.InDoubt, Err: err}
		}
	}
	return c.readBack(ctx, s, op, id)
}

// unmoved says why a record is not what the plan was made on.
func (c *CRM) unmoved(op connectors.Op, now *row) error {
	if now == nil {
		return connectors.Errorf(connectors.Rejected, CodeRecordMissing, "%s %s is not there", op.Entity, op.Key)
	}
	rec, _ := c.cfg.record(op.Entity, *now)
	for name, v := range op.Seen {
		if !v.Equal(rec.Fields[name]) {
			return changed(op)
		}
	}
	if t, ok := tokenOf(op.Token); ok && t.Stamp != now.get("updateddate") {
		return changed(op)
	}
	return nil
}

func changed(op connectors.Op) error {
	return connectors.Errorf(connectors.Busy, CodeRecordChanged, "%s %s was changed meanwhile", op.Entity, op.Key)
}

// gone gives the errors of one record's own address the kinds of a record.
func gone(err error, op connectors.Op) error {
	switch why(err) {
	case notFound:
		return &connectors.Error{Kind: connectors.Rejected, Code: CodeRecordMissing, Err: err}
	case changedRecord:
		return &connectors.Error{Kind: connectors.Busy, Code: CodeRecordChanged, Err: err}
	}
	return err
}

// one reads a record as it is; nil if it is not there.
func (c *CRM) one(ctx context.Context, s site, t table, id string) (found *row, err error) {
	var unreadable error
	err = c.whole(ctx, s, t, []string{id}, func(r row) {
		if !r.gone() {
			found = &r
		}
	}, func(string) {
		unreadable = connectors.Errorf(connectors.Rejected, CodeRecordUnreadable, "%s %s can't be shown", t.name, id)
	})
	return found, cmp.Or(err, unreadable)
}

// writeChildren writes addresses, phones and e-mails by themselves.
func (c *CRM) writeChildren(ctx context.Context, s site, t table, id string, now, r row) error {
	for _, ct := range childTables {
		for _, ch := range r.children[ct.name] {
			if err := c.writeChild(ctx, s, ct, c.link(ct, t), id, now, ch); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *CRM) writeChild(ctx context.Context, s site, ct table, link, owner string, now, ch row) error {
	key := c.keyOf(ct)
	ch.set(link, owner)
	id := ch.id(key)
	if id == "" {
		_, err := s.add(ctx, ct, ch)
		return err
	}
	known := ch
	for _, old := range now.children[ct.name] {
		if old.id(key) == id {
			known = old
		}
	}
	return s.update(ctx, ct, id, known, ch)
}

// readBack looks at what was written. That it can't be looked at now takes nothing from the CRM's word that it is done.
func (c *CRM) readBack(ctx context.Context, s site, op connectors.Op, id string) connectors.Result {
	now, err := c.one(ctx, s, tables[op.Entity], id)
	if err != nil {
		return connectors.Result{Outcome: connectors.Applied, Key: record.Key(id)}
	}
	if now == nil {
		return c.shown(op, id, row{}, false)
	}
	return c.shown(op, id, *now, true)
}

// shown is the result of a write by what the CRM shows after it.
func (c *CRM) shown(op connectors.Op, id string, now row, there bool) connectors.Result {
	if !there {
		return connectors.Result{Outcome: connectors.ReadBack, Err: connectors.Errorf(connectors.Unavailable, CodeBadAnswer, "%s %s was written and is not there", op.Entity, id)}
	}
	rec, _ := c.cfg.record(op.Entity, now)
	if name := c.cfg.unkept(op, rec); name != "" {
		return connectors.Result{Outcome: connectors.ReadBack, Key: record.Key(id), Err: with(
			connectors.Errorf(connectors.Rejected, CodeNotKept, "%s %s: field %s shows something else", op.Entity, id, name), "field", name)}
	}
	return connectors.Result{Outcome: connectors.Applied, Key: record.Key(id)}
}

// worded adds the CRM's own words to the refusal of a record, without what they repeat of it, which is the customer's.
func worded(err error, op connectors.Op) error {
	e, ok := errors.AsType[*connectors.Error](err)
	r, refused := errors.AsType[*refusal](err)
	if !ok || !refused || r.why != refusedRecord || r.text == "" {
		return err
	}
	text := r.text
	var values []string
	for _, name := range op.Fields.Names() {
		values = append(values, op.Fields[name].Text)
	}
	slices.SortFunc(values, func(a, b string) int { return len(b) - len(a) })
	for _, v := range values {
		if utf8.RuneCountInString(v) > 2 {
			text = strings.ReplaceAll(text, v, "…")
		}
	}
	told := *e
	told.Err = fmt.Errorf("%w: %s", e.Err, text)
	return &told
}
