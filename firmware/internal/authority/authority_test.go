package authority_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/firmware/internal/authority"
	"syncbox/ota/release"
)

const (
	box = "syncbox-1a2b"
	day = 24 * time.Hour
)

var start = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// site is an authority and its clock.
type site struct {
	t   *testing.T
	dir string
	now time.Time
	*authority.Authority
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{t: t, dir: filepath.Join(t.TempDir(), "ca"), now: start}
	var err error
	s.Authority, err = authority.Create(s.dir, "Boxes of Example", nil, s.clock)
	must(t, err)
	return s
}

func (s *site) clock() time.Time { return s.now }

// reopen reads it from its folder.
func (s *site) reopen() {
	s.t.Helper()
	var err error
	s.Authority, err = authority.Open(s.dir, nil, s.clock)
	must(s.t, err)
}

func newKey(t *testing.T, curve elliptic.Curve) crypto.Signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	must(t, err)
	return key
}

func request(t *testing.T, name string, key crypto.Signer) []byte {
	t.Helper()
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: pkix.Name{CommonName: name, Organization: []string{"Somebody"}},
		DNSNames: []string{"mqtt.example.com"}}, key)
	must(t, err)
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der})
}

func parse(t *testing.T, text []byte) *x509.Certificate {
	t.Helper()
	block, _ := pem.Decode(text)
	c, err := x509.ParseCertificate(block.Bytes)
	must(t, err)
	return c
}

// verify holds a certificate against the authority for a use.
func (s *site) verify(text []byte, use x509.ExtKeyUsage, host string) error {
	s.t.Helper()
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(s.Certificate())
	_, err := parse(s.t, text).Verify(x509.VerifyOptions{Roots: roots, CurrentTime: s.now, KeyUsages: []x509.ExtKeyUsage{use}, DNSName: host})
	return err
}

// A box's certificate is for its name and its key, for a year; nothing else of the request is taken over.
func TestBox(t *testing.T) {
	s, key := newSite(t), newKey(t, elliptic.P256())
	out, err := s.Issue(authority.Request{Kind: authority.Box, Name: box, CSR: request(t, box, key)})
	must(t, err)
	must(t, s.verify(out.Certificate, x509.ExtKeyUsageClientAuth, ""))
	if s.verify(out.Certificate, x509.ExtKeyUsageServerAuth, "") == nil || s.verify(out.Certificate, x509.ExtKeyUsageClientAuth, "mqtt.example.com") == nil {
		t.Error("a box can be a server")
	}
	c := parse(t, out.Certificate)
	if c.Subject.String() != "CN="+box || !key.(*ecdsa.PrivateKey).PublicKey.Equal(c.PublicKey) || c.IsCA || out.Key != nil {
		t.Errorf("%s, CA %t", c.Subject, c.IsCA)
	}
	if !c.NotAfter.Equal(start.Add(365*day)) || c.NotBefore.After(start) {
		t.Errorf("from %s to %s", c.NotBefore, c.NotAfter)
	}
	if own := parse(t, s.Certificate()); own.NotAfter.Before(start.AddDate(10, 0, -1)) || !own.IsCA || !own.MaxPathLenZero {
		t.Errorf("the authority: until %s, CA %t", own.NotAfter, own.IsCA)
	}
	all, err := authority.ReadRegister(s.dir)
	must(t, err)
	if d := cmp.Diff(authority.Register{out.Record}, all); d != "" || out.Serial != c.SerialNumber.Text(16) {
		t.Errorf("register (-issued +read):\n%s", d)
	}
}

// Programs of support and servers may have their keys made here.
func TestBackendAndServer(t *testing.T) {
	s := newSite(t)
	backend, err := s.Issue(authority.Request{Kind: authority.Backend, Name: "fleet-backend-1"})
	must(t, err)
	if _, err := tls.X509KeyPair(backend.Certificate, backend.Key); err != nil {
		t.Error(err)
	}
	server, err := s.Issue(authority.Request{Kind: authority.Server, Name: "broker", Hosts: []string{"mqtt.example.com", "10.0.0.1"}})
	must(t, err)
	must(t, s.verify(server.Certificate, x509.ExtKeyUsageServerAuth, "mqtt.example.com"))
	must(t, s.verify(server.Certificate, x509.ExtKeyUsageServerAuth, "10.0.0.1"))
	again, err := s.Renew("broker")
	must(t, err)
	must(t, s.verify(again.Certificate, x509.ExtKeyUsageServerAuth, "10.0.0.1"))
	if _, err := tls.X509KeyPair(again.Certificate, server.Key); err != nil {
		t.Error(err)
	}
}

