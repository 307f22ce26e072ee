package enrol_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"syncbox/firmware/internal/authority"
	"syncbox/firmware/internal/enrol"
)

func (r *rig) bare(change func(*x509.Certificate)) []byte {
	r.t.Helper()
	block, _ := pem.Decode(r.issue())
	c, err := x509.ParseCertificate(block.Bytes)
	must(r.t, err)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(r.t, err)
	root := &x509.Certificate{SerialNumber: c.SerialNumber, Subject: c.Issuer, IsCA: true, BasicConstraintsValid: true,
		NotBefore: start.Add(-day), NotAfter: start.Add(1000 * day), KeyUsage: x509.KeyUsageCertSign}
	c.RawSubject = nil
	change(c)
	der, err := x509.CreateCertificate(nil, root, root, &key.PublicKey, key)
	must(r.t, err)
	own, err := x509.ParseCertificate(der)
	must(r.t, err)
	leaf, err := x509.CreateCertificate(nil, c, own, c.PublicKey, key)
	must(r.t, err)
	return append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: leaf}), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
}

func TestInstallRefuses(t *testing.T) {
	t.Parallel()
	other := newRig(t)
	for name, tt := range map[string]struct {
		certificate func(*rig) []byte
		authority   func(*rig) []byte
		fits        bool
	}{
		"what is asked for":         {certificate: (*rig).issue, fits: true},
		"another key":               {certificate: func(*rig) []byte { return other.issue() }},
		"nothing":                   {certificate: func(*rig) []byte { return nil }, authority: func(*rig) []byte { return nil }},
		"no certificate":            {certificate: func(*rig) []byte { return []byte("hello") }},
		"the authority for the box": {certificate: func(r *rig) []byte { return r.ca.Certificate() }},
		"too much":                  {certificate: func(r *rig) []byte { return append(r.issue(), make([]byte, enrol.MaxFile)...) }},
		"no authority":              {certificate: (*rig).issue, authority: func(*rig) []byte { return nil }},
		"another authority":         {certificate: (*rig).issue, authority: func(r *rig) []byte { return r.authority().Certificate() }},
		"box for authority":         {certificate: (*rig).issue, authority: (*rig).issue},
		"made elsewhere": {certificate: func(r *rig) []byte { return r.bare(func(*x509.Certificate) {}) },
			authority: func(r *rig) []byte { return nil }},
		"another name": {certificate: func(r *rig) []byte {
			return r.bare(func(c *x509.Certificate) { c.Subject.CommonName = "syncbox-9999" })
		}},
		"for servers": {certificate: func(r *rig) []byte {
			return r.bare(func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} })
		}},
		"outdated": {certificate: func(r *rig) []byte { return r.bare(func(c *x509.Certificate) { c.NotAfter = start.Add(-time.Second) }) }},
		"far too early": {certificate: func(r *rig) []byte {
			return r.bare(func(c *x509.Certificate) { c.NotBefore = start.Add(2 * time.Hour) })
		}},
		"a little early": {certificate: func(r *rig) []byte {
			return r.bare(func(c *x509.Certificate) { c.NotBefore = start.Add(time.Minute) })
		}, fits: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			certificate := tt.certificate(r)
			authority := r.ca.Certificate()
			if tt.authority != nil {
				authority = tt.authority(r)
			} else if _, own := pem.Decode(certificate); len(own) > 0 && len(own) < 5000 {
				authority = own // of a bare one
			}
			err := r.Install(certificate, authority)
			_, _, none := r.Credentials(t.Context())
			if tt.fits {
				must(t, err)
				must(t, none)
				return
			}
			r.want(enrol.Unfit, err)
			r.want(enrol.Missing, none)
			if r.changed.Load() > 0 {
				t.Error("told of a change")
			}
		})
	}
}

func TestInstallIsDoneOnce(t *testing.T) {
	r := newRig(t)
	first := r.issue()
	must(t, r.Install(first, r.ca.Certificate()))
	r.connects()
	r.now = r.now.Add(300 * day)
	must(t, r.Install(r.issue(), nil))
	for range 2 {
		must(t, r.Install(first, r.ca.Certificate()))
		if got := r.shown(); !got.Equal(later(300 * day)) {
			t.Errorf("shows the one until %s", got)
		}
	}
	if r.changed.Load() != 2 {
		t.Errorf("%d changes", r.changed.Load())
	}
}

