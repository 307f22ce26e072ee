package sim

import "time"

// agenda is what is going to happen, in order.
type agenda []event

type event struct {
	at time.Duration
	do func()
}

func (a *agenda) add(at time.Duration, do func()) {
	i := len(*a)
	for i > 0 && (*a)[i-1].at > at {
		i--
	}
	*a = append(*a, event{})
	copy((*a)[i+1:], (*a)[i:])
	(*a)[i] = event{at, do}
}

// clock is the world's time. It passes only where the world lets it.
type clock struct {
	start  time.Time
	steady time.Duration // since the world began
	jump   time.Duration // by how much the box's time of day is wrong
	booted time.Duration // when the box was switched on
	agenda agenda
}

// right gives the time of day as it is at the products.
func (c *clock) right() time.Time { return c.start.Add(c.steady) }

// advance lets time go by, and happen what is due meanwhile.
func (c *clock) advance(d time.Duration) {
	end := c.steady + d
	for len(c.agenda) > 0 && c.agenda[0].at <= end {
		next := c.agenda[0]
		c.agenda = c.agenda[1:]
		c.steady = max(c.steady, next.at)
		next.do()
	}
	c.steady = max(c.steady, end)
}

// boxClock is the clock that the engine gets.
type boxClock struct {
	w   *world
	box *box
}

// Now gives the box's time of day, right or wrong.
func (b boxClock) Now() time.Time { return b.w.right().Add(b.w.jump) }

// Steady gives the time since the box was switched on.
func (b boxClock) Steady() time.Duration { return b.w.steady - b.w.booted }

// After hands over to the world until that has let d pass.
func (b boxClock) After(d time.Duration) <-chan time.Time {
	b.box.parked <- d
	return b.box.wake
}
