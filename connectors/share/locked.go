package share

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
)

const (
	// smallRequest is tried around a locked range before single records are.
	smallRequest = 64 << 10
	// maxRefused locked ranges in one Read are a file in use, not records being edited.
	maxRefused = 64
)

var errManyLocks = fmt.Errorf("more than %d locked ranges", maxRefused)

// readOne reads one request. A locked byte fails the whole of it on the server, so it is read again
// in smaller pieces, and the smallest that still fail are skipped.
func (r *BlockReader) readOne(ctx context.Context, f io.ReaderAt, q *request, refused *atomic.Int32) error {
	err := r.full(ctx, f, q.buf, q.off)
	if !locked(err) {
		return err
	}
	for at := 0; at < len(q.buf); at += smallRequest {
		part := q.buf[at:min(at+smallRequest, len(q.buf))]
		if err := r.readSmall(ctx, f, q, part, q.off+int64(at), refused); err != nil {
			return err
		}
	}
	return nil
}

// readSmall reads one small piece, record by record if it must.
func (r *BlockReader) readSmall(ctx context.Context, f io.ReaderAt, q *request, p []byte, off int64, refused *atomic.Int32) error {
	if len(p) < len(q.buf) { // else it has just been refused in this very size
		if err := r.full(ctx, f, p, off); !locked(err) {
			return err
		}
	}
	if r.toNextRecord(off) >= int64(len(p)) {
		return r.skip(q, p, off, refused)
	}
	for len(p) > 0 {
		n := min(r.toNextRecord(off), int64(len(p)))
		err := r.full(ctx, f, p[:n], off)
		if locked(err) {
			err = r.skip(q, p[:n], off, refused)
		}
		if err != nil {
			return err
		}
		p, off = p[n:], off+n
	}
	return nil
}

// skip notes a locked range and leaves zeros there.
func (r *BlockReader) skip(q *request, p []byte, off int64, refused *atomic.Int32) error {
	if refused.Add(1) > maxRefused {
		return r.busy("read", errManyLocks)
	}
	clear(p)
	q.skipped = appendSpans(q.skipped, Span{off, int64(len(p))})
	return nil
}

// toNextRecord is the distance from off to the start of the next record.
func (r *BlockReader) toNextRecord(off int64) int64 {
	switch {
	case r.Record <= 0:
		return smallRequest
	case off < r.First:
		return r.First - off
	}
	return r.Record - (off-r.First)%r.Record
}

// locked tells a range that somebody has locked from a file that came up short.
func locked(err error) bool {
	return err != nil && ClassOf(err) == Busy && !errors.Is(err, ErrShort)
}

// appendSpans adds spans in order and joins those that touch.
func appendSpans(spans []Span, more ...Span) []Span {
	for _, s := range more {
		if n := len(spans); n > 0 && spans[n-1].Off+spans[n-1].Len == s.Off {
			spans[n-1].Len += s.Len
			continue
		}
		spans = append(spans, s)
	}
	return spans
}
