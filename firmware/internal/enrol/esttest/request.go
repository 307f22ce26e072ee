package esttest

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/subtle"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
)

// realm is the challenge of a 401 (RFC 7030 §3.2.3).
const realm = `Basic realm="claim"`

// maxRequest bounds a request in bytes.
const maxRequest = 16 << 10

// refusal is why a request gets nothing.
type refusal struct {
	status int
	why    string
}

func (r *refusal) Error() string { return r.why }

func refuse(status int, format string, args ...any) *refusal {
	return &refusal{status, fmt.Sprintf(format, args...)}
}

// readRequest reads what is asked for: a PKCS#10 request in base64 (RFC 7030 §4.2.1). RFC 8951 §3.1 lets clients leave out
// Content-Transfer-Encoding; where it stands, it must tell the truth.
func readRequest(r *http.Request) (*x509.CertificateRequest, *refusal) {
	if r.Method != http.MethodPost {
		return nil, refuse(http.StatusMethodNotAllowed, "method %s", r.Method)
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/pkcs10" {
		return nil, refuse(http.StatusUnsupportedMediaType, "content type")
	}
	if e := r.Header.Get("Content-Transfer-Encoding"); e != "" && !strings.EqualFold(e, "base64") {
		return nil, refuse(http.StatusBadRequest, "transfer encoding")
	}
	text, err := io.ReadAll(io.LimitReader(r.Body, maxRequest+1))
	switch {
	case err != nil:
		return nil, refuse(http.StatusBadRequest, "request breaks off")
	case len(text) > maxRequest:
		return nil, refuse(http.StatusRequestEntityTooLarge, "too big")
	}
	der, err := base64.StdEncoding.DecodeString(string(text)) // line ends are skipped
	if err != nil {
		return nil, refuse(http.StatusBadRequest, "no base64")
	}
	csr, err := x509.ParseCertificateRequest(der)
	if err != nil {
		return nil, refuse(http.StatusBadRequest, "no PKCS#10")
	}
	return csr, nil
}

// sound looks at the request alone: who asks must have the key.
func sound(csr *x509.CertificateRequest) *refusal {
	if err := csr.CheckSignature(); err != nil {
		return refuse(http.StatusBadRequest, "signature of the request")
	}
	switch key := csr.PublicKey.(type) {
	case *ecdsa.PublicKey:
		if key.Curve == elliptic.P224() {
			return refuse(http.StatusBadRequest, "weak key")
		}
	case *rsa.PublicKey:
		if key.N.BitLen() < 2048 {
			return refuse(http.StatusBadRequest, "weak key")
		}
	case ed25519.PublicKey:
	default:
		return refuse(http.StatusBadRequest, "kind of key")
	}
	return nil
}

// mayEnrol looks at who asks for his first certificate: serial number and claim code. Any wrong pair gets the same answer, so
// that nobody learns which serial numbers there are.
func (s *Server) mayEnrol(r *http.Request, csr *x509.CertificateRequest) *refusal {
	user, claim, given := r.BasicAuth()
	if !given {
		return refuse(http.StatusUnauthorized, "no claim")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.boxes[user]
	key := csr.RawSubjectPublicKeyInfo
	switch {
	case b == nil:
		return refuse(http.StatusUnauthorized, "unknown serial")
	case subtle.ConstantTimeCompare([]byte(b.claim), []byte(claim)) == 0:
		return refuse(http.StatusUnauthorized, "wrong claim")
	case b.used != nil && (s.set.Once || !bytes.Equal(b.used, key)):
		return refuse(http.StatusForbidden, "claim used")
	case csr.Subject.CommonName != user || len(csr.Subject.Names) != 1:
		return refuse(http.StatusBadRequest, "name mismatch")
	}
	b.used = key
	return nil
}

// mayRenew looks at who asks for his next one. Subject and other names must be those of the certificate that he comes with
// (RFC 7030 §4.2.2).
func (s *Server) mayRenew(r *http.Request, csr *x509.CertificateRequest) *refusal {
	if r.TLS == nil || len(r.TLS.PeerCertificates) == 0 {
		return refuse(http.StatusUnauthorized, "no certificate")
	}
	old := r.TLS.PeerCertificates[0]
	_, err := old.Verify(x509.VerifyOptions{
		Roots: s.Roots(), CurrentTime: s.set.Now(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
	if err != nil {
		return refuse(http.StatusForbidden, "certificate")
	}
	s.mu.Lock()
	known := s.boxes[old.Subject.CommonName] != nil
	s.mu.Unlock()
	switch {
	case !known:
		return refuse(http.StatusForbidden, "unknown serial")
	case !bytes.Equal(csr.RawSubject, old.RawSubject):
		return refuse(http.StatusBadRequest, "name mismatch")
	case !slices.Equal(csr.DNSNames, old.DNSNames) || len(csr.IPAddresses)+len(csr.EmailAddresses)+len(csr.URIs) > 0:
		return refuse(http.StatusBadRequest, "other names")
	}
	return nil
}
