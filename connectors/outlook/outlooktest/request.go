package outlooktest

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// What a call asks for.
const (
	OpToken   = "token"
	OpBatch   = "batch"
	OpList    = "list"
	OpRead    = "read"
	OpCreate  = "create"
	OpUpdate  = "update"
	OpDelete  = "delete"
	OpDelta   = "delta" // the first page of a round
	OpPage    = "page"  // a further page of it
	OpUnknown = "unknown"
)

// request is a call as the mailbox works on it, now or late.
type request struct {
	method  string
	user    string
	op      string
	kind    Kind   // of what it is about
	owner   Kind   // of an extension or linked resource: of what
	folder  string // id of the container, "" for the one that is meant when nobody says
	inside  bool   // folder was given
	id      string
	sub     string // name of an extension, id of a linked resource
	shape   string // the path behind the user, without ids
	view    bool   // a calendar view
	series  bool   // the instances of a series
	query   url.Values
	options options
	prefer  prefer
	ifMatch string
	raw     []byte
	body    Object
	base    string // scheme and host, for links
	address string // path and query as they came
	fault   *Fault
}

// prefer is what the header Prefer asks for.
type prefer struct {
	immutable bool
	zone      string
	body      string // text or html
	pageSize  int
}

func readPrefer(values []string) (p prefer) {
	for _, v := range values {
		for part := range strings.SplitSeq(v, ",") {
			name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
			value = strings.Trim(strings.TrimSpace(value), `"`)
			switch strings.ToLower(strings.TrimSpace(name)) {
			case "idtype":
				p.immutable = value == "ImmutableId"
			case "outlook.timezone":
				p.zone = value
			case "outlook.body-content-type":
				p.body = strings.ToLower(value)
			case "odata.maxpagesize":
				p.pageSize, _ = strconv.Atoi(value)
			}
		}
	}
	return p
}

// applied is the header Preference-Applied.
func (p prefer) applied() string {
	var parts []string
	if p.immutable {
		parts = append(parts, `IdType="ImmutableId"`)
	}
	if p.zone != "" {
		parts = append(parts, `outlook.timezone="`+p.zone+`"`)
	}
	if p.body != "" {
		parts = append(parts, `outlook.body-content-type="`+p.body+`"`)
	}
	if p.pageSize > 0 {
		parts = append(parts, "odata.maxpagesize="+strconv.Itoa(p.pageSize))
	}
	return strings.Join(parts, ", ")
}

// route reads the method and the address of a call. It gives what it understood with the refusal.
func route(method, address string, header http.Header) (*request, *problem) {
	q := &request{method: method, op: OpUnknown, prefer: readPrefer(header.Values("Prefer")), ifMatch: header.Get("If-Match"), address: address}
	path, raw, _ := strings.Cut(address, "?")
	var prob *problem
	if q.query, prob = readQuery(raw); prob != nil {
		return q, prob
	}
	steps := &steps{}
	for part := range strings.SplitSeq(strings.Trim(strings.TrimPrefix(path, "/v1.0"), "/"), "/") {
		step, err := url.PathUnescape(part)
		if err != nil {
			return q, badRequest("path: malformed")
		}
		steps.left = append(steps.left, step)
	}
	if !strings.HasPrefix(path, "/v1.0/") || !steps.is("users") || len(steps.left) == 0 {
		return q, noSegment(steps.peek())
	}
	q.user = steps.take()
	prob = q.below(steps)
	q.shape = strings.Join(steps.shape, "/")
	if prob != nil {
		return q, prob
	}
	if len(steps.left) > 0 {
		return q, noSegment(steps.peek())
	}
	return q, q.decide()
}

// readQuery reads the query. The case of an option's name does not count.
func readQuery(raw string) (url.Values, *problem) {
	in, err := url.ParseQuery(raw)
	if err != nil {
		return nil, badRequest("query: malformed")
	}
	out := url.Values{}
	for name, values := range in {
		if len(values) > 1 {
			return nil, badQuery("Query option '%s' was specified more than once.", name)
		}
		out[strings.ToLower(name)] = values
	}
	return out, nil
}

// steps are the parts of a path that are left, and the shape of those that were taken.
type steps struct{ left, shape []string }

func (s *steps) peek() string {
	if len(s.left) == 0 {
		return ""
	}
	return s.left[0]
}

