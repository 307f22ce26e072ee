package support

import (
	"context"
	"errors"
	"strings"

	"syncbox/firmware/internal/support/wire"
	"syncbox/ota/order"
	"syncbox/ota/update"
)

// TakeWish looks at what came on the topics of wishes, the box's own or a group's, which the updater judges. As Take, it has
// made durable what is to be kept once it returns without an error.
func (d *Desk) TakeWish(ctx context.Context, envelope []byte) error {
	a, err := d.c.Wishes.Wish(ctx, envelope)
	if err != nil {
		return err
	}
	o, err := order.Peek(envelope)
	if a.ID == "" || err != nil {
		return d.refuse(&order.Refusal{Code: order.Code(a.Code), Cause: errRefused})
	}
	others := o.Op == order.Rollout && (a.Code == update.Code(order.NotMe) || a.Code == update.KnownBad)
	if a.Phase == update.PhaseRejected && !others {
		if _, found, err := d.store.Entry(a.ID); err != nil || found {
			return err // a retained one comes again with every connection
		}
		return d.refuse(&order.Refusal{Code: order.Code(a.Code), ID: a.ID, Cause: errRefused})
	}
	if err := d.standing(o); err != nil || others { // nobody need hear of each box that a wave is not for
		return err
	}
	return d.keepWish(a, o)
}

// errRefused: the updater has looked at it.
var errRefused = errors.New("refused by the updater")

// keepWish remembers a wish that is not known yet: the updater's record has it by now.
func (d *Desk) keepWish(a update.Answer, o order.Order) error {
	d.turn.Lock()
	defer d.turn.Unlock()
	_, found, err := d.store.Entry(a.ID)
	if err != nil || found {
		return err
	}
	d.own(a.ID)
	return d.finish(Entry{ID: a.ID, Op: o.Op, Begun: true}, wire.Accepted, "", nil)
}

// handedOn notes that the updater has a wish.
func (d *Desk) handedOn(e Entry) error {
	d.turn.Lock()
	defer d.turn.Unlock()
	now, found, err := d.store.Entry(e.ID)
	if err != nil || !found || now.Envelope == nil {
		return err // the updater has told already how it ended
	}
	now.Envelope = nil
	return d.finish(now, wire.Running, "", nil)
}

// phases are the updater's in the words of the channel; of one that is missing nothing is told.
var phases = map[update.Phase]wire.Phase{
	update.PhaseRunning: wire.Running, update.PhaseRebooting: wire.Rebooting, update.PhaseSucceeded: wire.Succeeded,
	update.PhaseRejected: wire.Rejected, update.PhaseSuperseded: wire.Superseded, update.PhaseRolledBack: wire.RolledBack,
}

// Updated is told what happens to a wish. How far a download is may be lost, how it ended is durable once it returns.
func (d *Desk) Updated(u update.Event) error {
	if u.Security {
		if err := d.alarm(string(u.Code)); err != nil {
			return err
		}
	}
	phase, told := phases[u.Phase]
	if u.Phase == update.PhaseFailed { // for now: it is tried again
		phase, told = wire.Running, true
	}
	if !told || u.Wish == "" {
		return nil
	}
	d.turn.Lock()
	defer d.turn.Unlock()
	e, found, err := d.store.Entry(u.Wish)
	if err != nil {
		return err
	}
	if found && e.Last.Phase.Final() || unfit(phase, string(u.Code)) {
		return nil
	}
	if !found {
		e = Entry{ID: u.Wish, Op: order.Desired, Begun: true} // it came by stick
	}
	if phase == wire.Running && u.Of > 0 {
		a := d.ack(e, phase, string(u.Code), nil)
		a.Done = u.Done * 100 / u.Of
		if a.Done/10 > e.Last.Done/10 || e.Last.Phase != wire.Running {
			e.Last = a
			return d.store.Keep(e, 0, wire.AckTopic(d.c.Box, e.ID))
		}
		return nil
	}
	detail := map[string]any{"version": u.Version.String()}
	if code := ends[u.Phase]; code != "" { // first: if the power goes in between, the updater tells it once more
		if err := d.Tell(wire.UpdateEvent, code, detail); err != nil {
			return err
		}
	}
	return d.finish(e, phase, string(u.Code), detail)
}

// ends are the events of package health for how a wish ends.
var ends = map[update.Phase]string{
	update.PhaseSucceeded: "update-done", update.PhaseRejected: "update-refused", update.PhaseSuperseded: "update-superseded",
	update.PhaseRolledBack: "update-rolled-back",
}

// unfit says whether an order is refused for what it is, or for having been delivered once more: who delivered it tells that.
func unfit(phase wire.Phase, code string) bool {
	return phase == wire.Rejected && !strings.HasPrefix(code, "update-")
}
