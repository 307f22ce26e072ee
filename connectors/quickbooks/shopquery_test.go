package quickbooks_test

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// sorted gives the rows of an entity by their last change.
func (s *shop) sorted(entity string) []obj {
	var rows []obj
	for _, row := range s.rows[entity] {
		rows = append(rows, row)
	}
	slices.SortFunc(rows, func(a, b obj) int {
		x, _ := strconv.Atoi(a["Id"].(string))
		y, _ := strconv.Atoi(b["Id"].(string))
		return cmp.Or(updated(a).Compare(updated(b)), cmp.Compare(x, y))
	})
	return rows
}

var (
	queryForm = regexp.MustCompile(`^SELECT (\*|count\(\*\)) FROM (\w+)(?: WHERE (.*?))?(?: ORDERBY Metadata\.LastUpdatedTime ASC)?(?: STARTPOSITION (\d+))?(?: MAXRESULTS (\d+))?$`)
	condition = regexp.MustCompile(`^([\w.]+) (=|>=|<=|IN) (.*)$`)
	quoted    = regexp.MustCompile(`'((?:\\.|[^'\\])*)'`)
)

func (s *shop) query(q string) said {
	m := queryForm.FindStringSubmatch(q)
	if m == nil || len(q) > 1600 {
		return said{status: 400, body: faultBody("4001", "ValidationFault")}
	}
	var rows []obj
	for _, row := range s.sorted(m[2]) {
		if s.matches(row, m[3]) {
			rows = append(rows, row)
		}
	}
	if m[1] != "*" {
		return ok(obj{"QueryResponse": obj{"totalCount": len(rows)}, "time": stamp()})
	}
	start, size := 1, 100
	if m[4] != "" {
		start, _ = strconv.Atoi(m[4])
	}
	if m[5] != "" {
		size, _ = strconv.Atoi(m[5])
	}
	rows = rows[min(start-1, len(rows)):]
	rows = rows[:min(size, len(rows))]
	for _, row := range rows {
		if s.poison[m[2]+" "+row["Id"].(string)] {
			return said{status: 400, body: faultBody("4002", "ValidationFault")}
		}
	}
	answer := obj{}
	if len(rows) > 0 {
		answer = obj{m[2]: rows, "startPosition": start, "maxResults": len(rows)}
	}
	return ok(obj{"QueryResponse": answer, "time": stamp()})
}

func (s *shop) matches(row obj, where string) bool {
	if active, ok := row["Active"].(bool); ok && !active && !strings.Contains(where, "Active IN (true, false)") {
		return false
	}
	if where == "" {
		return true
	}
	for term := range strings.SplitSeq(where, " AND ") {
		m := condition.FindStringSubmatch(term)
		if m == nil {
			s.t.Errorf("condition %q", term)
			return false
		}
		if m[1] == "Active" {
			continue
		}
		var values []string
		for _, v := range quoted.FindAllStringSubmatch(m[3], -1) {
			values = append(values, regexp.MustCompile(`\\(.)`).ReplaceAllString(v[1], "$1"))
		}
		if !s.compare(row, m[1], m[2], values) {
			return false
		}
	}
	return true
}

func (s *shop) compare(row obj, field, op string, values []string) bool {
	text, _ := row[field].(string)
	if op == "IN" {
		return slices.Contains(values, text)
	}
	order := cmp.Compare(text, values[0])
	switch field {
	case "Metadata.LastUpdatedTime":
		at, err := time.Parse(time.RFC3339, values[0])
		if err != nil {
			s.t.Errorf("time %q", values[0])
		}
		order = updated(row).Compare(at)
	case "Id":
		x, _ := strconv.ParseUint(text, 10, 64)
		y, _ := strconv.ParseUint(values[0], 10, 64)
		order = cmp.Compare(x, y)
	}
	return op == "=" && order == 0 || op == ">=" && order >= 0 || op == "<=" && order <= 0
}
