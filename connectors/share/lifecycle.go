package share

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"
)

// State is where a share stands.
//
//	Unmounted ──use──► Mounting ──attached──► Ready ──time-out, Dead, ShareGone, Suspend──► Suspect
//	    ▲                 │                                                                   │
//	    └──refused────────┴──────────────────────────let go of──────────────────────────────┘
type State int

// The states of a share.
const (
	Unmounted State = iota
	Mounting
	Ready
	Suspect // given up; the old mount is being let go of
)

var stateNames = [...]string{"unmounted", "mounting", "ready", "suspect"}

// String gives the state's stable name.
func (s State) String() string { return stateNames[s] }

const (
	firstDelay = time.Second // between a failure and the next attempt to mount
	lastDelay  = 5 * time.Minute
)

var errSuspended = errors.New("the share was let go of")

// mount keeps one folder attached: it attaches at the first use, gives up what does not answer,
// waits longer after each failure and stops for good when the log-on is refused.
type mount struct {
	volume volume
	name   string
	log    *slog.Logger

	mu       sync.Mutex // protects what follows
	state    State
	moved    chan struct{} // closed at the next change of state
	session  *session      // in Ready only
	cause    error         // why the last attempt or session failed, a *connectors.Error
	next     time.Time     // no attempt before
	delay    time.Duration // the last one, 0 after an answer
	refused  bool          // the log-on was: no attempt until a person says so
	leave    bool          // let go of what is being mounted
	closed   bool
	stuck    int
	released error // what letting go of the last session said
}

func newMount(v volume, name string, log *slog.Logger) *mount {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &mount{volume: v, name: name, log: log.With("share", name), moved: make(chan struct{})}
}

// acquire gives the session to use and mounts when there is none. It waits for a mount under way
// until ctx ends, never for the back-off: until then it returns the cause of the last failure.
func (m *mount) acquire(ctx context.Context) (*session, error) {
	for {
		m.mu.Lock()
		s, moved, err := m.step()
		m.mu.Unlock()
		if s != nil || err != nil {
			return s, err
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// step gives a session, an error, or what to wait for. m.mu is held.
func (m *mount) step() (*session, <-chan struct{}, error) {
	switch {
	case m.closed:
		return nil, nil, fs.ErrClosed
	case m.stuck >= maxStuck:
		return nil, nil, sorted(Stuck, m.name, "", ErrStuck)
	case m.state == Ready:
		return m.session, nil, nil
	case m.state == Mounting:
		return nil, m.moved, nil
	case m.refused, m.cause != nil && time.Now().Before(m.next):
		return nil, nil, m.cause
	case m.state == Suspect:
		return nil, m.moved, nil
	}
	m.enterState(Mounting)
	go m.attach()
	return nil, m.moved, nil
}

// attach makes one attempt. An attempt that hangs is abandoned; should it succeed later, what it
// mounted is let go of.
func (m *mount) attach() {
	ctx, cancel := context.WithTimeout(context.Background(), mountPatience)
	defer cancel()
	a, err, ok := await(m, mountPatience, nil,
		func() (attached, error) { return m.volume.attach(ctx) },
		func(a attached, err error) {
			if err == nil {
				m.await(func() error { return newSession(a).release(true) })
			}
		})
	if !ok {
		err = errTimeout
	}
	m.settle(a, err, ok)
}

// settle notes how an attempt ended.
func (m *mount) settle(a attached, err error, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	left := m.leave
	m.leave = false
	if err != nil {
		class := Dead
		if ok {
			class = classify(inMount, err)
		}
		m.refused = class == Auth
		m.fail(sorted(class, m.name, "", err))
		m.enterState(Unmounted)
		return
	}
	m.session = newSession(a)
	m.cause = nil
	m.enterState(Ready)
	if left {
		m.end(m.session, MountBusy, errSuspended, false)
	}
}

// fail notes the cause and puts the next attempt off: 1 s, doubled up to 5 min, a quarter more or
// less so that boxes do not return in step. m.mu is held.
func (m *mount) fail(cause error) {
	m.cause = cause
	m.delay = min(max(2*m.delay, firstDelay), lastDelay)
	m.next = time.Now().Add(m.delay*3/4 + rand.N(m.delay/2))
}

// answered notes that the server did: the next failure starts with the first delay again.
func (m *mount) answered() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.delay = 0
}

// giveUp ends a session that does not answer any more.
func (m *mount) giveUp(s *session, class Class, cause error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.session != s {
		return
	}
	m.fail(sorted(class, m.name, "", cause))
	m.end(s, class, cause, true)
}

// end takes the session out of use and lets go of it in the background. m.mu is held.
func (m *mount) end(s *session, class Class, cause error, forced bool) {
	m.session = nil
	m.enterState(Suspect)
	s.end(class, cause)
	go func() {
		err := m.await(func() error { return s.release(forced) })
		m.mu.Lock()
		defer m.mu.Unlock()
		m.released = err
		m.enterState(Unmounted)
	}()
}

// await gives release its time and no more; one that hangs is counted as stuck until it ends.
func (m *mount) await(release func() error) error {
	err, _, ok := await(m, releasePatience, nil,
		func() (error, error) { return release(), nil },
		func(error, error) {})
	if !ok {
		return errTimeout
	}
	return err
}

// suspend lets go of the share and waits until that is done or ctx ends. The next use mounts again.
func (m *mount) suspend(ctx context.Context) error {
	m.mu.Lock()
	switch m.state {
	case Ready:
		m.end(m.session, MountBusy, errSuspended, false)
	case Mounting:
		m.leave = true
	}
	for m.state != Unmounted {
		moved := m.moved
		m.mu.Unlock()
		select {
		case <-moved:
		case <-ctx.Done():
			return ctx.Err()
		}
		m.mu.Lock()
	}
	err := m.released
	m.released = nil
	m.mu.Unlock()
	return err
}

// close is the last suspend: afterwards every use fails with fs.ErrClosed.
func (m *mount) close() error {
	m.mu.Lock()
	m.closed = true
	m.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), 2*releasePatience)
	defer cancel()
	return m.suspend(ctx)
}

// retry forgets the last failure, a refused log-on included.
func (m *mount) retry() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.refused, m.cause, m.delay = false, nil, 0
}

func (m *mount) countStuck(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.stuck += n
}

// enterState moves on and wakes who waits for it. m.mu is held.
func (m *mount) enterState(s State) {
	m.log.Debug("share changes state", "from", m.state.String(), "to", s.String())
	m.state = s
	close(m.moved)
	m.moved = make(chan struct{})
}
