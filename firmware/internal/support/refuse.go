package support

import (
	"time"

	"syncbox/firmware/internal/support/wire"
	"syncbox/ota/order"
)

// How often refusals are told or kept that anybody can cause.
const (
	tellAgain = time.Hour
	mostKept  = 30 // in that time
)

// refuse tells why an order is not taken. Of what was not signed nobody is told but by an alarm.
func (d *Desk) refuse(r *order.Refusal) error {
	d.c.Log.Warn("order refused", "id", r.ID, "code", r.Code, "err", r.Cause)
	now := d.c.Clock().Now
	if r.ID == "" {
		return d.alarm(string(r.Code))
	}
	old, found, err := d.store.Entry(r.ID)
	if err != nil {
		return err
	}
	if found && !old.Last.Phase.Final() {
		return nil // what is to be told lies in the outbox, or will: an older word must not come after it
	}
	if found { // whatever else is wrong with it now
		d.store.Pass(Message{Topic: wire.AckTopic(d.c.Box, r.ID), Payload: mustJSON(old.Last), Ack: r.ID, Final: old.Last.Phase.Final()})
		return nil
	}
	phase := wire.Rejected
	if r.Code == order.Expired {
		phase = wire.Expired
	}
	e := Entry{ID: r.ID}
	e.Last = d.ack(e, phase, string(r.Code), nil)
	if r.Code == order.NotMe || !d.mayKeep(now) {
		d.store.Pass(Message{Topic: wire.AckTopic(d.c.Box, r.ID), Payload: mustJSON(e.Last), Ack: r.ID, Final: true})
		return nil
	}
	return d.store.Keep(e, 0, wire.AckTopic(d.c.Box, r.ID))
}

// alarm tells that somebody may be trying something: once an hour for each code, as he can try as often as he likes.
func (d *Desk) alarm(code string) error {
	code, now := healthCode(code), d.c.Clock().Now
	d.mu.Lock()
	last, before := d.told[code]
	again := !before || now.Sub(last) >= tellAgain || now.Before(last)
	if again {
		d.told[code] = now
	}
	d.mu.Unlock()
	if !again {
		return nil
	}
	return d.Tell(wire.SecurityEvent, code, nil)
}

// mayKeep bounds how often a refusal is written down: old orders can be delivered again and again by whoever has them.
func (d *Desk) mayKeep(now time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if age := now.Sub(d.since); age < 0 || age >= tellAgain {
		d.since, d.kept = now, 0
	}
	d.kept++
	return d.kept <= mostKept
}
