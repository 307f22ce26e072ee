package fetch_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"syncbox/ota/fetch"
)

// serve starts a server on this machine, and gives a Source out of it.
func serve(t *testing.T, h http.HandlerFunc) *fetch.Server {
	t.Helper()
	web := httptest.NewServer(h)
	t.Cleanup(web.Close)
	return source(t, fetch.Config{URL: web.URL})
}

func source(t *testing.T, c fetch.Config) *fetch.Server {
	t.Helper()
	s, err := fetch.NewServer(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// pipes is a network without sockets, so that its time can be that of synctest.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
}

func (p pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p pipes) Close() error { close(p.done); return nil }

func (p pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipes", Net: "pipe"} }

func (p pipes) dial(context.Context, string, string) (net.Conn, error) {
	near, far := net.Pipe()
	p.conns <- far
	return near, nil
}

// serveInBubble is serve without sockets; the bubble ends once the test's cleanups have run.
func serveInBubble(t *testing.T, c fetch.Config, h http.HandlerFunc) *fetch.Server {
	t.Helper()
	p := pipes{make(chan net.Conn), make(chan struct{})}
	var busy sync.WaitGroup
	web := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		busy.Add(1)
		defer busy.Done()
		h(w, r)
	})}
	busy.Go(func() { web.Serve(p) })
	transport := &http.Transport{DialContext: p.dial, DisableCompression: true}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		web.Close()
		busy.Wait()
	})
	c.URL, c.Transport = "http://updates.example", transport
	return source(t, c)
}

// want holds an error against a code.
func want(t *testing.T, err error, code fetch.Code) {
	t.Helper()
	var e *fetch.Error
	if !errors.As(err, &e) || e.Code != code {
		t.Fatalf("got error %v, want one of code %s", err, code)
	}
}

// readAll reads and closes.
func readAll(t *testing.T, r io.ReadCloser) (string, error) {
	t.Helper()
	b, err := io.ReadAll(r)
	if err := r.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	return string(b), err
}
