package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/fleet"
)

// settings say how the broker is reached and who signs. A file has them, ~/.config/syncbox/boxctl.toml where no other one is
// named; what a flag says stands over it. Paths in the file are seen from its folder.
type settings struct {
	Broker []string `toml:"broker"`
	CA     string   `toml:"ca"`
	Cert   string   `toml:"cert"`
	Key    string   `toml:"key"`
	Root   string   `toml:"root"`
	Repo   string   `toml:"repo"`
	Keys   []string `toml:"keys"`
	Signer []string `toml:"signer"`
}

func settingsFlag(c *call) {
	c.flags.StringVar(&c.settings, "settings", "", "`file` with settings (default: syncbox/boxctl.toml in the user's configuration)")
}

func brokerFlags(c *call) {
	settingsFlag(c)
	c.flags.Var(&c.broker, "broker", "`host:port` of a broker; may be given several times")
	c.flags.StringVar(&c.ca, "ca", "", "`file` with the authority of the broker's certificate")
	c.flags.StringVar(&c.cert, "cert", "", "`file` with your certificate")
	c.flags.StringVar(&c.key, "key", "", "`file` with its private key")
	c.flags.BoolVar(&c.json, "json", false, "one JSON object on each line, for programs")
}

// configure fills in from the file what no flag has said.
func (c *call) configure() error {
	path, named := c.settings, c.settings != ""
	if !named {
		dir, err := os.UserConfigDir()
		if err != nil {
			return nil // nobody's machine: flags say it all
		}
		path = filepath.Join(dir, "syncbox", "boxctl.toml")
	}
	b, err := os.ReadFile(path)
	if !named && errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var s settings
	if err := toml.NewDecoder(strings.NewReader(string(b))).DisallowUnknownFields().Decode(&s); err != nil {
		var strict *toml.StrictMissingError
		if errors.As(err, &strict) {
			return fmt.Errorf("read %s: unknown setting:\n%s", path, strict.String())
		}
		return fmt.Errorf("read %s: %w", path, err)
	}
	c.fill(s, filepath.Dir(path))
	return nil
}

func (c *call) fill(s settings, dir string) {
	at := func(p string) string {
		if p == "" || filepath.IsAbs(p) {
			return p
		}
		return filepath.Join(dir, p)
	}
	for _, one := range []struct {
		flag *string
		file string
	}{{&c.ca, s.CA}, {&c.cert, s.Cert}, {&c.key, s.Key}, {&c.root, s.Root}, {&c.repo, s.Repo}} {
		if *one.flag == "" {
			*one.flag = at(one.file)
		}
	}
	if len(c.broker) == 0 {
		c.broker = s.Broker
	}
	if len(c.keys) == 0 && len(c.signerCommands) == 0 {
		for _, k := range s.Keys {
			c.keys = append(c.keys, at(k))
		}
		c.signerCommands = s.Signer
	}
}

// dialer reads how the broker is reached.
func (c *call) dialer() (fleet.Dialer, error) {
	for _, needed := range []struct{ name, value string }{{"broker", c.broker.String()}, {"ca", c.ca}, {"cert", c.cert}, {"key", c.key}} {
		if needed.value == "" {
			return fleet.Dialer{}, fmt.Errorf("%w: -%s is needed, or %[2]s in the settings", errUsage, needed.name)
		}
	}
	var d fleet.Dialer
	for _, b := range c.broker {
		if !strings.Contains(b, "://") {
			b = "mqtts://" + b
		}
		address, ok := config.BrokerAddress(b)
		if !ok {
			return d, fmt.Errorf("%w: broker %q, want host:port", errUsage, b)
		}
		d.Brokers = append(d.Brokers, address)
	}
	pair, err := tls.LoadX509KeyPair(c.cert, c.key)
	if err != nil {
		return d, fmt.Errorf("read certificate: %w", err)
	}
	authority, err := os.ReadFile(c.ca)
	if err != nil {
		return d, err
	}
	d.TLS = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: x509.NewCertPool(), Certificates: []tls.Certificate{pair}}
	if !d.TLS.RootCAs.AppendCertsFromPEM(authority) {
		return d, fmt.Errorf("read %s: no certificate in it", c.ca)
	}
	return d, nil
}
