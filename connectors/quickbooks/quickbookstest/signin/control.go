package signin

import (
	"encoding/json"
	"net/http"
	"time"
)

// Control serves what the methods of the service offer to other programs, as JSON. It is a handler of
// its own, so that nothing of it can be reached where the service is.
//
//	GET  /_sim/journal?what=refresh  /_sim/counters  /_sim/overlaps  /_sim/stale-uses  /_sim/faults
//	POST /_sim/clock {"Advance":"1h"}   /_sim/faults {"Kind":"status",…}   /_sim/faults/clear   /_sim/release
//	POST /_sim/disconnect {"Realm":"…"}   /_sim/lose-user   /_sim/restore-user
func (s *Server) Control() http.Handler {
	mux := http.NewServeMux()
	control(mux, s.clock, s.journal, s.faults)
	gets(mux, "overlaps", func(*http.Request) any { return s.Overlaps() })
	gets(mux, "stale-uses", func(*http.Request) any { return s.StaleUses() })
	posts(mux, "disconnect", func(b *realmBody) (any, string) { return map[string]bool{"Ended": s.Disconnect(b.Realm)}, "" })
	posts(mux, "lose-user", func(b *realmBody) (any, string) { s.LoseUser(b.Realm); return nil, "" })
	posts(mux, "restore-user", func(b *realmBody) (any, string) { s.RestoreUser(b.Realm); return nil, "" })
	return mux
}

// Control serves journal, counters, faults and clock of the relay, as that of the service does.
func (r *Relay) Control() http.Handler {
	mux := http.NewServeMux()
	control(mux, r.clock, r.journal, r.faults)
	return mux
}

type (
	realmBody struct{ Realm string }
	clockBody struct{ Advance string } // as 1.5s
)

func control(mux *http.ServeMux, c *clock, j *journal, fs *faults) {
	gets(mux, "journal", func(r *http.Request) any {
		var only []What
		for _, w := range r.URL.Query()["what"] {
			only = append(only, What(w))
		}
		return j.Journal(only...)
	})
	gets(mux, "counters", func(*http.Request) any { return j.Counters() })
	gets(mux, "faults", func(*http.Request) any { return fs.Faults() })
	posts(mux, "faults", func(f *Fault) (any, string) {
		if !knownKinds[f.Kind] {
			return nil, "Kind: unknown"
		}
		fs.AddFault(*f)
		return nil, ""
	})
	posts(mux, "faults/clear", func(*struct{}) (any, string) { fs.ClearFaults(); return nil, "" })
	posts(mux, "release", func(*struct{}) (any, string) { fs.Release(); return nil, "" })
	posts(mux, "clock", func(b *clockBody) (any, string) {
		d, err := time.ParseDuration(b.Advance)
		if err != nil {
			return nil, "Advance: want as 1.5s"
		}
		c.AdvanceClock(d)
		return map[string]time.Time{"Now": c.Now()}, ""
	})
}

var knownKinds = map[FaultKind]bool{Status: true, HTML200: true, NoToken: true, CutBody: true, CloseBefore: true,
	CloseAfter: true, RotateAndDrop: true, Hold: true, HoldAnswer: true, HandOverFails: true}

// posts serves POST /_sim/<name> with a body of type T, which may be empty; refused is why not.
func posts[T any](mux *http.ServeMux, name string, do func(*T) (result any, refused string)) {
	mux.HandleFunc("POST /_sim/"+name, func(w http.ResponseWriter, r *http.Request) {
		var body T
		d := json.NewDecoder(r.Body)
		d.DisallowUnknownFields()
		if r.ContentLength != 0 {
			if err := d.Decode(&body); err != nil {
				http.Error(w, "body: "+err.Error(), http.StatusBadRequest)
				return
			}
		}
		result, refused := do(&body)
		if refused != "" {
			http.Error(w, refused, http.StatusBadRequest)
			return
		}
		reply(w, result)
	})
}

// gets serves GET /_sim/<name>.
func gets(mux *http.ServeMux, name string, do func(*http.Request) any) {
	mux.HandleFunc("GET /_sim/"+name, func(w http.ResponseWriter, r *http.Request) { reply(w, do(r)) })
}

func reply(w http.ResponseWriter, result any) {
	if result == nil {
		result = struct{}{}
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(result)
}
