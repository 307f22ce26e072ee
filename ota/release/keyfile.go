package release

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/renameio/v2"
	"github.com/secure-systems-lab/go-securesystemslib/encrypted"
)

// PEM types of key files. The encrypted one holds what go-securesystemslib's package encrypted makes of the PKCS #8 form
// (scrypt and NaCl secretbox), as cosign's key files do.
const (
	pemPrivate   = "PRIVATE KEY"
	pemPublic    = "PUBLIC KEY"
	pemEncrypted = "ENCRYPTED SIGSTORE PRIVATE KEY"
)

// Endings of key files; what stands before is the key's name.
const (
	privateEnding = ".key"
	publicEnding  = ".pub"
)

// ErrPassphrase is wrapped where no passphrase opens a key file.
var ErrPassphrase = errors.New("no passphrase opens it")

// Write writes both halves into a folder, as NAME.key (0600) and NAME.pub. The private half is encrypted unless the
// passphrase is empty. An existing file is an error.
func (k Key) Write(dir string, passphrase []byte) error {
	private, ok := k.Signer.(ed25519.PrivateKey)
	if !ok {
		return fmt.Errorf("write key %s: its private half is not here", k.Name())
	}
	text, err := Seal(private, passphrase)
	if err != nil {
		return fmt.Errorf("write key %s: %w", k.Name(), err)
	}
	if err := writeNew(filepath.Join(dir, k.Name()+privateEnding), text, 0o600); err != nil {
		return err
	}
	return k.WritePublic(dir)
}

// Seal gives the text of a key file: any private key of crypto/x509, encrypted unless the passphrase is empty.
func Seal(private any, passphrase []byte) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, err
	}
	block := &pem.Block{Type: pemPrivate, Bytes: der}
	if len(passphrase) > 0 {
		block.Type = pemEncrypted
		if block.Bytes, err = encrypted.Encrypt(der, passphrase); err != nil {
			return nil, err
		}
	}
	return pem.EncodeToMemory(block), nil
}

// WritePublic writes the public half alone, as NAME.pub.
func (k Key) WritePublic(dir string) error {
	der, err := x509.MarshalPKIXPublicKey(k.Public)
	if err != nil {
		return fmt.Errorf("write key %s: %w", k.Name(), err)
	}
	return writeNew(filepath.Join(dir, k.Name()+publicEnding), pem.EncodeToMemory(&pem.Block{Type: pemPublic, Bytes: der}), 0o644)
}

func writeNew(path string, content []byte, mode os.FileMode) error {
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("%s: %w", path, os.ErrExist)
	}
	return renameio.WriteFile(path, content, mode, renameio.WithStaticPermissions(mode))
}

// ReadKeys reads all key files of folders; a key is listed once, with its private half where one of the folders has it.
// Each passphrase is tried on each encrypted file.
func ReadKeys(passphrases [][]byte, dirs ...string) (Keys, error) {
	var all Keys
	at := map[string]int{}
	for _, dir := range dirs {
		entries, err := os.ReadDir(dir)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			ending := filepath.Ext(e.Name())
			if ending != privateEnding && ending != publicEnding {
				continue
			}
			k, err := ReadKey(passphrases, filepath.Join(dir, e.Name()))
			if err != nil {
				return nil, err
			}
			if i, known := at[k.Name()]; !known {
				at[k.Name()], all = len(all), append(all, k)
			} else if all[i].Signer == nil {
				all[i] = k
			}
		}
	}
	return all, nil
}

// ReadKey reads one key file. Its name must be that of the key within, with the role that the maker of a root gives it.
func ReadKey(passphrases [][]byte, path string) (Key, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return Key{}, err
	}
	name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	role, _, _ := strings.Cut(name, "-")
	k := Key{}
	if k.Role, err = ParseRole(role); err == nil {
		err = k.parse(b, passphrases)
	}
	if err == nil && k.Name() != name {
		err = fmt.Errorf("the key is %s", k.Name())
	}
	if err != nil {
		return Key{}, fmt.Errorf("read key %s: %w", path, err)
	}
	return k, nil
}

func (k *Key) parse(b []byte, passphrases [][]byte) error {
	key, err := Unseal(b, passphrases)
	if err != nil {
		return err
	}
	if p, ok := key.(ed25519.PrivateKey); ok {
		return k.set(p.Public(), p)
	}
	return k.set(key, nil)
}

// Unseal reads the text of a key file: a private key, or a public one. Each passphrase is tried on an encrypted one.
func Unseal(text []byte, passphrases [][]byte) (key any, err error) {
	block, rest := pem.Decode(text)
	if block == nil || len(rest) > 0 {
		return nil, errors.New("not one PEM block")
	}
	if block.Type == pemPublic {
		return x509.ParsePKIXPublicKey(block.Bytes)
	}
	der := block.Bytes
	if block.Type == pemEncrypted {
		if der, err = decrypt(der, passphrases); err != nil {
			return nil, err
		}
	}
	return x509.ParsePKCS8PrivateKey(der)
}

func (k *Key) set(public any, private ed25519.PrivateKey) error {
	var ok bool
	if k.Public, ok = public.(ed25519.PublicKey); !ok {
		return fmt.Errorf("a key of type %T", public)
	}
	if private != nil {
		k.Signer = private
	}
	return nil
}

func decrypt(b []byte, passphrases [][]byte) ([]byte, error) {
	for _, p := range passphrases {
		if der, err := encrypted.Decrypt(b, p); err == nil {
			return der, nil
		}
	}
	return nil, ErrPassphrase
}
