package authority_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
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
// Programs of support and servers may have their keys made here.
// One name has one key, until somebody says that the box is another one; then the old one is let in no more.
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
