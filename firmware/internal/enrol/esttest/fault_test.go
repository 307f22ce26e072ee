package esttest_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"testing"
	"time"

	"syncbox/firmware/internal/enrol/esttest"
)

func TestEarlyFaults(t *testing.T) {
	tests := []struct {
		fault  esttest.Fault
		status int
		header string
		want   string
	}{
		{esttest.Fault{Kind: esttest.Wait, After: "120"}, 202, "Retry-After", "120"},
		{esttest.Fault{Kind: esttest.Wait}, 202, "Retry-After", ""},
		{esttest.Fault{Kind: esttest.Away, After: "-5"}, 503, "Retry-After", "-5"},
		{esttest.Fault{Kind: esttest.Deny}, 401, "WWW-Authenticate", `Basic realm="claim"`},
		{esttest.Fault{Kind: esttest.Forbid}, 403, "", ""},
		{esttest.Fault{Kind: esttest.Break}, 500, "", ""},
		{esttest.Fault{Kind: esttest.Portal}, 200, "Content-Type", "text/html; charset=utf-8"},
		{esttest.Fault{Kind: esttest.Redirect, To: "http://127.0.0.1:1/"}, 307, "Location", "http://127.0.0.1:1/"},
	}
	for _, tt := range tests {
		t.Run(string(tt.fault.Kind), func(t *testing.T) {
			s := start(t)
			s.Next(tt.fault)
			request := first(csr(t, "SB-0001", key(t)))
			a := do(t, s, request)
			if a.status != tt.status || a.header.Get(tt.header) != tt.want || last(t, s).Fault != tt.fault.Kind {
				t.Errorf("got %d, %v, journal %+v", a.status, a.header, last(t, s))
			}
			if s.Last("SB-0001") != nil {
				t.Error("a certificate was signed")
			}
			if a := do(t, s, request); a.status != 200 {
				t.Errorf("afterwards: got %d", a.status)
			}
		})
	}
}

func TestFalseCertificates(t *testing.T) {
	for _, kind := range []esttest.Kind{esttest.OtherKey, esttest.OtherName, esttest.OtherCA, esttest.Expired, esttest.NotYet, esttest.Usage} {
		t.Run(string(kind), func(t *testing.T) {
			s := start(t)
			s.Next(esttest.Fault{Kind: kind})
			k := key(t)
			cert := do(t, s, first(csr(t, "SB-0001", k))).certs(t)[0]
			wrong := map[esttest.Kind]bool{
				esttest.OtherKey: !k.PublicKey.Equal(cert.PublicKey), esttest.OtherName: cert.Subject.CommonName != "SB-0001",
				esttest.OtherCA: cert.CheckSignatureFrom(s.Root()) != nil, esttest.Expired: cert.NotAfter.Before(now),
				esttest.NotYet: cert.NotBefore.After(now), esttest.Usage: cert.ExtKeyUsage[0] == x509.ExtKeyUsageServerAuth,
			}
			for what, is := range wrong {
				if is != (what == kind) {
					t.Errorf("%s: got %v", what, is)
				}
			}
			if s.Last("SB-0001") != nil {
				t.Error("counts as given")
			}
		})
	}
}

func TestOldEmptyCrowd(t *testing.T) {
	s := start(t)
	k := key(t)
	mine := enrolled(t, s, k)
	again := func(fault esttest.Kind) []*x509.Certificate {
		s.Next(esttest.Fault{Kind: fault, Operation: "simplereenroll"})
		return do(t, s, ask{operation: "simplereenroll", body: base64.StdEncoding.EncodeToString(csr(t, "SB-0001", key(t))), as: mine}).certs(t)
	}
	if got := again(esttest.Old); len(got) != 1 || !same(got[0].Raw, mine.Certificate[0]) {
		t.Errorf("old: got %d certificates", len(got))
	}
	if got := again(esttest.Empty); len(got) != 0 {
		t.Errorf("empty: got %d certificates", len(got))
	}
	if got := again(esttest.Crowd); len(got) != 3 || !got[2].Equal(s.Last("SB-0001")) || got[1].CheckSignatureFrom(s.Root()) == nil {
		t.Errorf("crowd: got %d certificates", len(got))
	}
}

