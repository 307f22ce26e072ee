package main

import (
	"bytes"
	"compress/zlib"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// rauc makes a bundle with RAUC itself. What a box fetches of it by the adaptive update is worked out by its documents,
// https://rauc.readthedocs.io/en/latest/advanced.html#adaptive-updates: installing takes a D-Bus service, nbd and a
// disk of its own.
func rauc(ctx context.Context, work string, pairs []pair) error {
	if n, err := peer(ctx, work, pairs[0], raucBundle); err != nil {
		fmt.Fprintln(os.Stderr, "otabench: rauc:", err)
	} else {
		figure("peer_rauc_bundle_bytes", n, "B")
	}
	for _, p := range pairs {
		n, err := adaptive(p)
		if err != nil {
			return err
		}
		figure("peer_rauc_adaptive_"+p.name+"_bytes", n, "B (model)")
	}
	return nil
}

const raucManifest = `[update]
compatible=syncbox
version=1
[bundle]
format=verity
[image.rootfs]
filename=slot.img
adaptive=block-hash-index
`

func raucBundle(ctx context.Context, work string, p pair) (int64, error) {
	content := filepath.Join(work, "content")
	if err := os.Mkdir(content, 0o755); err != nil {
		return 0, err
	}
	if err := os.Link(p.new, filepath.Join(content, "slot.img")); err != nil {
		return 0, err
	}
	if err := os.WriteFile(filepath.Join(content, "manifest.raucm"), []byte(raucManifest), 0o644); err != nil {
		return 0, err
	}
	cert, key := filepath.Join(work, "cert.pem"), filepath.Join(work, "key.pem")
	if err := writeCertificate(cert, key); err != nil {
		return 0, err
	}
	out := filepath.Join(work, "out.raucb")
	_, err := output(exec.CommandContext(ctx, "rauc", "bundle", "--cert="+cert, "--key="+key, content, out))
	return sizeOf(out, err)
}

// writeCertificate makes a key for one bundle.
func writeCertificate(cert, key string) error {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "otabench"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	public, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		return err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return err
	}
	if err := os.WriteFile(cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: public}), 0o644); err != nil {
		return err
	}
	return os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600)
}

// Of RAUC's adaptive update: the blocks that it looks for, and those of the bundle's squashfs.
const (
	raucBlock     = 4 << 10
	squashBlock   = 128 << 10
	raucIndexItem = 32
)

// adaptive counts the compressed blocks of the bundle that hold a block which the old image has nowhere, and the index.
func adaptive(p pair) (int64, error) {
	old, err := os.ReadFile(p.old)
	if err != nil {
		return 0, err
	}
	new, err := os.ReadFile(p.new)
	if err != nil {
		return 0, err
	}
	have := map[[32]byte]bool{}
	for at := 0; at+raucBlock <= len(old); at += raucBlock {
		have[sha256.Sum256(old[at:at+raucBlock])] = true
	}
	total := int64(len(new) / raucBlock * raucIndexItem)
	for at := 0; at < len(new); at += squashBlock {
		block := new[at:min(at+squashBlock, len(new))]
		for k := 0; k < len(block); k += raucBlock {
			if !have[sha256.Sum256(block[k:min(k+raucBlock, len(block))])] {
				n, err := packed(block)
				if err != nil {
					return 0, err
				}
				total += n
				break
			}
		}
	}
	return total, nil
}

// packed gives the length of a block compressed as mksquashfs does by default.
func packed(block []byte) (int64, error) {
	var b bytes.Buffer
	z, err := zlib.NewWriterLevel(&b, zlib.BestCompression)
	if err != nil {
		return 0, err
	}
	if _, err := z.Write(block); err != nil {
		return 0, err
	}
	err = z.Close()
	return int64(b.Len()), err
}
