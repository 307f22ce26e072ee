package share

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"
	"sync/atomic"
)

// InFlight is how many requests of one file are on their way at a time.
const InFlight = 4

// Why a read is not to be used; both are of class Busy: again next cycle.
var (
	ErrShort   = errors.New("fewer bytes than the file's size promises")
	ErrChanged = errors.New("another file, or another size, than before")
)

// Span is a range of bytes of a file.
type Span struct{ Off, Len int64 }

// Block is a range to be read: len(Buf) bytes from Off. Skipped comes back with the ranges inside it
// that somebody has locked, in order; Buf holds zeros there.
type Block struct {
	Off     int64
	Buf     []byte
	Skipped []Span
}

// BlockReader reads ranges of one file of any fs.FS whose files are io.ReaderAt, without ever
// disturbing who writes it: it opens, reads, closes, and holds nothing while its caller thinks.
// It takes no lock and allocates next to nothing: the memory is the caller's.
//
// What it gives is what was on the disk at that moment. Whether that is a consistent state takes a
// second look after a quiet time; waiting for that is the caller's part.
type BlockReader struct {
	FS   fs.FS
	Name string

	// First and Record say where records lie, in bytes: the first begins at First, each is Record
	// long. Around a locked range, reads then shrink to single records. Record 0 = unknown: the 64 KiB
	// around a locked range are skipped.
	First, Record int64
}

// Look asks which file the path leads to, without opening it.
func (r *BlockReader) Look(ctx context.Context) (Look, error) {
	if err := ctx.Err(); err != nil {
		return Look{}, err
	}
	info, err := fs.Stat(r.FS, r.Name)
	if err != nil {
		return Look{}, r.sort("stat", inOpen, err)
	}
	return LookAt(info), nil
}

// Read opens the file, fills the blocks, closes it, and makes sure that the path still leads to the
// same file in the same size; Look is that file. Blocks must lie within the file. Errors:
//
//   - ErrShort (Busy): a block ends beyond the file, or the server gave fewer bytes than asked for
//   - ErrChanged (Busy): the path leads to another file by now, or its size changed
//   - Busy with more than 64 locked ranges: the file as a whole is in use
//   - any other error of the share
//
// After an error the blocks' content means nothing.
func (r *BlockReader) Read(ctx context.Context, blocks ...*Block) (Look, error) {
	seen, err := r.readOpen(ctx, blocks)
	if err != nil {
		return seen, err
	}
	now, err := r.Look(ctx)
	if err != nil {
		return seen, err
	}
	if !SameFile(seen, now) {
		return seen, r.busy("read", ErrChanged)
	}
	return seen, nil
}

// Walk reads the whole file in windows of half of buf each (at least two bytes) and hands them to visit in
// order, the next ones read Ahead; visit's block is valid until it returns. It ends with visit's first
// error, and with ErrChanged when the file is replaced or changes its size on the way. An empty file is no
// visit.
func (r *BlockReader) Walk(ctx context.Context, buf []byte, visit func(Block) error) (Look, error) {
	first, err := r.Look(ctx)
	if err != nil {
		return first, err
	}
	size := int64(len(buf) / Windows)
	var blocks [Windows]Block
	read := func(ctx context.Context, i int) error {
		off, from := int64(i)*size, int64(i%Windows)*size
		b := &blocks[i%Windows]
		*b = Block{Off: off, Buf: buf[from : from+min(size, first.Size-off)]}
		seen, err := r.Read(ctx, b)
		if err == nil && !SameFile(first, seen) {
			err = r.busy("read", ErrChanged)
		}
		return err
	}
	windows := int((first.Size + size - 1) / size)
	return first, Ahead(ctx, windows, read, func(i int) error { return visit(blocks[i%Windows]) })
}

// readOpen is the part with an open handle.
func (r *BlockReader) readOpen(ctx context.Context, blocks []*Block) (seen Look, err error) {
	f, err := r.FS.Open(r.Name)
	if err != nil {
		return seen, r.sort("open", inOpen, err)
	}
	defer f.Close() // for reading only: its error changes nothing
	info, err := f.Stat()
	if err != nil {
		return seen, r.sort("stat", inOpen, err)
	}
	at, ok := f.(io.ReaderAt)
	if !ok || info.IsDir() {
		return seen, failure("read", r.Name, fmt.Errorf("%w: not a file with random access", errors.ErrUnsupported))
	}
	seen = LookAt(info)
	for _, b := range blocks {
		if end := b.Off + int64(len(b.Buf)); b.Off < 0 || end > seen.Size {
			return seen, r.busy("read", fmt.Errorf("%w: want bytes to %d, size is %d", ErrShort, end, seen.Size))
		}
		b.Skipped = nil
	}
	return seen, r.readAll(ctx, at, split(blocks))
}

// request is one read on the wire; its spans go back to its block when all is read.
type request struct {
	block   *Block
	off     int64
	buf     []byte
	skipped []Span
}

// split cuts the blocks into requests.
func split(blocks []*Block) []*request {
	var all []*request
	for _, b := range blocks {
		for at := 0; at < len(b.Buf); at += RequestSize {
			part := b.Buf[at:min(at+RequestSize, len(b.Buf))]
			all = append(all, &request{block: b, off: b.Off + int64(at), buf: part})
		}
	}
	return all
}

// readAll has InFlight requests on their way until all are read or one fails for good.
func (r *BlockReader) readAll(ctx context.Context, f io.ReaderAt, all []*request) error {
	var (
		next, refused atomic.Int32
		failed        = make([]error, len(all))
		stop          atomic.Bool
		workers       sync.WaitGroup
	)
	for range min(InFlight, len(all)) {
		workers.Go(func() {
			for !stop.Load() {
				i := int(next.Add(1)) - 1
				if i >= len(all) {
					return
				}
				if failed[i] = r.readOne(ctx, f, all[i], &refused); failed[i] != nil {
					stop.Store(true)
				}
			}
		})
	}
	workers.Wait()
	for _, err := range failed {
		if err != nil {
			return err
		}
	}
	for _, q := range all {
		q.block.Skipped = appendSpans(q.block.Skipped, q.skipped...)
	}
	return nil
}

// full reads exactly len(p) bytes, or says why not.
func (r *BlockReader) full(ctx context.Context, f io.ReaderAt, p []byte, off int64) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	n, err := f.ReadAt(p, off)
	if n == len(p) {
		return nil
	}
	if err == nil || err == io.EOF || err == io.ErrUnexpectedEOF {
		return r.busy("read", fmt.Errorf("%w: %d of %d bytes at %d", ErrShort, n, len(p), off))
	}
	return r.sort("read", inRead, err)
}

func (r *BlockReader) sort(op string, at where, err error) error {
	return failure(op, r.Name, sorted(classify(at, err), r.share(), r.Name, err))
}

func (r *BlockReader) busy(op string, err error) error {
	return failure(op, r.Name, sorted(Busy, r.share(), r.Name, err))
}

// share names the share where the FS is one of ours.
func (r *BlockReader) share() string {
	if s, ok := r.FS.(*Share); ok {
		return s.m.name
	}
	return ""
}
