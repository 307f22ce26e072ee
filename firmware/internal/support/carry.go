package support

import (
	"context"
	"errors"
	"slices"
	"time"

	"syncbox/connectors"
	"syncbox/firmware/internal/support/wire"
	"syncbox/ota/order"
	"syncbox/ota/trust"
)

// Codes of orders that failed.
const (
	CodeInterrupted = "order-interrupted" // the power went while it was carried out, and it is not done twice
	CodeStarting    = "job-starting"      // the job that it is for was just being built afresh; it may be given again
)

// Work carries out what was taken, until nothing is left that can be. An error means that the memory failed.
func (d *Desk) Work(ctx context.Context) error {
	for ctx.Err() == nil {
		e, found, err := d.next()
		if err != nil || !found {
			return err
		}
		if err := d.carryOut(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// Run carries out orders as they come, until ctx ends.
func (d *Desk) Run(ctx context.Context) error {
	look := time.NewTicker(time.Minute) // for those that waited for a restart, or for the time
	defer look.Stop()
	for {
		if err := d.Work(ctx); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-d.wake:
		case <-look.C:
		}
	}
}

// TimeKnown is told that the box knows the time: what waited for it is looked at.
func (d *Desk) TimeKnown() { d.nudge() }

// next gives the order whose turn it is: one that takes back another comes first, and those that are held wait.
func (d *Desk) next() (Entry, bool, error) {
	if d.leaving() {
		return Entry{}, false, nil // the rest is for the next start
	}
	all, err := d.store.Pending()
	if err != nil {
		return Entry{}, false, err
	}
	now := d.c.Clock()
	d.mu.Lock()
	defer d.mu.Unlock()
	all = slices.DeleteFunc(all, func(e Entry) bool { return d.mine[e.ID] || held(e, now) && toldHeld(e) })
	if i := slices.IndexFunc(all, func(e Entry) bool { return e.Op == order.Cancel }); i >= 0 {
		return all[i], true, nil
	}
	if len(all) == 0 {
		return Entry{}, false, nil
	}
	return all[0], true, nil
}

// restartWithin is how long orders wait for a restart that was begun.
const restartWithin = 5 * time.Minute

// leave notes that the box is about to restart.
func (d *Desk) leave() {
	now := d.c.Clock().Now
	d.mu.Lock()
	defer d.mu.Unlock()
	d.left = now
}

// leaving says whether the box is about to restart. One that should have by now goes on without; what was told of the
// restart stands, since it may still come.
func (d *Desk) leaving() bool {
	now := d.c.Clock().Now
	d.mu.Lock()
	defer d.mu.Unlock()
	if age := now.Sub(d.left); d.left.IsZero() || age >= 0 && age < restartWithin {
		return !d.left.IsZero()
	}
	d.c.Log.Warn("the restart did not come", "begun", d.left)
	d.left = time.Time{}
	return false
}

// carryOut does what an order asks for, and keeps how it ended.
func (d *Desk) carryOut(ctx context.Context, e Entry) error {
	o, _ := opOf(e)
	now := d.c.Clock()
	switch {
	case e.Begun && o.once:
		return d.settle(e, o, false)
	case isWish(e.Op) && e.Envelope == nil: // the updater remembers it, and tells
		d.own(e.ID)
		return nil
	case e.Begun && isWish(e.Op): // it may, or may not
	case now.Now.Unix() > e.Expires:
		return d.finish(e, wire.Expired, string(order.Expired), nil)
	case held(e, now):
		return d.finish(e, wire.Accepted, string(order.ClockUntrusted), nil)
	}
	if !e.Begun {
		if err := d.begin(&e, o); err != nil {
			return err
		}
	}
	d.own(e.ID)
	detail, err := d.do(ctx, e, o)
	if ctx.Err() != nil && err != nil {
		d.disown(e.ID) // the channel ends: whoever begins it again sees how far it was
		return nil
	}
	return d.report(e, o, detail, err)
}

// A job that is being built afresh, for other settings, is soon up.
const (
	startWithin = time.Minute
	startLook   = 250 * time.Millisecond
)

// do does what an order asks for, as soon as the job is up that it is for, but not after the order is over.
func (d *Desk) do(ctx context.Context, e Entry, o op) (detail any, err error) {
	for left := startWithin; ; left -= startLook {
		if detail, err = o.do(ctx, d, e); !errors.Is(err, ErrStarting) || left <= 0 {
			return detail, err
		}
		select {
		case <-time.After(startLook):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		if d.c.Clock().Now.Unix() > e.Expires {
			return nil, errOver
		}
	}
}

// errOver: the time of the order was over before it could be begun.
var errOver = errors.New("over")

// held says whether an order that was taken, and not begun before the power went, waits for the box to know the time: it
// could hurt if it came late. Once it is certain to be over it waits no more, even where the time is not known.
func held(e Entry, now trust.Clock) bool {
	return !e.Begun && !now.Trusted && order.NeedsTime(e.Op, e.Role) && now.Now.Unix() <= e.Expires
}

// toldHeld says whether support knows what an order waits for.
func toldHeld(e Entry) bool {
	return e.Last.Phase == wire.Accepted && e.Last.Code == string(order.ClockUntrusted)
}

// own has an order left alone until the next start.
func (d *Desk) own(id string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.mine[id] = true
}

func (d *Desk) disown(id string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.mine, id)
}

// begin makes durable that an order is about to be carried out.
func (d *Desk) begin(e *Entry, o op) error {
	if !o.once && !isWish(e.Op) {
		return nil
	}
	e.Begun = true
	phase := wire.Running
	if o.restarts {
		phase = wire.Rebooting
	}
	e.Last = d.ack(*e, phase, "", nil)
	return d.store.Keep(*e, 0, wire.AckTopic(d.c.Box, e.ID))
}

// settle ends an order that was under way when the box ended; erased says that a full reset was done since.
func (d *Desk) settle(e Entry, o op, erased bool) error {
	full := e.Op == order.Reset && levelOf(e.Args) == "full"
	if o.restarts && (!full || erased) {
		return d.finish(e, wire.Succeeded, "", nil)
	}
	return d.finish(e, wire.Failed, CodeInterrupted, nil)
}

// report keeps how it went.
func (d *Desk) report(e Entry, o op, detail any, err error) error {
	var refused *refusal
	switch {
	case err == nil && o.restarts:
		d.leave()
		return nil // the start after it tells
	case err == nil:
		return d.finish(e, wire.Succeeded, "", detail)
	case errors.Is(err, errLater):
		return d.handedOn(e)
	case errors.Is(err, errOver):
		return d.finish(e, wire.Expired, string(order.Expired), nil)
	case errors.As(err, &refused):
		return d.finish(e, wire.Rejected, refused.code, detail)
	}
	code := connectors.CodeOf(err)
	if errors.Is(err, ErrArgs) {
		return d.finish(e, wire.Rejected, string(order.BadArgs), detail)
	}
	d.c.Log.Warn("order not carried out", "id", e.ID, "op", e.Op, "code", code, "err", err)
	return d.finish(e, wire.Failed, code, detail)
}

func (d *Desk) finish(e Entry, phase wire.Phase, code string, detail any) error {
	e.Last = d.ack(e, phase, code, detail)
	if phase.Final() {
		e.Envelope = nil
	}
	if err := d.store.Keep(e, 0, wire.AckTopic(d.c.Box, e.ID)); err != nil {
		return err
	}
	if phase.Final() {
		d.disown(e.ID)
	}
	d.c.Log.Info("order", "id", e.ID, "op", e.Op, "phase", phase, "code", code)
	return nil
}
