package quickbookstest

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// check refuses a written object that has unknown members, values of a wrong kind, or texts that are too long.
func (w *Switches) check(e Entity, o Object) *problem {
	var found []faultError
	w.walk(schemas[e], "", o, &found)
	if len(found) > 0 {
		slices.SortFunc(found, func(a, b faultError) int { return strings.Compare(*a.Element, *b.Element) })
		return &problem{status: 400, kind: "ValidationFault", errors: found}
	}
	if !e.isName() {
		return nil
	}
	if strings.ContainsAny(text(o, "DisplayName"), ":\t\n") {
		return invalid("6000", "A business validation error has occurred while processing your request",
			"Business Validation Error: The name supplied has a colon, a tab or a new line.", "DisplayName")
	}
	if address := text(o, "PrimaryEmailAddr.Address"); address != "" && !goodMail(address) {
		return invalid("2210", "Invalid Email Address format", "Email Address is not valid : Supplied value:", "PrimaryEmailAddr.Address")
	}
	return nil
}

// goodMail takes one or several addresses with , or ; between them.
func goodMail(list string) bool {
	for part := range strings.SplitSeq(strings.ReplaceAll(list, ";", ","), ",") {
		user, host, ok := strings.Cut(strings.TrimSpace(part), "@")
		if !ok || user == "" || host == "" || strings.ContainsAny(user+host, " @") {
			return false
		}
	}
	return true
}

func (w *Switches) walk(s *schema, above string, o Object, found *[]faultError) {
	for name, v := range o {
		path := above + name
		inner, isObject := v.(Object)
		f := s.fields[strings.ToLower(path)] // capitals count on the wire
		switch {
		case v == nil && (f != nil || s.objects[strings.ToLower(path)]):
		case isObject && s.objects[strings.ToLower(path)]:
			w.walk(s, path+".", inner, found)
		case f == nil || f.path != path || !f.kind.holds(v):
			*found = append(*found, faultError{"Request has invalid or unsupported property",
				"Property Name:" + path + " specified is unsupported or invalid", "2010", &path})
		case f.tooLong(w, v):
			*found = append(*found, faultError{"Length exceeds limit", "Length of the field exceeds the limit", "2050", &path})
		}
	}
}

func (f *field) tooLong(w *Switches, v any) bool {
	limit := f.max
	if w.ShortNames && f.short != 0 {
		limit = f.short
	}
	s, ok := v.(string)
	return ok && limit > 0 && utf8.RuneCountInString(s) > limit
}

// holds says whether a JSON value is of the kind. Ids and tokens are texts, never numbers.
func (k kind) holds(v any) bool {
	switch k {
	case textKind:
		_, ok := v.(string)
		return ok
	case numberKind:
		_, ok := v.(json.Number)
		return ok
	case flagKind:
		_, ok := v.(bool)
		return ok
	case dateKind:
		s, ok := v.(string)
		_, err := time.Parse(time.DateOnly, s)
		return ok && (s == "" || err == nil)
	case stampKind:
		s, ok := v.(string)
		_, err := parseTime(s, time.UTC)
		return ok && (s == "" || err == nil)
	}
	return true
}

// parseTime reads what the product takes as a time: with an offset, without (the zone's), or a date alone.
func parseTime(s string, zone *time.Location) (time.Time, error) {
	for _, layout := range []string{"2006-01-02T15:04:05", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, s, zone); err == nil {
			return t, nil
		}
	}
	return time.Parse(time.RFC3339, s)
}
