package delta

import "slices"

// links is what a frame knows of references: where each word of the old image refers to, and where that should be now.
type links struct {
	layout
	moved   mapping
	region  int     // of the last word
	fields  []uint8 // of each word of the regions of funcs, one after the other: its base and 1, or 0
	entries []int32 // where the functions of the new image should begin, from its text on
	learned []lesson
	beyond  uint32 // how far addresses that are in no segment have moved
}

// lesson is where something turned out to be.
type lesson struct{ key, to uint32 }

const lessonBits = 13

func (l *links) reset() {
	l.layout = layout{}
	l.region, l.beyond = 0, 0
	l.fields, l.entries = l.fields[:0], l.entries[:0]
	if l.learned == nil {
		l.learned = make([]lesson, 1<<lessonBits)
	}
	clear(l.learned)
}

// prepare reads from the old image what the layout says that it must know beforehand.
func (l *links) prepare(old *oldImage, ops []op) error {
	l.moved.build(l.lo, ops)
	total := int32(0)
	for i := range l.regions {
		r := &l.regions[i]
		var err error
		switch r.as {
		case funcs:
			if total += r.n; total < 0 || total > maxFuncBytes {
				return bad("layout: too many functions")
			}
			err = l.readFields(old, r)
		case find:
			err = l.readEntries(old, r)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// fieldBases are those of the words of a runtime._func, one more than their index.
var fieldBases = [11]uint8{0: 1, 1: 2, 4: 3, 5: 3, 6: 3, 8: 4}

// readFields walks along the row of runtime._func, each of which begins at a multiple of 8 bytes.
func (l *links) readFields(old *oldImage, r *region) error {
	var b [4]byte
	field, pcs, datas := 0, uint32(0), uint32(0)
	l.fields = slices.Grow(l.fields, int(r.n)/4)
	for at := r.old; at+4 <= r.old+r.n; at += 4 {
		if err := old.read(b[:], at); err != nil {
			return err
		}
		base := uint8(0)
		switch w := get32(b[:]); {
		case field == 0 && (at-r.old)%8 != 0: // between two of them
		case field < len(fieldBases):
			base = fieldBases[field]
			if field == 7 {
				pcs = w
			}
			if field == 10 {
				datas = w >> 24
			}
			field++
		case pcs > 0:
			base = 3
			pcs--
		default:
			base = 5
			datas--
		}
		if field == len(fieldBases) && pcs == 0 && datas == 0 {
			field = 0
		}
		l.fields = append(l.fields, base)
	}
	return nil
}

// readEntries walks along the table of functions as long as they follow each other.
func (l *links) readEntries(old *oldImage, r *region) error {
	text, table := l.bases[r.bases[1]], l.bases[r.bases[2]]
	var b [4]byte
	last := int64(-1)
	l.entries = l.entries[:0]
	for at := int64(table.old); at+4 <= old.size && len(l.entries) < maxFuncs; at += 8 {
		if err := old.read(b[:], int32(at)); err != nil {
			return err
		}
		entry := int64(get32(b[:]))
		if entry <= last || int64(text.old)+entry > old.size {
			break
		}
		last = entry
		l.entries = append(l.entries, int32(l.moved.of(text.old+int32(entry))-int64(text.new)))
	}
	slices.Sort(l.entries)
	return nil
}

// regionAt gives the region of a byte of the old image, nil where it has none.
func (l *links) regionAt(old int32) *region {
	for l.region > 0 && old < l.regions[l.region].old {
		l.region--
	}
	for l.region+1 < len(l.regions) && old >= l.regions[l.region+1].old {
		l.region++
	}
	if l.region < len(l.regions) {
		if r := &l.regions[l.region]; old >= r.old && old-r.old < r.n {
			return r
		}
	}
	return nil
}

// oldAddress gives the address of a byte of the old image.
func (l *links) oldAddress(old int32) (va uint32, ok bool) {
	for i := range l.segments {
		if s := &l.segments[i]; old >= s.old && old-s.old < s.oldN {
			return s.oldVA + uint32(old-s.old), true
		}
	}
	return 0, false
}

func (l *links) newAddress(new int64) (va uint32, ok bool) {
	for i := range l.segments {
		if s := &l.segments[i]; new >= int64(s.new) && new-int64(s.new) < int64(s.newN) {
			return s.newVA + uint32(new-int64(s.new)), true
		}
	}
	return 0, false
}

// address gives where what was at an address should be now.
func (l *links) address(va uint32) (to uint32, inside bool) {
	for i := range l.segments {
		s := &l.segments[i]
		if va < s.oldVA || va-s.oldVA >= uint32(s.oldN) {
			continue
		}
		new := l.moved.of(s.old + int32(va-s.oldVA))
		if to, ok := l.newAddress(new); ok {
			return to, true
		}
		return s.newVA + uint32(new-int64(s.new)), true
	}
	return va + l.beyond, false
}

// fromBase gives what an offset from a base should be now.
func (l *links) fromBase(b *base, v uint32) uint32 {
	old := int64(b.old) + int64(v)*int64(b.unit)
	if v >= 1<<30 || old > 1<<30 {
		return v
	}
	return uint32((l.moved.of(int32(old)) - int64(b.new)) / int64(b.unit))
}

func (l *links) lesson(key uint32) *lesson {
	return &l.learned[key*0x9e3779b1>>(32-lessonBits)]
}

// function gives the index of the function at an offset from the new text.
func (l *links) function(offset int64) uint32 {
	i, found := slices.BinarySearch(l.entries, int32(offset))
	if !found {
		i = max(i-1, 0)
	}
	return uint32(i)
}
