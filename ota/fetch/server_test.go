package fetch_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/ota/fetch"
)

func TestGet(t *testing.T) {
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s %s %s", r.URL.EscapedPath(), r.UserAgent(), r.Header.Get("Accept-Encoding"))
	}))
	t.Cleanup(web.Close)
	for _, folder := range []string{"/boxes", "/boxes/"} {
		s := source(t, fetch.Config{URL: web.URL + folder, Version: "1.4.0"})
		got, err := s.Get(t.Context(), "targets/1.4.0/arm64/a b%3f?c", 1000)
		if err != nil {
			t.Fatal(err)
		}
		want := "/boxes/targets/1.4.0/arm64/a%20b%253f%3Fc syncbox/1.4.0 identity"
		if d := cmp.Diff(want, string(got)); d != "" {
			t.Errorf("request (-want +got):\n%s", d)
		}
	}
}

func TestGetErrors(t *testing.T) {
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code); io.WriteString(w, "12345") }
	}
	tests := []struct {
		name   string
		answer http.HandlerFunc
		code   fetch.Code
	}{
		{"not there", status(404), fetch.Missing},
		{"gone", status(410), fetch.Missing},
		{"not listed", status(403), fetch.Missing},
		{"broken", status(500), fetch.BadServer},
		{"busy", status(503), fetch.BadServer},
		{"a part that nobody asked for", status(206), fetch.BadServer},
		{"nothing changed since never", status(304), fetch.BadServer},
		{"too big, and says so", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, strings.Repeat("x", 11)) }, fetch.TooBig},
		{"too big, and does not say so", func(w http.ResponseWriter, _ *http.Request) {
			w.(http.Flusher).Flush()
			io.WriteString(w, strings.Repeat("x", 11))
		}, fetch.TooBig},
		{"without end", func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				io.WriteString(w, strings.Repeat("x", 4096))
			}
		}, fetch.TooBig},
		{"packed", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			io.WriteString(w, "12345")
		}, fetch.BadServer},
		{"shorter than it says", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "10")
			io.WriteString(w, "12345")
		}, fetch.Unreachable},
		{"drops the line", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, fetch.Unreachable},
		{"head without end", func(w http.ResponseWriter, _ *http.Request) {
			for i := range 10000 {
				w.Header().Set(fmt.Sprintf("X-%d", i), "x")
			}
		}, fetch.Unreachable},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := serve(t, tt.answer)
			b, err := s.Get(t.Context(), "metadata/timestamp.json", 10)
			want(t, err, tt.code)
			if len(b) > 0 {
				t.Errorf("got %d bytes with an error", len(b))
			}
			if !strings.HasPrefix(err.Error(), "get metadata/timestamp.json from "+s.Host()+": ") {
				t.Errorf("error %q does not name file and server", err)
			}
			if got, want := errors.Is(err, fetch.ErrNotFound), tt.code == fetch.Missing; got != want {
				t.Errorf("not found: got %v, want %v", got, want)
			}
			if got, want := errors.Is(err, fetch.ErrTooBig), tt.code == fetch.TooBig; got != want {
				t.Errorf("too big: got %v, want %v", got, want)
			}
		})
	}
}

func TestGetAsLargeAsAllowed(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "1234567890") })
	if b, err := s.Get(t.Context(), "a", 10); err != nil || string(b) != "1234567890" {
		t.Errorf("got %q, %v", b, err)
	}
}

func TestNobodyListens(t *testing.T) {
	web := httptest.NewServer(http.NotFoundHandler())
	s := source(t, fetch.Config{URL: web.URL})
	web.Close()
	_, err := s.Get(t.Context(), "a", 10)
	want(t, err, fetch.Unreachable)
	_, err = s.Open(t.Context(), "a", 0, 10)
	want(t, err, fetch.Unreachable)
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	if _, err := s.Get(ctx, "a", 10); err != context.Canceled {
		t.Errorf("while it waits: got %v", err)
	}
	if _, err := s.Open(ctx, "a", 0, 10); err != context.Canceled {
		t.Errorf("before it begins: got %v", err)
	}
}

func TestCancelledReader(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "12345")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	r, err := s.Open(ctx, "a", 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := io.ReadFull(r, make([]byte, 5)); err != nil {
		t.Fatal(err)
	}
	go cancel() // while Read waits, or just before: the same
	if _, err := io.ReadAll(r); err != context.Canceled {
		t.Errorf("got %v", err)
	}
}

func TestNames(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) { t.Errorf("asked for %s", r.URL) })
	for _, name := range []string{"", "/a", "../a", "a/../b", "a//b", "a/"} {
		_, err := s.Get(t.Context(), name, 10)
		want(t, err, fetch.Missing)
	}
}

func TestAddresses(t *testing.T) {
	for _, bad := range []string{"", "updates.example", "ftp://u:secret@updates.example", "https://", "https://u:secret@h/?q=1", "https://u:secret@h:x/"} {
		_, err := fetch.NewServer(fetch.Config{URL: bad})
		if err == nil {
			t.Errorf("%q: accepted", bad)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: error %q tells the password", bad, err)
		}
	}
}

