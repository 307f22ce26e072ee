// Package pulse keeps the hardware watchdog quiet while everybody who must get on does. Somebody who hangs, the
// engine of a job or a database that commits nothing any more, ends that, and the board starts again.
//
// Who must get on says so with Expect and reports with Progress, each within a bound of its own. While nobody is
// expected the watchdog is kept quiet: a box that has nothing to do is well.
package pulse

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"
)

// Dog is a watchdog that bites when KeepAlive was not called for its time-out.
type Dog interface {
	KeepAlive() error
}

// Progress is held by somebody who must get on. It may be used by several goroutines.
type Progress interface {
	// Made reports a step: the next one is expected within the bound.
	Made()
	// Within reports a step whose next one may take longer, or must be sooner: this once, another bound holds.
	Within(bound time.Duration)
	// Done ends the expectation: nothing more is reported, or only after another step. It may be called twice.
	Done()
}

// Watch is a part of the box: it looks whether everybody gets on.
type Watch struct {
	dog   Dog
	every time.Duration
	log   *slog.Logger

	mu  sync.Mutex // protects what follows and every expectation
	all []*expectation
}

// expectation is one holder's next step.
type expectation struct {
	watch *Watch
	who   string
	bound time.Duration
	due   time.Time
}

var _ Progress = (*expectation)(nil)

// New watches for a watchdog with a time-out. A nil dog is none: then nobody bites, and Late alone tells who hangs.
func New(dog Dog, timeout time.Duration, log *slog.Logger) *Watch {
	return &Watch{dog: dog, every: max(timeout/4, time.Second/4), log: log}
}

// Expect says that somebody must get on within a bound, from now on. A part that is started again when it fails holds
// one Progress for all its lives, so that failing for ever is no progress either.
func (w *Watch) Expect(who string, bound time.Duration) Progress {
	e := &expectation{watch: w, who: who, bound: bound}
	e.Made()
	return e
}

// Made reports a step.
func (e *expectation) Made() { e.Within(e.bound) }

// Within reports a step and how long the next may take.
func (e *expectation) Within(bound time.Duration) {
	e.watch.mu.Lock()
	defer e.watch.mu.Unlock()
	e.due = time.Now().Add(bound)
	if !slices.Contains(e.watch.all, e) {
		e.watch.all = append(e.watch.all, e)
	}
}

// Done ends the expectation.
func (e *expectation) Done() {
	e.watch.mu.Lock()
	defer e.watch.mu.Unlock()
	e.watch.all = slices.DeleteFunc(e.watch.all, func(o *expectation) bool { return o == e })
}

// Late gives who should have got on by now and has not, sorted.
func (w *Watch) Late() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	var late []string
	for _, e := range w.all {
		if !now.Before(e.due) {
			late = append(late, e.who)
		}
	}
	slices.Sort(late)
	return late
}

// Run looks four times in each time-out of the watchdog, and keeps it quiet while nobody is late. When ctx ends it
// does so once more, so that the end has a whole time-out; the watchdog stays armed.
func (w *Watch) Run(ctx context.Context) error {
	ticker := time.NewTicker(w.every)
	defer ticker.Stop()
	var late []string
	failing := false
	for {
		late = w.tell(late)
		if w.dog != nil && len(late) == 0 {
			failing = w.keep(failing)
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			if w.dog != nil && len(w.Late()) == 0 {
				w.keep(failing)
			}
			return nil
		}
	}
}

// tell logs who is late when that is news.
func (w *Watch) tell(before []string) (late []string) {
	late = w.Late()
	switch {
	case slices.Equal(before, late):
	case len(late) == 0:
		w.log.Info("everybody gets on again")
	case w.dog == nil:
		w.log.Error("no progress, and there is no watchdog", "who", late)
	default:
		w.log.Error("no progress: the watchdog will start the board again", "who", late)
	}
	return late
}

// keep tells the watchdog that all is well. A watchdog that can't be told is logged once.
func (w *Watch) keep(failing bool) bool {
	err := w.dog.KeepAlive()
	if err != nil && !failing {
		w.log.Error("watchdog can't be kept quiet", "err", err)
	}
	return err != nil
}
