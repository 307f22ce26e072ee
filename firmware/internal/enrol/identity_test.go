package enrol_test

import (
	"bytes"
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

	"github.com/google/go-cmp/cmp"

	"syncbox/firmware/internal/authority"
	"syncbox/firmware/internal/enrol"
)

// The key is made on the box, once, for its owner alone; the request says whose it is.
func TestKeyAndRequest(t *testing.T) {
	r := newRig(t)
	first, name := r.Request(), r.Fingerprint()
	block, rest := pem.Decode(first)
	if block == nil || len(rest) > 0 {
		t.Fatalf("%s", first)
	}
	csr, err := x509.ParseCertificateRequest(block.Bytes)
	must(t, err)
	must(t, csr.CheckSignature())
	key, ok := csr.PublicKey.(*ecdsa.PublicKey)
	if !ok || key.Curve != elliptic.P256() || csr.Subject.String() != "CN="+box || enrol.Fingerprint(key) != name {
		t.Errorf("%T for %s", csr.PublicKey, csr.Subject)
	}
	if d := cmp.Diff([]string{"box.key"}, r.files()); d != "" {
		t.Errorf("files (-want +got):\n%s", d)
	}
	r.reopen()
	if !bytes.Equal(first, r.Request()) || r.Fingerprint() != name {
		t.Error("the next start asks otherwise")
	}
}

// A damaged key is nobody's: the box becomes a new one, and the old file is kept for whoever looks for the cause.
func TestDamagedKey(t *testing.T) {
	r := enrolled(t)
	name := r.Fingerprint()
	must(t, os.WriteFile(filepath.Join(r.dir, "box.key"), []byte("-----BEGIN"), 0o600))
	r.reopen()
	if r.Fingerprint() == name {
		t.Error("the same key")
	}
	_, _, err := r.Credentials(t.Context())
	r.want(enrol.Missing, err)
	if !slices.Contains(r.files(), "box.key.bad") {
		t.Errorf("%q", r.files())
	}
}

// bare makes a certificate as no authority of ours would.
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

// What does not fit is refused, and changes nothing.
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

// A stick that stays in, or that brings last year's certificate once more, changes nothing.
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

// The old certificate stays until the new one has connected.
func TestOverlap(t *testing.T) {
	r := enrolled(t)
	r.now = r.now.Add(250 * day)
	must(t, r.Install(r.issue(), nil))
	if got := r.refused(); !got.Equal(later(250 * day)) {
		t.Errorf("shows the one until %s first", got)
	}
	r.reopen() // a start knows nothing of a refusal
	if got := r.refused(); !got.Equal(later(250 * day)) {
		t.Errorf("after a start: the one until %s", got)
	}
	if got := r.refused(); !got.Equal(later(0)) {
		t.Errorf("after a refusal: the one until %s", got)
	}
	if got := r.connects(); !got.Equal(later(250 * day)) {
		t.Errorf("after both were refused: the one until %s", got)
	}
	if d := cmp.Diff([]string{"b.crt", "box.key", "state.json"}, r.files()); d != "" {
		t.Errorf("files (-want +got):\n%s", d)
	}
	r.Refused()
	r.reopen()
	if got := r.shown(); !got.Equal(later(250 * day)) {
		t.Errorf("in the end: the one until %s", got)
	}
}

// A new certificate that the broker refuses thrice, while it takes the old one, is given up.
func TestNewCertificateIsRefused(t *testing.T) {
	r := enrolled(t)
	r.now = r.now.Add(250 * day)
	must(t, r.Install(r.issue(), nil))
	for n := range 3 {
		if got := r.refused(); !got.Equal(later(250 * day)) {
			t.Fatalf("attempt %d: the one until %s", n, got)
		}
		if got := r.connects(); !got.Equal(later(0)) {
			t.Fatalf("attempt %d: then the one until %s", n, got)
		}
		if n < 2 {
			r.reopen()
		}
	}
	if got := r.Conditions(); !slices.Contains(got, string(enrol.Rejected)) {
		t.Errorf("conditions %q", got)
	}
	if d := cmp.Diff([]string{"a.crt", "box.key", "state.json"}, r.files()); d != "" {
		t.Errorf("files (-want +got):\n%s", d)
	}
	must(t, r.Install(r.issue(), nil)) // a later one has its own chance
	if got := r.connects(); !got.Equal(later(250 * day)) {
		t.Errorf("the next: the one until %s", got)
	}
	if got := r.Conditions(); len(got) > 0 {
		t.Errorf("conditions %q", got)
	}
}

// A broker that hangs up without a word on the new one gets to see the old one after some attempts, and then the new one again.
func TestBrokerHangsUp(t *testing.T) {
	r := enrolled(t)
	r.now = r.now.Add(250 * day)
	must(t, r.Install(r.issue(), nil))
	for _, want := range []time.Time{later(250 * day), later(0), later(250 * day)} {
		for n := range 5 {
			if got := r.shown(); !got.Equal(want) {
				t.Fatalf("attempt %d: the one until %s, want %s", n, got, want)
			}
		}
	}
	r.Connected()
	for range 7 {
		if got := r.shown(); !got.Equal(later(250 * day)) {
			t.Errorf("in the end: the one until %s", got)
		}
	}
}

