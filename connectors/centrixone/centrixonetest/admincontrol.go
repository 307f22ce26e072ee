package centrixonetest

import (
	"net/http"
	"time"
)

// faultBody is a Fault over HTTP. Durations are texts as "1.5s".
type faultBody struct {
	Kind                    FaultKind
	Resource                Resource
	Method                  string
	ExternalID              string `json:"ExternalId"`
	Skip, Count, Status     int
	Text, RetryAfter, Delay string
	RetryDate, Done         bool
	Keep                    int
}

func (b *faultBody) fault() (Fault, error) {
	f := Fault{Kind: b.Kind, Resource: b.Resource, Method: b.Method, ExternalID: b.ExternalID, Skip: b.Skip, Count: b.Count,
		Status: b.Status, Text: b.Text, RetryDate: b.RetryDate, Done: b.Done, Keep: b.Keep}
	if !knownKinds[b.Kind] {
		return f, &Refusal{400, "Kind: unknown"}
	}
	var err error
	if f.RetryAfter, err = duration(b.RetryAfter); err != nil {
		return f, err
	}
	f.Delay, err = duration(b.Delay)
	return f, err
}

var knownKinds = map[FaultKind]bool{Status: true, HTML200: true, NotSuccess: true, WrongType: true, CutBody: true,
	CloseBefore: true, CloseAfter: true, AppliedLate: true, Delay: true, DelayAnswer: true, Always304: true,
	Never304: true, NoLastModified: true}

func duration(s string) (time.Duration, error) {
	if s == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		return 0, &Refusal{400, "duration: want as 1.5s"}
	}
	return d, nil
}

// randomBody is RandomFaults over HTTP.
type randomBody struct {
	Seed              uint64
	Rate              float64
	Kinds             []FaultKind
	MaxDelay, MaxLate string
}

// clockBody moves the clock; the members are tried in this order.
type clockBody struct {
	Real        bool
	Set, Freeze time.Time
	Advance     string
}

// accessBody sets the two security levels; what is absent stays.
type accessBody struct{ OneWay, Write *bool }

// controlRoutes serves faults, clock, security levels and reset.
func (s *Server) controlRoutes(mux *http.ServeMux) {
	posts(mux, "faults", s.addFaults)
	posts(mux, "faults/random", s.addRandom)
	posts(mux, "faults/clear", func(*struct{}) (any, error) { s.ClearFaults(); return nil, nil })
	gets(mux, "faults", func(*http.Request) any { return s.Faults() })
	posts(mux, "late/flush", func(*struct{}) (any, error) { s.FlushLate(); return nil, nil })
	posts(mux, "clock", s.moveClock)
	posts(mux, "access", s.setAccess)
	posts(mux, "reset", func(*struct{}) (any, error) { s.Reset(); return nil, nil })
}

func (s *Server) addFaults(bodies *[]faultBody) (any, error) {
	var all []Fault
	for _, b := range *bodies {
		f, err := b.fault()
		if err != nil {
			return nil, err
		}
		all = append(all, f)
	}
	for _, f := range all {
		s.AddFault(f)
	}
	return nil, nil
}

func (s *Server) addRandom(b *randomBody) (any, error) {
	r := RandomFaults{Seed: b.Seed, Rate: b.Rate, Kinds: b.Kinds}
	var err error
	if r.MaxDelay, err = duration(b.MaxDelay); err != nil {
		return nil, err
	}
	if r.MaxLate, err = duration(b.MaxLate); err != nil {
		return nil, err
	}
	s.SetRandomFaults(r)
	return nil, nil
}

func (s *Server) moveClock(b *clockBody) (any, error) {
	d, err := duration(b.Advance)
	switch {
	case err != nil:
		return nil, err
	case b.Real:
		s.ResetClock()
	case !b.Set.IsZero():
		s.SetClock(b.Set)
	case !b.Freeze.IsZero():
		s.FreezeClock(b.Freeze)
	default:
		s.AdvanceClock(d)
	}
	return map[string]string{"Now": stampText(s.Now())}, nil
}

func (s *Server) setAccess(b *accessBody) (any, error) {
	if b.OneWay != nil {
		s.SetOneWay(*b.OneWay)
	}
	if b.Write != nil {
		s.SetWrite(*b.Write)
	}
	return nil, nil
}
