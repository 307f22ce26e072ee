package quickbookstest

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// FaultKind is a way in which a call goes wrong.
type FaultKind string

// The kinds. "Done" means that the call was carried out all the same. Go's own HTTP client repeats a
// GET by itself when a connection that it used before is cut, so that two faults may be needed.
const (
	SystemError  FaultKind = "system-error"  // 500 with SystemFault 10000; done only with Fault.Done
	Unavailable  FaultKind = "unavailable"   // 503 with a page of HTML, or Fault.Status; done only with Fault.Done
	Fault200     FaultKind = "fault-200"     // 200 with a Fault; done only with Fault.Done
	Throttle     FaultKind = "throttle"      // 429; not done
	Unauthorized FaultKind = "unauthorized"  // 401, as of a token that ended meanwhile; not done
	Poison       FaultKind = "poison"        // a query gets 4002, as if a row of it were poison
	Slow         FaultKind = "slow"          // waits Fault.Delay, then works; a caller who left does not stop it
	SlowAnswer   FaultKind = "slow-answer"   // done at once, answers after Fault.Delay
	CutBody      FaultKind = "cut-body"      // the answer breaks off after Fault.Keep bytes with its connection; done
	Truncated    FaultKind = "truncated"     // an answer whose length is right and whose JSON ends after Fault.Keep bytes; done
	CloseBefore  FaultKind = "close-before"  // the connection is cut, nothing is done
	CloseAfter   FaultKind = "close-after"   // the connection is cut without an answer; done
	AppliedLate  FaultKind = "applied-late"  // the connection is cut; done after Fault.Delay
	FalseDeleted FaultKind = "false-deleted" // change data calls a live row deleted: Fault.ID, or that at Fault.Row of Fault.Entity
	StaleTokens  FaultKind = "stale-tokens"  // lists show each changed row with the SyncToken before its own
	TouchRow     FaultKind = "touch-row"     // after a query somebody changes the row at Fault.Row of all it matches
	BatchItem    FaultKind = "batch-item"    // item Fault.Row of a batch gets a Fault; the others are done
)

// Fault breaks calls. The zero values of Op, Entity, Method, Path and ID match every call.
type Fault struct {
	Kind   FaultKind
	Method string
	Op     string // OpRead, OpQuery, OpCDC, OpBatch, OpCreate, OpUpdate, OpDelete
	Path   string // behind the company: customer matches customer and customer/12
	// Entity matches what a call is about. A query, change data and a batch are about all that they name.
	Entity Entity
	ID     string // matches a read or write of this Id; FalseDeleted: which row is misreported
	Skip   int    // matching calls that pass before
	Count  int    // calls that break; 0 means 1, below 0 means all until ClearFaults

	Status int // Unavailable: default 503
	Code   string
	Text   string // Fault200, BatchItem: code and detail; default 6000
	Done   bool
	Delay  time.Duration
	Keep   int // bytes
	Row    int // from 0
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

// suits says whether a kind means something for an operation.
func (k FaultKind) suits(op string) bool {
	switch k {
	case Poison, TouchRow:
		return op == OpQuery
	case FalseDeleted:
		return op == OpCDC
	case StaleTokens:
		return op == OpQuery || op == OpCDC
	case BatchItem:
		return op == OpBatch
	}
	return true
}

func (f *Fault) matches(q *request) bool {
	return f.Kind.suits(q.op) && (f.Method == "" || f.Method == q.method) && (f.Op == "" || f.Op == q.op) &&
		(f.Path == "" || f.Path == q.path || strings.HasPrefix(q.path, f.Path+"/")) &&
		(f.Entity == "" || slices.Contains(q.about(), f.Entity)) && (f.ID == "" || f.Kind == FalseDeleted || f.ID == q.id)
}

// about gives the entities that a call names.
func (q *request) about() (all []Entity) {
	switch q.op {
	case OpQuery:
		return queried(q.statement)
	case OpCDC:
		for word := range strings.SplitSeq(q.query.Get("entities"), ",") {
			all = append(all, entityOf(strings.TrimSpace(word)))
		}
		return all
	case OpBatch:
		for _, item := range q.items {
			all = append(append(all, item.write.Entity), queried(item.query)...)
		}
		return all
	}
	return []Entity{q.entity}
}

func queried(statement string) []Entity {
	if st, prob := parseStatement(statement, time.UTC, true); prob == nil {
		return []Entity{st.entity}
	}
	return nil
}

// take gives the fault that breaks this call, nil if it passes.
func (fs *faults) take(q *request) *Fault {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	for i := range fs.script {
		f := &fs.script[i]
		if !f.matches(q) {
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
func (s *Server) withFaults(ctx context.Context, c *Call, q *request) *answer {
	f := s.faults.take(q)
	if f == nil {
		return s.process(c, q)
	}
	c.Fault, q.fault = f.Kind, f
	switch f.Kind {
	case CloseBefore:
		return &answer{closed: true}
	case AppliedLate:
		c.Outcome = Pending
		s.applyLate(c, q, f.Delay)
		return &answer{closed: true}
	case Slow:
		wait(ctx, f.Delay)
	}
	if prob := s.broken(c, f); prob != nil {
		if f.Done {
			s.process(c, q)
		}
		return s.refuse(prob)
	}
	return f.spoil(ctx, s.process(c, q))
}

// broken gives the fault that stands for the true answer, nil for one that only spoils it.
func (s *Server) broken(c *Call, f *Fault) *problem {
	switch f.Kind {
	case SystemError:
		return systemFault()
	case Unavailable:
		status := f.Status
		setDefault(&status, http.StatusServiceUnavailable)
		return page(status, http.StatusText(status))
	case Fault200:
		p := f.business()
		p.status = http.StatusOK
		return p
	case Poison:
		return poisoned()
	case Throttle:
		c.Throttled = true
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.throttled("The request limit was reached.  Try again later")
	case Unauthorized:
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.denied(&Refusal{Text: "Token expired"})
	}
	return nil
}

// business is a Fault with the code and text of f.
func (f *Fault) business() *problem {
	code, detail := f.Code, f.Text
	setDefault(&code, "6000")
	setDefault(&detail, "Business Validation Error: Make sure all your transactions have a GST/HST rate before you save.")
	return invalid(code, "A business validation error has occurred while processing your request", detail, "")
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
	case Truncated:
		a.body = a.body[:min(f.Keep, max(0, len(a.body)-1))]
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
