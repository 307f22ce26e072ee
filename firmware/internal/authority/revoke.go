package authority

import (
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"time"
)

// Revoke ends all certificates of a name, and writes the list anew. It gives how many there were.
func (a *Authority) Revoke(name string) (int, error) {
	n := len(a.register.Of(name, a.now()))
	if n == 0 {
		return 0, fmt.Errorf("revoke %s: %w", name, ErrNone)
	}
	return n, a.revoke(name, func(Record) bool { return true })
}

// revoke ends those certificates of a name that are meant: in the register first, since the list is made of it.
func (a *Authority) revoke(name string, meant func(Record) bool) error {
	ended := map[string]bool{}
	for _, r := range a.register.Of(name, a.now()) {
		ended[r.Serial] = meant(r)
	}
	for i, r := range a.register {
		if ended[r.Serial] {
			a.register[i].Revoked = a.now().UTC().Truncate(time.Second)
		}
	}
	if err := a.keep(); err != nil {
		return err
	}
	return a.publish()
}

// publish writes the list of what is revoked and has not run out by itself.
func (a *Authority) publish() error {
	now := a.now()
	l := &x509.RevocationList{Number: big.NewInt(now.Unix()), ThisUpdate: now.Add(-backdated), NextUpdate: now.Add(list)}
	if last, err := ReadList(a.dir); err == nil && last.Number.Cmp(l.Number) >= 0 {
		l.Number = new(big.Int).Add(last.Number, big.NewInt(1))
	}
	for _, r := range a.register {
		if r.Revoked.IsZero() || now.After(r.Until) {
			continue
		}
		serial, ok := new(big.Int).SetString(r.Serial, 16)
		if !ok {
			return fmt.Errorf("revoke %s: serial number %q", r.Name, r.Serial)
		}
		l.RevokedCertificateEntries = append(l.RevokedCertificateEntries, x509.RevocationListEntry{SerialNumber: serial, RevocationTime: r.Revoked})
	}
	der, err := x509.CreateRevocationList(rand.Reader, l, a.cert, a.key)
	if err != nil {
		return fmt.Errorf("sign list: %w", err)
	}
	return a.write(ListFile, pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: der}), 0o644)
}

// Publish writes the list anew, so that it goes on holding: it ends 400 days later, and then a broker lets nobody in.
func (a *Authority) Publish() error { return a.publish() }

// ReadList reads the list of an authority's folder.
func ReadList(dir string) (*x509.RevocationList, error) {
	path := filepath.Join(dir, ListFile)
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("read %s: no list", path)
	}
	return x509.ParseRevocationList(block.Bytes)
}

// Ends tells when authority and list of a folder end.
func Ends(dir string) (authority, list time.Time, err error) {
	cert, err := readCertificate(filepath.Join(dir, CertificateFile))
	if err != nil {
		return authority, list, err
	}
	l, err := ReadList(dir)
	if err != nil {
		return authority, list, err
	}
	return cert.NotAfter, l.NextUpdate, nil
}
