package release_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	cryptorand "crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/ota/release"
)

// chance gives the same bytes in every run.
func chance(seed byte) *rand.ChaCha8 { return rand.NewChaCha8([32]byte{seed}) }

// newKeys makes n keys of a role, the same in every run.
func newKeys(t *testing.T, seed byte, role release.Role, n int) (keys release.Keys) {
	t.Helper()
	random := chance(seed)
	for range n {
		k, err := release.NewKey(role, random)
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, k)
	}
	return keys
}

// allKeys makes what a repository begins with.
func allKeys(t *testing.T) release.Keys {
	t.Helper()
	keys, err := release.NewKeys(chance(255))
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// public forgets the private halves.
func public(keys release.Keys) (halves release.Keys) {
	for _, k := range keys {
		k.Signer = nil
		halves = append(halves, k)
	}
	return halves
}

func TestKeyFiles(t *testing.T) {
	key := newKeys(t, 1, release.Root, 1)[0]
	for name, passphrase := range map[string]string{"plain": "", "encrypted": "crème brûlée"} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := key.Write(dir, []byte(passphrase)); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(dir, key.Name()+".key")
			info, err := os.Stat(path)
			if err != nil || info.Mode() != 0o600 {
				t.Errorf("mode %v, %v, want 0600", info.Mode(), err)
			}
			got, err := release.ReadKeys([][]byte{[]byte(passphrase)}, dir)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(release.Keys{key}, got); d != "" {
				t.Errorf("keys (-written +read):\n%s", d)
			}
			if err := key.Write(dir, nil); !errors.Is(err, os.ErrExist) {
				t.Errorf("written over: %v", err)
			}
			if _, err := release.ReadKeys([][]byte{[]byte("wrong"), nil}, dir); passphrase != "" && !errors.Is(err, release.ErrPassphrase) {
				t.Errorf("wrong passphrase: %v", err)
			}
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			block, _ := pem.Decode(b)
			seed := key.Signer.(ed25519.PrivateKey).Seed()
			if shown := bytes.Contains(block.Bytes, seed); shown != (passphrase == "") {
				t.Errorf("the file shows the seed: %t", shown)
			}
		})
	}
}

// TestPublicHalves has the private half of a key in the second of two folders only.
func TestPublicHalves(t *testing.T) {
	key := newKeys(t, 1, release.Fleet, 1)[0]
	first, second := t.TempDir(), t.TempDir()
	if err := errors.Join(key.WritePublic(first), key.Write(second, nil)); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		dirs []string
		want release.Keys
	}{
		{"public", []string{first}, public(release.Keys{key})},
		{"public, then private", []string{first, second}, release.Keys{key}},
		{"private, then public", []string{second, first}, release.Keys{key}},
	} {
		got, err := release.ReadKeys(nil, tt.dirs...)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(tt.want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, d)
		}
	}
}

func TestBadKeyFiles(t *testing.T) {
	key := newKeys(t, 1, release.Root, 1)[0]
	dir := t.TempDir()
	if err := key.Write(dir, nil); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(filepath.Join(dir, key.Name()+".key"))
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct{ file, content, want string }{
		"another key":   {"root-00000000", string(good), "the key is " + key.Name()},
		"no role":       {"boss-00000000", string(good), `no role "boss"`},
		"no PEM":        {key.Name(), "key", "not one PEM block"},
		"two":           {key.Name(), string(good) + string(good), "not one PEM block"},
		"cut":           {key.Name(), "-----BEGIN PRIVATE KEY-----\nMC4=\n-----END PRIVATE KEY-----\n", "asn1"},
		"another curve": {key.Name(), otherCurve(t), "a key of type *ecdsa.PublicKey"},
	} {
		path := filepath.Join(t.TempDir(), tt.file+".key")
		if err := os.WriteFile(path, []byte(tt.content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := release.ReadKey(nil, path); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", name, err, tt.want)
		}
	}
}

// otherCurve is the file of a public key that is no ed25519 key.
func otherCurve(t *testing.T) string {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), cryptorand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(k.Public())
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}
