package store

import (
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
	noFreelist   = 1<<64 - 1 // in place of the page of the list of free pages
	maxDepth     = 64        // of the tree: more than any file that fits on a disk has
	maxSpan      = 64 << 20  // of one page with those that it runs over into: more than any value has
)

// verify reads a database file and holds everything in it against the format, against itself, and against the
// sum of its content. It neither maps the file nor asks bbolt: on a damaged file bbolt panics, recurses without
// end, asks for any amount of memory, or follows a length out of its mapping, which ends the process; its own
// Check does all of that too, and never looks at the length of a value. Here every length is held against the
// page first and every page is read once, so that the worst is an ErrDamaged, and memory goes by the depth of
// the tree and a bit per page. What passes can be mapped. A page that is neither used nor listed as free does no
// harm, and is no damage.
//
// A shallow reading leaves out the buckets' content, where the file lists its free pages. An error that is not ErrDamaged is one of the system.
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
	if m.freelist == noFreelist {
		w.free = m.high - w.met
	}
	s := shape{txid: m.txid, pages: m.high, free: w.free, page: m.page, sum: w.sum}
	if w.seal.txid == m.txid {
		s.seal = w.seal
	}
	switch {
	case w.shallow:
		s.sum = s.seal.sum
	case s.seal.txid != 0 && s.seal.sum != s.sum:
		return shape{}, fmt.Errorf("%w: the content is not what was written", ErrDamaged)
	}
	return s, nil
}
