package sagecrmtest

import (
	"math/rand/v2"
	"time"
)

// RandomFaults breaks calls by chance for long runs. The same seed and the same calls break alike.
type RandomFaults struct {
	Seed uint64
	Rate float64 // part of the calls that break, 0 to 1
	// Kinds to choose from; nil means all but those that ask for a person or a function: EntityDisabled, RefuseRecord, Meanwhile.
	Kinds    []FaultKind
	MaxDelay time.Duration // of Slow and SlowAnswer; default 50 ms
	MaxLate  time.Duration // of AppliedLate; default 1 s
}

var chanceKinds = []FaultKind{QueryFails, SessionEnds, SessionStolen, HTTPStatus, HTMLPage, EmptyBody, Slow, SlowAnswer, CutBody, Truncated, CloseBefore,
	CloseAfter, AppliedLate}

// SetRandomFaults begins to break calls by chance; Rate 0 ends it. Scripted faults come first.
func (s *Server) SetRandomFaults(r RandomFaults) {
	if r.Rate <= 0 {
		s.faults.SetChance(nil)
		return
	}
	if r.Kinds == nil {
		r.Kinds = chanceKinds
	}
	setDefault(&r.MaxDelay, 50*time.Millisecond)
	setDefault(&r.MaxLate, time.Second)
	dice := rand.New(rand.NewPCG(r.Seed, 1))
	s.faults.SetChance(func() *Fault { return r.throw(dice) })
}

// throw decides about one call.
func (r *RandomFaults) throw(dice *rand.Rand) *Fault {
	if dice.Float64() >= r.Rate {
		return nil
	}
	f := &Fault{Kind: r.Kinds[dice.IntN(len(r.Kinds))], Done: dice.IntN(2) == 0, Keep: dice.IntN(300)}
	switch f.Kind {
	case QueryFails:
		f.Done = false
	case HTTPStatus:
		f.Status = []int{500, 502, 503, 504}[dice.IntN(4)]
	case AppliedLate:
		f.Delay = time.Duration(dice.Int64N(int64(r.MaxLate)))
	case Slow, SlowAnswer:
		f.Delay = time.Duration(dice.Int64N(int64(r.MaxDelay)))
	}
	return f
}
