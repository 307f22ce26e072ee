package update

import (
	"context"
	"errors"
	"hash/fnv"
	"sync"
	"sync/atomic"
	"time"

	"syncbox/ota/bootstate"
	"syncbox/ota/bundle"
	"syncbox/ota/floors"
	"syncbox/ota/order"
	"syncbox/ota/slot"
	"syncbox/ota/trust"
)

// Tries is how often a new system may start until it must have committed itself. People power-cycle.
const Tries = 3

// Updater is the part of a box that brings it from release to release.
type Updater struct {
	c     Config
	start bootstate.Start
	wake  chan struct{}

	refreshing sync.Mutex // one refresh at a time; taken before mu
	telling    sync.Mutex // one outcome at a time; taken before mu

	seen atomic.Pointer[seen]

	mu      sync.Mutex // protects what follows; held while the disk is written, so that unlock ends it
	store   *store
	duty    Duty
	cancel  context.CancelFunc // of what is done about the wish; nil where that can't be taken back
	shown   Status
	low     floors.Values // as on the disk
	lowErr  error         // why they can't be written
	hashes  map[int64]bundle.Digest
	spread  time.Time // of the monotonic clock: when the wish that stands came
	reached time.Time // when a server was last had; zero if never
}

// New gives an Updater with what it remembers. It starts nothing. A record that can't be read is begun anew, which Status
// tells; so it is no error.
func New(c Config) *Updater {
	s, lost := openStore(c.Database, c.Log)
	u := &Updater{c: c, store: s, wake: make(chan struct{}, 1), duty: Off, hashes: map[int64]bundle.Digest{}, spread: time.Now()}
	u.shown = Status{Version: c.Version, RecordLost: lost}
	low, err := floors.Read(c.Disk)
	if err != nil && !errors.Is(err, floors.ErrLost) {
		u.lowErr = err
	}
	low.Release = max(low.Release, s.record.Release)
	u.low = low
	u.mu.Lock()
	u.unlock()
	return u
}

// seen is what there was when mu was free last, for those who must not wait for a disk that hangs: the light asks what time it is
// and how the updates are.
type seen struct {
	record Record // nobody changes what it points to
	state  trust.State
	shown  Status
	duty   Duty
	low    floors.Values
	lowErr error
}

// unlock shows what there is now, and releases mu.
func (u *Updater) unlock() {
	u.seen.Store(&seen{u.store.record.clone(), u.store.state, u.shown, u.duty, u.low, u.lowErr})
	u.mu.Unlock()
}

// Begin takes up what this start means; it comes before Run and Wish. What it decides is durable when it returns. With an
// error the boot state could not be read or written: Run goes on as well as it can.
func (u *Updater) Begin(start bootstate.Start) (Duty, error) {
	o, err := u.open(start)
	if err == nil && o.fail {
		err = u.boot(bootstate.State.Fail)
	}
	return o.duty, err
}

func (u *Updater) open(start bootstate.Start) (opening, error) {
	u.mu.Lock()
	defer u.unlock()
	u.start = start
	st, err := bootstate.Read(u.c.Disk)
	if errors.Is(err, bootstate.ErrLost) {
		u.c.Log.Error("boot state lost", "err", err)
		err = nil
	}
	if err != nil {
		return opening{duty: u.duty}, &Error{Code: StateFault, Err: err}
	}
	r := u.store.record.clone()
	o := r.open(st, start, u.c.Cause)
	if err := u.store.put(r, u.store.state); err != nil {
		u.c.Log.Error("what this start means is not kept", "err", err)
		u.store.record = r
	}
	u.duty = o.duty
	u.shown.Slot, u.shown.Damaged = start.Slot, o.damaged
	u.c.Log.Info("start", "slot", start.Slot, "duty", u.duty)
	return o, nil
}

// Close closes the record, once Run has returned.
func (u *Updater) Close() error {
	u.mu.Lock()
	defer u.unlock()
	return u.store.close()
}

