package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// Open gives a stretch of a file by a range request (RFC 9110, section 14). A server that knows no ranges sends the whole
// file, whose beginning is then read in vain. Once a file has shown a strong entity tag, a server that has another
// file in its place by now gives an error of code Changed.
func (s *Server) Open(ctx context.Context, name string, offset, length int64) (io.ReadCloser, error) {
	if offset < 0 || length < 1 || offset+length < offset {
		return nil, &Error{BadServer, name, s.base.Host, fmt.Errorf("no stretch %d+%d", offset, length)}
	}
	tag := s.tags.of(name)
	head := http.Header{"Range": {fmt.Sprintf("bytes=%d-%d", offset, offset+length-1)}}
	if tag != "" {
		head.Set("If-Range", tag)
	}
	a, err := s.ask(ctx, name, head)
	if err != nil {
		return nil, err
	}
	if err := s.begin(ctx, a, tag, offset, length); err != nil {
		a.Close()
		return nil, err
	}
	return &file{
		stretch: stretch{a.body, length}, Closer: a, ctx: ctx,
		wrap: func(err error) error { return a.fail(code(err), err) },
	}, nil
}

// begin brings an answer's body to the beginning of the stretch.
func (s *Server) begin(ctx context.Context, a *answer, tag string, offset, length int64) error {
	var err error
	switch a.StatusCode {
	case http.StatusPartialContent:
		err = a.rightRange(offset, length)
	case http.StatusOK:
		if a.ContentLength >= 0 && a.ContentLength < offset+length {
			err = fmt.Errorf("file of %d bytes, want at least %d", a.ContentLength, offset+length)
		}
	case http.StatusRequestedRangeNotSatisfiable:
		err = fmt.Errorf("status 416: no bytes %d+%d", offset, length)
	default:
		return a.unexpected()
	}
	now := a.Header.Get("ETag")
	if tag != "" && now != tag && (now != "" || a.StatusCode == http.StatusOK) && a.StatusCode < 300 {
		s.tags.forget(a.name)
		return a.fail(Changed, errors.New("another file than the one that was begun"))
	}
	if err != nil {
		return a.fail(BadServer, err)
	}
	s.tags.set(a.name, now)
	if a.StatusCode == http.StatusOK {
		err = skip(a.body, offset)
	}
	switch {
	case err != nil && ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return a.fail(code(err), err)
	}
	return nil
}

// rightRange says what is wrong with the range that is answered. One that ends early is right; the reader tells it.
func (a *answer) rightRange(offset, length int64) error {
	text := a.Header.Get("Content-Range")
	first, last, total, ok := parseRange(text)
	switch {
	case !ok:
		return fmt.Errorf("range %.60q", text)
	case first != offset || last >= offset+length:
		return fmt.Errorf("bytes %d to %d, want %d to %d", first, last, offset, offset+length-1)
	case total >= 0 && total < offset+length:
		return fmt.Errorf("file of %d bytes, want at least %d", total, offset+length)
	case a.ContentLength >= 0 && a.ContentLength != last-first+1:
		return fmt.Errorf("%d bytes for bytes %d to %d", a.ContentLength, first, last)
	}
	a.body = io.LimitReader(a.body, last-first+1)
	return nil
}

// parseRange reads "bytes 0-499/1234"; total is -1 for "*".
func parseRange(text string) (first, last, total int64, ok bool) {
	rest, unit := strings.CutPrefix(text, "bytes ")
	span, whole, slash := strings.Cut(rest, "/")
	from, to, dash := strings.Cut(span, "-")
	if !unit || !slash || !dash {
		return 0, 0, 0, false
	}
	first, ok1 := number(from)
	last, ok2 := number(to)
	total, ok3 := number(whole)
	if whole == "*" {
		total, ok3 = -1, true
	}
	return first, last, total, ok1 && ok2 && ok3 && first <= last
}

// number reads digits only.
func number(s string) (int64, bool) {
	n, err := strconv.ParseUint(s, 10, 63)
	return int64(n), err == nil
}

// tags are the strong entity tags of files that were begun.
type tags struct {
	mu sync.Mutex // guards m
	m  map[string]string
}

// maxTags and maxTag bound what a server can make us remember.
const (
	maxTags = 64
	maxTag  = 256
)

func (t *tags) of(name string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.m[name]
}

func (t *tags) forget(name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.m, name)
}

// set remembers a tag if it is a strong one: it alone says that bytes are the same.
func (t *tags) set(name, tag string) {
	if len(tag) < 2 || len(tag) > maxTag || tag[0] != '"' || tag[len(tag)-1] != '"' {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.m == nil || len(t.m) >= maxTags {
		t.m = map[string]string{}
	}
	t.m[name] = tag
}
