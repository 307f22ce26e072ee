package sagecrm

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// row is one record as either interface shows it: values by short names, nested records by table. A field of several values
// has as many.
type row struct {
	values   map[string][]string
	children map[string][]row
	// nests says that the answer has a place for children at all, be it empty.
	nests map[string]bool
	// names are the columns as REST wrote them, by short names; only those of the record's own table.
	names map[string]string
	etag  string // of REST, empty without one
}

func newRow() row {
	return row{values: map[string][]string{}, children: map[string][]row{}, nests: map[string]bool{}, names: map[string]string{}}
}

func (r row) get(name string) string {
	if v := r.values[name]; len(v) > 0 {
		return strings.TrimSpace(v[0])
	}
	return ""
}

func (r row) set(name string, values ...string) { r.values[name] = values }

// id gives the record's own key in its table, in the one form that keys have; empty if there is none.
func (r row) id(key string) string {
	for _, name := range []string{key, "key", "id"} {
		if id := plainID(r.get(name)); id != "" {
			return id
		}
	}
	return ""
}

// plainID gives a number above 0 in its canonical form; empty for anything else.
func plainID(text string) string {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n <= 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

// gone says whether the record is deleted, which the CRM only marks.
func (r row) gone() bool { return r.get("deleted") != "" && truth(r.get("deleted")) }

// truth says whether a box is ticked, in any of the forms that are known.
func truth(text string) bool {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "y", "yes", "true", "1":
		return true
	}
	return false
}

// sorted puts the oldest child first.
func sorted(rows []row, key string) []row {
	number := func(r row) int64 {
		n, _ := strconv.ParseInt(r.id(key), 10, 64) // 0 stands first where there is no id
		return n
	}
	return slices.SortedStableFunc(slices.Values(rows), func(a, b row) int { return cmp.Compare(number(a), number(b)) })
}

// tableNames are the tables by the names that nested lists go by.
var tableNames = map[string]string{
	"address": "address", "addresses": "address", "phone": "phone", "phones": "phone", "email": "email", "emails": "email",
	"person": "person", "persons": "person", "people": "person", "company": "company", "companies": "company",
}

// cond is one condition of a read. Its column is one of ours, never a text of somebody else's.
type cond struct {
	op     string // all, in, at least, equal, like, any
	column string // short
	values []string
	any    []cond // of which one must fit
}

func in(col string, v []string) cond { return cond{op: "in", column: col, values: v} }
func least(col, v string) cond       { return cond{op: "least", column: col, values: []string{v}} }
func equal(col, v string) cond       { return cond{op: "equal", column: col, values: []string{v}} }
func like(col, v string) cond        { return cond{op: "like", column: col, values: []string{v}} }

// quote makes a text of a predicate.
func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// digitsBetween is a pattern that fits every way of writing a number's digits with signs between.
func digitsBetween(digits string) string {
	var b strings.Builder
	b.WriteByte('%')
	for _, r := range digits {
		if r >= '0' && r <= '9' {
			b.WriteRune(r)
			b.WriteByte('%')
		}
	}
	return b.String()
}

// change is what queryid or a read of changes tells about one record.
type change struct {
	id      string
	deleted bool
	row     *row // where the answer holds it whole
}
