package update

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"syncbox/ota/bundle"
	"syncbox/ota/order"
	"syncbox/ota/trust"
)

// Answer is what is said to whoever sent a wish.
type Answer struct {
	ID    string // of the order; empty where its signature was not good
	Phase Phase  // PhaseAccepted or PhaseRejected; of an order that was taken before how far it is
	Code  Code   // of a rejected one
	Words string
}

// Wish takes an order of what to run. Once it returns, an accepted one is durable; with an error nothing was decided, and
// the order is to be delivered again. Whether what it names may be installed is told later, by an Event.
//
// A rollout in whose wave this box is not is refused as order.NotMe, one of a system that failed here before as KnownBad. It
// takes the place of the group's wave before it all the same: what has not begun its trial is forgotten.
func (u *Updater) Wish(_ context.Context, envelope []byte) (Answer, error) {
	u.mu.Lock()
	a, quiet, err := u.take(envelope)
	w := u.store.record.Wish
	u.unlock()
	if err != nil {
		return Answer{}, err
	}
	u.tellOutcome() // of the one that it takes the place of
	told := Event{Wish: a.ID, Phase: a.Phase, Code: a.Code, Words: a.Words}
	if w != nil && w.ID == a.ID && (a.Phase == PhaseAccepted || a.Phase == PhaseRunning) {
		told.Version = w.Target.Version
		u.problem(nil) // that was another one's, or of the time before
	}
	if !quiet {
		u.tell(told)
	}
	u.nudge()
	return a, nil
}

// take checks an order and keeps it. quiet: nobody need be told, as it was taken before, or is a wave of others. The caller
// holds mu.
func (u *Updater) take(envelope []byte) (a Answer, quiet bool, err error) {
	r, st := u.store.record.clone(), u.store.state
	o, err := u.verify(envelope, r, st)
	var refused *order.Refusal
	switch {
	case errors.As(err, &refused) && refused.Code == order.Known:
		if !r.retries(refused.ID) {
			return r.answer(refused.ID), true, nil
		}
		return r.answer(refused.ID), true, u.store.put(r, st)
	case errors.As(err, &refused):
		return Answer{refused.ID, PhaseRejected, Code(refused.Code), refused.Error()}, false, nil
	case err != nil:
		return Answer{}, false, err
	case u.duty == Off:
		return Answer{o.ID, PhaseRejected, Unselected, "this box has no other slot"}, false, nil
	case o.Target == nil:
		return Answer{o.ID, PhaseRejected, Code(order.UnknownOp), fmt.Sprintf("op %s names no system", o.Op)}, false, nil
	}
	r.take(o, envelope, u.c.Box)
	st.Wish = trust.Wish{ID: o.ID, Seq: o.Seq, SHA256: bundle.Digest(sha256.Sum256(envelope))}
	return r.answer(o.ID), r.Skipped != nil && r.Skipped.Code == Code(order.NotMe), u.follows(r, st)
}

// follows makes durable that another order stands, or none, and ends what was done about the one before. The caller holds mu.
func (u *Updater) follows(r Record, st trust.State) error {
	was := u.store.record.Wish
	if err := u.store.put(r, st); err != nil {
		return err
	}
	if was != nil && r.Wish != nil && was.ID == r.Wish.ID {
		return nil
	}
	if u.cancel != nil {
		u.cancel()
	}
	if r.Install == nil && (u.duty == Compare || u.duty == TryAgain) {
		u.duty = Serve
	}
	u.spread = time.Now()
	return nil
}

func (u *Updater) verify(envelope []byte, r Record, st trust.State) (order.Order, error) {
	keys, err := u.c.Anchor.Keys(st)
	if err != nil {
		return order.Order{}, err
	}
	c := u.c.Clock()
	seq := map[order.Role]int64{}
	for role, n := range r.Seq {
		seq[role] = n
	}
	if r.Wish == nil && len(seq) == 0 && st.Wish.Seq > 0 { // the record was lost: the last order may come again, no older one
		for _, role := range []order.Role{order.Fleet, order.Danger} {
			seq[role] = st.Wish.Seq - 1
		}
	}
	var groups []string
	if u.c.Groups != nil {
		groups = u.c.Groups()
	}
	return order.Verify(envelope, keys, order.Box{
		Name: u.c.Box, Groups: groups, Now: st.Time(u.c.Anchor.Built, c), ClockTrusted: c.Trusted, Seq: seq,
		Known: func(id string) bool { return r.has(id) || r.Skipped != nil && r.Skipped.ID == id },
	})
}

