package store

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"slices"
)

// ErrDamaged means that a file is not what was written: cut, overwritten, or no database at all.
var ErrDamaged = errors.New("damaged")

// shape is what a reading of a database file finds.
type shape struct {
	txid  uint64 // of the newest transaction
	pages uint64 // below the high-water mark, free ones included
	free  uint64 // pages that hold nothing
	page  int64  // size of one, in bytes
	sum   uint64 // of all content; as it was sealed if the reading was shallow
	seal  seal   // what was kept about the content; zero if nothing was, or not of this transaction
}

// The parts of a file of bbolt's format 2: little-endian on all processors that a box has.
const (
	headerSize   = 16 // id 8, flags 2, count 2, overflow 4
	elementSize  = 16 // leaf: flags 4, pos 4, key 4, value 4; branch: pos 4, key 4, page 8
	metaMagic    = 0xED0CDAED
	metaVersion  = 2
	metaSize     = 64
	flagBranch   = 0x01
	flagLeaf     = 0x02
	flagFreelist = 0x10
	maxDepth     = 64       // of the tree: more than any file that fits on a disk has
	maxSpan      = 64 << 20 // of one page with those that it runs over into: more than any value has
)

// verify reads a database file and holds everything in it against the format, against itself, and against the
// sum of its content. It neither maps the file nor asks bbolt: on a damaged file bbolt panics, recurses without
// end, asks for any amount of memory, or follows a length out of its mapping, which ends the process; its own
// Check does all of that too, and never looks at the length of a value. Here every length is held against the
// page first and every page is read once, so that the worst is an ErrDamaged, and memory goes by the depth of
// the tree and a bit per page. What passes can be mapped. A page that is neither used nor listed as free does no
// harm, and is no damage.
//
// A shallow reading leaves out the buckets' content. An error that is not ErrDamaged is one of the system.
func verify(f io.ReaderAt, size int64, shallow bool) (shape, error) {
	metas, err := readMetas(f, size)
	if err != nil {
		return shape{}, err
	}
	if metas[1] == nil {
		// bbolt would take the other one in silence. That is right after a cut while this one was written;
		// but it stands within one sector, and so this is rather the last transaction that was lost.
		return shape{}, fmt.Errorf("%w: one of both meta pages is not valid", ErrDamaged)
	}
	return verifyUnder(f, metas[0], shallow)
}

// meta is what a meta page tells: where one transaction's tree begins.
type meta struct {
	at       int64 // where the page is
	page     int64 // size of a page
	root     uint64
	freelist uint64
	high     uint64 // pages from here on are not in use
	txid     uint64
}

// readMetas gives the valid meta pages, the newest first; the second is nil if only one is valid.
func readMetas(f io.ReaderAt, size int64) ([2]*meta, error) {
	first, err := readMeta(f, size, 0)
	if err != nil {
		return [2]*meta{}, err
	}
	found, places := []*meta{}, []int64{}
	if first != nil {
		found, places = append(found, first), append(places, first.page)
	} else {
		for i := range 15 { // as bbolt looks for it
			places = append(places, 1024<<i)
		}
	}
	for _, at := range places {
		m, err := readMeta(f, size, at)
		if err != nil {
			return [2]*meta{}, err
		}
		if m != nil && m.page == at {
			found = append(found, m)
			break
		}
	}
	if len(found) == 0 {
		return [2]*meta{}, fmt.Errorf("%w: no database", ErrDamaged)
	}
	slices.SortFunc(found, func(a, b *meta) int { return cmp.Compare(b.txid, a.txid) })
	return [2]*meta(append(found, nil, nil)[:2]), nil
}

// readMeta reads the meta page at an offset; nil if there is no valid one.
func readMeta(f io.ReaderAt, size, at int64) (*meta, error) {
	if at+headerSize+metaSize > size {
		return nil, nil
	}
	b := make([]byte, headerSize+metaSize)
	if err := readAt(f, b, at); err != nil {
		return nil, err
	}
	b = b[headerSize:]
	u32, u64 := binary.LittleEndian.Uint32, binary.LittleEndian.Uint64
	if u32(b) != metaMagic || u32(b[4:]) != metaVersion || u64(b[metaSize-8:]) != metaSum(b) {
		return nil, nil
	}
	m := &meta{at: at, page: int64(u32(b[8:])), root: u64(b[16:]), freelist: u64(b[32:]), high: u64(b[40:]), txid: u64(b[48:])}
	if m.page < 512 || m.page&(m.page-1) != 0 || m.high > uint64(size/m.page) {
		return nil, nil
	}
	return m, nil
}

func metaSum(b []byte) uint64 {
	h := fnv.New64a()
	_, _ = h.Write(b[:metaSize-8])
	return h.Sum64()
}

// readAt fills b; a file that ends too early is damaged.
func readAt(f io.ReaderAt, b []byte, at int64) error {
	n, err := f.ReadAt(b, at)
	switch {
	case n == len(b):
		return nil
	case errors.Is(err, io.EOF):
		return fmt.Errorf("%w: ends at byte %d", ErrDamaged, at+int64(n))
	}
	return err
}

// verifyUnder verifies the tree of one meta page.
func verifyUnder(f io.ReaderAt, m *meta, shallow bool) (shape, error) {
	w := &walker{f: f, meta: m, shallow: shallow, seen: make([]uint64, m.high/64+1)}
	for _, step := range []func() error{
		func() error { return w.mark(0, 2) },
		w.freelist,
		func() error { return w.tree("", m.root, 0, nil, nil) },
	} {
		if err := step(); err != nil {
			return shape{}, err
		}
	}
	s := shape{txid: m.txid, pages: m.high, free: w.free, page: m.page, sum: w.sum}
	if w.seal.txid == m.txid {
		s.seal = w.seal
	}
	switch {
	case shallow:
		s.sum = s.seal.sum
	case s.seal.txid != 0 && s.seal.sum != s.sum:
		return shape{}, fmt.Errorf("%w: the content is not what was written", ErrDamaged)
	}
	return s, nil
}

// walker goes through one tree.
type walker struct {
	f       io.ReaderAt
	meta    *meta
	shallow bool
	seen    []uint64 // a bit per page that was come across
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

// freelist reads the list of free pages.
func (w *walker) freelist() error {
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
