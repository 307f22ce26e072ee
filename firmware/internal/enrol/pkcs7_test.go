package enrol_test

import (
	"bytes"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"syncbox/firmware/internal/enrol"
)

// endless gives a message with lengths that are not told beforehand, as servers written in Java send it: each constructed element
// that is not in a certificate.
func endless(certificates []byte) []byte {
	open := func(tag byte, content ...[]byte) []byte {
		return slices.Concat([]byte{tag, 0x80}, slices.Concat(content...), []byte{0, 0})
	}
	var list [][]byte
	for block, rest := pem.Decode(certificates); block != nil; block, rest = pem.Decode(rest) {
		list = append(list, block.Bytes)
	}
	signedData := []byte{0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02}
	data := []byte{0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01}
	return open(0x30, signedData, open(0xa0, open(0x30, []byte{2, 1, 1, 0x31, 0}, open(0x30, data), open(0xa0, list...), []byte{0x31, 0})))
}

func TestMessages(t *testing.T) {
	r := newRig(t)
	want := slices.Concat(r.issue(), r.ca.Certificate())
	messages := map[string][]byte{"DER": certsOnly(want), "BER": endless(want)}
	if _, err := exec.LookPath("openssl"); err == nil {
		path := filepath.Join(t.TempDir(), "both.pem")
		must(t, os.WriteFile(path, want, 0o600))
		messages["OpenSSL"], err = exec.Command("openssl", "crl2pkcs7", "-nocrl", "-certfile", path, "-outform", "DER").Output()
		must(t, err)
	}
	for name, message := range messages {
		all, err := enrol.ParsePKCS7(message)
		must(t, err)
		var got []byte
		for _, c := range all {
			got = append(got, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s: %d certificates", name, len(all))
		}
		for n := range message {
			if all, err := enrol.ParsePKCS7(message[:n]); err == nil {
				t.Errorf("%s: the first %d of %d bytes give %d certificates", name, n, len(message), len(all))
			}
		}
	}
	if all, err := enrol.ParsePKCS7(certsOnly(bytes.Repeat(r.ca.Certificate(), 17))); err == nil {
		t.Errorf("%d certificates", len(all))
	}
	if all, err := enrol.ParsePKCS7(certsOnly(nil)); err == nil {
		t.Errorf("%d certificates of none", len(all))
	}
	if _, err := enrol.ParsePKCS7(bytes.Repeat([]byte{0x30, 0x80}, 30_000)); err == nil {
		t.Error("a bottomless message was read")
	}
}

func FuzzPKCS7(f *testing.F) {
	f.Add([]byte{0x30, 0x80, 0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02, 0xa0, 0x80})
	f.Add([]byte{0x30, 0x84, 0x7f, 0xff, 0xff, 0xff, 0x06})
	f.Add(certsOnly([]byte("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n")))
	f.Add(endless([]byte("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n")))
	f.Fuzz(func(t *testing.T, message []byte) {
		if all, err := enrol.ParsePKCS7(message); (err == nil) != (len(all) > 0) {
			t.Errorf("%d certificates, %v", len(all), err)
		}
	})
}
