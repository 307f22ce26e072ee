package signin

import (
	"math/rand/v2"
	"net/http"
)

// RandomFaults breaks calls by chance for long runs. The same seed and the same calls break alike.
type RandomFaults struct {
	Seed uint64
	Rate float64 // part of the calls that break, 0 to 1
	// Kinds to choose from; nil means those that a connection survives within a refresh token's first
	// 24 hours: without RotateAndDrop, and without Hold and HoldAnswer, which wait for a Release.
	Kinds []FaultKind
	What  []What // calls that may break; nil means Refresh
}

var chanceKinds = []FaultKind{Status, HTML200, NoToken, CutBody, CloseBefore, CloseAfter}

type dice struct {
	RandomFaults
	rand *rand.Rand
}

// SetRandomFaults begins to break calls by chance; Rate 0 ends it. Scripted faults come first.
func (fs *faults) SetRandomFaults(r RandomFaults) {
	if r.Kinds == nil {
		r.Kinds = chanceKinds
	}
	if r.What == nil {
		r.What = []What{Refresh}
	}
	fs.mu.Lock()
	defer fs.mu.Unlock()
	fs.random = nil
	if r.Rate > 0 {
		fs.random = &dice{r, rand.New(rand.NewPCG(r.Seed, 1))}
	}
}

// throw decides about one call.
func (d *dice) throw(w What) Fault {
	for _, may := range d.What {
		if may == w {
			return d.fault()
		}
	}
	return Fault{}
}

func (d *dice) fault() Fault {
	if d.rand.Float64() >= d.Rate {
		return Fault{}
	}
	f := Fault{Kind: d.Kinds[d.rand.IntN(len(d.Kinds))], Status: http.StatusServiceUnavailable}
	if f.Kind == Status && d.rand.IntN(2) == 0 {
		f.Status = http.StatusGatewayTimeout
	}
	if f.Kind == CutBody {
		f.Keep = d.rand.IntN(200)
	}
	return f
}
