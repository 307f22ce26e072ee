package enrol

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
)

// errKey: there is a key file, but no key of ours in it.
var errKey = errors.New("no P-256 key")

// key gives the box's key and makes it where there is none. A damaged one is set aside: nobody can get it back, and the box
// asks for a certificate with another one, as a new box does.
func (f folder) key(log *slog.Logger) (*ecdsa.PrivateKey, error) {
	text, err := f.read(keyFile)
	if err != nil {
		return nil, errorf(Storage, "read key: %w", err)
	}
	if text != nil {
		key, err := parseKey(text)
		if err == nil {
			return key, nil
		}
		log.Error("the box's key is damaged; another one is made", "code", Storage, "err", err)
		path := filepath.Join(f.path, keyFile)
		if err := os.Rename(path, path+".bad"); err != nil {
			return nil, errorf(Storage, "set damaged key aside: %w", err)
		}
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, errorf(Storage, "make key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		panic(err) // a P-256 key has this form
	}
	return key, f.put(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

func parseKey(text []byte) (*ecdsa.PrivateKey, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errKey
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	if k, ok := key.(*ecdsa.PrivateKey); ok && k.Curve == elliptic.P256() {
		return k, nil
	}
	return nil, errKey
}

// Fingerprint names a public key for people who compare it: the first 16 digits of its SHA-256, in fours.
func Fingerprint(public any) string {
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(der)
	return fmt.Sprintf("%x %x %x %x", sum[:2], sum[2:4], sum[4:6], sum[6:8])
}
