package sagecrmtest

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"
)

// wall is how times are stored and compared, as the database does: local, without a zone.
const wall = "2006-01-02T15:04:05"

var timeForms = []string{wall, "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", time.DateOnly, "2006-01-02T15:04:05.000", "2006-01-02 15:04:05.000"}

// wallTime reads a local time in one of the forms of the product.
func wallTime(text string) (string, bool) {
	for _, form := range timeForms {
		if t, err := time.Parse(form, strings.TrimSpace(text)); err == nil {
			return t.Format(wall), true
		}
	}
	return "", false
}

// take brings a value that is sent into the form in which it is stored; "" is no value. Values of a multi-value field have commas between.
func (s *Server) take(f *Field, v string) (string, *Refusal) {
	wrong := func(why string) (string, *Refusal) { return "", refuse(invalid, "Validation error: "+f.Name+": "+why) }
	if v == "" {
		return "", nil
	}
	switch f.Kind {
	case Text:
		if utf8.RuneCountInString(v) > f.Size {
			return wrong("longer than " + strconv.Itoa(f.Size) + " characters")
		}
		return v, nil
	case Integer:
		n, err := strconv.ParseInt(strings.TrimSpace(v), 10, 32)
		if err != nil {
			return wrong("not a whole number")
		}
		if f.To != "" && n == 0 {
			return "", nil
		}
		return strconv.FormatInt(n, 10), nil
	case Decimal:
		n, err := decimal.NewFromString(strings.TrimSpace(v))
		if err != nil || len(v) > 30 || n.Exponent() > 20 || n.Exponent() < -20 {
			return wrong("not a number")
		}
		return n.String(), nil
	case DateTime:
		at, ok := s.sentTime(v)
		if !ok {
			return wrong("not a date")
		}
		return at, nil
	case CheckBox:
		on, ok := map[string]string{"y": "Y", "true": "Y", "1": "Y", "n": "", "false": "", "0": ""}[strings.ToLower(v)]
		if !ok {
			return wrong("not a check box's value")
		}
		return on, nil
	case Selection:
		code, ok := s.code(f, v)
		if !ok {
			return wrong("not one of its choices")
		}
		return code, nil
	}
	return s.takeMany(f, v)
}

func (s *Server) takeMany(f *Field, v string) (string, *Refusal) {
	var codes []string
	for one := range strings.SplitSeq(v, ",") {
		if one = strings.TrimSpace(one); one == "" {
			continue
		}
		code, ok := s.code(f, one)
		if !ok {
			return "", refuse(invalid, "Validation error: "+f.Name+": not one of its choices")
		}
		if !slices.Contains(codes, code) {
			codes = append(codes, code)
		}
	}
	return strings.Join(codes, ","), nil
}

// sentTime reads a time as callers write it: local, or with a zone where the site's REST has zones.
func (s *Server) sentTime(v string) (string, bool) {
	if at, ok := wallTime(v); ok {
		return at, true
	}
	at, err := time.Parse(time.RFC3339, strings.TrimSpace(v))
	if err != nil {
		return "", false
	}
	if s.on(RestTimes, "zone") {
		return at.In(s.opts.Zone).Format(wall), true
	}
	return at.Format(wall), true // the zone is overlooked
}

// code finds a choice by its code, and by its word where words are shown.
func (s *Server) code(f *Field, v string) (string, bool) {
	for _, c := range f.Codes {
		if strings.EqualFold(c.Code, v) || s.on(SoapDropdown, "strings") && strings.EqualFold(c.Word, v) {
			return c.Code, true
		}
	}
	return "", false
}

// word is how a choice is shown.
func (s *Server) word(f *Field, code string) string {
	i := slices.IndexFunc(f.Codes, func(c Code) bool { return c.Code == code })
	if i < 0 || s.on(SoapDropdown, "codes") {
		return code
	}
	return f.Codes[i].Word
}

// shown gives the texts of a stored value as answers have it: one, or those of a multi-value field.
func (s *Server) shown(f *Field, v string) []string {
	switch {
	case f.Kind == CheckBox:
		return []string{s.box(v)}
	case v == "":
		return nil
	case f.Kind == Selection:
		return []string{s.word(f, v)}
	case f.Kind == MultiSelect:
		var out []string
		for code := range strings.SplitSeq(v, ",") {
			out = append(out, s.word(f, code))
		}
		return out
	}
	return []string{v}
}

// box is how a check box is shown, and how predicates find it.
func (s *Server) box(v string) string {
	off := map[string]string{"Y": "", "true": "false", "1": "0"}
	if at := s.switches[BobSyncValue]; v == "" {
		return off[at]
	} else {
		return at
	}
}

// restTime shows a stored time in REST: as it is, or in UTC where the site's REST has zones. A local time that the end of summer time
// makes ambiguous is taken for the first one.
func (s *Server) restTime(v string) string {
	if s.on(RestTimes, "local") {
		return v
	}
	at, err := time.ParseInLocation(wall, v, s.opts.Zone)
	if err != nil {
		return v
	}
	return at.UTC().Format(time.RFC3339)
}
