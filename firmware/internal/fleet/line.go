package fleet

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"syscall"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"

	"syncbox/firmware/internal/support/wire"
)

// Times of a connection.
const (
	keepAlive    = 60 * time.Second // must not exceed max_keepalive of the broker
	pingTimeout  = 20 * time.Second
	writeTimeout = 30 * time.Second
	dialTimeout  = 15 * time.Second
	ackTimeout   = 30 * time.Second // of the broker, before a connection is given up
)

// hangUps are the pauses after which a broker is called again that hung up before it said anything: a node of a cluster does so while
// the others choose who keeps the sessions.
var hangUps = []time.Duration{time.Second, 2 * time.Second}

// Dialer says how the broker is reached.
type Dialer struct {
	Brokers []string // host:port, tried in this order
	// TLS is the trust in the broker, with the certificate of who asks: its common name is the client id. Two programs with the
	// same certificate throw each other out.
	TLS *tls.Config
}

// Line is one connection to the broker. It is not made anew when it breaks.
type Line struct {
	client mqtt.Client
	heard  *queue
	lost   chan struct{} // closed when it has broken
	why    error         // set before lost is closed
}

// What is wrong with a broker.
var (
	errDial   = errors.New("connect to the broker")
	errSilent = errors.New("the broker does not answer")
	errLost   = errors.New("connection to the broker lost")
)

// Unreached says whether the cause of an error is the broker, or the way there.
func Unreached(err error) bool {
	return errors.Is(err, errDial) || errors.Is(err, errSilent) || errors.Is(err, errLost)
}

// Dial connects. The session is a new one: what boxes say while nobody listens is not kept, but for their status.
func (d Dialer) Dial(ctx context.Context) (*Line, error) {
	for _, pause := range hangUps {
		l, err := d.dial(ctx)
		if hungUp := errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET); !hungUp {
			return l, err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil, fmt.Errorf("%w: %w", errDial, ctx.Err())
		}
	}
	return d.dial(ctx)
}

func (d Dialer) dial(ctx context.Context) (*Line, error) {
	if len(d.TLS.Certificates) == 0 || d.TLS.Certificates[0].Leaf == nil {
		return nil, errors.New("connect to the broker: no certificate")
	}
	l := &Line{heard: newQueue(), lost: make(chan struct{})}
	o := mqtt.NewClientOptions().AddBroker("tls://broker").SetProtocolVersion(4).SetCleanSession(true)
	o.SetClientID(d.TLS.Certificates[0].Leaf.Subject.CommonName)
	o.SetAutoReconnect(false).SetConnectRetry(false).SetStore(mqtt.NewMemoryStore())
	// What is heard stays in order, as a later status counts: the handler never waits, so it holds nobody up.
	o.SetOrderMatters(true).SetDefaultPublishHandler(l.hear)
	o.SetKeepAlive(keepAlive).SetPingTimeout(pingTimeout).SetWriteTimeout(writeTimeout).SetConnectTimeout(dialTimeout)
	o.SetConnectionLostHandler(func(_ mqtt.Client, err error) {
		l.why = fmt.Errorf("%w: %w", errLost, err)
		close(l.lost)
	})
	o.SetCustomOpenConnectionFn(func(*url.URL, mqtt.ClientOptions) (net.Conn, error) { return d.open(ctx) })
	l.client = mqtt.NewClient(o)
	if err := l.done(ctx, l.client.Connect(), dialTimeout+ackTimeout); err != nil {
		l.Close()
		return nil, fmt.Errorf("%w: %w", errDial, err)
	}
	return l, nil
}

// open connects to the first broker that takes the connection.
func (d Dialer) open(ctx context.Context) (net.Conn, error) {
	failed := []error{}
	for _, address := range d.Brokers {
		dialer := tls.Dialer{NetDialer: &net.Dialer{Timeout: dialTimeout}, Config: d.TLS}
		conn, err := dialer.DialContext(ctx, "tcp", address)
		if err == nil {
			return conn, nil
		}
		failed = append(failed, err)
	}
	return nil, errors.Join(failed...)
}

// hear takes over a message. Of one that is too long only so much is kept that this is seen.
func (l *Line) hear(_ mqtt.Client, m mqtt.Message) {
	payload := m.Payload()
	if len(payload) > wire.MaxMessage {
		payload = append([]byte(nil), payload[:wire.MaxMessage+1]...)
	}
	l.heard.put(Heard{Topic: m.Topic(), Payload: payload})
}

// done waits for the answer to something. The library never finishes some of what was under way when a connection broke.
func (l *Line) done(ctx context.Context, t mqtt.Token, within time.Duration) error {
	timer := time.NewTimer(within)
	defer timer.Stop()
	select {
	case <-t.Done():
		return t.Error()
	case <-l.lost:
		return l.why
	case <-timer.C:
		return errSilent
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Subscribe asks for topics, with QoS 0: of what it would have confirmed a broker lets only so much wait for one client (by
// the recipe 100 messages) and drops the rest, be it the status of 100,000 boxes; what need not be confirmed it simply sends.
//
// That the broker grants it means nothing: it may drop the messages all the same.
func (l *Line) Subscribe(ctx context.Context, filters ...string) error {
	all := map[string]byte{}
	for _, f := range filters {
		all[f] = 0
	}
	if err := l.done(ctx, l.client.SubscribeMultiple(all, nil), ackTimeout); err != nil {
		return fmt.Errorf("subscribe: %w", err)
	}
	return nil
}

// Publish gives the broker a message and waits until it has it. That it has it does not mean that it passes it on.
func (l *Line) Publish(ctx context.Context, topic string, retained bool, payload []byte) error {
	if err := l.done(ctx, l.client.Publish(topic, 1, retained, payload), ackTimeout); err != nil {
		return fmt.Errorf("publish %s: %w", topic, err)
	}
	return nil
}

// Next gives what was heard, in order, and waits for it. The error is that of ctx, or one that Unreached knows.
func (l *Line) Next(ctx context.Context) (Heard, error) {
	for {
		if h, ok := l.heard.take(); ok {
			return h, nil
		}
		select {
		case <-l.heard.some:
		case <-l.lost:
			return Heard{}, l.why
		case <-ctx.Done():
			return Heard{}, ctx.Err()
		}
	}
}

// Close ends the connection in good order.
func (l *Line) Close() { l.client.Disconnect(100) }
