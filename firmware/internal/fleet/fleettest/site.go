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
	Broker *brokertest.Mosquitto // nil where it is a cluster
	Addrs  []string              // host:port, of each server
	CA     *brokertest.CA
	Dir    string // ca.crt of the broker is in it

	cluster []*brokertest.NATS
}

// Open starts one; recipe is testdata/brokers/mosquitto, dir an empty folder. Without mosquitto the error is brokertest.ErrMissing.
func Open(ctx context.Context, recipe, dir string) (*Site, error) {
	ca, err := brokertest.NewCA()
	if err != nil {
		return nil, err
	}
	m, err := brokertest.StartMosquitto(ctx, recipe, dir, ca)
	if err != nil {
		return nil, err
	}
	return &Site{Broker: m, Addrs: []string{m.Addr}, CA: ca, Dir: dir}, nil
}

// OpenNATS starts a cluster of three NATS servers instead; recipe is testdata/brokers/nats, pinned the folder of the module that names
// the server. Boxes are the names that it lets in beside Support. Without the server the error is brokertest.ErrMissing.
func OpenNATS(ctx context.Context, pinned, recipe, dir string, boxes ...string) (*Site, error) {
	ca, err := brokertest.NewCA()
	if err != nil {
		return nil, err
	}
	cluster, err := brokertest.StartNATS(ctx, pinned, recipe, dir, ca, boxes)
	if err != nil {
		return nil, err
	}
	s := &Site{CA: ca, Dir: filepath.Join(dir, "nats-1"), cluster: cluster}
	for _, n := range cluster {
		s.Addrs = append(s.Addrs, n.Addr)
	}
	return s, nil
}

// Stop ends the broker.
func (s *Site) Stop() error {
	if s.Broker != nil {
		return s.Broker.Stop()
	}
	return brokertest.StopNATS(s.cluster)
}

// Join connects a box.
func (s *Site) Join(b *Box) error {
	config, err := s.CA.Client(b.Name)
	if err != nil {
		return err
	}
	return b.Join(s.Addrs[0], config)
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
