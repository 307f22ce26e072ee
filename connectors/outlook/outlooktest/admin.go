package outlooktest

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// deed is the body of the admin calls that act as a person does. Each takes the members that it needs.
type deed struct {
	Mailbox   string
	Kind      Kind
	Kinds     []Kind
	ID        string `json:"Id"`
	Container string
	Fields    Object
	Name      string
	Code      string
	Organizer string
	Before    time.Time
}

// adminRoutes serves /_sim/. Bodies and answers are JSON, a refusal is its status and text.
//
//	POST create edit touch move copy delete private code complete decline invite archive   as Person
//	POST clock switches faults faults/clear late/flush roles deny revoke expire reset
//	GET  log counters items changes invitations early-retries switches faults
func (s *Server) adminRoutes() http.Handler {
	mux := http.NewServeMux()
	person := func(name string, do func(p *Person, d *deed) (any, error)) {
		posts(mux, name, func(d *deed) (any, error) {
			if !s.knows(d.Mailbox) {
				return nil, &Refusal{404, "ErrorInvalidUser", "no such mailbox"}
			}
			return do(s.Person(d.Mailbox), d)
		})
	}
	person("create", func(p *Person, d *deed) (any, error) { return withID(p.Create(d.Kind, d.Container, d.Fields)) })
	person("edit", func(p *Person, d *deed) (any, error) { return nil, p.Edit(d.ID, d.Fields) })
	person("touch", func(p *Person, d *deed) (any, error) { return nil, p.Touch(d.ID) })
	person("move", func(p *Person, d *deed) (any, error) { return withID(p.Move(d.ID, d.Container)) })
	person("copy", func(p *Person, d *deed) (any, error) { return withID(p.Copy(d.ID, d.Container)) })
	person("delete", func(p *Person, d *deed) (any, error) { return nil, p.Delete(d.ID) })
	person("private", func(p *Person, d *deed) (any, error) { return nil, p.MarkPrivate(d.ID) })
	person("code", func(p *Person, d *deed) (any, error) { return nil, p.AddCode(d.ID, d.Code) })
	person("complete", func(p *Person, d *deed) (any, error) { return nil, p.CompleteTask(d.ID) })
	person("decline", func(p *Person, d *deed) (any, error) { return nil, p.Decline(d.ID) })
	person("invite", func(p *Person, d *deed) (any, error) { return withID(p.Invite(d.Organizer, d.Fields)) })
	person("archive", func(p *Person, d *deed) (any, error) { return p.Archive(d.Before, d.Kinds...) })
	s.controlRoutes(mux)
	s.watchRoutes(mux)
	return mux
}

func (s *Server) knows(address string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.mailbox(address) != nil
}

func withID(id string, err error) (any, error) { return map[string]string{"Id": id}, err }

// faultBody is a Fault over HTTP. Its Delay and Retry are texts as "1.5s".
type faultBody struct {
	Fault
	Delay, Retry string
}

// clockBody moves the clock; the members are tried in this order.
type clockBody struct {
	Real        bool
	Set, Freeze time.Time
	Advance     string
}

// mailboxBody names a mailbox, and what is to become of it.
type mailboxBody struct {
	Mailbox string
	Denied  bool
}

// controlRoutes serves clock, switches, faults, access and reset.
func (s *Server) controlRoutes(mux *http.ServeMux) {
	posts(mux, "clock", s.moveClock)
	posts(mux, "switches", func(w *Switches) (any, error) { s.SetSwitches(*w); return nil, nil })
	posts(mux, "faults", s.addFault)
	posts(mux, "faults/clear", func(*struct{}) (any, error) { s.ClearFaults(); return nil, nil })
	posts(mux, "late/flush", func(*struct{}) (any, error) { s.FlushLate(); return nil, nil })
	posts(mux, "roles", func(b *struct{ Roles []string }) (any, error) { s.SetRoles(b.Roles...); return nil, nil })
	posts(mux, "revoke", func(*struct{}) (any, error) { s.RevokeTokens(); return nil, nil })
	posts(mux, "reset", func(*struct{}) (any, error) { s.Reset(); return nil, nil })
	posts(mux, "deny", func(b *mailboxBody) (any, error) {
		return nil, s.withMailbox(b.Mailbox, func() { s.Deny(b.Mailbox, b.Denied) })
	})
	posts(mux, "expire", func(b *mailboxBody) (any, error) {
		return nil, s.withMailbox(b.Mailbox, func() { s.ExpireDelta(b.Mailbox) })
	})
}

func (s *Server) withMailbox(address string, do func()) error {
	if !s.knows(address) {
		return &Refusal{404, "ErrorInvalidUser", "no such mailbox"}
	}
	do()
	return nil
}

func (s *Server) addFault(b *faultBody) (any, error) {
	if !slices.Contains(append(slices.Clone(chanceKinds), Forbidden, Missing), b.Kind) {
		return nil, &Refusal{Status: 400, Text: "Kind: unknown"}
	}
	delay, err := duration(b.Delay)
	if err != nil {
		return nil, err
	}
	retry, err := duration(b.Retry)
	if err != nil {
		return nil, err
	}
	b.Fault.Delay, b.Fault.Retry = delay, retry
	s.AddFault(b.Fault)
	return nil, nil
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
	return map[string]string{"Now": stampText(Contact, s.Now())}, nil
}

// watchRoutes serves what tests and demos look at.
func (s *Server) watchRoutes(mux *http.ServeMux) {
	gets(mux, "log", func(r *http.Request) any {
		after, _ := strconv.ParseInt(r.FormValue("after"), 10, 64)
		return s.Journal(JournalQuery{After: after, Method: r.FormValue("method"), Op: r.FormValue("op"), Kind: Kind(r.FormValue("kind")), Mailbox: r.FormValue("mailbox")})
	})
	gets(mux, "counters", func(*http.Request) any { return s.Counters() })
	gets(mux, "invitations", func(*http.Request) any { return s.Invitations() })
	gets(mux, "early-retries", func(*http.Request) any { return s.EarlyRetries() })
	gets(mux, "switches", func(*http.Request) any { return s.Switches() })
	gets(mux, "faults", func(*http.Request) any { return s.Faults() })
	gets(mux, "items", func(r *http.Request) any {
		if !s.knows(r.FormValue("mailbox")) {
			return nil
		}
		return s.Items(r.FormValue("mailbox"), Kind(r.FormValue("kind")))
	})
	gets(mux, "changes", func(r *http.Request) any {
		if !s.knows(r.FormValue("mailbox")) {
			return nil
		}
		return s.Changes(r.FormValue("mailbox"))
	})
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
