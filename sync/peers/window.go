package peers

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

const (
	windowBytes = 256 << 10 // one read; stays in a processor's cache
	rowBytes    = 64 << 10  // longest row
)

var errLongRow = errors.New("row of more than 64 KiB")

// window shows a file piece by piece, from its front to its end. What it shows is valid until the next call.
type window struct {
	from   io.Reader
	buf    []byte
	lo, hi int   // in buf: read and not taken yet
	off    int64 // of lo in the file
	end    bool  // all is read
}

// fill reads until n bytes are there that were not taken, or the file ends.
func (w *window) fill(n int) error {
	if n > len(w.buf)-w.lo {
		rest := w.buf[w.lo:w.hi]
		if n > len(w.buf) {
			w.buf = make([]byte, max(windowBytes, n))
		}
		w.lo, w.hi = 0, copy(w.buf, rest)
	}
	for !w.end && w.hi-w.lo < n {
		got, err := w.from.Read(w.buf[w.hi:])
		w.hi += got
		if err == io.EOF {
			w.end = true
		} else if err != nil {
			return err
		}
	}
	return nil
}

// peek shows the next n bytes, fewer at the end of the file. n is at most windowBytes.
func (w *window) peek(n int) ([]byte, error) {
	if err := w.fill(n); err != nil {
		return nil, err
	}
	return w.buf[w.lo:min(w.lo+n, w.hi)], nil
}

// row shows the row that begins n bytes further on, with its line break; it is empty at the end of the file. A line
// break between quotes belongs to its row (RFC 4180).
func (w *window) row(n int) ([]byte, error) {
	for from := 0; ; {
		seen := w.buf[min(w.lo+n, w.hi):w.hi]
		if i := bytes.IndexByte(seen[from:], '\n'); i >= 0 {
			from += i + 1
			if bytes.Count(seen[:from], quote)%2 == 0 {
				return seen[:from], nil
			}
			continue
		}
		switch {
		case w.end:
			return seen, nil
		case len(seen) >= rowBytes:
			return nil, fmt.Errorf("at byte %d: %w", w.off+int64(n), errLongRow)
		}
		from = len(seen)
		if err := w.fill(n + from + 1); err != nil {
			return nil, err
		}
	}
}

// take goes on n bytes further.
func (w *window) take(n int) {
	w.lo += n
	w.off += int64(n)
}
