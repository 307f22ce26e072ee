package delta

import (
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
	z, err := newCompressor()
	if err != nil {
		return l, err
	}
	m := maker{planner: newPlanner(old, new), zstd: z}
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
	zstd  *zstd.Encoder
	coded frame
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
	b, err := m.linked(at, end)
	if err != nil || b != nil && len(b) < (end-at)/64 {
		return b, m.coded.costs, err
	}
	if p := m.zstd.EncodeAll(m.new[at:end], []byte{plain}); b == nil || len(p) <= len(b)+len(b)/16 {
		return p, Costs{Plain: float64(len(p))}, nil // quicker to decode
	}
	return b, m.coded.costs, nil
}

// linked gives nil where a frame would need too many ops.
func (m *maker) linked(at, end int) ([]byte, error) {
	from, to := at, end
	l := layoutOf(m.needed(at, end))
	for _, k := range m.needed(at, end) { // its references lead anywhere in it
		from, to = min(from, k.from), max(to, k.to)
	}
	lo, ops := opsOf(m.ops, from, to)
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
