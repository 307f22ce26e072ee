package outlooktest

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"
)

// FaultKind is a way in which a call goes wrong.
type FaultKind string

// The kinds. "Done" means that the call was carried out all the same. Go's own HTTP client repeats a
// GET by itself when a connection that it used before is cut, so that two faults may be needed.
const (
	Throttle      FaultKind = "throttle"       // 429 with Fault.Retry; not done
	Unavailable   FaultKind = "unavailable"    // 503 with a page of HTML, or Fault.Status; done only with Fault.Done
	Unauthorized  FaultKind = "unauthorized"   // 401, and all tokens are over; not done
	Forbidden     FaultKind = "forbidden"      // 403, as for a mailbox that the application may not open; not done
	Missing       FaultKind = "missing"        // 404, as for an item that was moved meanwhile; not done
	Forgotten     FaultKind = "forgotten"      // a state token is not known any more; not done
	Slow          FaultKind = "slow"           // waits Fault.Delay, then works; a caller who left does not stop it
	SlowAnswer    FaultKind = "slow-answer"    // done at once, answers after Fault.Delay
	CutBody       FaultKind = "cut-body"       // the answer breaks off after Fault.Keep bytes with its connection; done
	CloseBefore   FaultKind = "close-before"   // the connection is cut, nothing is done
	CloseAfter    FaultKind = "close-after"    // the connection is cut without an answer; done
	AppliedLate   FaultKind = "applied-late"   // the connection is cut; done after Fault.Delay
	PageTwice     FaultKind = "page-twice"     // a page of a round leads to itself, once
	EmptyPage     FaultKind = "empty-page"     // a page of a round has no items and leads on
	DuplicateItem FaultKind = "duplicate-item" // the first item of a page is on it again, with another changeKey
	Replay        FaultKind = "replay"         // a page tells again of an item that has not changed
)

// Fault breaks calls. The zero values of Method, Op, Item and Mailbox match every call.
type Fault struct {
	Kind    FaultKind
	Method  string
	Op      string // OpToken, OpBatch, OpList, OpRead, OpCreate, OpUpdate, OpDelete, OpDelta, OpPage
	Item    Kind   // of what the call is about
	Mailbox string
	Skip    int // matching calls that pass before
	Count   int // calls that break; 0 means 1, below 0 means all until ClearFaults

	Status int           // Unavailable: default 503
	Retry  time.Duration // Throttle, Unavailable: Retry-After, in the form of the switch; Throttle: default 10 s
	Done   bool
	Delay  time.Duration
	Keep   int // bytes
}

// faults are the scripted ones, tried in their order, then the random ones.
type faults struct {
	mu     sync.Mutex // guards all of it
	script []Fault
	random *dice
}

// AddFault adds a fault behind those that wait.
func (s *Server) AddFault(f Fault) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	if f.Count == 0 {
		f.Count = 1
	}
	s.faults.script = append(s.faults.script, f)
}

// ClearFaults ends all faults, scripted and random. What is to be applied late stays.
func (s *Server) ClearFaults() { s.faults.clear() }

// Faults gives the scripted faults that wait, with what is left of Skip and Count.
func (s *Server) Faults() []Fault {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	return slices.Clone(s.faults.script)
}

func (fs *faults) clear() {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	fs.script, fs.random = nil, nil
}

// suits says whether a kind means something for a call.
func (k FaultKind) suits(q *request) bool {
	switch k {
	case PageTwice, EmptyPage, DuplicateItem, Replay:
		return q.op == OpDelta || q.op == OpPage
	case Forgotten:
		return q.op == OpPage || q.op == OpDelta && q.query.Get("$deltatoken") != ""
	case Missing:
		return q.id != "" && q.kind != ""
	case Unauthorized, Forbidden:
		return q.op != OpToken
	}
	return true
}

func (f *Fault) matches(q *request, mailbox string) bool {
	return f.Kind.suits(q) && (f.Method == "" || f.Method == q.method) && (f.Op == "" || f.Op == q.op) &&
		(f.Item == "" || f.Item == q.kind) && (f.Mailbox == "" || f.Mailbox == mailbox)
}

func (q *request) faulty(k FaultKind) bool { return q.fault != nil && q.fault.Kind == k }

// take gives the fault that breaks this call, nil if it passes.
func (fs *faults) take(q *request, mailbox string) *Fault {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	for i := range fs.script {
		f := &fs.script[i]
		if !f.matches(q, mailbox) {
			continue
		}
		if f.Skip > 0 {
			f.Skip--
			continue
		}
		taken := *f
		if f.Count--; f.Count == 0 {
			fs.script = slices.Delete(fs.script, i, i+1)
		}
		return &taken
	}
	if fs.random != nil {
		return fs.random.throw(q)
	}
	return nil
}

// withFaults does a call's work, broken by the fault that waits for it.
func (s *Server) withFaults(ctx context.Context, c *Call, mb *mailbox, q *request, work func() *answer) *answer {
	f := s.faults.take(q, c.Mailbox)
	if f == nil {
		return work()
	}
	c.Fault, q.fault = f.Kind, f
	switch f.Kind {
	case CloseBefore:
		return &answer{closed: true}
	case AppliedLate:
		c.Outcome = Pending
		s.applyLate(c, mb, q, f.Delay)
		return &answer{closed: true}
	case Slow:
		wait(ctx, f.Delay)
	}
	if prob := s.broken(mb, q, f); prob != nil {
		if f.Done {
			work()
		}
		return s.refused(c, prob)
	}
	return f.spoil(ctx, work())
}

// broken gives the refusal that stands for the true answer, nil for a fault that only spoils it.
func (s *Server) broken(mb *mailbox, q *request, f *Fault) *problem {
	switch f.Kind {
	case Throttle:
		retry := f.Retry
		setDefault(&retry, 10*time.Second)
		return throttled(concurrency, retry)
	case Unavailable:
		status := f.Status
		setDefault(&status, http.StatusServiceUnavailable)
		return &problem{status: status, code: http.StatusText(status), message: http.StatusText(status), html: true, retry: f.Retry}
	case Unauthorized:
		s.RevokeTokens()
		return unauthenticated("Lifetime validation failed, the token is expired.")
	case Forbidden:
		return denied()
	case Missing:
		return notFound()
	case Forgotten:
		s.mu.Lock()
		defer s.mu.Unlock()
		token := q.query.Get("$deltatoken")
		setDefault(&token, q.query.Get("$skiptoken"))
		mb.forget(token)
		return s.reset(mb, q, token)
	}
	return nil
}

// spoil damages the true answer.
func (f *Fault) spoil(ctx context.Context, a *answer) *answer {
	switch f.Kind {
	case CloseAfter:
		a.closed = true
	case SlowAnswer:
		wait(ctx, f.Delay)
	case CutBody:
		a.keep = min(f.Keep, max(0, len(a.body)-1))
	}
	return a
}

// wait ends early when the caller leaves.
func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
