package product

import (
	"context"
	"strconv"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// ERP is the product that holds the company's books. A customer's card is an account and a contact of the same key.
type ERP struct {
	Product
	// Mode is how fields of accounts and contacts can be written now; Births how records can be born.
	Mode, Births connectors.WriteMode
	// Number is the account's field that no two accounts share.
	Number string
	// Suspended counts how often the box let go of everything.
	Suspended int
	// Published is the list that people see.
	Published []connectors.Handoff
	// Flat: its records are no cards, and all of them can be born by a write.
	Flat bool

	births int // incarnations given; a restored backup does not give them again
}

// The forms of an ERP, each with what that kind of product can do.
type (
	// ReadOnlyERP can't be written.
	ReadOnlyERP struct{ erp *ERP }
	// PlainERP is written directly; of a lost answer nothing can be told.
	PlainERP struct{ *ERP }
	// HandoffERP is written by people, from a list, or directly as well.
	HandoffERP struct{ PlainERP }
	// ResolvingERP is written directly, and can tell later what became of a write.
	ResolvingERP struct{ HandoffERP }
)

var (
	_ connectors.Source    = ReadOnlyERP{}
	_ connectors.Holder    = ReadOnlyERP{}
	_ connectors.Target    = PlainERP{}
	_ connectors.Creator   = PlainERP{}
	_ connectors.Finder    = PlainERP{}
	_ connectors.Suspender = PlainERP{}
	_ connectors.Resolver  = ResolvingERP{}
	_ connectors.Publisher = HandoffERP{}
)

// ReadOnly gives the ERP as one that can't be written.
func (p *ERP) ReadOnly() ReadOnlyERP { return ReadOnlyERP{p} }

// Observe tells what may have changed.
func (r ReadOnlyERP) Observe(ctx context.Context, o connectors.Observation) error {
	return r.erp.Observe(ctx, o)
}

// Read gives records by key.
func (r ReadOnlyERP) Read(ctx context.Context, e record.Entity, keys []record.Key) ([]record.Record, []record.Key, error) {
	return r.erp.Read(ctx, e, keys)
}

// Fields describes the fields.
func (r ReadOnlyERP) Fields(e record.Entity) map[string]connectors.Field { return r.erp.Schema[e] }

// Close does nothing.
func (r ReadOnlyERP) Close() error { return nil }

// Accept lets the next look take what it finds as the truth.
func (r ReadOnlyERP) Accept() { r.erp.Accept() }

// Retry lets the next use log on again.
func (r ReadOnlyERP) Retry() { r.erp.Retry() }

// Suspend lets go of everything.
func (r ReadOnlyERP) Suspend() error { return r.erp.Suspend() }

// Suspend lets go of everything.
func (p *ERP) Suspend() error {
	p.Suspended++
	return nil
}

// Fields describes the fields of an entity, with how they can be written now.
func (p *ERP) Fields(e record.Entity) map[string]connectors.Field {
	fields := p.Schema[e]
	if p.Flat || e != record.Account && e != record.Contact {
		return fields
	}
	now := make(map[string]connectors.Field, len(fields))
	for name, f := range fields {
		f.Write = p.Mode
		now[name] = f
	}
	return now
}

// Creating says how a record can be born.
func (p *ERP) Creating(e record.Entity) connectors.WriteMode {
	if e != record.Account && !p.Flat {
		return connectors.WriteNone
	}
	return p.Births
}

// Apply does writes one by one.
func (p PlainERP) Apply(ctx context.Context, ops []connectors.Op) []connectors.Result {
	results := make([]connectors.Result, 0, len(ops))
	for i := range ops {
		results = append(results, p.request(ctx, ops[i:i+1], p.do)...)
		if limited(results) {
			return append(results, all(ops[i+1:], results[i])...)
		}
	}
	return results
}

// do does one write whole or not at all.
func (p *ERP) do(op *connectors.Op) connectors.Result {
	if err := p.Line.Refuse(p.Side, op); err != nil {
		return notDone(err)
	}
	if op.Kind == connectors.Create {
		return p.create(op)
	}
	row := p.Live(op.Entity, op.Key)
	if op.Kind == connectors.Delete {
		return p.remove(op, row)
	}
	if row == nil {
		return notDone(connectors.Errorf(connectors.Rejected, "erp-record-missing", "%s %s", op.Entity, op.Key))
	}
	if err := p.fits(op, row); err != nil {
		return notDone(err)
	}
	if op.Token != nil && string(op.Token) != p.shows(op, row) {
		return notDone(connectors.Errorf(connectors.Busy, "erp-record-changed", "%s %s", op.Entity, op.Key))
	}
	row.Fields = with(row.Fields, p.stored(op.Entity, op.Fields))
	p.written(op, row, false)
	return connectors.Result{Outcome: connectors.Applied, Key: row.Key}
}

// create makes a card: an account and a contact.
func (p *ERP) create(op *connectors.Op) connectors.Result {
	if p.byNumber(op.Entity, op.Fields[p.Number]) != nil {
		return notDone(connectors.Errorf(connectors.Rejected, "erp-number-taken", "%s", op.Entity))
	}
	if p.Flat {
		row := p.Add(record.Record{Entity: op.Entity, Key: p.NewKey(), Fields: with(nil, p.stored(op.Entity, op.Fields))}, 0)
		row.By = op.ID
		p.Line.Wrote(p.Side, op, row, true)
		return connectors.Result{Outcome: connectors.Applied, Key: row.Key}
	}
	var contact record.Fields
	for _, w := range op.With {
		contact = p.stored(w.Entity, w.Fields)
	}
	row := p.Card(p.stored(op.Entity, op.Fields), contact)
	row.By = op.ID
	p.Line.Wrote(p.Side, op, row, true)
	return connectors.Result{Outcome: connectors.Applied, Key: row.Key}
}

// stored gives fields as the product shows them after storing them: in its code page, cut to its columns.
func (p *ERP) stored(e record.Entity, fields record.Fields) record.Fields {
	all := record.Fields{}
	for name, v := range fields {
		f := p.Schema[e][name]
		if f.Hold != nil {
			v.Text, _ = f.Hold(v.Text)
		}
		if text := []rune(v.Text); f.MaxLen > 0 && len(text) > f.MaxLen {
			v.Text = string(text[:f.MaxLen])
		}
		all[name] = v
	}
	return all
}

// Card makes a customer's card, and gives its account.
func (p *ERP) Card(account, contact record.Fields) *Row {
	key := p.NewKey()
	return p.CardAt(key, account, contact)
}

// CardAt makes a customer's card in a place that is new or was emptied.
func (p *ERP) CardAt(key record.Key, account, contact record.Fields) *Row {
	incarnation := p.Incarnation()
	row := p.Add(record.Record{Entity: record.Account, Key: key, Fields: with(nil, account), Incarnation: incarnation}, 0)
	p.Add(record.Record{Entity: record.Contact, Key: key, Incarnation: incarnation,
		Fields: with(contact, record.Fields{"account": record.RefOf(key)})}, 0)
	if p.Form.Tells {
		row.Changed = p.Line.Now()
		p.Get(record.Contact, key).Changed = p.Line.Now()
	}
	return p.Get(record.Account, key)
}

func (p *ERP) byNumber(e record.Entity, number record.Value) *Row {
	for _, r := range p.Rows {
		if r.Entity == e && !r.Gone && !number.Empty() && r.Fields[p.Number].Equal(number) {
			return r
		}
	}
	return nil
}

// shows gives what a record shows of the fields that a write changes.
func (p *ERP) shows(op *connectors.Op, row *Row) string {
	var b []byte
	for _, name := range op.Fields.Names() {
		b = row.Fields[name].AppendCanonical(append(b, name...))
	}
	return string(b)
}

// Prepare notes what a record shows before a write.
func (p ResolvingERP) Prepare(_ context.Context, op connectors.Op) ([]byte, error) {
	if err := p.begin(Prepare); err != nil {
		return nil, err
	}
	if op.Kind == connectors.Create {
		return []byte("new"), nil
	}
	row := p.Live(op.Entity, op.Key)
	if row == nil {
		return nil, connectors.Errorf(connectors.Rejected, "erp-record-missing", "%s %s", op.Entity, op.Key)
	}
	return []byte(p.shows(&op, row)), p.fits(&op, row)
}

// Resolve says what became of a write.
func (p ResolvingERP) Resolve(_ context.Context, op connectors.Op) connectors.Result {
	if err := p.begin(Resolve); err != nil {
		return connectors.Result{Outcome: connectors.InDoubt, Err: err}
	}
	if op.Kind == connectors.Create {
		for _, r := range p.Rows {
			if r.Entity == op.Entity && !r.Gone && r.By == op.ID {
				return connectors.Result{Outcome: connectors.Applied, Key: r.Key}
			}
		}
		return notDone(connectors.Errorf(connectors.Busy, "erp-not-created", "%s", op.Entity))
	}
	row := p.Live(op.Entity, op.Key)
	if row == nil {
		return notDone(connectors.Errorf(connectors.Rejected, "erp-record-missing", "%s %s", op.Entity, op.Key))
	}
	done := true
	for name, v := range op.Fields {
		done = done && row.Fields[name].Equal(v)
	}
	switch {
	case done:
		return connectors.Result{Outcome: connectors.Applied, Key: op.Key}
	case p.shows(&op, row) == string(op.Token):
		return notDone(connectors.Errorf(connectors.Busy, "erp-unchanged", "%s %s", op.Entity, op.Key))
	}
	return connectors.Result{Outcome: connectors.InDoubt, Err: connectors.Errorf(connectors.Rejected, "erp-half-written", "%s %s", op.Entity, op.Key)}
}

// Publish shows people what they are asked to key.
func (p HandoffERP) Publish(_ context.Context, changes []connectors.Handoff) error {
	if err := p.begin(Publish); err != nil {
		return err
	}
	p.Published = append(p.Published[:0:0], changes...)
	p.Line.End(p.Side, Publish)
	return nil
}

// Backup gives a copy of the data.
func (p *ERP) Backup() Backup {
	b := Backup{next: p.next}
	for _, r := range p.Rows {
		b.rows = append(b.rows, *r)
	}
	return b
}

// Backup is a copy of an ERP's data.
type Backup struct {
	rows []Row
	next int
}

// Restore puts the copy in place of the data.
func (p *ERP) Restore(b Backup) {
	known := p.Rows
	p.Rows = nil
	for i := range b.rows {
		r := b.rows[i]
		p.Rows = append(p.Rows, &r)
	}
	for _, r := range known { // places that are empty again
		if p.Get(r.Entity, r.Key) == nil {
			p.Rows = append(p.Rows, &Row{Record: record.Record{Entity: r.Entity, Key: r.Key, Gone: true}})
		}
	}
	p.next = b.next
	p.epoch++
	p.accepted = false
	p.feed = feed{seq: p.feed.seq, forgotten: p.feed.seq}
}

// Incarnation gives an identity for a new record; empty where the product has none.
func (p *ERP) Incarnation() string {
	if !p.Form.Incarnates {
		return ""
	}
	p.births++
	return "i" + strconv.Itoa(p.births)
}
