package delta

import "io"

// Of a delta, the first byte of a frame says how the rest is coded.
const (
	plain  = 0 // zstd, as in a full payload
	linked = 1 // against the old image
)

// frame codes the windows of one frame against the old image, either way.
type frame struct {
	*coder
	old   *oldImage
	ops   []op
	model opModel
	links links
	words words
	text  *text
	costs Costs
	books bool // costs are counted
}

func (f *frame) reset(c *coder, old *oldImage) {
	f.coder, f.old, f.costs = c, old, Costs{}
	c.books = f.books
	if f.text == nil {
		f.text = newText()
	}
	f.model.reset()
	f.links.reset()
	f.words.reset()
	f.text.reset()
}

// header codes where the frame begins in the new image, its layout, and the ops, which begin at l.lo, at most there, and
// must reach to its end.
func (f *frame) header(at int32, l layout, ops []op, bytes int) (int32, error) {
	var m number
	m.reset()
	f.charge(&f.costs.Transform)
	at = int32(f.number(&m, uint32(at)))
	l.lo = at - int32(f.number(&m, uint32(at-l.lo)))
	if at < 0 || l.lo < 0 || l.lo > at || int64(at)+int64(bytes) > 1<<30 {
		return 0, bad("windows at %d, ops at %d", at, l.lo)
	}
	if err := l.coded(f.coder, f.old.size); err != nil {
		return 0, err
	}
	f.links.layout = l
	f.charge(&f.costs.Control)
	var err error
	if f.ops, err = f.model.coded(f.coder, l.lo, ops, f.old.size); err != nil {
		return 0, err
	}
	if n := len(f.ops); bytes > 0 && (n == 0 || int64(f.ops[n-1].end) < int64(at)+int64(bytes)) {
		return 0, bad("ops end before byte %d", int64(at)+int64(bytes))
	}
	return at, f.links.prepare(f.old, f.ops)
}

// cursor is where in the ops the windows have come to.
type cursor struct {
	at int32 // of the new image
	i  int   // op that makes it
	lo int32 // where that op begins
}

// window codes the next bytes of the new image.
func (f *frame) window(cur *cursor, w []byte) error {
	for done := 0; done < len(w); {
		for f.ops[cur.i].end <= cur.at {
			cur.lo = f.ops[cur.i].end
			cur.i++
		}
		o := f.ops[cur.i]
		n := min(int(o.end-cur.at), len(w)-done)
		if err := f.piece(o.kind, w[:done+n], done, o.old+cur.at-cur.lo, cur.at); err != nil {
			return err
		}
		if f.spent() {
			return bad("cut short at byte %d of the image", cur.at)
		}
		done += n
		cur.at += int32(n)
	}
	return nil
}

// piece codes w[from:] of one op; old and at are where it lies in both images.
func (f *frame) piece(k kind, w []byte, from int, old, at int32) error {
	switch k {
	case zeros:
		clear(w[from:])
	case copied:
		return f.old.read(w[from:], old)
	case patched:
		return f.patch(w, from, old, at)
	default:
		f.literal(w, from)
	}
	return nil
}

func (f *frame) literal(w []byte, from int) {
	f.remember(w[:from])
	f.charge(&f.costs.Extra)
	for i := from; i < len(w); i++ {
		w[i] = f.text.code(f.coder, 0, 0, w[i])
	}
}

// remember takes what stands before a byte in its window as its context.
func (f *frame) remember(w []byte) {
	for _, b := range w[max(0, len(w)-8):] {
		f.text.before = f.text.before<<8 | uint64(b)
	}
}

// oldImage reads the old image by pieces.
type oldImage struct {
	from io.ReaderAt
	size int64
	at   int64 // of buf
	buf  []byte
	room [oldPiece]byte
}

const (
	oldPiece = 32 << 10 // where it is read in a row
	oldPage  = 4 << 10  // where it is read here and there
)

// read fills b with the old image from at on; the caller has checked that it lies inside.
func (o *oldImage) read(b []byte, at int32) error {
	begin, end := int64(at), int64(at)+int64(len(b))
	have := o.at + int64(len(o.buf))
	if begin >= o.at && end <= have {
		copy(b, o.buf[begin-o.at:])
		return nil
	}
	piece := int64(oldPage)
	if begin >= o.at && begin <= have+oldPage {
		piece = oldPiece
	}
	if int64(len(b)) >= piece/2 {
		return o.readAll(b, begin)
	}
	n := min(piece, o.size-begin)
	o.buf = o.buf[:0]
	if err := o.readAll(o.room[:n], begin); err != nil {
		return err
	}
	o.at, o.buf = begin, o.room[:n]
	copy(b, o.buf)
	return nil
}

func (o *oldImage) readAll(b []byte, at int64) error {
	n, err := o.from.ReadAt(b, at)
	if n == len(b) {
		return nil
	}
	if err == nil {
		err = io.ErrUnexpectedEOF
	}
	return &OldError{at, err}
}
