package centrixonetest

import (
	"encoding/base64"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Page sizes: without limit, and the largest.
const (
	defaultLimit = 100
	maxLimit     = 500
)

// query is the part after the question mark.
type query struct {
	fields  []*field
	filters string
	since   time.Time // zero: everything
	after   int64
	limit   int
}

var queryNames = map[string]bool{"fields": true, "filters": true, "since": true, "after": true, "limit": true}

// parseQuery reads the parameters of a read; an unknown, double or malformed one is 400.
func parseQuery(res Resource, raw string) (*query, *problem) {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return nil, refuse(400, "query: malformed")
	}
	for name, v := range values {
		if !queryNames[name] || len(v) != 1 {
			return nil, refuse(400, "query: unknown or repeated parameter")
		}
	}
	q := &query{filters: values.Get("filters"), limit: defaultLimit}
	var prob *problem
	if q.fields, prob = chooseFields(schemas[res], values.Get("fields")); prob != nil {
		return nil, prob
	}
	if s := values.Get("since"); values.Has("since") {
		if q.since, err = time.Parse(time.RFC3339, s); err != nil {
			return nil, refuse(400, "since: want RFC 3339")
		}
	}
	if s := values.Get("limit"); values.Has("limit") {
		if q.limit, err = strconv.Atoi(s); err != nil || q.limit < 1 || q.limit > maxLimit {
			return nil, refuse(400, "limit: want 1 to %d", maxLimit)
		}
	}
	if s := values.Get("after"); values.Has("after") {
		if q.after, err = parseCursor(s); err != nil {
			return nil, refuse(400, "after: unknown cursor")
		}
	}
	return q, nil
}

// chooseFields reads fields=all or names with commas; Sync means all of Sync. Id is always there.
func chooseFields(s *schema, list string) ([]*field, *problem) {
	wanted := map[string]bool{"id": true}
	everything := list == "" || list == "all"
	if !everything {
		for name := range strings.SplitSeq(strings.ToLower(list), ",") {
			if s.byName[name] == nil && name != "sync" {
				return nil, refuse(400, "fields: unknown field")
			}
			wanted[name] = true
		}
	}
	var fields []*field
	for i := range s.fields {
		f := &s.fields[i]
		object, _ := f.group()
		if everything || wanted[strings.ToLower(f.name)] || (object != "" && wanted[strings.ToLower(object)]) {
			fields = append(fields, f)
		}
	}
	return fields, nil
}

// A cursor is the last id of a page.
func formatCursor(id int64) string {
	return base64.RawURLEncoding.EncodeToString([]byte("after:" + strconv.FormatInt(id, 10)))
}

func parseCursor(s string) (int64, error) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return 0, err
	}
	digits, _ := strings.CutPrefix(string(b), "after:")
	return strconv.ParseInt(digits, 10, 64)
}