// boot changes the boot state.
func (u *Updater) boot(change func(bootstate.State) (bootstate.State, error)) error {
	st, err := bootstate.Read(u.c.Disk)
	if errors.Is(err, bootstate.ErrLost) {
		st, err = u.assumed(st), nil
	}
	if err != nil {
		return &Error{Code: StateFault, Err: err}
	}
	next, err := change(st)
	if err != nil {
		return &Error{Code: NotCommitted, Err: err}
	}
	if next == st && st.Seq > 0 {
		return nil
	}
	if _, err := bootstate.Write(u.c.Disk, next); err != nil {
		return &Error{Code: StateFault, Err: err}
	}
	return nil
}

// assumed gives the boot state that must have been, where it was lost after the start.
func (u *Updater) assumed(st bootstate.State) bootstate.State {
	switch u.dutyNow() {
	case Look:
		st.Good, st.Try = u.start.Slot.Other(), u.start.Slot
	case TakeOver:
		st.Good = u.start.Slot.Other()
	default:
		st.Good = u.start.Slot
	}
	return st
}

// Run does what this start asks for, then follows wishes, until ctx ends.
func (u *Updater) Run(ctx context.Context) error {
	var aging sync.WaitGroup
	defer aging.Wait()
	aging.Go(func() { u.age(ctx) })
	for ctx.Err() == nil {
		switch u.dutyNow() {
		case Look:
			u.look(ctx)
		case TakeOver:
			u.takeOver(ctx)
		case Compare:
			u.compare(ctx)
		case TryAgain:
			u.tryAgain(ctx)
		case Leave:
			u.leave(ctx)
		case Serve:
			u.serve(ctx)
		default:
			<-ctx.Done()
		}
	}
	return nil
}

func (u *Updater) dutyNow() Duty { return u.seen.Load().duty }

// turn goes from one duty to another, unless it is over by now.
func (u *Updater) turn(from, to Duty) {
	u.mu.Lock()
	defer u.unlock()
	if u.duty == from {
		u.duty = to
	}
}

// leave asks for the restart until it comes.
func (u *Updater) leave(ctx context.Context) {
	u.show(func(s *Status) { s.Doing = Restarting })
	for ctx.Err() == nil {
		u.c.Reboot()
		pause(ctx, time.Minute)
	}
}

// change changes the record; with an error nothing has changed.
func (u *Updater) change(change func(r *Record)) error {
	return u.changeFor(context.Background(), change)
}

// changeFor does so about the wish for which forWish gave ctx: it is an error once that was taken back or another one came.
func (u *Updater) changeFor(ctx context.Context, change func(r *Record)) error {
	u.mu.Lock()
	defer u.unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	r := u.store.record.clone()
	change(&r)
	return u.store.put(r, u.store.state)
}

// note changes the record also where that can't be kept: what is decided is done all the same.
func (u *Updater) note(change func(r *Record)) {
	if err := u.change(change); err != nil {
		u.c.Log.Error("not kept", "err", err)
		u.mu.Lock()
		defer u.unlock()
		change(&u.store.record)
	}
}

// record gives what is remembered; the caller must not change what it points to.
func (u *Updater) record() Record { return u.seen.Load().record }

// Keys gives who may sign orders, by the newest root that is known. With an error nobody may.
func (u *Updater) Keys() (order.Keyring, error) { return u.c.Anchor.Keys(u.state()) }

// Clock gives the trusted time, and whether the box knows the time: without that, it is the latest one that is certain to
// be over.
func (u *Updater) Clock() trust.Clock {
	c := u.c.Clock()
	return trust.Clock{Now: u.state().Time(u.c.Anchor.Built, c), Trusted: c.Trusted}
}

// state gives the trust state.
func (u *Updater) state() trust.State { return u.seen.Load().state }

func (u *Updater) running() slot.Device { return u.c.slot(u.start.Slot) }

// nudge has serve look again.
func (u *Updater) nudge() {
	select {
	case u.wake <- struct{}{}:
	default:
	}
}

// pause waits; false if ctx ended.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// share gives a number below n that differs from box to box.
func (u *Updater) share(n int64, of string) int64 {
	if n <= 0 {
		return 0
	}
	h := fnv.New64a()
	h.Write([]byte(u.c.Box + "\x00" + of))
	return int64(h.Sum64() % uint64(n))
}
