package esttest_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	mathrand "math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/firmware/internal/enrol/esttest"
	"syncbox/firmware/internal/support/brokertest"
)

func TestAuthority(t *testing.T) {
	s := start(t)
	a := do(t, s, ask{method: "GET", operation: "cacerts"})
	if certs := a.certs(t); len(certs) != 1 || !certs[0].Equal(s.Root()) || !certs[0].IsCA {
		t.Errorf("got %d certificates", len(certs))
	}
	if got := a.header.Get("Content-Type"); got != "application/pkcs7-mime" {
		t.Errorf("content type: got %q", got)
	}
}

func TestFirstAndNext(t *testing.T) {
	s := start(t)
	k := key(t)
	a := do(t, s, first(csr(t, "SB-0001", k)))
	cert := a.certs(t)[0]
	if got := a.header.Get("Content-Type"); got != "application/pkcs7-mime; smime-type=certs-only" {
		t.Errorf("content type: got %q", got)
	}
	_, err := cert.Verify(x509.VerifyOptions{Roots: s.Roots(), CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	if err != nil || cert.Subject.CommonName != "SB-0001" || !k.PublicKey.Equal(cert.PublicKey) || !cert.NotAfter.Equal(now.Add(365*24*time.Hour)) {
		t.Errorf("got %s until %s: %v", cert.Subject, cert.NotAfter, err)
	}

	next := key(t)
	old := &tls.Certificate{Certificate: [][]byte{cert.Raw}, PrivateKey: k}
	again := ask{operation: "simplereenroll", body: base64.StdEncoding.EncodeToString(csr(t, "SB-0001", next)), as: old}
	renewed := do(t, s, again).certs(t)[0]
	if !next.PublicKey.Equal(renewed.PublicKey) || renewed.SerialNumber.Cmp(cert.SerialNumber) == 0 || !s.Last("SB-0001").Equal(renewed) {
		t.Errorf("got %s, serial %d", renewed.Subject, renewed.SerialNumber)
	}

	want := []esttest.Entry{
		{At: now, Operation: "simpleenroll", User: "SB-0001", Name: "SB-0001", Key: esttest.KeyHash(cert.RawSubjectPublicKeyInfo), Status: 200, Issued: serial(cert)},
		{At: now, Operation: "simplereenroll", Peer: "SB-0001", Name: "SB-0001", Key: esttest.KeyHash(renewed.RawSubjectPublicKeyInfo), Status: 200, Issued: serial(renewed)},
	}
	if d := cmp.Diff(want, s.Journal()); d != "" {
		t.Errorf("journal (-want +got):\n%s", d)
	}
	if told := fmt.Sprintf("%+v", s.Journal()); strings.Contains(told, "C7Q4") {
		t.Error("the journal has a claim code in it")
	}
}

func serial(c *x509.Certificate) string { return fmt.Sprintf("%x", c.SerialNumber.Bytes()) }

func TestRefuses(t *testing.T) {
	k := key(t)
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Logf("no weak RSA key on this machine: %v", err)
	}
	p224, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	good := csr(t, "SB-0001", k)
	bad := append([]byte(nil), good...)
	bad[len(bad)-1] ^= 1
	change := func(f func(*ask)) ask { a := first(good); f(&a); return a }
	tests := []struct {
		name   string
		ask    ask
		status int
		why    string
	}{
		{"good", first(good), 200, ""},
		{"good with encoding", change(func(a *ask) { a.encoding = "base64" }), 200, ""},
		{"good in lines", change(func(a *ask) { a.body = a.body[:64] + "\r\n" + a.body[64:] }), 200, ""},
		{"no claim", change(func(a *ask) { a.user = "" }), 401, "no claim"},
		{"wrong claim", change(func(a *ask) { a.claim = "C7Q4-XM2Q" }), 401, "wrong claim"},
		{"unknown serial", change(func(a *ask) { a.user = "SB-0002" }), 401, "unknown serial"},
		{"signature", first(bad), 400, "signature of the request"},
		{"another name", first(csr(t, "SB-0002", k)), 400, "name mismatch"},
		{"weak key", first(csr(t, "SB-0001", p224)), 400, "weak key"},
		{"content type", change(func(a *ask) { a.kind = "application/pkcs7-mime" }), 415, "content type"},
		{"transfer encoding", change(func(a *ask) { a.encoding = "binary" }), 400, "transfer encoding"},
		{"DER as it is", change(func(a *ask) { a.body = string(good) }), 400, "no base64"},
		{"PEM", change(func(a *ask) { a.body = "-----BEGIN CERTIFICATE REQUEST-----\n" + a.body }), 400, "no base64"},
		{"no request", change(func(a *ask) { a.body = "QUJD" }), 400, "no PKCS#10"},
		{"too big", change(func(a *ask) { a.body = strings.Repeat("QUJD", 5000) }), 413, "too big"},
		{"method", change(func(a *ask) { a.method = "PUT" }), 405, "method PUT"},
		{"operation", change(func(a *ask) { a.operation = "serverkeygen" }), 404, "no such operation"},
		{"renewal without a certificate", change(func(a *ask) { a.operation = "simplereenroll" }), 401, "no certificate"},
	}
	if weak != nil {
		tests = append(tests, tests[8])
		tests[len(tests)-1].name, tests[len(tests)-1].ask = "weak RSA key", first(csr(t, "SB-0001", weak))
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := start(t)
			a := do(t, s, tt.ask)
			e := last(t, s)
			if a.status != tt.status || e.Status != tt.status || e.Why != tt.why {
				t.Errorf("got %d, journal %+v, want %d for %q", a.status, e, tt.status, tt.why)
			}
			if (a.header.Get("WWW-Authenticate") != "") != (tt.status == 401) {
				t.Errorf("challenge: got %q", a.header.Get("WWW-Authenticate"))
			}
			if (s.Last("SB-0001") != nil) != (tt.status == 200) {
				t.Error("a certificate, though refused; or none, though not")
			}
		})
	}
}

