package centrixonetest

import (
	"bytes"
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
	Status         FaultKind = "status"           // Fault.Status as text; done only with Fault.Done
	HTML200        FaultKind = "html200"          // 200 text/html, the session is over; done only with Fault.Done
	NotSuccess     FaultKind = "not-success"      // 200 JSON whose Result is Error; done only with Fault.Done
	WrongType      FaultKind = "wrong-type"       // the right JSON as text/plain; done
	CutBody        FaultKind = "cut-body"         // the answer breaks off after Fault.Keep bytes; done
	CloseBefore    FaultKind = "close-before"     // the connection is cut, nothing is done
	CloseAfter     FaultKind = "close-after"      // the connection is cut without an answer; done
	AppliedLate    FaultKind = "applied-late"     // the connection is cut; done after Fault.Delay
	Delay          FaultKind = "delay"            // waits Fault.Delay, then works; a caller who left does not stop it
	DelayAnswer    FaultKind = "delay-answer"     // done at once, answers after Fault.Delay
	Always304      FaultKind = "always-304"       // a GET gets 304, asked for or not
	Never304       FaultKind = "never-304"        // a GET gets its rows although nothing changed
	NoLastModified FaultKind = "no-last-modified" // a GET's answer has no Last-Modified
)

// Fault breaks calls. The zero values of Resource, Method and ExternalID match every call.
type Fault struct {
	Kind     FaultKind
	Resource Resource
	Method   string
	// ExternalID matches POSTs that hold this external id: a record that is poison to its batch.
	ExternalID string
	Skip       int // matching calls that pass before
	Count      int // calls that break; 0 means 1, below 0 means all until ClearFaults

	Status     int           // Status: default 500
	Text       string        // Status: default the standard text
	RetryAfter time.Duration // Status: 0 means no such header
	RetryDate  bool          // Retry-After as an HTTP date
	Done       bool
	Delay      time.Duration
	Keep       int
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

// readsOnly says whether a kind means nothing for a POST.
func (k FaultKind) readsOnly() bool { return k == Always304 || k == Never304 || k == NoLastModified }

func (f *Fault) matches(q *request) bool {
	if f.Kind.readsOnly() && q.method != http.MethodGet {
		return false
	}
	return (f.Resource == "" || f.Resource == q.target.resource) && (f.Method == "" || f.Method == q.method) &&
		(f.ExternalID == "" || (q.method == http.MethodPost && bytes.Contains(q.body, []byte(`"`+f.ExternalID+`"`))))
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
	c.Fault = f.Kind
	switch f.Kind {
	case CloseBefore:
		return &answer{closed: true}
	case AppliedLate:
		c.Outcome = Pending
		s.applyLate(c, q, f.Delay)
		return &answer{closed: true}
	case Delay:
		wait(ctx, f.Delay)
	case Never304:
		q.ifModified = ""
	case Always304:
		return &answer{status: http.StatusNotModified, keep: -1}
	}
	if made := f.answer(s.clock.Now()); made != nil {
		if f.Done {
			s.process(c, q)
		}
		return made
	}
	return f.spoil(ctx, s.process(c, q))
}

// answer gives the answer that stands for the true one, nil for a fault that only spoils it.
func (f *Fault) answer(now time.Time) *answer {
	switch f.Kind {
	case Status:
		status := f.Status
		setDefault(&status, http.StatusInternalServerError)
		body := f.Text
		setDefault(&body, http.StatusText(status))
		a := textAnswer(status, body)
		if f.RetryAfter > 0 {
			a.setRetry(f.RetryAfter, f.RetryDate, now)
		}
		return a
	case HTML200:
		a := textAnswer(200, "<html><body>Votre session est expirée.</body></html>")
		a.header.Set("Content-Type", "text/html; charset=utf-8")
		return a
	case NotSuccess:
		return jsonAnswer([]byte(`{"Result":"Error"}`))
	}
	return nil
}

// spoil damages the true answer.
func (f *Fault) spoil(ctx context.Context, a *answer) *answer {
	switch f.Kind {
	case CloseAfter:
		a.closed = true
	case DelayAnswer:
		wait(ctx, f.Delay)
	case CutBody:
		a.keep = min(f.Keep, max(0, len(a.body)-1))
	case WrongType:
		if a.status == 200 {
			a.header.Set("Content-Type", "text/plain; charset=utf-8")
		}
	case NoLastModified:
		a.header.Del("Last-Modified")
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
