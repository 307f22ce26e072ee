package scan

import (
	"io"
	"io/fs"
)

// hashing is a file system whose reads of whole blocks are hashed by the goroutine that made them, while
// the bytes are still in its processor's cache: that is most of the price of hashing.
type hashing struct {
	fs.FS
	spec *Spec
	// sums are by block; each is set by one goroutine, and read when all reads have ended.
	sums []uint64
}

// Open opens a file whose reads are hashed.
func (h *hashing) Open(name string) (fs.File, error) {
	f, err := h.FS.Open(name)
	if err != nil {
		return nil, err
	}
	if at, ok := f.(io.ReaderAt); ok {
		return &hashingFile{File: f, at: at, of: h}, nil
	}
	return f, nil
}

// Stat asks the file system below.
func (h *hashing) Stat(name string) (fs.FileInfo, error) { return fs.Stat(h.FS, name) }

type hashingFile struct {
	fs.File
	at io.ReaderAt
	of *hashing
}

// ReadAt reads, and hashes what turns out to be a whole block.
func (f *hashingFile) ReadAt(p []byte, off int64) (int, error) {
	n, err := f.at.ReadAt(p, off)
	if block, ok := f.of.spec.whole(off, n, len(f.of.sums)); ok && n == len(p) {
		f.of.sums[block] = f.of.spec.hash(p)
	}
	return n, err
}
