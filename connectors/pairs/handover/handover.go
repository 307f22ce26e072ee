// Package handover shows a dossier of Sage 50 with the quotes that were handed over to it, each under our reference from the moment it was
// taken up: while it waits, while its import file lies there, when that was refused, and when an export shows the document or what became
// of it. A quote that people made in Sage has no reference of ours, and is not shown.
//
// What is known of a quote is what sage50fr keeps on the box; this package keeps nothing but what it told last, and how long each
// leg of a quote took.
package handover

import (
	"context"
	"fmt"

	"syncbox/connectors"
	"syncbox/connectors/pairs/legs"
	"syncbox/connectors/record"
	"syncbox/connectors/sage50fr"
)

// The fields of a quote that tell how far it is. All others are those of sage50fr.
const (
	FieldState        = "state"          // one of the states below
	FieldReason       = "reason"         // why it was refused, as people wrote it, and the file
	FieldAsked        = "asked"          // the lines that were asked for, until Sage takes or refuses them
	FieldTotalWithTax = "total_with_tax" // of a priced one
)

// The states of a quote:
//
//	sent ──taken──▶ imported ──an export shows it──▶ priced ──▶ invoiced
//	 ▲ └──.ERR──▶ refused
//	 └── asked anew ─┘
const (
	Sent     = "sent"     // it waits for its turn, or its file lies there
	Imported = "imported" // Sage took the file, or it is gone; no export shows the quote yet
	Priced   = "priced"
	Refused  = "refused"
	Invoiced = "invoiced" // an export shows another document with the reference, and no quote
)

// States are all of them.
func States() []string { return []string{Sent, Imported, Priced, Refused, Invoiced} }

// Dossier is a dossier that shows quotes by our references. It is used by one goroutine at a time.
type Dossier struct {
	*sage50fr.Dossier
	legs *legs.Book
}

var (
	_ connectors.Source    = (*Dossier)(nil)
	_ connectors.Target    = (*Dossier)(nil)
	_ connectors.Sweeper   = (*Dossier)(nil)
	_ connectors.Finder    = (*Dossier)(nil)
	_ connectors.Creator   = (*Dossier)(nil)
	_ connectors.Publisher = (*Dossier)(nil)
)

// New makes the Dossier of one. What it knows of the way of a quote it notes in times, which may be nil.
func New(d *sage50fr.Dossier, times *legs.Book) *Dossier { return &Dossier{d, times} }

// Creating says how a record of e can be born: a quote at once, since it is shown once it is taken up.
func (d *Dossier) Creating(e record.Entity) connectors.WriteMode {
	mode := d.Dossier.Creating(e)
	if e == record.Quote && mode == connectors.WriteHandoff {
		return connectors.WriteDirect
	}
	return mode
}

// Fields are those of the dossier; of a quote what is asked for is written, and who it is for, as long as Sage does not have it.
func (d *Dossier) Fields(e record.Entity) map[string]connectors.Field {
	fields := d.Dossier.Fields(e)
	if e != record.Quote {
		return fields
	}
	mode := d.Creating(e)
	for name, f := range fields {
		if f.Write != connectors.WriteNone {
			f.Write = mode
		}
		if name == "lines" || name == "date" {
			f.Write = connectors.WriteNone
		}
		fields[name] = f
	}
	fields[FieldState] = connectors.Field{Kind: record.Text}
	fields[FieldReason] = connectors.Field{Kind: record.Text}
	fields[FieldAsked] = connectors.Field{Kind: record.Rows, Write: mode}
	if _, taxed := fields["total_tax"]; taxed {
		fields[FieldTotalWithTax] = connectors.Field{Kind: record.Number}
	}
	return fields
}

// Read gives the records as they are now, quotes by our references.
func (d *Dossier) Read(ctx context.Context, e record.Entity, keys []record.Key) (found []record.Record, later []record.Key, err error) {
	if e != record.Quote {
		return d.Dossier.Read(ctx, e, keys)
	}
	k, err := d.Track(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, key := range keys {
		r, err := show(k, string(key))
		switch {
		case err != nil:
			return nil, nil, fmt.Errorf("read quote %s: %w", key, err)
		case r != nil:
			found = append(found, *r)
		case !k.Settled():
			later = append(later, key)
		}
	}
	return found, later, nil
}

// Sweep lists the keys of what is there.
func (d *Dossier) Sweep(ctx context.Context, e record.Entity, seen func(record.Key)) error {
	if e != record.Quote {
		return d.Dossier.Sweep(ctx, e, seen)
	}
	if err := d.Dossier.Sweep(ctx, e, func(record.Key) {}); err != nil {
		return err
	}
	k, err := d.Track(ctx)
	if err != nil {
		return err
	}
	for _, ref := range k.References() {
		seen(record.Key(ref))
	}
	return nil
}

// Find gives the records whose field has a value. ExternalIDField finds a quote by its reference.
func (d *Dossier) Find(ctx context.Context, e record.Entity, field string, v record.Value) (keys []record.Key, err error) {
	if e != record.Quote {
		return d.Dossier.Find(ctx, e, field, v)
	}
	k, err := d.Track(ctx)
	if err != nil || v.Empty() {
		return nil, err
	}
	refs := k.References()
	if field == connectors.ExternalIDField || field == sage50fr.FieldReference {
		field, refs = sage50fr.FieldReference, []string{v.Text}
	}
	for _, ref := range refs {
		r, err := show(k, ref)
		if err != nil {
			return nil, err
		}
		if r != nil && r.Fields[field].Equal(v) {
			keys = append(keys, r.Key)
		}
	}
	return keys, nil
}
