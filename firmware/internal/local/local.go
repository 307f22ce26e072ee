// Package local is the box's door for people on the box itself: status, journal, waiting list and commands
// over a Unix socket that only its owner may use. What it says is the same that every other door says.
package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/zeebo/xxh3"

	"syncbox/connectors"
	"syncbox/firmware/internal/app"
	"syncbox/firmware/internal/journal"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// Server answers on a Unix socket.
type Server struct {
	Path string
	App  *app.App
	Log  *slog.Logger
	// SignIns connect jobs to QuickBooks; nil where nobody can here.
	SignIns *app.SignIns
}

// JobStatus is the status of one job. Where it does not run, Err says why, and the directions are halted with
// the health code of the reason as far as there is one.
type JobStatus struct {
	Job string
	// Pair is the pair of products: "quickbooks-centrixone".
	Pair string
	// Names are what people call the products that the job keeps in sync.
	Names  connectors.Names
	Status engine.Status
	Err    string `json:",omitempty"`
	// Starting: it does not run yet, for no reason but that it takes its time. Err is not empty then.
	Starting bool `json:",omitempty"`
	// Notices are what people should know of the job while it runs.
	Notices []app.Notice `json:",omitempty"`
	// QuickBooks is how the connection of a running job with QuickBooks is; nil with another ERP.
	QuickBooks *app.QuickBooks `json:",omitempty"`
}

// Command is what a person asks for.
type Command struct {
	Job  string
	Verb engine.Verb
	Name string `json:",omitempty"`
	// Shown says what the person saw of what waits under the name (store.Waiting.Shown); empty where that does not matter.
	Shown string `json:",omitempty"`
}

// Run answers until ctx ends; then it returns nil.
func (s *Server) Run(ctx context.Context) error {
	l, err := listen(ctx, s.Path)
	if other := instead(s.Path); err != nil && other != "" {
		s.Log.Warn("local socket elsewhere", "path", other, "err", err)
		l, err = listen(ctx, other)
	}
	if err != nil {
		return fmt.Errorf("open local socket: %w", err)
	}
	srv := &http.Server{Handler: s.Handler(), ReadHeaderTimeout: 5 * time.Second}
	stop := context.AfterFunc(ctx, func() { _ = srv.Close() })
	defer stop()
	if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve local socket: %w", err)
	}
	return nil
}

func listen(ctx context.Context, path string) (net.Listener, error) {
	_ = os.Remove(path) // of a process that ended without goodbye; a second one does not get hold of the jobs' files
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "unix", path)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// instead gives where the door is when it can't be at its path, since the data partition is full, read-only or
// not there: in the folder of the running system that only this user may write to. It is empty if there is none.
func instead(path string) string {
	dir := os.Getenv("XDG_RUNTIME_DIR")
	if dir == "" && os.Getuid() == 0 {
		dir = "/run"
	}
	if abs, err := filepath.Abs(path); err == nil && dir != "" {
		return filepath.Join(dir, fmt.Sprintf("syncbox-%016x.sock", xxh3.HashString(abs)))
	}
	return ""
}

// Handler serves GET /status, /journal?job=&from=&before=&limit=, /waiting?job=&kind=&after=&limit=, /selfcheck?job=,
// /preview?job=&entity=&class=&after=&limit=, /links?job=&entity=&state=&mark=&text=&after=&limit=, /identity?job=, and POST /do, /write-test and /connect.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /status", s.status)
	mux.HandleFunc("GET /journal", s.journal)
	mux.HandleFunc("GET /waiting", s.waiting)
	mux.HandleFunc("GET /selfcheck", s.selfcheck)
	mux.HandleFunc("GET /preview", s.preview)
	mux.HandleFunc("GET /links", s.links)
	mux.HandleFunc("GET /identity", s.identity)
	mux.HandleFunc("POST /do", s.do)
	mux.HandleFunc("POST /write-test", s.writeTest)
	mux.HandleFunc("POST /connect", s.connect)
	return mux
}

func (s *Server) status(w http.ResponseWriter, _ *http.Request) { s.answer(w, Statuses(s.App)) }

// Statuses gives the status of every job.
func Statuses(a *app.App) []JobStatus {
	var all []JobStatus
	for _, j := range a.Jobs {
		js := JobStatus{Job: j.Name(), Pair: j.Pair(), Names: j.Names(), Notices: j.Notices(), QuickBooks: j.QuickBooks()}
		var err error
		if js.Status, err = j.Status(); err != nil {
			js.Err, js.Starting, js.Status.Ways = err.Error(), errors.Is(err, app.ErrStarting), downWays(err)
		}
		all = append(all, js)
	}
	return all
}

