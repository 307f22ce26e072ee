package attacktest_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"bytes"
	"time"
)

// server serves a repository by HTTP. It is honest unless spoil is set.
type server struct {
	name      string
	dir       string
	transport *http.Transport

	// spoil may answer a request in its own way; then it says so.
	spoil func(w http.ResponseWriter, r *http.Request, name string) bool

	mu    sync.Mutex
	asked []string
	sent  int64 // bytes of answers
}

// serve begins a server, which ends with the world.
func (w *world) serve(dir string) *server {
	line := &line{conns: make(chan net.Conn), closed: make(chan struct{})}
	w.servers++
	s := &server{name: fmt.Sprintf("server%d.test", w.servers), dir: dir}
	s.transport = &http.Transport{DialContext: line.dial}
	h := &http.Server{Handler: s}
	done := make(chan struct{})
	go func() { h.Serve(line); close(done) }()
	w.t.Cleanup(func() { h.Close(); s.transport.CloseIdleConnections(); <-done })
	return s
}

// ServeHTTP answers with a file of the repository.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, "/")
	s.mu.Lock()
	s.asked = append(s.asked, name)
	s.mu.Unlock()
	w = &counting{w, s}
	if s.spoil != nil && s.spoil(w, r, name) {
		return
	}
	b, err := os.ReadFile(filepath.Join(s.dir, filepath.FromSlash(name)))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	give(w, r, b)
}

// give answers with a content, or a range of it.
func give(w http.ResponseWriter, r *http.Request, b []byte) {
	w.Header().Set("ETag", fmt.Sprintf(`"%x"`, sha256.Sum256(b)))
	w.Header().Set("Content-Type", "application/octet-stream")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(b))
}

// names gives what was asked for, each once.
func (s *server) names() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := map[string]int{}
	for _, n := range s.asked {
		all[n]++
	}
	return all
}

func (s *server) bytes() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sent
}

// counting counts what the other side has taken.
type counting struct {
	http.ResponseWriter
	s *server
}

func (c *counting) Write(b []byte) (int, error) {
	n, err := c.ResponseWriter.Write(b)
	c.s.mu.Lock()
	c.s.sent += int64(n)
	c.s.mu.Unlock()
	return n, err
}

func (c *counting) Flush() { c.ResponseWriter.(http.Flusher).Flush() }

// line is a network of one server, in memory.
type line struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (l *line) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case l.conns <- there:
		return here, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Accept, Close and Addr make it a net.Listener.
func (l *line) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *line) Close() error   { l.once.Do(func() { close(l.closed) }); return nil }
func (l *line) Addr() net.Addr { return &net.UnixAddr{Name: "line", Net: "pipe"} }
