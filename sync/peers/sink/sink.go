// Package sink is the HTTP service that the programs of the benchmark deliver to. It knows each of their forms,
// counts what it gets, and imports nothing of any of them.
package sink

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync"
)

// Stat counts what came in since the sink began.
type Stat struct {
	Requests int `json:"requests"`
	Records  int `json:"records"`  // in all requests, repeated ones included
	Repeated int `json:"repeated"` // of these, known by their idempotency key
}

// Got is what came in of one record since the last Begin.
type Got struct {
	Times int
	Phone string // as it came last
}

// Sink takes POST of any path, and answers with 200 once it has counted the records. GET /stat gives Stat as JSON,
// GET /records/ID says with 200 or 404 whether a record of that identity ever came.
//
// A body is one of
//
//	{"records":[{"op":"…","id":"…","fields":{"phone":"…", …}}, …]}    op is an idempotency key
//	{"metrics":[{"tags":{"id":"…"},"fields":{"phone":"…", …}}, …]}    Telegraf's JSON
//	[{"id":"…","phone":"…", …}, …]                                    Node-RED's rows
type Sink struct {
	mu    sync.Mutex // protects all below
	stat  Stat
	ops   map[string]bool
	ever  map[string]bool
	got   map[string]Got
	count int           // records since Begin
	more  chan struct{} // closed when some came in
	hold  int           // the answer to the request that brings count so far is held back; 0 = none
	held  chan struct{} // closed when it is
}

// New makes an empty sink.
func New() *Sink {
	return &Sink{ops: map[string]bool{}, ever: map[string]bool{}, got: map[string]Got{}, more: make(chan struct{})}
}

// Stat gives the counts so far.
func (s *Sink) Stat() Stat {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stat
}

// Begin forgets what Got and Count tell.
func (s *Sink) Begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.got, s.count, s.hold = map[string]Got{}, 0, 0
}

// Got gives the records that came since Begin, by identity.
func (s *Sink) Got() map[string]Got {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.got)
}

// Count gives how many records came since Begin, each as often as it came; more is closed when that changes.
func (s *Sink) Count() (n int, more <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count, s.more
}

// Hold keeps back the answer to the request with which n records have come since Begin: they are counted, and whoever
// sent them does not hear of it before he gives up. held is closed when that is so.
func (s *Sink) Hold(n int) (held <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hold, s.held = n, make(chan struct{})
	return s.held
}

// ServeHTTP answers.
func (s *Sink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id, asked := strings.CutPrefix(r.URL.Path, "/records/")
	switch {
	case r.Method == http.MethodPost:
		s.post(w, r)
	case r.URL.Path == "/stat":
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(s.Stat()) // whoever asked is gone
	case !asked || !s.has(id):
		http.NotFound(w, r)
	}
}

func (s *Sink) has(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ever[id]
}

func (s *Sink) post(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // cut off: nothing of it counts
	}
	rows, err := decode(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if s.add(rows) {
		<-r.Context().Done()
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte("{}")) // whoever sent it is gone
}

// add counts the records of one request, and says whether its answer is to be held back.
func (s *Sink) add(rows []row) (hold bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stat.Requests++
	for _, r := range rows {
		s.stat.Records++
		if s.ops[r.Op] {
			s.stat.Repeated++
		}
		if r.Op != "" {
			s.ops[r.Op] = true
		}
		s.ever[r.id()] = true
		s.got[r.id()] = Got{Times: s.got[r.id()].Times + 1, Phone: r.phone()}
	}
	s.count += len(rows)
	close(s.more)
	s.more = make(chan struct{})
	if s.hold > 0 && s.count >= s.hold {
		s.hold = 0
		close(s.held)
		return true
	}
	return false
}

// row is a record in any of the forms.
type row struct {
	Op     string
	ID     string
	Phone  string
	Tags   struct{ ID string }
	Fields struct{ Phone string }
}

func (r *row) id() string {
	if r.ID == "" {
		return r.Tags.ID
	}
	return r.ID
}

func (r *row) phone() string {
	if r.Phone == "" {
		return r.Fields.Phone
	}
	return r.Phone
}

// decode reads a body. All of its records have an identity.
func decode(body []byte) (rows []row, err error) {
	if bytes.HasPrefix(bytes.TrimSpace(body), []byte{'['}) {
		err = json.Unmarshal(body, &rows)
	} else {
		var all struct{ Records, Metrics []row }
		err = json.Unmarshal(body, &all)
		rows = append(all.Records, all.Metrics...)
	}
	if err != nil {
		return nil, fmt.Errorf("body: %w", err)
	}
	for i := range rows {
		if rows[i].id() == "" {
			return nil, fmt.Errorf("body: record %d of %d has no id", i+1, len(rows))
		}
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("body: no records")
	}
	return rows, nil
}
