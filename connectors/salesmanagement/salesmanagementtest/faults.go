package salesmanagementtest

import (
	"bytes"
	"context"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"

	"syncbox/connectors/rest/resttest"
)

// FaultKind is a way in which a call goes wrong.
type FaultKind string

// The kinds. "Done" means that the call was carried out all the same. Go's own HTTP client repeats a GET by itself when a connection
// that it used before is cut, so that two faults may be needed.
const (
	TokenEnds      FaultKind = "token-ends"      // all tokens end just before the call
	Throttled      FaultKind = "throttled"       // as if too many had called
	RefuseRow      FaultKind = "refuse-row"      // a write is refused with 400
	DatabaseLost   FaultKind = "database-lost"   // 500 with 900
	DuplicateRows  FaultKind = "duplicate-rows"  // a page begins with three rows of the one before it; done
	LocatorExpired FaultKind = "locator-expired" // an upload comes too late
	Meanwhile      FaultKind = "meanwhile"       // Fault.Do runs just before the call; the call is carried out
	HTTPStatus     FaultKind = "http-status"     // Fault.Status with a page of HTML, default 500; done only with Fault.Done
	HTMLPage       FaultKind = "html-page"       // the page of maintenance, with status 200; done only with Fault.Done
	EmptyBody      FaultKind = "empty-body"      // 200 and not a byte; done only with Fault.Done
	Slow           FaultKind = "slow"            // waits Fault.Delay, then works; a caller who left does not stop it
	SlowAnswer     FaultKind = "slow-answer"     // done at once, answers after Fault.Delay
	CutBody        FaultKind = "cut-body"        // the answer breaks off after Fault.Keep bytes with its connection; done
	Truncated      FaultKind = "truncated"       // an answer whose length is right and whose text ends after Fault.Keep bytes; done
	CloseBefore    FaultKind = "close-before"    // the connection is cut, nothing is done
	CloseAfter     FaultKind = "close-after"     // the connection is cut without an answer; done
	AppliedLate    FaultKind = "applied-late"    // of a write: the connection is cut; done after Fault.Delay
)

// Fault breaks calls. The zero values of Endpoint, Op, Entity and ID match every call.
type Fault struct {
	Kind     FaultKind
	Endpoint string
	Op       string
	Entity   Entity
	ID       int64
	resttest.Turn

	Status int
	Done   bool
	Delay  time.Duration
	Keep   int    // bytes
	Do     func() `json:"-"`
}

var kinds = []FaultKind{TokenEnds, Throttled, RefuseRow, DatabaseLost, DuplicateRows, LocatorExpired, Meanwhile, HTTPStatus, HTMLPage, EmptyBody, Slow,
	SlowAnswer, CutBody, Truncated, CloseBefore, CloseAfter, AppliedLate}

// AddFault adds a fault behind those that wait.
func (s *Server) AddFault(f Fault) { s.faults.Add(f) }

// ClearFaults ends all faults, scripted and random. What is to be applied late stays.
func (s *Server) ClearFaults() { s.faults.Clear() }

// Faults gives the scripted faults that wait, with what is left of Skip and Count.
func (s *Server) Faults() []Fault { return s.faults.Waiting() }

var writes = []string{"create", "update", "delete", "document", "upload"}

// suits says whether a fault means something for a call.
func (f *Fault) suits(c *Call) bool {
	switch f.Kind {
	case RefuseRow, AppliedLate:
		if !slices.Contains(writes, c.Op) {
			return false
		}
	case DuplicateRows:
		if c.Op != "list" {
			return false
		}
	case LocatorExpired:
		if c.Op != "upload" {
			return false
		}
	}
	return (f.Endpoint == "" || f.Endpoint == c.Endpoint) && (f.Op == "" || f.Op == c.Op) && (f.Entity == "" || f.Entity == c.Entity) &&
		(f.ID == 0 || f.ID == c.ID)
}

// job is a call that was understood.
type job struct {
	store bool
	enter func(*Call) *Refusal // who calls
	work  func(*Call) (*resttest.Answer, *Refusal)
}

func (s *Server) refusal(c *Call, j *job, r *Refusal) *resttest.Answer {
	if j.store {
		return s.storeRefused(c, r)
	}
	return s.refused(c, r)
}

// carryOut does a job.
func (s *Server) carryOut(c *Call, j *job) *resttest.Answer {
	s.mu.Lock()
	wrong := j.enter(c)
	var a *resttest.Answer
	if wrong == nil {
		a, wrong = j.work(c)
	}
	s.mu.Unlock()
	if wrong != nil {
		return s.refusal(c, j, wrong)
	}
	return a
}

