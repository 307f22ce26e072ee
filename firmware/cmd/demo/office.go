package main

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"syncbox/firmware/internal/authority"
	"syncbox/firmware/internal/fleet"
	"syncbox/ota/release"
)

// The names under which the person at the demo and the demo's own check are at the broker: two programs with one name throw
// each other out.
const (
	personName = "fleet-backend-1"
	checkName  = "fleet-backend-2"
)

// office is support in a folder: an authority for certificates, the keys that sign orders, and the settings of boxctl. All of it
// is made anew for each demo, has no passphrase, and opens nothing but the box of this process.
type office struct {
	dir     string
	ca      *authority.Authority
	address string // of the broker
	root    []byte // says whose orders count
	trust   *x509.CertPool
	end     func() error // of the broker
}

// openOffice makes all that support has, and starts its broker.
func openOffice(dir string, log *slog.Logger) (*office, error) {
	o := &office{dir: dir}
	if err := os.MkdirAll(filepath.Join(dir, "keys"), 0o700); err != nil {
		return nil, err
	}
	var err error
	if o.ca, err = authority.Create(filepath.Join(dir, "ca"), "Demo", nil, time.Now); err != nil {
		return nil, err
	}
	o.trust = x509.NewCertPool()
	o.trust.AppendCertsFromPEM(o.ca.Certificate())
	server, err := o.pair(authority.Request{Kind: authority.Server, Name: "demo-broker", Hosts: []string{"127.0.0.1", "localhost"}})
	if err != nil {
		return nil, err
	}
	settings := &tls.Config{Certificates: []tls.Certificate{server}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: o.trust, MinVersion: tls.VersionTLS13}
	if o.address, o.end, err = serveBroker(settings, log); err != nil {
		return nil, err
	}
	return o, errors.Join(o.keys(), o.settings())
}

// keys makes the keys that sign, and the root that names them.
func (o *office) keys() error {
	all, err := release.NewKeys(rand.Reader)
	if err != nil {
		return err
	}
	for _, k := range all {
		if err := k.Write(filepath.Join(o.dir, "keys"), nil); err != nil {
			return err
		}
	}
	repo, err := release.Init(filepath.Join(o.dir, "repo"), all, time.Now())
	if err != nil {
		return err
	}
	o.root, err = os.ReadFile(repo.RootFile())
	return err
}

// settings writes those of boxctl.
func (o *office) settings() error {
	person, err := o.ca.Issue(authority.Request{Kind: authority.Backend, Name: personName})
	if err != nil {
		return err
	}
	text := fmt.Sprintf("broker = [%q]\nca = \"ca.crt\"\ncert = \"person.crt\"\nkey = \"person.key\"\nrepo = \"repo\"\nkeys = [\"keys\"]\n", o.address)
	for name, content := range map[string][]byte{"ca.crt": o.ca.Certificate(), "person.crt": person.Certificate, "person.key": person.Key, settingsFile: []byte(text)} {
		if err := os.WriteFile(filepath.Join(o.dir, name), content, 0o600); err != nil {
			return err
		}
	}
	return nil
}

const settingsFile = "boxctl.toml"

// dialer gives a way to the broker under a name of support's.
func (o *office) dialer(name string) (fleet.Dialer, error) {
	pair, err := o.pair(authority.Request{Kind: authority.Backend, Name: name})
	return fleet.Dialer{Brokers: []string{o.address}, TLS: &tls.Config{RootCAs: o.trust, Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS13}}, err
}

// pair gives a certificate with a key that is made for it.
func (o *office) pair(r authority.Request) (tls.Certificate, error) {
	out, err := o.ca.Issue(r)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.X509KeyPair(out.Certificate, out.Key)
}

func (o *office) close() error {
	if o.end == nil {
		return nil
	}
	return o.end()
}
