package enrol_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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
// What does not fit is refused, and changes nothing.
// A stick that stays in, or that brings last year's certificate once more, changes nothing.
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
func (s stick) WriteFile(name string, text []byte) error {
	return os.WriteFile(filepath.Join(string(s), name), text, 0o644)
}

// The certificate of support's own authority does not hold by itself: a box that was given it takes certificates of it later.
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