// downWays gives both directions of a job that does not run the health code of the reason, if it has one.
func downWays(err error) [2]engine.Way {
	way := engine.Way{Outcome: engine.Halted}
	if e, ok := errors.AsType[*connectors.Error](err); ok {
		way.Code, way.Args = e.Code, e.Args
	}
	return [2]engine.Way{way, way}
}

// maxEvents bounds one page of the journal.
const maxEvents = 1000

// journal answers with events from a number on, or with those right before one, or the newest ones.
func (s *Server) journal(w http.ResponseWriter, r *http.Request) {
	state := s.state(w, r)
	if state == nil {
		return
	}
	from, _ := strconv.ParseUint(r.FormValue("from"), 10, 64)
	before, _ := strconv.ParseUint(r.FormValue("before"), 10, 64)
	all, err := []store.Event(nil), error(nil)
	if r.FormValue("from") == "" {
		all, err = journal.PageBefore(state, before, limitOf(r))
	} else {
		all, err = journal.Page(state, from, limitOf(r))
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	s.answer(w, append([]store.Event{}, all...))
}

func limitOf(r *http.Request) int {
	limit, err := strconv.Atoi(r.FormValue("limit"))
	if err != nil || limit < 1 || limit > maxEvents {
		return maxEvents
	}
	return limit
}

// waiting answers with what waits: of all kinds, or of some, from the first on or from behind a name.
func (s *Server) waiting(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm() // what can't be read is not there
	var kinds []store.WaitKind
	for _, kind := range r.Form["kind"] {
		kinds = append(kinds, store.WaitKind(kind))
	}
	limit := limitOf(r)
	all := []store.Waiting{}
	s.view(w, r, func(t *store.Txn) any {
		add := func(x store.Waiting) bool {
			if _, left := t.Exempt(x.Entity, x.ERP, x.CRM); x.Link == 0 || !left { // nobody is to do anything about what was left out
				all = append(all, x)
			}
			return len(all) < limit
		}
		if len(kinds) == 0 {
			t.AllWaiting(add)
		} else {
			t.WaitingAfter(r.FormValue("after"), kinds, add)
		}
		return all
	})
}

// selfcheck reads a job's whole state once and answers with what does not fit together, line by line.
func (s *Server) selfcheck(w http.ResponseWriter, r *http.Request) {
	state := s.state(w, r)
	if state == nil {
		return
	}
	wrong := []string{}
	if err := state.Check(); err != nil {
		wrong = strings.Split(err.Error(), "\n")
	}
	s.answer(w, wrong)
}

// state gives the state of the job that is asked for; nil if there is none, which is answered then.
func (s *Server) state(w http.ResponseWriter, r *http.Request) *store.State {
	j, err := s.App.Job(r.FormValue("job"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return nil
	}
	_, state, err := j.Engine()
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return nil
	}
	return state
}

// view answers with what fn finds in the job's state.
func (s *Server) view(w http.ResponseWriter, r *http.Request, fn func(*store.Txn) any) {
	state := s.state(w, r)
	if state == nil {
		return
	}
	var v any
	if err := state.View(func(t *store.Txn) { v = fn(t) }); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	s.answer(w, v)
}

func (s *Server) do(w http.ResponseWriter, r *http.Request) {
	var c Command
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 4096)).Decode(&c); err != nil {
		http.Error(w, "bad command: "+err.Error(), http.StatusBadRequest)
		return
	}
	j, err := s.App.Job(c.Job)
	if err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	switch err := do(r.Context(), j, c); {
	case errors.Is(err, engine.ErrNoSuch):
		http.Error(w, err.Error(), http.StatusNotFound)
	case errors.Is(err, engine.ErrResync), errors.Is(err, engine.ErrChanged):
		http.Error(w, err.Error(), http.StatusConflict)
	case err != nil:
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
	default:
		s.answer(w, map[string]string{"done": string(c.Verb)})
	}
}

func do(ctx context.Context, j *app.Job, c Command) error {
	if c.Shown != "" {
		return j.Answer(ctx, c.Verb, c.Name, c.Shown)
	}
	return j.Do(ctx, c.Verb, c.Name)
}

func (s *Server) answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		s.Log.Debug("local answer not taken", "err", err)
	}
}
