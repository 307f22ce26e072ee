package esttest

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"net/http"
	"slices"
	"time"
)

// Entry is what a request was and what became of it. It never has a claim code in it.
type Entry struct {
	At        time.Time
	Operation string // last part of the path: "cacerts", "simpleenroll", "simplereenroll"
	User      string // serial number of HTTP basic
	Peer      string // common name of the certificate that came by TLS
	Name      string // common name that is asked for
	Key       string // SHA-256 of the public key that is asked for (its SubjectPublicKeyInfo), in hex
	Status    int    // of HTTP; 0 where the connection was cut
	Why       string // reason of a refusal; empty where there is none
	Fault     Kind   // how the server misbehaved; empty where it didn't
	Issued    string // serial number of the certificate that was signed for this request, in hex, also if it never arrived
}

// Journal gives what the server was asked so far, in order.
func (s *Server) Journal() []Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.journal)
}

func (s *Server) note(e Entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.journal = append(s.journal, e)
}

// entry begins an entry with what can be told of any request.
func (s *Server) entry(r *http.Request, operation string) Entry {
	e := Entry{At: s.set.Now(), Operation: operation}
	e.User, _, _ = r.BasicAuth()
	if r.TLS != nil && len(r.TLS.PeerCertificates) > 0 {
		e.Peer = r.TLS.PeerCertificates[0].Subject.CommonName
	}
	return e
}

// asks adds what the request asks for.
func (e *Entry) asks(csr *x509.CertificateRequest) {
	e.Name = csr.Subject.CommonName
	e.Key = KeyHash(csr.RawSubjectPublicKeyInfo)
}

// KeyHash gives Key of an entry for a SubjectPublicKeyInfo.
func KeyHash(spki []byte) string {
	sum := sha256.Sum256(spki)
	return hex.EncodeToString(sum[:])
}