func TestFalseAuthority(t *testing.T) {
	s := start(t)
	s.Next(esttest.Fault{Kind: esttest.OtherCA}, esttest.Fault{Kind: esttest.Empty})
	request := ask{method: "GET", operation: "cacerts"}
	if got := do(t, s, request).certs(t); len(got) != 1 || got[0].Equal(s.Root()) || got[0].Subject.CommonName != s.Root().Subject.CommonName {
		t.Errorf("another one: got %d certificates", len(got))
	}
	if got := do(t, s, request).certs(t); len(got) != 0 {
		t.Errorf("none: got %d certificates", len(got))
	}
	if got := do(t, s, request).certs(t); len(got) != 1 || !got[0].Equal(s.Root()) {
		t.Errorf("afterwards: got %d certificates", len(got))
	}
}

func TestBrokenAnswers(t *testing.T) {
	for _, kind := range []esttest.Kind{esttest.Truncated, esttest.Garbage, esttest.Rubbish, esttest.Short, esttest.Lost, esttest.Oversized} {
		t.Run(string(kind), func(t *testing.T) {
			s := start(t)
			s.Next(esttest.Fault{Kind: kind})
			request := first(csr(t, "SB-0001", key(t)))
			a := do(t, s, request)
			der, base64Err := base64.StdEncoding.DecodeString(string(a.body))
			switch kind {
			case esttest.Truncated, esttest.Garbage:
				if a.err != nil || base64Err != nil || len(der) == 0 {
					t.Errorf("got %d bytes, %v, %v", len(a.body), a.err, base64Err)
				}
			case esttest.Rubbish:
				if a.err != nil || base64Err == nil {
					t.Errorf("got %d bytes, %v, %v", len(a.body), a.err, base64Err)
				}
			case esttest.Short, esttest.Lost:
				if a.err == nil {
					t.Errorf("got %d bytes, and no error", len(a.body))
				}
			case esttest.Oversized:
				if len(a.body) != 16<<20 {
					t.Errorf("got %d bytes", len(a.body))
				}
			}
			if s.Last("SB-0001") == nil {
				t.Error("nothing was signed")
			}
			if a := do(t, s, request); a.status != 200 {
				t.Errorf("afterwards: got %d", a.status)
			}
		})
	}
}

// A server that says nothing more holds the client until the client has had enough.
func TestStalls(t *testing.T) {
	for _, kind := range []esttest.Kind{esttest.Slow, esttest.Hang} {
		t.Run(string(kind), func(t *testing.T) {
			s := start(t)
			s.Next(esttest.Fault{Kind: kind})
			a := first(csr(t, "SB-0001", key(t)))
			sent := make(chan struct{})
			ctx, enough := context.WithCancel(httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
				WroteRequest: func(httptrace.WroteRequestInfo) { close(sent) },
			}))
			defer enough()
			r, err := http.NewRequestWithContext(ctx, "POST", s.URL+"/simpleenroll", strings.NewReader(a.body))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/pkcs10")
			r.SetBasicAuth(a.user, a.claim)
			go func() {
				if <-sent; kind == esttest.Hang {
					enough()
				}
			}()
			transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: s.Roots(), Time: func() time.Time { return now }}}
			defer transport.CloseIdleConnections()
			back, err := transport.RoundTrip(r)
			if kind == esttest.Hang {
				if err == nil {
					t.Errorf("answered with %s", back.Status)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer back.Body.Close()
			if _, err := io.ReadFull(back.Body, make([]byte, back.ContentLength/2)); err != nil {
				t.Fatal(err)
			}
			if j := s.Journal(); len(j) != 0 {
				t.Errorf("does not hold the client: %+v", j)
			}
			enough()
			if text, err := io.ReadAll(back.Body); err == nil {
				t.Errorf("%d bytes more", len(text))
			}
		})
	}
}
