package delta

import (
	"errors"
	"fmt"
	"slices"
)

// kind is what an op makes its bytes of.
type kind uint8

const (
	literal kind = iota // what stands in the frame
	patched             // the old image, with what the frame says against it
	copied              // the old image
	zeros
)

// op makes the bytes of the new image from the end of the op before it up to end.
type op struct {
	end  int32
	old  int32 // where the copy begins in the old image
	kind kind
}

const maxOps = 1 << 16 // of a frame

// ErrFrame is wrapped by the error for a frame that can't be decoded.
var ErrFrame = errors.New("bad frame")

func bad(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrFrame}, args...)...)
}

// opModel is the model of a row of ops. Copies are told by how far old and new lie apart, which is often as it was
// for the copy before, or for one of the last few.
type opModel struct {
	kinds  [4][4]cell
	length [4]number
	recent [recents]cell
	jump   number
	apart  [recents]int32 // new less old of the last copies, newest first
}

const recents = 6

func (m *opModel) reset() {
	for i := range m.kinds {
		fill(m.kinds[i][:])
		m.length[i].reset()
	}
	fill(m.recent[:])
	m.jump.reset()
	m.apart = [recents]int32{}
}

// op codes the op that begins at start of the new image and follows one of the kind last.
func (m *opModel) op(c *coder, last kind, start int32, o op) (op, error) {
	o.kind = kind(c.tree(m.kinds[last][:], 2, uint32(o.kind)))
	n := c.number(&m.length[o.kind], uint32(o.end-start))
	if n == 0 || n > 1<<30 || int64(start)+int64(n) > 1<<30 {
		return o, bad("op of %d bytes at %d", n, start)
	}
	o.end = start + int32(n)
	if o.kind == patched || o.kind == copied {
		o.old = start - m.distance(c, start-o.old)
	}
	return o, nil
}

// distance codes how far old and new lie apart.
func (m *opModel) distance(c *coder, v int32) int32 {
	for i := range m.apart {
		same := 0
		if m.apart[i] == v {
			same = 1
		}
		if c.simple(&m.recent[i], same) == 1 {
			v = m.apart[i]
			copy(m.apart[1:i+1], m.apart[:i])
			m.apart[0] = v
			return v
		}
	}
	v = m.apart[0] + c.signed(&m.jump, v-m.apart[0])
	copy(m.apart[1:], m.apart[:])
	m.apart[0] = v
	return v
}

// coded codes the ops that make the new image from lo on; it refuses those that leave the old image.
func (m *opModel) coded(c *coder, lo int32, ops []op, oldSize int64) ([]op, error) {
	var count number
	count.reset()
	n := c.number(&count, uint32(len(ops)))
	if n > maxOps {
		return nil, bad("%d ops", n)
	}
	if !c.writes {
		ops = slices.Grow(ops[:0], int(n))
	}
	start, last := lo, zeros
	for i := range int(n) {
		var o op
		if c.writes {
			o = ops[i]
		}
		o, err := m.op(c, last, start, o)
		switch {
		case err != nil:
			return nil, err
		case c.spent():
			return nil, bad("cut short in its ops")
		case (o.kind == patched || o.kind == copied) && (o.old < 0 || int64(o.old)+int64(o.end-start) > oldSize):
			return nil, bad("op copies %d bytes from %d of %d", o.end-start, o.old, oldSize)
		}
		if !c.writes {
			ops = append(ops, o)
		}
		start, last = o.end, o.kind
	}
	return ops, nil
}
