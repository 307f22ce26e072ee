// Package storm simulates what a fleet does to its broker after an outage, in steps of a second, with whatever policy of
// waiting it is given. The broker of the model takes a number of connections a second; what comes on top is turned away
// at once; above three times that number it does half of its work only, for then handshakes that nobody waits for any
// more eat it up. Real networks spread a fleet a little by themselves, which the model leaves out: it judges harder.
package storm

import (
	"time"

	"syncbox/firmware/internal/support/reconnect"
)

// Waits is how one box waits: the methods of *reconnect.Policy that a running box calls.
type Waits interface {
	Connected(now time.Duration)
	Lost(now time.Duration, why reconnect.Cause) time.Duration
	Failed(why reconnect.Cause) time.Duration
}

// Outage is a broker that falls while the whole fleet is connected, for longer than a box takes a connection on trial.
type Outage struct {
	Lasts    time.Duration   // whole seconds
	Capacity int             // connections a second that the broker takes once it is back
	Seen     reconnect.Cause // what each box takes the loss for
}

// Outages are those that a release is judged by.
var Outages = []Outage{
	{Lasts: 5 * time.Second, Capacity: 500},
	{Lasts: 120 * time.Second, Capacity: 2000},
	{Lasts: 1800 * time.Second, Capacity: 500},
}

// Result is what the broker saw. An attempt counts from the second on in which it is back: what a box sends to nobody
// is counted apart.
type Result struct {
	Boxes    int
	Peak     int           // greatest number of attempts in one second
	Attempts float64       // mean number of attempts of a box until it was connected, or the time was up
	AllBack  time.Duration // from the broker's return until the last box was connected; 0 while some are offline
	Offline  int           // boxes without a connection when the time was up

	PeakDown     int     // greatest number of attempts in one second of the outage
	AttemptsDown float64 // mean number of attempts of a box during the outage
}

// since is how long the fleet had been connected.
const since = time.Hour

// fleet is a run of the model.
type fleet struct {
	waits []Waits
	due   [][]attempt // by second; what is due after the time is up is left out
}

type attempt struct {
	box int
	at  time.Duration
}

// Run lets boxes of that policy go through an outage, and looks at them for at most limit after the broker's return.
func Run(boxes int, o Outage, policy func(box int) Waits, limit time.Duration) Result {
	f := fleet{due: make([][]attempt, (o.Lasts+limit)/time.Second)}
	for box := range boxes {
		w := policy(box)
		w.Connected(0)
		f.waits = append(f.waits, w)
		f.schedule(box, w.Lost(since, o.Seen))
	}
	r, down, up := Result{Boxes: boxes, Offline: boxes}, 0, 0
	for second := range f.due {
		now, capacity := time.Duration(second)*time.Second, o.Capacity
		if now < o.Lasts {
			capacity = 0
		}
		came, served := f.step(second, capacity)
		if now < o.Lasts {
			r.PeakDown, down = max(r.PeakDown, came), down+came
			continue
		}
		r.Peak, up, r.Offline = max(r.Peak, came), up+came, r.Offline-served
		if r.Offline == 0 {
			r.AllBack = now + time.Second - o.Lasts
			break
		}
	}
	r.Attempts, r.AttemptsDown = float64(up)/float64(boxes), float64(down)/float64(boxes)
	return r
}

// step lets the attempts of one second arrive; what is turned away comes again in a later one.
func (f *fleet) step(second, capacity int) (came, served int) {
	arrived := f.due[second]
	f.due[second] = nil
	served = goodput(len(arrived), capacity)
	for _, a := range arrived[:served] {
		f.waits[a.box].Connected(since + a.at)
	}
	next := time.Duration(second+1) * time.Second
	for _, a := range arrived[served:] {
		f.schedule(a.box, max(next, a.at+f.waits[a.box].Failed(reconnect.Unknown)))
	}
	return len(arrived), served
}

// goodput is how many of the attempts of one second the broker serves.
func goodput(came, capacity int) int {
	if came > 3*capacity {
		return capacity / 2
	}
	return min(came, capacity)
}

func (f *fleet) schedule(box int, at time.Duration) {
	if second := int(at / time.Second); second < len(f.due) {
		f.due[second] = append(f.due[second], attempt{box, at})
	}
}
