package engine

import (
	"encoding/json"
	"maps"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/store"
)

// Service is what the job as a whole does.
type Service string

// The service states.
const (
	Running  Service = "running"
	Stopped  Service = "stopped"  // by a person
	Blackout Service = "blackout" // outside the allowed hours, or the company's backup
)

// Outcome is how one direction stands.
type Outcome string

// The outcomes of a direction.
const (
	Never   Outcome = "never"   // no cycle yet
	Working Outcome = "working" // in progress
	Success Outcome = "success" // the last cycle was complete
	Waits   Outcome = "waits"   // comes back by itself
	Halted  Outcome = "halted"  // a person must look
)

// Way is the status of one direction.
type Way struct {
	Outcome Outcome
	Code    string            `json:",omitempty"` // health code of the cause, unless Success
	Args    map[string]string `json:",omitempty"`
	LastOK  time.Time         `json:",omitzero"`
}

// Status is what people and lights are shown of a job.
type Status struct {
	Service Service
	Ways    [2]Way // towards the CRM, towards the ERP
	TwoWay  bool
	// Deletes: deletions travel, so that what is gone from one side may be deleted on the other.
	Deletes bool `json:",omitempty"`
	// Phase is what is going on now: empty at rest, "observe-erp", or an entity.
	Phase       string `json:",omitempty"`
	Done, Total int
	LastBegin   time.Time `json:",omitzero"`
	LastEnd     time.Time `json:",omitzero"`
	Next        time.Time `json:",omitzero"`
	// OnDemand: no cycle is to come, until somebody asks for one.
	OnDemand bool `json:",omitempty"`
	// ClockWrong: the time of day can't be right.
	ClockWrong bool `json:",omitempty"`
	// Waiting counts what waits, by kind.
	Waiting map[store.WaitKind]int `json:",omitempty"`
	Last    Counts
	// Resync is the resync under way, nil if there is none.
	Resync *Resync `json:",omitempty"`
	// Preview is the preview of the next run, nil if there is none.
	Preview *Preview `json:",omitempty"`
	// LastRun is the last run that changed something, nil if there was none.
	LastRun *LastRun `json:",omitempty"`
	// Custom are fields that the site has added to the ERP, and those of the CRM, by entity, as the latest look saw them.
	Custom map[record.Entity][2][]connectors.CustomColumn `json:",omitempty"`
	// Remarks are what people should know of both sides while the sync goes on, as the latest look found it.
	Remarks []record.Remark `json:"-"`
	// Timings are how long what people wait for took today, as of the latest cycle.
	Timings []connectors.Timing `json:",omitempty"`
}

// Status gives the status as it is now. It may be called from anywhere.
func (e *Engine) Status() Status {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := e.status
	s.Waiting = maps.Clone(s.Waiting)
	return s
}

func (e *Engine) report(change func(*Status)) {
	e.mu.Lock()
	change(&e.status)
	s := e.status
	e.mu.Unlock()
	if e.shows != nil {
		e.shows(s)
	}
}

// began shows the directions at work; one that a person must look at stays so until it is better.
func (s *Status) began(at time.Time) {
	s.LastBegin = at
	for i := range s.Ways {
		if s.Ways[i].Outcome != Halted {
			s.Ways[i].Outcome = Working
		}
	}
}

func (s *Status) at(phase string, done, total int) { s.Phase, s.Done, s.Total = phase, done, total }

func (s *Status) ended(c *cycle) {
	s.Custom, s.Remarks, s.Timings = c.customColumns(s.Custom), c.remarks(), c.timings()
	s.Phase, s.Done, s.Total = "", 0, 0
	s.LastEnd, s.Last = c.Clock.Now(), c.done
	for i := range s.Ways {
		s.Ways[i] = c.way(i, c.was[i])
	}
	s.Waiting = c.waitingCounts()
}

// remarks gives what the sides tell of themselves.
func (c *cycle) remarks() (all []record.Remark) {
	for _, side := range []connectors.Source{c.ERP, c.CRM} {
		if told, ok := side.(connectors.Remarker); ok {
			all = append(all, told.Remarks()...)
		}
	}
	return all
}

// timings gives what the sides have measured.
func (c *cycle) timings() (all []connectors.Timing) {
	for _, side := range []connectors.Source{c.ERP, c.CRM} {
		if measures, ok := side.(connectors.Timekeeper); ok {
			all = append(all, measures.Timings()...)
		}
	}
	return all
}

