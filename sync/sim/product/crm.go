package product

import (
	"context"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// CRM is the product that the box writes to over a network.
type CRM struct {
	Product
	// Refs are the fields that refer to a record, by entity and name.
	Refs map[record.Entity]map[string]record.Entity
	// Lag gives how long a record born now stays invisible.
	Lag func() Steadily
}

var (
	_ connectors.Source  = (*CRM)(nil)
	_ connectors.Target  = (*CRM)(nil)
	_ connectors.Sweeper = (*CRM)(nil)
	_ connectors.Finder  = (*CRM)(nil)
	_ connectors.Checker = (*CRM)(nil)
	_ connectors.Retrier = (*CRM)(nil)
)

// FollowedCRM is a CRM that knows which record took over from a merged one.
type FollowedCRM struct{ *CRM }

var _ connectors.Follower = FollowedCRM{}

// Survivor gives the live record that took over.
func (c FollowedCRM) Survivor(_ context.Context, e record.Entity, key record.Key) (record.Key, error) {
	if err := c.begin(Follow); err != nil {
		return "", err
	}
	return c.Stays(e, key), nil
}

// Stays gives the live record that took over from another one in the end, that one itself if it lives, empty if none does.
func (c *CRM) Stays(e record.Entity, key record.Key) record.Key {
	for r := c.Get(e, key); r != nil; r = c.Get(e, r.Heir) {
		if !r.Gone {
			return r.Key
		}
	}
	return ""
}

// Check finds the protected lists in place.
func (c *CRM) Check(context.Context) error {
	if err := c.begin(Check); err != nil {
		return err
	}
	if c.Drifted {
		return connectors.Errorf(connectors.Drift, "crm-list-missing", "the list of stages is gone")
	}
	return nil
}

// Sweep lists live records.
func (c *CRM) Sweep(ctx context.Context, e record.Entity, seen func(record.Key)) error {
	if err := c.begin(Sweep); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	breaks := c.Line.Breaks(c.Side, Sweep)
	for n, r := range c.Rows {
		if breaks && n >= len(c.Rows)/2 {
			return c.broken()
		}
		if r.Entity == e && !r.Gone && c.visible(r) {
			seen(r.Key)
		}
	}
	c.Line.End(c.Side, Sweep)
	return nil
}

// Apply does writes, one request for so many as Traits.Batch says.
func (c *CRM) Apply(ctx context.Context, ops []connectors.Op) []connectors.Result {
	results := make([]connectors.Result, 0, len(ops))
	for len(ops) > 0 {
		n := min(c.Form.Traits.Batch, len(ops))
		results = append(results, c.request(ctx, ops[:n], c.do)...)
		ops = ops[n:]
		if limited(results) {
			return append(results, all(ops, results[len(results)-1])...)
		}
	}
	return results
}

// do does one write whole or not at all.
func (c *CRM) do(op *connectors.Op) connectors.Result {
	if err := c.Line.Refuse(c.Side, op); err != nil {
		return notDone(err)
	}
	if op.Kind == connectors.Delete {
		return c.remove(op, c.Live(op.Entity, op.Key))
	}
	row, err := c.place(op)
	if err != nil {
		return notDone(err)
	}
	for _, name := range op.Fields.Names() {
		to, isRef := c.Refs[op.Entity][name]
		if v := op.Fields[name]; isRef && v.Key() != "" && c.Live(to, v.Key()) == nil {
			return connectors.Result{Outcome: connectors.ReadBack, Err: connectors.Errorf(connectors.Rejected, "crm-server-error", "%s %s", op.Entity, name)}
		}
	}
	if d := op.Displace; d != nil {
		old := c.Live(op.Entity, d.Key)
		old.Fields, old.ExternalID = with(old.Fields, d.Fields), d.ExternalID
		c.written(d, old, false)
	}
	born := row == nil
	if born {
		row = c.Add(record.Record{Entity: op.Entity, Key: c.NewKey()}, c.Lag())
	}
	row.Fields = with(row.Fields, op.Fields)
	if op.ExternalID != "" {
		row.ExternalID = op.ExternalID
	}
	c.written(op, row, born)
	return connectors.Result{Outcome: connectors.Applied, Key: row.Key}
}

// remove deletes a record, unless somebody uses it or it shows something else than the plan was made on. What is gone is gone.
func (p *Product) remove(op *connectors.Op, row *Row) connectors.Result {
	if row != nil {
		if err := p.fits(op, row); err != nil {
			return notDone(err)
		}
		p.Line.Wrote(p.Side, op, row, false)
		p.Delete(row)
	}
	return connectors.Result{Outcome: connectors.Applied, Key: op.Key}
}

// written tells the world and the feed of a write.
func (p *Product) written(op *connectors.Op, row *Row, born bool) {
	row.Written++
	if p.Form.Echo || born {
		p.touch(row)
	}
	p.Line.Wrote(p.Side, op, row, born)
}

// place finds the record that a write is for, nil for a new one.
func (c *CRM) place(op *connectors.Op) (*Row, error) {
	var row *Row
	if op.Key != "" {
		if row = c.Live(op.Entity, op.Key); row == nil {
			return nil, missing(op.Entity, op.Key)
		}
	}
	if d := op.Displace; d != nil && c.Live(op.Entity, d.Key) == nil {
		return nil, missing(op.Entity, d.Key)
	}
	if op.ExternalID != "" && c.unique() {
		for _, r := range c.Rows {
			taken := r.Entity == op.Entity && !r.Gone && r.ExternalID == op.ExternalID && (op.Displace == nil || op.Displace.Key != r.Key)
			switch {
			case !taken || r == row:
			case row == nil && c.Form.Traits.Upsert:
				row = r
			default:
				return nil, connectors.Errorf(connectors.Rejected, "crm-conflict", "%s %s has %s", op.Entity, r.Key, op.ExternalID)
			}
		}
	}
	return row, c.fits(op, row)
}

func (c *CRM) unique() bool { return c.Form.Unique || c.Form.Traits.Upsert }

// fits says why a write can't be done now on the record as it is.
func (p *Product) fits(op *connectors.Op, row *Row) error {
	if row == nil {
		return nil
	}
	if p.locked(row) {
		return connectors.Errorf(connectors.Busy, p.Side.String()+"-record-locked", "%s %s", op.Entity, row.Key)
	}
	if !p.Form.Compares || op.Kind == connectors.Create || op.Seen == nil {
		return nil
	}
	compared := op.Fields
	if op.Kind == connectors.Delete {
		compared = op.Seen
	}
	for name := range compared {
		if !row.Fields[name].Equal(op.Seen[name]) {
			return connectors.Errorf(connectors.Busy, p.Side.String()+"-record-changed", "%s %s", op.Entity, row.Key)
		}
	}
	return nil
}

func missing(e record.Entity, key record.Key) error {
	return connectors.Errorf(connectors.Rejected, "crm-record-missing", "%s %s", e, key)
}

func notDone(err error) connectors.Result {
	return connectors.Result{Outcome: connectors.NotApplied, Err: err}
}

// primary says whether the box is told of a record: of an account's contacts only the first one is.
func (p *Product) primary(row *Row) bool {
	if p.Side != connectors.CRM || row.Entity != record.Contact || row.Gone {
		return true
	}
	return p.First(row.Fields["AccountId"].Key()) == row
}

// First gives the first contact of an account, nil if there is none.
func (p *Product) First(account record.Key) *Row {
	var first *Row
	for _, r := range p.Rows {
		if r.Entity == record.Contact && !r.Gone && r.Fields["AccountId"].Key() == account && (first == nil || r.First) {
			first = r
		}
	}
	return first
}