func TestRefusals(t *testing.T) {
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	must(t, err)
	strong, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	_, edwards, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	good := newKey(t, elliptic.P256())
	forged := request(t, box, good)
	block, _ := pem.Decode(forged)
	block.Bytes[len(block.Bytes)-3] ^= 1
	forged = pem.EncodeToMemory(block)
	server := []string{"mqtt.example.com"}
	for name, tt := range map[string]struct {
		request authority.Request
		want    error
	}{
		"P-224":               {authority.Request{CSR: request(t, box, newKey(t, elliptic.P224()))}, authority.ErrWeak},
		"P-384":               {authority.Request{CSR: request(t, box, newKey(t, elliptic.P384()))}, nil},
		"RSA of 1024 bits":    {authority.Request{CSR: request(t, box, weak)}, authority.ErrWeak},
		"RSA of 2048 bits":    {authority.Request{CSR: request(t, box, strong)}, nil},
		"Ed25519":             {authority.Request{CSR: request(t, box, edwards)}, nil},
		"another name":        {authority.Request{CSR: request(t, "syncbox-9999", good)}, authority.ErrOther},
		"no name":             {authority.Request{Name: "-", CSR: request(t, "-", good)}, authority.ErrName},
		"a topic for a name":  {authority.Request{Name: "box/#", CSR: request(t, "box/#", good)}, authority.ErrName},
		"signed by nobody":    {authority.Request{CSR: forged}, authority.ErrRequest},
		"no request":          {authority.Request{CSR: []byte("hello")}, authority.ErrRequest},
		"no request at all":   {authority.Request{}, authority.ErrOwnKey},
		"a box with hosts":    {authority.Request{CSR: request(t, box, good), Hosts: server}, authority.ErrHosts},
		"a server without":    {authority.Request{Kind: authority.Server}, authority.ErrHosts},
		"as a backend":        {authority.Request{Name: "fleet-backend-1", CSR: request(t, "fleet-backend-1", good)}, authority.ErrKind},
		"as a backend, small": {authority.Request{Name: "Fleet-Backend-1", CSR: request(t, "Fleet-Backend-1", good), Replace: true}, authority.ErrKind},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			_, err := s.Issue(authority.Request{Kind: authority.Backend, Name: "fleet-backend-1"})
			must(t, err)
			if tt.request.Kind == "" {
				tt.request.Kind = authority.Box
			}
			if tt.request.Name == "" {
				tt.request.Name = box
			}
			out, err := s.Issue(tt.request)
			if !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
			all, err := authority.ReadRegister(s.dir)
			must(t, err)
			if signed := len(all) == 2; signed != (tt.want == nil) || signed != (out.Certificate != nil) {
				t.Errorf("%d in the register", len(all))
			}
		})
	}
}

// One name has one key, until somebody says that the box is another one; then the old one is let in no more.
func TestReplace(t *testing.T) {
	s, first, second := newSite(t), newKey(t, elliptic.P256()), newKey(t, elliptic.P256())
	ask := func(name string, key crypto.Signer, replace bool) (authority.Issued, error) {
		s.reopen()
		return s.Issue(authority.Request{Kind: authority.Box, Name: name, CSR: request(t, name, key), Replace: replace})
	}
	old, err := ask(box, first, false)
	must(t, err)
	_, err = ask(box, first, false)
	must(t, err)
	for _, name := range []string{box, strings.ToUpper(box)} {
		if _, err := ask(name, second, false); !errors.Is(err, authority.ErrTaken) {
			t.Errorf("%s: %v", name, err)
		}
	}
	replaced, err := ask(box, second, true)
	must(t, err)
	list, err := authority.ReadList(s.dir)
	must(t, err)
	if len(list.RevokedCertificateEntries) != 2 || list.CheckSignatureFrom(parse(t, s.Certificate())) != nil {
		t.Errorf("%d revoked", len(list.RevokedCertificateEntries))
	}
	for _, e := range list.RevokedCertificateEntries {
		if e.SerialNumber.Text(16) == replaced.Serial {
			t.Error("the new one is revoked")
		}
	}
	if _, err := ask(box, first, false); !errors.Is(err, authority.ErrTaken) {
		t.Errorf("the old key: %v", err)
	}
	s.now = old.Until.Add(time.Hour) // nothing is left that counts: a name is free again
	_, err = ask(box, first, false)
	must(t, err)
}

