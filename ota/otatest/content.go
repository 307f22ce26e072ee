package otatest

import (
	"bytes"
	"fmt"
	"io"

	"github.com/zeebo/xxh3"
)

// SectorSize is what a disk writes wholly or not at all, in bytes.
const SectorSize = 512

const (
	pageSize   = 4096
	chunkPages = 64
	chunkSize  = chunkPages * pageSize
)

type page [pageSize]byte

// chunk is a stretch of a disk; its sum does not depend on where it stands.
type chunk struct {
	pages [chunkPages]*page // nil is a page of zeros
	sum   uint64
}

// Content is what stands on a disk. Copies share the pages that none of them has changed: pages and chunks are never
// written to, only replaced.
type Content struct {
	size   int64
	chunks []*chunk // nil is a chunk of zeros
	sum    uint64
}

// NewContent gives size bytes of zeros; size is a multiple of SectorSize.
func NewContent(size int64) Content {
	if size < 0 || size%SectorSize != 0 {
		panic(fmt.Sprintf("otatest: a disk of %d bytes", size))
	}
	return Content{size: size, chunks: make([]*chunk, (size+chunkSize-1)/chunkSize)}
}

// Size in bytes.
func (c *Content) Size() int64 { return c.size }

// Sum is the same for two contents of one size that are the same, and hardly ever for two that are not.
func (c *Content) Sum() uint64 { return c.sum }

// Clone gives a copy.
func (c *Content) Clone() Content {
	return Content{size: c.size, chunks: append([]*chunk(nil), c.chunks...), sum: c.sum}
}

var zeroPage page

func (c *Content) page(at int64) *page {
	if k := c.chunks[at/chunkSize]; k != nil {
		if p := k.pages[at%chunkSize/pageSize]; p != nil {
			return p
		}
	}
	return &zeroPage
}

// ReadAt is that of io.ReaderAt.
func (c *Content) ReadAt(b []byte, at int64) (int, error) {
	if at < 0 {
		return 0, fmt.Errorf("read at %d", at)
	}
	n := 0
	for n < len(b) && at < c.size {
		end := min(at/pageSize*pageSize+pageSize, c.size)
		from := at % pageSize
		m := copy(b[n:], c.page(at)[from:from+end-at])
		n, at = n+m, at+int64(m)
	}
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

// Bytes gives n bytes, of which those behind the end are zeros.
func (c *Content) Bytes(at, n int64) []byte {
	b := make([]byte, n)
	_, _ = c.ReadAt(b, at)
	return b
}

// Write puts b at a place; all of it must be on the disk.
func (c *Content) Write(b []byte, at int64) {
	if at < 0 || at+int64(len(b)) > c.size {
		panic(fmt.Sprintf("otatest: %d bytes at %d of a disk of %d", len(b), at, c.size))
	}
	for len(b) > 0 {
		first := at / pageSize * pageSize
		n := min(int64(len(b)), first+pageSize-at)
		c.writePage(first, at-first, b[:n])
		b, at = b[n:], at+n
	}
}

func (c *Content) writePage(first, from int64, b []byte) {
	old := c.page(first)
	if bytes.Equal(old[from:from+int64(len(b))], b) {
		return
	}
	fresh := *old
	copy(fresh[from:], b)
	k := new(chunk)
	number := first / chunkSize
	if was := c.chunks[number]; was != nil {
		*k = *was
	}
	c.sum -= place(k.sum, number)
	end := from + int64(len(b))
	for s := from / SectorSize * SectorSize; s < end; s += SectorSize {
		at := first%chunkSize + s
		k.sum += sectorSum(fresh[s:s+SectorSize], at) - sectorSum(old[s:s+SectorSize], at)
	}
	c.sum += place(k.sum, number)
	k.pages[first%chunkSize/pageSize] = &fresh
	c.chunks[number] = k
}

var zeroSector [SectorSize]byte

// sectorSum is 0 for a sector of zeros, so that an empty disk sums up to 0.
func sectorSum(b []byte, at int64) uint64 {
	if bytes.Equal(b, zeroSector[:]) {
		return 0
	}
	return xxh3.HashSeed(b, uint64(at)+1)
}

// place makes the sum of a chunk one of its place, too.
func place(sum uint64, number int64) uint64 { return sum * (uint64(number)*0x9e3779b97f4a7c15 | 1) }

// Is says whether b stands at a place.
func (c *Content) Is(b []byte, at int64) bool {
	if at+int64(len(b)) > c.size {
		return false
	}
	for len(b) > 0 {
		from := at % pageSize
		n := min(int64(len(b)), pageSize-from)
		if !bytes.Equal(c.page(at)[from:from+n], b[:n]) {
			return false
		}
		b, at = b[n:], at+n
	}
	return true
}

// Same says whether all of o stands at a place, a multiple of 256 KiB, without looking at each byte: it compares the
// sums of the stretches.
func (c *Content) Same(o *Content, at int64) bool {
	if at%chunkSize != 0 || at+o.size > c.size {
		panic(fmt.Sprintf("otatest: compare %d bytes at %d of a disk of %d", o.size, at, c.size))
	}
	for i := range o.chunks {
		if int64(i+1)*chunkSize > o.size { // its end is another's
			rest := int64(i) * chunkSize
			return c.Is(o.Bytes(rest, o.size-rest), at+rest)
		}
		if chunkSum(c.chunks[at/chunkSize+int64(i)]) != chunkSum(o.chunks[i]) {
			return false
		}
	}
	return true
}

func chunkSum(k *chunk) uint64 {
	if k == nil {
		return 0
	}
	return k.sum
}

// part is a sum of size bytes at a place, a multiple of 256 KiB, that tells them from others in the same place.
func (c *Content) part(at, size int64) uint64 {
	var sum uint64
	for i := at / chunkSize; i < (at+size+chunkSize-1)/chunkSize; i++ {
		sum += place(chunkSum(c.chunks[i]), i)
	}
	return sum
}

// WriteChanges writes what differs from an older content of the same disk to wherever that one stands already.
func (c *Content) WriteChanges(w io.WriterAt, older *Content) error {
	for i, k := range c.chunks {
		if k == older.chunks[i] {
			continue
		}
		at := int64(i) * chunkSize
		if _, err := w.WriteAt(c.Bytes(at, min(chunkSize, c.size-at)), at); err != nil {
			return err
		}
	}
	return nil
}

// ReadContent reads a whole disk.
func ReadContent(r io.ReaderAt, size int64) (Content, error) {
	c := NewContent(size)
	b := make([]byte, chunkSize)
	for at := int64(0); at < size; at += chunkSize {
		b := b[:min(chunkSize, size-at)]
		if _, err := r.ReadAt(b, at); err != nil {
			return c, fmt.Errorf("read disk at %#x: %w", at, err)
		}
		c.Write(b, at)
	}
	return c, nil
}
