package sagex3test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// restCall is a read as the address tells it.
type restCall struct {
	object Object
	class  string
	key    string // of one record
	query  bool   // $query; else $details
	sc     *schema
}

var classForm = regexp.MustCompile(`^([A-Z0-9_]+)(?:\('([^']+)'\))?$`)

// diagnosis is how REST refuses.
func diagnosis(status int, text string) *answer {
	return jsonAnswer(status, map[string]any{"$diagnoses": []any{map[string]string{"$severity": "error", "$message": text}}})
}

// rest answers the reads of the published representations. Writes of classic modules are refused.
func (s *Server) rest(c *Call, r *http.Request) *answer {
	who, signedIn := s.basic(r)
	if !signedIn {
		return unauthorized()
	}
	c.Op = "GET"
	if r.Method != http.MethodGet {
		c.Op = r.Method
		return diagnosis(http.StatusMethodNotAllowed, "Classic modules are read-only")
	}
	q, a := s.restCall(r)
	if a != nil {
		return a
	}
	c.Object, c.Class = q.object, q.class
	if q.object.synced() {
		c.Key = q.key
	}
	f := s.faults.take(c)
	if f != nil {
		c.Fault = f.Kind
		switch f.Kind {
		case CloseBefore:
			return &answer{closed: true}
		case Unauthorized:
			return unauthorized()
		case HTTPStatus:
			return f.page()
		case Slow:
			wait(r.Context(), f.Delay)
		}
	}
	s.mu.Lock()
	c.User = who.Code
	a = s.restAnswer(c, q, r)
	s.mu.Unlock()
	if f != nil {
		return f.spoil(r.Context(), nil, style{}, a)
	}
	return a
}

func (s *Server) restCall(r *http.Request) (*restCall, *answer) {
	folder, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, pathREST), "/")
	m := classForm.FindStringSubmatch(rest)
	if folder != s.opts.Folder || m == nil {
		return nil, diagnosis(http.StatusNotFound, "Not found")
	}
	representation, facet, _ := strings.Cut(r.URL.Query().Get("representation"), ".")
	s.mu.Lock()
	defer s.mu.Unlock()
	o, known := s.shown[representation]
	if !known || string(o) != m[1] {
		return nil, diagnosis(http.StatusNotFound, "Representation not found")
	}
	q := &restCall{object: o, class: m[1] + " " + representation, key: m[2], query: facet == "$query", sc: s.schema(o)}
	if !q.query && (facet != "$details" || q.key == "") || q.query && q.key != "" {
		return nil, diagnosis(http.StatusNotFound, "Facet not found")
	}
	return q, nil
}

func (s *Server) restAnswer(c *Call, q *restCall, r *http.Request) *answer {
	if !q.query {
		one := s.state.find(q.object, q.key)
		if one == nil {
			return diagnosis(http.StatusNotFound, "Record not found")
		}
		c.Rows = 1
		return jsonAnswer(http.StatusOK, s.resource(q.sc, one, true))
	}
	test, used, wrong := parseWhere(r.FormValue("where"), q.sc, s.opts.Zone)
	if c.Criteria = used; wrong != "" {
		return diagnosis(http.StatusInternalServerError, wrong)
	}
	rows := slices.DeleteFunc(s.state.all(q.object), func(one *Record) bool { return !test(one) })
	if wrong := s.sortRows(rows, q.sc, r.FormValue("orderBy")); wrong != "" {
		return diagnosis(http.StatusInternalServerError, wrong)
	}
	count := 20
	if text := r.FormValue("count"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return diagnosis(http.StatusInternalServerError, "count is not a number of records")
		}
		count = n
	}
	return s.restPage(c, q, r, rows, count)
}

// restPage gives the rows behind the one that the address names, and the address of the next page.
func (s *Server) restPage(c *Call, q *restCall, r *http.Request, rows []*Record, count int) *answer {
	if last, ok := strings.CutPrefix(r.FormValue("key"), "gt."); ok {
		at := slices.IndexFunc(rows, func(one *Record) bool { return one.Key == last })
		if at < 0 { // it is gone: by key those behind it are known all the same
			rows = slices.DeleteFunc(rows, func(one *Record) bool { return one.Key <= last })
		} else {
			rows = rows[at+1:]
		}
	}
	more := len(rows) > count
	rows = rows[:min(count, len(rows))]
	out := &pairs{}
	out.add("$url", address(r, nil))
	out.add("$descriptor", q.class)
	resources := []*pairs{}
	for _, one := range rows {
		resources = append(resources, s.resource(q.sc, one, false))
	}
	out.add("$resources", resources)
	if more {
		out.add("$links", map[string]any{"$next": map[string]string{"$url": address(r, url.Values{"key": {"gt." + rows[len(rows)-1].Key}}), "$method": "GET"}})
	}
	c.Rows = len(rows)
	return jsonAnswer(http.StatusOK, out)
}

func address(r *http.Request, with url.Values) string {
	q := r.URL.Query()
	for name, v := range with {
		q[name] = v
	}
	return "http://" + r.Host + r.URL.EscapedPath() + "?" + q.Encode()
}

// sortRows sorts rows that come by key.
func (s *Server) sortRows(rows []*Record, sc *schema, by string) string {
	if by == "" {
		return ""
	}
	var orders []func(a, b *Record) int
	for one := range strings.SplitSeq(by, ",") {
		words := strings.Fields(one)
		if len(words) == 0 || len(words) > 2 || len(words) == 2 && words[1] != "asc" && words[1] != "desc" {
			return "orderBy: syntax error"
		}
		f := sc.byCode(words[0])
		if f == nil {
			return "Property " + words[0] + " not found"
		}
		sign := 1
		if len(words) == 2 && words[1] == "desc" {
			sign = -1
		}
		orders = append(orders, func(a, b *Record) int { return sign * order(f, a.value(f, s.opts.Zone), b.value(f, s.opts.Zone)) })
	}
	slices.SortStableFunc(rows, func(a, b *Record) int {
		for _, one := range orders {
			if n := one(a, b); n != 0 {
				return n
			}
		}
		return 0
	})
	return ""
}

// resource shows a record with its fields, and with its grids where all of it was asked for.
func (s *Server) resource(sc *schema, r *Record, whole bool) *pairs {
	out := &pairs{}
	out.add("$key", r.Key)
	out.add("$uuid", r.UUID)
	for i := range sc.blocks {
		b := &sc.blocks[i]
		if b.dim > 1 && whole {
			var lines []*pairs
			for _, v := range r.Grids[b.means] {
				one := &pairs{}
				for j := range b.fields {
					one.add(b.fields[j].code, b.fields[j].property(b.fields[j].shownValue(v[b.fields[j].means])))
				}
				lines = append(lines, one)
			}
			out.add(b.id, lines)
		}
		for j := range b.fields {
			if f := &b.fields[j]; b.dim == 1 {
				out.add(f.code, f.property(r.value(f, s.opts.Zone)))
			}
		}
	}
	return out
}

// property writes a value as REST does: numbers as such, days as 2026-11-23.
func (f *field) property(v string) any {
	switch {
	case f.items > 0:
		return strings.Split(v, "\n")
	case f.form == integer:
		n, _ := strconv.Atoi(v) // checked when it came in
		return n
	case f.form == day && len(v) == 8:
		return v[:4] + "-" + v[4:6] + "-" + v[6:]
	}
	return v
}
