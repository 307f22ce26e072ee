package layout

import (
	"fmt"
	"math"
)

// File is one declared file of cards.
//
//	offset(position) = HeaderSize + (position - FirstCard) * CardSize
type File struct {
	Name       string // in the layout: "CUSTOMER"
	Path       string // below the company folder, slashes, compared without case: "CUSTOMER.DAT"
	Required   bool   // the folder is incomplete without it
	HeaderSize int    // bytes before the first card
	FirstCard  int32  // position of the first card in the file
	DataFrom   int32  // first position that holds data; cards before it are control cards
	CardSize   int    // bytes
	Probes     []Probe

	layout   *Layout
	page     *codePage
	pageSure bool
	fields   []*field
	byName   map[string]*field

	status      *field
	statuses    map[int64]Status
	inUse       int64 // first code of each list, for cards we write
	creating    int64
	hasCreating bool

	sequence        *field
	oddMeansWriting bool

	canonical [][2]int // spans that count for change detection
	preImage  [][2]int // spans that must not have moved before a write
}

// Layout gives the layout the file belongs to.
func (f *File) Layout() *Layout { return f.layout }

// CodePage gives the code page text is read with: the declared one, or what Resolve settled on;
// Windows-1252 before that.
func (f *File) CodePage() Encoding { return f.page.name }

// Offset gives where a card begins in the file, in bytes.
func (f *File) Offset(position int32) int64 {
	return int64(f.HeaderSize) + (int64(position)-int64(f.FirstCard))*int64(f.CardSize)
}

// Count gives the number of whole cards in a file of that many bytes, control cards included.
// whole is false when the file is shorter than its header or ends inside a card: it is growing,
// and the last whole card is as far as one may read.
func (f *File) Count(size int64) (cards int32, whole bool) {
	body := size - int64(f.HeaderSize)
	if body < 0 {
		return 0, false
	}
	n := body / int64(f.CardSize)
	if limit := int64(math.MaxInt32) - int64(f.FirstCard); n > limit {
		return int32(limit), false
	}
	return int32(n), body%int64(f.CardSize) == 0
}

// Positions gives the first and the last position that hold data in a file of that many bytes.
// There is none when last < first.
func (f *File) Positions(size int64) (first, last int32) {
	cards, _ := f.Count(size)
	return f.DataFrom, f.FirstCard + cards - 1
}

// LockRanges gives the ranges {offset, length} to lock, in this order, before a card is written.
// There are none in a layout without the block write.
func (f *File) LockRanges(position int32) [][2]int64 {
	if f.layout.Write == nil {
		return nil
	}
	var ranges [][2]int64
	for _, r := range f.layout.Write.Lock.Ranges {
		if r.Card {
			ranges = append(ranges, [2]int64{f.Offset(position), int64(f.CardSize)})
			continue
		}
		ranges = append(ranges, [2]int64{r.Offset, r.Length})
	}
	return ranges
}

// HasSequence reports whether cards carry a sequence number that tells a write in progress.
func (f *File) HasSequence() bool { return f.sequence != nil }

// Has reports whether the file declares the field.
func (f *File) Has(name string) bool { return f.byName[name] != nil }

// Fields gives what each field can hold, in the order of the layout file.
func (f *File) Fields() []Spec {
	specs := make([]Spec, 0, len(f.fields))
	for _, d := range f.fields {
		specs = append(specs, f.spec(d))
	}
	return specs
}

// FieldSpec tells what a field can hold. An undeclared name is an error.
func (f *File) FieldSpec(name string) (Spec, error) {
	d := f.byName[name]
	if d == nil {
		return Spec{}, fmt.Errorf("layout %s: file %s: no field %q", f.layout, f.Name, name)
	}
	return f.spec(d), nil
}

// CanonicalBytes appends to dst the bytes of a card that count for change detection: all declared
// fields but fillers, the sequence number, write stamps and volatile fields. The bytes are raw, so
// a hash of them should also take in CodePage and the layout's Fingerprint.
// raw holds one card; a shorter one is returned as no bytes.
func (f *File) CanonicalBytes(dst, raw []byte) []byte {
	if len(raw) < f.CardSize {
		return dst
	}
	for _, span := range f.canonical {
		dst = append(dst, raw[span[0]:span[1]]...)
	}
	return dst
}

// SamePreImage reports whether two images of a card agree in every byte but those of the volatile
// fields of the block write.
func (f *File) SamePreImage(a, b []byte) bool {
	if len(a) != f.CardSize || len(b) != f.CardSize {
		return false
	}
	for _, span := range f.preImage {
		if string(a[span[0]:span[1]]) != string(b[span[0]:span[1]]) {
			return false
		}
	}
	return true
}

// settle computes the spans once all fields and write rules are known.
func (f *File) settle() {
	volatile := map[string]bool{}
	if w := f.layout.Write; w != nil {
		for _, name := range w.Volatile {
			volatile[name] = true
		}
	}
	canonical, preImage := make([]bool, f.CardSize), make([]bool, f.CardSize)
	for i := range preImage {
		preImage[i] = true
	}
	for _, d := range f.fields {
		mark(canonical, d, d.kind != KindSkip && !d.volatile && !volatile[d.name] && !f.managed(d) || d == f.status)
		mark(preImage, d, !volatile[d.name])
	}
	f.canonical, f.preImage = spans(canonical), spans(preImage)
}

// managed reports whether the engine itself keeps the field up: status, sequence and stamps.
func (f *File) managed(d *field) bool {
	if d == f.status || d == f.sequence {
		return true
	}
	if f.layout.Write == nil {
		return false
	}
	for _, s := range f.layout.Write.Stamps {
		if s.Field == d.name {
			return true
		}
	}
	return false
}

func mark(mask []bool, d *field, value bool) {
	for i := range d.count {
		for j := range d.size {
			mask[d.offset(i)+j] = value
		}
	}
}

// spans turns a mask into the half-open ranges of its true bytes.
func spans(mask []bool) [][2]int {
	var out [][2]int
	for i, set := range mask {
		switch {
		case !set:
		case len(out) > 0 && out[len(out)-1][1] == i:
			out[len(out)-1][1]++
		default:
			out = append(out, [2]int{i, i + 1})
		}
	}
	return out
}
