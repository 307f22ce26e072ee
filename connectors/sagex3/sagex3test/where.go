package sagex3test

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

var whereToken = regexp.MustCompile(`^\s*(\(|\)|"[^"]*"|'[^']*'|@[^@]*@|[A-Za-z_$][A-Za-z0-9_.$]*|-?[0-9]+)`)

// whereParser reads a where: comparisons of properties with eq ne lt le gt ge like, joined by and, or, not and brackets. Texts are in
// quotation marks, days and times between @.
type whereParser struct {
	rest  string
	token string
	sc    *schema
	zone  *time.Location
	used  []string
	wrong string
}

// parseWhere makes a test; wrong tells why there is none.
func parseWhere(where string, sc *schema, zone *time.Location) (test func(*Record) bool, used []string, wrong string) {
	if strings.TrimSpace(where) == "" {
		return func(*Record) bool { return true }, nil, ""
	}
	p := &whereParser{rest: where, sc: sc, zone: zone}
	p.next()
	test = p.either()
	if p.token != "" {
		p.fail("where: syntax error")
	}
	return test, p.used, p.wrong
}

func (p *whereParser) fail(text string) {
	if p.wrong == "" {
		p.wrong = text
	}
	p.rest, p.token = "", ""
}

func (p *whereParser) next() {
	m := whereToken.FindStringSubmatch(p.rest)
	if m == nil {
		if strings.TrimSpace(p.rest) != "" {
			p.fail("where: syntax error")
		}
		p.token = ""
		return
	}
	p.token, p.rest = m[1], p.rest[len(m[0]):]
}

func (p *whereParser) either() func(*Record) bool {
	test := p.both()
	for p.token == "or" {
		p.next()
		left, right := test, p.both()
		test = func(r *Record) bool { return left(r) || right(r) }
	}
	return test
}

func (p *whereParser) both() func(*Record) bool {
	test := p.single()
	for p.token == "and" {
		p.next()
		left, right := test, p.single()
		test = func(r *Record) bool { return left(r) && right(r) }
	}
	return test
}

func (p *whereParser) single() func(*Record) bool {
	switch p.token {
	case "not":
		p.next()
		inner := p.single()
		return func(r *Record) bool { return !inner(r) }
	case "(":
		p.next()
		test := p.either()
		if p.token != ")" {
			p.fail("where: ) expected")
		}
		p.next()
		return test
	}
	return p.comparison()
}

func (p *whereParser) comparison() func(*Record) bool {
	never := func(*Record) bool { return false }
	f := p.sc.byCode(p.token)
	if f == nil {
		p.fail("Property " + p.token + " not found")
		return never
	}
	p.used = append(p.used, f.code)
	p.next()
	op := p.token
	if !slices.Contains([]string{"eq", "ne", "lt", "le", "gt", "ge", "like"}, op) {
		p.fail("where: operator expected")
		return never
	}
	p.next()
	want, ok := p.literal(f)
	if !ok {
		p.fail("where: " + f.code + ": value expected")
		return never
	}
	p.next()
	zone := p.zone
	if op == "like" {
		pattern := likePattern(want)
		return func(r *Record) bool { return pattern.MatchString(r.value(f, zone)) }
	}
	return func(r *Record) bool { return compares(op, order(f, r.value(f, zone), want)) }
}

// literal puts the value of a comparison into the product's own form.
func (p *whereParser) literal(f *field) (string, bool) {
	t := p.token
	if len(t) == 0 {
		return "", false
	}
	inner := t
	if strings.ContainsAny(t[:1], `"'@`) {
		inner = t[1 : len(t)-1]
	}
	switch {
	case f.form == integer:
		_, err := strconv.Atoi(t)
		return t, err == nil
	case f.form == day:
		at, err := time.Parse(time.DateOnly, inner)
		return at.Format("20060102"), err == nil && t[0] == '@'
	case f.form == datetime:
		at, err := time.Parse(time.RFC3339, inner)
		return at.UTC().Format(time.RFC3339), err == nil && t[0] == '@'
	}
	return inner, t[0] == '"' || t[0] == '\''
}

// likePattern reads % as any text.
func likePattern(v string) *regexp.Regexp {
	var quoted []string
	for part := range strings.SplitSeq(v, "%") {
		quoted = append(quoted, regexp.QuoteMeta(part))
	}
	return regexp.MustCompile(`(?s)^` + strings.Join(quoted, ".*") + `$`)
}
