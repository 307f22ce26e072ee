package support

import (
	"errors"
	"log/slog"
	"sync"
	"time"

	"syncbox/firmware/internal/support/wire"
	"syncbox/ota/order"
	"syncbox/ota/trust"
)

// DeskConfig is what a Desk has to do with. All fields are needed.
type DeskConfig struct {
	Box string
	// Keys gives who may sign; it is asked for each order. With an error nobody may.
	Keys func() (order.Keyring, error)
	// Clock is the trusted time, and whether the box knows it: without that, the latest time that is certain to be over.
	Clock   func() trust.Clock
	Actions Actions
	Wishes  Wishes
	// Words gives the text of a key of package locale.
	Words func(key string, args map[string]string) string
	Log   *slog.Logger
}

// Desk takes orders, carries them out, and tells how they ended. Take and Updated may be called by several goroutines,
// Work by one.
type Desk struct {
	c     DeskConfig
	store *Store
	wake  chan struct{}

	turn sync.Mutex // held while an order of the updater is read, changed and kept

	mu    sync.Mutex           // protects what follows
	mine  map[string]bool      // orders that were begun since the start
	told  map[string]time.Time // when an alarm was told last
	kept  int                  // refusals that were kept within the hour
	since time.Time
	left  time.Time // when a restart was begun that is to come yet; zero for none
}

// NewDesk makes a desk. It starts nothing.
func NewDesk(c DeskConfig, s *Store) *Desk {
	return &Desk{c: c, store: s, wake: make(chan struct{}, 1), mine: map[string]bool{}, told: map[string]time.Time{}}
}

// Take looks at what came on the command topic. Once it returns without an error, what is to be kept is durable, and
// the broker may forget the message; with an error nothing was decided.
func (d *Desk) Take(envelope []byte) error {
	o, err := d.verify(envelope)
	var refused *order.Refusal
	switch {
	case errors.As(err, &refused):
		return d.refuse(refused)
	case err != nil:
		return err
	}
	e := Entry{ID: o.ID, Op: o.Op, Role: o.Role, Args: o.Args, Expires: o.Expires}
	if isWish(o.Op) {
		e.Envelope, e.Args = envelope, nil
	}
	phase, code := wire.Accepted, ""
	if _, can := opOf(e); !can {
		phase, code = wire.Rejected, string(order.UnknownOp)
	}
	e.Last = d.ack(e, phase, code, nil)
	if err := d.store.Keep(e, o.Seq, wire.AckTopic(d.c.Box, e.ID)); err != nil {
		return err
	}
	d.c.Log.Info("order", "id", e.ID, "op", e.Op, "phase", phase, "code", code)
	d.nudge()
	return nil
}

// verify checks an order. Every refusal is an *order.Refusal; any other error means that it can't be said.
func (d *Desk) verify(envelope []byte) (order.Order, error) {
	keys, err := d.c.Keys()
	if err != nil { // a box without a root can't check anything: to wait for one would hold up the broker for ever
		return order.Order{}, &order.Refusal{Code: order.BadSignature, Cause: err}
	}
	now := d.c.Clock()
	lost, err := d.found(now)
	if err != nil {
		return order.Order{}, err
	}
	seq, err := d.store.Seq()
	if err != nil {
		return order.Order{}, err
	}
	o, err := order.Verify(envelope, keys, order.Box{Name: d.c.Box, Groups: d.store.Standing().Groups, Now: now.Now, ClockTrusted: now.Trusted,
		Seq: seq, MovesData: MovesData, Known: func(id string) bool { _, found, err := d.store.Entry(id); return found || err != nil }})
	if err == nil && lost {
		return order.Order{}, &order.Refusal{Code: order.ClockUntrusted, ID: o.ID, Cause: errors.New("which orders were taken is not known")}
	}
	return o, err
}

// found has whatever was issued until now refused where it is not known what was taken, as soon as the time is known.
func (d *Desk) found(now trust.Clock) (lost bool, err error) {
	if lost, err = d.store.Lost(); err != nil || !lost || !now.Trusted {
		return lost, err
	}
	return false, d.store.Refound(now.Now)
}

func (d *Desk) nudge() { nudge(d.wake) }
