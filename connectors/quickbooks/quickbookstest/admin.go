package quickbookstest

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// deed is the body of the admin calls that act as people do. Each takes the members that it needs.
type deed struct {
	Entity        Entity
	ID            string `json:"Id"`
	Fields        Object
	Document      NewDocument // create of an estimate, invoice or credit memo
	Status        string
	Amount        string // of freight
	Winner, Loser string
}

// adminRoutes serves /_sim/. Bodies and answers are JSON, a refusal is its status and text.
//
//	POST create edit delete void deactivate activate status shipping convert merge   as Person
//	POST fill clock switches faults faults/clear late/flush access spend-reads reset
//	GET  journal counters forbidden early-retries duplicates changes customers documents items switches faults reads
func (s *Server) adminRoutes() http.Handler {
	mux := http.NewServeMux()
	p := s.Person()
	posts(mux, "create", s.enter)
	posts(mux, "edit", func(d *deed) (any, error) { return nil, p.Edit(d.Entity, d.ID, d.Fields) })
	posts(mux, "delete", func(d *deed) (any, error) { return nil, p.Delete(d.Entity, d.ID) })
	posts(mux, "void", func(d *deed) (any, error) { return nil, p.Void(d.Entity, d.ID) })
	posts(mux, "deactivate", func(d *deed) (any, error) { return nil, p.Deactivate(d.Entity, d.ID) })
	posts(mux, "activate", func(d *deed) (any, error) { return nil, p.Activate(d.Entity, d.ID) })
	posts(mux, "status", func(d *deed) (any, error) { return nil, p.SetStatus(d.ID, d.Status) })
	posts(mux, "shipping", func(d *deed) (any, error) { return nil, p.SetShipping(d.Entity, d.ID, d.Amount) })
	posts(mux, "merge", func(d *deed) (any, error) { return nil, p.Merge(d.Winner, d.Loser) })
	posts(mux, "convert", func(d *deed) (any, error) { return withID(p.Convert(d.ID)) })
	s.controlRoutes(mux)
	s.watchRoutes(mux)
	return mux
}

func (s *Server) enter(d *deed) (any, error) {
	switch {
	case d.Entity == Payment || d.Entity.isList():
		return withID(s.Person().Create(d.Entity, d.Fields))
	case d.Entity.isTransaction():
		return withID(s.Person().enter(d.Entity, &d.Document))
	}
	return nil, &Refusal{Status: 404, Text: "unknown entity"}
}

func withID(id string, err error) (any, error) { return map[string]string{"Id": id}, err }

// faultBody is a Fault over HTTP. Its Delay is a text as "1.5s".
type faultBody struct {
	Fault
	Delay string
}

// clockBody moves the clock; the members are tried in this order.
type clockBody struct {
	Real        bool
	Set, Freeze time.Time
	Advance     string
}

// accessBody sets who may do what; what is absent stays.
type accessBody struct{ LostUser, Unpaid *bool }

// controlRoutes serves seed, clock, switches, faults and reset.
func (s *Server) controlRoutes(mux *http.ServeMux) {
	posts(mux, "fill", func(d *Seed) (any, error) { s.Fill(*d); return nil, nil })
	posts(mux, "clock", s.moveClock)
	posts(mux, "switches", func(w *Switches) (any, error) { s.SetSwitches(*w); return nil, nil })
	posts(mux, "faults", s.addFault)
	posts(mux, "faults/clear", func(*struct{}) (any, error) { s.ClearFaults(); return nil, nil })
	posts(mux, "late/flush", func(*struct{}) (any, error) { s.FlushLate(); return nil, nil })
	posts(mux, "access", s.setAccess)
	posts(mux, "spend-reads", func(b *struct{ Reads int }) (any, error) { s.SpendReads(b.Reads); return nil, nil })
	posts(mux, "reset", func(*struct{}) (any, error) { s.Reset(); return nil, nil })
}

