package web_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"path/filepath"
	"testing"
	"time"

	"syncbox/firmware/internal/storytest"
	"syncbox/firmware/internal/web"
	"syncbox/firmware/internal/web/owncert"
)

// freePort gives a port that nobody has.
func freePort(t *testing.T) int {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// With HTTPS, the page is had over TLS with the box's own certificate alone, and HTTP only leads there.
func TestHTTPS(t *testing.T) {
	cert, err := owncert.Load(filepath.Join(t.TempDir(), "page.pem"), owncert.Names{Hosts: []string{"localhost"}, Addresses: []netip.Addr{netip.MustParseAddr("127.0.0.1")}}, time.Now())
	must(t, err)
	s := &web.Server{Port: freePort(t), Secure: freePort(t), Certificate: func() (tls.Certificate, error) { return cert, nil }, Log: slog.New(slog.DiscardHandler),
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprintf(w, "tls %v", r.TLS != nil) })}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	trust := x509.NewCertPool()
	trust.AddCert(cert.Leaf)
	v := &visitor{t, &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trust}}}, fmt.Sprintf("http://127.0.0.1:%d", s.Port)}
	must(t, storytest.Until(ctx, "the page is served", time.Minute, func() bool {
		for _, port := range []int{s.Port, s.Secure} {
			c, err := (&net.Dialer{}).DialContext(ctx, "tcp", fmt.Sprintf("127.0.0.1:%d", port))
			if err != nil {
				return false
			}
			_ = c.Close()
		}
		return true
	}))
	if a := v.get("/journal?job=nord"); a.text != "tls true" || a.path != "/journal?job=nord" {
		t.Errorf("got %q at %s", a.text, a.path)
	}
	cancel()
	must(t, <-done)
}
