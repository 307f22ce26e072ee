// Package reconnect decides how long a box waits before it tries the broker again, so that a fleet of any size that
// lost its broker comes back without burying it. It decides only: the caller waits, and tells what happened. It knows
// no clock and draws no number of its own, so that a simulated fleet of 100,000 boxes runs this very code.
//
//	the box started                          U(0, S)
//	a connection was lost                    U(0, S)
//	an attempt failed                        U(30 s, 300 s), for S of two minutes U(100 s, 280 s); as long as it takes
//	the box alone lost its connection        once U(0.5 s, 3 s)
//	the box ended a new one itself           once U(0.5 s, 3 s): a certificate that comes within its first minute
//	the broker does not let the box in       U(5 min, 30 min)
//
// U(a, b) is a number drawn evenly between both. S, the spread, is a setting of the fleet (a signed document tells it):
// nothing for a hundred boxes, two minutes for 100,000. There is no doubling: what an evenly spread fleet brings in a
// second is known beforehand and does not depend on how long the broker was away. With a long spread a failed attempt
// waits longer than 30 seconds, or those who come again would add a fifth to those who come for the first time; and a
// little less than 300, so that the last one is back in time.
//
// From inside a box, the fall of the broker and a drop of one's own look the same. The short wait is therefore only for
// a box that knows that it is alone (Own), or whose fleet is so small that the short wait spreads it just as well:
// 100,000 boxes that take the short wait together are 40,000 attempts a second.
package reconnect

import "time"

const (
	// DefaultSpread is for a box whose fleet has told none yet: right for 100,000 boxes, slow for a few.
	DefaultSpread = 2 * time.Minute
	// MaxSpread bounds what a fleet may tell, so that a slip of the pen does not hide it for days: right for 500,000.
	MaxSpread = 10 * time.Minute

	retryMin, retryMax     = 30 * time.Second, 300 * time.Second
	aloneMin, aloneMax     = 500 * time.Millisecond, 3 * time.Second
	refusedMin, refusedMax = 5 * time.Minute, 30 * time.Minute

	// proven is how long a connection holds before its loss may be taken for a single drop.
	proven = 10 * time.Minute
	// settled is how long a connection holds before its end is a loss. What ends sooner counts as an attempt that
	// failed, or a broker that closes each connection at once would be asked without a pause. One that the box ended
	// itself has not failed; but a link that comes and goes looks the same, so that the second in a row has.
	settled = time.Minute
)

// Cause says why there is no connection.
type Cause int

// The causes.
const (
	// Unknown: no answer, or the connection ended and nobody can tell why. It may be the whole fleet's.
	Unknown Cause = iota
	// Own: this box's own doing or its own network. Its link went down, its address changed, it closed the connection
	// itself for new settings or a new certificate.
	Own
	// Refused: the broker answered, and does not let this box in.
	Refused
)

// Policy is the waits of one box. It is for one goroutine.
type Policy struct {
	spread    time.Duration
	chance    func(n int64) int64
	connected time.Duration // when the connection came about
	held      bool          // there is a connection
	hasty     bool          // the one before it was new, and ended by the box
}

// New gives the policy of a box that has just started. The spread is bounded as SetSpread says; chance gives an even
// number in [0, n), as (*rand.Rand).Int64N of math/rand/v2 does: each box must draw numbers of its own.
func New(spread time.Duration, chance func(n int64) int64) *Policy {
	p := &Policy{chance: chance}
	p.SetSpread(spread)
	return p
}

// SetSpread changes the spread, from the next wait on; it is bounded to 0 … MaxSpread.
func (p *Policy) SetSpread(spread time.Duration) { p.spread = min(max(spread, 0), MaxSpread) }

// Boot gives the wait before the first attempt of a box that has just started: power comes back to a whole city at once.
func (p *Policy) Boot() time.Duration { return p.between(0, p.spread) }

// Connected is told when the broker has let the box in. Here as below, now is time that only goes forward (a box may
// set its clock at any moment), told from any fixed instant.
func (p *Policy) Connected(now time.Duration) { p.connected, p.held = now, true }

// Lost gives the wait after a connection has ended, before the next attempt.
func (p *Policy) Lost(now time.Duration, why Cause) time.Duration {
	age := now - p.connected
	switch {
	case p.held && age < settled && why == Own && !p.hasty:
		p.held, p.hasty = false, true
		return p.between(aloneMin, aloneMax)
	case !p.held || age < settled || why == Refused:
		return p.Failed(why)
	}
	p.held, p.hasty = false, false
	if age > proven && (why == Own || p.spread <= aloneMax) {
		return p.between(aloneMin, aloneMax)
	}
	return p.between(0, p.spread)
}

// Failed gives the wait after an attempt that brought no connection, before the next one. What the box could not even
// send, having no address, is no attempt.
func (p *Policy) Failed(why Cause) time.Duration {
	p.held, p.hasty = false, false
	if why == Refused {
		return p.between(refusedMin, refusedMax)
	}
	narrower := p.spread / 6
	return p.between(max(retryMin, p.spread-narrower), max(retryMax-narrower, p.spread*7/3))
}

// between draws evenly, both ends included.
func (p *Policy) between(least, most time.Duration) time.Duration {
	return least + time.Duration(p.chance(int64(most-least)+1))
}