// Has says whether the wish of this id stands, or is the last one that ended.
func (u *Updater) Has(id string) bool {
	r := u.record()
	return r.has(id)
}

func (r *Record) has(id string) bool {
	return r.Wish != nil && r.Wish.ID == id || r.Last != nil && r.Last.Wish == id
}

// answer tells how far an order is that was taken.
func (r *Record) answer(id string) Answer {
	switch {
	case r.Skipped != nil && r.Skipped.ID == id:
		return Answer{id, PhaseRejected, r.Skipped.Code, fmt.Sprintf("rollout %s is not for this box (%s)", id, r.Skipped.Code)}
	case r.Last != nil && r.Last.Wish == id:
		return Answer{ID: id, Phase: r.Last.Phase}
	case r.Install != nil && r.Install.Wish == id:
		return Answer{ID: id, Phase: PhaseRunning}
	}
	return Answer{ID: id, Phase: PhaseAccepted}
}

// retries forgets why an order that is delivered once more was not followed so far: what was missing may be there now, on a
// stick for one.
func (r *Record) retries(id string) bool {
	failed := r.Last != nil && r.Last.Wish == id && r.Last.Phase == PhaseFailed
	if failed {
		r.Last = nil
	}
	return failed
}

// pending says whether an order stands that has not come to its end.
func (r Record) pending() bool {
	return r.Wish != nil && (r.Last == nil || r.Last.Wish != r.Wish.ID || r.Last.Phase == PhaseFailed)
}

// take makes an order the one that stands, unless it is for others: then it only ends the wave before it.
func (r *Record) take(o order.Order, envelope []byte, box string) {
	if r.Seq == nil {
		r.Seq = map[order.Role]int64{}
	}
	r.Seq[o.Role], r.Skipped = o.Seq, nil
	code := r.passes(o, box)
	if code == "" {
		r.forget(o.ID)
		r.Wish = &Wish{ID: o.ID, Envelope: envelope, Op: o.Op, To: o.To, Target: *o.Target}
		return
	}
	r.Skipped = &Skipped{o.ID, code}
	if w := r.Wish; w != nil && w.Op == order.Rollout && w.To == o.To {
		r.forget(o.ID)
	}
}

// passes says why this box does not follow a rollout. The next wave is no reason to try anew what failed here: somebody must
// order that of this box.
func (r *Record) passes(o order.Order, box string) Code {
	switch {
	case o.Op != order.Rollout:
		return ""
	case !o.Wave.Takes(box):
		return Code(order.NotMe)
	case r.bad(o.Target.SHA256, ""):
		return KnownBad
	}
	return ""
}

// forget takes back the order that stands, for another one or none. A system that is on trial stays so: the next order waits
// for its end. One that only was to be tried again makes room.
func (r *Record) forget(by string) {
	if r.pending() {
		r.outcome(Outcome{Wish: r.Wish.ID, Version: r.Wish.Target.Version, Phase: PhaseSuperseded, Words: by})
	}
	r.Wish = nil
	if r.Install != nil && r.Install.Step != Trying {
		r.Install = nil
	}
}

// Cancel forgets the order that stands. A trial that has begun goes on; anything before it ends.
func (u *Updater) Cancel() error {
	u.mu.Lock()
	r := u.store.record.clone()
	r.forget("")
	err := u.follows(r, u.store.state)
	u.unlock()
	if err == nil {
		u.tellOutcome()
		u.nudge()
	}
	return err
}

// now says whether a wish waits for no hour.
func (w *Wish) now() bool { return w.Target.When == order.Now }
