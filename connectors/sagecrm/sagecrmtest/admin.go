package sagecrmtest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"

	"syncbox/connectors/rest/resttest"
)

// deedBody is the body of the admin calls that act as people do. Each takes the members that it needs. Without a User admin acts.
type deedBody struct {
	User            string
	Entity          Entity
	ID              int64
	Values          Values
	Survivor, Loser int64
	Seed            uint64
	Count           int
	On              bool
}

// adminRoutes serves /_sim/. Bodies and answers are JSON, a refusal is 400 with its text.
//
//	POST create edit delete undelete merge work            as Worker
//	POST fill clock switches enable sessions/end sessions/steal faults faults/clear late/flush state reset
//	GET  log counters changes records deleted duplicates reverts sessions switches faults state
func (s *Server) adminRoutes() http.Handler {
	mux := http.NewServeMux()
	worker := func(d *deedBody) *Worker {
		setDefault(&d.User, "admin")
		return s.Console(d.User)
	}
	resttest.Posts(mux, "create", func(d *deedBody) (any, error) {
		id, err := worker(d).Create(d.Entity, d.Values)
		return map[string]int64{"ID": id}, err
	})
	resttest.Posts(mux, "edit", func(d *deedBody) (any, error) { return nil, worker(d).Edit(d.Entity, d.ID, d.Values) })
	resttest.Posts(mux, "delete", func(d *deedBody) (any, error) { return nil, worker(d).Delete(d.Entity, d.ID) })
	resttest.Posts(mux, "undelete", func(d *deedBody) (any, error) { return nil, worker(d).Undelete(d.Entity, d.ID) })
	resttest.Posts(mux, "merge", func(d *deedBody) (any, error) { return nil, worker(d).Merge(d.Survivor, d.Loser) })
	resttest.Posts(mux, "work", func(d *deedBody) (any, error) { return worker(d).Work(d.Seed, d.Count), nil })
	s.controlRoutes(mux)
	s.watchRoutes(mux)
	return mux
}

// faultBody is a Fault over HTTP. Its Delay is a text as "90s".
type faultBody struct {
	Fault
	Delay string
}

// controlRoutes serves seed, clock, switches, sessions, faults and reset.
func (s *Server) controlRoutes(mux *http.ServeMux) {
	resttest.Posts(mux, "fill", func(d *Seed) (any, error) { s.Fill(*d); return nil, nil })
	resttest.Posts(mux, "clock", func(m *resttest.Move) (any, error) {
		err := s.clock.Move(m)
		return map[string]string{"Now": s.Now().In(s.opts.Zone).Format(time.RFC3339)}, err
	})
	resttest.Posts(mux, "switches", func(w *Switches) (any, error) { return nil, s.SetSwitches(*w) })
	resttest.Posts(mux, "enable", func(d *deedBody) (any, error) {
		if s.tables[d.Entity] == nil {
			return nil, refuse(invalid, "Entity: unknown")
		}
		s.Enable(d.Entity, d.On)
		return nil, nil
	})
	resttest.Posts(mux, "sessions/end", func(*struct{}) (any, error) { s.EndSessions(); return nil, nil })
	resttest.Posts(mux, "sessions/steal", func(*struct{}) (any, error) { s.Steal(s.opts.Login); return nil, nil })
	resttest.Posts(mux, "faults", s.addFault)
	resttest.Posts(mux, "faults/clear", func(*struct{}) (any, error) { s.ClearFaults(); return nil, nil })
	resttest.Posts(mux, "late/flush", func(*struct{}) (any, error) { s.FlushLate(); return nil, nil })
	resttest.Posts(mux, "state", func(saved *json.RawMessage) (any, error) { return nil, s.Restore(*saved) })
	resttest.Posts(mux, "reset", func(*struct{}) (any, error) { s.Reset(); return nil, nil })
}

func (s *Server) addFault(b *faultBody) (any, error) {
	if !slices.Contains(kinds, b.Kind) || b.Kind == Meanwhile {
		return nil, refuse(invalid, "Kind: unknown")
	}
	if b.Delay != "" {
		d, err := time.ParseDuration(b.Delay)
		if err != nil {
			return nil, refuse(invalid, "Delay: want as 90s")
		}
		b.Fault.Delay = d
	}
	s.AddFault(b.Fault)
	return nil, nil
}

// watchRoutes serves what tests and demos look at.
func (s *Server) watchRoutes(mux *http.ServeMux) {
	resttest.Gets(mux, "log", func(r *http.Request) any {
		return s.Journal(JournalQuery{After: integer(r, "after"), Endpoint: r.FormValue("endpoint"), Op: r.FormValue("op"), Entity: Entity(r.FormValue("entity"))})
	})
	resttest.Gets(mux, "counters", func(*http.Request) any { return s.Counters() })
	resttest.Gets(mux, "changes", func(r *http.Request) any {
		return s.Changes(ChangeQuery{After: integer(r, "after"), Entity: Entity(r.FormValue("entity")), ID: integer(r, "id"), Field: r.FormValue("field"),
			Author: r.FormValue("author")})
	})
	resttest.Gets(mux, "records", func(r *http.Request) any { return s.Records(Entity(r.FormValue("entity"))) })
	resttest.Gets(mux, "deleted", func(*http.Request) any { return s.Deleted() })
	resttest.Gets(mux, "duplicates", func(*http.Request) any { return s.Duplicates() })
	resttest.Gets(mux, "reverts", func(*http.Request) any { return s.Reverts() })
	resttest.Gets(mux, "sessions", func(*http.Request) any { return s.Sessions() })
	resttest.Gets(mux, "switches", func(*http.Request) any { return s.Switches() })
	resttest.Gets(mux, "faults", func(*http.Request) any { return s.Faults() })
	resttest.Gets(mux, "state", func(*http.Request) any { return json.RawMessage(s.Save()) })
}

// integer reads a number; what is malformed is as if absent.
func integer(r *http.Request, name string) int64 {
	n, _ := strconv.ParseInt(r.FormValue(name), 10, 64)
	return n
}
