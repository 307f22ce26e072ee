package sagex3test

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

// The kinds. "Done" means that the call was carried out all the same.
const (
	NoChildren     FaultKind = "no-children"     // 500 No Web services accepted; not done
	BusyPool       FaultKind = "busy-pool"       // status 0 with busy; not done
	UnknownService FaultKind = "unknown-service" // Unknown web service (0); not done
	LoginError     FaultKind = "login-error"     // Change login error; not done
	DeadWorker     FaultKind = "dead-worker"     // status 0 without a message: the worker's session is broken; not done
	Unauthorized   FaultKind = "unauthorized"    // 401; not done
	HTTPStatus     FaultKind = "http-status"     // Fault.Status with a page of HTML; done only with Fault.Done
	RefuseRecord   FaultKind = "refuse-record"   // status 0 and a message of type 3 with Fault.Text; not done
	Warn           FaultKind = "warn"            // a message of type 2 with Fault.Text besides what is answered; done
	PartialResult  FaultKind = "partial-result"  // a query gives Fault.Row of its rows, with SIZE for all and a warning, or without a word with Fault.Quiet
	EmptyResult    FaultKind = "empty-result"    // status 1 and no resultXml; done
	BadXML         FaultKind = "bad-xml"         // resultXml is not well-formed; done
	BadEnvelope    FaultKind = "bad-envelope"    // the envelope is not well-formed; done
	Slow           FaultKind = "slow"            // holds a worker for Fault.Delay, then works; a caller who left does not stop it
	SlowAnswer     FaultKind = "slow-answer"     // done at once, answers after Fault.Delay
	CutBody        FaultKind = "cut-body"        // the answer breaks off after Fault.Keep bytes with its connection; done
	Truncated      FaultKind = "truncated"       // an answer whose length is right and which ends after Fault.Keep bytes; done
	CloseBefore    FaultKind = "close-before"    // the connection is cut, nothing is done
	CloseAfter     FaultKind = "close-after"     // the connection is cut without an answer; done
	AppliedLate    FaultKind = "applied-late"    // the connection is cut; done after Fault.Delay
)

// Fault breaks calls of the web services, and of REST where that makes sense. The zero values of Op, Object, Key and Endpoint match
// every call.
type Fault struct {
	Kind     FaultKind
	Endpoint string // EndpointV7, EndpointV6, EndpointREST
	Op       string // as the WSDL spells it: save
	Object   Object
	Key      string // of a read or write
	Skip     int    // matching calls that pass before
	Count    int    // calls that break; 0 means 1, below 0 means all until ClearFaults

	Status int    // HTTPStatus: default 503
	Text   string // RefuseRecord, Warn
	Done   bool
	Quiet  bool
	Delay  time.Duration
	Keep   int // bytes
	Row    int // rows
}

var kinds = []FaultKind{NoChildren, BusyPool, UnknownService, LoginError, DeadWorker, Unauthorized, HTTPStatus, RefuseRecord, Warn, PartialResult, EmptyResult, BadXML,
	BadEnvelope, Slow, SlowAnswer, CutBody, Truncated, CloseBefore, CloseAfter, AppliedLate}

// faults are the scripted ones, tried in their order, then the random ones.
type faults struct {
	mu     sync.Mutex // guards all of it
	script []Fault
	random *dice
}

// AddFault adds a fault behind those that wait.
func (s *Server) AddFault(f Fault) {
	if !slices.Contains(kinds, f.Kind) {
		panic("sagex3test: Kind: unknown")
	}
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
func (k FaultKind) suits(c *Call) bool {
	switch k {
	case PartialResult:
		return c.Op == opQuery
	case NoChildren, BusyPool, UnknownService, LoginError, DeadWorker, RefuseRecord, Warn, EmptyResult, BadXML, BadEnvelope, AppliedLate:
		return c.Endpoint != EndpointREST
	}
	return true
}

func (f *Fault) matches(c *Call) bool {
	return f.Kind.suits(c) && (f.Endpoint == "" || f.Endpoint == c.Endpoint) && (f.Op == "" || f.Op == c.Op) &&
		(f.Object == "" || f.Object == c.Object) && (f.Key == "" || f.Key == c.Key)
}

// take gives the fault that breaks this call, nil if it passes.
func (fs *faults) take(c *Call) *Fault {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	for i := range fs.script {
		f := &fs.script[i]
		if !f.matches(c) {
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
		return fs.random.throw(c)
	}
	return nil
}

// withFaults does a call's work, broken by the fault that waits for it.
func (s *Server) withFaults(ctx context.Context, c *Call, q *request, how style, who User) *answer {
	f := s.faults.take(c)
	if f == nil {
		return s.inPool(ctx, c, q, how, who)
	}
	c.Fault, q.fault = f.Kind, f
	if f.Kind == CloseBefore {
		return &answer{closed: true}
	}
	if f.Kind == AppliedLate {
		c.Outcome = Cut
		s.applyLate(c, q, how, who, f.Delay)
		return &answer{closed: true}
	}
	if a := s.broken(c, q, how, f); a != nil {
		if f.Done {
			s.inPool(ctx, c, q, how, who)
		}
		return a
	}
	return f.spoil(ctx, q, how, s.inPool(ctx, c, q, how, who))
}

// broken gives what stands for the true answer, nil for a fault that only spoils it.
func (s *Server) broken(c *Call, q *request, how style, f *Fault) *answer {
	lang := q.context["codeLang"]
	switch f.Kind {
	case NoChildren:
		return soapFault("Server", "No Web services accepted")
	case BusyPool:
		return how.answer(q.op, busyPool(q))
	case UnknownService:
		return how.answer(q.op, refused(plain("Unknown web service (0)"), lang))
	case LoginError:
		return how.answer(q.op, refused(errLogin, lang))
	case DeadWorker:
		return how.answer(q.op, &result{})
	case Unauthorized:
		return unauthorized()
	case HTTPStatus:
		return f.page()
	case RefuseRecord:
		res := refused(plain("%s", f.Text), lang)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.trace(c, res, configOf(q.context["requestConfig"]).on("adxwss.trace.on"))
		return how.answer(q.op, res)
	}
	return nil
}

func (f *Fault) page() *answer {
	status := f.Status
	setDefault(&status, http.StatusServiceUnavailable)
	return page(status, http.StatusText(status))
}

// spoil damages the true answer.
func (f *Fault) spoil(ctx context.Context, q *request, how style, a *answer) *answer {
	if r := a.soap; r != nil {
		switch f.Kind {
		case Warn:
			return how.answer(q.op, r.note([]message{{warning, *plain("%s", f.Text)}}))
		case EmptyResult:
			r.xml = ""
			return how.answer(q.op, r)
		case BadXML:
			r.xml = strings.Replace(r.xml, "</", "<", 1) + "<"
			return how.answer(q.op, r)
		}
	}
	switch f.Kind {
	case BadEnvelope:
		a.body = []byte(strings.Replace(string(a.body), "</soapenv:Body>", "", 1))
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
