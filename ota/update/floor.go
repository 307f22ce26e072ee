package update

import (
	"context"
	"time"

	"syncbox/ota/trust"
)

// How the floor rises.
const (
	riseAfter = 24 * time.Hour // of time that the box was on
	riseStep  = time.Hour      // how often that time is kept
)

// age lets the floor rise once the committed system has run for a day.
func (u *Updater) age(ctx context.Context) {
	for pause(ctx, riseStep) {
		u.mature(riseStep)
	}
}

// mature counts time that the committed system has run. The floor on the disk comes first: the record still says then that
// it is to rise.
func (u *Updater) mature(on time.Duration) {
	u.mu.Lock()
	defer u.unlock()
	r := u.store.record.clone()
	if r.Commit == nil || r.Commit.Version != u.c.Version {
		return
	}
	if r.Commit.On += on; r.Commit.On >= riseAfter {
		low := u.low
		low.Release = max(low.Release, r.Commit.Floor.Number())
		u.raise(low)
		r.Release, r.Commit = low.Release, nil
		u.c.Log.Info("floor", "release", low.Release)
	}
	if err := u.store.put(r, u.store.state); err != nil {
		u.c.Log.Error("time since the commit not kept", "err", err)
		u.store.record = r
	}
}

// owes has the floor of the system that runs rise where nobody knows any more that it is to: the record was lost since its
// trial, or it came with the box. Signed list and slot must agree on what it is.
func (u *Updater) owes(ctx context.Context, t *trust.Targets) {
	p, published := t.Full(u.c.Version, u.c.Board)
	if !published || !u.owed(p) || !u.runs(ctx, p.To) {
		return
	}
	u.note(func(r *Record) { r.Commit = &Commit{Version: p.Version, Floor: p.Floor} })
}

// owed says whether a system that runs should raise the floor, and is not on its way to do so.
func (u *Updater) owed(p trust.Payload) bool {
	u.mu.Lock()
	defer u.unlock()
	c := u.store.record.Commit
	return u.duty == Serve && p.Floor.Number() > u.low.Release && (c == nil || c.Version != p.Version)
}
