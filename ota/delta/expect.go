package delta

// expect guesses what a word v, was[i:i+4] of the old image, should be in the new one.
func (f *frame) expect(x *expected, was []byte, i int, v uint32, old, at int32) {
	r := f.links.regionAt(old)
	if r == nil {
		x.class = dataWord
		return
	}
	switch r.as {
	case code:
		f.expectCode(x, was, i, old, at)
	case table:
		b := r.bases[int(old-r.old)/4%len(r.bases)]
		f.expectOffset(x, tableWord, b, v)
	case funcs:
		f.expectField(x, r, v, old)
	case words64, words32:
		f.expectData(x, r, was, i, v, old, at)
	case find:
		f.expectFind(x, r, v, at)
	}
}

func (f *frame) expectCode(x *expected, was []byte, i int, old, at int32) {
	pc, ok := f.links.oldAddress(old)
	newPC, okNew := f.links.newAddress(int64(at))
	if !ok || !okNew {
		return
	}
	c, target := instruction(func(k int) (uint32, bool) {
		if k = i + 4*k; k < 0 || k+4 > len(was) {
			return 0, false
		}
		return get32(was[k:]), true
	}, pc)
	x.class, x.pc = c, newPC
	if c == none {
		return
	}
	w := get32(was[i:])
	x.key = target | 1<<31
	x.first, x.inside = f.links.address(target)
	if l := f.links.lesson(x.key); l.key == x.key {
		x.known = true
		x.add(retarget(c, w, newPC, l.to))
	}
	x.add(retarget(c, w, newPC, x.first))
}

// expectOffset expects an offset from a base.
func (f *frame) expectOffset(x *expected, c class, b uint8, v uint32) {
	x.class = c
	x.key = v<<4 ^ uint32(b) | 1<<30
	x.first, x.inside = f.links.fromBase(&f.links.bases[b], v), true
	if l := f.links.lesson(x.key); l.key == x.key {
		x.known = true
		x.add(l.to)
	}
	x.add(x.first)
	x.add(x.first + f.words.wrong[c])
}

func (f *frame) expectField(x *expected, r *region, v uint32, old int32) {
	i := int(old-r.old) / 4
	for k := range f.links.regions {
		if o := &f.links.regions[k]; o == r {
			break
		} else if o.as == funcs {
			i += int(o.n) / 4
		}
	}
	if i >= len(f.links.fields) || f.links.fields[i] == 0 {
		x.class = dataWord
		return
	}
	f.expectOffset(x, funcWord, r.bases[f.links.fields[i]-1], v)
}

// expectData expects what stood there, or an offset from a base, or an address of 64 bits.
func (f *frame) expectData(x *expected, r *region, was []byte, i int, v uint32, old, at int32) {
	x.class = dataWord
	x.near = surroundings(was, i)
	x.add(v)
	va, inside := f.links.oldAddress(old)
	if inside && va&7 == 0 && i+8 <= len(was) && isHigh(get32(was[i+4:])) && f.links.isAddress(v) {
		x.class = pointer
		x.key = v | 1<<31
		x.first, x.inside = f.links.address(v)
		if l := f.links.lesson(x.key); l.key == x.key {
			x.known = true
			x.add(l.to)
		}
		x.add(x.first)
	}
	for _, b := range r.bases {
		x.add(f.links.fromBase(&f.links.bases[b], v))
	}
	if r.as == words32 && inside {
		f.expectDistance(x, v, va, at)
	}
}

// expectDistance expects the distance to what a word lay so far away from.
func (f *frame) expectDistance(x *expected, v, va uint32, at int32) {
	if to, ok := f.links.newAddress(int64(at)); ok && v != 0 {
		if target, inside := f.links.address(va + v); inside {
			x.add(target - to)
		}
	}
}

// isHigh says whether a word can be the upper half of an address, of a program or of a kernel.
func isHigh(w uint32) bool { return w == 0 || w == kernelHigh }

// surroundings says roughly what the words around one are, as structures are told by their form.
func surroundings(was []byte, i int) (form uint32) {
	for _, at := range [...]int{i - 16, i - 12, i - 8, i - 4, i, i + 4, i + 8} {
		form <<= 2
		if at < 0 || at+4 > len(was) {
			continue
		}
		switch w := get32(was[at:]); {
		case w == 0:
		case w < 4096:
			form |= 1
		case w < 1<<28:
			form |= 2
		default:
			form |= 3
		}
	}
	return form
}

// behind is how much memory may follow the last segment, in bytes.
const behind = 64 << 20

// isAddress says whether a word can be an address, of the segments or of what follows them.
func (l *links) isAddress(v uint32) bool {
	for i := range l.segments {
		if s := &l.segments[i]; v >= s.oldVA && v-s.oldVA <= uint32(s.oldN)+behind {
			return true
		}
	}
	return false
}

// Buckets of runtime.findfunctab: the index of a function, and for each of 16 stretches of 256 bytes what is to be
// added to it.
const (
	bucketBytes   = 20
	bucketCode    = 4096
	bucketStretch = 256
)

func (f *frame) expectFind(x *expected, r *region, v uint32, at int32) {
	place := int64(at) - int64(f.links.bases[r.bases[0]].new)
	if place < 0 || place&3 != 0 || len(f.links.entries) == 0 {
		x.class = dataWord
		return
	}
	bucket, k := place/bucketBytes, place%bucketBytes
	index := f.links.function(bucket * bucketCode)
	if k == 0 {
		x.class = findIndex
		x.add(index)
		x.add(index + f.words.wrong[findIndex])
		return
	}
	x.class = findBytes
	var w uint32
	for i := range int64(4) {
		w |= (f.links.function(bucket*bucketCode+(k-4+i)*bucketStretch) - index) & 255 << (8 * i)
	}
	x.add(w)
}

// learn takes in where what a word refers to turned out to be.
func (f *frame) learn(x *expected, w []byte, from int, got uint32) {
	to := got
	switch x.class {
	case call, branch, test, near, page, offset, access:
		c, target := instruction(func(k int) (uint32, bool) {
			if k = from + 4*k; k < 0 || k+4 > len(w) {
				return 0, false
			}
			return get32(w[k:]), true
		}, x.pc)
		if c != x.class {
			return
		}
		to = target
		if c == page {
			to |= x.first & 0xfff // what follows is not known yet
		}
	}
	if to == x.first && !x.known {
		return
	}
	*f.links.lesson(x.key) = lesson{x.key, to}
	if !x.inside {
		f.links.beyond = to - (x.first - f.links.beyond)
	}
}
