package resttest

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"
)

// Posts serves POST /_sim/<name>, by which a simulator is told what to do. The body is JSON of type T without unknown members, the
// answer JSON; an error is 400 with its text.
func Posts[T any](mux *http.ServeMux, name string, do func(*T) (any, error)) {
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

// Gets serves GET /_sim/<name>, by which a simulator is looked into.
func Gets(mux *http.ServeMux, name string, do func(*http.Request) any) {
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

// Move is a body that moves a clock; the members are tried in this order.
type Move struct {
	Real        bool // the clock that was given
	Set, Freeze time.Time
	Advance     string // as 90s
}

// Move does what m says.
func (c *Clock) Move(m *Move) error {
	d := time.Duration(0)
	if m.Advance != "" {
		var err error
		if d, err = time.ParseDuration(m.Advance); err != nil {
			return errors.New("Advance: want as 90s")
		}
	}
	switch {
	case m.Real:
		c.Reset()
	case !m.Set.IsZero():
		c.Set(m.Set)
	case !m.Freeze.IsZero():
		c.Freeze(m.Freeze)
	default:
		c.Advance(d)
	}
	return nil
}
