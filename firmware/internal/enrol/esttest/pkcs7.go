package esttest

import (
	"encoding/asn1"
	"encoding/base64"
	"slices"
	"strings"
)

var (
	oidData       = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}
	oidSignedData = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
)

// certsOnly is the degenerate form of SignedData that only carries certificates (RFC 5652 §5.1, "certs-only" in
// RFC 8551 §3.8), each as DER.
func certsOnly(certs ...[]byte) ([]byte, error) {
	inner, err := asn1.Marshal(struct {
		Version int
		Digests asn1.RawValue
		Content struct{ Type asn1.ObjectIdentifier }
		Certs   asn1.RawValue
		Signers asn1.RawValue
	}{
		Version: 1, Digests: set(), Content: struct{ Type asn1.ObjectIdentifier }{oidData},
		Certs: tagged(slices.Concat(certs...)), Signers: set(),
	})
	if err != nil {
		return nil, err
	}
	return asn1.Marshal(struct {
		Type    asn1.ObjectIdentifier
		Content asn1.RawValue
	}{oidSignedData, tagged(inner)})
}

// set is an empty SET.
func set() asn1.RawValue {
	return asn1.RawValue{Class: asn1.ClassUniversal, Tag: asn1.TagSet, IsCompound: true}
}

// tagged is [0] around some DER.
func tagged(der []byte) asn1.RawValue {
	return asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: der}
}

// mimeText is base64 in lines of 76 characters that end in CRLF, as RFC 2045 writes it: what EST servers answer with.
func mimeText(der []byte) string {
	var lines strings.Builder
	for line := range slices.Chunk([]byte(base64.StdEncoding.EncodeToString(der)), 76) {
		lines.Write(line)
		lines.WriteString("\r\n")
	}
	return lines.String()
}
