package sagecrmtest

import (
	"bytes"
	"context"
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
	QueryFails     FaultKind = "query-fails"     // Query failed to run successfully; of a query, queryid or next
	EntityDisabled FaultKind = "entity-disabled" // Entity 'x' is not Web Service enabled
	RefuseRecord   FaultKind = "refuse-record"   // a write is refused with Fault.Text
	SessionEnds    FaultKind = "session-ends"    // all sessions end just before the call
	SessionStolen  FaultKind = "session-stolen"  // another program logs on as the technical user just before the call
	Meanwhile      FaultKind = "meanwhile"       // Fault.Do runs just before the call; the call is carried out
	HTTPStatus     FaultKind = "http-status"     // Fault.Status with a page of HTML, default 503; done only with Fault.Done
	HTMLPage       FaultKind = "html-page"       // the same with status 200
	EmptyBody      FaultKind = "empty-body"      // 200 and not a byte; done only with Fault.Done
	WrongCharset   FaultKind = "wrong-charset"   // a header that names a character set which the body is not in; done
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
	Text   string // default "Validation error"
	Done   bool
	Delay  time.Duration
	Keep   int         // bytes
	Do     func(Fault) `json:"-"`
}

var kinds = []FaultKind{QueryFails, EntityDisabled, RefuseRecord, SessionEnds, SessionStolen, Meanwhile, HTTPStatus, HTMLPage, EmptyBody, WrongCharset, Slow,
	SlowAnswer, CutBody, Truncated, CloseBefore, CloseAfter, AppliedLate}

// AddFault adds a fault behind those that wait.
func (s *Server) AddFault(f Fault) { s.faults.Add(f) }

// ClearFaults ends all faults, scripted and random. What is to be applied late stays.
func (s *Server) ClearFaults() { s.faults.Clear() }

// Faults gives the scripted faults that wait, with what is left of Skip and Count.
func (s *Server) Faults() []Fault { return s.faults.Waiting() }

var (
	reads  = []string{"query", "queryid", "queryidnodate", "next", "queryentity", "read"}
	writes = []string{"add", "update", "delete", "create"}
)

// suits says whether a fault means something for a call.
func (f *Fault) suits(c *Call) bool {
	switch f.Kind {
	case QueryFails:
		if !slices.Contains(reads, c.Op) {
			return false
		}
	case RefuseRecord, AppliedLate:
		if !slices.Contains(writes, c.Op) {
			return false
		}
	case EntityDisabled:
		if c.Entity == "" {
			return false
		}
	}
	return (f.Endpoint == "" || f.Endpoint == c.Endpoint) && (f.Op == "" || f.Op == c.Op) && (f.Entity == "" || f.Entity == c.Entity) &&
		(f.ID == 0 || f.ID == c.ID)
}

// job is a call that was understood.
type job struct {
	enter  func(*Call) (*entered, *Refusal)                   // who calls
	work   func(*Call, *entered) (*resttest.Answer, *Refusal) // what he asks for
	refuse func(*Call, *Refusal) *resttest.Answer
}

// carryOut does a job.
func (s *Server) carryOut(c *Call, j *job) *resttest.Answer {
	s.mu.Lock()
	in, wrong := j.enter(c)
	var a *resttest.Answer
	if wrong == nil {
		a, wrong = j.work(c, in)
	}
	s.mu.Unlock()
	if wrong != nil {
		return j.refuse(c, wrong)
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
	case SessionEnds:
		s.EndSessions()
	case SessionStolen:
		s.Steal(s.opts.Login)
	case Meanwhile:
		if f.Do != nil {
			f.Do(*f)
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
	case QueryFails:
		return j.refuse(c, queryFailed())
	case EntityDisabled:
		return j.refuse(c, notEnabled(string(c.Entity)))
	case RefuseRecord:
		text := f.Text
		setDefault(&text, "Validation error")
		return j.refuse(c, refuse(invalid, text))
	case HTTPStatus:
		status := f.Status
		setDefault(&status, http.StatusServiceUnavailable)
		return resttest.Page(status, http.StatusText(status))
	case HTMLPage:
		return resttest.Page(http.StatusOK, "An error has occurred")
	case EmptyBody:
		return resttest.NewAnswer(http.StatusOK, xmlType, nil)
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
	case WrongCharset:
		a.Header.Set("Content-Type", "text/xml; charset=utf-16")
	}
	return a
}

// applyLate lets a call in and carries it out after d, in a journal entry of its own.
func (s *Server) applyLate(c *Call, j *job, d time.Duration) *resttest.Answer {
	s.mu.Lock()
	in, wrong := j.enter(c)
	s.mu.Unlock()
	if wrong != nil {
		j.refuse(c, wrong)
		return resttest.Cut()
	}
	c.Outcome = Pending
	first := *c
	s.late.Add(d, func() {
		again := first
		again.Seq, again.At, again.Late, again.Outcome = s.calls.Next(), s.clock.Now(), true, ""
		a := s.carryOut(&again, &job{enter: func(*Call) (*entered, *Refusal) { return in, nil }, work: j.work, refuse: j.refuse})
		a.Closed = true
		s.end(&again, a)
	})
	return resttest.Cut()
}

// PendingLate tells how many calls wait to be applied late.
func (s *Server) PendingLate() int { return s.late.Pending() }

// FlushLate applies them now, in the order in which they came.
func (s *Server) FlushLate() { s.late.Flush() }