// customColumns gives the fields that sites have added, as far as the products tell; those of before where they don't now.
func (c *cycle) customColumns(was map[record.Entity][2][]connectors.CustomColumn) map[record.Entity][2][]connectors.CustomColumn {
	sides := [2]connectors.Source{c.ERP, c.CRM}
	now := was
	for _, rule := range c.Profile.Entities {
		both := was[rule.Entity]
		for i, side := range sides {
			if told, ok := side.(connectors.Customised); ok {
				if columns := told.CustomColumns(rule.Entity); columns != nil {
					both[i] = columns
				}
			}
		}
		if both[0] != nil || both[1] != nil {
			now = maps.Clone(now)
			if now == nil {
				now = map[record.Entity][2][]connectors.CustomColumn{}
			}
			now[rule.Entity] = both
		}
	}
	return now
}

// way gives the status of a direction at the end of a cycle.
func (c *cycle) way(i int, was Way) Way {
	err := c.down[i]
	if err == nil && (c.cut || c.suspended || c.err != nil) {
		return was // not everything was looked at
	}
	if err == nil {
		err = c.leftOut()
	}
	if err == nil && c.unconfirmed {
		return c.waitsFor(was)
	}
	if err == nil {
		return Way{Outcome: Success, LastOK: c.Clock.Now()}
	}
	w := Way{Outcome: Waits, Code: connectors.CodeOf(err), Args: argsOf(err), LastOK: was.LastOK}
	switch connectors.KindOf(err) {
	case connectors.Drift, connectors.Auth, connectors.Hold:
		w.Outcome = Halted
	}
	return w
}

// leftOut gives why the first entity was left out that could not be looked at; nil if there is none.
func (c *cycle) leftOut() error {
	for i := range c.Profile.Entities {
		if err, skipped := c.skip[c.Profile.Entities[i].Entity]; skipped {
			return err
		}
	}
	return nil
}

// waits is what the engine knows of the waiting list by heart, as of one version of it: most cycles change
// nothing there.
type waits struct {
	version uint64
	counts  map[store.WaitKind]int
	due     []store.Waiting    // what is tried again, what a person is asked to key, and what refers to a record that has no place yet
	asked   map[candidate]bool // records of the CRM that a person is asked about
}

// waitsNow gives what waits, read anew where that changed.
func (e *Engine) waitsNow(t *store.Txn) *waits {
	version := e.State.WaitsVersion()
	if e.waits.counts != nil && e.waits.version == version {
		return &e.waits
	}
	e.waits = waits{version: version, counts: map[store.WaitKind]int{}, asked: map[candidate]bool{}}
	t.AllWaiting(func(w store.Waiting) bool {
		for _, k := range w.Candidates {
			e.waits.asked[candidate{w.Entity, k}] = true
		}
		if _, left := t.Exempt(w.Entity, w.ERP, w.CRM); left && w.Link != 0 {
			return true // nobody is to do anything about it
		}
		e.waits.counts[w.Kind]++
		if !w.Next.IsZero() || w.Kind == store.HandedOff || w.Kind == store.Quarantine || w.Code == referenceMissing {
			e.waits.due = append(e.waits.due, w)
		}
		return true
	})
	return &e.waits
}

func (e *Engine) waitingCounts() (counts map[store.WaitKind]int) {
	_ = e.State.View(func(t *store.Txn) { counts = maps.Clone(e.waitsNow(t).counts) })
	return counts
}

// dueNow gives what is tried again, and what a person is asked to key.
func (c *cycle) dueNow() (due []store.Waiting) {
	c.view(func(t *store.Txn) { due = c.waitsNow(t).due })
	return due
}

// news says whether the cycle did something in a direction, or left it in another state than the last one:
// a trouble that stays is journalled once.
func (c *cycle) news(i int) bool {
	if c.unconfirmed && c.down == [2]error{} && i > 0 {
		return false // one tick is for both
	}
	return c.done.Created[i]+c.done.Updated[i]+c.done.Deleted[i] > 0 || !c.cut && !c.suspended && c.was[i].Code != c.Status().Ways[i].Code
}

// load takes up where the last run ended.
func (e *Engine) load() error {
	e.status = Status{Service: Running, TwoWay: e.set.TwoWay, Deletes: e.anyDeletions(), Ways: [2]Way{{Outcome: Never}, {Outcome: Never}}}
	err := e.State.View(func(t *store.Txn) {
		_ = json.Unmarshal([]byte(t.Setting("ways")), &e.status.Ways)
		_ = json.Unmarshal([]byte(t.Setting("looked")), &e.looked)
		if kept := t.Setting(lastRun); kept != "" {
			_ = json.Unmarshal([]byte(kept), &e.status.LastRun)
		}
		if t.Setting("stopped") != "" {
			e.status.Service = Stopped
		}
		e.accepting = t.Setting("accepting") != ""
	})
	if err == nil {
		err = e.takeUpSteady()
	}
	e.knowResync()
	e.status.Waiting = e.waitingCounts()
	return err
}
