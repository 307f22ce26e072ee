// Package authority is the small certificate authority of somebody who looks after boxes alone: a folder with one key, a
// register in plain text, and a list of what is revoked. It gives certificates to boxes, to the programs of support, and to
// brokers; each name has one key at a time. Nothing of it runs on a box.
package authority

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"time"

	"syncbox/firmware/internal/durable"
	"syncbox/ota/release"
)

// Files of an authority, in its folder.
const (
	CertificateFile = "ca.crt" // goes to boxes, brokers and programs
	ListFile        = "ca.crl" // what is revoked; goes to brokers
	keyFile         = "ca.key" // as the keys of releases: encrypted, 0600
	registerFile    = "register.txt"
	issuedFolder    = "issued" // each certificate, by its serial number
)

// How long things hold.
const (
	day       = 24 * time.Hour
	authority = 3652 * day
	list      = 400 * day
	backdated = time.Hour // clocks of others may be late
)

// Authority is one that can sign. It is for one program at a time.
type Authority struct {
	dir      string
	cert     *x509.Certificate
	key      *ecdsa.PrivateKey
	register Register
	now      func() time.Time
}

// ErrExists: there is one already.
var ErrExists = errors.New("the folder holds an authority already")

// Create makes an authority of that name in a folder, with a key that the passphrase encrypts; empty = not at all.
func Create(dir, name string, passphrase []byte, now func() time.Time) (*Authority, error) {
	for _, f := range []string{keyFile, CertificateFile, registerFile} {
		if _, err := os.Lstat(filepath.Join(dir, f)); !errors.Is(err, fs.ErrNotExist) {
			return nil, errors.Join(fmt.Errorf("make authority in %s: %w", dir, ErrExists), err)
		}
	}
	if err := os.MkdirAll(filepath.Join(dir, issuedFolder), 0o700); err != nil {
		return nil, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make key: %w", err)
	}
	self := template(name, now(), authority)
	self.IsCA, self.BasicConstraintsValid, self.MaxPathLenZero = true, true, true
	self.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	der, err := x509.CreateCertificate(rand.Reader, self, self, &key.PublicKey, key)
	if err != nil {
		return nil, fmt.Errorf("sign authority: %w", err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	a := &Authority{dir: dir, cert: cert, key: key, now: now}
	return a, a.begin(passphrase)
}

// begin writes what a new authority has; the key goes first, so that nothing is signed by one that could be lost.
func (a *Authority) begin(passphrase []byte) error {
	text, err := release.Seal(a.key, passphrase)
	if err != nil {
		return fmt.Errorf("encrypt key: %w", err)
	}
	if err := a.write(keyFile, text, 0o600); err != nil {
		return err
	}
	if err := a.write(CertificateFile, certificatePEM(a.cert.Raw), 0o644); err != nil {
		return err
	}
	if err := a.keep(); err != nil {
		return err
	}
	return a.publish()
}

// Open reads an authority with its key. Each passphrase is tried.
func Open(dir string, passphrases [][]byte, now func() time.Time) (*Authority, error) {
	a := &Authority{dir: dir, now: now}
	cert, err := readCertificate(filepath.Join(dir, CertificateFile))
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, keyFile)
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	key, err := release.Unseal(text, passphrases)
	if err != nil {
		return nil, fmt.Errorf("read key %s: %w", path, err)
	}
	ok := false
	if a.key, ok = key.(*ecdsa.PrivateKey); !ok || !a.key.PublicKey.Equal(cert.PublicKey) {
		return nil, fmt.Errorf("read key %s: it is not that of %s", path, CertificateFile)
	}
	a.cert = cert
	a.register, err = ReadRegister(dir)
	return a, err
}

func readCertificate(path string) (*x509.Certificate, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil || block.Type != "CERTIFICATE" {
		return nil, fmt.Errorf("read %s: no certificate", path)
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return cert, nil
}

func certificatePEM(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// Certificate gives the authority's own, PEM.
func (a *Authority) Certificate() []byte { return certificatePEM(a.cert.Raw) }

func (a *Authority) write(name string, text []byte, mode fs.FileMode) error {
	if err := durable.WriteFile(filepath.Join(a.dir, name), text, mode); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

// template gives what every certificate has.
func template(name string, now time.Time, life time.Duration) *x509.Certificate {
	serial, _ := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 126)) // its error is always nil
	return &x509.Certificate{SerialNumber: serial.SetBit(serial, 126, 1), Subject: pkix.Name{CommonName: name},
		NotBefore: now.Add(-backdated).UTC().Truncate(time.Second), NotAfter: now.Add(life).UTC().Truncate(time.Second)}
}
