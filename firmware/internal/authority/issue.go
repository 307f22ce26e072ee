package authority

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// Request is what somebody asks a certificate for.
type Request struct {
	Kind Kind
	Name string // as the label has it, or the recipe of the broker
	// CSR is a PKCS #10 request, PEM; empty = a key is made here. A box makes its own.
	CSR []byte
	// Hosts are the names and addresses under which a server is reached.
	Hosts []string
	// Replace says that the name has another key from now on: a box that was repaired. Certificates of the old one are revoked.
	Replace bool
}

// Issued is a new certificate.
type Issued struct {
	Record
	Certificate []byte // PEM
	Key         []byte // PKCS #8, PEM; nil where the request came with one
}

// What a request is refused for.
var (
	ErrName     = errors.New("a name is 1 to 63 letters, digits and hyphens")
	ErrOther    = errors.New("the request is for another name")
	ErrWeak     = errors.New("the key is too weak")
	ErrTaken    = errors.New("the name has another key")
	ErrKind     = errors.New("the name is that of something else")
	ErrRequest  = errors.New("no request that can be read and is signed by its own key")
	ErrOwnKey   = errors.New("a box makes its own key: its request is needed")
	ErrHosts    = errors.New("a server needs the names or addresses under which it is reached, and nobody else does")
	ErrNone     = errors.New("the name has no certificate that counts")
	ErrOutlived = errors.New("the authority ends too soon")
)

var validName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]{0,62}$`)

// Issue signs a certificate, and has it in the register before it gives it away.
func (a *Authority) Issue(r Request) (Issued, error) {
	public, made, err := r.key()
	if err == nil {
		err = a.allowed(r, public)
	}
	if err != nil {
		return Issued{}, fmt.Errorf("issue %s %s: %w", r.Kind, r.Name, err)
	}
	out, err := a.sign(r, public)
	if err != nil {
		return Issued{}, fmt.Errorf("issue %s %s: %w", r.Kind, r.Name, err)
	}
	if r.Replace {
		if err := a.revoke(r.Name, func(o Record) bool { return o.Key != out.Record.Key }); err != nil {
			return Issued{}, err
		}
	}
	out.Key = made
	return out, nil
}

// key gives the public key of the request, or of a new pair with its private half.
func (r *Request) key() (public any, made []byte, err error) {
	switch {
	case !validName.MatchString(r.Name):
		return nil, nil, ErrName
	case (len(r.Hosts) > 0) != (r.Kind == Server):
		return nil, nil, ErrHosts
	case len(r.CSR) > 0:
		public, err = r.asked()
		return public, nil, err
	case r.Kind == Box:
		return nil, nil, ErrOwnKey
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	return &key.PublicKey, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), err
}

// asked gives the public key of a request that is in order. Nothing else of it is taken over.
func (r *Request) asked() (any, error) {
	block, _ := pem.Decode(r.CSR)
	if block == nil {
		return nil, ErrRequest
	}
	csr, err := x509.ParseCertificateRequest(block.Bytes)
	if err == nil {
		err = csr.CheckSignature()
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRequest, err)
	}
	if csr.Subject.CommonName != r.Name {
		return nil, fmt.Errorf("%w: %q", ErrOther, csr.Subject.CommonName)
	}
	return csr.PublicKey, strong(csr.PublicKey)
}

// leastRSA is how many bits an RSA key needs (NIST SP 800-131A).
const leastRSA = 2048

// strong refuses keys that are too weak for the life of a certificate.
func strong(public any) error {
	switch k := public.(type) {
	case *ecdsa.PublicKey:
		if k.Curve == elliptic.P256() || k.Curve == elliptic.P384() || k.Curve == elliptic.P521() {
			return nil
		}
	case ed25519.PublicKey:
		return nil
	case *rsa.PublicKey:
		if k.N.BitLen() >= leastRSA && k.E >= 65537 {
			return nil
		}
	}
	return ErrWeak
}

// allowed holds a request against the register.
func (a *Authority) allowed(r Request, public any) error {
	key := keyID(public)
	for _, o := range a.register {
		if strings.EqualFold(o.Name, r.Name) && o.Kind != r.Kind {
			return fmt.Errorf("%w: a %s", ErrKind, o.Kind)
		}
	}
	for _, o := range a.register.Of(r.Name, a.now()) {
		if (o.Key != key || o.Name != r.Name) && !r.Replace {
			return fmt.Errorf("%w until %s", ErrTaken, o.Until.Format(time.DateOnly))
		}
	}
	return nil
}

func keyID(public any) string {
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		panic(err) // a key that was parsed, or made
	}
	return fmt.Sprintf("%x", sha256.Sum256(der))
}

// sign makes the certificate, and registers it first.
func (a *Authority) sign(r Request, public any) (Issued, error) {
	c := template(r.Name, a.now(), lives[r.Kind])
	if c.NotAfter.After(a.cert.NotAfter) {
		c.NotAfter = a.cert.NotAfter
	}
	if !c.NotAfter.After(a.now()) {
		return Issued{}, ErrOutlived
	}
	c.KeyUsage, c.ExtKeyUsage = x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	if r.Kind == Server { // servers of a cluster are each other's clients
		c.ExtKeyUsage = append(c.ExtKeyUsage, x509.ExtKeyUsageServerAuth)
	}
	for _, h := range r.Hosts {
		if ip := net.ParseIP(h); ip != nil {
			c.IPAddresses = append(c.IPAddresses, ip)
		} else {
			c.DNSNames = append(c.DNSNames, h)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, c, a.cert, public, a.key)
	if err != nil {
		return Issued{}, err
	}
	rec := Record{Serial: c.SerialNumber.Text(16), Kind: r.Kind, Name: r.Name, Key: keyID(public), From: c.NotBefore, Until: c.NotAfter}
	a.register = append(a.register, rec)
	if err := a.keep(); err != nil {
		return Issued{}, err
	}
	text := certificatePEM(der)
	return Issued{Record: rec, Certificate: text}, a.write(filepath.Join(issuedFolder, rec.Serial+".crt"), text, 0o644)
}

// Renew signs the newest certificate of a name again, for the same key.
func (a *Authority) Renew(name string) (Issued, error) {
	of := a.register.Of(name, a.now())
	if len(of) == 0 {
		return Issued{}, fmt.Errorf("renew %s: %w", name, ErrNone)
	}
	last := of[len(of)-1]
	cert, err := readCertificate(filepath.Join(a.dir, issuedFolder, last.Serial+".crt"))
	if err != nil {
		return Issued{}, fmt.Errorf("renew %s: %w", name, err)
	}
	r := Request{Kind: last.Kind, Name: last.Name, Hosts: cert.DNSNames}
	for _, ip := range cert.IPAddresses {
		r.Hosts = append(r.Hosts, ip.String())
	}
	out, err := a.sign(r, cert.PublicKey)
	if err != nil {
		return Issued{}, fmt.Errorf("renew %s: %w", name, err)
	}
	return out, nil
}
