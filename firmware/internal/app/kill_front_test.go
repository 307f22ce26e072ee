package app_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"syncbox/connectors/centrixone/centrixonetest"
)

// ticking is a clock that never shows the same time twice, so that everything it dates has an order.
type ticking struct {
	mu   sync.Mutex // protects last
	last time.Time
}

func (c *ticking) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	if !now.After(c.last) {
		now = c.last.Add(time.Nanosecond)
	}
	c.last = now
	return now
}

// stage is a point of a call at which the box may die.
type stage int

const (
	neverArrives stage = iota // the CRM does not hear of it
	doneAlone                 // the box is dead before the CRM begins
	unanswered                // it is done, and the box dies before the answer
	stageCount   = iota
)

// trap kills the box at one of its calls.
type trap struct {
	method string
	call   int // which call of that method, from 1
	stage  stage
}

// front stands before the CRM: it kills the box in the middle of a call, and notes what the box was shown.
type front struct {
	crm   http.Handler
	clock *ticking
	url   string
	deeds sync.RWMutex // what people do in several steps is one for whoever calls

	mu     sync.Mutex // protects what follows
	life   int
	victim *victim
	trap   *trap
	shown  []showing
}

// showing is a complete answer with records.
type showing struct {
	life       int
	begin, end time.Time
	resource   centrixonetest.Resource
	ids        map[int64]bool
}

func newFront(t *testing.T, crm http.Handler, clock *ticking) *front {
	f := &front{crm: crm, clock: clock}
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	f.url = s.URL
	return f
}

// set sets the trap of the life to come.
func (f *front) set(t *trap) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.trap = t
}

func (f *front) begin(life int, v *victim) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.life, f.victim = life, v
}

// sprung gives the life that a call belongs to, and the trap that it is caught in, if any.
func (f *front) sprung(method string) (life int, caught *trap, v *victim) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.trap != nil && f.trap.method == method {
		if f.trap.call--; f.trap.call == 0 {
			caught, f.trap = f.trap, nil
		}
	}
	return f.life, caught, f.victim
}

// ServeHTTP passes a call on to the CRM.
func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.deeds.RLock()
	defer f.deeds.RUnlock()
	life, caught, v := f.sprung(r.Method)
	if caught != nil {
		f.spring(caught.stage, v, r)
	}
	begin := f.clock.now()
	copied := &copying{ResponseWriter: w}
	f.crm.ServeHTTP(copied, r) // panics where the answer is cut
	if r.Method == http.MethodGet && copied.status == http.StatusOK {
		f.note(showing{life: life, begin: begin, end: f.clock.now()}, r.URL.Path, copied.body.Bytes())
	}
}

// spring kills the box and carries the call out as far as the stage says. It does not return.
func (f *front) spring(s stage, v *victim, r *http.Request) {
	var body bytes.Buffer
	_, _ = body.ReadFrom(r.Body)
	r.Body = http.NoBody
	alone := r.Clone(r.Context())
	alone.Body = readCloser{&body}
	switch s {
	case doneAlone:
		v.kill()
		f.crm.ServeHTTP(httptest.NewRecorder(), alone)
	case unanswered:
		defer v.kill()
		f.crm.ServeHTTP(httptest.NewRecorder(), alone)
	default:
		v.kill()
	}
	panic(http.ErrAbortHandler)
}

type readCloser struct{ *bytes.Buffer }

func (readCloser) Close() error { return nil }

// note keeps which records an answer showed. A cut answer is none.
func (f *front) note(s showing, path string, body []byte) {
	name := path[strings.LastIndex(path, "/")+1:]
	resource, _, _ := strings.Cut(name, "-")
	var page map[string]json.RawMessage
	var rows []struct {
		ID int64 `json:"Id"`
	}
	if json.Unmarshal(body, &page) != nil || json.Unmarshal(page[resource], &rows) != nil {
		return
	}
	s.resource, s.ids = centrixonetest.Resource(resource), map[int64]bool{}
	for _, row := range rows {
		s.ids[row.ID] = true
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.shown = append(f.shown, s)
}

// knew says whether the box of a life was shown a record, as it was at from or later, before a time.
func (f *front) knew(life int, res centrixonetest.Resource, id int64, from, before time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, s := range f.shown {
		if s.life == life && s.resource == res && s.ids[id] && s.begin.After(from) && s.end.Before(before) {
			return true
		}
	}
	return false
}

// copying keeps what is sent.
type copying struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (c *copying) WriteHeader(status int) {
	c.status = status
	c.ResponseWriter.WriteHeader(status)
}

func (c *copying) Write(p []byte) (int, error) {
	c.body.Write(p)
	return c.ResponseWriter.Write(p)
}
