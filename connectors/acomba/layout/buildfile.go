package layout

import (
	"math"
	"slices"
)

func (b *builder) buildFile(name string, w *wireFile) *File {
	if !fileName.MatchString(name) {
		b.bad("files", name, "must be a letter, then letters, digits and _")
	}
	b.path("path", w.Path)
	f := &File{Name: name, Path: w.Path, Required: w.Required, layout: b.layout, byName: map[string]*field{}}
	f.page, f.pageSure = pages[b.layout.Encoding], true
	if f.page == nil {
		f.page, f.pageSure = pages[Windows1252], false
	}
	if !b.geometry(f, w) {
		return f
	}
	b.fields(f, w)
	b.status(f, w)
	b.sequence(f, w)
	return f
}

func (b *builder) geometry(f *File, w *wireFile) bool {
	first, from := int64(1), int64(1)
	if w.FirstCard != nil {
		first, from = *w.FirstCard, *w.FirstCard
	}
	if w.DataFrom != nil {
		from = *w.DataFrom
	}
	ok := b.within("card_size", w.CardSize, 1, maxCardSize)
	ok = b.within("header_size", w.HeaderSize, 0, maxHeader) && ok
	ok = b.within("first_card", first, 0, math.MaxInt32) && ok
	ok = b.within("data_from", from, first, math.MaxInt32) && ok
	if from == 0 { // 0 means "no reference", so no record may live there
		b.bad("data_from", from, "position 0 means no reference; data starts at 1 at the earliest")
		ok = false
	}
	f.CardSize, f.HeaderSize = int(w.CardSize), int(w.HeaderSize)
	f.FirstCard, f.DataFrom = int32(first), int32(from)
	return ok
}

// fields builds all fields and checks that no byte belongs to two of them.
func (b *builder) fields(f *File, w *wireFile) {
	if len(w.Fields) == 0 || len(w.Fields) > maxFields {
		b.bad("fields", nil, "must be 1 to %d fields, are %d", maxFields, len(w.Fields))
		return
	}
	owner := make([]*field, f.CardSize)
	for i := range w.Fields {
		before := len(b.problems)
		b.field = w.Fields[i].Name
		d := b.buildField(f, &w.Fields[i], w.Endian)
		if len(b.problems) == before {
			b.claim(owner, d)
			f.fields = append(f.fields, d)
			f.byName[d.name] = d
		}
	}
	b.field = ""
}

func (b *builder) claim(owner []*field, d *field) {
	for i := range d.count {
		for j := range d.size {
			at := d.offset(i) + j
			if owner[at] != nil {
				b.bad("at", d.at, "byte %d belongs to %s already", at, owner[at].label(0))
				return
			}
			owner[at] = d
		}
	}
}

var statusLists = []struct {
	key    string
	status Status
	codes  func(*wireFile) []int64
}{
	{"in_use", StatusInUse, func(w *wireFile) []int64 { return w.InUse.Equals }},
	{"deleted", StatusDeleted, func(w *wireFile) []int64 { return w.Deleted }},
	{"creating", StatusCreating, func(w *wireFile) []int64 { return w.Creating }},
	{"never", StatusNever, func(w *wireFile) []int64 { return w.Never }},
}

// status reads the lists of status codes; no code may be on two of them.
func (b *builder) status(f *File, w *wireFile) {
	if w.InUse == nil || w.InUse.Field == "" || len(w.InUse.Equals) == 0 {
		b.bad("in_use", nil, "must have field and equals: without it a free card looks like a record")
		return
	}
	if f.status = b.counter(f, "in_use.field", w.InUse.Field); f.status == nil {
		return
	}
	f.statuses = map[int64]Status{}
	bounds := integerRange[f.status.prim]
	for _, list := range statusLists {
		for _, code := range list.codes(w) {
			if f.statuses[code] != StatusUnknown {
				b.bad(list.key, code, "already %s", f.statuses[code])
			}
			b.within(list.key, code, bounds[0], bounds[1])
			f.statuses[code] = list.status
		}
	}
	f.inUse = w.InUse.Equals[0]
	if f.hasCreating = len(w.Creating) > 0; f.hasCreating {
		f.creating = w.Creating[0]
	}
}

func (b *builder) sequence(f *File, w *wireFile) {
	if w.Sequence == nil {
		return
	}
	f.sequence, f.oddMeansWriting = b.counter(f, "sequence.field", w.Sequence.Field), w.Sequence.OddMeansWriting
	if f.sequence != nil && (f.sequence == f.status || !slices.Contains([]primitive{primU8, primU16, primU32}, f.sequence.prim)) {
		b.bad("sequence.field", w.Sequence.Field, "must be an unsigned integer of its own")
	}
}

// counter finds a plain integer field, or complains.
func (b *builder) counter(f *File, key, name string) *field {
	d := f.byName[name]
	switch {
	case d == nil:
		b.bad(key, name, "no such field")
		return nil
	case !d.isInteger() || d.ref.File != "":
		b.bad(key, name, "must be a plain integer field")
		return nil
	}
	return d
}
