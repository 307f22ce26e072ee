package update

import (
	"errors"
	"time"

	"syncbox/ota/bootstate"
	"syncbox/ota/bundle"
	"syncbox/ota/trust"
)

// Doing is what an Updater is at.
type Doing string

// Doings.
const (
	Idle        Doing = "idle"
	Looking     Doing = "looking" // for what is published
	Held        Doing = "waiting" // for the allowed hours, or this box's turn
	Downloading Doing = "downloading"
	Verifying   Doing = "verifying"
	Restarting  Doing = "restarting"
	OnTrial     Doing = "trial"
	Compared    Doing = "comparing"
)

// Status is how an Updater is, for people and for support.
type Status struct {
	Version bundle.Version // that runs
	Slot    bootstate.Slot // that runs; None where there is none
	Duty    Duty
	Doing   Doing
	Done    int // windows of Of, while Downloading
	Of      int
	// Wish is the id of the order that stands, Target what it names; "" and zero without one.
	Wish   string
	Target bundle.Version
	// Available is the newest published system, if it is newer than that which runs.
	Available *Available
	// Problem is why it does not go on at the moment; nil while it does. CodeOf tells its code.
	Problem error
	// Last is how the last wish ended.
	Last *Outcome
	// Versions are those of the signed lists, Release is the least version that may be installed.
	Versions trust.Versions
	Release  int64
	// Checked is when the signed list was last had, Expires when it ends; both by trusted time, zero if never.
	Checked, Expires time.Time
	// Frozen: the newest signed list has ended, so that somebody may be withholding newer ones.
	Frozen bool
	// Ending: it has not, but has three days left at most. Whoever renews it daily has had four days.
	Ending bool
	// RecordLost is why the record was begun anew at this start.
	RecordLost error
	// Floors is why the floors can't be kept outside of the record.
	Floors error
	// Damaged: this start came to be because the good slot did not start.
	Damaged bool
}

const endingWithin = 3 * 24 * time.Hour

// Available is a published system.
type Available struct {
	Version bundle.Version
	Notes   map[string]string // what is new, by language
}

// Status tells how it is. It waits for no disk.
func (u *Updater) Status() Status {
	now, is := u.Clock().Now, u.seen.Load()
	s := is.shown
	s.Duty = is.duty
	if w := is.record.Wish; w != nil {
		s.Wish, s.Target = w.ID, w.Target.Version
	}
	if last := is.record.Last; last != nil {
		o := *last
		s.Last = &o
	}
	s.Versions, s.Release = is.state.Versions, is.low.Release
	s.Checked, s.Floors = is.record.Checked, is.lowErr
	if s.Expires.IsZero() && !is.state.Issued.IsZero() {
		s.Expires = is.state.Issued.Add(trust.TimestampValid)
	}
	known := !s.Expires.IsZero()
	s.Frozen = known && now.After(s.Expires)
	s.Ending = known && !s.Frozen && now.After(s.Expires.Add(-endingWithin))
	return s
}

func (u *Updater) show(change func(s *Status)) {
	u.mu.Lock()
	defer u.unlock()
	change(&u.shown)
}

// tell passes an event on, and says whether it was taken.
func (u *Updater) tell(e Event) bool {
	e.Security = e.Security || e.Code.security()
	u.c.Log.Info("update", "wish", e.Wish, "phase", e.Phase, "code", e.Code, "version", e.Version, "done", e.Done, "of", e.Of)
	if u.c.Tell == nil {
		return true
	}
	err := u.c.Tell(e)
	if err != nil {
		u.c.Log.Error("not told", "wish", e.Wish, "phase", e.Phase, "err", err)
	}
	return err == nil
}

// tellOutcome tells how the last wish ended, unless that was told. It says whether nothing is left to be told.
func (u *Updater) tellOutcome() bool {
	u.telling.Lock()
	defer u.telling.Unlock()
	r := u.record()
	if r.Last == nil || r.Told {
		return true
	}
	last := *r.Last
	if !u.tell(Event{Wish: last.Wish, Phase: last.Phase, Code: last.Code, Words: last.Words, Version: last.Version}) {
		return false
	}
	u.note(func(r *Record) {
		if r.Last != nil && *r.Last == last {
			r.Told = true
		}
	})
	return true
}

// problem shows why it does not go on; nil ends it.
func (u *Updater) problem(err error) {
	if errors.Is(err, errHeld) {
		err = nil
	}
	u.show(func(s *Status) { s.Problem = err })
}
