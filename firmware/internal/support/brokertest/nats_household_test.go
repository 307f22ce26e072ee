package brokertest_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/eclipse/paho.mqtt.golang/packets"

	"syncbox/firmware/internal/fleet"
	"syncbox/firmware/internal/support"
	"syncbox/firmware/internal/support/wire"
	"syncbox/ota/order"
	"syncbox/ota/trust"
	"syncbox/sync/engine"
)

// household is a box behind the channel of the product, with its memory in a real file. It counts what it is asked to do, and
// tells an event of each.
type household struct {
	support.Actions // of which it has Job alone
	support.Wishes  // none

	t       *testing.T
	name    string
	brokers []string // the first one that answers is taken
	tls     *tls.Config
	path    string

	channel *support.Channel
	desk    *support.Desk
	heard   chan struct{} // gets one whenever a broker has confirmed the status
	says    chan struct{} // has one when the box has published something since it was emptied
	end     func()

	mu  sync.Mutex // protects did
	did map[string]int
}

// opsKey is the key of support.
var opsKey = ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))

// house makes a box that comes to one of the servers first.
func (l *load) house(t *testing.T, name string, node int) *household {
	t.Helper()
	h := &household{t: t, name: name, path: filepath.Join(t.TempDir(), "support.db"), heard: make(chan struct{}, 100), says: make(chan struct{}, 1), did: map[string]int{}}
	var err error
	if h.tls, err = l.ca.Client(name); err != nil {
		t.Fatal(err)
	}
	for i := range l.nodes {
		h.brokers = append(h.brokers, l.nodes[(node+i)%len(l.nodes)].Addr)
	}
	return h
}

// start switches the box on, and waits until a broker has heard it.
func (h *household) start() *household {
	h.t.Helper()
	store, lost, err := support.OpenFile(h.path)
	if err == nil && lost == nil {
		err = store.SetStanding(support.Standing{SpreadSeq: 1}) // a fleet of a few
	}
	if err != nil || lost != nil {
		h.t.Fatal(err, lost)
	}
	first := func(int64) int64 { return 0 }
	quiet := slog.New(slog.DiscardHandler)
	h.desk = support.NewDesk(support.DeskConfig{Box: h.name, Actions: h, Wishes: h, Log: quiet,
		Keys: func() (order.Keyring, error) {
			return order.Keyring{order.Ops: {Threshold: 1, Public: []ed25519.PublicKey{opsKey.Public().(ed25519.PublicKey)}}}, nil
		},
		Clock: func() trust.Clock { return trust.Clock{Now: time.Now(), Trusted: true} },
		Words: func(key string, _ map[string]string) string { return key }}, store)
	dialer := support.NewDialer(func() []string { return slices.Clone(h.brokers) }, func() (*tls.Config, error) { return h.tls, nil }, first)
	h.channel = support.New(support.Config{Box: h.name, Open: h.open(dialer), Online: func() bool { return true }, Chance: first,
		Standing: func() wire.Status { return wire.Status{State: wire.Ready, FW: "1.0.0"} },
		Heard:    func() { h.heard <- struct{}{} }, Desk: h.desk, Store: store, Log: quiet})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- h.channel.Run(ctx) }()
	h.end = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			h.t.Errorf("%s: %v", h.name, err)
		}
		if err := store.Close(); err != nil {
			h.t.Error(err)
		}
	})
	h.t.Cleanup(h.end)
	h.back(6 * patience)
	return h
}

// saying is a connection that tells when a message is published on it.
type saying struct {
	net.Conn
	says chan<- struct{}
}

func (s saying) Write(packet []byte) (int, error) {
	if packet[0]>>4 == packets.Publish {
		select {
		case s.says <- struct{}{}:
		default:
		}
	}
	return s.Conn.Write(packet)
}

func (h *household) open(d *support.Dialer) func(context.Context) (net.Conn, error) {
	return func(ctx context.Context) (net.Conn, error) {
		conn, err := d.Open(ctx)
		return saying{conn, h.says}, err
	}
}

// stuck has the box publish something at a server that is frozen: it is under way when the server dies, if nothing else is already,
// in which case nothing more is published.
func (h *household) stuck() {
	h.t.Helper()
	select {
	case <-h.says:
	default:
	}
	if err := h.desk.Tell(wire.SyncEvent, "cycle-complete", map[string]any{"did": h.name + " stuck"}); err != nil {
		h.t.Fatal(err)
	}
	select {
	case <-h.says:
	case <-time.After(3 * time.Second): // longer than the box waits between two messages
	}
}

// back waits until a broker has heard the box. It has it try at once, as a technician does who sets the address anew: how long it
// waits by itself is tried elsewhere.
func (h *household) back(within time.Duration) {
	h.t.Helper()
	again := time.NewTicker(time.Second)
	defer again.Stop()
	for deadline := time.After(within); ; {
		select {
		case <-h.heard:
			return
		case <-again.C:
			h.channel.Reconnect()
		case <-deadline:
			h.t.Fatalf("%s reaches no broker", h.name)
		}
	}
}

// Job does what an order asks for, and tells of it.
func (h *household) Job(_ context.Context, job string, _ engine.Verb) error {
	h.mu.Lock()
	h.did[job]++
	h.mu.Unlock()
	return h.desk.Tell(wire.SyncEvent, "cycle-complete", map[string]any{"did": h.name + " " + job})
}

// times says how often each of its orders was carried out that was not carried out once.
func (h *household) times(orders int) (wrong []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for n := range orders {
		if job := fmt.Sprint("order-", n); h.did[job] != 1 {
			wrong = append(wrong, fmt.Sprintf("%s %s: %d times", h.name, job, h.did[job]))
		}
	}
	if len(h.did) > orders {
		wrong = append(wrong, fmt.Sprintf("%s: %v", h.name, h.did))
	}
	return wrong
}

// did reads the event that tells of an order.
func did(event []byte) string {
	var e struct{ Detail struct{ Did string } }
	if json.Unmarshal(event, &e) != nil {
		return string(event)
	}
	return e.Detail.Did
}

// order gives the n-th order to the box, signed.
func (h *household) order(n int) fleet.Order {
	h.t.Helper()
	signer, err := order.KeySigner(opsKey)
	if err != nil {
		h.t.Fatal(err)
	}
	issued := time.Now().Add(-time.Hour).Truncate(time.Second).Add(time.Duration(n) * time.Millisecond) // each with a number of its own
	o, envelope, err := order.Issue(h.t.Context(), order.Order{To: "box:" + h.name, Op: order.Sync, Args: fmt.Appendf(nil, `{"job":"order-%d"}`, n)},
		issued, 24*time.Hour, rand.Reader, signer)
	if err != nil {
		h.t.Fatal(err)
	}
	return fleet.Order{Box: h.name, ID: o.ID, Envelope: envelope}
}
