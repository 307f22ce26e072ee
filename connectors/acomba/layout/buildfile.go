package layout

import (
	"math"
	"slices"
	"strconv"
	"strings"
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

func (b *builder) buildField(f *File, w *wireField, fileEndian string) *field {
	d := &field{name: w.Name, count: 1, key: w.Key, indexed: w.Indexed, writable: w.Writable, volatile: w.Volatile}
	if !fieldName.MatchString(w.Name) || len(w.Name) > 64 {
		b.bad("name", w.Name, "must be small letters, digits and _, parts joined by a point")
	}
	if f.byName[w.Name] != nil {
		b.bad("name", w.Name, "declared twice")
	}
	if why := d.setType(w.Type); why != "" {
		b.bad("type", w.Type, "%s", why)
		return d
	}
	b.typeKeys(d, w)
	endian := fileEndian
	if w.Endian != "" {
		endian = w.Endian
	}
	d.big = b.oneOf("endian", endian, "little", "big") == "big"
	b.meaning(d, w)
	b.place(f, d, w)
	b.mayWrite(d)
	return d
}

// typeKeys reads the keys that go with some types only.
func (b *builder) typeKeys(d *field, w *wireField) {
	isText, isDate := d.kind == KindText, d.kind == KindDate
	isNumber := d.kind == KindInt || d.kind == KindDecimal
	for _, k := range []struct {
		key     string
		given   bool
		allowed bool
	}{
		{"pad", w.Pad != "", isText}, {"lenprefix", w.LenPrefix != 0, isText},
		{"scale", w.Scale != nil, isNumber}, {"enc", w.Enc != "", isDate},
		{"map", w.Map != nil, isNumber && d.kind == KindInt && d.prim != primBCD},
		{"as", w.As != "", isNumber && d.kind == KindInt && d.prim != primBCD},
		{"ref", w.Ref != "", isText || d.kind == KindInt || d.kind == KindRef},
	} {
		if k.given && !k.allowed {
			b.bad(k.key, nil, "does not go with type %q", w.Type)
		}
	}
	if isDate {
		if why := d.setDate(w.Enc); why != "" {
			b.bad("enc", w.Enc, "%s", why)
		}
	}
	if isText {
		d.pad = map[string]padding{"either": padEither, "space": padSpace, "nul": padNUL}[b.oneOf("pad", w.Pad, "either", "space", "nul")]
		b.lengthPrefix(d, w.LenPrefix)
	}
	if w.Scale != nil && b.within("scale", *w.Scale, -9, 9) && isNumber {
		d.scaled, d.scale, d.kind = true, int32(*w.Scale), KindDecimal
	}
}

func (b *builder) lengthPrefix(d *field, n int64) {
	if !b.within("lenprefix", n, 0, 2) {
		return
	}
	if n == 1 && d.text > math.MaxUint8 || n == 2 && d.text > math.MaxUint16 {
		b.bad("lenprefix", n, "cannot count to %d", d.text)
	}
	d.prefix = int(n)
	d.size += d.prefix
}

// meaning reads map, as and ref.
func (b *builder) meaning(d *field, w *wireField) {
	if w.As != "" {
		b.oneOf("as", w.As, "bool")
	}
	if given := boolCount(w.Map != nil, w.As != "", d.scaled, w.Ref != "" && d.kind != KindText); given > 1 {
		b.bad("type", w.Type, "map, as, scale and ref exclude each other")
	}
	switch {
	case w.Map != nil:
		b.enum(d, w.Map)
	case w.As != "":
		d.kind = KindBool
	}
	file, name, byValue := strings.Cut(w.Ref, ".")
	d.ref = Ref{File: file, Field: name}
	switch {
	case d.kind == KindRef && (w.Ref == "" || byValue):
		b.bad("ref", w.Ref, "a cp must name the file it points to")
	case d.kind != KindRef && w.Ref != "" && (file == "" || name == ""):
		b.bad("ref", w.Ref, "must be FILE.field; only a cp points by position")
	}
}

func boolCount(values ...bool) (n int) {
	for _, v := range values {
		if v {
			n++
		}
	}
	return n
}

func (b *builder) enum(d *field, tokens map[string]string) {
	if len(tokens) == 0 {
		b.bad("map", nil, "must not be empty")
	}
	d.kind, d.tokens, d.raws = KindEnum, map[int64]string{}, map[string]int64{}
	for key, token := range tokens {
		raw, err := strconv.ParseInt(key, 10, 64)
		r := integerRange[d.prim]
		if err != nil || raw < r[0] || raw > r[1] || strconv.FormatInt(raw, 10) != key {
			b.bad("map", key, "not a value of the type")
			continue
		}
		if _, twice := d.raws[token]; twice || !fieldName.MatchString(token) {
			b.bad("map", token, "must be a token in small letters, once")
		}
		d.tokens[raw], d.raws[token] = token, raw
	}
}

// place checks that the field lies inside the card; sizes are bounded so that sums cannot overflow.
func (b *builder) place(f *File, d *field, w *wireField) {
	if w.At == nil {
		b.bad("at", nil, "missing")
		return
	}
	count, stride, limit := int64(1), w.Stride, int64(f.CardSize)
	if w.Count != nil {
		count = *w.Count
	}
	if stride == 0 {
		stride = int64(d.size)
	}
	if !b.within("at", *w.At, 0, limit-1) || !b.within("count", count, 1, limit) ||
		!b.within("stride", stride, int64(d.size), limit) {
		return
	}
	if end := *w.At + (count-1)*stride + int64(d.size); end > limit {
		b.bad("at", *w.At, "ends at %d, beyond card_size %d", end, limit)
		return
	}
	d.at, d.count, d.stride = int(*w.At), int(count), int(stride)
}

func (b *builder) mayWrite(d *field) {
	if d.kind == KindSkip && (d.key || d.indexed || d.volatile) {
		b.bad("type", "skip", "a filler is neither key nor indexed nor volatile")
	}
	if !d.writable {
		return
	}
	kind := d.kind == KindSkip || d.kind == KindRef || d.kind == KindEnum
	if kind || d.key || d.indexed || d.volatile {
		b.bad("writable", "true", "key, indexed, volatile, cp, enum and skip fields are never writable")
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
