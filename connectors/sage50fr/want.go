package sage50fr

import (
	"maps"
	"unicode/utf8"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// want takes up what is wanted of one record. refused is why it is not; err is the box's own.
func (d *Dossier) want(h *handed, w request) (refused, err error) {
	if w.entity == record.Quote && w.key != "" && w.byReference() {
		return d.askAgain(h, w)
	}
	r := &handedRow{Entity: w.entity, Key: w.key, By: w.by, Reference: w.ref, Wanted: w.fields, At: d.cfg.Now()}
	if w.key != "" {
		if refused, err := d.change(r, w); refused != nil || err != nil {
			return refused, err
		}
		if r.Wanted == nil { // it shows that already
			if old := h.Rows[w.id]; old != nil && old.File == "" {
				delete(h.Rows, w.id)
			}
			return nil, nil
		}
	} else if refused := d.born(r); refused != nil {
		return refused, nil
	} else if d.shownReference(w.entity, w.ref) {
		if old := h.Rows[w.id]; old != nil && old.File == "" {
			delete(h.Rows, w.id)
		}
		return nil, nil // an export has it; the next look tells
	}
	old := h.Rows[w.id]
	if old == nil && w.byReference() && d.lying.refs[w.ref] == "" {
		if refused, err := d.ready(r); refused != nil || err != nil {
			return refused, err
		}
	}
	if old == nil || old.File == "" {
		if old != nil && old.Wanted.Equal(r.Wanted) {
			r.At = old.At
		}
		if h.Rows[w.id] = r; r.Key == "" {
			d.adopt(h, r, d.cfg.Now())
		}
		return nil, nil
	}
	return d.anotherWish(h, w.id, old, r)
}

// anotherWish takes up another wish for a record that is in a file already. What is refused is handed over once more if something else is
// wanted now, and no part of it was taken; one to be born is never in two files.
func (d *Dossier) anotherWish(h *handed, id string, old, r *handedRow) (refusal, err error) {
	f := h.Files[old.File]
	same := old.Wanted.Equal(r.Wanted)
	switch {
	case f != nil && f.Phase == refused && same:
		return fault(connectors.Rejected, CodeImportRefused, nil, "file", old.File), nil
	case f != nil && f.Phase == refused && (f.Lone || d.readSince(old.Entity, f)):
		h.Rows[id] = r
	case same || r.Key == "":
	case f == nil || f.Phase == taken:
		h.Rows[id] = r
	}
	return nil, nil
}

// readSince says whether a full export that would show the rows of a file was read since its phase was seen.
func (d *Dossier) readSince(e record.Entity, f *importFile) bool {
	t := d.tables[kindOfEntity[e]]
	return t != nil && t.state.At.After(f.Since) && t.state.Newest.After(f.At)
}

// change checks an update: clients are never written, nor is what somebody changed since. It leaves nothing wanted where the
// record shows it already.
func (d *Dossier) change(r *handedRow, w request) (refused, err error) {
	now, err := d.current(w.entity, w.key)
	if err != nil {
		return nil, err
	}
	switch {
	case w.entity == record.Quote:
		return fault(connectors.Rejected, CodeBadOp, nil, "entity", string(w.entity)), nil
	case now == nil || now.Gone || now.Held != "":
		return fault(connectors.Rejected, CodeRecordMissing, nil, "entity", string(w.entity)), nil
	case w.entity == record.Account && now.Fields["status"].Text != StatusProspect:
		return fault(connectors.Rejected, CodeReadOnly, nil), nil
	}
	for name, seen := range w.seen {
		if !now.Fields[name].Equal(seen) {
			return fault(connectors.Busy, CodeRecordChanged, nil, "field", name), nil
		}
	}
	if refused := d.fits(r); refused != nil {
		return refused, nil
	}
	if d.shows(now.Fields, r.Wanted) {
		r.Wanted = nil
	}
	return nil, nil
}

// current gives a record as the exports tell it, nil for none.
func (d *Dossier) current(e record.Entity, key record.Key) (*record.Record, error) {
	t := d.tables[kindOfEntity[e]]
	if t == nil {
		return nil, nil
	}
	i, there := t.index[id{e, key}]
	if !there {
		return nil, nil
	}
	r, err := d.record(t, i)
	return &r, noRoom(err)
}

// shows says whether fields have what is wanted, as an import file would have it.
func (d *Dossier) shows(now, wanted record.Fields) bool {
	for name, v := range wanted {
		if v.Kind == record.Text {
			held, _ := d.hold(v.Text)
			v = record.TextOf(held)
		}
		if !now[name].Equal(v) {
			return false
		}
	}
	return true
}

// born checks a record that is to be born.
func (d *Dossier) born(r *handedRow) error {
	if _, ok := r.Wanted["number"]; ok {
		r.Wanted = maps.Clone(r.Wanted)
		delete(r.Wanted, "number")
	}
	status := r.Wanted["status"]
	switch {
	case utf8.RuneCountInString(r.Reference) <= len(referencePrefix):
		return fault(connectors.Rejected, CodeBadOp, nil, "entity", string(r.Entity))
	case r.Entity == record.Account && status.Text == StatusClient && !d.cfg.SendClients:
		return fault(connectors.Rejected, CodeReadOnly, nil)
	case r.Entity == record.Quote && len(r.Wanted["lines"].Rows) == 0:
		return fault(connectors.Rejected, CodeBadValue, nil, "field", "lines")
	case r.Entity == record.Account && r.Wanted["name"].Empty():
		return fault(connectors.Rejected, CodeBadValue, nil, "field", "name")
	}
	return d.fits(r)
}

// fits makes sure that an import file has a column for what is wanted, and room in it. What Sage sets itself is left out.
func (d *Dossier) fits(r *handedRow) error {
	kind := importKind(r.Entity)
	columns := map[string]ImportColumn{}
	for _, c := range d.cfg.Format.Imports[kind].Columns {
		if !c.Line {
			columns[c.Field] = c
		}
	}
	for _, name := range r.Wanted.Names() {
		v := r.Wanted[name]
		c, there := columns[name]
		switch {
		case name == "lines" && kind == Quotes:
			if err := d.linesFit(v.Rows); err != nil {
				return err
			}
			continue
		case !there || name == "code" && !v.Empty(), name == FieldReference && v.Text != r.Reference && !v.Empty():
			return fault(connectors.Rejected, CodeBadOp, nil, "field", name)
		}
		if text := d.cell(r.Entity, name, v); c.Max > 0 && utf8.RuneCountInString(text) > c.Max {
			return fault(connectors.Rejected, CodeBadValue, nil, "field", name)
		}
	}
	if c := columns[FieldReference]; c.Max > 0 && utf8.RuneCountInString(r.Reference) > c.Max {
		return fault(connectors.Rejected, CodeBadValue, nil, "field", FieldReference)
	}
	return nil
}

func (d *Dossier) linesFit(rows []record.Fields) error {
	for _, row := range rows {
		if row["product"].Empty() && row["description"].Empty() {
			return fault(connectors.Rejected, CodeBadValue, nil, "field", "lines.product")
		}
		for _, c := range d.cfg.Format.Imports[Quotes].Columns {
			if text := d.cell(record.Quote, c.Field, row[c.Field]); c.Line && c.Max > 0 && utf8.RuneCountInString(text) > c.Max {
				return fault(connectors.Rejected, CodeBadValue, nil, "field", "lines."+c.Field)
			}
		}
	}
	return nil
}

// shownReference says whether any record of an entity's export carries a reference of ours: a quote may have become an invoice.
func (d *Dossier) shownReference(e record.Entity, ref string) bool {
	kind := kindOfEntity[e]
	t := d.tables[kind]
	if t == nil || ref == "" {
		return false
	}
	for _, e := range entities[kind] {
		if len(t.refs[id{e, record.Key(ref)}]) > 0 {
			return true
		}
	}
	return false
}
