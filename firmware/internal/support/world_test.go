package support_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/locale"
	"syncbox/firmware/internal/panel"
	"syncbox/firmware/internal/support"
	"syncbox/firmware/internal/support/wire"
	"syncbox/ota/order"
	"syncbox/ota/trust"
	"syncbox/ota/update"
	"syncbox/sync/engine"
	"syncbox/sync/sim/memory"
	"syncbox/sync/store"
)

var start = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

func key(n byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, ed25519.SeedSize))
}

func public(numbers ...byte) (all []ed25519.PublicKey) {
	for _, n := range numbers {
		all = append(all, key(n).Public().(ed25519.PublicKey))
	}
	return all
}

// ring: 1 is support, 3 the fleet, 4 to 6 may do what can't be taken back.
func ring() (order.Keyring, error) {
	return order.Keyring{order.Ops: {Threshold: 1, Public: public(1)}, order.Fleet: {Threshold: 1, Public: public(3)},
		order.Danger: {Threshold: 2, Public: public(4, 5, 6)}}, nil
}

// cut is a power cut.
type cut struct{}

// world is a box with a memory that outlives it, and what was done to it.
type world struct {
	t     testing.TB
	file  *file
	now   time.Time
	known bool      // now is what time servers say; otherwise it is what the machine shows, and nobody believes it
	sure  time.Time // certain to be over, as the updater remembers

	rootless bool
	hold     chan struct{} // orders are looked at once it is closed; nil for at once

	did   []string          // by the box, in order
	watch func(what string) // hears it at once; nil for nobody
	fails map[string]error

	starting func() error // what a job says before it does anything; nil for nothing
	wishes   *wishes
	reboot   bool // a restart was asked for
	erase    bool // a full reset was noted durably
	noted    bool // it was done
	events   []store.Event
	facts    support.Facts

	stepping     sync.Mutex // protects steps, did and now, where the box has goroutines of its own
	steps, cutAt int        // every step counts; the power fails at one of them, 0 = never

	store *support.Store
	desk  *support.Desk
	n     int // of the last order
}

func newWorld(t testing.TB) *world {
	w := &world{t: t, now: start, known: true, sure: start, fails: map[string]error{}}
	w.file = &file{w: w}
	w.wishes = &wishes{w: w}
	w.boot()
	return w
}

// file is the memory, cut before and after each transaction that writes.
type file struct {
	memory.KV
	w      *world
	mu     sync.Mutex // the simulated one is for one goroutine
	broken error
}

func (f *file) View(fn func(store.Tx) error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.KV.View(fn)
}

func (f *file) Update(fn func(store.Tx) error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.broken != nil {
		return f.broken
	}
	f.w.step()
	defer f.w.step()
	return f.KV.Update(fn)
}

// set has every write fail from now on, or none.
func (f *file) set(broken error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.broken = broken
}

// step is a place at which the power can fail.
func (w *world) step() {
	w.stepping.Lock()
	w.steps++
	fails := w.steps == w.cutAt
	w.stepping.Unlock()
	if fails {
		panic(cut{})
	}
}

var words = sync.OnceValue(func() *locale.Printer {
	p, err := locale.New("en", nil)
	if err != nil {
		panic(err)
	}
	return p
})

// boot starts the box: what was in memory is gone.
func (w *world) boot() {
	w.reboot = false
	s, err := support.OpenStore(w.file)
	if err != nil {
		w.t.Fatal(err)
	}
	w.use(s)
}

// use has the box remember by another memory from now on.
func (w *world) use(s *support.Store) {
	w.store = s
	w.desk = support.NewDesk(support.DeskConfig{Box: "0001", Keys: w.keys, Actions: w, Wishes: w.wishes, Words: words().Text,
		Clock: w.clock, Log: slog.New(slog.DiscardHandler)}, w.store)
}

// keys are those of the root, if the box has one.
func (w *world) keys() (order.Keyring, error) {
	if w.hold != nil {
		<-w.hold
	}
	if w.rootless {
		return nil, errors.New("no root")
	}
	return ring()
}

// starts is what a start does before the channel begins.
func (w *world) starts() {
	w.t.Helper()
	if w.erase {
		if err := w.store.NoteErased(); err != nil {
			w.t.Fatal(err)
		}
		w.erase, w.noted = false, true
	}
	if err := w.desk.Begin(); err != nil {
		w.t.Fatal(err)
	}
}

// clock is the trusted time; without it, that which is certain to be over.
func (w *world) clock() trust.Clock {
	w.stepping.Lock()
	defer w.stepping.Unlock()
	c := trust.Clock{Now: w.now, Trusted: w.known}
	return trust.Clock{Now: trust.State{Clock: w.sure}.Time(time.Time{}, c), Trusted: w.known}
}

// done gives what was done so far, while the box goes on.
func (w *world) done() []string {
	w.stepping.Lock()
	defer w.stepping.Unlock()
	return slices.Clone(w.did)
}

// at sets the time, while the box goes on.
func (w *world) at(now time.Time) {
	w.stepping.Lock()
	defer w.stepping.Unlock()
	w.now = now
}

// does is every action: the power can fail just before and just after it.
func (w *world) does(what string) error {
	w.step()
	if err := w.fails[what]; err != nil {
		return err
	}
	w.stepping.Lock()
	w.did = append(w.did, what)
	w.stepping.Unlock()
	if w.watch != nil {
		w.watch(what)
	}
	w.step()
	return nil
}

func (w *world) Identify(context.Context) error { return w.does("identify") }

func (w *world) Job(_ context.Context, job string, v engine.Verb) error {
	if w.starting != nil {
		if err := w.starting(); err != nil {
			return err
		}
	}
	return w.does(string(v) + " " + job)
}