func TestRedirects(t *testing.T) {
	var target string
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/a", "/b":
			w.Header().Set("Location", target)
			w.WriteHeader(http.StatusFound)
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusMovedPermanently)
		case "/empty":
			w.WriteHeader(http.StatusFound)
		case "/there/x":
			fmt.Fprint(w, "there ", r.URL.RawQuery)
		case "/1", "/2", "/3", "/4":
			http.Redirect(w, r, map[string]string{"/1": "/2", "/2": "/3", "/3": "/4", "/4": "/there/x"}[r.URL.Path], http.StatusTemporaryRedirect)
		}
	})
	get := func(name string) (string, error) {
		b, err := s.Get(t.Context(), name, 100)
		return string(b), err
	}
	target = "there/x?sig=1"
	if got, err := get("a"); err != nil || got != "there sig=1" {
		t.Errorf("relative: got %q, %v", got, err)
	}
	if got, err := get("2"); err != nil || got != "there " {
		t.Errorf("three: got %q, %v", got, err)
	}
	for _, name := range []string{"1", "loop", "empty"} {
		_, err := get(name)
		want(t, err, fetch.BadServer)
	}
	for _, target = range []string{"ftp://x/y", "file:///etc/passwd", "http://", "http://[::1", "//"} {
		_, err := get("b")
		want(t, err, fetch.BadServer)
	}
}

// certificates gives what makes a client believe a server of the tests.
func certificates(web *httptest.Server) *tls.Config {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: web.Certificate().Raw}))
	return &tls.Config{RootCAs: pool}
}

func TestTLS(t *testing.T) {
	plain := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "in clear") }))
	t.Cleanup(plain.Close)
	web := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/down" {
			http.Redirect(w, r, plain.URL, http.StatusFound)
			return
		}
		io.WriteString(w, "sealed")
	}))
	web.Config.ErrorLog = log.New(io.Discard, "", 0) // it tells who does not believe it
	web.StartTLS()
	t.Cleanup(web.Close)
	s := source(t, fetch.Config{URL: web.URL, TLS: certificates(web)})
	if b, err := s.Get(t.Context(), "a", 10); err != nil || string(b) != "sealed" {
		t.Errorf("got %q, %v", b, err)
	}
	_, err := s.Get(t.Context(), "down", 10)
	want(t, err, fetch.BadServer)
	_, err = source(t, fetch.Config{URL: web.URL}).Get(t.Context(), "a", 10)
	want(t, err, fetch.Unreachable)
	var unknown x509.UnknownAuthorityError
	if !errors.As(err, &unknown) {
		t.Errorf("cause is lost: %v", err)
	}
}

func TestProxy(t *testing.T) {
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "by proxy to %s", r.URL)
	}))
	t.Cleanup(proxy.Close)
	at, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	s := source(t, fetch.Config{URL: "http://updates.invalid", Proxy: http.ProxyURL(at)})
	b, err := s.Get(t.Context(), "a", 100)
	if want := "by proxy to http://updates.invalid/a"; err != nil || string(b) != want {
		t.Errorf("got %q, %v; want %q", b, err, want)
	}
}

// Nothing that is secret stands in an error: passwords of server and proxy, signatures in redirects.
func TestErrorsHoldNoSecrets(t *testing.T) {
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, password, _ := r.BasicAuth()
		if name+password != "anna"+"geheim" {
			t.Errorf("%s: log-on %q", r.URL.Path, name)
		}
		switch r.URL.Path {
		case "/away":
			http.Redirect(w, r, "http://u:geheim@127.0.0.1:1/x?sig=geheim", http.StatusFound)
		case "/odd":
			w.Header().Set("Location", "http://u:geheim@127.0.0.1:1%zz/x?sig=geheim")
			w.WriteHeader(http.StatusFound)
		case "/drop":
			panic(http.ErrAbortHandler)
		default:
			w.WriteHeader(500)
		}
	}))
	t.Cleanup(web.Close)
	address := strings.Replace(web.URL, "http://", "http://anna:geheim@", 1)
	servers := map[string]fetch.Config{
		"straight":      {URL: address},
		"by proxy":      {URL: "http://anna:geheim@updates.invalid", Proxy: http.ProxyURL(&url.URL{Scheme: "http", Host: "127.0.0.1:1", User: url.UserPassword("p", "geheim")})},
		"by no proxy":   {URL: "http://anna:geheim@updates.invalid", Proxy: func(*http.Request) (*url.URL, error) { return nil, errors.New("http://p:geheim@host") }},
		"by TLS proxy":  {URL: "https://anna:geheim@updates.invalid", Proxy: http.ProxyURL(&url.URL{Scheme: "http", Host: "127.0.0.1:1", User: url.UserPassword("p", "geheim")})},
		"unknown host":  {URL: "http://anna:geheim@updates.invalid"},
		"not a web one": {URL: "http://anna:geheim@127.0.0.1:1"},
	}
	for name, c := range servers {
		s := source(t, c)
		for _, file := range []string{"away", "odd", "drop", "broken"} {
			_, err := s.Get(t.Context(), file, 10)
			_, err2 := s.Open(t.Context(), file, 0, 10)
			for _, err := range []error{err, err2} {
				if err == nil || strings.Contains(err.Error(), "geheim") {
					t.Errorf("%s, %s: got error %v", name, file, err)
				}
			}
		}
	}
}

func TestLogOnStaysAtHome(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.Header.Get("Authorization"), r.Header.Get("Referer"), r.Header.Get("Cookie"))
	}))
	t.Cleanup(other.Close)
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "a", Value: "b"})
		http.Redirect(w, r, other.URL+"/x", http.StatusFound)
	}))
	t.Cleanup(web.Close)
	s := source(t, fetch.Config{URL: strings.Replace(web.URL, "http://", "http://anna:geheim@", 1)})
	if b, err := s.Get(t.Context(), "a", 100); err != nil || len(b) != 0 {
		t.Errorf("the other server was told %q, %v", b, err)
	}
}
