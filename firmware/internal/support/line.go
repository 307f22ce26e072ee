package support

import (
	"context"
	"errors"
	"net"
	"net/url"
	"sync"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"

	"syncbox/firmware/internal/support/reconnect"
	"syncbox/firmware/internal/support/wire"
)

// line is one connection. The client of the library is never used for a second one.
type line struct {
	*Channel
	session uint64
	client  mqtt.Client
	came    chan struct{} // something is in the inbox
	lost    chan error    // gets why it broke
	shown   wire.Status
	seen    time.Time // when shown was told

	mu    sync.Mutex // protects what follows
	conn  net.Conn   // nil until there is one
	inbox []mqtt.Message
	flood bool // it was full
}

// mostInbox is how much may have come and not been looked at yet. Brokers of our recipes keep a hundred messages for a box.
const mostInbox = 256

// Options are the settings of one connection of a box. Who hears what comes, who is told of its loss, and who opens it
// (CustomOpenConnectionFn) is the caller's to set.
func Options(box string, session uint64) *mqtt.ClientOptions {
	o := mqtt.NewClientOptions().AddBroker("tls://support").SetClientID(box).SetProtocolVersion(4).SetCleanSession(false)
	// In order, or the second of two orders that come together could be taken first, and the first be refused as too old.
	o.SetOrderMatters(true)
	o.SetAutoReconnect(false).SetConnectRetry(false).SetAutoAckDisabled(true).SetStore(mqtt.NewMemoryStore())
	o.SetKeepAlive(keepAlive).SetPingTimeout(pingTimeout).SetWriteTimeout(writeTimeout).SetConnectTimeout(dialTimeout)
	return o.SetBinaryWill(wire.StatusTopic(box), mustJSON(wire.Status{State: wire.Lost, Session: session}), 1, true)
}

func newLine(c *Channel, session uint64) *line {
	l := &line{Channel: c, session: session, came: make(chan struct{}, 1), lost: make(chan error, 1)}
	o := Options(c.c.Box, session).SetDefaultPublishHandler(l.hear)
	o.SetConnectionLostHandler(func(_ mqtt.Client, err error) { l.lost <- err })
	o.SetCustomOpenConnectionFn(func(*url.URL, mqtt.ClientOptions) (net.Conn, error) { return l.open() })
	l.client = mqtt.NewClient(o)
	return l
}

func (l *line) open() (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), dialTimeout)
	defer cancel()
	conn, err := l.c.Open(ctx)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conn = &bounded{Conn: conn}
	return l.conn, nil
}

// hear takes a message over and returns at once: the library reads nothing meanwhile. A broker that floods the box has its
// line cut.
func (l *line) hear(_ mqtt.Client, m mqtt.Message) {
	l.mu.Lock()
	full := len(l.inbox) >= mostInbox
	if !full {
		l.inbox = append(l.inbox, m)
	}
	l.flood = l.flood || full
	l.mu.Unlock()
	if full {
		l.cut()
		return
	}
	nudge(l.came)
}

// next gives what came first and was not looked at yet.
func (l *line) next() (m mqtt.Message, found bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.inbox) == 0 {
		return nil, false
	}
	m, l.inbox = l.inbox[0], l.inbox[1:]
	return m, true
}

// errSilent: the broker does not confirm what it must.
var errSilent = errors.New("the broker does not answer")

// done waits for the answer to something. The library never finishes some of what was under way when a connection broke.
func (l *line) done(ctx context.Context, t mqtt.Token, within time.Duration) error {
	timer := time.NewTimer(within)
	defer timer.Stop()
	select {
	case <-t.Done():
		return t.Error()
	case err := <-l.lost:
		l.lost <- err // whoever waits next shall know as well
		return err
	case <-timer.C:
		return errSilent
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (l *line) connect(ctx context.Context) error {
	err := l.done(ctx, l.client.Connect(), dialTimeout+ackTimeout)
	if err != nil {
		l.client.Disconnect(0)
	}
	return err
}

// publish sends a message and waits until the broker has it.
func (l *line) publish(ctx context.Context, topic string, retained bool, payload []byte, within time.Duration) error {
	return l.done(ctx, l.client.Publish(topic, 1, retained, payload), within)
}

// talk is what happens on a connection: what is subscribed to, then the status, so that whoever sees it is heard, then the
// outbox and what comes, until it breaks or is to be made anew.
func (l *line) talk(box context.Context) (reconnect.Cause, error) {
	ctx, cancel := context.WithCancelCause(box)
	defer cancel(nil)
	if err := l.subscribe(ctx); err != nil {
		return reconnect.Unknown, err
	}
	if err := l.status(ctx); err != nil {
		return reconnect.Unknown, err
	}
	if l.c.Heard != nil {
		l.c.Heard()
	}
	var beside sync.WaitGroup
	defer beside.Wait()
	defer cancel(nil)
	beside.Go(func() { cancel(l.empty(ctx)) })
	look := time.NewTicker(lookAt)
	defer look.Stop()
	for {
		select {
		case <-l.came:
			if err := l.takeAll(ctx); err != nil {
				return reconnect.Unknown, err // it comes again with the next connection
			}
		case <-look.C:
			if err := l.changes(ctx); err != nil {
				return reconnect.Unknown, err
			}
		case err := <-l.lost:
			l.lost <- err
			return reconnect.Unknown, err
		case <-l.again:
			return reconnect.Own, nil
		case <-ctx.Done(): // the box ends, or the outbox can't be emptied
			return reconnect.Unknown, context.Cause(ctx)
		}
	}
}

// close ends the connection. A box that ends it in good order says so first. Otherwise the broker must not take it for
// that, or it would not tell that the box is lost: the connection is cut.
func (l *line) close(inOrder bool) {
	if inOrder && l.client.IsConnectionOpen() {
		l.goodbye()
	}
	if !inOrder {
		l.cut()
	}
	l.client.Disconnect(250)
}

// flooded says whether the line was cut for too much having come.
func (l *line) flooded() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.flood
}

// cut ends the connection without a word.
func (l *line) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn != nil {
		l.conn.Close() // whatever is wrong with it, it is over
	}
}