// run does a job, broken by the fault that waits for it.
func (s *Server) run(ctx context.Context, c *Call, j *job) *resttest.Answer {
	f := s.faults.Take(func(f *Fault) bool { return f.suits(c) })
	if f == nil {
		return s.carryOut(c, j)
	}
	c.Fault = f.Kind
	switch f.Kind {
	case CloseBefore:
		return resttest.Cut()
	case AppliedLate:
		return s.applyLate(c, j, f.Delay)
	case TokenEnds:
		s.EndTokens()
	case Meanwhile:
		if f.Do != nil {
			f.Do()
		}
	case Slow:
		s.opts.Wait(ctx, f.Delay)
	}
	if a := s.broken(c, j, f); a != nil {
		if f.Done {
			s.carryOut(c, j)
		}
		return a
	}
	return s.spoil(ctx, f, s.carryOut(c, j))
}

// broken gives what stands for the true answer, nil for a fault that only spoils it.
func (s *Server) broken(c *Call, j *job, f *Fault) *resttest.Answer {
	switch f.Kind {
	case Throttled:
		return s.throttled(c)
	case RefuseRow:
		return s.refusal(c, j, invalid("refused"))
	case DatabaseLost:
		return s.refusal(c, j, &Refusal{http.StatusInternalServerError, DatabaseGone, "Connection Error"})
	case HTTPStatus:
		status := f.Status
		setDefault(&status, http.StatusInternalServerError)
		return resttest.Page(status, http.StatusText(status))
	case HTMLPage:
		return resttest.Page(http.StatusOK, "We will be back soon")
	case EmptyBody:
		return resttest.NewAnswer(http.StatusOK, "application/json", nil)
	}
	return nil
}

// spoil damages the true answer.
func (s *Server) spoil(ctx context.Context, f *Fault, a *resttest.Answer) *resttest.Answer {
	switch f.Kind {
	case CloseAfter:
		a.Closed = true
	case SlowAnswer:
		s.opts.Wait(ctx, f.Delay)
	case CutBody:
		a.Keep = min(f.Keep, max(0, len(a.Body)-1))
	case Truncated:
		a.Body = bytes.Clone(a.Body[:min(f.Keep, max(0, len(a.Body)-1))])
	}
	return a
}

// applyLate lets a call in and carries it out after d, in a journal entry of its own.
func (s *Server) applyLate(c *Call, j *job, d time.Duration) *resttest.Answer {
	s.mu.Lock()
	wrong := j.enter(c)
	s.mu.Unlock()
	if wrong != nil {
		s.refusal(c, j, wrong)
		return resttest.Cut()
	}
	c.Outcome = Pending
	first := *c
	s.late.Add(d, func() {
		again := first
		again.Seq, again.At, again.Late, again.Outcome = s.calls.Next(), s.clock.Now(), true, ""
		a := s.carryOut(&again, &job{store: j.store, enter: func(*Call) *Refusal { return nil }, work: j.work})
		a.Closed = true
		s.end(&again, a)
	})
	return resttest.Cut()
}

// PendingLate tells how many calls wait to be applied late.
func (s *Server) PendingLate() int { return s.late.Pending() }

// FlushLate applies them now, in the order in which they came.
func (s *Server) FlushLate() { s.late.Flush() }

// RandomFaults breaks calls by chance for long runs. The same seed and the same calls break alike.
type RandomFaults struct {
	Seed     uint64
	Rate     float64       // part of the calls that break, 0 to 1
	Kinds    []FaultKind   // to choose from; nil means all but RefuseRow and Meanwhile
	MaxDelay time.Duration // of Slow and SlowAnswer; default 50 ms
	MaxLate  time.Duration // of AppliedLate; default 1 s
}

// SetRandomFaults begins to break calls by chance; Rate 0 ends it. Scripted faults come first.
func (s *Server) SetRandomFaults(r RandomFaults) {
	if r.Rate <= 0 {
		s.faults.SetChance(nil)
		return
	}
	if r.Kinds == nil {
		r.Kinds = slices.DeleteFunc(slices.Clone(kinds), func(k FaultKind) bool { return k == RefuseRow || k == Meanwhile })
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
	f := &Fault{Kind: r.Kinds[dice.IntN(len(r.Kinds))], Keep: dice.IntN(300)}
	switch f.Kind {
	case HTTPStatus:
		f.Status, f.Done = []int{500, 408, 502, 503}[dice.IntN(4)], dice.IntN(2) == 0
	case HTMLPage, EmptyBody:
		f.Done = dice.IntN(2) == 0
	case AppliedLate:
		f.Delay = time.Duration(dice.Int64N(int64(r.MaxLate)))
	case Slow, SlowAnswer:
		f.Delay = time.Duration(dice.Int64N(int64(r.MaxDelay)))
	}
	return f
}
