package sagecrm_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var oneRecord = regexp.MustCompile(`^(\w+)\('(\d+)'\)$`)

// rest gives what a request asks for, and its answer.
func (d *desk) rest(r *http.Request, body []byte) (string, http.HandlerFunc) {
	path := strings.TrimPrefix(r.URL.Path, "/sdata/crmj/sagecrm2/-/")
	table, id := path, ""
	if m := oneRecord.FindStringSubmatch(path); m != nil {
		table, id = m[1], m[2]
	}
	what := strings.TrimSpace(r.Method + " " + table)
	if name, secret, ok := r.BasicAuth(); !ok || name != user || secret != password {
		return what, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(401) }
	}
	switch {
	case r.Method == http.MethodGet && id == "":
		return what, d.restList(table, r.URL.Query())
	case r.Method == http.MethodGet:
		return what, d.restOne(table, id)
	case r.Method == http.MethodPut && d.patchOnly:
		return what, d.restError(405, "Method Not Allowed")
	}
	return what, d.restSave(r, table, id, body)
}

func (d *desk) restError(status int, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch d.errors {
		case "page":
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(status)
			fmt.Fprintf(w, "<html><body><h1>%s</h1></body></html>", text)
		case "message":
			w.WriteHeader(status)
			fmt.Fprintf(w, `{"message":%q}`, text)
		default:
			w.WriteHeader(status)
			fmt.Fprintf(w, `{"$diagnoses":[{"severity":"error","sdataCode":"BadPayload","message":%q}]}`, text)
		}
	}
}

func (d *desk) restJSON(table string, id int) map[string]any {
	object := map[string]any{"$key": strconv.Itoa(id), "$url": "https://crm.example.com/x"}
	for name, text := range d.tables[table][id] {
		object[strings.ToUpper(prefixes[table][:1])+prefixes[table][1:]+name] = text
		if name == "type" && table == "company" && d.jsonArray {
			object["Comp_type"] = strings.Split(text, ",")
		}
	}
	return object
}

func (d *desk) restOne(table, id string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		n, _ := strconv.Atoi(id)
		if d.tables[table][n] == nil {
			d.restError(404, "not found")(w, nil)
			return
		}
		if d.etag {
			w.Header().Set("ETag", d.version(table, n))
		}
		_ = json.NewEncoder(w).Encode(d.restJSON(table, n))
	}
}

func (d *desk) version(table string, id int) string {
	return fmt.Sprintf("%q", fmt.Sprint(d.tables[table][id]))
}

func (d *desk) restList(table string, q url.Values) http.HandlerFunc {
	if q.Get("orderBy") != "" && d.old {
		return d.restError(400, "orderBy is not supported")
	}
	if !d.knows(table, q.Get("where")) {
		return d.restError(400, "The where clause is not valid")
	}
	var ids []int
	for _, id := range slices.Sorted(maps.Keys(d.tables[table])) {
		if r := d.tables[table][id]; r["deleted"] == "" && d.restFits(table, r, q.Get("where")) {
			ids = append(ids, id)
		}
	}
	if q.Get("orderBy") == "" {
		slices.Reverse(ids) // no order can be relied on
	}
	start, _ := strconv.Atoi(q.Get("startIndex"))
	count, _ := strconv.Atoi(q.Get("count"))
	if !d.zero {
		start--
	}
	total := len(ids)
	ids = ids[min(max(start, 0), len(ids)):]
	list := []any{}
	for _, id := range ids[:min(count, len(ids))] {
		list = append(list, d.restJSON(table, id))
	}
	keys := [2]string{"$resources", "$totalResults"}
	if d.plainKeys {
		keys = [2]string{"resources", "totalResults"}
	}
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{keys[0]: list, keys[1]: total})
	}
}

var (
	both    = regexp.MustCompile(`^(\w+ (?:eq|ge|like) .*?) and (\w+ (?:ge|between) .*)$`)
	between = regexp.MustCompile(`^(\w+) between (\d+) and (\d+)$`)
	simple  = regexp.MustCompile(`^(\w+) (eq|ge|like) (.*)$`)
)

func (d *desk) restFits(table string, r map[string]string, where string) bool {
	if where == "" {
		return true
	}
	if m := both.FindStringSubmatch(where); m != nil {
		return d.restFits(table, r, m[1]) && d.restFits(table, r, m[2])
	}
	value := func(column string) string {
		short, ok := strings.CutPrefix(column, prefixes[table])
		if !ok {
			d.t.Errorf("where %q of %s", where, table)
		}
		return r[short]
	}
	if m := between.FindStringSubmatch(where); m != nil {
		n, _ := strconv.Atoi(value(m[1]))
		from, _ := strconv.Atoi(m[2])
		to, _ := strconv.Atoi(m[3])
		return n >= from && n <= to
	}
	for term := range strings.SplitSeq(where, " or ") {
		m := simple.FindStringSubmatch(term)
		if m == nil {
			d.t.Errorf("where %q has no form", where)
			return false
		}
		text := strings.ReplaceAll(strings.Trim(m[3], "'@"), "''", "'")
		if n, err := strconv.Atoi(m[3]); err == nil && m[2] == "ge" {
			id, _ := strconv.Atoi(value(m[1]))
			if id >= n {
				return true
			}
			continue
		}
		if fits(value(m[1]), map[string]string{"eq": "=", "ge": ">=", "like": "like"}[m[2]], text) {
			return true
		}
	}
	return false
}

func (d *desk) restSave(r *http.Request, table, id string, body []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		var object map[string]any
		if err := json.Unmarshal(body, &object); err != nil {
			d.t.Errorf("body: %v", err)
		}
		values := map[string]string{}
		for name, v := range object {
			short, ok := strings.CutPrefix(strings.ToLower(name), prefixes[table])
			if !ok {
				d.t.Errorf("column %s of %s", name, table)
			}
			if list, is := v.([]any); is {
				v = strings.ReplaceAll(strings.Trim(fmt.Sprint(list), "[]"), " ", ",")
			}
			values[short] = fmt.Sprint(v)
		}
		if strings.Contains(values["name"], "refuse") {
			d.restError(400, "Validation error: "+values["name"])(w, req)
			return
		}
		n, _ := strconv.Atoi(id)
		operation := "update"
		switch {
		case id == "":
			operation = "add"
		case d.tables[table][n] == nil || d.tables[table][n]["deleted"] != "":
			d.restError(404, "not found")(w, req)
			return
		case d.etag && r.Header.Get("If-Match") != d.version(table, n):
			d.restError(412, "wrong version")(w, req)
			return
		}
		if id != "" {
			values[table+"id"] = id
		}
		n, refused := d.put(operation, table, values)
		if refused != "" {
			d.restError(400, refused)(w, req)
			return
		}
		w.WriteHeader(map[string]int{"add": 201, "update": 200}[operation])
		_ = json.NewEncoder(w).Encode(d.restJSON(table, n))
	}
}
