package app

import (
	"context"
	"errors"
	"strconv"
	"time"

	"syncbox/connectors"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

const (
	lookForCopy = 5 * time.Second  // how often it is asked whether a copy is due
	copyEvery   = 24 * time.Hour   // in the job's own time
	copyClosed  = 12 * time.Hour   // where the job may do nothing else just now
	copyAgain   = 15 * time.Minute // after one that went wrong
)

// keepCopy keeps a copy of the job's truth that is about a day old, for the day when the truth can't be read.
// It is made while the engine rests.
func (j *Job) keepCopy(ctx context.Context, e *engine.Engine, files *store.Files) {
	clock := newSystemClock()
	for pause := lookForCopy; clock.Wait(ctx, pause) == nil; {
		pause = lookForCopy
		if !copyDue(e.Status(), files) {
			continue
		}
		err := e.Between(ctx, func() error { return copyOnce(files) })
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			j.log.Warn("no copy of the truth", "code", connectors.CodeOf(coded(err)), "err", err)
			pause = copyAgain
		}
		if errors.Is(err, store.ErrDamaged) {
			j.restart() // to be rescued now, not at the next cycle
		}
		j.mu.Lock()
		j.copies = err
		j.mu.Unlock()
	}
}

// copyDue says whether it is time for a copy. A truth that is itself not yet made good again does not take the
// place of the copy that it came from.
func copyDue(s engine.Status, files *store.Files) bool {
	if s.Phase != "" || s.LastEnd.IsZero() && s.Service == engine.Running {
		return false
	}
	every := copyEvery
	if s.Service != engine.Running {
		every = copyClosed
	}
	due := false
	err := files.State.View(func(t *store.Txn) {
		repair, lost := t.Repair()
		lost = lost && repair.Lost
		last, err := strconv.ParseInt(t.Setting(copiedSetting), 10, 64)
		due = !lost && (err != nil || !files.Copied() || t.Steady().Sub(time.UnixMilli(last)) >= every)
	})
	return err == nil && due
}

// copiedSetting keeps when the last copy was made, in milliseconds of the job's own time.
const copiedSetting = "copied"

func copyOnce(files *store.Files) error {
	if err := files.Copy(); err != nil {
		return err
	}
	return files.State.Update(func(t *store.Txn) error {
		t.Set(copiedSetting, strconv.FormatInt(t.Steady().UnixMilli(), 10))
		return nil
	})
}

// Notice is something about a job that people should know, while it goes on.
type Notice struct {
	Code  string
	Args  map[string]string `json:",omitempty"`
	Since time.Time         `json:",omitzero"`
}

// Notices gives what people should know of a job that runs: its clock can't be right, its truth was lost and is
// not yet made good again, no copy of it can be made, or a product has something that is no error.
func (j *Job) Notices() []Notice {
	e, state, err := j.Engine()
	if err != nil {
		return nil // its status says why
	}
	var all []Notice
	status := e.Status()
	if status.ClockWrong {
		all = append(all, Notice{Code: "clock-wrong", Args: map[string]string{"shown": time.Now().Format(time.DateOnly)}})
	}
	_ = state.View(func(t *store.Txn) {
		if repair, under := t.Repair(); !under || !repair.Lost {
			return
		}
		if r, ok := t.Rescued(); ok {
			all = append(all, Notice{Code: r.Code, Args: r.Args(), Since: r.At})
		}
	})
	for _, r := range status.Remarks {
		all = append(all, Notice{Code: r.Code, Args: r.Args})
	}
	all = append(all, j.QuickBooks().warnings()...)
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.copies != nil {
		all = append(all, Notice{Code: connectors.CodeOf(coded(j.copies))})
	}
	return all
}
