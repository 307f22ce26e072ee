package fetch_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"syncbox/ota/fetch"
)

// TestSentAhead has a server that sends as fast as it can, by HTTP/2, to a box that is busy with something else: what it gets
// rid of meanwhile lies in the box's memory.
func TestSentAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const size = 16 << 20
		var sent, protocol atomic.Int64
		p := pipes{make(chan net.Conn), make(chan struct{})}
		web := httptest.Server{Listener: &closing{pipes: p}, EnableHTTP2: true, Config: &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			protocol.Store(int64(r.ProtoMajor))
			piece := make([]byte, 16<<10)
			for range size / len(piece) {
				n, err := w.Write(piece)
				sent.Add(int64(n))
				if err != nil {
					return
				}
			}
		})}}
		web.StartTLS()
		roots := x509.NewCertPool()
		roots.AddCert(web.Certificate())
		transport := fetch.OwnTransport(fetch.Config{TLS: &tls.Config{RootCAs: roots, Time: func() time.Time { return web.Certificate().NotBefore.Add(time.Hour) }}}, time.Minute)
		transport.DialContext = p.dial
		s := source(t, fetch.Config{URL: "https://example.com", Transport: transport})
		r, err := s.Open(t.Context(), "targets/a", 0, size)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(r, make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
		synctest.Wait() // nobody can go on
		if got := sent.Load(); protocol.Load() != 2 || got > fetch.MaxAhead+64<<10 || got < fetch.MaxAhead/2 {
			t.Errorf("%d bytes were sent ahead by HTTP/%d, want at most %d", got, protocol.Load(), fetch.MaxAhead)
		}
		if n, err := io.Copy(io.Discard, r); n != size-1 || err != nil {
			t.Errorf("%d bytes, %v", n, err)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		transport.CloseIdleConnections()
		web.Close()
	})
}

// closing is a network that may be closed twice.
type closing struct {
	pipes
	once sync.Once
}

func (c *closing) Close() (err error) {
	c.once.Do(func() { err = c.pipes.Close() })
	return err
}
