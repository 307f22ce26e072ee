package rest

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"syscall"

	"syncbox/connectors"
)

// progress notes how far a request came. Its hooks may run after the exchange has ended.
type progress struct {
	asked atomic.Bool // the transport looked for a connection, so it tells the rest as well
	begun atomic.Bool // it began to write
}

func (p *progress) hooks() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn:          func(string) { p.asked.Store(true) },
		WroteHeaderField: func(string, []string) { p.begun.Store(true) },
		WroteHeaders:     func() { p.begun.Store(true) },
		WroteRequest:     func(httptrace.WroteRequestInfo) { p.begun.Store(true) },
	}
}

// certainlyUnsent says that no byte of the request reached the server: no name, no connection, no
// handshake, or the end before writing began. A transport that tells nothing is not believed.
func (p *progress) certainlyUnsent(err error) bool {
	if p.begun.Load() {
		return false
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" {
		return true
	}
	return p.asked.Load()
}

// lost makes the error of an exchange that got no whole answer.
func (c *Client) lost(r Request, err error, certain bool) error {
	code := c.cfg.Codes.Unreachable
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		code = c.cfg.Codes.Certificate
	}
	return &connectors.Error{Kind: connectors.Unavailable, Code: code, Err: c.clean(r, err, certain)}
}

// unsent makes the error of a request that was not even tried.
func (c *Client) unsent(r Request, err error) error { return c.lost(r, err, true) }

func (c *Client) clean(r Request, err error, certain bool) error {
	for {
		outer, ok := errors.AsType[*url.Error](err)
		if !ok {
			break
		}
		err = outer.Err
	}
	text := fmt.Sprintf("%s %s: %s", r.Method, c.cfg.Secrets.URL(r.URL), c.cfg.Secrets.Hide(err.Error()))
	return failure(text, certain, err)
}

// told is an error whose text is ours. It keeps no other error, for these hold URLs and what servers
// wrote; only which well-known ones there were.
type told struct {
	text string
	is   []error
}

func (t *told) Error() string   { return t.text }
func (t *told) Unwrap() []error { return t.is }

// wellKnown are the errors without any content of their own that callers ask for.
var wellKnown = []error{context.Canceled, context.DeadlineExceeded, io.EOF, io.ErrUnexpectedEOF, syscall.ECONNREFUSED, syscall.ECONNRESET}

func failure(text string, certain bool, causes ...error) error {
	t := &told{text: text}
	for _, known := range wellKnown {
		if errors.Is(errors.Join(causes...), known) {
			t.is = append(t.is, known)
		}
	}
	if certain {
		t.is = append(t.is, ErrNotApplied)
	}
	return t
}
