package calibrate

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
	"golang.org/x/text/unicode/norm"
)

// value is a typed value, as it is searched for.
type value struct {
	text  string
	num   decimal.Decimal
	day   time.Time // zero: none
	yes   bool
	blank bool // nothing was typed
}

// parseValue reads what a technician typed; the error wraps ErrBadExample and doesn't repeat it.
func parseValue(f Field, typed string) (value, error) {
	typed = strings.TrimSpace(norm.NFC.String(typed))
	if typed == "" {
		return value{blank: true}, nil
	}
	v := value{text: typed}
	var err error
	switch f.Kind {
	case Number:
		v.num, err = parseNumber(typed)
		if err == nil && f.Places < 0 && !v.num.IsInteger() {
			err = fmt.Errorf("want a whole number")
		}
	case Date:
		v.day, err = time.Parse(time.DateOnly, typed)
	case Flag:
		v.yes = typed == "yes"
		if !v.yes && typed != "no" {
			err = fmt.Errorf("want yes or no")
		}
	case Choice:
		if !slices.Contains(f.Choices, typed) {
			err = fmt.Errorf("want one of %s", strings.Join(f.Choices, ", "))
		}
	}
	if err != nil {
		return value{}, fmt.Errorf("%w: %s", ErrBadExample, want(f))
	}
	return v, nil
}

// want tells what a field takes.
func want(f Field) string {
	switch f.Kind {
	case Number:
		if f.Places < 0 {
			return "a whole number"
		}
		return "a number such as 1234.50"
	case Date:
		return "a date such as 2026-01-31"
	case Flag:
		return "yes or no"
	case Choice:
		return "one of " + strings.Join(f.Choices, ", ")
	}
	return "a text"
}

// parseNumber takes "1234.5", "1 234,50", "1 234,50 $", "-3" and "3-".
func parseNumber(typed string) (decimal.Decimal, error) {
	plain := strings.Map(func(r rune) rune {
		switch r {
		case ' ', '\u00a0', '\u202f', '\u2009', '$', '%':
			return -1
		case ',':
			return '.'
		case '−', '–':
			return '-'
		}
		return r
	}, typed)
	if i := strings.LastIndexByte(plain, '.'); i >= 0 {
		plain = strings.ReplaceAll(plain[:i], ".", "") + plain[i:] // 1,234.50
	}
	if rest, behind := strings.CutSuffix(plain, "-"); behind {
		plain = "-" + rest
	}
	if len(plain) > 20 || strings.ContainsAny(plain, "eE") {
		return decimal.Decimal{}, ErrBadExample
	}
	return decimal.NewFromString(plain)
}
