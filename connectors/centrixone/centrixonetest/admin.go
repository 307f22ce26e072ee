package centrixonetest

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"
)

// deed is the body of the admin calls that act as people do. A record is named by ID or ExternalID.
type deed struct {
	Resource        Resource
	ID              int64  `json:"Id"`
	ExternalID      string `json:"ExternalId"`
	User            int64  // who; default Clerk
	Force           bool   // as the vendor's staff
	Fields          Fields
	List            int64 // default: the first protected list
	Survivor, Loser int64
}

// adminRoutes serves /__sim/. Bodies and answers are JSON, a refusal is its status and text.
func (s *Server) adminRoutes() http.Handler {
	mux := http.NewServeMux()
	s.deedRoute(mux, "create", func(d *deed) (any, error) {
		id, err := s.actor(d).Create(d.Resource, d.Fields)
		return map[string]int64{"Id": id}, err
	})
	s.deedRoute(mux, "user-edit", func(d *deed) (any, error) { return nil, s.actor(d).Edit(d.Resource, d.ID, d.Fields) })
	s.deedRoute(mux, "automation-edit", func(d *deed) (any, error) { return nil, s.Automation().Edit(d.Resource, d.ID, d.Fields) })
	s.deedRoute(mux, "move-to-list", func(d *deed) (any, error) { return nil, s.actor(d).MoveToList(d.Resource, d.ID, d.List) })
	s.deedRoute(mux, "copy-to-list", func(d *deed) (any, error) { return nil, s.actor(d).CopyToList(d.Resource, d.ID, d.List) })
	s.deedRoute(mux, "leave-list", func(d *deed) (any, error) { return nil, s.actor(d).LeaveList(d.Resource, d.ID, d.List) })
	s.deedRoute(mux, "merge", func(d *deed) (any, error) { return nil, s.actor(d).Merge(d.Resource, d.Survivor, d.Loser) })
	s.deedRoute(mux, "delete", func(d *deed) (any, error) { return nil, s.Support().Delete(d.Resource, d.ID) })
	s.deedRoute(mux, "user-delete", func(d *deed) (any, error) { return nil, s.actor(d).Delete(d.Resource, d.ID) })
	s.deedRoute(mux, "restore", func(d *deed) (any, error) { return nil, s.Support().Restore(d.Resource, d.ID) })
	s.controlRoutes(mux)
	s.watchRoutes(mux)
	return mux
}

func (s *Server) actor(d *deed) *Person {
	if d.Force {
		return s.Support()
	}
	setDefault(&d.User, Clerk)
	return s.Person(d.User)
}

func (s *Server) deedRoute(mux *http.ServeMux, name string, do func(*deed) (any, error)) {
	posts(mux, name, func(d *deed) (any, error) {
		s.complete(d)
		if schemas[d.Resource] == nil {
			return nil, &Refusal{404, "unknown resource"}
		}
		return do(d)
	})
}

// complete finds the record and the list that a deed leaves open.
func (s *Server) complete(d *deed) {
	if d.ID == 0 && d.ExternalID != "" && schemas[d.Resource] != nil {
		s.mu.RLock()
		d.ID = s.state.tables[d.Resource].external[d.ExternalID]
		s.mu.RUnlock()
	}
	if d.List == 0 {
		if l, ok := s.ProtectedList(s.opts.Companies[0]); ok {
			d.List = l.ID
		}
	}
}

// posts serves POST /__sim/<name> with a body of type T.
func posts[T any](mux *http.ServeMux, name string, do func(*T) (any, error)) {
	mux.HandleFunc("POST /__sim/"+name, func(w http.ResponseWriter, r *http.Request) {
		var body T
		d := json.NewDecoder(r.Body)
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

// gets serves GET /__sim/<name>.
func gets(mux *http.ServeMux, name string, do func(*http.Request) any) {
	mux.HandleFunc("GET /__sim/"+name, func(w http.ResponseWriter, r *http.Request) { reply(w, do(r), nil) })
}

func reply(w http.ResponseWriter, result any, err error) {
	if refused, ok := errors.AsType[*Refusal](err); ok {
		http.Error(w, refused.Text, refused.Status)
		return
	}
	if result == nil {
		result = struct{}{}
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(result)
}

// watchRoutes serves what tests and demos look at.
func (s *Server) watchRoutes(mux *http.ServeMux) {
	gets(mux, "journal", func(r *http.Request) any { return s.Journal(journalQuery(r)) })
	gets(mux, "writes", func(r *http.Request) any { return s.Writes(journalQuery(r)) })
	gets(mux, "counters", func(*http.Request) any { return s.Counters() })
	gets(mux, "reverts", func(*http.Request) any { return s.Reverts() })
	gets(mux, "shared-numbers", func(*http.Request) any { return s.SharedNumbers() })
	gets(mux, "created-twice", func(r *http.Request) any { return s.CreatedTwice(Resource(r.FormValue("resource"))) })
	gets(mux, "changes", func(r *http.Request) any { return s.Changes(changeQuery(r)) })
	gets(mux, "state/{resource}", func(r *http.Request) any { return s.everything(Resource(r.PathValue("resource"))) })
}

func (s *Server) everything(res Resource) any {
	switch res {
	case Settings:
		return s.Settings()
	case Lists:
		return s.Lists()
	case Stages:
		return s.Stages()
	case Users:
		return s.Users()
	case RevenueCategories:
		return s.Categories()
	case Accounts:
		return s.Accounts()
	case Contacts:
		return s.Contacts()
	case Opportunities:
		return s.Opportunities()
	}
	return nil
}

// journalQuery reads after, method, resource, from and to; what is malformed is as if absent.
func journalQuery(r *http.Request) JournalQuery {
	q := JournalQuery{Method: r.FormValue("method"), Resource: Resource(r.FormValue("resource")), After: number(r, "after")}
	q.From, _ = time.Parse(time.RFC3339, r.FormValue("from"))
	q.To, _ = time.Parse(time.RFC3339, r.FormValue("to"))
	return q
}

func changeQuery(r *http.Request) ChangeQuery {
	return ChangeQuery{After: number(r, "after"), Resource: Resource(r.FormValue("resource")), ID: number(r, "id"),
		Field: r.FormValue("field"), Author: r.FormValue("author")}
}

func number(r *http.Request, name string) int64 {
	n, _ := strconv.ParseInt(r.FormValue(name), 10, 64)
	return n
}
