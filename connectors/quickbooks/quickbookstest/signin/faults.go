package signin

import (
	"context"
	"net/http"
	"slices"
	"sync"
)

// FaultKind is a way in which a call goes wrong.
type FaultKind string

// The kinds. "Done" means that the call was carried out all the same.
const (
	Status      FaultKind = "status"       // Fault.Status (default 503) with an HTML body; done only with Fault.Done
	HTML200     FaultKind = "html200"      // 200 with an HTML page; not done
	NoToken     FaultKind = "no-token"     // 200 with the JSON of an error and no token in it; not done
	CutBody     FaultKind = "cut-body"     // the answer breaks off after Fault.Keep bytes; done
	CloseBefore FaultKind = "close-before" // the connection is cut, nothing is done
	CloseAfter  FaultKind = "close-after"  // the connection is cut without an answer; done
	// RotateAndDrop gives a refresh a new refresh token, however young the old one is, and cuts the
	// connection without an answer.
	RotateAndDrop FaultKind = "rotate-and-drop"
	Hold          FaultKind = "hold"        // waits for Release or for the caller to leave, then works
	HoldAnswer    FaultKind = "hold-answer" // done at once; the answer waits for Release or for the caller to leave
	// HandOverFails is of the relay's Callback: the person comes back, and the box never hears of it.
	HandOverFails FaultKind = "hand-over-fails"
)

// Fault breaks calls.
type Fault struct {
	Kind   FaultKind
	What   What // "" matches every call
	Skip   int  // matching calls that pass before
	Count  int  // calls that break; 0 means 1, below 0 means all until ClearFaults
	Status int  // Status: 503 or 504, or another
	Done   bool // Status
	Keep   int  // CutBody: bytes
}

// faults are the scripted ones, tried in their order, then the random ones.
type faults struct {
	mu      sync.Mutex // guards all of it
	script  []Fault
	random  *dice
	release chan struct{}
	held    int
}

func newFaults() *faults { return &faults{release: make(chan struct{})} }

// AddFault adds a fault behind those that wait.
func (fs *faults) AddFault(f Fault) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	setDefault(&f.Count, 1)
	setDefault(&f.Status, http.StatusServiceUnavailable)
	fs.script = append(fs.script, f)
}

// Faults gives the scripted faults that wait, with what is left of Skip and Count.
func (fs *faults) Faults() []Fault {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	return slices.Clone(fs.script)
}

// ClearFaults ends all faults, scripted and random. Calls that are held stay so until Release.
func (fs *faults) ClearFaults() {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	fs.script, fs.random = nil, nil
}

// Release lets the calls go on that Hold and HoldAnswer hold.
func (fs *faults) Release() {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	close(fs.release)
	fs.release = make(chan struct{})
}

// Held tells how many calls wait for Release.
func (fs *faults) Held() int {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	return fs.held
}

func (f *Fault) matches(w What) bool {
	switch f.Kind {
	case RotateAndDrop:
		return w == Refresh
	case HandOverFails:
		return w == Callback
	}
	return f.What == "" || f.What == w
}

// take gives the fault that breaks this call; its Kind is empty if the call passes.
func (fs *faults) take(w What) Fault {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	for i := range fs.script {
		f := &fs.script[i]
		if !f.matches(w) {
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
		return taken
	}
	if fs.random != nil {
		return fs.random.throw(w)
	}
	return Fault{}
}

// hold waits for Release, and tells whether the caller is still there.
func (fs *faults) hold(ctx context.Context) bool {
	fs.mu.Lock()
	release := fs.release
	fs.held++
	fs.mu.Unlock()
	defer func() {
		fs.mu.Lock()
		defer fs.mu.Unlock()
		fs.held--
	}()
	select {
	case <-release:
		return true
	case <-ctx.Done():
		return false
	}
}

// through does a call's work, broken by the fault that waits for it. work reads c.Fault.
func (fs *faults) through(ctx context.Context, c *Call, work func() *answer) *answer {
	f := fs.take(c.What)
	c.Fault = f.Kind
	switch f.Kind {
	case CloseBefore:
		return &answer{closed: true, reason: "cut before the work"}
	case Status:
		a := notAllowed(f.Status)
		if f.Done {
			work()
		}
		return a
	case HTML200:
		return page(http.StatusOK, "<html><body>Down for maintenance.</body></html>")
	case NoToken:
		return jsonAnswer(http.StatusOK, map[string]string{"error": "invalid_grant"})
	case Hold:
		c.Lost = !fs.hold(ctx)
	}
	return fs.spoil(ctx, c, f, work())
}

// spoil damages the true answer.
func (fs *faults) spoil(ctx context.Context, c *Call, f Fault, a *answer) *answer {
	switch f.Kind {
	case CloseAfter, RotateAndDrop:
		a.closed = true
	case CutBody:
		a.keep = min(f.Keep, max(0, len(a.body)-1))
	case HoldAnswer:
		c.Lost = !fs.hold(ctx)
	}
	return a
}
