package centrixonetest

import (
	"math/big"
	"strconv"
	"strings"
	"time"
)

// test says whether a record is wanted.
type test func(record) bool

// operators are the comparisons of a filter; ~ (contains) is made apart.
var operators = map[string]func(cmp int) bool{
	"=":  func(c int) bool { return c == 0 },
	"<>": func(c int) bool { return c != 0 },
	">":  func(c int) bool { return c > 0 },
	"<":  func(c int) bool { return c < 0 },
	">=": func(c int) bool { return c >= 0 },
	"<=": func(c int) bool { return c <= 0 },
	"~":  nil, // contains
}

// parseFilters reads groups of connector TAB field TAB operator TAB value, each closed by a TAB (the
// last one may go without). The first connector is empty; and (also empty) or or join the others,
// from left to right. A field's name is found in any case.
func (st *state) parseFilters(res Resource, s string) (test, *problem) {
	parts := strings.Split(s, "\t")
	if len(parts)%4 == 1 && parts[len(parts)-1] == "" {
		parts = parts[:len(parts)-1]
	}
	if len(parts) == 0 || len(parts)%4 != 0 {
		return nil, refuse(400, "filters: want groups of connector, field, operator, value with TABs")
	}
	var all test
	for i := 0; i < len(parts); i += 4 {
		one, prob := st.condition(res, parts[i+1], parts[i+2], parts[i+3])
		if prob != nil {
			return nil, prob
		}
		if all, prob = join(all, strings.ToLower(parts[i]), one); prob != nil {
			return nil, prob
		}
	}
	return all, nil
}

func join(left test, connector string, right test) (test, *problem) {
	switch {
	case left == nil && connector == "":
		return right, nil
	case left == nil:
		return nil, refuse(400, "filters: the first connector must be empty")
	case connector == "" || connector == "and":
		return func(r record) bool { return left(r) && right(r) }, nil
	case connector == "or":
		return func(r record) bool { return left(r) || right(r) }, nil
	}
	return nil, refuse(400, "filters: want the connector and, or")
}

// condition makes the test of one group.
func (st *state) condition(res Resource, name, operator, value string) (test, *problem) {
	holds, known := operators[operator]
	if !known {
		return nil, refuse(400, "filters: unknown operator")
	}
	if key, ok := strings.CutPrefix(strings.ToLower(name), "custom."); ok && schemas[res].byName["custom"] != nil {
		return customCondition(schemas[res].byName["custom"], name[len(name)-len(key):], operator, value), nil
	}
	f := schemas[res].byName[strings.ToLower(name)]
	if f == nil || f.kind == linesKind || f.kind == customKind {
		return nil, refuse(400, "filters: unknown field")
	}
	if operator == "~" {
		return contains(f, value), nil
	}
	if f.kind == refsKind {
		return st.membership(f, operator, value)
	}
	compare, prob := st.comparison(f, value)
	if prob != nil {
		return nil, prob
	}
	return func(r record) bool { return holds(compare(r)) }, nil
}

func customCondition(f *field, key, operator, value string) test {
	return func(r record) bool {
		got := (*f.at(r).(*map[string]string))[key]
		if operator == "~" {
			return strings.Contains(strings.ToLower(got), strings.ToLower(value))
		}
		return operators[operator](strings.Compare(got, value))
	}
}

func contains(f *field, value string) test {
	value = strings.ToLower(value)
	return func(r record) bool { return strings.Contains(strings.ToLower(plain(f.at(r))), value) }
}

// membership tests a set of ids: = has it, <> has it not; with no value, the set is empty or is not.
func (st *state) membership(f *field, operator, value string) (test, *problem) {
	if operator != "=" && operator != "<>" {
		return nil, refuse(400, "filters: %s takes = and <>", f.name)
	}
	id, err := st.filterID(f, value)
	if err != nil {
		return nil, err
	}
	return func(r record) bool {
		has := value == "" && len(*f.at(r).(*[]int64)) == 0
		for _, member := range *f.at(r).(*[]int64) {
			has = has || (value != "" && member == id)
		}
		return has == (operator == "=")
	}, nil
}

func (st *state) filterID(f *field, value string) (int64, *problem) {
	if value == "" {
		return 0, nil
	}
	if len(value) > 2 && value[1] == '.' && (value[0] == 'E' || value[0] == 'K') {
		return st.named(f.to, value), nil
	}
	id, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		return 0, refuse(400, "filters: %s: want an id", f.name)
	}
	return id, nil
}

// comparison gives what compares a record's value with the wanted one. "" is before everything.
func (st *state) comparison(f *field, value string) (func(record) int, *problem) {
	switch f.kind {
	case idKind, intKind, refKind:
		want, prob := st.filterID(f, value)
		if prob != nil {
			return nil, prob
		}
		return func(r record) int { return cmpInt(*f.at(r).(*int64), want) }, nil
	case decimalKind:
		return decimals(f, value)
	case flagKind:
		want, err := strconv.ParseBool(value)
		if err != nil {
			return nil, refuse(400, "filters: %s: want true or false", f.name)
		}
		return func(r record) int { return strings.Compare(plain(f.at(r)), strconv.FormatBool(want)) }, nil
	case stampKind:
		want, err := time.Parse(time.RFC3339, value)
		if err != nil {
			return nil, refuse(400, "filters: %s: want a time", f.name)
		}
		return func(r record) int { return f.at(r).(*time.Time).Compare(want) }, nil
	}
	return func(r record) int { return strings.Compare(*f.at(r).(*string), value) }, nil
}

func cmpInt(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// decimals compares amounts by value, so that 5 is 5.00; one without a value only with none.
func decimals(f *field, value string) (func(record) int, *problem) {
	want := new(big.Rat)
	if value != "" && !decimalForm.MatchString(value) {
		return nil, refuse(400, "filters: %s: want a decimal", f.name)
	}
	want.SetString(value)
	return func(r record) int {
		got := *f.at(r).(*string)
		if got == "" || value == "" {
			return strings.Compare(got, value)
		}
		x, _ := new(big.Rat).SetString(got)
		return x.Cmp(want)
	}, nil
}
