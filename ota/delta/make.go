package delta

import (
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"

	"syncbox/ota/bundle"
)

// Make writes the payload that makes the image new out of the image old, and gives its window list. It takes about
// as much memory again as six times the images.
func Make(w io.Writer, old, new []byte) (bundle.List, error) {
	var l bundle.List
	if len(old) > bundle.MaxImage || len(new) > bundle.MaxImage {
		return l, fmt.Errorf("make delta: images of %d and %d bytes, at most %d", len(old), len(new), bundle.MaxImage)
	}
	z, err := newCompressor()
	if err != nil {
		return l, err
	}
	m := maker{old: old, new: new, ops: plan(old, new), zstd: z}
	windows := hashWindows(&l, new)
	for first := 0; first < windows; {
		n := min(windows-first, bundle.MaxFrameWindows)
		for {
			b, err := m.frame(first, n)
			if err != nil {
				return l, err
			}
			if len(b) > bundle.MaxFrame {
				n /= 2
				continue
			}
			if err := putFrame(w, &l, n, b); err != nil {
				return l, err
			}
			break
		}
		first += n
	}
	return l, nil
}

// maker makes the frames of one payload.
type maker struct {
	old, new []byte
	ops      []op // of the whole image
	zstd     *zstd.Encoder
	coded    frame
}

// frame gives n windows from the window first on, the shorter way.
func (m *maker) frame(first, n int) ([]byte, error) {
	at := first * bundle.WindowSize
	end := min(at+n*bundle.WindowSize, len(m.new))
	b, err := m.linked(at, end)
	if err != nil {
		return nil, err
	}
	if len(b) < (end-at)/64 {
		return b, nil
	}
	if p := m.zstd.EncodeAll(m.new[at:end], []byte{plain}); b == nil || len(p) <= len(b)+len(b)/16 {
		return p, nil // quicker to decode
	}
	return b, nil
}

// linked gives nil where a frame would need too many ops.
func (m *maker) linked(at, end int) ([]byte, error) {
	lo, ops := opsOf(m.ops, at, end)
	if len(ops) > maxOps {
		return nil, nil
	}
	f := &m.coded
	f.reset(newWriter(), &oldImage{from: readerAt(m.old), size: int64(len(m.old))})
	if _, _, err := f.header(int32(at), int32(lo), ops, end-at); err != nil {
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
