package delta

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/klauspost/compress/zstd"

	"syncbox/ota/bundle"
)

// Make writes the payload that makes the image new out of the image old, and gives its window list. It takes about
// as much memory again as six times the images.
func Make(w io.Writer, old, new []byte) (bundle.List, error) { return MakeCounted(w, old, new, nil) }

// MakeCounted is as Make, and counts what the bytes are for, where costs isn't nil.
func MakeCounted(w io.Writer, old, new []byte, costs *Costs) (bundle.List, error) {
	var l bundle.List
	if len(old) > bundle.MaxImage || len(new) > bundle.MaxImage {
		return l, fmt.Errorf("make delta: images of %d and %d bytes, at most %d", len(old), len(new), bundle.MaxImage)
	}
	m := maker{planner: newPlanner(old, new)}
	m.coded.books = costs != nil
	windows := hashWindows(&l, new)
	for first := 0; first < windows; {
		n := m.span(first, windows)
		b, c, err := m.frame(first, n)
		for err == nil && len(b) > bundle.MaxFrame {
			n /= 2 // one window always fits
			b, c, err = m.frame(first, n)
		}
		if err != nil {
			return l, err
		}
		if err := putFrame(w, &l, n, b); err != nil {
			return l, err
		}
		if costs != nil {
			costs.add(c)
		}
		first += n
	}
	return l, nil
}

// maker makes the frames of one payload.
type maker struct {
	*planner
	zstd  *zstd.Encoder // once it is needed
	coded frame
	check Decoder
}

// span gives how many windows the frame should make that begins at the window first: as many as it may, but a program
// is better not cut in two.
func (m *maker) span(first, windows int) int {
	n := min(windows-first, bundle.MaxFrameWindows)
	for _, k := range m.links {
		begin, end := k.from/bundle.WindowSize, (k.to+bundle.WindowSize-1)/bundle.WindowSize
		if begin > first && begin < first+n && end > first+n && end-begin <= bundle.MaxFrameWindows {
			return begin - first
		}
	}
	return n
}

// frame gives n windows from the window first on, the shorter way.
func (m *maker) frame(first, n int) ([]byte, Costs, error) {
	at := first * bundle.WindowSize
	end := min(at+n*bundle.WindowSize, len(m.new))
	b, err := m.checked(at, end)
	if err != nil || b != nil && len(b) < (end-at)/64 {
		return b, m.coded.costs, err
	}
	if m.zstd == nil {
		if m.zstd, err = newCompressor(); err != nil {
			return nil, Costs{}, err
		}
	}
	if p := m.zstd.EncodeAll(m.new[at:end], []byte{plain}); b == nil || len(p) <= len(b)+len(b)/16 {
		return p, Costs{Plain: float64(len(p))}, nil // quicker to decode
	}
	return b, m.coded.costs, nil
}

// checked gives a linked frame that the decoder has made the same windows of.
func (m *maker) checked(at, end int) ([]byte, error) {
	b, err := m.linked(at, end, true)
	if errors.Is(err, ErrFrame) { // the layout is more than a frame may have
		b, err = m.linked(at, end, false)
	}
	if err != nil || b == nil || len(b) > bundle.MaxFrame {
		return b, err
	}
	from, n := at/bundle.WindowSize, bundle.WindowCount(int64(end-at))
	err = m.check.Decode(bundle.Delta, b, readerAt(m.old), int64(len(m.old)), bundle.WindowSizes(int64(len(m.new)), from, n), func(w []byte) error {
		if !bytes.Equal(w, m.new[at:at+len(w)]) {
			return fmt.Errorf("make delta: window at %d comes out otherwise", at)
		}
		at += len(w)
		return nil
	})
	return b, err
}

// linked gives nil where a frame would need too many ops.
func (m *maker) linked(at, end int, references bool) ([]byte, error) {
	from, to := at, end
	var l layout
	if references {
		some := m.needed(at, end)
		l = layoutOf(some)
		for _, k := range some { // they lead anywhere in it
			from, to = min(from, k.from), max(to, k.to)
		}
	}
	lo, ops := m.opsFor(at, end, from, to)
	if len(ops) > maxOps {
		return nil, nil
	}
	f := &m.coded
	f.reset(newWriter(), &oldImage{from: readerAt(m.old), size: int64(len(m.old))})
	l.lo = int32(lo)
	if _, err := f.header(int32(at), l, ops, end-at); err != nil {
		return nil, err
	}
	cur := cursor{at: int32(at), lo: int32(lo)}
	for at < end {
		n := min(bundle.WindowSize, end-at)
		if err := f.window(&cur, m.new[at:at+n]); err != nil {
			return nil, err
		}
		at += n
	}
	return append([]byte{linked}, f.finish()...), nil
}

// opsFor gives the ops that make the bytes from at to end, and around them those up to from and to, without detail:
// these only say where things have gone.
func (m *maker) opsFor(at, end, from, to int) (lo int, all []op) {
	begin, own := opsOf(m.ops, at, end)
	lo = begin
	if from < begin {
		var before []op
		lo, before = opsOf(m.ops, from, begin)
		all = rough(lo, before[:len(before)-countFrom(before, begin)])
	}
	all = append(all, own...)
	if last := int(own[len(own)-1].end); to > last {
		start, after := opsOf(m.ops, last, to)
		all = append(all, rough(start, after)...)
	}
	return lo, all
}

// countFrom gives how many ops end behind a place.
func countFrom(ops []op, place int) (n int) {
	for n < len(ops) && int(ops[len(ops)-1-n].end) > place {
		n++
	}
	return n
}

// minRough is the shortest copy that is told without detail, in bytes.
const minRough = 48

// rough puts copies of the same distance together, and leaves short ones out.
func rough(start int, ops []op) (out []op) {
	lo := int32(start)
	copies := 0 // place of the last copy in out, plus 1
	for _, o := range ops {
		n := o.end - lo
		isCopy := o.kind == patched || o.kind == copied
		switch {
		case isCopy && copies > 0 && o.old-lo == out[copies-1].old-startOf(out, copies-1, start) && lo-out[copies-1].end <= joined:
			out = out[:copies]
			out[copies-1].end = o.end
		case isCopy && n >= minRough:
			out = append(out, op{o.end, o.old, patched})
			copies = len(out)
		case len(out) > 0 && out[len(out)-1].kind == literal:
			out[len(out)-1].end = o.end
		default:
			out = append(out, op{o.end, 0, literal})
		}
		lo = o.end
	}
	return out
}

// startOf gives where an op begins.
func startOf(ops []op, i, start int) int32 {
	if i == 0 {
		return int32(start)
	}
	return ops[i-1].end
}

// needed gives the programs of which the bytes from at to end hold something that differs from the old image.
func (m *maker) needed(at, end int) (some []link) {
	for _, k := range m.links {
		from, to := max(at, k.from), min(end, k.to)
		if from >= to {
			continue
		}
		_, ops := opsOf(m.ops, from, to)
		if slices.ContainsFunc(ops, func(o op) bool { return o.kind == patched }) {
			some = append(some, k)
		}
	}
	return some
}

// opsOf gives the ops that make the bytes from at to end, and where they begin.
func opsOf(ops []op, at, end int) (lo int, of []op) {
	first := 0
	for first < len(ops) && int(ops[first].end) <= at {
		lo = int(ops[first].end)
		first++
	}
	last := first
	for last < len(ops) && int(ops[last].end) < end {
		last++
	}
	return lo, ops[first:min(last+1, len(ops))]
}

type readerAt []byte

func (r readerAt) ReadAt(b []byte, at int64) (int, error) {
	n := copy(b, r[at:])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}