func TestRevoke(t *testing.T) {
	s := newSite(t)
	empty, err := authority.ReadList(s.dir)
	must(t, err)
	if len(empty.RevokedCertificateEntries) != 0 {
		t.Error("a new list is not empty")
	}
	out, err := s.Issue(authority.Request{Kind: authority.Box, Name: box, CSR: request(t, box, newKey(t, elliptic.P256()))})
	must(t, err)
	again, err := s.Renew(box)
	must(t, err)
	if again.Serial == out.Serial || again.Record.Key != out.Record.Key {
		t.Errorf("renewed: %+v", again.Record)
	}
	s.reopen()
	if n, err := s.Revoke(box); n != 2 || err != nil {
		t.Errorf("%d revoked, %v", n, err)
	}
	for _, do := range []func() error{func() error { _, err := s.Revoke(box); return err }, func() error { _, err := s.Renew(box); return err }} {
		if err := do(); !errors.Is(err, authority.ErrNone) {
			t.Errorf("once more: %v", err)
		}
	}
	list, err := authority.ReadList(s.dir)
	must(t, err)
	if len(list.RevokedCertificateEntries) != 2 || list.Number.Cmp(empty.Number) <= 0 {
		t.Errorf("%d in list %s after %s", len(list.RevokedCertificateEntries), list.Number, empty.Number)
	}
	s.now = s.now.Add(366 * day)
	must(t, s.Publish())
	if list, err = authority.ReadList(s.dir); err != nil || len(list.RevokedCertificateEntries) != 0 {
		t.Errorf("what has run out is still in the list: %v, %v", list, err)
	}
}

func TestFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "ca")
	now := func() time.Time { return start }
	_, err := authority.Create(dir, "Boxes", []byte("secret"), now)
	must(t, err)
	if _, err := authority.Create(dir, "Boxes", nil, now); !errors.Is(err, authority.ErrExists) {
		t.Errorf("made anew: %v", err)
	}
	info, err := os.Stat(filepath.Join(dir, "ca.key"))
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %o", info.Mode().Perm())
	}
	if _, err := authority.Open(dir, [][]byte{[]byte("wrong")}, now); !errors.Is(err, release.ErrPassphrase) {
		t.Errorf("a wrong passphrase: %v", err)
	}
	_, err = authority.Open(dir, [][]byte{[]byte("wrong"), []byte("secret")}, now)
	must(t, err)
	other := newSite(t)
	must(t, os.WriteFile(filepath.Join(other.dir, "ca.crt"), mustRead(t, filepath.Join(dir, "ca.crt")), 0o600))
	if _, err := authority.Open(other.dir, nil, now); err == nil {
		t.Error("another authority's certificate was taken")
	}
	for _, line := range []string{"hello", "1\tbox\tx\ty\tnever\t-\t-", "1\tcar\tx\ty\t-\t-\t-"} {
		must(t, os.WriteFile(filepath.Join(dir, "register.txt"), []byte("# head\n"+line+"\n"), 0o600))
		if _, err := authority.ReadRegister(dir); err == nil || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("%q: %v", line, err)
		}
	}
}

func mustRead(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	must(t, err)
	return text
}

// A certificate never outlives its authority.
func TestAuthorityEnds(t *testing.T) {
	s := newSite(t)
	end := parse(t, s.Certificate()).NotAfter
	s.now = end.Add(-10 * day)
	out, err := s.Issue(authority.Request{Kind: authority.Backend, Name: "fleet-backend-1"})
	must(t, err)
	if !out.Until.Equal(end) {
		t.Errorf("until %s, the authority until %s", out.Until, end)
	}
	s.now = end.Add(day)
	if _, err := s.Issue(authority.Request{Kind: authority.Backend, Name: "fleet-backend-2"}); !errors.Is(err, authority.ErrOutlived) {
		t.Errorf("after its end: %v", err)
	}
}

func TestNewest(t *testing.T) {
	at := func(name string, days int, revoked bool) authority.Record {
		r := authority.Record{Name: name, Kind: authority.Box, From: start, Until: start.Add(time.Duration(days) * day)}
		if revoked {
			r.Revoked = start
		}
		return r
	}
	got := authority.Register{at("b", 1, false), at("a", 1, false), at("a", 2, false), at("b", 3, true), at("c", 1, true)}.Newest()
	want := authority.Register{at("a", 2, false), at("b", 1, false), at("c", 1, true)}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// OpenSSL, which brokers check with, takes what is signed, and knows what is revoked.
func TestOpenSSL(t *testing.T) {
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip(err)
	}
	s := newSite(t)
	for _, name := range []string{"syncbox-1a2b", "syncbox-3c4d"} {
		out, err := s.Issue(authority.Request{Kind: authority.Box, Name: name, CSR: request(t, name, newKey(t, elliptic.P256()))})
		must(t, err)
		must(t, os.WriteFile(filepath.Join(s.dir, name+".crt"), out.Certificate, 0o600))
	}
	_, err := s.Revoke("syncbox-3c4d")
	must(t, err)
	for name, want := range map[string]string{"syncbox-1a2b": "OK", "syncbox-3c4d": "certificate revoked"} {
		check := exec.Command("openssl", "verify", "-attime", strconv.FormatInt(start.Unix(), 10), "-purpose", "sslclient", "-x509_strict", "-crl_check",
			"-CAfile", "ca.crt", "-CRLfile", "ca.crl", name+".crt")
		check.Dir = s.dir
		if got, _ := check.CombinedOutput(); !strings.Contains(string(got), want) {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}
