package brokertest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// CA is a throw-away authority: for a broker on loopback and for those who talk with it.
type CA struct {
	cert    *x509.Certificate
	key     *ecdsa.PrivateKey
	pool    *x509.CertPool
	revoked []x509.RevocationListEntry
}

// NewCA makes an authority that nobody knows.
func NewCA() (*CA, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	self := certificate("throw-away authority", time.Now().Add(24*time.Hour))
	self.IsCA, self.BasicConstraintsValid = true, true
	self.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	der, err := x509.CreateCertificate(rand.Reader, self, self, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	ca := &CA{cert: cert, key: key, pool: x509.NewCertPool()}
	ca.pool.AddCert(cert)
	return ca, nil
}

// Authority gives the certificate and the key of the authority itself, for another server of a test that signs for it.
func (ca *CA) Authority() *tls.Certificate {
	return &tls.Certificate{Certificate: [][]byte{ca.cert.Raw}, PrivateKey: ca.key, Leaf: ca.cert}
}

// Client gives the TLS settings of a client of that name, good until a day from now.
func (ca *CA) Client(name string) (*tls.Config, error) {
	return ca.ClientUntil(name, time.Now().Add(24*time.Hour))
}

// ClientUntil gives them with a certificate that ends at an instant.
func (ca *CA) ClientUntil(name string, end time.Time) (*tls.Config, error) {
	c := certificate(name, end)
	c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	chain, key, err := ca.issue(c)
	if err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(chain, key)
	if err != nil {
		return nil, err
	}
	trust := ca.Stranger()
	trust.Certificates = []tls.Certificate{pair}
	return trust, nil
}

// WriteBox leaves in a folder what a box of that name has of its identity: box.key, and a.crt with the authority behind it.
func (ca *CA) WriteBox(dir, name string) error {
	c := certificate(name, time.Now().Add(24*time.Hour))
	c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	chain, key, err := ca.issue(c)
	if err != nil {
		return err
	}
	chain = append(chain, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.cert.Raw})...)
	return errors.Join(os.WriteFile(filepath.Join(dir, "box.key"), key, 0o600), os.WriteFile(filepath.Join(dir, "a.crt"), chain, 0o600))
}

// Stranger gives the TLS settings of somebody who knows the authority but has no certificate of it.
func (ca *CA) Stranger() *tls.Config {
	return &tls.Config{RootCAs: ca.pool, MinVersion: tls.VersionTLS12}
}

// Revoke puts the certificate of a client on the list that the brokers that start from now on are given.
func (ca *CA) Revoke(client *tls.Config) {
	ca.revoked = append(ca.revoked, x509.RevocationListEntry{SerialNumber: client.Certificates[0].Leaf.SerialNumber, RevocationTime: time.Now()})
}

// writeServer leaves what a broker on loopback needs: ca.crt, srv.crt, srv.key, crl.pem.
func (ca *CA) writeServer(dir string) error {
	c := certificate("broker", time.Now().Add(24*time.Hour))
	// The second address is this machine for a box in QEMU.
	c.DNSNames, c.IPAddresses = []string{"localhost"}, []net.IP{net.IPv4(127, 0, 0, 1), net.IPv4(10, 0, 2, 2)}
	c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	chain, key, err := ca.issue(c)
	if err != nil {
		return err
	}
	list, err := x509.CreateRevocationList(rand.Reader, &x509.RevocationList{Number: big.NewInt(1), RevokedCertificateEntries: ca.revoked,
		ThisUpdate: time.Now().Add(-time.Hour), NextUpdate: time.Now().Add(24 * time.Hour)}, ca.cert, ca.key)
	if err != nil {
		return err
	}
	root := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.cert.Raw})
	crl := pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: list})
	for name, text := range map[string][]byte{"ca.crt": root, "crl.pem": crl, "srv.crt": chain, "srv.key": key} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// issue signs a certificate for a new key, and gives both as PEM.
func (ca *CA) issue(c *x509.Certificate) (chain, private []byte, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	der, err := x509.CreateCertificate(rand.Reader, c, ca.cert, &key.PublicKey, ca.key)
	if err != nil {
		return nil, nil, err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), nil
}

func certificate(name string, end time.Time) *x509.Certificate {
	serial, _ := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120)) // its error is always nil
	return &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: end, KeyUsage: x509.KeyUsageDigitalSignature,
	}
}
