package layout

import (
	"math"
	"strconv"
	"strings"
)

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
