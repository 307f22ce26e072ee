package enrol

import (
	"crypto/x509"
	"time"
)

// DueOf gives when the certificate of a box is due that holds for a time.
func DueOf(from, until time.Time, box string) time.Time {
	c := &credential{leaf: &x509.Certificate{NotBefore: from, NotAfter: until}}
	return c.due(box)
}

// ParsePKCS7 reads a message.
var ParsePKCS7 = parsePKCS7

// Claimed gives what a claim shows.
func (i *Identity) Claimed() (serial, code string) { return i.claim.Serial, i.claim.Code }
