package brokertest_test

import (
	"crypto/tls"
	"errors"
	"testing"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"

	"syncbox/firmware/internal/support/brokertest"
)

// patience is how long anything may take on a busy machine before a test gives up; no test ends by it that succeeds.
const patience = 20 * time.Second

var (
	errPatience = errors.New("no answer within the patience of the test")
	errLost     = errors.New("connection lost")
)

// client is a connected client with what it hears, in order. Its messages are acknowledged as they are heard.
type client struct {
	mqtt.Client
	heard chan mqtt.Message
	lost  chan struct{} // closed when the connection is
}

type option = func(*mqtt.ClientOptions)

// id makes a client call itself otherwise than its certificate does.
func id(id string) option { return func(o *mqtt.ClientOptions) { o.SetClientID(id) } }

// connect opens a connection as a box does: MQTT 3.1.1, a session that is kept, no attempt of its own to come again.
func connect(addr, name string, tls *tls.Config, options ...option) (*client, error) {
	c := &client{heard: make(chan mqtt.Message, 5000), lost: make(chan struct{})}
	o := mqtt.NewClientOptions().AddBroker("ssl://" + addr).SetClientID(name).SetTLSConfig(tls).SetProtocolVersion(4)
	o.SetCleanSession(false).SetAutoReconnect(false).SetConnectRetry(false).SetKeepAlive(120 * time.Second)
	o.SetConnectTimeout(patience).SetDefaultPublishHandler(func(_ mqtt.Client, m mqtt.Message) { c.heard <- m })
	o.SetConnectionLostHandler(func(mqtt.Client, error) { close(c.lost) })
	for _, set := range options {
		set(o)
	}
	c.Client = mqtt.NewClient(o)
	return c, c.finished(c.Connect())
}

// finished waits for an answer. The client never finishes some of what was under way when its connection broke.
func (c *client) finished(token mqtt.Token) error {
	select {
	case <-token.Done():
		return token.Error()
	case <-c.lost:
		return errLost
	case <-time.After(patience):
		return errPatience
	}
}

// site is a broker with an authority that its clients can have certificates of.
type site struct {
	addr string
	ca   *brokertest.CA
}

// join connects a client that must be let in, until the end of the test.
func (s site) join(t *testing.T, name string, options ...option) *client {
	t.Helper()
	tls, err := s.ca.Client(name)
	if err != nil {
		t.Fatal(err)
	}
	c, err := connect(s.addr, name, tls, options...)
	if err != nil {
		t.Fatalf("%s connects: %v", name, err)
	}
	t.Cleanup(func() { c.Disconnect(0) })
	return c
}

// say publishes with QoS 1 and wants it acknowledged.
func (c *client) say(t *testing.T, topic, text string) {
	t.Helper()
	if err := c.finished(c.Publish(topic, 1, false, text)); err != nil {
		t.Fatalf("publish %s: %v", topic, err)
	}
}

// listen subscribes, and tells whether the broker says that it grants it.
func (c *client) listen(t *testing.T, topic string) (granted bool) {
	t.Helper()
	token := c.Subscribe(topic, 1, nil).(*mqtt.SubscribeToken)
	c.finished(token) // a refusal is an error of the client: the answer itself is looked at
	code, answered := token.Result()[topic]
	if !answered {
		t.Fatalf("subscribe %s: %v", topic, token.Error())
	}
	return code != 0x80
}

// until gives the texts that are heard, in order, up to one that is awaited; the connection must hold.
func (c *client) until(t *testing.T, text string) (before []string) {
	t.Helper()
	for {
		select {
		case m := <-c.heard:
			if string(m.Payload()) == text {
				return before
			}
			before = append(before, string(m.Payload()))
		case <-c.lost:
			t.Fatalf("connection lost before %q", text)
		case <-time.After(patience):
			t.Fatalf("never heard %q, but %q", text, before)
		}
	}
}
