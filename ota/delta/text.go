package delta

// text is the model of bytes that no copy explains, or not wholly: what stood before them, and what was expected.
type text struct {
	first  []cell    // by situation
	hashed [6][]cell // by hashes of longer contexts
	mix    *mixer
	before uint64 // the last eight bytes of the image, the last one lowest
}

const (
	situations = 32
	textBits   = 17 // of the size of a table of hashed contexts
)

func newText() *text {
	t := &text{first: make([]cell, situations<<8), mix: newMixer(7, situations, 127, 6)}
	for i := range t.hashed {
		t.hashed[i] = make([]cell, 1<<textBits)
	}
	return t
}

func (t *text) reset() {
	fill(t.first)
	for _, h := range t.hashed {
		fill(h)
	}
	t.mix.reset()
	t.before = 0
}

// code codes a byte in a situation (0 to 31), where want was expected.
func (t *text) code(c *coder, situation int, want, v byte) byte {
	s, w, b := uint64(situation), uint64(want), t.before
	contexts := [6]uint64{
		s<<8 | w,
		b&0xff | s<<8,
		b & 0xffff,
		b & 0xffffff,
		b & 0xffffffff,
		w<<8 | b&0xff | s<<16,
	}
	for i := range contexts {
		contexts[i] = (contexts[i]*8 + uint64(i) + 1) * 0x9e3779b97f4a7c15
	}
	at := 1
	for i := 7; i >= 0; i-- {
		t.mix.cells[0] = &t.first[situation<<8|at]
		for k, context := range contexts {
			t.mix.cells[k+1] = &t.hashed[k][(context^uint64(at)*0xd6e8feb86659fd93)>>(64-textBits)]
		}
		at = at<<1 | t.mix.code(c, situation, int(v>>i&1))
	}
	v = byte(at)
	t.before = b<<8 | uint64(v)
	return v
}
