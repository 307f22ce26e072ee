package sagecrm

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// page is one answer to a read.
type page struct {
	rows  []row
	total int // of all that the condition fits; -1 where it is not told
}

// pageOf reads a list, or the one record that an answer is.
func pageOf(v any, t table) (page, error) {
	object, ok := v.(map[string]any)
	if !ok {
		if list, isList := v.([]any); isList {
			return page{rowsOf(list, t), -1}, nil
		}
		return page{}, fmt.Errorf("the answer is neither a list nor a record")
	}
	p := page{total: -1}
	list, found := []any(nil), false
	for key, of := range object {
		switch strings.ToLower(strings.TrimPrefix(key, "$")) {
		case "resources":
			list, found = of.([]any)
		case "totalresults":
			if n, err := strconv.Atoi(fmt.Sprint(of)); err == nil && n >= 0 {
				p.total = n
			}
		}
	}
	if found {
		p.rows = rowsOf(list, t)
		return p, nil
	}
	if r := jsonRow(object, t); r.id(t.key) != "" {
		return page{rows: []row{r}, total: 1}, nil
	}
	return page{}, fmt.Errorf("the answer has no list of records")
}

func rowsOf(list []any, t table) []row {
	var rows []row
	for _, of := range list {
		if object, ok := of.(map[string]any); ok {
			rows = append(rows, jsonRow(object, t))
		}
	}
	return rows
}

// jsonRow reads one record.
func jsonRow(object map[string]any, t table) row {
	r := newRow()
	for _, key := range sortedKeys(object) {
		name, of := short(key), object[key]
		if strings.HasPrefix(strings.ToLower(key), t.prefix+"_") {
			r.names[name] = key
		} else if _, taken := r.names[name]; taken {
			continue // $key beside the column of that name
		}
		if child := tableNames[name]; child != "" {
			if rows, is := nestedJSON(of, child); is {
				r.nests[child], r.children[child] = true, rows
				continue
			}
		}
		if texts, ok := textsOf(of); ok {
			r.values[name] = texts
		}
	}
	r.etag = r.get("etag")
	return r
}

// nestedJSON reads nested records: a list, or an object that holds one.
func nestedJSON(v any, name string) ([]row, bool) {
	var t table
	for _, ct := range append([]table{companyTable, personTable}, childTables...) {
		if ct.name == name {
			t = ct
		}
	}
	switch v := v.(type) {
	case []any:
		return rowsOf(v, t), true
	case map[string]any:
		p, err := pageOf(v, t)
		return p.rows, err == nil
	}
	return nil, false
}

// textsOf gives a value's texts; false for an object.
func textsOf(v any) ([]string, bool) {
	switch v := v.(type) {
	case nil:
		return []string{""}, true
	case string:
		return []string{v}, true
	case json.Number:
		return []string{v.String()}, true
	case bool:
		return []string{strconv.FormatBool(v)}, true
	case []any:
		var all []string
		for _, of := range v {
			texts, ok := textsOf(of)
			if !ok {
				return nil, false
			}
			all = append(all, texts...)
		}
		return all, true
	}
	return nil, false
}

// restPredicate writes a condition with the operators that every version has.
func (s *sdata) restPredicate(t table, where cond) string {
	column := t.column(where.column)
	switch where.op {
	case "in":
		terms := make([]string, len(where.values))
		for i, v := range where.values {
			terms[i] = column + " eq " + quote(v)
		}
		return strings.Join(terms, " or ")
	case "least":
		text := strings.Replace(where.values[0], " ", "T", 1)
		if s.crm.cfg.RESTDate == "at" {
			return column + " ge @" + text + "@"
		}
		return column + " ge " + quote(text)
	case "equal":
		return column + " eq " + quote(where.values[0])
	case "like":
		return column + " like " + quote(where.values[0])
	}
	return ""
}
