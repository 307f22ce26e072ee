package salesmanagementtest

import (
	"regexp"
	"slices"
	"strings"

	"github.com/shopspring/decimal"
)

// where is an expression that was understood: a list of alternatives, each of which is a list of conditions.
type where struct {
	any     [][]condition
	columns []string // in the order in which they stand
}

// condition is one comparison. A field without a value is null: no comparison holds, NOT LIKE neither.
type condition struct {
	f       *Field
	op      string
	want    string // in the stored form
	pattern *regexp.Regexp
}

// word is a piece of an expression: a name, an operator or a literal.
type word struct {
	text   string
	quoted bool
}

// pieces finds what an expression is made of. Quotes of both kinds are doubled inside a text of their kind.
var pieces = regexp.MustCompile(`(?s)^(?:'((?:[^']|'')*)'|"((?:[^"]|"")*)"|([A-Za-z_][A-Za-z0-9_]*|-?[0-9]+(?:\.[0-9]+)?|[=>]))`)

// words splits an expression; ok is false where something stands in it that SQL would stumble over, as an odd quote does.
func words(text string) (out []word, ok bool) {
	for text = strings.TrimLeft(text, " "); text != ""; text = strings.TrimLeft(text, " ") {
		m := pieces.FindStringSubmatch(text)
		switch {
		case m == nil:
			return nil, false
		case strings.HasPrefix(m[0], "'"):
			out = append(out, word{strings.ReplaceAll(m[1], "''", "'"), true})
		case strings.HasPrefix(m[0], `"`):
			out = append(out, word{strings.ReplaceAll(m[2], `""`, `"`), true})
		default:
			out = append(out, word{m[3], false})
		}
		text = text[len(m[0]):]
	}
	return out, true
}

// where understands what the vendor's documents show: = > LIKE, NOT LIKE, AND, OR. Anything else is bad SQL.
func (s *Server) where(t *table, text string) (*where, *Refusal) {
	rest, ok := words(text)
	out := &where{any: [][]condition{nil}}
	dates := false
	for ok && len(rest) > 0 {
		var one condition
		one, rest, ok = s.condition(t, rest)
		if !ok {
			break
		}
		out.any[len(out.any)-1] = append(out.any[len(out.any)-1], one)
		out.columns = append(out.columns, one.f.Name)
		dates = dates || one.f.Kind == DateTime
		if len(rest) == 0 {
			return out, s.orDates(out, dates)
		}
		switch {
		case rest[0].is("OR"):
			out.any = append(out.any, nil)
		case !rest[0].is("AND"):
			ok = false
		}
		rest = rest[1:]
	}
	return nil, badSQL()
}

func (s *Server) orDates(w *where, dates bool) *Refusal {
	if dates && len(w.any) > 1 && s.on(WhereOrDates, "901") {
		return badSQL()
	}
	return nil
}

func (w word) is(keyword string) bool { return !w.quoted && strings.EqualFold(w.text, keyword) }

// condition reads one comparison from the front.
func (s *Server) condition(t *table, rest []word) (c condition, _ []word, ok bool) {
	if len(rest) < 3 || rest[0].quoted {
		return c, nil, false
	}
	c.f, c.op, rest = t.byName[rest[0].text], strings.ToUpper(rest[1].text), rest[1:]
	if c.f == nil || rest[0].quoted {
		return c, nil, false
	}
	if c.op == "NOT" && rest[1].is("LIKE") {
		c.op, rest = "NOT LIKE", rest[1:]
	}
	if len(rest) < 2 {
		return c, nil, false
	}
	ok = c.against(rest[1])
	return c, rest[2:], ok
}

// against takes the value of a comparison; ok tells whether operator and value suit the field.
func (c *condition) against(w word) (ok bool) {
	c.want = w.text
	switch c.op {
	case "LIKE", "NOT LIKE":
		c.pattern = likeness(w.text)
		return w.quoted && c.f.Kind == Text
	case "=", ">":
	default:
		return false
	}
	switch c.f.Kind {
	case DateTime:
		at, known := readTime(w.text)
		c.want = stamp(at)
		return known && w.quoted
	case Boolean:
		c.want = map[string]string{"true": "true", "1": "true", "false": "false", "0": "false"}[w.text]
		return !w.quoted && c.want != "" && c.op == "="
	case Text:
		return w.quoted
	case References:
		return false
	}
	_, ok = numeric(c.f, w.text)
	return ok && !w.quoted
}

// numeric gives the value of a field of numbers.
func numeric(f *Field, text string) (decimal.Decimal, bool) {
	if f.Kind != Integer && f.Kind != Decimal && f.Kind != Reference {
		return decimal.Decimal{}, false
	}
	d, err := decimal.NewFromString(text)
	return d, err == nil && len(text) < 30
}

// folded is how the collation sees a text: without case and blanks behind, with accents.
func folded(s string) string { return strings.TrimRight(strings.ToLower(s), " ") }

// likeness reads % as any text and _ as any one sign.
func likeness(text string) *regexp.Regexp {
	var b strings.Builder
	for _, sign := range text {
		switch sign {
		case '%':
			b.WriteString(".*")
		case '_':
			b.WriteString(".")
		default:
			b.WriteString(regexp.QuoteMeta(string(sign)))
		}
	}
	return regexp.MustCompile(`(?is)^` + b.String() + `$`)
}

func (c *condition) holds(r *row) bool {
	have := r.value(c.f.Name)
	if c.f.Kind == Boolean && have == "" {
		have = "false"
	}
	if have == "" {
		return false
	}
	switch c.op {
	case "=":
		return compare(c.f, have, c.want) == 0
	case ">":
		return compare(c.f, have, c.want) > 0
	case "LIKE":
		return c.pattern.MatchString(have)
	}
	return !c.pattern.MatchString(have)
}

// filter gives the rows for which an expression holds. External ids are looked up.
func (w *where) filter(st *state, e Entity, rows []*row) (out []*row) {
	for _, c := range w.any[0] {
		if len(w.any) == 1 && c.f.Name == "extId" && c.op == "=" {
			rows = st.byExt[e][folded(c.want)]
		}
	}
	for _, r := range rows {
		if slices.ContainsFunc(w.any, func(all []condition) bool {
			return !slices.ContainsFunc(all, func(c condition) bool { return !c.holds(r) })
		}) {
			out = append(out, r)
		}
	}
	return out
}
