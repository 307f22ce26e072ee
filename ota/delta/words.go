package delta

import "encoding/binary"

// words is the model of copies that differ from the old image here and there. It goes by words of four bytes, as they
// lie in the old image: a word is one of those that are expected, or its bytes are coded.
type words struct {
	cells   [5][]cell
	mix     *mixer
	recent  uint32          // how the last words were, 1 for other than expected first
	history [classes]uint32 // the same by class
	wrong   [classes]uint32 // how far the last word of each class was from what was expected
	x       expected
	room    [patchPiece + 2*margin]byte // for what is looked at of the old image
}

const (
	wordSets  = int(classes) * maxExpected
	wordCells = 1 << 14
)

func (m *words) reset() {
	for i := range m.cells {
		if m.cells[i] == nil {
			m.cells[i] = make([]cell, wordCells)
		}
		fill(m.cells[i])
	}
	if m.mix == nil {
		m.mix = newMixer(len(m.cells), wordSets, 1023, 2)
	}
	m.mix.reset()
	m.recent = 0
	m.history, m.wrong = [classes]uint32{}, [classes]uint32{}
}

// expected is what a word may be, best guess first.
type expected struct {
	class  class
	words  [maxExpected]uint32
	n      int
	key    uint32 // of what it refers to; 0 for nothing
	first  uint32 // guess at where that is now, without what was learned
	inside bool   // it is in the image
	known  bool   // something was learned of it
	pc     uint32 // of the word in the new image
	near   uint32 // what stands around it
}

const maxExpected = 6

// add adds a guess, unless it is there.
func (x *expected) add(w uint32) {
	for _, v := range x.words[:x.n] {
		if v == w {
			return
		}
	}
	if x.n < maxExpected {
		x.words[x.n] = w
		x.n++
	}
}

// margin is what a word is looked at with, on both sides.
const margin = 4 * pairs

// patchPiece is how much of the old image is looked at at once.
const patchPiece = 16 << 10

func (f *frame) patch(w []byte, from int, old, at int32) error {
	for from < len(w) {
		n := min(len(w)-from, patchPiece-int(old&3))
		before := min(int(old), margin)
		after := int(min(f.old.size-int64(old)-int64(n), margin))
		was := f.words.room[:before+n+after]
		if err := f.old.read(was, old-int32(before)); err != nil {
			return err
		}
		for i := 0; i < n; {
			k := min(4-int(old+int32(i))&3, n-i)
			f.word(w[:from+i+k], from+i, was, before+i, k, old+int32(i), at+int32(i))
			i += k
		}
		if f.spent() {
			return bad("cut short at byte %d of the image", at)
		}
		from, old, at = from+n, old+int32(n), at+int32(n)
	}
	return nil
}

// word codes w[from:], which was was[i:i+n] in the old image.
func (f *frame) word(w []byte, from int, was []byte, i, n int, old, at int32) {
	m, x := &f.words, &f.words.x
	*x = expected{class: part}
	if n < 4 {
		f.fraction(w, from, was[i:i+n])
		return
	}
	v := get32(was[i:])
	f.expect(x, was, i, v, old, at)
	x.add(v)
	got := uint32(0)
	if f.writes {
		got = get32(w[from:])
	}
	hit := f.choose(x, got)
	if hit < x.n {
		got = x.words[hit]
		binary.LittleEndian.PutUint32(w[from:], got)
	} else {
		f.charge(&f.costs.Diff)
		f.remember(w[:from])
		for k := range 4 {
			w[from+k] = f.text.code(f.coder, situation(x.class)+k, byte(x.words[0]>>(8*k)), w[from+k])
		}
		got = get32(w[from:])
	}
	m.note(x.class, hit)
	m.wrong[x.class] = got - x.words[0]
	if x.key != 0 {
		f.learn(x, w, from, got)
	}
}

// situation gives that of the bytes of a word: whether it refers to something, or is code or data.
func situation(c class) int {
	switch c {
	case none:
		return 8
	case call, branch, test, near, page, offset, access:
		return 12
	case tableWord, funcWord, findIndex:
		return 16
	case pointer, pointerHigh, dataWord:
		return 20
	case findBytes:
		return 24
	}
	return 4
}

// choose codes which guess is right, x.n for none of them.
func (f *frame) choose(x *expected, got uint32) int {
	f.charge(&f.costs.Transform)
	m := &f.words
	c := uint32(x.class)
	flags := uint32(x.n)
	if x.known {
		flags |= 8
	}
	for k := range x.n {
		right := 0
		if f.writes && x.words[k] == got {
			right = 1
		}
		at := c*maxExpected + uint32(k)
		m.mix.cells[0] = &m.cells[0][hashed(at, m.history[x.class]&0xff, flags)]
		m.mix.cells[1] = &m.cells[1][hashed(at, m.recent&0xfff, 0)]
		m.mix.cells[2] = &m.cells[2][hashed(at, flags, m.recent&3)]
		m.mix.cells[4] = &m.cells[4][hashed(at, flags, x.near)]
		m.mix.cells[3] = &m.cells[3][hashed(at, m.history[x.class]&0xf, m.recent&0xf|flags<<4)]
		if m.mix.code(f.coder, int(at), right) == 1 {
			return k
		}
	}
	return x.n
}

func hashed(a, b, c uint32) uint32 {
	return (a*0x9e3779b1 ^ b*0x85ebca6b ^ c*0xc2b2ae35) * 0x27d4eb2f >> (32 - 14)
}

// note remembers which guess was right.
func (m *words) note(c class, hit int) {
	other := uint32(0)
	if hit > 0 {
		other = 1
	}
	m.recent = m.recent<<1 | other
	m.history[c] = m.history[c]<<2 | uint32(min(hit, 3))
}

// fraction codes bytes that are no whole word.
func (f *frame) fraction(w []byte, from int, was []byte) {
	x := &f.words.x
	for i := range was {
		x.n = 0
		x.add(uint32(was[i]))
		hit := f.choose(x, uint32(w[from+i]))
		if hit == 0 {
			w[from+i] = was[i]
		} else {
			f.charge(&f.costs.Diff)
			f.remember(w[:from+i])
			w[from+i] = f.text.code(f.coder, 4, was[i], w[from+i])
		}
		f.words.note(part, hit)
	}
}

func get32(b []byte) uint32 { return binary.LittleEndian.Uint32(b) }
