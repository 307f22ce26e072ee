package enrol

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
)

// What an EST server answers is a SignedData that holds certificates and no signature (RFC 7030 4.1.3, RFC 5652 5.1), DER or,
// from servers written in Java, BER with lengths that are not told beforehand. Only the certificates are read, and certificates
// are DER always.
const (
	tagOID     = 0x06
	tagSeq     = 0x30
	tagContext = 0xa0 // [0], constructed
)

// oidSignedData is 1.2.840.113549.1.7.2.
var oidSignedData = []byte{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02}

// deepest is how many elements without length may hold each other.
const deepest = 16

var errPKCS7 = errors.New("no certs-only PKCS #7 message")

// decodeAnswer reads the body of an answer: base64 in lines of any length.
func decodeAnswer(body []byte) ([]*x509.Certificate, error) {
	body = bytes.Join(bytes.Fields(body), nil)
	ber := make([]byte, base64.StdEncoding.DecodedLen(len(body)))
	n, err := base64.StdEncoding.Decode(ber, body)
	if err != nil {
		return nil, fmt.Errorf("read base64: %w", err)
	}
	return parsePKCS7(ber[:n])
}

// parsePKCS7 gives the certificates of a message, in its order.
func parsePKCS7(ber []byte) ([]*x509.Certificate, error) {
	info, _, err := enter(ber, tagSeq)
	if err != nil {
		return nil, err
	}
	kind, info, err := enter(info, tagOID)
	if err != nil || !bytes.Equal(kind, oidSignedData) {
		return nil, errPKCS7
	}
	signed, _, err := enter(info, tagContext)
	if err == nil {
		signed, _, err = enter(signed, tagSeq)
	}
	for range 3 { // version, digest algorithms, content
		if err == nil {
			_, _, signed, err = element(signed, deepest)
		}
	}
	if err != nil {
		return nil, err
	}
	list, _, err := enter(signed, tagContext)
	if err != nil {
		return nil, err
	}
	return parseList(list)
}

func parseList(list []byte) ([]*x509.Certificate, error) {
	var ders [][]byte
	for len(list) > 0 {
		tag, _, rest, err := element(list, deepest)
		if err != nil {
			return nil, err
		}
		if tag == tagSeq { // the other choices of RFC 5652 10.2.2 are passed over
			ders = append(ders, list[:len(list)-len(rest)])
		}
		list = rest
	}
	return parseAll(ders)
}

// enter gives the content of the first element, which has to have a tag, and what comes after it.
func enter(ber []byte, want byte) (content, rest []byte, err error) {
	tag, content, rest, err := element(ber, deepest)
	if err == nil && tag != want {
		err = fmt.Errorf("%w: tag %#x, want %#x", errPKCS7, tag, want)
	}
	return content, rest, err
}

// element gives the first element of a row, and what comes after it (X.690 8.1). Tags of more than one byte are errors: none
// has a place here.
func element(ber []byte, depth int) (tag byte, content, rest []byte, err error) {
	if len(ber) < 2 || depth == 0 || ber[0]&0x1f == 0x1f {
		return 0, nil, nil, errPKCS7
	}
	tag, first, rest := ber[0], ber[1], ber[2:]
	if first == 0x80 {
		content, rest, err = endless(tag, rest, depth)
		return tag, content, rest, err
	}
	length := uint64(first)
	if first > 0x80 {
		n := int(first & 0x7f)
		if n > 4 || n > len(rest) {
			return 0, nil, nil, errPKCS7
		}
		length = 0
		for _, b := range rest[:n] {
			length = length<<8 | uint64(b)
		}
		rest = rest[n:]
	}
	if length > uint64(len(rest)) {
		return 0, nil, nil, errPKCS7
	}
	return tag, rest[:length], rest[length:], nil
}

// endless gives the content of an element that ends with two zeros.
func endless(tag byte, ber []byte, depth int) (content, rest []byte, err error) {
	if tag&0x20 == 0 { // not constructed
		return nil, nil, errPKCS7
	}
	rest = ber
	for !bytes.HasPrefix(rest, []byte{0, 0}) {
		if _, _, rest, err = element(rest, depth-1); err != nil {
			return nil, nil, err
		}
	}
	return ber[:len(ber)-len(rest)], rest[2:], nil
}
