package sagex3test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// deedBody is the body of the admin calls that act as people do. Each takes the members that it needs. Without a User the
// administrator acts.
type deedBody struct {
	User           string
	Object         Object
	Key            string
	Values         Values
	Representative string
	Batch          bool
	Number, Value  string // of a line
	For            string // force: whose records
	Objects        []Object
}

// adminRoutes serves /_sim/. Bodies and answers are JSON, a refusal is 400 with its text.
//
//	POST create edit delete reassign coworker uncoworker correct force drop-line   as Person
//	POST fill clock switches faults faults/clear late/flush publish unpublish parameter right state reset
//	GET  log counters forbidden duplicates changes records queue anomalies traces switches faults state
func (s *Server) adminRoutes() http.Handler {
	mux := http.NewServeMux()
	person := func(d *deedBody) *Person {
		setDefault(&d.User, poolUser)
		return &Person{s, d.User, d.Batch}
	}
	posts(mux, "create", func(d *deedBody) (any, error) {
		if !known(d.Object) {
			return nil, &Refusal{"Object: unknown"}
		}
		key, err := person(d).Create(d.Object, d.Values)
		return map[string]string{"Key": key}, err
	})
	posts(mux, "edit", func(d *deedBody) (any, error) { return nil, person(d).Edit(d.Object, d.Key, d.Values) })
	posts(mux, "delete", func(d *deedBody) (any, error) { return nil, person(d).Delete(d.Object, d.Key) })
	posts(mux, "reassign", func(d *deedBody) (any, error) { return nil, person(d).Reassign(d.Object, d.Key, d.Representative) })
	posts(mux, "coworker", func(d *deedBody) (any, error) { return nil, person(d).AddCoworker(d.Key, d.Representative) })
	posts(mux, "uncoworker", func(d *deedBody) (any, error) { return nil, person(d).RemoveCoworker(d.Key, d.Representative) })
	posts(mux, "correct", func(d *deedBody) (any, error) { return nil, person(d).Correct(d.Number, d.Value) })
	posts(mux, "force", func(d *deedBody) (any, error) {
		return map[string]int{"Lines": person(d).Force(d.For, d.Objects...)}, nil
	})
	posts(mux, "drop-line", func(d *deedBody) (any, error) { return nil, person(d).DropLine(d.Number) })
	s.controlRoutes(mux)
	s.watchRoutes(mux)
	return mux
}

// faultBody is a Fault over HTTP. Its Delay is a text as "90s".
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

// settingBody names a publication, a parameter or a right.
type settingBody struct {
	Name, Value string
	Object      Object
	User        string
	Direction   Direction
	Verb        Verb
	Allowed     bool
}

// controlRoutes serves seed, clock, switches, faults and reset.
func (s *Server) controlRoutes(mux *http.ServeMux) {
	posts(mux, "fill", func(d *Seed) (any, error) { s.Fill(*d); return nil, nil })
	posts(mux, "clock", s.moveClock)
	posts(mux, "switches", s.turn)
	posts(mux, "faults", s.addFault)
	posts(mux, "faults/clear", func(*struct{}) (any, error) { s.ClearFaults(); return nil, nil })
	posts(mux, "late/flush", func(*struct{}) (any, error) { s.FlushLate(); return nil, nil })
	posts(mux, "publish", func(b *settingBody) (any, error) { return nil, s.Publish(b.Name, b.Object) })
	posts(mux, "unpublish", func(b *settingBody) (any, error) { s.Unpublish(b.Name); return nil, nil })
	posts(mux, "parameter", func(b *settingBody) (any, error) {
		if !slices.Contains(parameters(), b.Name) {
			return nil, &Refusal{"Name: unknown"}
		}
		s.SetParameter(b.Name, b.Value)
		return nil, nil
	})
	posts(mux, "right", func(b *settingBody) (any, error) {
		s.SetRight(b.User, b.Object, b.Direction, b.Verb, b.Allowed)
		return nil, nil
	})
	posts(mux, "state", func(saved *json.RawMessage) (any, error) { return nil, s.Restore(*saved) })
	posts(mux, "reset", func(*struct{}) (any, error) { s.Reset(); return nil, nil })
}

// turn puts switches into positions; what is unknown is told, not a panic.
func (s *Server) turn(w *Switches) (_ any, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &Refusal{p.(string)}
		}
	}()
	s.SetSwitches(*w)
	return nil, nil
}

func (s *Server) addFault(b *faultBody) (any, error) {
	if !slices.Contains(kinds, b.Kind) {
		return nil, &Refusal{"Kind: unknown"}
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
		return 0, &Refusal{"duration: want as 1.5s"}
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
	return map[string]string{"Now": s.Now().In(s.opts.Zone).Format(time.RFC3339)}, nil
}

// watchRoutes serves what tests and demos look at.
func (s *Server) watchRoutes(mux *http.ServeMux) {
	gets(mux, "log", func(r *http.Request) any {
		return s.Journal(JournalQuery{After: seq(r), Endpoint: r.FormValue("endpoint"), Op: r.FormValue("op"), Object: Object(r.FormValue("object"))})
	})
	gets(mux, "counters", func(*http.Request) any { return s.Counters() })
	gets(mux, "forbidden", func(*http.Request) any { return s.Forbidden() })
	gets(mux, "duplicates", func(r *http.Request) any { return s.Duplicates(Object(r.FormValue("object"))) })
	gets(mux, "changes", func(r *http.Request) any {
		return s.Changes(ChangeQuery{After: seq(r), Object: Object(r.FormValue("object")), Key: r.FormValue("key")})
	})
	gets(mux, "records", func(r *http.Request) any { return s.Records(Object(r.FormValue("object"))) })
	gets(mux, "queue", func(r *http.Request) any { return s.Queue(r.FormValue("user")) })
	gets(mux, "anomalies", func(*http.Request) any { return s.Anomalies() })
	gets(mux, "traces", func(*http.Request) any { return s.Traces() })
	gets(mux, "switches", func(*http.Request) any { return s.Switches() })
	gets(mux, "faults", func(*http.Request) any { return s.Faults() })
	gets(mux, "state", func(*http.Request) any { return json.RawMessage(s.Save()) })
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
		d.DisallowUnknownFields()
		if err := d.Decode(&body); err != nil && !errors.Is(err, io.EOF) {
			http.Error(w, "body: "+err.Error(), http.StatusBadRequest)
			return
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
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if result == nil {
		result = struct{}{}
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(result)
}
