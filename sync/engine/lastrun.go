package engine

import (
	"encoding/json"
	"time"

	"syncbox/connectors"
	"syncbox/sync/plan"
	"syncbox/sync/store"
)

// RunMode is what a run was for.
type RunMode string

// The modes.
const (
	FirstRun  RunMode = "first"  // nothing was bound before
	UpdateRun RunMode = "update" // what has changed since the one before
	ResyncRun RunMode = "resync" // both sides were compared as a whole
)

// LastRun is the last run that changed something, or that a person ticked, and that ended in success. One that fails, is
// interrupted or waits for a tick leaves it as it was; what was done before it went on is counted with it.
type LastRun struct {
	At   time.Time // its end
	Took time.Duration
	Mode RunMode
	// Ticked: a person confirmed what it did, before.
	Ticked bool `json:",omitempty"`
	// Ground is what the ERP was read from, where the product tells: a backup.
	Ground string `json:",omitempty"`
	Counts
	// Refused are changes that a side did not take; they wait. By direction.
	Refused [2]int
	// LeftOut is how many records people left out of it.
	LeftOut int `json:",omitempty"`
}

// lastRun is the setting that keeps it.
const lastRun = "last-run"

// soFar is a run that goes on in the next cycle.
type soFar struct {
	begun   time.Time
	took    time.Duration
	counts  Counts
	refused [2]int
	first   bool
}

// wholly says whether the cycle has ended in success.
func (c *cycle) wholly() bool {
	return c.err == nil && !c.cut && !c.suspended && !c.unconfirmed && c.down == [2]error{} && c.leftOut() == nil
}

// wasRun adds the cycle to the run that it belongs to. It gives what is to be kept of it, nil if it goes on or was none.
func (c *cycle) wasRun(leftOut int) *LastRun {
	if c.unconfirmed || c.dry != nil {
		return nil
	}
	s := c.Engine.soFar
	if s.begun.IsZero() {
		s.begun, s.first = c.start, c.blankMap
	}
	s.took += max(0, c.Clock.Now().Sub(c.start))
	s.counts = s.counts.with(c.done)
	for i, n := range c.failed {
		s.refused[i] += n
	}
	ticked := c.allowed != nil && c.allowed.agreed
	if !c.wholly() {
		if c.Engine.soFar = s; s.counts == (Counts{}) && !ticked {
			c.Engine.soFar = soFar{}
		}
		return nil
	}
	c.Engine.soFar = soFar{}
	if s.counts == (Counts{}) && !ticked {
		return nil
	}
	r := &LastRun{At: c.Clock.Now(), Took: s.took, Mode: UpdateRun, Ticked: ticked, Counts: s.counts, Refused: s.refused, LeftOut: leftOut}
	if g, tells := c.ERP.(connectors.Grounded); tells {
		r.Ground = g.Ground()
	}
	switch {
	case c.comparing:
		r.Mode = ResyncRun
	case s.first:
		r.Mode = FirstRun
	}
	return r
}

func (n Counts) with(m Counts) Counts {
	for i := range n.Created {
		n.Created[i] += m.Created[i]
		n.Updated[i] += m.Updated[i]
	}
	n.Conflicts += m.Conflicts
	return n
}

// knowMap notes, before anything is done, whether anything is bound.
func (c *cycle) knowMap(t *store.Txn) {
	c.noLinks = true
	t.Links(func(plan.Link) bool { c.noLinks = false; return false })
	c.blankMap = c.Status().LastRun == nil
	if c.blankMap {
		t.Links(func(l plan.Link) bool { c.blankMap = l.Since == 0; return c.blankMap })
	}
}

// leftOutNow counts the records that people left out.
func (c *cycle) leftOutNow() (n int) {
	c.view(func(t *store.Txn) { t.Exemptions(func(store.Exemption) bool { n++; return true }) })
	return n
}

// keepRun keeps the last run over a restart.
func keepRun(t *store.Txn, r *LastRun) {
	if text, err := json.Marshal(r); err == nil {
		t.Set(lastRun, string(text))
	}
}
