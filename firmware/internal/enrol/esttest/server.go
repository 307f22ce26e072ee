// Package esttest is the server that gives boxes their certificates, as a simulator: EST after RFC 7030
// (https://www.rfc-editor.org/rfc/rfc7030) with the corrections of RFC 8951, over real TLS on loopback. It refuses what a real one
// refuses, tells afterwards what it was asked, and misbehaves when told to. It is written from those texts and shares
// nothing with the client that it tries.
//
// A box comes first with its serial number and the claim code of its label (HTTP basic), later with the certificate that
// it has (TLS). Its name is its serial number: the common name of what it asks for must be just that.
package esttest

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"
)

// Settings of a server. All have a use without being set, but for Chance.
type Settings struct {
	Now func() time.Time // time.Now
	// Chance makes keys and serial numbers: with the same bytes, they are the same.
	Chance io.Reader
	// Life of a certificate; a year.
	Life time.Duration
	// Authority signs, where a broker, say, has to know the same one: its certificate, with a key of ECDSA. Nil: one that is made
	// for this server.
	Authority *tls.Certificate
	// Once refuses a second use of a claim code even for the key that it was used for: a box whose answer was lost is
	// then locked out until somebody registers it anew.
	Once bool
}

// Server is a running EST server.
type Server struct {
	URL string // https://127.0.0.1:port/.well-known/est

	set    Settings
	ca     *authority
	forger *authority // signs what nobody should believe
	http   *httptest.Server
	closed chan struct{}

	mu      sync.Mutex // guards all below
	boxes   map[string]*box
	faults  []Fault
	journal []Entry
}

// box is one that the server knows.
type box struct {
	claim string
	used  []byte // public key that the claim code was used for
	last  []byte // the newest certificate
}

// Start makes a server and starts it; Close ends it.
func Start(set Settings) (*Server, error) {
	if set.Now == nil {
		set.Now = time.Now
	}
	if set.Life == 0 {
		set.Life = 365 * 24 * time.Hour
	}
	ca, err := ownAuthority(set)
	if err != nil {
		return nil, err
	}
	forger, err := newAuthority("throw-away authority", set) // the same name, another key
	if err != nil {
		return nil, err
	}
	own, err := ca.server()
	if err != nil {
		return nil, err
	}
	s := &Server{set: set, ca: ca, forger: forger, boxes: map[string]*box{}, closed: make(chan struct{})}
	s.http = httptest.NewUnstartedServer(http.HandlerFunc(s.serve))
	s.http.Config.ErrorLog = log.New(io.Discard, "", 0) // what clients do wrong is theirs to tell
	s.http.TLS = &tls.Config{
		Certificates: []tls.Certificate{own}, MinVersion: tls.VersionTLS12, Time: set.Now,
		ClientAuth: tls.RequestClientCert, // looked at in the handler, so that the journal tells of it
	}
	s.http.StartTLS()
	s.URL = s.http.URL + "/.well-known/est"
	return s, nil
}

// Close ends the server and every answer that is under way.
func (s *Server) Close() {
	close(s.closed)
	s.http.CloseClientConnections()
	s.http.Close()
}

// Register makes a box known: its serial number and the claim code of its label. A box that is known already may then
// use the new code.
func (s *Server) Register(serial, claim string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.boxes[serial] = &box{claim: claim}
}

// Root is the authority's certificate: of the server's own and of all that it gives out.
func (s *Server) Root() *x509.Certificate { return s.ca.cert }

// Roots is the same for a tls.Config.
func (s *Server) Roots() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(s.ca.cert)
	return pool
}

// Last gives the newest good certificate that a box was given, also where the answer was lost; nil if there is none.
func (s *Server) Last(serial string) *x509.Certificate {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.boxes[serial]
	if b == nil || b.last == nil {
		return nil
	}
	cert, err := x509.ParseCertificate(b.last)
	if err != nil {
		panic(err) // we made it
	}
	return cert
}