type stick string

func (s stick) ReadFile(name string) ([]byte, error) {
	return os.ReadFile(filepath.Join(string(s), name))
}
func TestExchange(t *testing.T) {
	r, s := newRig(t), stick(t.TempDir())
	exchange := func(wantInstalled, wantAsked bool, code enrol.Code) {
		t.Helper()
		installed, asked, err := r.Exchange(s)
		r.want(code, err)
		if installed != wantInstalled || asked != wantAsked {
			t.Errorf("installed %t, asked %t", installed, asked)
		}
	}
	exchange(false, true, "")
	csr, err := s.ReadFile(enrol.RequestFile)
	must(t, err)
	out, err := r.ca.Issue(authority.Request{Kind: authority.Box, Name: box, CSR: csr})
	must(t, err)
	must(t, s.WriteFile(enrol.CertificateFile, out.Certificate))
	exchange(false, true, enrol.Unfit) // no authority yet
	must(t, s.WriteFile(enrol.AuthorityFile, r.ca.Certificate()))
	exchange(true, false, "")
	r.connects()
	exchange(false, false, "")
	r.now = r.now.Add(300 * day)
	must(t, os.Remove(filepath.Join(string(s), enrol.RequestFile)))
	exchange(false, true, "")
	again, err := s.ReadFile(enrol.RequestFile)
	must(t, err)
	out, err = r.ca.Issue(authority.Request{Kind: authority.Box, Name: box, CSR: again})
	must(t, err)
	must(t, s.WriteFile(enrol.CertificateFile, out.Certificate))
	exchange(true, false, "")
}

func TestAuthorityFirst(t *testing.T) {
	r := newRig(t)
	must(t, r.Install(nil, r.ca.Certificate()))
	r.reopen()
	must(t, r.Install(r.issue(), nil))
	r.connects()
}

func TestClaimIsKept(t *testing.T) {
	r := newRig(t)
	for _, bad := range [][2]string{{"", "7Q2KM-0XTV9"}, {"S:1", "7Q2KM-0XTV9"}, {"S1", " "}, {strings.Repeat("1", 65), "7Q2KM-0XTV9"}, {"S\n1", "7Q2KM-0XTV9"}} {
		r.want(enrol.Refused, r.Claim(bad[0], bad[1]))
	}
	must(t, r.Claim("C0FFEE1A2B", "7q2km oxtv9"))
	r.reopen()
	if !r.Status().Claim || !slices.Contains(r.files(), "claim.json") {
		t.Errorf("%+v, %q", r.Status(), r.files())
	}
	if got := r.Conditions(); !slices.Equal(got, []string{string(enrol.Missing), string(enrol.NoServer)}) {
		t.Errorf("conditions %q", got)
	}
	must(t, r.Install(r.issue(), r.ca.Certificate())) // by another way
	if _, err := os.Stat(filepath.Join(r.dir, "claim.json")); !os.IsNotExist(err) || r.Status().Claim {
		t.Errorf("the claim is still there: %v", err)
	}
}

// TestUnclaim: a full reset takes a claim that no server has answered; the key and the certificate stay.
func TestUnclaim(t *testing.T) {
	r := enrolled(t)
	key, until := r.Fingerprint(), r.shown()
	must(t, r.Claim("C0FFEE1A2B", "7q2km oxtv9"))
	for range 2 { // a reset that was cut does it once more
		must(t, enrol.Unclaim(r.dir))
	}
	r.reopen()
	if r.Status().Claim || slices.Contains(r.files(), "claim.json") {
		t.Errorf("still claims: %q", r.files())
	}
	if r.Fingerprint() != key || !r.shown().Equal(until) {
		t.Error("another key or certificate")
	}
	none := filepath.Join(t.TempDir(), "identity")
	must(t, enrol.Unclaim(none))
	if _, err := os.Stat(none); !os.IsNotExist(err) {
		t.Errorf("a box without a folder: %v", err)
	}
}
