package takeover_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"syncbox/firmware/internal/support"
	"syncbox/firmware/internal/support/wire"
	"syncbox/ota/order"
	"syncbox/ota/trust"
	"syncbox/sync/sim/memory"
	"syncbox/sync/store"
)

// box is the real channel of a box: its memory, its desk, its connection. What orders have done to it is only noted.
type box struct {
	t       testing.TB
	broker  *broker
	kv      store.KV
	disk    *disk // the same
	open    func(ctx context.Context) (net.Conn, error)
	deeds   *deeds
	trusted bool
	count   uint64

	store   *support.Store
	desk    *support.Desk
	channel *support.Channel
	stop    context.CancelFunc
	ended   chan error
}

// disk is a memory that can fail, for several goroutines.
type disk struct {
	store.KV
	mu    sync.Mutex // held while something is read or written
	fails atomic.Bool
}

func (d *disk) View(fn func(store.Tx) error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.KV.View(fn)
}

func (d *disk) Update(fn func(store.Tx) error) error {
	if d.fails.Load() {
		return errors.New("disk fails")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.KV.Update(fn)
}

// newBox starts a box that reaches its broker by a pipe.
func newBox(t testing.TB, b *broker) *box {
	t.Helper()
	d := &disk{KV: &memory.KV{}}
	x := &box{t: t, broker: b, kv: d, disk: d, trusted: true}
	x.open = func(context.Context) (net.Conn, error) {
		near, far := net.Pipe()
		go b.serve(far)
		return near, nil
	}
	x.deeds = &deeds{clock: x.clock, now: time.Now}
	x.start()
	return x
}

func (x *box) clock() trust.Clock { return trust.Clock{Now: time.Now(), Trusted: x.trusted} }

// start starts the box, from what its memory holds.
func (x *box) start() {
	x.t.Helper()
	var err error
	if x.store, err = support.OpenStore(x.kv); err != nil {
		x.t.Fatal(err)
	}
	x.run(rand.New(rand.NewPCG(7, 7)).Int64N)
}

// run opens the channel on the box's memory.
func (x *box) run(chance func(int64) int64) {
	x.desk = support.NewDesk(support.DeskConfig{
		Box: boxName, Keys: func() (order.Keyring, error) { return ring(), nil }, Clock: x.clock,
		Actions: x.deeds, Wishes: x.deeds, Words: func(key string, _ map[string]string) string { return key }, Log: quiet,
	}, x.store)
	x.channel = support.New(support.Config{
		Box: boxName, Open: func(ctx context.Context) (net.Conn, error) { return x.open(ctx) },
		Online: func() bool { return true }, Standing: func() wire.Status { return wire.Status{FW: "1.0.0", Codes: x.channel.Conditions()} },
		Chance: chance, Desk: x.desk, Store: x.store, Log: quiet,
	})
	ctx, stop := context.WithCancel(context.Background())
	x.stop, x.ended = stop, make(chan error, 1)
	go func() { x.ended <- x.channel.Run(ctx) }()
}

// end stops the box in good order.
func (x *box) end() {
	x.t.Helper()
	x.stop()
	if err := <-x.ended; err != nil {
		x.t.Errorf("the channel ended: %v", err)
	}
}

// restart starts the box again.
func (x *box) restart() { x.t.Helper(); x.end(); x.start() }

// connected waits until the box has subscribed to what the contract says.
func (x *box) connected() {
	x.t.Helper()
	x.await("the box to come", func() bool { return x.broker.there(boxName, topicCmd, topicDesired) })
}

// long is how long anything may take by the clock of a test; every wait of the contract is shorter.
const long = 2 * time.Hour

func (x *box) await(what string, holds func() bool) { x.t.Helper(); x.within(long, what, holds) }

func (x *box) within(d time.Duration, what string, holds func() bool) {
	x.t.Helper()
	ctx, cancel := context.WithTimeoutCause(context.Background(), d, errors.New(what))
	defer cancel()
	if err := x.broker.await(ctx, holds); err != nil {
		x.t.Fatal(err)
	}
}

func (x *box) n() uint64 { x.count++; return x.count }

// sent is an honest order that was sent.
type sent struct {
	id       string
	envelope []byte
}

// draft is an order as support writes one: its number, which is the time in milliseconds, is higher than those before.
func (x *box) draft(op, role string, args any) draft {
	time.Sleep(time.Millisecond)
	return newDraft(time.Now(), x.n(), op, role, args)
}

// order has support sign and send one.
func (x *box) order(op, role string, args any, by ...byte) sent {
	x.t.Helper()
	d := x.draft(op, role, args)
	s := sent{d["id"].(string), d.signed(by...)}
	x.broker.say(topicCmd, s.envelope, false)
	return s
}

// told waits until support has heard how an order ended.
func (x *box) told(s sent, phase string) {
	x.t.Helper()
	x.await(fmt.Sprintf("order %s to be %s", s.id, phase), func() bool { return slices.Contains(x.heard(s.id), phase) })
}

// heard gives the phases that the broker has kept of an order; its lock is held.
func (x *box) heard(id string) (phases []string) {
	for _, h := range x.broker.heard {
		if a, ok := ack(h); ok && h.kept && a.ID == id {
			phases = append(phases, a.Phase)
		}
	}
	return phases
}

// ack reads an acknowledgement.
func ack(h heard) (a told, ok bool) {
	if !strings.HasPrefix(h.topic, topicAck) || json.Unmarshal(h.payload, &a) != nil {
		return told{}, false
	}
	return a, true
}

// works has an honest order done: the proof that nothing that came before has hurt the box.
func (x *box) works() {
	x.t.Helper()
	tag := fmt.Sprint("proof", x.n())
	s := x.order("sync", "ops", draft{"job": tag}, keyOps)
	x.told(s, "succeeded")
	if n := x.did("job force " + tag); n != 1 {
		x.t.Errorf("honest order: done %d times", n)
	}
}

// confirmed waits until the box has confirmed all that it was sent.
func (x *box) confirmed() {
	x.t.Helper()
	x.await("the box to confirm what it was sent", func() bool {
		s := x.broker.sessions[boxName]
		return s != nil && len(s.waiting) == 0
	})
}

func (x *box) did(what string) (n int) {
	for _, d := range x.deeds.done() {
		if d.what == what {
			n++
		}
	}
	return n
}

// only holds what was done against what may have been, each once; honest proofs are left out.
func (x *box) only(what ...string) {
	x.t.Helper()
	var got []string
	for _, d := range x.deeds.done() {
		if !strings.HasPrefix(d.what, "job force proof") {
			got = append(got, d.what)
		}
	}
	if !slices.Equal(got, what) {
		x.t.Errorf("done: got %q, want %q", got, what)
	}
}

// bubble runs a test with a clock of its own. The broker and the box end with it.
func bubble(t *testing.T, test func(t *testing.T, x *box)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := newBroker(time.Now)
		x := newBox(t, b)
		defer b.close()
		defer x.end()
		test(t, x)
	})
}
