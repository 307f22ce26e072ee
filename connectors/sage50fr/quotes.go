package sage50fr

import (
	"context"
	"maps"
	"slices"

	"github.com/zeebo/xxh3"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// Tracked is what is known of one quote under a reference of ours. All of it empty: nothing is.
type Tracked struct {
	// Quote is the document as the exports tell it; nil where they tell none. Of several with the reference it is the first, and held.
	Quote *record.Record
	// Invoice is a document with the reference that is no quote.
	Invoice *record.Record
	// Handed is how far the hand-over is; nil where there was none, or an export has shown it.
	Handed *HandedOver
}

// Tracking is what is known of all quotes under references of ours, at one moment.
type Tracking struct {
	d      *Dossier
	t      *table // nil before the first export of documents
	handed map[string]HandedOver
}

// Track looks at what the exports told and what was handed over. It reads nothing on the share. Errors: those of Read.
func (d *Dossier) Track(ctx context.Context) (*Tracking, error) {
	t, err := d.atHand(ctx, record.Quote)
	if err != nil {
		return nil, err
	}
	h, err := d.loadHanded()
	if err != nil {
		return nil, err
	}
	k := &Tracking{d: d, t: t, handed: map[string]HandedOver{}}
	for _, o := range d.list(h) {
		if o.Entity == record.Quote && o.Key == "" {
			k.handed[o.Reference] = o
		}
	}
	return k, nil
}

// Settled says whether a quote that is not known here is none: a table that was lost may have had it.
func (k *Tracking) Settled() bool { return k.t == nil || k.t.state.settled(k.d.cfg.DeletedAfter) }

// References are those of all quotes that are known, sorted.
func (k *Tracking) References() []string {
	all := map[string]bool{}
	for ref := range k.handed {
		all[ref] = true
	}
	if k.t != nil {
		for ref := range k.t.refs {
			all[string(ref.key)] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// Of gives what is known of one quote.
func (k *Tracking) Of(reference string) (t Tracked, err error) {
	if t.Quote, err = k.shown(record.Quote, reference); err == nil {
		t.Invoice, err = k.shown(record.Document, reference)
	}
	if o, there := k.handed[reference]; there {
		t.Handed = &o
	}
	return t, err
}

// shown gives the first live record of an entity that has a reference.
func (k *Tracking) shown(e record.Entity, reference string) (*record.Record, error) {
	at := k.entries(e, reference)
	if len(at) == 0 {
		return nil, nil
	}
	r, err := k.d.record(k.t, at[0])
	return &r, noRoom(err)
}

func (k *Tracking) entries(e record.Entity, reference string) []int {
	if k.t == nil || reference == "" {
		return nil
	}
	return k.t.refs[id{e, record.Key(reference)}]
}

// Digest changes with whatever Of gives of a quote.
func (k *Tracking) Digest(reference string) uint64 {
	var b []byte
	for _, e := range []record.Entity{record.Quote, record.Document} {
		b = append(b, e...)
		for _, i := range k.entries(e, reference) {
			x := k.t.entries[i]
			b = appendNote(b, x.key, k.d.digest(k.t, x))
		}
	}
	if o, there := k.handed[reference]; there {
		for _, text := range []string{string(o.State), o.File, o.Reason, o.Code} {
			b = append(append(b, text...), 0)
		}
		for _, name := range o.Wanted.Names() {
			b = o.Wanted[name].AppendCanonical(append(append(b, name...), 0))
		}
	}
	return xxh3.Hash(b)
}

// askAgain takes up once more, under the reference that it has, a quote that was refused. What Sage has, or may still take from a file that
// lies there, is never handed over a second time.
func (d *Dossier) askAgain(h *handed, w request) (refusal, err error) {
	ref := string(w.key)
	old := h.Rows[w.id]
	if _, asked := w.fields["lines"]; !asked {
		return d.correct(h, w)
	}
	switch {
	case d.shownReference(record.Quote, ref):
		return fault(connectors.Busy, CodeRecordChanged, nil, "field", "lines"), nil
	case old == nil:
		return fault(connectors.Rejected, CodeRecordMissing, nil, "entity", string(w.entity)), nil
	}
	r := &handedRow{Entity: old.Entity, By: old.By, Reference: ref, Wanted: maps.Clone(old.Wanted), At: d.cfg.Now()}
	maps.Copy(r.Wanted, w.fields)
	f := h.Files[old.File]
	switch {
	case f != nil && f.Phase == refused:
	case old.Wanted.Equal(r.Wanted):
		return nil, nil
	case old.File != "":
		return fault(connectors.Busy, CodeQuoteOpen, nil, "file", old.File), nil
	}
	if open := d.mayBeTaken(old, f, ref); open != "" {
		return fault(connectors.Busy, CodeQuoteOpen, nil, "file", open), nil
	}
	if refusal, err := d.ready(r); refusal != nil || err != nil {
		return refusal, err
	}
	h.Rows[w.id] = r
	return nil, nil
}

// mayBeTaken gives the file of which Sage may have taken a refused quote, or may yet; empty for none.
func (d *Dossier) mayBeTaken(old *handedRow, f *importFile, ref string) string {
	if f != nil && !f.Lone && !d.readSince(old.Entity, f) {
		return old.File // the others of the file were refused, perhaps
	}
	return d.lying.refs[ref]
}

// ready checks a quote that is to be handed over now: none waits for its client in secret.
func (d *Dossier) ready(r *handedRow) (refusal, err error) {
	if refusal := d.born(r); refusal != nil {
		return refusal, nil
	}
	why, err := d.waitsFor(r)
	if err != nil || why == "" {
		return nil, err
	}
	return fault(connectors.Busy, why, nil, "entity", string(r.Entity)), nil
}

// correct keeps what is wanted of a refused quote from now on, without handing it over.
func (d *Dossier) correct(h *handed, w request) (refusal, err error) {
	old := h.Rows[w.id]
	if old == nil {
		return fault(connectors.Rejected, CodeRecordMissing, nil, "entity", string(w.entity)), nil
	}
	if f := h.Files[old.File]; f == nil || f.Phase != refused {
		return fault(connectors.Busy, CodeQuoteOpen, nil, "file", old.File), nil
	}
	if account, told := w.fields["account"]; told && account.Empty() {
		return fault(connectors.Busy, CodeAccountUnknown, nil, "entity", string(w.entity)), nil
	}
	old.Wanted = maps.Clone(old.Wanted)
	maps.Copy(old.Wanted, w.fields)
	return nil, nil
}
