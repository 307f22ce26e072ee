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
	"encoding/pem"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/firmware/internal/authority"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/support/wire"
)

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

// TestNames: whoever gets a certificate, or is called so on the box, can be told and ordered: both rules for names are within that of
// orders and topics.
func TestNames(t *testing.T) {
	folder := t.TempDir()
	box := func(name string) bool {
		return config.WriteFirst(filepath.Join(folder, "box.toml"), name, config.Support{}) == nil
	}
	var names []string
	for c := range 256 {
		x := string([]byte{byte(c)})
		names = append(names, x, "a"+x, x+"a", "a"+x+"a", "é"+x)
	}
	for n := range 70 {
		names = append(names, strings.Repeat("a", n))
	}
	taken := 0
	for _, name := range names {
		if boxed, certified := box(name), authority.ValidName(name); boxed || certified {
			taken++
			if !wire.Plain(name) || boxed != certified {
				t.Errorf("%q: on a box %v, in a certificate %v, in a topic %v", name, boxed, certified, wire.Plain(name))
			}
		}
	}
	if taken < 4*62 {
		t.Errorf("only %d names are taken", taken)
	}
}
