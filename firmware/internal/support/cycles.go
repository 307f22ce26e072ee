package support

import (
	"context"
	"time"

	"syncbox/firmware/internal/support/wire"
	"syncbox/sync/engine"
)

// Times of what is told of cycles. A job is never told of more often than once a minute, and a fleet of 100,000 boxes with
// a job each tells 28 times a second.
const (
	tellCycles  = time.Hour
	tellOutcome = time.Minute // at least, where a job's cycles end otherwise than was told last
)

// cycleDone is the code of the event where both directions were complete; the journal has the same.
const cycleDone = "cycle-complete"

// cycles is what is to be told of one job: of all its cycles since the last event, however many those were.
type cycles struct {
	seen  time.Time // LastEnd of the last cycle that was counted
	sum   wire.Cycles
	told  time.Duration // steady time of the last event
	ever  bool          // there was one
	last  outcome       // as it was told
	fresh bool          // something was counted since
}

// outcome is what is told at once when it is another one.
type outcome struct {
	outcomes, codes [2]string
	resync          int
}

// report tells of cycles until ctx ends.
func (c *Channel) report(ctx context.Context) error {
	if c.c.Jobs == nil {
		<-ctx.Done()
		return nil
	}
	var all []cycles
	look := time.NewTicker(lookAt)
	defer look.Stop()
	for {
		select {
		case <-look.C:
		case <-ctx.Done():
			return nil
		}
		jobs := c.c.Jobs()
		if len(jobs) != len(all) { // others were set: what was counted is not theirs
			all = make([]cycles, len(jobs))
		}
		if err := c.tellCycles(all, jobs); err != nil {
			return err
		}
	}
}

// tellCycles counts, and tells what is due while there is a connection: what waited would only be older words about the
// same thing.
func (c *Channel) tellCycles(all []cycles, jobs []engine.Status) error {
	c.mu.Lock()
	up := c.up
	c.mu.Unlock()
	for i := range all {
		w := &all[i]
		w.count(i+1, jobs[i])
		if !up || !w.due(steady()) {
			continue
		}
		if err := c.c.Desk.Tell(wire.SyncEvent, w.code(), w.sum.Detail()); err != nil {
			return err
		}
		w.begin(steady())
	}
	return nil
}

// count takes up how a job is. Of cycles between two looks only the last one is seen.
func (w *cycles) count(n int, s engine.Status) {
	w.sum.Job, w.sum.Resync = n, 0
	if s.Resync != nil {
		w.sum.Resync = s.Resync.Level
	}
	if s.LastEnd.IsZero() || s.LastEnd.Equal(w.seen) {
		return
	}
	w.seen, w.fresh = s.LastEnd, true
	if w.sum.Cycles == 0 {
		w.sum.Begin = unix(s.LastBegin)
	}
	w.sum.Cycles++
	w.sum.End = unix(s.LastEnd)
	w.sum.Conflicts += s.Last.Conflicts
	w.sum.Waiting = 0
	for _, count := range s.Waiting {
		w.sum.Waiting += count
	}
	for i := range s.Ways {
		w.sum.Created[i] += s.Last.Created[i]
		w.sum.Updated[i] += s.Last.Updated[i]
		if s.Ways[i].Outcome != engine.Working { // the next one has begun: how that ends is not known yet
			w.sum.Outcome[i], w.sum.Code[i] = string(s.Ways[i].Outcome), s.Ways[i].Code
		}
	}
}

// due says whether it is time to tell.
func (w *cycles) due(now time.Duration) bool {
	other := w.now() != w.last
	if !w.ever {
		return w.fresh
	}
	return w.fresh && now-w.told >= tellCycles || other && now-w.told >= tellOutcome
}

func (w *cycles) now() outcome { return outcome{w.sum.Outcome, w.sum.Code, w.sum.Resync} }

// begin counts from nothing again; how the last cycle ended stays.
func (w *cycles) begin(now time.Duration) {
	w.told, w.ever, w.fresh, w.last = now, true, false, w.now()
	w.sum = wire.Cycles{Job: w.sum.Job, Outcome: w.sum.Outcome, Code: w.sum.Code, Resync: w.sum.Resync, Waiting: w.sum.Waiting, End: w.sum.End}
}

// code gives the first code that a direction ended with.
func (w *cycles) code() string {
	for i, outcome := range w.sum.Outcome {
		if outcome != string(engine.Success) && w.sum.Code[i] != "" {
			return w.sum.Code[i]
		}
	}
	return cycleDone
}
