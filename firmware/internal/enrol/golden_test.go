package enrol_test

import (
	"crypto/ecdsa"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"syncbox/firmware/internal/enrol"
)

var rewrite = flag.Bool("update", false, "write the identity of this version into testdata")

// golden is an identity of the first version that was published; a later form of it gets a folder of its own, and this one stays. Its key
// is of no box.
const golden = "testdata/identity-1"

// between is an identity at its fullest: a certificate that has connected, one that has not yet, an authority that was brought
// before, and a claim.
func between(t *testing.T) *rig {
	t.Helper()
	r := newRig(t)
	must(t, r.Install(nil, r.ca.Certificate()))
	must(t, r.Install(r.issue(), nil))
	r.connects()
	r.pass(250 * day)
	must(t, r.Install(r.issue(), nil))
	must(t, r.Claim("C0FFEE1A2B", "7q2km oxtv9"))
	return r
}

// TestEarlierIdentity: what the first version kept is what this one goes on with.
func TestEarlierIdentity(t *testing.T) {
	if *rewrite {
		must(t, os.RemoveAll(golden))
		must(t, os.CopyFS(golden, os.DirFS(between(t).dir)))
	}
	goesOn(t, golden)
}

// TestIdentityGoesOn: and so is what this one keeps.
func TestIdentityGoesOn(t *testing.T) { goesOn(t, between(t).dir) }

// goesOn opens what between has made, and looks at what the box does with it.
func goesOn(t *testing.T, from string) {
	t.Helper()
	r := newRig(t)
	r.dir = filepath.Join(t.TempDir(), "identity")
	must(t, os.Mkdir(r.dir, 0o700))
	all, err := os.ReadDir(from)
	must(t, err)
	for _, e := range all { // version control keeps no modes
		text, err := os.ReadFile(filepath.Join(from, e.Name()))
		must(t, err)
		must(t, os.WriteFile(filepath.Join(r.dir, e.Name()), text, 0o600))
	}
	r.pass(250 * day)
	r.reopen()
	s := r.Status()
	if !s.Trial || !s.Claim || !s.Until.Equal(later(250*day)) {
		t.Fatalf("got %+v", s)
	}
	if serial, code := r.Claimed(); serial != "C0FFEE1A2B" || code != "7Q2KM-0XTV9" {
		t.Errorf("claims %q with %q", serial, code)
	}
	cert, _, err := r.Credentials(t.Context())
	must(t, err)
	if key, _ := cert.Leaf.PublicKey.(*ecdsa.PublicKey); enrol.Fingerprint(key) != s.Fingerprint {
		t.Errorf("the key is %s, the certificate is for %s", s.Fingerprint, enrol.Fingerprint(key))
	}
	if got := r.refused(); !got.Equal(later(250 * day)) {
		t.Errorf("shows the one until %s first", got)
	}
	if got := r.shown(); !got.Equal(later(0)) {
		t.Errorf("shows the one until %s once the other one was refused", got)
	}
	r.Refused()
	if got := r.connects(); !got.Equal(later(250 * day)) {
		t.Errorf("shows the one until %s again", got)
	}
	r.reopen()
	if s := r.Status(); s.Trial || !s.Until.Equal(later(250*day)) {
		t.Errorf("after it has connected: %+v", s)
	}
}
