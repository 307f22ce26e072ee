package outlooktest

import (
	"math/rand/v2"
	"time"
)

// RandomFaults breaks calls by chance for long runs. The same seed and the same calls break alike.
type RandomFaults struct {
	Seed uint64
	Rate float64 // part of the calls that break, 0 to 1
	// Kinds to choose from; nil means all but Forbidden and Missing, which tell a client something that is not so.
	Kinds    []FaultKind
	MaxDelay time.Duration // of Slow and SlowAnswer; default 50 ms
	MaxLate  time.Duration // of AppliedLate; default 1 s
}

var chanceKinds = []FaultKind{Throttle, Unavailable, Unauthorized, Forgotten, Slow, SlowAnswer, CutBody, CloseBefore, CloseAfter, AppliedLate,
	PageTwice, EmptyPage, DuplicateItem, Replay}

type dice struct {
	RandomFaults
	rand *rand.Rand
}

// SetRandomFaults begins to break calls by chance; Rate 0 ends it. Scripted faults come first.
func (s *Server) SetRandomFaults(r RandomFaults) {
	if r.Kinds == nil {
		r.Kinds = chanceKinds
	}
	setDefault(&r.MaxDelay, 50*time.Millisecond)
	setDefault(&r.MaxLate, time.Second)
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.random = nil
	if r.Rate > 0 {
		s.faults.random = &dice{r, rand.New(rand.NewPCG(r.Seed, 1))}
	}
}

// throw decides about one call.
func (d *dice) throw(q *request) *Fault {
	if d.rand.Float64() >= d.Rate {
		return nil
	}
	f := &Fault{Kind: d.Kinds[d.rand.IntN(len(d.Kinds))]}
	if !f.Kind.suits(q) {
		return nil
	}
	switch f.Kind {
	case Throttle:
		f.Retry = time.Second
	case Unavailable:
		f.Done, f.Status = d.rand.IntN(2) == 0, 503+d.rand.IntN(2)
	case CutBody:
		f.Keep = d.rand.IntN(200)
	case AppliedLate:
		f.Delay = time.Duration(d.rand.Int64N(int64(d.MaxLate)))
	case Slow, SlowAnswer:
		f.Delay = time.Duration(d.rand.Int64N(int64(d.MaxDelay)))
	}
	return f
}
