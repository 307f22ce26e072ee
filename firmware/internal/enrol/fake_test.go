package enrol_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"

	"syncbox/firmware/internal/authority"
)

type fake struct {
	r       *rig
	address *url.URL

	mu     sync.Mutex
	asked  []string // operations
	hurdle func(w http.ResponseWriter, req *http.Request) (done bool)
	roots  []byte // PEM
	label  string // in the address, RFC 7030 3.2.2
}

func (r *rig) newFake(ca *authority.Authority) *fake {
	r.t.Helper()
	f := &fake{r: r, roots: r.ca.Certificate()}
	out, err := ca.Issue(authority.Request{Kind: authority.Server, Name: "est", Hosts: []string{"127.0.0.1"}})
	must(r.t, err)
	pair, err := tls.X509KeyPair(out.Certificate, out.Key)
	must(r.t, err)
	clients := x509.NewCertPool()
	clients.AppendCertsFromPEM(r.ca.Certificate())
	s := httptest.NewUnstartedServer(f)
	s.Config.ErrorLog = quiet
	s.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, ClientAuth: tls.VerifyClientCertIfGiven, ClientCAs: clients, Time: r.time}
	s.StartTLS()
	r.t.Cleanup(s.Close)
	f.address, err = url.Parse(s.URL)
	must(r.t, err)
	r.server = f.address
	return f
}

func (f *fake) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	operation, known := strings.CutPrefix(req.URL.Path, "/.well-known/est/"+f.label)
	f.mu.Lock()
	f.asked = append(f.asked, operation)
	hurdle := f.hurdle
	f.mu.Unlock()
	switch {
	case hurdle != nil && hurdle(w, req):
	case !known:
		http.NotFound(w, req)
	case operation == "cacerts" && req.Method == http.MethodGet:
		answer(w, f.roots)
	case operation == "simpleenroll":
		if name, word, _ := req.BasicAuth(); name != serial || word != code {
			w.Header().Set("WWW-Authenticate", `Basic realm="est"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		f.sign(w, req)
	case operation == "simplereenroll":
		if len(req.TLS.PeerCertificates) == 0 || req.TLS.PeerCertificates[0].Subject.CommonName != box {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		f.sign(w, req)
	}
}

func (f *fake) sign(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, req.Body))
	if err != nil || req.Header.Get("Content-Type") != "application/pkcs10" || req.Method != http.MethodPost {
		http.Error(w, "no request", http.StatusBadRequest)
		return
	}
	out, err := f.r.ca.Issue(authority.Request{Kind: authority.Box, Name: box, CSR: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: body})})
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	answer(w, out.Certificate)
}

func answer(w http.ResponseWriter, certificates []byte) {
	w.Header().Set("Content-Type", "application/pkcs7-mime; smime-type=certs-only")
	w.Header().Set("Content-Transfer-Encoding", "base64")
	io.WriteString(w, base64.StdEncoding.EncodeToString(certsOnly(certificates)))
}

func certsOnly(certificates []byte) []byte {
	var list []byte
	for block, rest := pem.Decode(certificates); block != nil; block, rest = pem.Decode(rest) {
		list = append(list, block.Bytes...)
	}
	type content struct{ Type asn1.ObjectIdentifier }
	type signed struct {
		Version      int
		Digests      []asn1.RawValue `asn1:"set"`
		Content      content
		Certificates asn1.RawValue
		Signers      []asn1.RawValue `asn1:"set"`
	}
	type info struct {
		Type   asn1.ObjectIdentifier
		Signed signed `asn1:"explicit,tag:0"`
	}
	der, err := asn1.Marshal(info{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}, signed{
		Version: 1, Content: content{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}},
		Certificates: asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: list},
	}})
	if err != nil {
		panic(err) // our own types
	}
	return der
}
