// Package journal is the box's own journal: what was done to the box as a whole, at the button, the console or by USB
// stick, and how it started. It is kept as the journals of the jobs are (package store), in a file of its own: an event
// is durable when Event returns, the numbers have no gap, and the oldest events make room. A disk that hangs holds nobody
// up for long: whoever restarts a box because of that must be heard.
package journal

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"syncbox/sync/store"
)

// The events of a start and an end. Those of button and actions are in package panel, those of a stick in package stick.
const (
	Started     = "box-started"          // in good order, or for the first time
	AfterPower  = "box-started-power"    // nobody had ended it: the power went, or the system broke down
	AfterHang   = "box-started-watchdog" // the watchdog reset the board
	Ended       = "box-ended"            // in good order
	BegunAnew   = "box-journal-anew"     // the journal could not be read and was set aside
	Erased      = "box-erased"           // a full reset is done; it took the journal before it, too
	SettingsSet = "settings-changed"     // {names}, asked for {by}
	CodeChanged = "code-changed"         // that of the console, asked for {by}
	// LayoutApproved: two persons have made {job} read Acomba {version} with a layout of their own.
	LayoutApproved = "settings-layout-approved"
	// Connected and Disconnected: somebody connected {job} to QuickBooks, or ended that.
	Connected    = "quickbooks-connected"
	Disconnected = "quickbooks-disconnected"
	// FirstUse: the settings of Sage X3 and Outlook were made, for the first time (X3-7).
	FirstUse = "settings-first-use"
)

// Events are those that only this package names.
var Events = []string{Started, AfterPower, AfterHang, Ended, BegunAnew, Erased, SettingsSet, CodeChanged, LayoutApproved, Connected, Disconnected, FirstUse}

const (
	setAside   = ".bad"
	owner      = "box" // of the file: a box that is renamed keeps its journal
	mostQueued = 64
	digestSeed = 0 // nothing in it has a digest
)

// warnings are the events that somebody looks for; what a condition tells is one, too.
var warnings = map[string]bool{AfterPower: true, AfterHang: true, BegunAnew: true, Erased: true, "device-action-failed": true, "device-reset-full": true,
	"stick-refused": true, "stick-unreadable": true}

// Journal keeps events. It may be used by several goroutines, and before it is open: what happens until then is written
// at opening.
type Journal struct {
	log *slog.Logger

	state atomic.Pointer[store.State] // nil = not open

	turn  chan struct{} // protects what follows; held while something is written, in the order of the calls
	queue []store.Event // until it is open

	under chan struct{} // what is being written or waits for that
}

// New makes a journal that is not open yet.
func New(log *slog.Logger) *Journal {
	return &Journal{log: log, turn: make(chan struct{}, 1), under: make(chan struct{}, mostQueued)}
}

// patience is how long anybody waits for the disk.
const patience = 3 * time.Second

// errHangs: the disk takes nothing; what was to be written may still be.
var errHangs = errors.New("the disk does not answer")

// within does something with the file, and waits for it no longer than patience.
func (j *Journal) within(do func() error) error {
	select {
	case j.under <- struct{}{}:
	default:
		return errHangs // many wait already
	}
	done := make(chan error, 1)
	go func() {
		defer func() { <-j.under }()
		j.turn <- struct{}{}
		defer func() { <-j.turn }()
		done <- do()
	}()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case err := <-done:
		return err
	case <-timer.C:
		return errHangs
	}
}

// Open opens the file, and writes down how the box started: bit says that a watchdog reset it. A file that is damaged is
// set aside, and another one is begun; any other error leaves the journal closed, and events go to the log alone.
func (j *Journal) Open(path string, bit bool) error {
	j.turn <- struct{}{}
	defer func() { <-j.turn }()
	state, err := open(path)
	anew := errors.Is(err, store.ErrDamaged)
	if anew {
		j.log.Error("journal set aside", "err", err)
		if err = errors.Join(os.RemoveAll(path+setAside), os.Rename(path, path+setAside)); err == nil {
			state, err = open(path)
		}
	}
	if err != nil {
		return fmt.Errorf("open journal of the box: %w", err)
	}
	j.state.Store(state)
	began := event(startOf(state, bit), nil)
	all := []store.Event{began}
	if anew {
		all = []store.Event{event(BegunAnew, nil), began}
	}
	j.log.Info("event", "code", began.Code)
	for _, e := range append(all, j.queue...) {
		e.At = time.Now() // when it happened the clock may not have been set
		err = errors.Join(err, j.write(e))
	}
	j.queue = nil
	return err
}

