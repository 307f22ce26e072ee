package enrol

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
)

// mostCertificates is how many a file or an answer may hold.
const mostCertificates = 16

// parsePEM reads certificates, and passes over what is written between them. None at all is an error.
func parsePEM(text []byte) ([]*x509.Certificate, error) {
	if len(text) > MaxFile {
		return nil, fmt.Errorf("%d bytes, at most %d", len(text), MaxFile)
	}
	var ders [][]byte
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type == "CERTIFICATE" {
			ders = append(ders, block.Bytes)
		}
	}
	return parseAll(ders)
}

// parseAll reads some certificates, one at least.
func parseAll(ders [][]byte) (all []*x509.Certificate, err error) {
	if len(ders) == 0 {
		return nil, errors.New("no certificate")
	}
	if len(ders) > mostCertificates {
		return nil, fmt.Errorf("%d certificates, at most %d", len(ders), mostCertificates)
	}
	for _, der := range ders {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}

func encodePEM(lists ...[]*x509.Certificate) []byte {
	var b bytes.Buffer
	for _, list := range lists {
		for _, c := range list {
			pem.Encode(&b, &pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}) // a buffer takes everything
		}
	}
	return b.Bytes()
}

// isRoot tells whether a certificate is that of an authority that vouches for itself.
func isRoot(c *x509.Certificate) bool {
	return c.IsCA && bytes.Equal(c.RawSubject, c.RawIssuer) && c.CheckSignatureFrom(c) == nil
}

// roots gives the authorities among certificates, and the others.
func roots(all []*x509.Certificate) (roots, others []*x509.Certificate) {
	for _, c := range all {
		if isRoot(c) {
			roots = append(roots, c)
		} else {
			others = append(others, c)
		}
	}
	return roots, others
}

func pool(all []*x509.Certificate) *x509.CertPool {
	p := x509.NewCertPool()
	for _, c := range all {
		p.AddCert(c)
	}
	return p
}

// vouched gives those of the authorities that an answer names which the box knows already, or which one that it knows has
// signed under the same name and key (NewWithOld, RFC 4210 4.4): a server that was taken over brings no authority of its own.
func vouched(known, answer []*x509.Certificate) (believed []*x509.Certificate) {
	own, others := roots(answer)
	knownPool, between := pool(known), pool(others)
	for _, r := range own {
		if contains(known, r) {
			believed = append(believed, r)
			continue
		}
		for _, c := range others {
			same := bytes.Equal(c.RawSubject, r.RawSubject) && bytes.Equal(c.RawSubjectPublicKeyInfo, r.RawSubjectPublicKeyInfo)
			opts := x509.VerifyOptions{Roots: knownPool, Intermediates: between, CurrentTime: c.NotBefore, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}
			if _, err := c.Verify(opts); same && c.IsCA && err == nil {
				believed = append(believed, r)
				break
			}
		}
	}
	return believed
}

func contains(all []*x509.Certificate, c *x509.Certificate) bool {
	for _, o := range all {
		if o.Equal(c) {
			return true
		}
	}
	return false
}
