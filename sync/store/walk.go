package store

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
)

// walker goes through one tree.
type walker struct {
	f       io.ReaderAt
	meta    *meta
	shallow bool
	seen    []uint64 // a bit per page that was come across
	met     uint64   // how many pages that were
	free    uint64
	sum     uint64
	seal    seal
	bufs    [maxDepth][]byte
}

func (w *walker) bad(page uint64, format string, args ...any) error {
	return fmt.Errorf("%w: page %d: %s", ErrDamaged, page, fmt.Sprintf(format, args...))
}

// mark notes n pages; each may be come across once.
func (w *walker) mark(id, n uint64) error {
	if id >= w.meta.high || n > w.meta.high-id {
		return w.bad(id, "lies behind the end at %d", w.meta.high)
	}
	for i := id; i < id+n; i++ {
		if w.seen[i/64]&(1<<(i%64)) != 0 {
			return w.bad(i, "is there twice")
		}
		w.seen[i/64] |= 1 << (i % 64)
	}
	w.met += n
	return nil
}

// page is one page as it was read, with the pages that it runs over into.
type page struct {
	id    uint64
	flags uint16
	count int
	b     []byte
}

// read reads a page of the tree, or of the list of free pages, at a depth of the walk; what was read at the
// same depth before is overwritten.
func (w *walker) read(id uint64, depth int) (page, error) {
	if depth >= maxDepth {
		return page{}, w.bad(id, "is too deep in the tree")
	}
	if id < 2 || id >= w.meta.high {
		return page{}, w.bad(id, "lies outside 2 to %d", w.meta.high)
	}
	b := w.room(depth, int(w.meta.page))
	at := int64(id) * w.meta.page
	if err := readAt(w.f, b, at); err != nil {
		return page{}, err
	}
	p := page{id: binary.LittleEndian.Uint64(b), flags: binary.LittleEndian.Uint16(b[8:]), count: int(binary.LittleEndian.Uint16(b[10:])), b: b}
	over := uint64(binary.LittleEndian.Uint32(b[12:]))
	if p.id != id {
		return page{}, w.bad(id, "says that it is page %d", p.id)
	}
	if (1+over)*uint64(w.meta.page) > maxSpan {
		return page{}, w.bad(id, "runs over into %d more", over)
	}
	if err := w.mark(id, 1+over); err != nil || over == 0 {
		return p, err
	}
	p.b = w.room(depth, int(1+over)*int(w.meta.page))
	return p, readAt(w.f, p.b, at)
}

func (w *walker) room(depth, n int) []byte {
	w.bufs[depth] = slices.Grow(w.bufs[depth][:0], n)[:n]
	return w.bufs[depth]
}

// freelist reads the list of free pages. Where there is none, bbolt will go through all the others to find them, and so
// the walk does too.
func (w *walker) freelist() error {
	if w.meta.freelist == noFreelist {
		w.shallow = false
		return nil
	}
	p, err := w.read(w.meta.freelist, 0)
	if err != nil {
		return err
	}
	if p.flags != flagFreelist {
		return w.bad(p.id, "is no list of free pages but %#x", p.flags)
	}
	ids, n := p.b[headerSize:], uint64(p.count)
	if n == 0xffff {
		n, ids = binary.LittleEndian.Uint64(ids), ids[8:]
	}
	if n > uint64(len(ids)/8) {
		return w.bad(p.id, "lists %d free pages", n)
	}
	for i := range n {
		if err := w.mark(binary.LittleEndian.Uint64(ids[8*i:]), 1); err != nil {
			return err
		}
	}
	w.free = n
	return nil
}

// tree goes through the pages below one; keys are from low on and below high, nil = no bound.
func (w *walker) tree(bucket string, id uint64, depth int, low, high []byte) error {
	p, err := w.read(id, depth)
	if err != nil {
		return err
	}
	switch p.flags {
	case flagLeaf:
		return w.leaf(bucket, p, depth, low, high)
	case flagBranch:
		return w.branch(bucket, p, depth, low, high)
	}
	return w.bad(id, "is neither leaf nor branch but %#x", p.flags)
}

func (w *walker) branch(bucket string, p page, depth int, low, high []byte) error {
	if p.count == 0 {
		return w.bad(p.id, "is a branch without children")
	}
	for i := range p.count {
		key, _, err := w.element(p, i, low, high)
		if err != nil {
			return err
		}
		end := high
		if i+1 < p.count {
			if end, _, err = w.element(p, i+1, nil, high); err != nil {
				return err
			}
			if bytes.Compare(key, end) >= 0 {
				return w.bad(p.id, "has keys out of order")
			}
		}
		child := binary.LittleEndian.Uint64(p.b[headerSize+elementSize*i+8:])
		if err := w.tree(bucket, child, depth+1, key, end); err != nil {
			return err
		}
	}
	return nil
}

func (w *walker) leaf(bucket string, p page, depth int, low, high []byte) error {
	for i := range p.count {
		key, value, err := w.element(p, i, low, high)
		if err != nil {
			return err
		}
		if i > 0 && bytes.Equal(key, low) {
			return w.bad(p.id, "has a key twice")
		}
		low = key
		switch flags := binary.LittleEndian.Uint32(p.b[headerSize+elementSize*i:]); {
		case flags == 1 && bucket == "":
			err = w.bucket(string(key), p, value, depth)
		case flags != 0 || bucket == "":
			err = w.bad(p.id, "has an element of unknown kind %#x", flags)
		case bucket == bucketSeal:
			w.seal = readSeal(value)
		default:
			w.sum += digestOf(bucket, key, value)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// bucket goes through a bucket: one in pages of its own, or one that is small enough to stand in place.
func (w *walker) bucket(name string, p page, value []byte, depth int) error {
	if len(value) < 16 {
		return w.bad(p.id, "has a bucket of %d bytes", len(value))
	}
	if root := binary.LittleEndian.Uint64(value); root != 0 {
		if w.shallow {
			return nil
		}
		return w.tree(name, root, depth+1, nil, nil)
	}
	in := page{id: p.id, b: value[16:]}
	if len(in.b) < headerSize || binary.LittleEndian.Uint16(in.b[8:]) != flagLeaf {
		return w.bad(p.id, "has a bucket in place that is no leaf")
	}
	in.count = int(binary.LittleEndian.Uint16(in.b[10:]))
	return w.leaf(name, in, depth, nil, nil)
}

// element gives key and value of an element, or the key of a branch's, and makes sure that both are inside the
// page and the key is from low on and below high.
func (w *walker) element(p page, i int, low, high []byte) (key, value []byte, err error) {
	at := headerSize + elementSize*i
	if at+elementSize > len(p.b) {
		return nil, nil, w.bad(p.id, "counts %d elements", p.count)
	}
	u32 := func(at int) uint64 { return uint64(binary.LittleEndian.Uint32(p.b[at:])) }
	pos, k, v := u32(at), u32(at+4), uint64(0)
	if p.flags != flagBranch {
		pos, k, v = u32(at+4), u32(at+8), u32(at+12)
	}
	pos += uint64(at)
	if k == 0 || pos < uint64(headerSize+elementSize*p.count) || pos+k+v > uint64(len(p.b)) {
		return nil, nil, w.bad(p.id, "element %d leads outside", i)
	}
	key, value = p.b[pos:pos+k], p.b[pos+k:pos+k+v]
	if low != nil && bytes.Compare(key, low) < 0 || high != nil && bytes.Compare(key, high) >= 0 {
		return nil, nil, w.bad(p.id, "element %d is out of order", i)
	}
	return key, value, nil
}
