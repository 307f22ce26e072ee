// Package newcomers shows a tenant of Sage Sales Management as Sage 50 is to know what is born there: with the reference that an import
// file carries and an export brings back, clients held, since those are born in Sage alone, and quotes with the lines for which prices
// are asked, as long as they are.
//
// Nothing here is written to either side, and nothing decides which value wins.
package newcomers

import (
	"context"
	"maps"

	"syncbox/connectors"
	"syncbox/connectors/pairs"
	"syncbox/connectors/pairs/legs"
	"syncbox/connectors/record"
	"syncbox/connectors/salesmanagement"
)

// CodeClient: the account was made as a client in Sales Management, and Sage does not have it. A health code.
const CodeClient = "ssm-client-born"

// Codes lists all health codes of this package.
func Codes() []string { return []string{CodeClient} }

// referencePrefix stands before the id of a record in the reference by which Sage knows it.
const referencePrefix = "SSM-"

// Reference gives the reference by which Sage knows a record of Sales Management.
func Reference(key record.Key) string { return referencePrefix + string(key) }

// Tenant is a tenant that shows references, and holds clients that Sage does not have. It is used by one goroutine at a time.
type Tenant struct {
	*salesmanagement.Tenant
	sendClients bool
	prompted    map[record.Key]bool // quotes that Prompt has told of
	legs        *legs.Book
}

var (
	_ connectors.Source   = (*Tenant)(nil)
	_ connectors.Target   = (*Tenant)(nil)
	_ connectors.Finder   = (*Tenant)(nil)
	_ connectors.Sweeper  = (*Tenant)(nil)
	_ connectors.Checker  = (*Tenant)(nil)
	_ connectors.Follower = (*Tenant)(nil)
)

// New makes the Tenant of one. sendClients says that clients may be born in it. What it knows of the way of a quote it notes in times,
// which may be nil.
func New(t *salesmanagement.Tenant, sendClients bool, times *legs.Book) *Tenant {
	return &Tenant{Tenant: t, sendClients: sendClients, legs: times}
}

// known says whether Sage knows what is born of an entity by a reference.
func known(e record.Entity) bool {
	return e == record.Account || e == record.Contact || e == record.Quote
}

// together is how many records the sync reads and plans at once: as many as one expression names. They are written one by one.
const together = 40

// Traits are those of the tenant, for records read together.
func (t *Tenant) Traits() connectors.Traits {
	traits := t.Tenant.Traits()
	traits.Batch = together
	return traits
}

// Fields are those of the tenant, the reference, and what a quote asks for.
func (t *Tenant) Fields(e record.Entity) map[string]connectors.Field {
	fields := t.Tenant.Fields(e)
	if fields != nil && known(e) {
		fields[pairs.BoxReference] = connectors.Field{Kind: record.Text}
	}
	if fields != nil && e == record.Quote {
		fields[pairs.Asked] = connectors.Field{Kind: record.Rows}
	}
	return fields
}

// shown gives a record as the sync is to see it.
func (t *Tenant) shown(r record.Record) record.Record {
	if !known(r.Entity) || r.Gone || r.Fields == nil {
		return r
	}
	r.Fields = maps.Clone(r.Fields)
	r.Fields[pairs.BoxReference] = record.TextOf(Reference(r.Key))
	t.timed(&r)
	if r.Entity == record.Quote && r.Fields[salesmanagement.FieldStatus].Text == salesmanagement.ToPrice {
		r.Fields[pairs.Asked] = asked(r.Fields[salesmanagement.FieldLines])
	}
	client := r.Entity == record.Account && r.Fields[salesmanagement.FieldStatus].Text == salesmanagement.Client
	if client && r.ExternalID == "" && !t.sendClients && r.Held == "" {
		r.Held = CodeClient
	}
	return r
}

// Read gives the records as the sync is to see them.
func (t *Tenant) Read(ctx context.Context, e record.Entity, keys []record.Key) (found []record.Record, later []record.Key, err error) {
	found, later, err = t.Tenant.Read(ctx, e, keys)
	for i := range found {
		found[i] = t.shown(found[i])
	}
	return found, later, err
}

// Observe tells of the records as the sync is to see them.
func (t *Tenant) Observe(ctx context.Context, o connectors.Observation) error {
	return t.Tenant.Observe(ctx, look{o, t})
}

type look struct {
	connectors.Observation
	of *Tenant
}

// Changed passes a record on.
func (l look) Changed(e record.Entity, key record.Key, seen *record.Record) {
	if seen != nil {
		shown := l.of.shown(*seen)
		seen = &shown
	}
	l.Observation.Changed(e, key, seen)
}

// unwritten stand nowhere in the product.
var unwritten = []string{pairs.BoxReference, pairs.Asked}

// Apply writes records. A reference stands nowhere in the product. Lines that somebody changed while Sage worked on them are
// overwritten, whatever they were.
func (t *Tenant) Apply(ctx context.Context, ops []connectors.Op) []connectors.Result {
	plain := make([]connectors.Op, len(ops))
	for i, op := range ops {
		op.Fields, op.Seen = without(op.Fields, unwritten), without(op.Seen, unwritten)
		if op.Entity == record.Quote {
			op.Seen = without(op.Seen, []string{salesmanagement.FieldLines})
		}
		t.answered(op)
		plain[i] = op
	}
	results := t.Tenant.Apply(ctx, plain)
	for i, op := range plain {
		if results[i].Outcome == connectors.Applied && op.Entity == record.Quote && op.Fields[salesmanagement.FieldStatus].Text == salesmanagement.Priced {
			t.legs.Finish(Reference(op.Key))
		}
	}
	return results
}

func without(fields record.Fields, names []string) record.Fields {
	if fields == nil {
		return nil
	}
	fields = maps.Clone(fields)
	for _, name := range names {
		delete(fields, name)
	}
	return fields
}
