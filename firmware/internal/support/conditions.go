package support

import (
	"time"

	"syncbox/firmware/internal/support/reconnect"
)

// Health codes of the channel.
const (
	CodeUnreachable = "support-unreachable" // no broker for some time
	CodeRefused     = "support-refused"     // the broker does not let the box in
	CodeFrozen      = "support-frozen"      // no wish, for the box or its groups, for longer than one may last: somebody may be withholding newer ones
	CodeOutbox      = "support-outbox-full" // what is to be told takes the place of older words
	CodeRecord      = "support-record"      // the memory of the channel was lost, or can't be written
	CodeFlood       = "support-flood"       // of an event: more came than the box can look at, and the line was cut
)

const (
	awayFor     = time.Hour          // until CodeUnreachable
	frozenAfter = 8 * 24 * time.Hour // a wish lives a week at most
)

// Conditions gives the health codes that hold of the channel.
func (c *Channel) Conditions() (all []string) {
	c.mu.Lock()
	up, why, away, broken := c.up, c.why, time.Since(c.since), c.broken
	c.mu.Unlock()
	switch {
	case up || why == reconnect.Own: // without a certificate nobody was asked, and whoever keeps it says so
	case why == reconnect.Refused:
		all = append(all, CodeRefused)
	case away >= awayFor:
		all = append(all, CodeUnreachable)
	}
	if broken {
		all = append(all, CodeRecord)
	}
	if c.c.Store.Full() {
		all = append(all, CodeOutbox)
	}
	now := c.c.Desk.c.Clock().Now
	if w := c.c.Store.Standing(); w.Issued > 0 && now.Sub(time.Unix(max(w.Issued, w.Heard), 0)) > frozenAfter {
		all = append(all, CodeFrozen)
	}
	return all
}

// note keeps how it is with the connection. Whoever has got that far has a memory that works.
func (c *Channel) note(up bool, why reconnect.Cause) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.up != up {
		c.since = time.Now()
	}
	c.up, c.why, c.broken = up, why, false
}
