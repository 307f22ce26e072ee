package sagecrmtest

import (
	"cmp"
	"regexp"
	"strings"

	"github.com/shopspring/decimal"
)

// test chooses rows.
type test func(*row) bool

func always(*row) bool { return true }

// literal is a value in a condition.
type literal struct {
	text   string
	quoted bool
}

// comparison makes a test of one column. A column without a value is null: no comparison holds. ok tells whether column, operator and
// value suit each other.
func (s *Server) comparison(t *table, f *Field, op string, want literal) (_ test, ok bool) {
	if op == "like" {
		return s.likeness(t, f, want)
	}
	holds := map[string]func(int) bool{"=": func(n int) bool { return n == 0 }, "<>": func(n int) bool { return n != 0 }, "<": func(n int) bool { return n < 0 },
		"<=": func(n int) bool { return n <= 0 }, ">": func(n int) bool { return n > 0 }, ">=": func(n int) bool { return n >= 0 }}[op]
	order, ok := s.order(f, want)
	if holds == nil || !ok {
		return nil, false
	}
	return func(r *row) bool {
		have := s.compared(t, f, r)
		return have != "" && holds(order(have))
	}, true
}

// compared gives what a column holds as the database has it.
func (s *Server) compared(t *table, f *Field, r *row) string {
	v := s.value(t, r, f)
	if f.Kind == CheckBox {
		return s.box(v)
	}
	return v
}

// order makes a function that holds what a column has against a value, as its kind does.
func (s *Server) order(f *Field, want literal) (func(have string) int, bool) {
	switch f.Kind {
	case Integer, Decimal:
		n, err := decimal.NewFromString(strings.TrimSpace(want.text))
		return func(have string) int { return decimal.RequireFromString(have).Cmp(n) }, err == nil && len(want.text) < 30
	case DateTime:
		at, ok := s.sentTime(want.text)
		return func(have string) int { return cmp.Compare(have, at) }, ok && want.quoted
	}
	v := folded(want.text)
	return func(have string) int { return cmp.Compare(folded(have), v) }, want.quoted
}

// folded is how the database's collation sees a text: without case and blanks behind, with accents.
func folded(s string) string { return strings.TrimRight(strings.ToLower(s), " ") }

// likeness reads % as any text and _ as any one sign.
func (s *Server) likeness(t *table, f *Field, want literal) (test, bool) {
	var b strings.Builder
	b.WriteString(`(?is)^`)
	for _, sign := range want.text {
		switch sign {
		case '%':
			b.WriteString(".*")
		case '_':
			b.WriteString(".")
		default:
			b.WriteString(regexp.QuoteMeta(string(sign)))
		}
	}
	pattern, err := regexp.Compile(b.String() + `$`)
	if err != nil || !want.quoted || f.Kind == Integer || f.Kind == Decimal || f.Kind == DateTime {
		return nil, false
	}
	return func(r *row) bool {
		have := s.compared(t, f, r)
		return have != "" && pattern.MatchString(have)
	}, true
}
