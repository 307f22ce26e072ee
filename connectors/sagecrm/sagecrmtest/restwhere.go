package sagecrmtest

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

var restToken = regexp.MustCompile(`(?s)^\s*('(?:[^']|'')*'|@[^@']*@|[A-Za-z][A-Za-z0-9_]*|-?[0-9]+(?:\.[0-9]+)?|[()])`)

// restWhere reads a where of REST: and, or, eq, ge, gt, like and between are all that is documented, so that all else is refused.
func (s *Server) restWhere(t *table, text string) (test, []string, *Refusal) {
	chosen, used, ok := s.condition(&predicate{t: t, brackets: s.on(RestBrackets, "accepted"), single: (*predicate).rest}, restToken, text)
	if !ok {
		return nil, used, refuse(badQuery, "The where clause is not valid")
	}
	return chosen, used, nil
}

// rest reads one comparison. A date may stand between @.
func (p *predicate) rest() test {
	f := p.field()
	if f == nil {
		return always
	}
	op := map[string]string{"eq": "=", "ge": ">=", "gt": ">", "like": "like", "between": "between"}[p.peek()]
	if op == "" {
		return p.fail()
	}
	p.next()
	if op != "between" {
		p.dates(1)
		return p.compare(f, op)
	}
	p.dates(3)
	low := p.compare(f, ">=")
	if !p.has("and") {
		return p.fail()
	}
	high := p.compare(f, "<=")
	return func(r *row) bool { return low(r) && high(r) }
}

// dates brings dates between @ among the next n tokens into quotation marks.
func (p *predicate) dates(n int) {
	for i := range min(n, len(p.tokens)) {
		if date, ok := strings.CutPrefix(p.tokens[i], "@"); ok {
			p.tokens[i] = "'" + strings.TrimSuffix(date, "@") + "'"
		}
	}
}

// sorted orders rows by columns, as comp_name desc; the rows come by key.
func (s *Server) sorted(t *table, rows []*row, by string) *Refusal {
	if !s.on(RestVersion, "2024 R2") {
		return refuse(invalid, "orderBy is not supported")
	}
	var orders []func(a, b *row) int
	for one := range strings.SplitSeq(by, ",") {
		words := strings.Fields(lower(one))
		if len(words) == 0 || len(words) > 2 || len(words) == 2 && words[1] != "asc" && words[1] != "desc" || t.byName[words[0]] == nil {
			return refuse(invalid, "orderBy is not valid")
		}
		f, sign := t.byName[words[0]], 1
		if len(words) == 2 && words[1] == "desc" {
			sign = -1
		}
		orders = append(orders, func(a, b *row) int { return sign * s.ordered(t, f, a, b) })
	}
	slices.SortStableFunc(rows, func(a, b *row) int {
		for _, one := range orders {
			if n := one(a, b); n != 0 {
				return n
			}
		}
		return 0
	})
	return nil
}

// ordered holds two rows against each other by a column; one without a value comes first.
func (s *Server) ordered(t *table, f *Field, a, b *row) int {
	x, y := s.compared(t, f, a), s.compared(t, f, b)
	if x == "" || y == "" {
		return cmp.Compare(x, y)
	}
	order, ok := s.order(f, literal{y, true})
	if !ok {
		return cmp.Compare(x, y)
	}
	return order(x)
}
