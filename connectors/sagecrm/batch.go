package sagecrm

import (
	"context"
	"fmt"
	"slices"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/connectors/vat"
)

// mostTogether is how many records one call of SOAP takes at most; its length may allow less (Config.MaxRequest).
const mostTogether = 100

// batchSite is an interface whose calls take several records. A call that is refused for one of them may have done those before it.
type batchSite interface {
	site
	// addAll makes records and gives their ids, in their order.
	addAll(ctx context.Context, t table, rows []row) ([]string, error)
	updateAll(ctx context.Context, t table, rows []row) error
	// holds says whether a call with these records is short enough.
	holds(t table, rows []row) bool
}

// part is one write of a call of several.
type part struct {
	at  int // its place among the results
	op  connectors.Op
	row row
	id  string // of an update
}

// batches gives the interface if it takes several records; otherwise, or where it can't be used now, nil.
func (c *CRM) batches(ctx context.Context) batchSite {
	s, err := c.use(ctx)
	if b, ok := s.(batchSite); err == nil && ok && s.carries() {
		return b
	}
	return nil
}

// sameFrom is how many ops from the first one on can go together: of one kind and entity, and nothing but a write of one record.
func sameFrom(ops []connectors.Op) int {
	for i, op := range ops {
		if i == mostTogether || op.Kind != ops[0].Kind || op.Entity != ops[0].Entity || badForm(op) != nil {
			return max(1, i)
		}
	}
	return len(ops)
}

// together writes ops of one kind and entity, as many in a call as it holds.
func (c *CRM) together(ctx context.Context, s batchSite, ops []connectors.Op) []connectors.Result {
	t, results := tables[ops[0].Entity], make([]connectors.Result, len(ops))
	parts := c.parts(ctx, s, t, ops, results)
	var halt error
	for len(parts) > 0 {
		n := 1
		for n < len(parts) && s.holds(t, rowsIn(parts[:n+1])) {
			n++
		}
		if err := ctx.Err(); err != nil && halt == nil {
			halt = fmt.Errorf("not sent: %w", err)
		}
		if halt != nil {
			fill(results, parts[:n], notApplied(halt))
		} else {
			c.sendParts(ctx, s, t, parts[:n], results)
			halt = halting(results)
		}
		parts = parts[n:]
	}
	return results
}

func rowsIn(parts []part) []row {
	rows := make([]row, len(parts))
	for i, p := range parts {
		rows[i] = p.row
	}
	return rows
}

func fill(results []connectors.Result, parts []part, r connectors.Result) {
	for _, p := range parts {
		results[p.at] = r
	}
}

// parts makes the rows to be sent. Those that can't be have their results. Of two that no search could tell apart, since neither is
// there yet, the second one waits.
func (c *CRM) parts(ctx context.Context, s batchSite, t table, ops []connectors.Op, results []connectors.Result) []part {
	now, err := c.present(ctx, s, t, ops)
	if err != nil {
		for i := range results {
			results[i] = notApplied(err)
		}
		return nil
	}
	var parts []part
	taken := map[string]bool{}
	for i, op := range ops {
		p, err := c.part(ctx, op, now)
		names := c.names(op)
		switch {
		case err != nil:
			results[i] = notApplied(err)
			continue
		case slices.ContainsFunc(names, func(name string) bool { return taken[name] }):
			results[i] = notApplied(connectors.Errorf(connectors.Busy, CodeNotMade, "another %s of the same call may be the same", op.Entity))
			continue
		case op.Kind == connectors.Update && len(p.row.values) == 1 && len(p.row.children) == 0: // only its id
			results[i] = c.write(ctx, op)
			continue
		}
		for _, name := range names {
			taken[name] = true
		}
		p.at = i
		parts = append(parts, p)
	}
	return parts
}

// present reads what ops change, by ids; none for creations.
func (c *CRM) present(ctx context.Context, s site, t table, ops []connectors.Op) (map[string]*row, error) {
	found := map[string]*row{}
	if ops[0].Kind == connectors.Create {
		return found, nil
	}
	var ids []string
	for _, op := range ops {
		ids = append(ids, string(op.Key))
	}
	err := c.whole(ctx, s, t, distinct(ids), func(r row) {
		if !r.gone() {
			found[r.id(t.key)] = &r
		}
	}, func(string) {})
	return found, err
}

// part makes the row of one op, as create and update do.
func (c *CRM) part(ctx context.Context, op connectors.Op, now map[string]*row) (p part, err error) {
	if op.Token == nil {
		if op.Token, err = c.Prepare(ctx, op); err != nil {
			return p, err
		}
	}
	old := newRow()
	if op.Kind == connectors.Update {
		r := now[string(op.Key)]
		if err := c.unmoved(op, r); err != nil {
			return p, err
		}
		old = *r
	}
	if p.row, err = c.cfg.encode(op, old); err != nil {
		return p, badOp("write %s: %w", op.Entity, err)
	}
	if p.op = op; op.Kind == connectors.Update {
		p.id = string(op.Key)
		p.row.set(c.keyOf(tables[op.Entity]), p.id)
	}
	return p, nil
}

// names are what no two writes of one call may have in common.
func (c *CRM) names(op connectors.Op) []string {
	if op.Kind == connectors.Update {
		return []string{string(op.Key)}
	}
	var names []string
	if c.cfg.idField(op.Entity) != "" && op.ExternalID != "" {
		names = append(names, "id "+op.ExternalID)
	}
	if key := vat.Key(op.Fields[FieldVAT].Text, c.cfg.Country); op.Entity == record.Account && key != "" {
		names = append(names, "vat "+key)
	}
	if len(names) == 0 {
		names = []string{"fields " + digest(op.Fields, "")}
	}
	return names
}

