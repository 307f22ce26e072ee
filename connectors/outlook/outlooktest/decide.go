package outlooktest

import (
	"net/http"
	"slices"
	"strings"
)

// decide finds what a call asks for from its method and reads the options that go with it.
func (q *request) decide() *problem {
	single := q.id != "" && q.owner == "" && !q.series || q.sub != "" || q.kind == Calendar && q.id == "" && strings.HasSuffix(q.shape, "calendar")
	switch {
	case q.op == OpDelta:
		if q.method != http.MethodGet {
			return notAllowed()
		}
	case q.method == http.MethodGet && single:
		q.op = OpRead
	case q.method == http.MethodGet:
		q.op = OpList
	case q.method == http.MethodPost && !single && !q.view:
		q.op = OpCreate
	case q.method == http.MethodPatch && single:
		q.op = OpUpdate
	case q.method == http.MethodDelete && single:
		q.op = OpDelete
	default:
		return notAllowed()
	}
	if q.kind.container() && (q.op == OpUpdate || q.op == OpDelete) {
		return notAllowed() // the product can; nobody here needs it
	}
	return q.readOptions()
}

func notAllowed() *problem {
	return refuse(405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.")
}

// allowed names the options that a call may have.
func (q *request) allowed() []string {
	switch {
	case q.op == OpDelta && (q.query.Get("$deltatoken") != "" || q.query.Get("$skiptoken") != ""):
		return []string{"$deltatoken", "$skiptoken"}
	case q.op == OpDelta && q.kind == Event:
		return []string{"startdatetime", "enddatetime", "$deltatoken"}
	case q.op == OpDelta && q.kind == Contact:
		return []string{"$select", "$expand", "$deltatoken"}
	case q.op == OpDelta && q.kind == Task:
		return []string{"$select", "$expand", "$top", "$deltatoken"}
	case q.op == OpDelta:
		return []string{"$select", "$deltatoken"}
	case q.op == OpList && q.owner != "":
		return nil
	case q.op == OpList && q.view:
		return []string{"startdatetime", "enddatetime", "$select", "$expand", "$filter", "$top", "$skip", "$orderby"}
	case q.op == OpList:
		return []string{"$select", "$expand", "$filter", "$top", "$skip", "$orderby"}
	case q.op == OpRead:
		return []string{"$select", "$expand"}
	}
	return nil
}

// readOptions refuses options that the call does not know and reads the others.
func (q *request) readOptions() *problem {
	allowed := q.allowed()
	for name := range q.query {
		known := strings.HasPrefix(name, "$") || q.view
		if known && !slices.Contains(allowed, name) {
			return badQuery("The query option '%s' is not supported here.", name)
		}
	}
	if q.op == OpDelta && q.query.Get("$skiptoken") != "" {
		q.op = OpPage
	}
	if q.prefer.zone != "" {
		if _, prob := zoneOf(q.prefer.zone); prob != nil {
			return prob
		}
	}
	var prob *problem
	q.options, prob = readOptions(q.kind, q.query)
	if prob == nil && q.view {
		prob = q.options.readWindow(q)
	}
	return prob
}

// readBody reads the body of a write.
func (q *request) readBody(contentType string) *problem {
	if q.op != OpCreate && q.op != OpUpdate {
		return nil
	}
	if !strings.HasPrefix(strings.ToLower(contentType), "application/json") {
		return refuse(415, "RequestBodyRead", "Content-Type: want application/json.")
	}
	var err error
	if q.body, err = decodeObject(q.raw); err != nil {
		return refuse(400, "RequestBodyRead", "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.")
	}
	return nil
}

// role is what an application needs for a call.
func (q *request) role() string {
	k := q.kind
	if q.owner != "" {
		k = q.owner
	}
	switch k {
	case Contact, ContactFolder:
		return RoleContacts
	case Event, Calendar:
		return RoleCalendars
	}
	return RoleTasks
}