func TestRenewalRefuses(t *testing.T) {
	var later atomic.Int64 // nanoseconds after the beginning
	at := func() time.Time { return now.Add(time.Duration(later.Load())) }
	s := start(t, func(set *esttest.Settings) { set.Now = at })
	k := key(t)
	mine := enrolled(t, s, k)
	stranger := start(t, func(set *esttest.Settings) { set.Chance = mathrand.NewChaCha8([32]byte{2}) })
	renewal := func(name string, as *tls.Certificate) ask {
		return ask{operation: "simplereenroll", body: base64.StdEncoding.EncodeToString(csr(t, name, key(t))), as: as}
	}
	if a := do(t, s, renewal("SB-0001", mine)); a.status != 200 {
		t.Errorf("good one: got %d", a.status)
	}
	if a := do(t, s, renewal("SB-0002", mine)); a.status != 400 || last(t, s).Why != "name mismatch" {
		t.Errorf("another name: got %d, %+v", a.status, last(t, s))
	}
	if a := do(t, s, renewal("SB-0001", enrolled(t, stranger, k))); a.status != 403 || last(t, s).Why != "certificate" {
		t.Errorf("of another authority: got %d, %+v", a.status, last(t, s))
	}
	const life = 365 * 24 * time.Hour
	for after, want := range map[time.Duration]int{life: 200, life + time.Second: 403} {
		later.Store(int64(after))
		a := doAt(t, s, renewal("SB-0001", mine), at())
		if a.status != want || (last(t, s).Why == "certificate") != (want == 403) {
			t.Errorf("%v after it was given: got %d %v, %+v, want %d", after, a.status, a.err, last(t, s), want)
		}
	}
}

func TestClaimIsForOneKey(t *testing.T) {
	k := key(t)
	s := start(t)
	enrolled(t, s, k)
	enrolled(t, s, k) // the answer was lost, say
	if a := do(t, s, first(csr(t, "SB-0001", key(t)))); a.status != 403 || last(t, s).Why != "claim used" {
		t.Errorf("another key: got %d, %+v", a.status, last(t, s))
	}
	once := start(t, func(set *esttest.Settings) { set.Once = true })
	enrolled(t, once, k)
	if a := do(t, once, first(csr(t, "SB-0001", k))); a.status != 403 {
		t.Errorf("twice where it may be used once: got %d", a.status)
	}
	once.Register("SB-0001", "C7Q4-XM2P")
	enrolled(t, once, key(t))
}

