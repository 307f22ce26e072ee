package centrixonetest

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

var (
	externalForm = regexp.MustCompile(`^[A-Za-z0-9_.]+$`)
	decimalForm  = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)
	customForm   = regexp.MustCompile(`^[A-Za-z0-9_]+$`)
)

func isNull(raw json.RawMessage) bool { return string(raw) == "null" }

// parse writes a JSON value into the field of a clone. A null clears it. The state resolves references.
func (f *field) parse(st *state, raw json.RawMessage, p any) *problem {
	if isNull(raw) {
		clearValue(p)
		return nil
	}
	switch f.kind {
	case flagKind:
		return decode(f, raw, p.(*bool), "true or false")
	case intKind:
		return decode(f, raw, p.(*int64), "a whole number")
	case refKind:
		id, prob := st.resolve(f, raw)
		*p.(*int64) = id
		return prob
	case refsKind:
		return f.parseRefs(st, raw, p.(*[]int64))
	case customKind:
		return f.parseCustom(raw, p.(*map[string]string))
	case linesKind:
		return f.parseLines(st, raw, p.(*[]Line))
	}
	return f.parseText(raw, p.(*string))
}

func decode[T any](f *field, raw json.RawMessage, p *T, want string) *problem {
	if json.Unmarshal(raw, p) != nil {
		return refuse(400, "%s: want %s", f.name, want)
	}
	return nil
}

func clearValue(p any) {
	switch p := p.(type) {
	case *string:
		*p = ""
	case *int64:
		*p = 0
	case *bool:
		*p = false
	case *[]int64:
		*p = nil
	case *map[string]string:
		*p = nil
	case *[]Line:
		*p = nil
	}
}

func (f *field) parseText(raw json.RawMessage, p *string) *problem {
	if prob := decode(f, raw, p, "a string"); prob != nil || *p == "" {
		return prob
	}
	switch f.kind {
	case externalKind:
		if !externalForm.MatchString(*p) {
			return refuse(400, "%s: want letters, digits, _ and . only", f.name)
		}
	case decimalKind:
		if !decimalForm.MatchString(*p) {
			return refuse(400, "%s: want a decimal string", f.name)
		}
	case dateKind:
		if _, err := time.Parse(time.DateOnly, *p); err != nil {
			return refuse(400, "%s: want a date yyyy-mm-dd", f.name)
		}
	case enumKind:
		if !slices.Contains(f.words, *p) {
			return refuse(400, "%s: want one of %s", f.name, strings.Join(f.words, ", "))
		}
	}
	return nil
}

func (f *field) parseRefs(st *state, raw json.RawMessage, p *[]int64) *problem {
	var items []json.RawMessage
	if prob := decode(f, raw, &items, "an array of ids"); prob != nil {
		return prob
	}
	var ids []int64
	for _, item := range items {
		id, prob := st.resolve(f, item)
		if prob != nil {
			return prob
		}
		ids = append(ids, id)
	}
	slices.Sort(ids)
	*p = slices.Compact(ids)
	return nil
}

func (f *field) parseCustom(raw json.RawMessage, p *map[string]string) *problem {
	var items map[string]*string
	if prob := decode(f, raw, &items, "an object of strings"); prob != nil {
		return prob
	}
	for key, value := range items {
		switch {
		case !customForm.MatchString(key):
			return refuse(400, "%s: want letters, digits and _ in keys", f.name)
		case value == nil || *value == "":
			delete(*p, key)
		case *p == nil:
			*p = map[string]string{key: *value}
		default:
			(*p)[key] = *value
		}
	}
	if len(*p) > f.max {
		return refuse(400, "%s: at most %d fields", f.name, f.max)
	}
	return nil
}

func (f *field) parseLines(st *state, raw json.RawMessage, p *[]Line) *problem {
	var items []map[string]json.RawMessage
	if prob := decode(f, raw, &items, "an array of lines"); prob != nil {
		return prob
	}
	lines := make([]Line, len(items))
	for i, item := range items {
		for j := range lineFields {
			lf := &lineFields[j]
			value, ok := item[lf.name]
			if !ok {
				continue
			}
			if prob := lf.parse(st, value, lf.at(&lines[i])); prob != nil {
				prob.reason = "Lines[" + strconv.Itoa(i) + "]." + prob.reason
				if prob.status != 500 {
					prob.text = prob.reason
				}
				return prob
			}
		}
	}
	*p = lines
	return nil
}

// resolve finds the record that a reference names: a numeric id, "E.<external id>" or "K.<key>".
func (st *state) resolve(f *field, raw json.RawMessage) (int64, *problem) {
	var id int64
	if json.Unmarshal(raw, &id) == nil {
		if st.row(f.to, id) == nil {
			return 0, missing("%s: %s %d does not exist", f.name, f.to, id)
		}
		return id, nil
	}
	var form string
	if json.Unmarshal(raw, &form) != nil || len(form) < 3 || form[1] != '.' || (form[0] != 'E' && form[0] != 'K') {
		return 0, refuse(400, "%s: want a numeric id, E.<external id> or K.<key>", f.name)
	}
	if id = st.named(f.to, form); id == 0 {
		return 0, missing("%s: %s %s does not exist", f.name, f.to, printable(form))
	}
	return id, nil
}

// named gives the id behind "E.…" or "K.…", 0 if there is none.
func (st *state) named(to Resource, form string) int64 {
	if form[0] == 'E' {
		return st.tables[to].external[form[2:]]
	}
	for id, r := range st.tables[to].rows {
		switch r := r.(type) {
		case *Stage:
			if r.Key == form[2:] {
				return id
			}
		case *List:
			if r.Key == form[2:] {
				return id
			}
		default:
			return 0
		}
	}
	return 0
}

// printable keeps what may stand in a header: ids, and nothing that only looks like one.
func printable(form string) string {
	if externalForm.MatchString(form) && len(form) <= 64 {
		return form
	}
	return "(malformed)"
}
