package sagecrmtest

import (
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"syncbox/connectors/rest/resttest"
)

// restCall is a call of REST as address and body tell it.
type restCall struct {
	op       string
	t        *table
	selector string // what stands in brackets behind the entity
	query    url.Values
	match    string // If-Match
	body     map[string]any
	host     string
}

var resourceForm = regexp.MustCompile(`^(\$?[A-Za-z]+)(?:\((.+)\))?$`)

// rest answers one call of the REST interface.
func (s *Server) rest(c *Call, r *http.Request, path string, recent int) *resttest.Answer {
	s.mu.Lock()
	s.restBusy++
	over := s.on(RestLimit, "enforced") && (s.restBusy > 2 || recent > 5)
	s.mu.Unlock()
	defer s.leaveRest()
	if over {
		return s.refuseRest(c, refuse(overloaded, "Too many requests"))
	}
	s.mu.Lock()
	q, wrong := s.restCall(c, r, path)
	s.mu.Unlock()
	if wrong != nil {
		return s.refuseRest(c, wrong)
	}
	return s.run(r.Context(), c, &job{
		enter:  func(*Call) (*entered, *Refusal) { return s.basic(r) },
		work:   func(c *Call, in *entered) (*resttest.Answer, *Refusal) { return s.onResource(c, q, in) },
		refuse: s.refuseRest,
	})
}

func (s *Server) leaveRest() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.restBusy--
}

// basic is HTTP Basic with a user of the product.
func (s *Server) basic(r *http.Request) (*entered, *Refusal) {
	login, password, _ := r.BasicAuth()
	u, ok := s.signedIn(login, password)
	if !ok {
		return nil, refuse(denied, "Unauthorized")
	}
	return &entered{user: u}, nil
}

// restCall reads address and body. Who calls is looked at first: a stranger learns nothing of what there is.
func (s *Server) restCall(c *Call, r *http.Request, path string) (*restCall, *Refusal) {
	if _, wrong := s.basic(r); wrong != nil {
		return nil, wrong
	}
	q := &restCall{match: r.Header.Get("If-Match"), host: r.Host}
	var err error
	if q.query, err = url.ParseQuery(r.URL.RawQuery); err != nil {
		return nil, refuse(invalid, "The address is not valid")
	}
	if rest, ok := strings.CutPrefix(path, "$prototypes"); ok {
		return q, s.prototype(c, q, r.Method, rest)
	}
	m := resourceForm.FindStringSubmatch(path)
	if m == nil {
		return nil, refuse(absent, "Not found")
	}
	t, wrong := s.enabled(m[1])
	if wrong != nil {
		return nil, wrong
	}
	q.t, q.selector, c.Entity = t, m[2], t.entity
	c.ID, _ = strconv.ParseInt(strings.Trim(m[2], "'"), 10, 64) // 0 where the selector is a condition
	if wrong := s.verb(c, q, r.Method); wrong != nil {
		return nil, wrong
	}
	c.Op = q.op
	if q.op == "create" || q.op == "update" {
		return q, s.restBody(c, q, r)
	}
	return q, nil
}

// prototype asks for the entities, or for the columns of one.
func (s *Server) prototype(c *Call, q *restCall, method, rest string) (wrong *Refusal) {
	c.Op, q.op = "schema", "schema"
	if s.on(RestSchema, "absent") || rest != "" && rest[0] != '/' {
		return refuse(absent, "Not found")
	}
	if method != http.MethodGet {
		return refuse(wrongVerb, "Method not allowed")
	}
	if rest != "" {
		q.t, wrong = s.enabled(rest[1:])
	}
	return wrong
}

// verb finds what a method means for an address.
func (s *Server) verb(c *Call, q *restCall, method string) *Refusal {
	one := q.selector != ""
	change := map[string]string{"put": http.MethodPut, "patch": http.MethodPatch}[s.switches[RestUpdate]]
	switch {
	case method == http.MethodGet && one:
		q.op = "read"
	case method == http.MethodGet:
		q.op = "query"
	case c.Endpoint == EndpointOld:
	case method == http.MethodPost && !one:
		q.op = "create"
	case method == change && one:
		q.op = "update"
	case method == http.MethodDelete && one:
		q.op = "delete"
	}
	if q.op == "" {
		return refuse(wrongVerb, "Method not allowed")
	}
	return nil
}

