// Package owncert is the certificate that the box makes for its own page, for those who want it over HTTPS: signed by
// itself, for its names on the network of the company. A browser asks once whether to trust it; its fingerprint is told at
// the console, to compare. It outlives a restart, so that the browser does not ask again.
package owncert

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net/netip"
	"os"
	"slices"
	"strings"
	"time"

	"syncbox/firmware/internal/durable"
)

// How long a certificate holds. Browsers take none that holds for more than 825 days. It begins earlier than it is made, as
// a box without a clock may be some days behind.
const (
	lasts  = 800 * 24 * time.Hour
	before = 24 * time.Hour
	early  = 60 * 24 * time.Hour // it is made anew so long before its end
)

// Names are those by which a browser asks for the page.
type Names struct {
	Hosts     []string
	Addresses []netip.Addr
}

// Load gives the certificate that is kept in a file, or makes another one: where there is none, it can't be read, its names
// are not those that are wanted, or it ends soon. Its key lies in the same file, which only its owner may read. An error is
// one of the file system.
func Load(path string, names Names, now time.Time) (tls.Certificate, error) {
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return tls.Certificate{}, fmt.Errorf("read certificate of the page: %w", err)
	}
	if cert, err := tls.X509KeyPair(text, text); err == nil && good(cert.Leaf, names, now) {
		return cert, nil
	}
	if text, err = forge(names, now); err != nil {
		return tls.Certificate{}, err
	}
	if err := durable.WriteFile(path, text, 0o600); err != nil {
		return tls.Certificate{}, fmt.Errorf("keep certificate of the page: %w", err)
	}
	return tls.X509KeyPair(text, text)
}

// good tells whether a certificate will do.
func good(c *x509.Certificate, names Names, now time.Time) bool {
	hosts, addresses := slices.Clone(c.DNSNames), texts(fromIPs(c))
	return slices.Equal(hosts, names.Hosts) && slices.Equal(addresses, texts(names.Addresses)) && !now.Before(c.NotBefore) && now.Before(c.NotAfter.Add(-early))
}

func fromIPs(c *x509.Certificate) (all []netip.Addr) {
	for _, ip := range c.IPAddresses {
		if a, ok := netip.AddrFromSlice(ip); ok {
			all = append(all, a.Unmap())
		}
	}
	return all
}

func texts(all []netip.Addr) (out []string) {
	for _, a := range all {
		out = append(out, a.String())
	}
	return out
}

// forge makes a key and a certificate for it, both in PEM.
func forge(names Names, now time.Time) ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make key of the page: %w", err)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, fmt.Errorf("make certificate of the page: %w", err)
	}
	c := &x509.Certificate{SerialNumber: serial, NotBefore: now.Add(-before), NotAfter: now.Add(lasts), KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, BasicConstraintsValid: true, DNSNames: names.Hosts}
	if len(names.Hosts) > 0 {
		c.Subject = pkix.Name{CommonName: names.Hosts[0]}
	}
	for _, a := range names.Addresses {
		c.IPAddresses = append(c.IPAddresses, a.AsSlice())
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("make certificate of the page: %w", err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("make key of the page: %w", err)
	}
	var b bytes.Buffer
	for _, block := range []*pem.Block{{Type: "CERTIFICATE", Bytes: der}, {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := pem.Encode(&b, block); err != nil {
			return nil, fmt.Errorf("make certificate of the page: %w", err)
		}
	}
	return b.Bytes(), nil
}

// Fingerprint gives the SHA-256 of a certificate as browsers show it: "3F:09:…".
func Fingerprint(c tls.Certificate) string {
	sum := sha256.Sum256(c.Certificate[0])
	var parts []string
	for _, b := range sum {
		parts = append(parts, fmt.Sprintf("%02X", b))
	}
	return strings.Join(parts, ":")
}
