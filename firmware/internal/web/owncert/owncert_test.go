package owncert_test

import (
	"crypto/x509"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"syncbox/firmware/internal/web/owncert"
)

var (
	now   = time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	names = owncert.Names{Hosts: []string{"syncbox-7q2k.local", "syncbox-7q2k"}, Addresses: []netip.Addr{netip.MustParseAddr("192.0.2.7"), netip.MustParseAddr("2001:db8::7")}}
)

func load(t *testing.T, path string, n owncert.Names, at time.Time) string {
	t.Helper()
	cert, err := owncert.Load(path, n, at)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(cert.Leaf)
	for _, name := range n.Hosts {
		if _, err := cert.Leaf.Verify(x509.VerifyOptions{Roots: pool, DNSName: name, CurrentTime: at}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, a := range n.Addresses {
		if err := cert.Leaf.VerifyHostname(a.String()); err != nil {
			t.Error(err)
		}
	}
	return owncert.Fingerprint(cert)
}

// The certificate stays as long as it will do, and is made anew where it will not.
func TestLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "page.pem")
	first := load(t, path, names, now)
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode: %v, %v", info, err)
	}
	if len(first) != 32*3-1 {
		t.Errorf("fingerprint: %q", first)
	}
	if again := load(t, path, names, now.AddDate(1, 0, 0)); again != first {
		t.Error("made anew without need")
	}
	other := owncert.Names{Hosts: names.Hosts, Addresses: names.Addresses[:1]}
	last := first
	for _, step := range []struct {
		name string
		get  func() string
	}{
		{"another address", func() string { return load(t, path, other, now) }},
		{"it ends soon", func() string { return load(t, path, other, now.AddDate(2, 1, 0)) }},
		{"a clock set back", func() string { return load(t, path, other, now) }},
		{"damaged", func() string {
			if err := os.WriteFile(path, []byte("-----BEGIN"), 0o600); err != nil {
				t.Fatal(err)
			}
			return load(t, path, other, now)
		}},
	} {
		got := step.get()
		if got == last {
			t.Errorf("%s: not made anew", step.name)
		}
		last = got
	}
}

func TestNoRoom(t *testing.T) {
	if _, err := owncert.Load(filepath.Join(t.TempDir(), "none", "page.pem"), names, now); err == nil {
		t.Error("no error")
	}
}
