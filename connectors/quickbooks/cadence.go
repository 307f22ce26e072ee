package quickbooks

import "time"

// Cadence says when to look next. The longer nothing changes, the longer the pause: half of the time since
// the last change, so that what happens after a quiet time t is seen t/2 later at most, and never less than
// Base nor more than Most. All boxes share one allowance of reads: at an even 15 minutes it serves some 170 of them.
// The zero Cadence with its bounds set looks at once. It is pure: what time it is comes as an argument.
type Cadence struct {
	Base, Most time.Duration

	looked, changed time.Time
}

// Looked takes note of a look at now, and whether it saw anything that was new.
func (c *Cadence) Looked(now time.Time, changed bool) {
	if changed || c.looked.IsZero() {
		c.changed = now
	}
	c.looked = now
}

// Touched takes note of a write of ours, or of a person who asks: the pause is the shortest again.
func (c *Cadence) Touched(now time.Time) { c.changed = now }

// Pause gives the pause after the latest look, before thrift.
func (c *Cadence) Pause() time.Duration {
	return max(c.Base, min(c.looked.Sub(c.changed)/2, c.Most))
}

// Due says whether it is time to look at now; thrift multiplies the pause. A clock that was set back does
// not stop the looks.
func (c *Cadence) Due(now time.Time, thrift int) bool {
	return c.looked.IsZero() || now.Before(c.looked) || !now.Before(c.Next(thrift))
}

// Next gives the time of the next look; zero for at once.
func (c *Cadence) Next(thrift int) time.Time {
	if c.looked.IsZero() {
		return time.Time{}
	}
	return c.looked.Add(c.Pause() * time.Duration(max(1, thrift)))
}
