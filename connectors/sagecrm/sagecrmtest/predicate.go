package sagecrmtest

import (
	"regexp"
	"slices"
	"strings"
)

// predicate reads conditions: comparisons joined by and, or and brackets. SOAP and REST have the joints in common and their own
// comparisons.
type predicate struct {
	s        *Server
	t        *table
	tokens   []string
	brackets bool
	single   func(*predicate) test
	failed   bool
	depth    int
	used     []string
}

var sqlToken = regexp.MustCompile(`(?s)^\s*('(?:[^']|'')*'|[A-Za-z][A-Za-z0-9_]*|-?[0-9]+(?:\.[0-9]+)?|<>|<=|>=|[=<>(),])`)

// where reads a predicate of SOAP, with the names of the database. used are the columns that it names.
func (s *Server) where(t *table, text string) (_ test, used []string, ok bool) {
	return s.condition(&predicate{t: t, brackets: true, single: (*predicate).sql}, sqlToken, text)
}

func (s *Server) condition(p *predicate, tokens *regexp.Regexp, text string) (test, []string, bool) {
	p.s = s
	for strings.TrimSpace(text) != "" {
		m := tokens.FindStringSubmatch(text)
		if m == nil {
			return nil, nil, false
		}
		p.tokens, text = append(p.tokens, m[1]), text[len(m[0]):]
	}
	if len(p.tokens) == 0 {
		return always, nil, true
	}
	chosen := p.either()
	return chosen, p.used, !p.failed && len(p.tokens) == 0
}

func (p *predicate) fail() test {
	p.failed, p.tokens = true, nil
	return always
}

// peek gives the next token in small letters, "" at the end.
func (p *predicate) peek() string {
	if len(p.tokens) == 0 {
		return ""
	}
	return strings.ToLower(p.tokens[0])
}

// next takes a token as it was written.
func (p *predicate) next() string {
	if len(p.tokens) == 0 {
		p.fail()
		return ""
	}
	token := p.tokens[0]
	p.tokens = p.tokens[1:]
	return token
}

// has takes the words if they come next.
func (p *predicate) has(words ...string) bool {
	if len(p.tokens) < len(words) {
		return false
	}
	for i, w := range words {
		if !strings.EqualFold(p.tokens[i], w) {
			return false
		}
	}
	p.tokens = p.tokens[len(words):]
	return true
}

func (p *predicate) either() test {
	all := []test{p.both()}
	for p.has("or") {
		all = append(all, p.both())
	}
	return func(r *row) bool { return slices.ContainsFunc(all, func(one test) bool { return one(r) }) }
}

func (p *predicate) both() test {
	all := []test{p.one()}
	for p.has("and") {
		all = append(all, p.one())
	}
	return func(r *row) bool { return !slices.ContainsFunc(all, func(one test) bool { return !one(r) }) }
}

// one reads a comparison, or what stands in brackets.
func (p *predicate) one() test {
	if !p.brackets || !p.has("(") {
		return p.single(p)
	}
	if p.depth++; p.depth > 50 {
		return p.fail()
	}
	inner := p.either()
	if !p.has(")") {
		return p.fail()
	}
	p.depth--
	return inner
}

// field takes the name of a column as the database has it.
func (p *predicate) field() *Field {
	f := p.t.byName[p.peek()]
	if f == nil {
		p.fail()
		return nil
	}
	p.next()
	p.used = append(p.used, f.Name)
	return f
}

// value takes a literal: a text in quotation marks, or a number.
func (p *predicate) value() (literal, bool) {
	token := p.next()
	if v, quoted := strings.CutPrefix(token, "'"); quoted {
		return literal{strings.ReplaceAll(strings.TrimSuffix(v, "'"), "''", "'"), true}, true
	}
	return literal{token, false}, token != "" && (token[0] == '-' || token[0] >= '0' && token[0] <= '9')
}

// compare takes a literal and makes a comparison with it.
func (p *predicate) compare(f *Field, op string) test {
	v, ok := p.value()
	if !ok {
		return p.fail()
	}
	one, ok := p.s.comparison(p.t, f, op, v)
	if !ok {
		return p.fail()
	}
	return one
}

// sql reads one comparison as the database does.
func (p *predicate) sql() test {
	f := p.field()
	switch {
	case f == nil:
		return always
	case p.has("is", "not", "null"):
		return func(r *row) bool { return p.s.compared(p.t, f, r) != "" }
	case p.has("is", "null"):
		return func(r *row) bool { return p.s.compared(p.t, f, r) == "" }
	case p.has("in", "("):
		return p.list(f)
	}
	op := p.peek()
	if !slices.Contains([]string{"=", "<>", "<", "<=", ">", ">=", "like"}, op) {
		return p.fail()
	}
	p.next()
	return p.compare(f, op)
}

// list reads the values of in.
func (p *predicate) list(f *Field) test {
	all := []test{p.compare(f, "=")}
	for p.has(",") {
		all = append(all, p.compare(f, "="))
	}
	if !p.has(")") {
		return p.fail()
	}
	return func(r *row) bool { return slices.ContainsFunc(all, func(one test) bool { return one(r) }) }
}
