package delta

import "encoding/binary"

// words is the model of copies that differ from the old image here and there. It goes by words of four bytes, as they
// lie in the old image: a word is what is expected, or its bytes are coded.
type words struct {
	cells  [3][]cell
	mix    *mixer
	recent uint32 // how the last words were, 1 for other than expected
}

const wordSets = 4

func (m *words) reset() {
	for i := range m.cells {
		if m.cells[i] == nil {
			m.cells[i] = make([]cell, 1<<12)
		}
		fill(m.cells[i])
	}
	m.mix.reset()
	m.recent = 0
}

// patchPiece is how much of the old image is looked at at once.
const patchPiece = 16 << 10

func (f *frame) patch(w []byte, from int, old, at int32) error {
	var room [patchPiece]byte
	for from < len(w) {
		n := min(len(w)-from, patchPiece-int(old&3))
		if err := f.old.read(room[:n], old); err != nil {
			return err
		}
		f.patchWords(w[:from+n], from, room[:n], old)
		if f.spent() {
			return bad("cut short at byte %d of the image", at)
		}
		from, old, at = from+n, old+int32(n), at+int32(n)
	}
	return nil
}

func (f *frame) patchWords(w []byte, from int, was []byte, old int32) {
	for i := 0; i < len(was); {
		n := min(4-int(old+int32(i))&3, len(was)-i)
		f.word(w[:from+i+n], from+i, was[i:i+n])
		i += n
	}
}

// word codes w[from:], of up to four bytes, where want is expected.
func (f *frame) word(w []byte, from int, want []byte) {
	other := 0
	if f.writes && string(w[from:]) != string(want) {
		other = 1
	}
	m := &f.words
	m.mix.cells[0] = &m.cells[0][m.recent&0xfff]
	m.mix.cells[1] = &m.cells[1][m.recent&3]
	m.mix.cells[2] = &m.cells[2][m.recent&0xf]
	other = m.mix.code(f.coder, 0, other)
	m.recent = m.recent<<1 | uint32(other)
	if other == 0 {
		copy(w[from:], want)
		return
	}
	f.remember(w[:from])
	for i := range want {
		w[from+i] = f.text.code(f.coder, 1+i, want[i], w[from+i])
	}
}

func get32(b []byte) uint32 { return binary.LittleEndian.Uint32(b) }