// restBody reads the JSON of a record.
func (s *Server) restBody(c *Call, q *restCall, r *http.Request) *Refusal {
	if !strings.Contains(r.Header.Get("Content-Type"), "json") {
		return refuse(invalid, "Content-Type: want application/json")
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, 1<<20))
	if err != nil {
		return refuse(invalid, "The body cannot be read")
	}
	c.Records = 1
	q.body, err = readObject(body)
	if err != nil {
		return refuse(invalid, "The body is not an object of JSON")
	}
	return nil
}

// onResource does what a call asks for. The caller has the lock.
func (s *Server) onResource(c *Call, q *restCall, in *entered) (*resttest.Answer, *Refusal) {
	who := author{id: in.user.ID, login: in.user.Login, call: c}
	switch q.op {
	case "schema":
		return s.schemaAnswer(q), nil
	case "query":
		return s.restQuery(c, q)
	case "create":
		return s.restCreate(c, q, who)
	}
	r, wrong := s.selected(c, q)
	if wrong != nil {
		return nil, wrong
	}
	c.ID = r.ID
	if q.op == "read" {
		c.Rows = 1
		return s.tagged(resttest.JSON(http.StatusOK, s.resource(q.t, r, nil)), r), nil
	}
	if wrong := s.matches(q, r); wrong != nil {
		return nil, wrong
	}
	if q.op == "delete" {
		s.mark(q.t.entity, r, true, who)
		return resttest.JSON(http.StatusOK, struct{}{}), nil
	}
	return s.restUpdate(q, r, who)
}

// selected finds the one record that an address names, by its key or by a condition that chooses just one.
func (s *Server) selected(c *Call, q *restCall) (*row, *Refusal) {
	text := q.selector
	if id, err := strconv.ParseInt(strings.Trim(text, "'"), 10, 64); err == nil {
		text = q.t.key.Name + " eq " + strconv.FormatInt(id, 10)
	}
	chosen, used, wrong := s.restWhere(q.t, text)
	if wrong != nil {
		return nil, wrong
	}
	c.Fields = used
	var found []*row
	for _, r := range s.state.Rows[q.t.entity] {
		if (s.visible(r) && q.op == "read" || !r.Deleted) && chosen(r) {
			found = append(found, r)
		}
	}
	if len(found) != 1 {
		return nil, notFound(q.t.entity)
	}
	return found[0], nil
}

// parameters are what a query may have.
var parameters = []string{"where", "startIndex", "count", "orderBy", "$select", "select", "format"}

// restQuery answers with a page of records.
func (s *Server) restQuery(c *Call, q *restCall) (*resttest.Answer, *Refusal) {
	for name := range q.query {
		if !slices.Contains(parameters, name) {
			return nil, refuse(invalid, "Unknown parameter of a query")
		}
	}
	chosen, used, wrong := s.restWhere(q.t, q.query.Get("where"))
	if c.Fields = used; wrong != nil {
		return nil, wrong
	}
	var rows []*row
	for _, r := range s.state.Rows[q.t.entity] {
		if s.visible(r) && chosen(r) {
			rows = append(rows, r)
		}
	}
	if by := q.query.Get("orderBy"); by != "" {
		if wrong := s.sorted(q.t, rows, by); wrong != nil {
			return nil, wrong
		}
	} else if s.on(RestOrder, "unsorted") {
		rows = s.shuffled(rows, c.Seq)
	}
	return s.page(c, q, rows)
}

// page cuts a page out of the rows.
func (s *Server) page(c *Call, q *restCall, rows []*row) (*resttest.Answer, *Refusal) {
	first, _ := strconv.Atoi(s.switches[RestStart]) // "0" or "1"
	start, wrong := number(q.query, "startIndex", first, first)
	count, wrong2 := number(q.query, "count", 10, 1)
	if wrong != nil || wrong2 != nil {
		return nil, refuse(invalid, "startIndex or count is not valid")
	}
	only, wrong := s.selectedFields(q)
	if wrong != nil {
		return nil, wrong
	}
	total := len(rows)
	rows = rows[min(start-first, total):]
	rows = rows[:min(count, s.opts.PageLimit, len(rows))]
	resources := []map[string]any{}
	for _, r := range rows {
		resources = append(resources, s.resource(q.t, r, only))
	}
	c.Rows = len(rows)
	return resttest.JSON(http.StatusOK, s.keyed(map[string]any{"resources": resources, "totalResults": total, "startIndex": start, "itemsPerPage": len(rows)})), nil
}

func number(q url.Values, name string, byDefault, least int) (int, *Refusal) {
	text := q.Get(name)
	if text == "" {
		return byDefault, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least {
		return 0, refuse(invalid, name+" is not valid")
	}
	return n, nil
}