// is takes a word if it is the next part.
func (s *steps) is(word string) bool {
	next := strings.TrimSuffix(strings.TrimPrefix(s.peek(), "microsoft.graph."), "()")
	if !strings.EqualFold(next, word) {
		return false
	}
	s.left = s.left[1:]
	s.shape = append(s.shape, word)
	return true
}

// take takes an id, "" if nothing is left.
func (s *steps) take() string {
	if len(s.left) == 0 {
		return ""
	}
	id := s.left[0]
	s.left = s.left[1:]
	if len(s.shape) == 1 && s.shape[0] == "users" {
		s.shape = nil // what follows the user is told
	} else {
		s.shape = append(s.shape, "{id}")
	}
	return id
}

// below reads what follows the user.
func (q *request) below(s *steps) *problem {
	switch {
	case s.is("contacts"):
		return q.items(Contact, s)
	case s.is("contactFolders"):
		return q.contactFolders(s)
	case s.is("events"):
		return q.items(Event, s)
	case s.is("calendarView"):
		return q.calendarView(s)
	case s.is("calendar"):
		q.kind, q.inside = Calendar, true
		return q.calendar(s)
	case s.is("calendars"):
		q.kind = Calendar
		if q.id = s.take(); q.id == "" {
			return nil
		}
		q.inside = true
		return q.calendar(s)
	case s.is("todo"):
		if !s.is("lists") {
			return noSegment(s.peek())
		}
		return q.taskLists(s)
	case len(s.left) == 0 || slices.Contains(closed, strings.ToLower(s.peek())):
		return refuse(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
	}
	return noSegment(s.peek())
}

// closed are things of a user that need roles which the application does not have.
var closed = []string{"messages", "mailfolders", "mailboxsettings", "drive", "manager", "outlook"}

func (q *request) contactFolders(s *steps) *problem {
	q.kind = ContactFolder
	if q.id = s.take(); q.id == "" {
		return nil
	}
	switch {
	case s.is("childFolders"):
		q.folder, q.inside, q.id = q.id, true, ""
		if len(s.left) > 0 {
			return q.contactFolders(s) // of a child
		}
	case s.is("contacts"):
		q.folder, q.inside, q.id = q.id, true, ""
		if s.is("delta") {
			q.kind, q.op = Contact, OpDelta
			return nil
		}
		return q.items(Contact, s)
	}
	return nil
}

func (q *request) calendar(s *steps) *problem {
	switch {
	case s.is("events"):
		q.folder, q.id = q.id, ""
		return q.items(Event, s)
	case s.is("calendarView"):
		q.folder, q.id = q.id, ""
		return q.calendarView(s)
	}
	return nil
}

// calendarView reads a view. Rounds of changes are there for the view of the primary calendar alone.
func (q *request) calendarView(s *steps) *problem {
	q.kind, q.view = Event, true
	if s.is("delta") {
		if q.inside {
			return noSegment("delta")
		}
		q.op = OpDelta
	}
	return nil
}

func (q *request) taskLists(s *steps) *problem {
	q.kind = TaskList
	if s.is("delta") {
		q.op = OpDelta
		return nil
	}
	if q.id = s.take(); q.id == "" {
		return nil
	}
	if !s.is("tasks") {
		return q.related(TaskList, s)
	}
	q.folder, q.inside, q.id = q.id, true, ""
	if s.is("delta") {
		q.kind, q.op = Task, OpDelta
		return nil
	}
	return q.items(Task, s)
}

// items reads a collection of contacts, events or tasks, and what lies below one of them.
func (q *request) items(k Kind, s *steps) *problem {
	q.kind = k
	if strings.HasPrefix(strings.TrimPrefix(s.peek(), "microsoft.graph."), "delta") {
		return noSegment(s.peek())
	}
	if q.id = s.take(); q.id == "" {
		return nil
	}
	if k == Event && s.is("instances") {
		q.series, q.view = true, true
		return nil
	}
	return q.related(k, s)
}

func (q *request) related(k Kind, s *steps) *problem {
	switch {
	case s.is("extensions"):
		q.kind, q.owner, q.sub = extensionKind, k, s.take()
	case k == Task && s.is("linkedResources"):
		q.kind, q.owner, q.sub = linkedKind, k, s.take()
	}
	return nil
}
