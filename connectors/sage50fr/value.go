package sage50fr

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/shopspring/decimal"

	"syncbox/connectors/record"
)

// number is a decimal with a comma or a point; longer ones are no amounts.
var number = regexp.MustCompile(`^[+-]?(\d{1,15}([.,]\d{0,10})?|[.,]\d{1,10})$`)

// numberOf reads a number. Blanks of any kind are left out; where there are a comma and a point, the last one is the decimal one.
func numberOf(s string) (record.Value, bool) {
	s = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '\u202f' || r == '\u00a0' {
			return -1
		}
		return r
	}, s)
	if s == "" {
		return record.Value{}, true
	}
	if comma, point := strings.LastIndex(s, ","), strings.LastIndex(s, "."); comma > point && point >= 0 {
		s = strings.ReplaceAll(s, ".", "")
	} else if point > comma && comma >= 0 {
		s = strings.ReplaceAll(s, ",", "")
	}
	if !number.MatchString(s) {
		return record.Value{}, false
	}
	d, err := decimal.NewFromString(strings.Replace(s, ",", ".", 1))
	if err != nil {
		return record.Value{}, false
	}
	return record.NumberOf(d), true
}

// dateOf reads a day. 00/00/0000 is none.
func (f *Format) dateOf(s string) (record.Value, bool) {
	s = strings.TrimSpace(s)
	if strings.Trim(s, "0/-. ") == "" {
		return record.Value{}, true
	}
	t, err := time.Parse(f.Date, s)
	if err != nil || t.Year() < 1900 {
		return record.Value{}, false
	}
	return record.DateOf(t), true
}

// boolOf reads Oui or Non; nothing is neither.
func (f *Format) boolOf(s string) (record.Value, bool) {
	s = strings.TrimSpace(s)
	switch {
	case s == "":
		return record.Value{}, true
	case among(f.Yes, s):
		return record.BoolOf(true), true
	case among(f.No, s):
		return record.BoolOf(false), true
	}
	return record.Value{}, false
}

// countryOf gives the ISO code of a country; nothing is none.
func (f *Format) countryOf(s string) (record.Value, bool) {
	s = strings.TrimSpace(s)
	if s == "" {
		return record.Value{}, true
	}
	for code, names := range f.Countries {
		if plain(code) == plain(s) || among(names, s) {
			return record.TextOf(code), true
		}
	}
	code := strings.ToUpper(s)
	return record.TextOf(code), len(code) == 2 && code[0] >= 'A' && code[0] <= 'Z' && code[1] >= 'A' && code[1] <= 'Z'
}

// among says whether a word is one of several, but for accents, case and blanks.
func among(words []string, s string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return plain(w) == plain(s) })
}

// valueOf reads a cell of a kind.
func (f *Format) valueOf(kind record.Kind, s string) (record.Value, bool) {
	switch kind {
	case record.Number:
		return numberOf(s)
	case record.Date:
		return f.dateOf(s)
	case record.Bool:
		return f.boolOf(s)
	case record.Ref:
		return record.RefOf(keyOf(s)), true
	}
	return record.TextOf(blanked(s)), true
}

// keyOf is a code as a key.
func keyOf(s string) record.Key { return record.Key(record.TextOf(blanked(s)).Text) }
