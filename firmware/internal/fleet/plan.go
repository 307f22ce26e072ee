package fleet

import (
	"errors"
	"fmt"
	"time"
)

// Plan says how a rollout goes.
type Plan struct {
	Waves []int         `json:"waves"` // percent of the group, rising, 1 to 100
	Stop  float64       `json:"stop"`  // percent of those that answered: more bad ones halt it; 0 to 100
	Wave  time.Duration `json:"wave"`  // from the publication of a wave to that of the next, at least
}

// Usual is the plan for a group of any size. With a release that boxes begin evenly over a day (order.Target.Spread) and try
// for half an hour, no wave has more than 1 % of all boxes under way at once: that is what a fault can hit that shows all of a sudden.
func Usual() Plan { return Plan{Waves: []int{1, 10, 40, 70, 100}, Stop: 1, Wave: 24 * time.Hour} }

// Check says what is wrong with a plan.
func (p Plan) Check() error {
	last := 0
	for _, percent := range p.Waves {
		if percent <= last || percent > 100 {
			return fmt.Errorf("waves of %v percent: want them rising, 1 to 100", p.Waves)
		}
		last = percent
	}
	switch {
	case len(p.Waves) == 0:
		return errors.New("no waves")
	case !(p.Stop >= 0 && p.Stop < 100):
		return fmt.Errorf("stop at %v percent", p.Stop)
	case p.Wave < 0:
		return fmt.Errorf("waves of %s", p.Wave)
	}
	return nil
}

// Count is how many boxes stand where.
type Count struct {
	Hoped int `json:"hoped"` // connected, in the wave, and running something else; of whatever group
	Taken int `json:"taken"` // said that they follow the order; those that have answered are among them
	Good  int `json:"good"`  // run the release, and have tried it
	Peak  int `json:"-"`     // the most that Hoped was in this wave
	Bad   int `json:"bad"`   // went back, failed, refused it, or are gone since they took it
}

// Open is how many have taken it and not answered.
func (c Count) Open() int { return c.Taken - c.Good - c.Bad }

// less gives what has come since.
func (c Count) less(before Count) Count {
	return Count{Taken: c.Taken - before.Taken, Good: c.Good - before.Good, Bad: c.Bad - before.Bad}
}

// Verdict is what is to be done.
type Verdict string

// The verdicts.
const (
	Wait Verdict = "wait"
	Next Verdict = "next" // publish the next wave
	Halt Verdict = "halt" // publish that nobody begins any more
	Done Verdict = "done"
)

const (
	// enough is of how many answers a few bad ones are judged as a share: of fewer, those that have taken the order count as
	// answers to come, or the first bad one of a thousand boxes would halt them all. A wave of fewer boxes is judged by all of them.
	enough = 200
	// mostOpen is how many percent of those that have taken the order may still be at it when the next wave goes out: boxes are
	// switched off for the night.
	mostOpen = 5
)

// tooBad says whether more are bad than may be.
func (p Plan) tooBad(c Count) bool {
	of := max(c.Good+c.Bad, min(c.Taken, enough))
	return c.Bad > 0 && float64(c.Bad)*100 > p.Stop*float64(of)
}

// Judge says what is to be done in a wave (counted from 0) that went out so long ago. Before is how boxes stood then: what comes
// since counts for itself as well, so that many good ones of earlier waves do not hide what is wrong now.
func (p Plan) Judge(wave int, c, before Count, age time.Duration) Verdict {
	switch {
	case p.tooBad(c), p.tooBad(c.less(before)):
		return Halt
	case age < p.Wave && c.Peak+c.Taken > 0:
		return Wait
	case c.Taken == 0 && c.Hoped > 0, c.Open()*100 > c.Taken*mostOpen:
		return Wait
	case wave >= len(p.Waves)-1:
		return Done
	}
	return Next
}
