package fleettest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"

	"syncbox/firmware/internal/support/brokertest"
)

// Support is the name that the recipe's broker lets hear and tell all boxes.
const Support = "fleet-backend-1"

// Site is a broker by the recipe, with an authority for those who connect.
type Site struct {
	Broker *brokertest.Mosquitto
	CA     *brokertest.CA
	Dir    string // ca.crt of the broker is in it
}

// Open starts one; recipe is testdata/brokers/mosquitto, dir an empty folder. Without mosquitto the error is brokertest.ErrMissing.
func Open(ctx context.Context, recipe, dir string) (*Site, error) {
	ca, err := brokertest.NewCA()
	if err != nil {
		return nil, err
	}
	m, err := brokertest.StartMosquitto(ctx, recipe, dir, ca)
	return &Site{m, ca, dir}, err
}

// Join connects a box.
func (s *Site) Join(b *Box) error {
	config, err := s.CA.Client(b.Name)
	if err != nil {
		return err
	}
	return b.Join(s.Broker.Addr, config)
}

// Write leaves the certificate of a client of that name in dir, as NAME.crt and NAME.key.
func (s *Site) Write(name, dir string) error {
	config, err := s.CA.Client(name)
	if err != nil {
		return err
	}
	return write(config.Certificates[0], filepath.Join(dir, name))
}

func write(pair tls.Certificate, path string) error {
	var chain []byte
	for _, der := range pair.Certificate {
		chain = append(chain, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
	}
	der, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		return err
	}
	if err := os.WriteFile(path+".crt", chain, 0o600); err != nil {
		return err
	}
	return os.WriteFile(path+".key", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600)
}
