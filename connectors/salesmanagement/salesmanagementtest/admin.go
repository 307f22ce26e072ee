package salesmanagementtest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"

	"syncbox/connectors/rest/resttest"
)

// deedBody is the body of the admin calls that act as people do. Each takes the members that it needs. Without a User the
// administrator acts.
type deedBody struct {
	User      int64
	Entity    Entity
	ID        int64
	Values    Values
	State     string
	Reference string
	Items     []Item
	Seed      uint64
	Count     int
}

// faultBody is a Fault whose Delay is written as 90s.
type faultBody struct {
	Fault
	Delay string
}

// adminRoutes serves /_sim/. Bodies and answers are JSON, a refusal is 400 with its text.
//
//	POST create edit delete restore quote ask work         as Person
//	POST fill clock switches rate tokens/end faults faults/clear late/flush state reset
//	GET  log counters changes records documents duplicates reverts switches faults state
func (s *Server) adminRoutes() http.Handler {
	mux := http.NewServeMux()
	s.peopleRoutes(mux)
	s.siteRoutes(mux)
	s.watchRoutes(mux)
	return mux
}

func (s *Server) peopleRoutes(mux *http.ServeMux) {
	deeds := map[string]func(*Person, *deedBody) (any, error){
		"create": func(p *Person, d *deedBody) (any, error) { return made(p.Create(d.Entity, d.Values)) },
		"edit":   func(p *Person, d *deedBody) (any, error) { return nil, p.Edit(d.Entity, d.ID, d.Values) },
		"delete": func(p *Person, d *deedBody) (any, error) { return nil, p.Delete(d.Entity, d.ID) },
		"restore": func(p *Person, d *deedBody) (any, error) {
			return nil, p.Restore(d.Entity, d.ID)
		},
		"quote": func(p *Person, d *deedBody) (any, error) {
			return made(p.Quote(d.ID, d.State, d.Reference, d.Items...))
		},
		"ask":  func(p *Person, d *deedBody) (any, error) { return nil, p.Ask(d.ID) },
		"work": func(p *Person, d *deedBody) (any, error) { return p.Work(d.Seed, d.Count), nil },
	}
	for name, do := range deeds {
		resttest.Posts(mux, name, func(d *deedBody) (any, error) { return do(s.App(max(d.User, 1)), d) })
	}
}

func made(id int64, err error) (any, error) { return map[string]int64{"ID": id}, err }

func (s *Server) siteRoutes(mux *http.ServeMux) {
	resttest.Posts(mux, "fill", func(d *Seed) (any, error) { s.Fill(*d); return nil, nil })
	resttest.Posts(mux, "clock", func(m *resttest.Move) (any, error) {
		err := s.clock.Move(m)
		return map[string]string{"Now": s.Now().UTC().Format(time.RFC3339)}, err
	})
	resttest.Posts(mux, "switches", func(w *Switches) (any, error) { return nil, s.SetSwitches(*w) })
	resttest.Posts(mux, "rate", func(n *int) (any, error) { s.SetRate(*n); return nil, nil })
	resttest.Posts(mux, "tokens/end", func(*struct{}) (any, error) { s.EndTokens(); return nil, nil })
	resttest.Posts(mux, "faults", s.addFault)
	resttest.Posts(mux, "faults/clear", func(*struct{}) (any, error) { s.ClearFaults(); return nil, nil })
	resttest.Posts(mux, "late/flush", func(*struct{}) (any, error) { s.FlushLate(); return nil, nil })
	resttest.Posts(mux, "state", func(saved *json.RawMessage) (any, error) { return nil, s.Restore(*saved) })
	resttest.Posts(mux, "reset", func(*struct{}) (any, error) { s.Reset(); return nil, nil })
}

func (s *Server) addFault(b *faultBody) (any, error) {
	if !slices.Contains(kinds, b.Kind) || b.Kind == Meanwhile {
		return nil, invalid("Kind: unknown")
	}
	if b.Delay != "" {
		d, err := time.ParseDuration(b.Delay)
		if err != nil {
			return nil, invalid("Delay: want as 90s")
		}
		b.Fault.Delay = d
	}
	s.AddFault(b.Fault)
	return nil, nil
}

// watchRoutes serves what tests and demos look at.
func (s *Server) watchRoutes(mux *http.ServeMux) {
	entity := func(r *http.Request) Entity { return Entity(r.FormValue("entity")) }
	resttest.Gets(mux, "log", func(r *http.Request) any {
		return s.Journal(JournalQuery{After: integer(r, "after"), Endpoint: r.FormValue("endpoint"), Op: r.FormValue("op"), Entity: entity(r)})
	})
	resttest.Gets(mux, "counters", func(*http.Request) any { return s.Counters() })
	resttest.Gets(mux, "changes", func(r *http.Request) any {
		return s.Changes(ChangeQuery{After: integer(r, "after"), Entity: entity(r), ID: integer(r, "id"), Field: r.FormValue("field"),
			People: r.FormValue("by") == "people", Calls: r.FormValue("by") == "calls"})
	})
	resttest.Gets(mux, "records", func(r *http.Request) any { return s.Records(entity(r)) })
	resttest.Gets(mux, "documents", func(r *http.Request) any { return s.Documents(integer(r, "product")) })
	resttest.Gets(mux, "duplicates", func(r *http.Request) any { return s.Duplicates(entity(r)) })
	resttest.Gets(mux, "reverts", func(*http.Request) any { return s.Reverts() })
	resttest.Gets(mux, "switches", func(*http.Request) any { return s.Switches() })
	resttest.Gets(mux, "faults", func(*http.Request) any { return s.Faults() })
	resttest.Gets(mux, "state", func(*http.Request) any { return json.RawMessage(s.Save()) })
}

// integer reads a number; what is malformed is as if absent.
func integer(r *http.Request, name string) int64 {
	n, _ := strconv.ParseInt(r.FormValue(name), 10, 64)
	return n
}
