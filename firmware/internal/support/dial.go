package support

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// Dialer opens connections to brokers over TLS, with the box's own certificate. It may be used by several goroutines.
type Dialer struct {
	brokers func() []string
	config  func() (*tls.Config, error)
	chance  func(n int64) int64

	mu       sync.Mutex // protects what follows
	sessions tls.ClientSessionCache
	leaf     []byte // the certificate that the sessions are for
}

// NewDialer makes one. The brokers are host:port, config is the trust in them with the box's certificate: both are asked
// for each attempt. chance gives an even number in [0, n).
func NewDialer(brokers func() []string, config func() (*tls.Config, error), chance func(n int64) int64) *Dialer {
	return &Dialer{brokers: brokers, config: config, chance: chance}
}

// errNoBroker: none is set.
var errNoBroker = errors.New("no broker is set")

// errCertificate: the box has none that it can show.
var errCertificate = errors.New("no certificate to show")

// Open connects to one of the brokers, tried in an order that is drawn, each for its share of 30 seconds.
func (d *Dialer) Open(ctx context.Context) (net.Conn, error) {
	config, err := d.prepared()
	if err != nil {
		return nil, fmt.Errorf("connect to support: %w: %w", errCertificate, err)
	}
	all := append([]string(nil), d.brokers()...)
	failed := []error{errNoBroker}
	if len(all) > 0 {
		failed = nil
	}
	for left := len(all); left > 0; left-- {
		i := int(d.chance(int64(left)))
		conn, err := dial(ctx, all[i], config, dialTimeout/time.Duration(len(all)))
		if err == nil {
			return conn, nil
		}
		failed = append(failed, err)
		all[i] = all[left-1]
	}
	return nil, errors.Join(failed...)
}

func dial(ctx context.Context, address string, config *tls.Config, within time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	return (&tls.Dialer{Config: config}).DialContext(ctx, "tcp", address)
}

// prepared gives the settings with the sessions of this certificate. A session of an earlier certificate would show the
// broker that one.
func (d *Dialer) prepared() (*tls.Config, error) {
	config, err := d.config()
	if err != nil {
		return nil, err
	}
	config = config.Clone()
	var leaf []byte
	if len(config.Certificates) > 0 && len(config.Certificates[0].Certificate) > 0 {
		leaf = config.Certificates[0].Certificate[0]
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.sessions == nil || !bytes.Equal(leaf, d.leaf) {
		d.sessions, d.leaf = tls.NewLRUClientSessionCache(sessionsKept), leaf
	}
	config.ClientSessionCache = d.sessions
	return config, nil
}

// sessionsKept is one for each of some brokers.
const sessionsKept = 8