func open(path string) (*store.State, error) {
	kv, err := store.OpenBolt(path)
	if err != nil {
		return nil, err
	}
	s, err := store.Open(kv, owner, owner, digestSeed)
	if err != nil {
		return nil, errors.Join(err, kv.Close())
	}
	return s, nil
}

// startOf tells from the last event how the box came to start.
func startOf(s *store.State, bit bool) string {
	last := ""
	err := s.View(func(t *store.Txn) {
		t.Events(t.LastEvent(), func(e store.Event) bool { last = e.Code; return true })
	})
	switch {
	case bit:
		return AfterHang
	case err != nil || last == "" || last == Ended || last == BegunAnew:
		return Started
	}
	return AfterPower
}

// Event keeps an event: a code of package health with what fills the gaps of its words.
func (j *Journal) Event(code string, args map[string]string) {
	j.log.Info("event", "code", code, "args", args)
	e := event(code, args)
	err := j.within(func() error {
		if j.state.Load() != nil {
			return j.write(e)
		}
		if len(j.queue) < mostQueued {
			j.queue = append(j.queue, e)
		}
		return nil
	})
	if err != nil {
		j.log.Error("event not kept", "code", code, "err", err)
	}
}

func event(code string, args map[string]string) store.Event {
	e := store.Event{At: time.Now(), Severity: store.Info, Code: code, Args: args}
	if warnings[code] {
		e.Severity = store.Warning
	}
	return e
}

// write makes an event durable.
func (j *Journal) write(e store.Event) error {
	return j.state.Load().Update(func(t *store.Txn) error { t.Journal(e); return nil })
}

// Events gives the newest events, the oldest first; none where the journal is not open.
func (j *Journal) Events(limit int) ([]store.Event, error) { return j.Before(0, limit) }

// Before gives at most limit events right before a number, or the newest ones where that is 0, the oldest first; none
// where the journal is not open.
func (j *Journal) Before(before uint64, limit int) ([]store.Event, error) {
	state := j.state.Load()
	if state == nil {
		return nil, nil
	}
	return PageBefore(state, before, limit)
}

// From gives at most limit events from a number on, the oldest first; none where the journal is not open.
func (j *Journal) From(from uint64, limit int) ([]store.Event, error) {
	state := j.state.Load()
	if state == nil {
		return nil, nil
	}
	return Page(state, from, limit)
}

// Page gives at most limit events of a journal from a number on, the oldest first.
func Page(state *store.State, from uint64, limit int) (all []store.Event, err error) {
	err = state.View(func(t *store.Txn) {
		t.Events(from, func(e store.Event) bool {
			if len(all) < limit {
				all = append(all, e)
			}
			return len(all) < limit
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read journal: %w", err)
	}
	return all, nil
}

// PageBefore gives at most limit events of a journal right before a number, or the newest ones where that is 0, the oldest
// first.
func PageBefore(state *store.State, before uint64, limit int) (all []store.Event, err error) {
	err = state.View(func(t *store.Txn) {
		if last := t.LastEvent(); before == 0 || before > last {
			before = last + 1
		}
		t.Events(before-min(before-1, uint64(max(limit, 0))), func(e store.Event) bool {
			if e.Seq < before {
				all = append(all, e)
			}
			return e.Seq < before
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read journal: %w", err)
	}
	return all, nil
}

// Close notes that the box ends in good order, and closes the file. It may be called twice; what happens later stands in
// the log alone.
func (j *Journal) Close() error {
	err := j.within(func() error {
		state := j.state.Load()
		if state == nil {
			return nil
		}
		err := j.write(event(Ended, nil))
		j.state.Store(nil)
		return errors.Join(err, state.Close())
	})
	if err != nil {
		return fmt.Errorf("close journal of the box: %w", err)
	}
	return nil
}
