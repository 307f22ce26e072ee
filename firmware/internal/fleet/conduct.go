package fleet

import (
	"context"
	"errors"
	"fmt"
	"time"

	"syncbox/firmware/internal/support/reconnect"
	"syncbox/firmware/internal/support/wire"
	"syncbox/ota/order"
)

// Conduct runs a rollout on a broker. All fields are needed.
type Conduct struct {
	Rollout *Rollout
	Dialer  Dialer
	Quiet   time.Duration // without a word: then the broker has told all statuses that it keeps
	// Sign gives the signed order for a wave, and its id.
	Sign func(ctx context.Context, w order.Wave) (id string, envelope []byte, err error)
	// Valid is how long an order of Sign holds; it is renewed at half of it.
	Valid time.Duration
	// Keep makes durable how far the rollout is.
	Keep func(*Rollout) error
	// Told is called when something has changed.
	Told func(v Verdict, c Count)
}

// ErrNobody: no box tells how it is.
var ErrNobody = errors.New("no box tells its status: wrong broker, or this certificate's name may not read it there")

const (
	lookAt   = time.Second     // how often is decided
	keepLate = 5 * time.Second // how much of what boxes said may be lost; they are asked again
)

// Run conducts until the rollout is done or halted, and then gives the verdict, or until ctx ends, which is Wait. A broker that
// is lost is looked for again for as long as it takes.
func (c Conduct) Run(ctx context.Context) (Verdict, error) {
	wait := again
	for in := false; ; in = true {
		began := time.Now()
		v, err := c.once(ctx)
		if time.Since(began) > settled {
			wait = again
		}
		switch {
		case err == nil:
			return v, nil
		case ctx.Err() != nil:
			return Wait, c.Keep(c.Rollout)
		case !Unreached(err), !in && errors.Is(err, errDial), reconnect.CauseOf(err) == reconnect.Refused:
			return Wait, errors.Join(err, c.Keep(c.Rollout))
		case !pause(ctx, wait):
			return Wait, c.Keep(c.Rollout)
		}
		wait = min(2*wait, rarely)
	}
}

// Each new connection asks all boxes of the wave where they are: a broker that comes and goes is not to have them all answer
// every few seconds.
const (
	settled = 10 * time.Minute // a connection that held so long was a good one
	rarely  = 5 * time.Minute
)

// once conducts on one connection. The order that stands is signed anew with each: boxes then say once more where they
// are, and so whatever was missed is known.
func (c Conduct) once(ctx context.Context) (Verdict, error) {
	l, err := c.Dialer.Dial(ctx)
	if err != nil {
		return Wait, err
	}
	defer l.Close()
	if err := l.Subscribe(ctx, AllStatus, AllAcks); err != nil {
		return Wait, err
	}
	boxes := NewRoster()
	if err := l.Settle(ctx, c.Quiet, func(h Heard) { c.look(boxes, h) }); err != nil {
		return Wait, err
	}
	if len(boxes.boxes) == 0 && !c.Rollout.Halted {
		return Wait, ErrNobody
	}
	if err := c.publish(ctx, l, boxes); err != nil {
		return Wait, err
	}
	if c.Rollout.Halted { // by hand, or the broker was lost over it
		return Halt, nil
	}
	return c.watch(ctx, l, boxes)
}

// look takes what a box says.
func (c Conduct) look(boxes *Roster, h Heard) {
	now := time.Now()
	if name := boxes.Take(h, now); name != "" {
		b, _ := boxes.Box(name)
		c.Rollout.See(now, b)
		return
	}
	if name, a, ok := ackOf(h); ok {
		c.Rollout.Take(name, a)
	}
}

func (c Conduct) watch(ctx context.Context, l *Line, boxes *Roster) (Verdict, error) {
	var shown Count
	kept := time.Now()
	for {
		if err := l.Some(ctx, lookAt, func(h Heard) { c.look(boxes, h) }); err != nil {
			return Wait, err
		}
		now := time.Now()
		v := c.Rollout.Step(now)
		if count := c.Rollout.Count(now); v != Wait || count != shown {
			shown = count
			c.Told(v, count)
		}
		switch {
		case v == Done:
			return v, c.Keep(c.Rollout)
		case v == Halt:
			return v, c.publish(ctx, l, boxes)
		case v == Next || now.Sub(c.Rollout.Issued) > c.Valid/2:
			if err := c.publish(ctx, l, boxes); err != nil {
				return Wait, err
			}
		case now.Sub(kept) > keepLate:
			if err := c.Keep(c.Rollout); err != nil {
				return Wait, err
			}
			kept = now
		}
	}
}

// publish gives the broker what the group is to know. It is kept before: should the broker get it and this program end, its
// answers are known by the id.
func (c Conduct) publish(ctx context.Context, l *Line, boxes *Roster) error {
	id, envelope, err := c.Sign(ctx, c.Rollout.Order())
	if err != nil {
		return fmt.Errorf("rollout of %s: %w", c.Rollout.Target.Version, err)
	}
	now := time.Now()
	c.Rollout.Published(id, now)
	c.Rollout.See(now, boxes.All()...)
	if err := c.Keep(c.Rollout); err != nil {
		return err
	}
	return l.Publish(ctx, wire.FleetTopic(c.Rollout.Group), true, envelope)
}
