package outlooktest

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// term is one condition of a $filter; they are joined by and.
type term struct {
	prop      string // an extended property
	extension string // an open extension that must be there
	path      string // a property of the item
	mail      string // an e-mail address that a contact has
	op        string // eq ne gt ge lt le startswith contains
	value     string
	moment    time.Time // value, if it is one
}

const literal = `('(?:[^']|'')*'|[0-9TZ:.+-]+|true|false|null)`

var (
	propTerm   = regexp.MustCompile(`^(?i:singleValueExtendedProperties/any)\((\w+): ?(\w+)/id eq '((?:[^']|'')*)' and (.+)\)$`)
	extTerm    = regexp.MustCompile(`^(?i:extensions/any)\((\w+): ?(\w+)/id eq '((?:[^']|'')*)'\)$`)
	mailTerm   = regexp.MustCompile(`^(?i:emailAddresses/any)\((\w+): ?(\w+)/address eq '((?:[^']|'')*)'\)$`)
	plainTerm  = regexp.MustCompile(`^([A-Za-z]+(?:/[A-Za-z]+)*) (eq|ne|gt|ge|lt|le) ` + literal + `$`)
	callTerm   = regexp.MustCompile(`^(startswith|contains)\(([A-Za-z]+(?:/[A-Za-z]+)*), ?` + literal + `\)$`)
	castedTerm = regexp.MustCompile(`^cast\((\w+/value), ?Edm\.\w+\) (eq|ne|gt|ge|lt|le) ` + literal + `$`)
)

func readFilter(k Kind, v string) ([]term, *problem) {
	var out []term
	for _, part := range splitOutside(v, " and ") {
		t, ok := readTerm(strings.TrimSpace(part))
		name, _, _ := strings.Cut(t.path, "/")
		if _, known := schema[k][name]; !ok || t.path != "" && !known {
			return nil, refuse(400, "ErrorInvalidUrlQueryFilter", "The $filter query is not understood or not supported.")
		}
		if t.mail != "" && k != Contact {
			return nil, refuse(400, "ErrorInvalidUrlQueryFilter", "Items of this type have no e-mail addresses.")
		}
		if t.prop != "" {
			if k != Contact && k != Event {
				return nil, refuse(400, "ErrorInvalidUrlQueryFilter", "Items of this type have no extended properties.")
			}
			plain, prob := plainProp(t.prop)
			if prob != nil {
				return nil, prob
			}
			t.prop = plain
		}
		out = append(out, t)
	}
	return out, nil
}

func readTerm(v string) (term, bool) {
	if m := propTerm.FindStringSubmatch(v); m != nil && m[1] == m[2] {
		inner := strings.TrimSpace(m[4])
		if c := castedTerm.FindStringSubmatch(inner); c != nil {
			inner = c[1] + " " + c[2] + " " + c[3]
		}
		t, ok := comparison(inner)
		t.prop = unquote(m[3])
		ok = ok && t.path == m[1]+"/value"
		t.path = ""
		return t, ok
	}
	if m := extTerm.FindStringSubmatch(v); m != nil && m[1] == m[2] {
		return term{extension: unquote(m[3])}, true
	}
	if m := mailTerm.FindStringSubmatch(v); m != nil && m[1] == m[2] {
		return term{mail: unquote(m[3])}, true
	}
	return comparison(v)
}

func comparison(v string) (term, bool) {
	t := term{}
	if m := plainTerm.FindStringSubmatch(v); m != nil {
		t.path, t.op, t.value = m[1], m[2], m[3]
	} else if m := callTerm.FindStringSubmatch(v); m != nil {
		t.op, t.path, t.value = m[1], m[2], m[3]
	} else {
		return t, false
	}
	if len(t.value) > 1 && t.value[0] == '\'' {
		t.value = unquote(t.value[1 : len(t.value)-1])
	}
	t.moment, _ = readMoment(t.value)
	return t, true
}

func unquote(s string) string { return strings.ReplaceAll(s, "''", "'") }

// matches says whether an item meets a condition. full gives it as the caller would see it.
func (t *term) matches(it *item, full func() Object) bool {
	switch {
	case t.extension != "":
		return it.extension(t.extension) >= 0
	case t.mail != "":
		return slices.ContainsFunc(objects(it.fields["emailAddresses"]), func(o Object) bool { return strings.EqualFold(text(o, "address"), t.mail) })
	case t.prop != "":
		value, ok := it.props[t.prop]
		return ok && t.holds(value, true)
	}
	var v any = full()
	for step := range strings.SplitSeq(t.path, "/") {
		o, _ := v.(Object)
		v = o[step]
	}
	switch v := v.(type) {
	case string:
		return t.holds(v, false)
	case bool:
		return t.holds(strconv.FormatBool(v), false)
	case nil:
		return t.op == "eq" && t.value == "null" || t.op == "ne" && t.value != "null"
	}
	return false
}

// holds compares. The case of a text does not count, and moments are compared as such.
func (t *term) holds(value string, numeric bool) bool {
	a, b := strings.ToLower(value), strings.ToLower(t.value)
	switch t.op {
	case "startswith":
		return strings.HasPrefix(a, b)
	case "contains":
		return strings.Contains(a, b)
	}
	order := strings.Compare(a, b)
	if at, ok := readMoment(value); ok && !t.moment.IsZero() && len(value) > 10 {
		order = at.Compare(t.moment)
	} else if x, err := strconv.ParseFloat(a, 64); err == nil && numeric {
		if y, err := strconv.ParseFloat(b, 64); err == nil {
			order = compareFloats(x, y)
		}
	}
	return map[string]bool{"eq": order == 0, "ne": order != 0, "gt": order > 0, "ge": order >= 0, "lt": order < 0, "le": order <= 0}[t.op]
}

func compareFloats(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
