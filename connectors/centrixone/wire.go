package centrixone

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"syncbox/connectors/rest"
)

// query is one read.
type query struct {
	resource string
	filter   string    // base filter
	since    time.Time // only what was changed at or after; zero for all
	after    string    // cursor of the page before; empty for the first
	filters  string    // groups of tab-separated connector, field, operator and value
	modified string    // If-Modified-Since; empty for an unconditional read
}

// address makes the URL, with the parameters always in the same order since caches go by it.
func (c *CRM) address(q query) *url.URL {
	name := func(escape func(string) string) string {
		return "/API_WEB/" + c.cfg.Language + "/" + q.resource + "-" + escape(c.cfg.Account) + "-" + escape(c.cfg.APIKey) +
			"-" + q.filter + ".awp"
	}
	u := *c.base
	base := strings.TrimSuffix(u.Path, "/")
	u.Path = base + name(func(s string) string { return s })
	u.RawPath = base + name(url.PathEscape)
	return &u
}

func (c *CRM) readURL(q query) *url.URL {
	u := c.address(q)
	u.RawQuery = "fields=all"
	add := func(name, value string) {
		if value != "" {
			u.RawQuery += "&" + name + "=" + url.QueryEscape(value)
		}
	}
	add("filters", q.filters)
	if !q.since.IsZero() {
		add("since", q.since.UTC().Format(time.RFC3339))
	}
	add("after", q.after)
	add("limit", strconv.Itoa(c.cfg.PageSize))
	return u
}

// row is one object as the product tells it. Numbers are json.Number.
type row map[string]any

// page is the answer to one read.
type page struct {
	rows       []row
	next       string    // cursor of the page that follows; empty on the last one
	serverTime time.Time // zero if the answer did not tell
	modified   string    // Last-Modified
	unchanged  bool      // 304; nothing else is set
}

// decodePage reads the answer to a GET.
func decodePage(a *rest.Answer, resource string) (*page, error) {
	members, err := decodeSuccess(a)
	if err != nil {
		return nil, err
	}
	p := &page{modified: a.Header.Get("Last-Modified")}
	if err := decode(members[resource], &p.rows); err != nil || p.rows == nil {
		return nil, fmt.Errorf("the answer has no array %s", resource)
	}
	count := len(p.rows)
	for name, into := range map[string]any{"ServerTime": &p.serverTime, "Count": &count, "Next": &p.next} {
		if raw, ok := members[name]; ok && json.Unmarshal(raw, into) != nil {
			return nil, fmt.Errorf("the answer's %s is of an unexpected type", name)
		}
	}
	if count != len(p.rows) {
		return nil, fmt.Errorf("the answer counts %d rows and has %d", count, len(p.rows))
	}
	return p, nil
}

// item is what became of one record of a POST.
type item struct {
	Index  *int
	Id     int64
	Action string
}

// decodeItems reads the answer to a POST of n records and gives their items in the order of the request.
func decodeItems(a *rest.Answer, n int) ([]item, error) {
	members, err := decodeSuccess(a)
	if err != nil {
		return nil, err
	}
	var items []item
	if err := decode(members["Items"], &items); err != nil || len(items) != n {
		return nil, fmt.Errorf("the answer has not one item for each of %d records", n)
	}
	ordered := make([]item, n)
	for _, it := range items {
		if it.Index == nil || *it.Index < 0 || *it.Index >= n || ordered[*it.Index].Id != 0 || it.Id <= 0 {
			return nil, errors.New("the answer's items do not match the records")
		}
		ordered[*it.Index] = it
	}
	return ordered, nil
}

// decodeSuccess accepts status 200 with JSON whose Result is Success, and nothing else, and gives its members.
func decodeSuccess(a *rest.Answer) (map[string]json.RawMessage, error) {
	if a.Status != http.StatusOK || !a.JSON() {
		kind, _, _ := strings.Cut(a.Header.Get("Content-Type"), ";")
		return nil, fmt.Errorf("status %d with type %.40q is no success", a.Status, kind)
	}
	var members map[string]json.RawMessage
	if err := decode(a.Body, &members); err != nil {
		return nil, errors.New("the answer is not one JSON object")
	}
	if result := string(members["Result"]); result != `"Success"` {
		return nil, fmt.Errorf("the answer's result is %.40s", result)
	}
	return members, nil
}

// decode reads exactly one JSON value, with numbers as they are written.
func decode(b []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("more follows")
	}
	return nil
}

// at gives the member under a path with points; nil if it is absent.
func (r row) at(path string) any {
	name, rest, nested := strings.Cut(path, ".")
	if !nested {
		return r[name]
	}
	inner, _ := r[name].(map[string]any)
	return row(inner).at(rest)
}

// put sets the member under a path with points.
func (r row) put(path string, v any) {
	name, rest, nested := strings.Cut(path, ".")
	if !nested {
		r[name] = v
		return
	}
	inner, ok := r[name].(map[string]any)
	if !ok {
		inner = map[string]any{}
		r[name] = inner
	}
	row(inner).put(rest, v)
}

// id gives a member that is an Id, as a number or in digits; 0 for none and for anything else.
func (r row) id(name string) int64 {
	text := ""
	switch v := r[name].(type) {
	case json.Number:
		text = v.String()
	case string:
		text = v
	}
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id < 0 {
		return 0
	}
	return id
}

func (r row) text(name string) string {
	s, _ := r[name].(string)
	return s
}

func (r row) flag(name string) bool {
	b, _ := r[name].(bool)
	return b
}
