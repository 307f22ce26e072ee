package delta

// layout tells the decoder what of the old image refers to what, so that it expects the references of the new image
// where what they refer to has moved. It is the encoder's guess: a wrong one costs bytes.
type layout struct {
	lo       int32 // where in the new image the ops of the frame begin: it may tell more than it needs
	segments []segment
	bases    []base
	regions  []region // of the old image, in their order, apart from each other
}

// segment says at which addresses a stretch of both images runs.
type segment struct {
	old, new   int32
	oldN, newN int32
	oldVA      uint32
	newVA      uint32
}

// base is a place that offsets are told from, in both images.
type base struct {
	old, new int32
	unit     int32 // bytes that an offset of 1 stands for
}

// How the words of a region are to be understood.
type meaning uint8

const (
	code    meaning = 1 + iota // arm64 instructions
	table                      // offsets from the bases in turn
	words64                    // addresses of 64 bits, and offsets from any of the bases
	words32                    // as words64, and distances of 32 bits from where they stand
	funcs                      // Go's runtime._func, from Go 1.20 on: bases are text, names, pctab, cutab, funcdata
	find                       // Go's runtime.findfuncbucket: bases are itself, text, the table of functions
)

// region is a stretch of the old image.
type region struct {
	old, n int32
	as     meaning
	bases  []uint8
}

// Bounds of a layout.
const (
	maxSegments    = 64
	maxBases       = 64
	maxRegions     = 512
	maxRegionBases = 6
	maxFuncBytes   = 4 << 20 // of regions of funcs: a quarter of that is kept in memory
	maxFuncs       = 1 << 17 // of a region of find: four bytes each are kept in memory
)

// coded codes a layout.
func (l *layout) coded(c *coder, oldSize int64) error {
	var m number
	m.reset()
	ok := true
	position := func(v *int32, most int64) {
		*v = int32(c.number(&m, uint32(*v)))
		ok = ok && *v >= 0 && int64(*v) <= most
	}
	count := func(n, most int) int {
		got := c.number(&m, uint32(n))
		if got > uint32(most) || c.spent() {
			ok = false
			return 0
		}
		return int(got)
	}
	l.segments = resized(l.segments, count(len(l.segments), maxSegments), c.writes)
	for i := range l.segments {
		s := &l.segments[i]
		position(&s.old, oldSize)
		position(&s.oldN, oldSize-int64(s.old))
		position(&s.new, 1<<30)
		position(&s.newN, 1<<30-int64(s.new))
		s.oldVA = c.number(&m, s.oldVA)
		s.newVA = c.number(&m, s.newVA)
	}
	l.bases = resized(l.bases, count(len(l.bases), maxBases), c.writes)
	for i := range l.bases {
		b := &l.bases[i]
		position(&b.old, oldSize)
		position(&b.new, 1<<30)
		position(&b.unit, 8)
		ok = ok && b.unit > 0
	}
	l.regions = resized(l.regions, count(len(l.regions), maxRegions), c.writes)
	end := int32(0)
	for i := range l.regions {
		r := &l.regions[i]
		gap := r.old - end
		position(&gap, oldSize-int64(end))
		r.old = end + gap
		position(&r.n, oldSize-int64(r.old))
		r.as = meaning(c.number(&m, uint32(r.as)))
		r.bases = resized(r.bases, count(len(r.bases), maxRegionBases), c.writes)
		for k := range r.bases {
			b := c.number(&m, uint32(r.bases[k]))
			ok = ok && b < uint32(len(l.bases))
			r.bases[k] = uint8(b)
		}
		if !ok || !r.sound() {
			return bad("layout: region %d", i)
		}
		end = r.old + r.n
	}
	if !ok || c.spent() {
		return bad("layout out of bounds")
	}
	return nil
}

// sound says whether a region has the bases that its meaning takes.
func (r *region) sound() bool {
	switch r.as {
	case code:
		return len(r.bases) == 0
	case table:
		return len(r.bases) > 0
	case words64, words32:
		return true
	case funcs:
		return len(r.bases) == 5 && r.old&3 == 0
	case find:
		return len(r.bases) == 3
	}
	return false
}

// resized gives a slice of n elements: the given one where it is written, an empty one where it is read.
func resized[E any](s []E, n int, keep bool) []E {
	if keep {
		return s
	}
	return make([]E, n)
}
