package salesmanagementtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// request is a call whose body was read, so that it can be carried out later.
type request struct {
	method string
	path   string
	parts  []string // of the path below /api/v4
	query  url.Values
	header http.Header
	body   []byte
	cut    error // the body did not arrive as it was said
	length int64 // as the header says; below 0 it says nothing
}

const root = "/api/v4/"

func read(r *http.Request) *request {
	q := &request{method: r.Method, path: r.URL.Path, query: r.URL.Query(), header: r.Header, length: r.ContentLength}
	if strings.HasPrefix(r.URL.Path, root) {
		q.parts = strings.Split(r.URL.Path[len(root):], "/")
	}
	q.body, q.cut = io.ReadAll(io.LimitReader(r.Body, 64<<20))
	if q.length == 0 && len(q.body) > 0 {
		q.length = -1 // how Go calls a body of unknown length that did not come over a network
	}
	return q
}

// object decodes the body: one JSON object, said to be JSON.
func (q *request) object() (map[string]any, *Refusal) {
	kind, _, err := mime.ParseMediaType(q.header.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		return nil, invalid("Content-Type: want application/json")
	}
	d := json.NewDecoder(bytes.NewReader(q.body))
	d.UseNumber()
	var body map[string]any
	if err := d.Decode(&body); err != nil || body == nil {
		return nil, invalid("body: no JSON object")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, invalid("body: more than one object")
	}
	return body, nil
}

// about notes what a call wants.
func (q *request) about(s *Server, c *Call) {
	c.Op = "unknown"
	if len(q.parts) == 0 {
		return
	}
	c.Endpoint = EndpointAPI
	name := Entity(q.parts[0])
	switch {
	case q.is("POST", "login"):
		c.Endpoint, c.Op = EndpointLogin, "login"
		return
	case q.is("POST", "procedure", "zapier_schema"):
		c.Op = "schema"
		return
	case s.tables[name] == nil || s.tables[name].hidden:
		return
	}
	c.Entity = name
	if len(q.parts) > 1 {
		c.ID, _ = strconv.ParseInt(q.parts[1], 10, 64) // 0 where there is none
	}
	c.Op = q.op(c)
	c.Fields = q.names()
}

func (q *request) is(method string, parts ...string) bool {
	return q.method == method && slices.Equal(q.parts, parts)
}

// op tells what is done to an entity; "unknown" if there is no such address.
func (q *request) op(c *Call) string {
	switch {
	case len(q.parts) == 1:
		return map[string]string{"GET": "list", "POST": "create"}[q.method]
	case len(q.parts) == 2 && q.parts[1] == "schema":
		return map[string]string{"GET": "schema"}[q.method]
	case len(q.parts) == 2:
		return map[string]string{"GET": "read", "PUT": "update", "DELETE": "delete"}[q.method]
	case len(q.parts) == 3 && q.parts[2] == "documents" && c.Entity == Products:
		return map[string]string{"POST": "document"}[q.method]
	}
	return "unknown"
}

// names are the members of the body, sorted.
func (q *request) names() (out []string) {
	var body map[string]json.RawMessage
	if json.Unmarshal(q.body, &body) != nil {
		return nil
	}
	for name := range body {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}
