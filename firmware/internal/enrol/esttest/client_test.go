package esttest_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"io"
	mathrand "math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"syncbox/firmware/internal/enrol/esttest"
)

var now = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

// start runs a server that knows a box by the name of SB-0001.
func start(t *testing.T, change ...func(*esttest.Settings)) *esttest.Server {
	t.Helper()
	set := esttest.Settings{Now: func() time.Time { return now }, Chance: mathrand.NewChaCha8([32]byte{1})}
	for _, c := range change {
		c(&set)
	}
	s, err := esttest.Start(set)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	s.Register("SB-0001", "C7Q4-XM2P")
	return s
}

func key(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func csr(t *testing.T, name string, k crypto.Signer) []byte {
	t.Helper()
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: pkix.Name{CommonName: name}}, k)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// ask is one request, as a client could make it.
type ask struct {
	method, operation string // POST
	user, claim       string
	body              string
	kind, encoding    string // application/pkcs10
	as                *tls.Certificate
}

// first asks for a box's first certificate, in good order.
func first(der []byte) ask {
	return ask{operation: "simpleenroll", user: "SB-0001", claim: "C7Q4-XM2P", body: base64.StdEncoding.EncodeToString(der)}
}

type answer struct {
	status int
	header http.Header
	body   []byte
	err    error // of the reading of the body, or of the request
}

// do makes a request. The server's certificate is checked at the time of the test.
func do(t *testing.T, s *esttest.Server, a ask) answer { t.Helper(); return doAt(t, s, a, now) }

func doAt(t *testing.T, s *esttest.Server, a ask, at time.Time) answer {
	t.Helper()
	trust := &tls.Config{RootCAs: s.Roots(), Time: func() time.Time { return at }}
	if a.as != nil {
		trust.Certificates = []tls.Certificate{*a.as}
	}
	transport := &http.Transport{TLSClientConfig: trust, DisableKeepAlives: true}
	defer transport.CloseIdleConnections()
	method, kind := a.method, a.kind
	if method == "" {
		method = http.MethodPost
	}
	if kind == "" {
		kind = "application/pkcs10"
	}
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL+"/"+a.operation, strings.NewReader(a.body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", kind)
	if a.encoding != "" {
		r.Header.Set("Content-Transfer-Encoding", a.encoding)
	}
	if a.user != "" {
		r.SetBasicAuth(a.user, a.claim)
	}
	back, err := transport.RoundTrip(r) // a redirection is not followed
	if err != nil {
		return answer{err: err}
	}
	defer back.Body.Close()
	body, err := io.ReadAll(back.Body)
	return answer{back.StatusCode, back.Header, body, err}
}

// certs reads the certificates of an answer.
func (a answer) certs(t *testing.T) (all []*x509.Certificate) {
	t.Helper()
	der, err := base64.StdEncoding.DecodeString(string(a.body))
	if err != nil || a.status != http.StatusOK {
		t.Fatalf("status %d, %d bytes: %v", a.status, len(a.body), err)
	}
	var outer struct {
		Type    asn1.ObjectIdentifier
		Content struct {
			Version int
			Digests asn1.RawValue
			Content asn1.RawValue
			Certs   asn1.RawValue `asn1:"optional,tag:0"`
			Signers asn1.RawValue
		} `asn1:"explicit,tag:0"`
	}
	if rest, err := asn1.Unmarshal(der, &outer); err != nil || len(rest) > 0 {
		t.Fatalf("PKCS#7: %v, %d bytes after it", err, len(rest))
	}
	all, err = x509.ParseCertificates(outer.Content.Certs.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// enrolled gives a box its first certificate.
func enrolled(t *testing.T, s *esttest.Server, k *ecdsa.PrivateKey) *tls.Certificate {
	t.Helper()
	certs := do(t, s, first(csr(t, "SB-0001", k))).certs(t)
	if len(certs) != 1 {
		t.Fatalf("got %d certificates", len(certs))
	}
	return &tls.Certificate{Certificate: [][]byte{certs[0].Raw}, PrivateKey: k}
}

func last(t *testing.T, s *esttest.Server) esttest.Entry {
	t.Helper()
	j := s.Journal()
	if len(j) == 0 {
		t.Fatal("journal is empty")
	}
	return j[len(j)-1]
}

func same(a, b []byte) bool { return bytes.Equal(a, b) }
