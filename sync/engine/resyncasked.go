package engine

import (
	"errors"
	"fmt"
	"time"

	"syncbox/connectors"
	"syncbox/sync/store"
)

// ErrResync means that something can't be done while a resync makes the map anew; nothing was done.
var ErrResync = errors.New("a resync is under way")

// begins gives the first phase of a resync that is to be done.
func begins(level int) store.RepairPhase {
	if level == 2 {
		return store.RepairSettle
	}
	return store.RepairForget
}

// askResync takes the wish for a resync: counted first, or done at once. It replaces one that has changed
// nothing yet, or that only compares.
func (e *Engine) askResync(t *store.Txn, level int, name string) error {
	r := store.Repair{Level: level, Phase: store.RepairPreview, Asked: e.Clock.Now()}
	switch {
	case name == "now":
		r.Phase = begins(level)
	case name != "":
		return fmt.Errorf("%w: a resync %q", ErrNoSuch, name)
	case e.Scratch == nil:
		return fmt.Errorf("%w: no room to count a resync first", ErrNoSuch)
	}
	return begin(t, r)
}

// askSince takes the wish that what was changed in the CRM since a day is looked at again.
func (e *Engine) askSince(t *store.Txn, day string) error {
	if _, can := e.CRM.(connectors.Dated); !can {
		return fmt.Errorf("%w: the CRM does not list what was changed since a day", ErrNoSuch)
	}
	zone := e.set.Schedule.Zone
	if zone == nil {
		zone = time.UTC
	}
	since, err := time.ParseInLocation(time.DateOnly, day, zone)
	if err != nil || since.After(e.Clock.Now()) {
		return fmt.Errorf("%w: a day %q that has been, such as 2026-01-31", ErrNoSuch, day)
	}
	return begin(t, store.Repair{Level: 1, Phase: store.RepairMark, Cursor: since.Format(time.RFC3339), Asked: e.Clock.Now()})
}

// begin puts a resync in the place of one that has changed nothing yet, or that only compares.
func begin(t *store.Txn, r store.Repair) error {
	old, ok := t.Repair()
	if ok && old.Phase != store.RepairPreview && old.Phase != store.RepairReady && old.Phase != store.RepairCompare {
		return ErrResync
	}
	t.Set("forced", "yes")
	t.PutRepair(r)
	return nil
}

// goResync has the resync done that a person asked for, and whose counts may have been seen.
func (e *Engine) goResync(t *store.Txn) error {
	r, _ := t.Repair()
	if r.Phase != store.RepairPreview && r.Phase != store.RepairReady {
		return fmt.Errorf("%w: no resync waits for a word", ErrNoSuch)
	}
	r.Phase = begins(r.Level)
	t.Set("forced", "yes")
	t.PutRepair(r)
	return nil
}

// cancelResync drops a resync that has changed nothing yet. One whose truth was lost has no other way.
func (e *Engine) cancelResync(t *store.Txn) error {
	switch r, _ := t.Repair(); r.Phase {
	case store.RepairPreview, store.RepairReady:
	case store.RepairSettle, store.RepairMatch:
		if r.Lost {
			return fmt.Errorf("%w: the map was lost and has to be made anew", ErrResync)
		}
	case "":
		return fmt.Errorf("%w: no resync is under way", ErrNoSuch)
	default:
		return fmt.Errorf("%w: it is too late", ErrResync)
	}
	t.DeleteRepair()
	return nil
}
