package esttest

import (
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// serve answers one request. Where a fault breaks the connection, it panics as package net/http wants it.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	operation, ours := strings.CutPrefix(r.URL.Path, "/.well-known/est/")
	e := s.entry(r, operation)
	broken := false
	defer func() {
		s.note(e)
		if broken {
			cut()
		}
	}()
	if !ours || operation != "cacerts" && operation != "simpleenroll" && operation != "simplereenroll" {
		e.Status, e.Why = http.StatusNotFound, "no such operation"
		http.Error(w, e.Why, e.Status)
		return
	}
	f := s.fault(operation)
	if status, played := s.early(f, w, r); played {
		e.Status, e.Fault = status, f.Kind
		return
	}
	certs, refused := s.certificates(r, f, &e)
	if refused != nil {
		e.Status, e.Why = refused.status, refused.why
		s.refused(w, refused)
		return
	}
	e.Status, e.Fault = http.StatusOK, f.Kind
	if broken = s.give(w, r, f.Kind, operation, certs); broken {
		e.Status = 0
	}
}

// refused answers in words for the person who reads the client's log (RFC 7030 §4.2.3).
func (s *Server) refused(w http.ResponseWriter, r *refusal) {
	why := r.why
	if r.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", realm)
		why = "not authorized"
	}
	http.Error(w, why, r.status)
}

// certificates gives what the answer carries.
func (s *Server) certificates(r *http.Request, f Fault, e *Entry) ([][]byte, *refusal) {
	if e.Operation == "cacerts" {
		if r.Method != http.MethodGet {
			return nil, refuse(http.StatusMethodNotAllowed, "method %s", r.Method)
		}
		switch f.Kind {
		case OtherCA:
			return [][]byte{s.forger.cert.Raw}, nil
		case Empty:
			return nil, nil
		}
		return [][]byte{s.ca.cert.Raw}, nil
	}
	csr, refused := readRequest(r)
	if refused != nil {
		return nil, refused
	}
	e.asks(csr)
	if refused := sound(csr); refused != nil {
		return nil, refused
	}
	may := s.mayEnrol
	if e.Operation == "simplereenroll" {
		may = s.mayRenew
	}
	if refused := may(r, csr); refused != nil {
		return nil, refused
	}
	certs, err := s.issue(csr, f.Kind, e)
	if err != nil {
		return nil, refuse(http.StatusInternalServerError, "sign: %v", err)
	}
	return certs, nil
}

// issue signs, well or as the fault wants it. Only what is good counts as given to the box.
func (s *Server) issue(csr *x509.CertificateRequest, fault Kind, e *Entry) ([][]byte, error) {
	now := s.set.Now()
	name, key, ca := csr.Subject.CommonName, csr.PublicKey, s.ca
	from, to := now.Add(-time.Hour), now.Add(s.set.Life)
	switch fault {
	case OtherKey:
		key = s.forger.key.Public()
	case OtherName:
		name += "x"
	case OtherCA:
		ca = s.forger
	case Expired:
		to = now.Add(-time.Minute)
	case NotYet:
		from = now.Add(24 * time.Hour)
	case Usage:
		return s.forServers(name, key, from, to)
	case Old:
		if last := s.Last(name); last != nil {
			return [][]byte{last.Raw}, nil
		}
		return nil, errors.New("there is no older one")
	case Empty:
		return nil, nil
	}
	der, err := ca.box(name, key, from, to)
	if err != nil {
		return nil, err
	}
	switch fault {
	case OtherKey, OtherName, OtherCA, Expired, NotYet:
		return [][]byte{der}, nil
	case Crowd:
		stranger, err := s.forger.box(name, s.forger.key.Public(), from, to)
		if err != nil {
			return nil, err
		}
		s.given(name, der, e)
		return [][]byte{s.ca.cert.Raw, stranger, der}, nil
	}
	s.given(name, der, e)
	return [][]byte{der}, nil
}

func (s *Server) forServers(name string, key crypto.PublicKey, from, to time.Time) ([][]byte, error) {
	c, err := s.ca.blank(name, from, to)
	if err != nil {
		return nil, err
	}
	c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	der, err := s.ca.sign(c, key)
	return [][]byte{der}, err
}

// given remembers the newest certificate of a box.
func (s *Server) given(name string, der []byte, e *Entry) {
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err) // we made it
	}
	e.Issued = hex.EncodeToString(cert.SerialNumber.Bytes())
	s.mu.Lock()
	defer s.mu.Unlock()
	s.boxes[name].last = der
}

// give sends the answer, or what the fault makes of it; broken says that the connection is to be cut.
func (s *Server) give(w http.ResponseWriter, r *http.Request, fault Kind, operation string, certs [][]byte) (broken bool) {
	der, err := certsOnly(certs...)
	if err != nil {
		panic(err) // we made it
	}
	kind := "application/pkcs7-mime; smime-type=certs-only"
	if operation == "cacerts" {
		kind = "application/pkcs7-mime"
	}
	body := mimeText(der)
	switch fault {
	case Lost:
		return true
	case Truncated:
		body = mimeText(der[:len(der)/2])
	case Garbage:
		body = base64.StdEncoding.EncodeToString([]byte(strings.Repeat("no DER ", 100)))
	case Rubbish:
		body = strings.Repeat("~~~ no base64 ", 50)
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Transfer-Encoding", "base64")
	if fault == Oversized {
		for range oversizeKiB {
			if _, err := w.Write(oversize); err != nil {
				return true // the client has had enough
			}
		}
		return false
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	if fault != Slow && fault != Short {
		w.Write([]byte(body))
		return false
	}
	w.Write([]byte(body[:len(body)/2]))
	http.NewResponseController(w).Flush()
	if fault == Slow {
		s.stall(r)
	}
	return true
}

// oversize is 1 KiB of base64, and how often it comes.
const oversizeKiB = 16 << 10

var oversize = []byte(strings.Repeat("QUJD", 256))
