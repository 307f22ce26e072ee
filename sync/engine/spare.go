package engine

import (
	"time"

	"syncbox/connectors"
)

// A scarce ERP is looked at apart from the cycle. The cycle keeps its pace, so that an edit in the CRM is seen as soon as
// with any other ERP; while the ERP is spared it is read by key only, for what the CRM tells of and for what is still to be
// worked off. What changes there meanwhile is told by its next look: that one begins where the one before it ended.

// sparing is what the engine knows of the looks at a scarce ERP.
type sparing struct {
	asked  bool          // the next cycle looks, since a person wants one
	looked time.Duration // when the latest look at it succeeded, by the steady clock
	known  bool          // there was one in this process's life: it begins with a look
}

// spared says whether a cycle leaves the ERP unlooked at. Nobody who asks for a run or a preview is put off, and a resync
// goes by what both sides show now.
func (c *cycle) spared() bool {
	p, scarce := c.ERP.(connectors.Pacer)
	if !scarce || !c.sparing.known || c.sparing.asked || c.dry != nil || c.accepting || c.underway().Level != 0 || c.held() {
		return false
	}
	every := c.set.Schedule.Interval
	return c.Clock.Steady()-c.sparing.looked < max(every, p.Pause(every))-early(every)
}

// early lets a look be a little early: a cycle more is a far longer wait than a second less.
func early(every time.Duration) time.Duration { return min(every/10, 10*time.Second) }

// sawERP takes note of a look that succeeded.
func (c *cycle) sawERP() {
	if c.dry == nil {
		c.sparing = sparing{looked: c.Clock.Steady(), known: true}
	}
}

// sawBoth keeps when each side was last looked at, after a cycle that went through.
func (c *cycle) sawBoth() {
	c.looked[connectors.CRM] = c.age()
	if !c.unseenERP {
		c.looked[connectors.ERP] = c.age()
	}
}