// sendParts sends one call.
func (c *CRM) sendParts(ctx context.Context, s batchSite, t table, parts []part, results []connectors.Result) {
	if parts = c.untaken(ctx, s, t, parts, results); len(parts) == 0 {
		return
	}
	ids, err := c.post(ctx, s, t, parts)
	switch {
	case err == nil && len(ids) == len(parts) && !slices.Contains(ids, ""):
		c.readParts(ctx, s, t, parts, ids, results)
	case err == nil:
		fill(results, parts, connectors.Result{Outcome: connectors.ReadBack, Err: connectors.Errorf(connectors.Unavailable, CodeBadAnswer,
			"%d of %s were made, and the answer has %d ids", len(parts), t.name, len(ids))})
	case len(parts) == 1:
		results[parts[0].at] = outcome(gone(err, parts[0].op), parts[0].op)
	case why(err) == tooLarge:
		c.sendParts(ctx, s, t, parts[:len(parts)/2], results)
		if halt := halting(results); halt != nil {
			fill(results, parts[len(parts)/2:], notApplied(halt))
			return
		}
		c.sendParts(ctx, s, t, parts[len(parts)/2:], results)
	case certain(err) && connectors.KindOf(err) == connectors.Rejected:
		c.apart(ctx, parts, results)
	case certain(err):
		fill(results, parts, notApplied(err))
	default:
		fill(results, parts, connectors.Result{Outcome: connectors.InDoubt, Err: err})
	}
}

func (c *CRM) post(ctx context.Context, s batchSite, t table, parts []part) (ids []string, err error) {
	if parts[0].op.Kind == connectors.Create {
		return s.addAll(ctx, t, rowsIn(parts))
	}
	for _, p := range parts {
		ids = append(ids, p.id)
	}
	return ids, s.updateAll(ctx, t, rowsIn(parts))
}

// untaken leaves out new records whose number or identity somebody else has by now: they were looked for one by one, some time ago.
func (c *CRM) untaken(ctx context.Context, s site, t table, parts []part, results []connectors.Result) []part {
	if parts[0].op.Kind != connectors.Create {
		return parts
	}
	where := cond{op: "any", column: c.keyOf(t)}
	same := map[int]func(record.Record) bool{}
	for _, p := range parts {
		id, of := connectors.ExternalIDField, record.TextOf(p.op.ExternalID)
		for _, by := range []struct {
			name string
			v    record.Value
		}{{id, of}, {FieldVAT, p.op.Fields[FieldVAT]}} {
			one, fits, err := c.search(p.op.Entity, by.name, by.v)
			if err != nil || fits == nil {
				continue // nothing to search for: it is told by what it shows, as Prepare did
			}
			where.any = append(where.any, one)
			before := same[p.at]
			same[p.at] = func(r record.Record) bool { return fits(r) || before != nil && before(r) }
		}
	}
	if len(where.any) == 0 {
		return parts
	}
	taken := map[int]bool{}
	err := s.query(ctx, t, where, func(page []row) error {
		for _, r := range page {
			rec, live := c.cfg.record(parts[0].op.Entity, r)
			for at, fits := range same {
				taken[at] = taken[at] || live && fits(rec)
			}
		}
		return nil
	})
	if err != nil {
		fill(results, parts, notApplied(err))
		return nil
	}
	var free []part
	for _, p := range parts {
		if !taken[p.at] {
			free = append(free, p)
			continue
		}
		results[p.at] = notApplied(with(connectors.Errorf(connectors.Rejected, CodeTaken, "another %s has it", p.op.Entity), "field", c.identity(p.op)))
	}
	return free
}

// apart finds out, after a refusal of the whole call, which of its records were done all the same, and writes the others one by one,
// so that each refusal is told of its own record.
func (c *CRM) apart(ctx context.Context, parts []part, results []connectors.Result) {
	for i, p := range parts {
		r := c.Resolve(ctx, p.op)
		if r.Outcome == connectors.NotApplied && connectors.CodeOf(r.Err) == CodeNotMade {
			r = c.write(ctx, p.op)
		} else if r.Outcome == connectors.InDoubt {
			r.Outcome = connectors.ReadBack // the call was answered
		}
		results[p.at] = r
		if halt := halting(results[p.at : p.at+1]); halt != nil {
			fill(results, parts[i+1:], connectors.Result{Outcome: connectors.ReadBack, Err: halt})
			return
		}
	}
}

// readParts looks at what was written, as readBack does. A new record that shows something else may be another one of the call: it has
// no key then, and is looked for.
func (c *CRM) readParts(ctx context.Context, s site, t table, parts []part, ids []string, results []connectors.Result) {
	found := map[string]row{}
	err := c.whole(ctx, s, t, distinct(ids), func(r row) {
		if !r.gone() {
			found[r.id(t.key)] = r
		}
	}, func(string) {})
	for i, p := range parts {
		now, there := found[ids[i]]
		if err != nil {
			results[p.at] = connectors.Result{Outcome: connectors.Applied, Key: record.Key(ids[i])}
			if p.op.Kind == connectors.Create { // which of them it is, nobody has seen
				results[p.at] = connectors.Result{Outcome: connectors.ReadBack, Err: err}
			}
			continue
		}
		if results[p.at] = c.shown(p.op, ids[i], now, there); results[p.at].Outcome != connectors.Applied && p.op.Kind == connectors.Create {
			results[p.at].Key = ""
		}
	}
}
