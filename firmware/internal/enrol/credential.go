package enrol

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// credential is a certificate of the box, with those between it and the authority, and the authorities that came with it.
type credential struct {
	leaf           *x509.Certificate
	between, roots []*x509.Certificate
}

func (c *credential) pem() []byte {
	return encodePEM([]*x509.Certificate{c.leaf}, c.between, c.roots)
}

func (c *credential) tls(key *ecdsa.PrivateKey) tls.Certificate {
	t := tls.Certificate{PrivateKey: key, Leaf: c.leaf, Certificate: [][]byte{c.leaf.Raw}}
	for _, b := range c.between {
		t.Certificate = append(t.Certificate, b.Raw)
	}
	return t
}

// at gives a part of the certificate's life.
func (c *credential) at(part, of int64) time.Time {
	life := c.leaf.NotAfter.Sub(c.leaf.NotBefore)
	return c.leaf.NotBefore.Add(life / time.Duration(of) * time.Duration(part))
}

// due is when a renewal is to begin: after two thirds of the life, and up to a twelfth later, by the box's name, so that boxes
// that were made on one day do not come on one day.
func (c *credential) due(box string) time.Time {
	sum := sha256.Sum256([]byte(box))
	share := time.Duration(binary.BigEndian.Uint32(sum[:])>>16) * (c.at(1, 12).Sub(c.leaf.NotBefore) >> 16)
	return c.at(8, 12).Add(share)
}

// ending is when a person should be told that no renewal came about.
func (c *credential) ending() time.Time { return c.at(11, 12) }

// readCredential reads what pem wrote.
func readCredential(text []byte) (*credential, error) {
	all, err := parsePEM(text)
	if err != nil {
		return nil, err
	}
	c := &credential{leaf: all[0]}
	c.roots, c.between = roots(all[1:])
	return c, nil
}

// early is how far in the future a new certificate may begin: the clocks of box and authority differ.
const early = time.Hour

// fit makes a credential of certificates in any order, if one of them is the box's and comes from one of the authorities.
func fit(key *ecdsa.PublicKey, box string, all, authorities []*x509.Certificate, now time.Time, trusted bool) (*credential, error) {
	var leaf *x509.Certificate
	for _, c := range all {
		if key.Equal(c.PublicKey) && !c.IsCA {
			leaf = c
		}
	}
	switch {
	case leaf == nil:
		return nil, errors.New("it is for another key")
	case leaf.Subject.CommonName != box:
		return nil, fmt.Errorf("it is for %q", leaf.Subject.CommonName)
	}
	_, others := roots(all)
	at := within(leaf, now)
	if trusted && (now.After(leaf.NotAfter) || at.Sub(now) > early) {
		at = now
	}
	chains, err := leaf.Verify(x509.VerifyOptions{Roots: pool(authorities), Intermediates: pool(others), CurrentTime: at,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	if err != nil {
		return nil, err
	}
	return &credential{leaf: leaf, between: chains[0][1 : len(chains[0])-1], roots: authorities}, nil
}

// within gives the instant of a certificate's life that is nearest.
func within(c *x509.Certificate, now time.Time) time.Time {
	if now.Before(c.NotBefore) {
		return c.NotBefore
	}
	if now.After(c.NotAfter) {
		return c.NotAfter
	}
	return now
}
