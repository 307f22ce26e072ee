// Package support is the box's side of the channel to support: it tells how the box is and what becomes of orders, over
// any MQTT 3.1.1 broker, and does what signed orders ask for. Nothing in it trusts the broker, which can drop and delay,
// and nothing else. What both say is in package wire.
//
// # What becomes of an order
//
//	           ┌─ refused ──────────────► rejected (code)
//	received ──┤                       ┌─ its time is over ─► expired
//	           └─ accepted ─ PUBACK ───┤─ taken back ───────► superseded
//	                                   └─ running, rebooting ─► succeeded, failed (code), rejected (code), rolled_back
//
// An order is accepted in one transaction with its sequence number and its first acknowledgement; only then the broker
// hears that it was taken. What must not be done twice (reboot, reset, resync 2, settings) is marked as begun in a
// transaction of its own before it is done; a box that lost its power in between says so, and does not do it again.
// Everything else is simply done once more. An acknowledgement lies in the outbox, in the same transaction as what it
// tells, until the broker has confirmed it on the connection on which it was sent.
//
// # Who counts
//
// The sequence numbers of orders that come by the channel are this package's, by role, and only rise. The updater has its
// own, of wishes, which come by USB stick as well: a wish that comes by the channel has to pass both. So an old reset
// passes neither after a newer reset nor after a newer downgrade that came this way, and a downgrade by stick holds up no
// reset.
//
// # What is kept
//
// One small database beside the box's identity. A full reset leaves it, since it has the only proof that this reset was
// done already: without it the same order would be carried out again and again until its time is over. What the journal
// or a diagnosis told is taken out of it (Desk.Begin). One that can't be read is set aside and begun anew; orders that
// were issued before that are refused then.
package support