func (w *world) Configure(_ context.Context, all []config.Change, vouched bool) ([]string, error) {
	var keys []string
	if vouched {
		keys = append(keys, "vouched")
	}
	for _, c := range all {
		keys = append(keys, c.Key)
	}
	return keys, w.does(fmt.Sprint("config ", keys))
}

func (w *world) Update(context.Context) error { return w.does("update") }
func (w *world) Renew(context.Context) error  { return w.does("renew") }

func (w *world) Do(_ context.Context, a panel.Action) error {
	if err := w.does(string(a)); err != nil {
		return err
	}
	w.reboot = a != panel.ResetNetwork
	w.erase = a == panel.FullReset
	return nil
}

func (w *world) Journal(_ context.Context, _ string, from uint64, limit int) ([]store.Event, error) {
	var page []store.Event
	for _, e := range w.events {
		if e.Seq >= from && len(page) < limit {
			page = append(page, e)
		}
	}
	return page, nil
}

func (w *world) Facts(context.Context) support.Facts { return w.facts }

// wishes is an updater that takes what is signed.
type wishes struct {
	w      *world
	took   []string // ids, durable
	refuse update.Code
	err    error
}

func (u *wishes) Wish(_ context.Context, envelope []byte) (update.Answer, error) {
	if u.err != nil {
		return update.Answer{}, u.err
	}
	keys, _ := ring()
	o, err := order.Verify(envelope, keys, order.Box{Name: "0001", Groups: []string{"eu-1"}, Now: u.w.now, ClockTrusted: u.w.known,
		Known: func(id string) bool { return slices.Contains(u.took, id) }})
	var refused *order.Refusal
	if errors.As(err, &refused) {
		if refused.Code == order.Known {
			return update.Answer{ID: refused.ID, Phase: update.PhaseAccepted}, nil
		}
		return update.Answer{ID: refused.ID, Phase: update.PhaseRejected, Code: update.Code(refused.Code)}, nil
	}
	if u.refuse != "" {
		return update.Answer{ID: o.ID, Phase: update.PhaseRejected, Code: u.refuse}, nil
	}
	u.w.step()
	u.took = append(u.took, o.ID)
	u.w.step()
	return update.Answer{ID: o.ID, Phase: update.PhaseAccepted}, nil
}

func (u *wishes) Has(id string) bool { return slices.Contains(u.took, id) }

func (u *wishes) Cancel() error { return u.w.does("cancel") }

// issue gives an order that is fine but for what change does, signed by whom its op demands.
func (w *world) issue(op order.Op, args string, change ...func(*order.Order)) []byte {
	w.t.Helper()
	w.n++
	issued := w.now.Unix()
	o := order.Order{ID: id(w.n), To: "box:0001", Op: op, Args: json.RawMessage(args), Issued: issued, NotBefore: issued, Expires: issued + 600,
		Seq: w.now.UnixMilli() + int64(w.n)}
	for _, c := range change {
		c(&o)
	}
	by := []byte{1}
	switch {
	case o.Role == order.Danger, op == order.Downgrade, op == order.Keys, op == order.Resync && args == `{"level":2}`, args == `{"level":"full"}`:
		o.Role, by = order.Danger, []byte{4, 5}
	case op == order.Desired:
		by = []byte{3}
	}
	return w.sign(o, by...)
}

func (w *world) sign(o order.Order, by ...byte) []byte {
	w.t.Helper()
	var signers []order.Signer
	for _, n := range by {
		s, err := order.KeySigner(key(n))
		if err != nil {
			w.t.Fatal(err)
		}
		signers = append(signers, s)
	}
	b, err := order.Sign(w.t.Context(), o, signers...)
	if err != nil {
		w.t.Fatal(err)
	}
	return b
}

func id(n int) string { return fmt.Sprintf("01JD9F2M4Q%016d", n) }

func (w *world) take(envelope []byte) {
	w.t.Helper()
	if err := w.desk.Take(envelope); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) work() {
	w.t.Helper()
	if err := w.desk.Work(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// sent empties the outbox.
func (w *world) sent() (all []support.Message) {
	w.t.Helper()
	for {
		m, found, err := w.store.Next()
		if err != nil {
			w.t.Fatal(err)
		}
		if !found {
			return all
		}
		if len(m.Payload) > wire.MaxMessage {
			w.t.Errorf("%s has %d bytes", m.Topic, len(m.Payload))
		}
		all = append(all, m)
		if err := w.store.Sent(m); err != nil {
			w.t.Fatal(err)
		}
	}
}

// acks gives what the outbox says of orders: "phase code".
func (w *world) acks() (all []string) {
	w.t.Helper()
	for _, a := range w.ackList() {
		text := string(a.Phase)
		if a.Code != "" {
			text += " " + a.Code
		}
		all = append(all, text)
	}
	return all
}

func (w *world) ackList() (all []wire.Ack) {
	w.t.Helper()
	for _, m := range w.sent() {
		if m.Ack == "" {
			continue
		}
		var a wire.Ack
		if err := json.Unmarshal(m.Payload, &a); err != nil {
			w.t.Fatal(err)
		}
		if want := "sb/v1/0001/ack/" + a.ID; m.Topic != want || a.Explain == "" {
			w.t.Errorf("got topic %q and words %q, want %q and some", m.Topic, a.Explain, want)
		}
		all = append(all, a)
	}
	return all
}

// forget begins the memory anew, as where it could not be read.
func (w *world) forget() {
	w.file = &file{w: w}
	if err := w.file.Update(func(tx store.Tx) error { return tx.Put("self", []byte("lost"), []byte{1}) }); err != nil {
		w.t.Fatal(err)
	}
	w.boot()
}
