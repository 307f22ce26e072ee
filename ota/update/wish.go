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
func (u *Updater) Wish(_ context.Context, envelope []byte) (Answer, error) {
	u.mu.Lock()
	a, replaced, err := u.take(envelope)
	if a.Phase == PhaseAccepted && err == nil && u.cancel != nil {
		u.cancel()
	}
	u.mu.Unlock()
	if err != nil {
		return a, err
	}
	if replaced != nil {
		u.tell(Event{Wish: replaced.ID, Phase: PhaseSuperseded, Version: replaced.Target.Version, Words: a.ID})
	}
	told := Event{Wish: a.ID, Phase: a.Phase, Code: a.Code, Words: a.Words}
	if w := u.record().Wish; a.Phase == PhaseAccepted && w != nil && w.ID == a.ID {
		told.Version = w.Target.Version
		u.problem(nil) // that was another one's
	}
	u.tell(told)
	u.nudge()
	return a, nil
}

// take checks an order and keeps it. replaced is the one that stood and had not ended.
func (u *Updater) take(envelope []byte) (a Answer, replaced *Wish, err error) {
	r, st := u.store.record.clone(), u.store.state
	o, err := u.verify(envelope, r, st)
	var refused *order.Refusal
	switch {
	case errors.As(err, &refused) && refused.Code == order.Known:
		return Answer{ID: refused.ID, Phase: r.phase(refused.ID)}, nil, nil
	case errors.As(err, &refused):
		return Answer{refused.ID, PhaseRejected, Code(refused.Code), refused.Error()}, nil, nil
	case err != nil:
		return Answer{}, nil, err
	case u.duty == Off:
		return Answer{o.ID, PhaseRejected, Unselected, "this box has no other slot"}, nil, nil
	case o.Target == nil:
		return Answer{o.ID, PhaseRejected, Code(order.UnknownOp), fmt.Sprintf("op %s names no system", o.Op)}, nil, nil
	}
	if r.pending() {
		replaced = r.Wish
	}
	r.accept(o, envelope)
	st.Wish = trust.Wish{ID: o.ID, Seq: o.Seq, SHA256: bundle.Digest(sha256.Sum256(envelope))}
	if err := u.store.put(r, st); err != nil {
		return Answer{}, nil, err
	}
	if r.Install == nil && (u.duty == Compare || u.duty == TryAgain) {
		u.duty = Serve
	}
	u.spread = time.Now()
	return Answer{ID: o.ID, Phase: PhaseAccepted}, replaced, nil
}

func (u *Updater) verify(envelope []byte, r Record, st trust.State) (order.Order, error) {
	keys, err := u.keys(st)
	if err != nil {
		return order.Order{}, err
	}
	c := u.clock()
	seq := map[order.Role]int64{}
	for role, n := range r.Seq {
		seq[role] = n
	}
	if r.Wish == nil && len(seq) == 0 && st.Wish.Seq > 0 { // the record was lost: the last order may come again, no older one
		for _, role := range []order.Role{order.Fleet, order.Danger} {
			seq[role] = st.Wish.Seq - 1
		}
	}
	return order.Verify(envelope, keys, order.Box{
		Name: u.c.Box, Groups: u.c.Groups, Now: st.Time(u.c.Anchor.Built, c), ClockTrusted: c.Trusted, Seq: seq,
		Known: func(id string) bool {
			return r.Wish != nil && r.Wish.ID == id || r.Last != nil && r.Last.Wish == id
		},
	})
}

// phase tells how far an order is that was taken.
func (r Record) phase(id string) Phase {
	switch {
	case r.Last != nil && r.Last.Wish == id:
		return r.Last.Phase
	case r.Install != nil && r.Install.Wish == id:
		return PhaseRunning
	}
	return PhaseAccepted
}

// pending says whether an order stands that has not come to its end.
func (r Record) pending() bool {
	return r.Wish != nil && (r.Last == nil || r.Last.Wish != r.Wish.ID || r.Last.Phase == PhaseFailed)
}

// accept makes an order the one that stands. A system that is on trial stays so: the order waits for its end. One that
// only was to be tried again makes room.
func (r *Record) accept(o order.Order, envelope []byte) {
	r.Wish = &Wish{ID: o.ID, Envelope: envelope, Op: o.Op, Target: *o.Target}
	if r.Seq == nil {
		r.Seq = map[order.Role]int64{}
	}
	r.Seq[o.Role] = o.Seq
	if r.Install != nil && r.Install.Step != Trying {
		r.Install = nil
	}
}

// Cancel forgets the order that stands. A trial that has begun goes on; anything before it ends.
func (u *Updater) Cancel() error {
	u.mu.Lock()
	r := u.store.record.clone()
	was, pending := r.Wish, r.pending()
	r.Wish = nil
	if r.Install != nil && r.Install.Step != Trying {
		r.Install = nil
	}
	err := u.store.put(r, u.store.state)
	if err == nil && u.cancel != nil {
		u.cancel()
	}
	if err == nil && r.Install == nil && (u.duty == Compare || u.duty == TryAgain) {
		u.duty = Serve
	}
	u.mu.Unlock()
	if err == nil && pending {
		u.tell(Event{Wish: was.ID, Phase: PhaseSuperseded, Version: was.Target.Version})
		u.nudge()
	}
	return err
}

// now says whether a wish waits for nothing.
func (w *Wish) now() bool { return w.Target.When == order.Now }

// keys gives who may sign orders, by the newest root that is known.
func (u *Updater) keys(st trust.State) (order.Keyring, error) { return u.c.Anchor.Keys(st) }