// There is nothing to fall back to where the old one is outdated.
func TestOldCertificateIsOutdated(t *testing.T) {
	r := enrolled(t)
	r.now = r.now.Add(366 * day)
	_, _, err := r.Credentials(t.Context())
	r.want(enrol.Expired, err)
	if got := r.Conditions(); !slices.Equal(got, []string{string(enrol.Expired)}) {
		t.Errorf("conditions %q", got)
	}
	must(t, r.Install(r.issue(), nil))
	for range 2 {
		if got := r.refused(); !got.Equal(later(366 * day)) {
			t.Errorf("shows the one until %s", got)
		}
	}
}

// Without what is known of them, certificates are taken for what they say.
func TestStateIsLost(t *testing.T) {
	for name, text := range map[string]string{"gone": "", "torn": `{"proved":`} {
		t.Run(name, func(t *testing.T) {
			r := enrolled(t)
			r.now = r.now.Add(250 * day)
			must(t, r.Install(r.issue(), nil))
			must(t, os.Remove(filepath.Join(r.dir, "state.json")))
			if text != "" {
				must(t, os.WriteFile(filepath.Join(r.dir, "state.json"), []byte(text), 0o600))
			}
			r.reopen()
			if got := r.refused(); !got.Equal(later(250 * day)) {
				t.Errorf("shows the one until %s", got)
			}
			if got := r.shown(); !got.Equal(later(0)) {
				t.Errorf("then the one until %s", got)
			}
		})
	}
}

// A certificate for another name or key, or a torn one, is as good as none; the other one is shown.
func TestCertificateIsDamaged(t *testing.T) {
	other := enrolled(t)
	foreign, err := os.ReadFile(filepath.Join(other.dir, "a.crt"))
	must(t, err)
	for name, text := range map[string][]byte{"torn": []byte("-----BEGIN CERTIFICATE-----\nMII"), "another box's": foreign} {
		t.Run(name, func(t *testing.T) {
			r := enrolled(t)
			r.now = r.now.Add(250 * day)
			must(t, r.Install(r.issue(), nil))
			must(t, os.WriteFile(filepath.Join(r.dir, "b.crt"), text, 0o600))
			r.reopen()
			if got := r.connects(); !got.Equal(later(0)) {
				t.Errorf("shows the one until %s", got)
			}
		})
	}
}

// stick is a folder that people carry.
type stick string

func (s stick) ReadFile(name string) ([]byte, error) {
	return os.ReadFile(filepath.Join(string(s), name))
}
func (s stick) WriteFile(name string, text []byte) error {
	return os.WriteFile(filepath.Join(string(s), name), text, 0o644)
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

// The certificate of support's own authority does not hold by itself: a box that was given it takes certificates of it later.
func TestAuthorityFirst(t *testing.T) {
	r := newRig(t)
	must(t, r.Install(nil, r.ca.Certificate()))
	r.reopen()
	must(t, r.Install(r.issue(), nil))
	r.connects()

	r = newRig(t)
	r.roots = r.ca.Certificate()
	r.reopen()
	must(t, r.Install(r.issue(), nil))
}

// Boxes of one day do not renew on one day, and none before two thirds of its time.
func TestDue(t *testing.T) {
	seen := map[time.Time]bool{}
	r := enrolled(t)
	s := r.Status()
	if s.Renewal.Before(start.Add(243*day)) || s.Renewal.After(start.Add(275*day)) {
		t.Errorf("renewal %s", s.Renewal)
	}
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		due := enrol.DueOf(start, start.Add(360*day), name)
		if due.Before(start.Add(240*day)) || !due.Before(start.Add(270*day)) || seen[due.Truncate(time.Minute)] {
			t.Errorf("%s: %s", name, due)
		}
		seen[due.Truncate(time.Minute)] = true
	}
	for after, want := range map[time.Duration][]string{
		200 * day: nil, 280 * day: {string(enrol.Due)}, 340 * day: {string(enrol.Ending)},
	} {
		r.now = start.Add(after)
		if got := r.Conditions(); !slices.Equal(got, want) {
			t.Errorf("after %s: %q", after, got)
		}
	}
	r.off = true
	if got := r.Conditions(); len(got) > 0 {
		t.Errorf("without support: %q", got)
	}
}

// No date of a clock that is not trusted takes a certificate away.
func TestClockIsNotTrusted(t *testing.T) {
	r := enrolled(t)
	r.blind = true
	for name, tt := range map[string]struct{ clock, want time.Time }{
		"years ago":     {time.Unix(0, 0), start.Add(-time.Hour)},
		"about now":     {start.Add(day), start.Add(day)},
		"in some years": {start.Add(5000 * day), later(0)},
	} {
		r.clock = tt.clock
		if got := r.connects(); !got.Equal(later(0)) {
			t.Errorf("%s: shows the one until %s", name, got)
		}
		if got := r.Time(); !got.Equal(tt.want) {
			t.Errorf("%s: looks at others as of %s, want %s", name, got, tt.want)
		}
		if got := r.Conditions(); len(got) > 0 {
			t.Errorf("%s: conditions %q", name, got)
		}
	}
	r.blind, r.clock = false, start.Add(5000*day)
	if got := r.Time(); !got.Equal(r.clock) {
		t.Errorf("trusted: as of %s", got)
	}
	empty := newRig(t)
	empty.blind, empty.clock = true, time.Unix(0, 0)
	if got := empty.Time(); !got.Equal(start.Add(-100 * day)) {
		t.Errorf("without a certificate: as of %s", got)
	}
	empty.clock = time.Unix(0, 0)
	must(t, empty.Install(empty.issue(), empty.ca.Certificate()))
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