// The same settings give the same certificates.
func TestDeterministic(t *testing.T) {
	k := key(t)
	a, b := start(t), start(t)
	if !a.Root().Equal(b.Root()) || !same(enrolled(t, a, k).Certificate[0], enrolled(t, b, k).Certificate[0]) {
		t.Error("two servers of the same settings differ")
	}
}

// TestOpenSSL has another implementation make a request and read the answer.
func TestOpenSSL(t *testing.T) {
	program, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not installed")
	}
	dir := t.TempDir()
	openssl := func(args ...string) string {
		t.Helper()
		cmd := exec.Command(program, args...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("openssl %s: %v\n%s", args[0], err, out)
		}
		return string(out)
	}
	openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "key.pem",
		"-subj", "/CN=SB-0001", "-outform", "DER", "-out", "csr.der")
	der, err := os.ReadFile(filepath.Join(dir, "csr.der"))
	if err != nil {
		t.Fatal(err)
	}
	s := start(t)
	a := do(t, s, first(der))
	if a.status != http.StatusOK {
		t.Fatalf("got %d %s", a.status, a.body)
	}
	pem := "-----BEGIN PKCS7-----\n" + strings.ReplaceAll(string(a.body), "\r\n", "\n") + "-----END PKCS7-----\n"
	if err := os.WriteFile(filepath.Join(dir, "answer.pem"), []byte(pem), 0o600); err != nil {
		t.Fatal(err)
	}
	openssl("pkcs7", "-in", "answer.pem", "-print_certs", "-out", "cert.pem")
	if got := openssl("x509", "-in", "cert.pem", "-noout", "-subject", "-nameopt", "RFC2253"); !strings.Contains(got, "CN=SB-0001") {
		t.Errorf("subject: got %q", got)
	}
	if got, want := openssl("x509", "-in", "cert.pem", "-noout", "-pubkey"), openssl("pkey", "-in", "key.pem", "-pubout"); got != want {
		t.Errorf("key: got %s, want %s", got, want)
	}
	pem = "-----BEGIN PKCS7-----\n" + strings.ReplaceAll(string(do(t, s, ask{method: "GET", operation: "cacerts"}).body), "\r\n", "\n") + "-----END PKCS7-----\n"
	if err := os.WriteFile(filepath.Join(dir, "ca.p7"), []byte(pem), 0o600); err != nil {
		t.Fatal(err)
	}
	openssl("pkcs7", "-in", "ca.p7", "-print_certs", "-out", "ca.pem")
	at := fmt.Sprint(now.Unix())
	if got := openssl("verify", "-attime", at, "-purpose", "sslclient", "-CAfile", "ca.pem", "cert.pem"); !strings.Contains(got, "OK") {
		t.Errorf("verify: got %q", got)
	}
}

// TestGivenAuthority: a server signs for an authority that others have, too, and does not start without its key.
func TestGivenAuthority(t *testing.T) {
	theirs, err := brokertest.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	authority := theirs.Authority()
	at := authority.Leaf.NotBefore.Add(24 * time.Hour)
	s := start(t, func(set *esttest.Settings) { set.Authority, set.Now = authority, func() time.Time { return at } })
	cert := doAt(t, s, first(csr(t, "SB-0001", key(t))), at).certs(t)[0]
	if err := cert.CheckSignatureFrom(authority.Leaf); err != nil || !s.Root().Equal(authority.Leaf) {
		t.Errorf("certificate of %s: %v", cert.Issuer, err)
	}
	for _, bad := range []*tls.Certificate{{Certificate: authority.Certificate}, {PrivateKey: authority.PrivateKey}} {
		if s, err := esttest.Start(esttest.Settings{Chance: mathrand.NewChaCha8([32]byte{1}), Authority: bad}); err == nil {
			s.Close()
			t.Error("started without a key, or without a certificate")
		}
	}
}
