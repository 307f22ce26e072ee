package fleet

import (
	"slices"
	"time"

	"syncbox/firmware/internal/support/wire"
	"syncbox/ota/order"
	"syncbox/ota/update"
)

// Rollout is a release on its way to a group, wave by wave. It decides only: it knows no clock and no broker, so that 100,000
// simulated boxes are a test of this very code. Its fields are what is kept of it between two runs of a program; after Load or a
// change of Boxes call Recount. The order that stands names the wave that stands: the boxes of the waves before are in it as well.
//
//	publish ──► wait ──► next ─► publish …   done
//	              └────► halt ─► publish that nobody begins any more
//
// Nothing goes on by itself: without a program that watches it, a rollout stays in its wave.
type Rollout struct {
	Group  string       `json:"group"`
	Target order.Target `json:"target"`
	Salt   string       `json:"salt"`
	Plan   Plan         `json:"plan"`

	Wave   int                `json:"wave"`            // counted from 0
	Began  time.Time          `json:"began,omitzero"`  // when this wave was published first
	Before Count              `json:"before"`          // how boxes stood then
	Issued time.Time          `json:"issued,omitzero"` // when its order was signed that stands
	IDs    []string           `json:"ids"`             // of all its orders, the one that stands last
	Boxes  map[string]Outcome `json:"boxes"`           // that took it
	Halted bool               `json:"halted"`
	Ended  bool               `json:"ended"`

	count Count
	hoped map[string]bool
	lost  map[string]time.Time // since when a box is lost that has taken it and not answered
}

// Outcome is where a box stands.
type Outcome string

// The outcomes.
const (
	Taken Outcome = "taken"
	Good  Outcome = "good"
	Bad   Outcome = "bad"
	aside Outcome = "" // not its affair
)

// silent is for how long a box that has taken the order may be lost before it counts as bad: longer than a restart and a trial
// whose network does not come.
const silent = 2 * time.Hour

// NewRollout begins one. The salt decides which boxes come first; it must be this rollout's alone.
func NewRollout(group string, target order.Target, plan Plan, salt string) *Rollout {
	r := &Rollout{Group: group, Target: target, Plan: plan, Salt: salt, Boxes: map[string]Outcome{}}
	r.Recount()
	return r
}

// Recount counts Boxes anew.
func (r *Rollout) Recount() {
	r.count, r.hoped, r.lost = Count{}, map[string]bool{}, map[string]time.Time{}
	for _, o := range r.Boxes {
		r.add(o, 1)
	}
}

func (r *Rollout) add(o Outcome, n int) {
	if o != aside {
		r.count.Taken += n
	}
	switch o {
	case Good:
		r.count.Good += n
	case Bad:
		r.count.Bad += n
	}
}

// Order gives what is to be published: the wave, or, once it is halted, that nobody begins any more.
func (r *Rollout) Order() order.Wave {
	w := order.Wave{Salt: r.Salt}
	if !r.Halted {
		w.Percent = r.Plan.Waves[r.Wave]
	}
	return w
}

// Published notes that the order of this wave is at the broker.
func (r *Rollout) Published(id string, now time.Time) {
	if r.Began.IsZero() {
		r.Began = now
	}
	r.IDs, r.Issued = append(r.IDs, id), now
}

// Take looks at what a box says of an order, and says whether it changes anything.
func (r *Rollout) Take(box string, a wire.Ack) bool {
	at := slices.Index(r.IDs, a.ID)
	if at < 0 {
		return false
	}
	was, is := r.Boxes[box], outcomeOf(a)
	switch {
	case was == Bad, was == is, was == Good && is == Taken: // the next wave asks again who has done it already
		return false
	case is == aside && (was == Good || at < len(r.IDs)-1): // the order of the wave before has ended, not this one
		return false
	}
	r.set(box, is)
	return true
}

func (r *Rollout) set(box string, is Outcome) {
	r.add(r.Boxes[box], -1)
	r.add(is, 1)
	delete(r.lost, box)
	if r.Boxes[box] = is; is == aside {
		delete(r.Boxes, box)
	}
}

// outcomeOf tells from an acknowledgement where the box stands.
func outcomeOf(a wire.Ack) Outcome {
	switch a.Phase {
	case wire.Accepted, wire.Running, wire.Rebooting:
		return Taken
	case wire.Succeeded:
		return Good
	case wire.Failed, wire.RolledBack:
		return Bad
	case wire.Rejected:
		if slices.Contains(asides, a.Code) {
			return aside
		}
		return Bad
	}
	return aside // expired, superseded, and what newer boxes may say
}

// asides are refusals of a box that is fine: it is in no wave of this group, of another kind, further than this, or without a
// clock so far.
var asides = []string{string(order.NotMe), string(order.Replayed), string(order.ClockUntrusted), string(order.NotYet),
	string(update.WrongBoard), string(update.Downgrade), string(update.Unselected)}

// goneBack is what a box says of itself that has tried a release and runs the one before again.
const goneBack = "update-gone-back"

// See looks at how boxes are. After Step has said Next it must see all of them again.
func (r *Rollout) See(now time.Time, boxes ...Box) {
	wave, version := r.Order(), r.Target.Version.String()
	for _, b := range boxes {
		s := b.Status
		if s.State != wire.Lost && s.State != wire.Disconnected && s.FW != version && wave.Takes(b.Name) {
			r.hoped[b.Name] = true
			r.count.Peak = max(r.count.Peak, len(r.hoped))
		} else {
			delete(r.hoped, b.Name)
		}
		switch _, known := r.lost[b.Name]; {
		case r.Boxes[b.Name] != Taken:
		case s.State != wire.Lost:
			delete(r.lost, b.Name)
			if s.FW != version && slices.Contains(s.Codes, goneBack) { // what it said of it was missed
				r.set(b.Name, Bad)
			}
		case !known:
			r.lost[b.Name] = now
		}
	}
}

// Count says how many boxes stand where.
func (r *Rollout) Count(now time.Time) Count {
	c := r.count
	c.Hoped = len(r.hoped)
	for _, since := range r.lost {
		if now.Sub(since) >= silent {
			c.Bad++
		}
	}
	return c
}

// Step decides, and takes note of it: after Next the next wave is to be published, after Halt what Order says then.
func (r *Rollout) Step(now time.Time) Verdict {
	if r.Halted {
		return Halt
	}
	if r.Ended {
		return Done
	}
	v := r.Plan.Judge(r.Wave, r.Count(now), r.Before, now.Sub(r.Began))
	switch v {
	case Halt:
		r.Halted = true
	case Next:
		r.Advance()
	case Done:
		r.Ended = true
	}
	return v
}

// Advance goes on to the next wave, whatever the last one brought. It says whether there is one.
func (r *Rollout) Advance() bool {
	if r.Wave >= len(r.Plan.Waves)-1 {
		return false
	}
	r.Wave++
	r.Before, r.count.Peak = r.count, 0
	r.Began, r.hoped = time.Time{}, map[string]bool{}
	return true
}
