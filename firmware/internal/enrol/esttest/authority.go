package esttest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"math/big"
	"net"
	"time"
)

// authority signs certificates. Without a source of chance for its signatures they follow RFC 6979, so that the same
// settings give the same bytes.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	set  Settings
}

// ownAuthority gives the one that signs what is good.
func ownAuthority(set Settings) (*authority, error) {
	if set.Authority == nil {
		return newAuthority("throw-away authority", set)
	}
	key, ok := set.Authority.PrivateKey.(*ecdsa.PrivateKey)
	if !ok || len(set.Authority.Certificate) == 0 {
		return nil, fmt.Errorf("take authority: a certificate with a key of ECDSA is needed, not %T", set.Authority.PrivateKey)
	}
	cert, err := x509.ParseCertificate(set.Authority.Certificate[0])
	if err != nil {
		return nil, fmt.Errorf("take authority: %w", err)
	}
	return &authority{cert: cert, key: key, set: set}, nil
}

func newAuthority(name string, set Settings) (*authority, error) {
	key, err := drawKey(set.Chance)
	if err != nil {
		return nil, fmt.Errorf("make authority: %w", err)
	}
	a := &authority{key: key, set: set}
	self, err := a.blank(name, set.Now().Add(-time.Hour), set.Now().Add(20*365*24*time.Hour))
	if err != nil {
		return nil, fmt.Errorf("make authority: %w", err)
	}
	self.IsCA, self.BasicConstraintsValid = true, true
	self.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	der, err := x509.CreateCertificate(nil, self, self, &key.PublicKey, key)
	if err != nil {
		return nil, fmt.Errorf("make authority: %w", err)
	}
	a.cert, err = x509.ParseCertificate(der)
	return a, err
}

// server gives the certificate of the server itself.
func (a *authority) server() (tls.Certificate, error) {
	key, err := drawKey(a.set.Chance)
	if err != nil {
		return tls.Certificate{}, err
	}
	c, err := a.blank("est", a.set.Now().Add(-time.Hour), a.set.Now().Add(10*365*24*time.Hour))
	if err != nil {
		return tls.Certificate{}, err
	}
	// The second address is this machine for a box in QEMU.
	c.DNSNames, c.IPAddresses = []string{"localhost"}, []net.IP{net.IPv4(127, 0, 0, 1), net.IPv4(10, 0, 2, 2)}
	c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	der, err := a.sign(c, &key.PublicKey)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}

// box gives the certificate of a box.
func (a *authority) box(name string, key crypto.PublicKey, from, to time.Time) ([]byte, error) {
	c, err := a.blank(name, from, to)
	if err != nil {
		return nil, err
	}
	c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	return a.sign(c, key)
}

func (a *authority) sign(c *x509.Certificate, key crypto.PublicKey) ([]byte, error) {
	return x509.CreateCertificate(nil, c, a.cert, key, a.key)
}

func (a *authority) blank(name string, from, to time.Time) (*x509.Certificate, error) {
	number := make([]byte, 16)
	if _, err := io.ReadFull(a.set.Chance, number); err != nil {
		return nil, err
	}
	number[0] = number[0]&0x3f | 0x40 // positive, and as long as ever
	return &x509.Certificate{
		SerialNumber: new(big.Int).SetBytes(number), Subject: pkix.Name{CommonName: name},
		NotBefore: from, NotAfter: to, KeyUsage: x509.KeyUsageDigitalSignature,
	}, nil
}

// drawKey makes a key of P-256 out of the bytes of chance: the standard library makes its own.
func drawKey(chance io.Reader) (*ecdsa.PrivateKey, error) {
	for {
		secret := make([]byte, 32)
		if _, err := io.ReadFull(chance, secret); err != nil {
			return nil, err
		}
		// One number in 2^32 is no key: those above the order of the curve, and 0.
		if key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), secret); err == nil {
			return key, nil
		}
	}
}