func (s *Server) addFault(b *faultBody) (any, error) {
	if !slices.Contains(append(slices.Clone(chanceKinds), Throttle, Unauthorized), b.Kind) {
		return nil, &Refusal{Status: 400, Text: "Kind: unknown"}
	}
	d, err := duration(b.Delay)
	if err == nil {
		b.Fault.Delay = d
		s.AddFault(b.Fault)
	}
	return nil, err
}

func duration(s string) (time.Duration, error) {
	if s == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		return 0, &Refusal{Status: 400, Text: "duration: want as 1.5s"}
	}
	return d, nil
}

func (s *Server) moveClock(b *clockBody) (any, error) {
	d, err := duration(b.Advance)
	switch {
	case err != nil:
		return nil, err
	case b.Real:
		s.ResetClock()
	case !b.Set.IsZero():
		s.SetClock(b.Set)
	case !b.Freeze.IsZero():
		s.FreezeClock(b.Freeze)
	default:
		s.AdvanceClock(d)
	}
	return map[string]string{"Now": wireStamp(s.now())}, nil
}

func (s *Server) setAccess(b *accessBody) (any, error) {
	if b.LostUser != nil {
		s.SetLostUser(*b.LostUser)
	}
	if b.Unpaid != nil {
		s.SetUnpaid(*b.Unpaid)
	}
	return nil, nil
}

// watchRoutes serves what tests and demos look at.
func (s *Server) watchRoutes(mux *http.ServeMux) {
	gets(mux, "journal", func(r *http.Request) any { return s.Journal(journalQuery(r)) })
	gets(mux, "counters", func(*http.Request) any { return s.Counters() })
	gets(mux, "forbidden", func(*http.Request) any { return s.Forbidden() })
	gets(mux, "early-retries", func(*http.Request) any { return s.EarlyRetries() })
	gets(mux, "duplicates", func(*http.Request) any { return s.Duplicates() })
	gets(mux, "changes", func(r *http.Request) any {
		return s.Changes(ChangeQuery{After: seq(r), Entity: Entity(r.FormValue("entity")), ID: r.FormValue("id"), Author: r.FormValue("author")})
	})
	gets(mux, "customers", func(*http.Request) any { return s.Customers() })
	gets(mux, "documents", func(*http.Request) any { return s.Documents() })
	gets(mux, "items", func(*http.Request) any { return s.Items() })
	gets(mux, "switches", func(*http.Request) any { return s.Switches() })
	gets(mux, "faults", func(*http.Request) any { return s.Faults() })
	gets(mux, "reads", func(*http.Request) any { return map[string]int{"Reads": s.MonthReads()} })
}

func journalQuery(r *http.Request) JournalQuery {
	return JournalQuery{After: seq(r), Method: r.FormValue("method"), Op: r.FormValue("op"), Entity: Entity(r.FormValue("entity"))}
}

// seq reads after; what is malformed is as if absent.
func seq(r *http.Request) int64 {
	n, _ := strconv.ParseInt(r.FormValue("after"), 10, 64)
	return n
}

// posts serves POST /_sim/<name> with a body of type T.
func posts[T any](mux *http.ServeMux, name string, do func(*T) (any, error)) {
	mux.HandleFunc("POST /_sim/"+name, func(w http.ResponseWriter, r *http.Request) {
		var body T
		d := json.NewDecoder(r.Body)
		d.UseNumber()
		d.DisallowUnknownFields()
		if r.ContentLength != 0 {
			if err := d.Decode(&body); err != nil {
				http.Error(w, "body: "+err.Error(), http.StatusBadRequest)
				return
			}
		}
		result, err := do(&body)
		reply(w, result, err)
	})
}

// gets serves GET /_sim/<name>.
func gets(mux *http.ServeMux, name string, do func(*http.Request) any) {
	mux.HandleFunc("GET /_sim/"+name, func(w http.ResponseWriter, r *http.Request) { reply(w, do(r), nil) })
}

func reply(w http.ResponseWriter, result any, err error) {
	if refused, ok := errors.AsType[*Refusal](err); ok {
		http.Error(w, refused.Code+" "+refused.Text, refused.Status)
		return
	}
	if result == nil {
		result = struct{}{}
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(result)
}
