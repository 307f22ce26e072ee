package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"

	"syncbox/firmware/internal/support"
	"syncbox/firmware/internal/support/reconnect"
	"syncbox/firmware/internal/support/wire"
)

// fleet is boxes with real connections.
type fleet struct {
	broker  string
	spread  time.Duration
	online  atomic.Int64
	running sync.WaitGroup

	mu    sync.Mutex
	tries map[int64]int // attempts by second since 1970, whether or not somebody listened
}

// anew counts the attempts from now on.
func (f *fleet) anew() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.tries = map[int64]int{}
}

func (f *fleet) try() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.tries[time.Now().Unix()]++
}

// peak is the greatest number of attempts in one second.
func (f *fleet) peak() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Max(append(slices.Collect(maps.Values(f.tries)), 0))
}

// await waits until so many are connected, a quarter of an hour at most.
func (f *fleet) await(ctx context.Context, boxes int) error {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Minute)
	defer cancel()
	for ctx.Err() == nil {
		if f.online.Load() == int64(boxes) {
			return nil
		}
		pause(ctx, 20*time.Millisecond)
	}
	return fmt.Errorf("%d of %d boxes are connected: %w", f.online.Load(), boxes, ctx.Err())
}

// box is one of them: the connection of a real box, its policy, and what it does when it is connected.
type box struct {
	*fleet
	name    string
	session uint64
	dialer  *support.Dialer
	policy  *reconnect.Policy
}

func (f *fleet) box(name string, certificate *tls.Config, chance func(n int64) int64) *box {
	dialer := support.NewDialer(func() []string { return []string{f.broker} }, func() (*tls.Config, error) { return certificate, nil }, chance)
	return &box{fleet: f, name: name, dialer: dialer, policy: reconnect.New(f.spread, chance)}
}

func (b *box) open(*url.URL, mqtt.ClientOptions) (net.Conn, error) {
	return b.dialer.Open(context.Background()) // it has a limit of its own
}

// run connects, and again whenever the connection is lost, until ctx ends. All count as connected for an hour when they
// lose the broker: the fleet comes into being in a minute here.
func (b *box) run(ctx context.Context, first chan struct{}) {
	wait := b.firstTime(ctx, first)
	for ctx.Err() == nil {
		pause(ctx, wait)
		wait = b.once(ctx, func() {})
	}
}

// firstTime is a connection that does not wait its turn by chance but in a queue.
func (b *box) firstTime(ctx context.Context, queue chan struct{}) (wait time.Duration) {
	queue <- struct{}{}
	leave := sync.OnceFunc(func() { <-queue })
	defer leave()
	return b.once(ctx, leave)
}

// once makes one attempt, and where it succeeds, stays until the connection is lost. It gives the wait before the next.
func (b *box) once(ctx context.Context, connected func()) (wait time.Duration) {
	lost := make(chan struct{})
	b.session++
	o := support.Options(b.name, b.session).SetCustomOpenConnectionFn(b.open)
	o.SetDefaultPublishHandler(func(mqtt.Client, mqtt.Message) {}).SetConnectionLostHandler(func(mqtt.Client, error) { close(lost) })
	c := mqtt.NewClient(o)
	b.try()
	if t := c.Connect(); t.Wait() && t.Error() != nil {
		return b.policy.Failed(reconnect.CauseOf(t.Error()))
	}
	b.policy.Connected(0)
	b.online.Add(1)
	defer b.online.Add(-1)
	c.SubscribeMultiple(map[string]byte{wire.DesiredTopic(b.name): 1, wire.CmdTopic(b.name): 1, wire.FleetTopic("eu-1"): 1}, nil)
	c.Publish(wire.StatusTopic(b.name), 1, true, b.status())
	connected()
	select {
	case <-lost:
	case <-ctx.Done():
		c.Disconnect(0)
	}
	return b.policy.Lost(time.Hour, reconnect.Unknown)
}

// status is what a box at rest tells.
func (b *box) status() []byte {
	text, err := json.Marshal(wire.Status{State: wire.Ready, Session: b.session, FW: "1.0.0", Slot: "a"})
	if err != nil {
		panic(err) // our own type
	}
	return text
}
