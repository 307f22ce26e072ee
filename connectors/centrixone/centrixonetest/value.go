package centrixonetest

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"time"
)

// same compares what two pointers of one field point to.
func same(a, b any) bool {
	switch a := a.(type) {
	case *string:
		return *a == *b.(*string)
	case *int64:
		return *a == *b.(*int64)
	case *bool:
		return *a == *b.(*bool)
	case *time.Time:
		return a.Equal(*b.(*time.Time))
	case *[]int64:
		return slices.Equal(*a, *b.(*[]int64))
	case *map[string]string:
		return maps.Equal(*a, *b.(*map[string]string))
	case *[]Line:
		return slices.Equal(*a, *b.(*[]Line))
	}
	panic("centrixonetest: field of an unknown type")
}

// plain gives a value as one text, "" for none: what filters and the history compare.
func plain(p any) string {
	switch p := p.(type) {
	case *string:
		return *p
	case *int64:
		if *p == 0 {
			return ""
		}
		return strconv.FormatInt(*p, 10)
	case *bool:
		return strconv.FormatBool(*p)
	case *time.Time:
		return stampText(*p)
	}
	if b, _ := json.Marshal(p); string(b) != "null" {
		return string(b)
	}
	return ""
}

// encode appends a field's value as JSON. A field without a value is null, an empty set [] or {}.
func (f *field) encode(b []byte, p any) []byte {
	switch p := p.(type) {
	case *string:
		if *p == "" {
			return append(b, "null"...)
		}
		return appendString(b, *p)
	case *int64:
		if *p == 0 && f.kind == refKind {
			return append(b, "null"...)
		}
		return strconv.AppendInt(b, *p, 10)
	case *bool:
		return strconv.AppendBool(b, *p)
	case *time.Time:
		return append(append(append(b, '"'), stampText(*p)...), '"')
	case *[]int64:
		return appendIDs(b, *p)
	case *map[string]string:
		return appendCustom(b, *p)
	case *[]Line:
		return appendLines(b, *p)
	}
	panic("centrixonetest: field of an unknown type")
}

func appendString(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			quoted, _ := json.Marshal(s)
			return append(b, quoted...)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}

func appendIDs(b []byte, ids []int64) []byte {
	b = append(b, '[')
	for i, id := range ids {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, id, 10)
	}
	return append(b, ']')
}

func appendCustom(b []byte, values map[string]string) []byte {
	if len(values) == 0 {
		return append(b, "{}"...)
	}
	object, _ := json.Marshal(values)
	return append(b, object...)
}

func appendLines(b []byte, lines []Line) []byte {
	b = append(b, '[')
	for i := range lines {
		if i > 0 {
			b = append(b, ',')
		}
		for j := range lineFields {
			b = append(b, separator(j))
			f := &lineFields[j]
			b = append(append(append(b, '"'), f.name...), `":`...)
			b = f.encode(b, f.at(&lines[i]))
		}
		b = append(b, '}')
	}
	return append(b, ']')
}

func separator(i int) byte {
	if i == 0 {
		return '{'
	}
	return ','
}

// appendRow appends one record as a JSON object of the chosen fields.
func appendRow(b []byte, r record, fields []*field) []byte {
	b = append(b, '{')
	inside := ""
	for i, f := range fields {
		object, name := f.group()
		if inside != "" && object != inside {
			b = append(b, '}')
		}
		if i > 0 {
			b = append(b, ',')
		}
		if object != "" && object != inside {
			b = append(append(append(b, '"'), object...), `":{`...)
		}
		inside = object
		b = append(append(append(b, '"'), name...), `":`...)
		b = f.encode(b, f.at(r))
	}
	if inside != "" {
		b = append(b, '}')
	}
	return append(b, '}')
}
