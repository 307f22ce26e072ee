package support

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"
	"time"

	"syncbox/firmware/internal/support/reconnect"
	"syncbox/firmware/internal/support/wire"
	"syncbox/sync/engine"
)

// Config is what a Channel has to do with.
type Config struct {
	Box string // common name of its certificate, name and client id
	// Open makes a connection to a broker, of several one by chance. ctx ends when it is too late.
	Open func(ctx context.Context) (net.Conn, error)
	// Online says whether the box has an address: without one no attempt is made.
	Online func() bool
	// Connected is told that the broker let the box in, Refused that it did not, with the certificate of the last attempt;
	// nil for nobody.
	Connected, Refused func()
	// Heard is told that a broker has confirmed the first status of a connection; nil for nobody.
	Heard func()
	// Standing gives State, FW, Slot, Cfg, Up and Codes of the status.
	Standing func() wire.Status
	// Jobs gives how the jobs are, in the order of the configuration, for events of the kind sync; nil for none of these.
	Jobs func() []engine.Status
	// Announce gives the message that makes the box known to Home Assistant, as package discovery has it; empty for none. It
	// is asked with each connection. nil for never.
	Announce func() []byte
	// Chance gives an even number in [0, n), each box others.
	Chance func(n int64) int64
	Desk   *Desk
	Store  *Store
	Log    *slog.Logger
}

// Times of the channel.
const (
	keepAlive    = 120 * time.Second // must not exceed max_keepalive of the broker
	pingTimeout  = 20 * time.Second
	writeTimeout = 30 * time.Second
	dialTimeout  = 30 * time.Second
	ackTimeout   = 2 * time.Minute  // of the broker, before a connection is given up
	pace         = time.Second      // between two messages of the outbox, but for a burst
	lookAt       = 10 * time.Second // how often it is looked whether the status is another one
	goodbye      = 3 * time.Second
	notOnline    = 5 * time.Second
)

// burst is how many messages of the outbox may go at once: what a person at support asks for in a row.
const burst = 5

// Channel keeps the connection to support. It may be used by several goroutines.
type Channel struct {
	c      Config
	policy *reconnect.Policy
	again  chan struct{} // the connection is to be made anew

	mu     sync.Mutex      // protects what follows
	up     bool            // there is a connection
	since  time.Time       // since when that is so
	why    reconnect.Cause // of there being none
	broken bool            // the memory failed at last
}

// New makes a channel. It starts nothing.
func New(c Config) *Channel {
	return &Channel{c: c, policy: reconnect.New(reconnect.DefaultSpread, c.Chance), again: make(chan struct{}, 1), since: time.Now()}
}

// Reconnect has the connection made anew, for another certificate or other brokers.
func (c *Channel) Reconnect() { nudge(c.again) }

// nudge tells once for any number of times.
func nudge(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Run keeps the connection and carries out orders until ctx ends; then it says goodbye. An error means that the memory
// of the channel failed: Run may be called again.
func (c *Channel) Run(ctx context.Context) error {
	err := c.run(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.broken = err != nil
	return err
}

func (c *Channel) run(ctx context.Context) error {
	if err := c.c.Desk.Begin(); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	var failed, silent error
	var beside sync.WaitGroup
	beside.Go(func() {
		failed = c.c.Desk.Run(ctx)
		cancel()
	})
	beside.Go(func() {
		silent = c.report(ctx)
		cancel()
	})
	err := c.stay(ctx)
	cancel()
	beside.Wait()
	return errors.Join(err, failed, silent)
}

// stay keeps the connection until ctx ends.
func (c *Channel) stay(ctx context.Context) (err error) {
	for wait := c.spread().Boot(); c.pause(ctx, wait); {
		if wait, err = c.connection(ctx); err != nil {
			return err
		}
	}
	return nil
}

// spread gives the policy with what the fleet tells.
func (c *Channel) spread() *reconnect.Policy {
	c.policy.SetSpread(reconnect.DefaultSpread)
	if w := c.c.Store.Standing(); w.SpreadSeq > 0 {
		c.policy.SetSpread(w.Spread)
	}
	return c.policy
}

// pause waits, and then for an address; false if ctx ended.
func (c *Channel) pause(ctx context.Context, wait time.Duration) bool {
	for {
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return false
		case <-c.again: // new settings, a new certificate: what was refused may be let in now
			timer.Stop()
		case <-timer.C:
		}
		if c.c.Online() {
			return ctx.Err() == nil
		}
		wait = notOnline
	}
}

// steady is time that only goes forward.
var began = time.Now()

func steady() time.Duration { return time.Since(began) }

// connection makes a connection, keeps it as long as it holds, and gives how long to wait until the next one. An error is
// one of the memory.
func (c *Channel) connection(ctx context.Context) (time.Duration, error) {
	session, err := c.c.Store.NextSession()
	if err != nil {
		return 0, err
	}
	l := newLine(c, session)
	if err := l.connect(ctx); err != nil {
		if ctx.Err() != nil {
			return 0, nil
		}
		why := causeOf(err)
		c.c.Log.Info("support not reached", "refused", why == reconnect.Refused, "err", err)
		c.note(false, why)
		if why == reconnect.Refused && c.c.Refused != nil {
			c.c.Refused()
		}
		return c.spread().Failed(why), nil
	}
	c.policy.Connected(steady())
	c.note(true, reconnect.Unknown)
	if c.c.Connected != nil {
		c.c.Connected()
	}
	c.c.Log.Info("support reached", "session", session)
	why, err := l.talk(ctx)
	if ctx.Err() != nil {
		why = reconnect.Own
	}
	l.close(why == reconnect.Own)
	c.note(false, reconnect.Unknown)
	c.c.Log.Info("support left", "session", session, "err", err)
	if l.flooded() {
		c.c.Log.Warn("support sends more than the box can look at", "session", session)
		if err := c.c.Desk.alarm(CodeFlood); err != nil {
			return 0, err
		}
	}
	if !c.c.Online() {
		why = reconnect.Own
	}
	return c.spread().Lost(steady(), why), nil
}

// causeOf tells why an attempt failed. Own is that there was none, for want of a certificate.
func causeOf(err error) reconnect.Cause {
	if errors.Is(err, errCertificate) {
		return reconnect.Own
	}
	return reconnect.CauseOf(err)
}
