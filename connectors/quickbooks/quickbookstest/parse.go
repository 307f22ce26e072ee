package quickbookstest

import (
	"strconv"
	"strings"
	"time"
)

// The bounds of MAXRESULTS.
const (
	defaultResults = 100
	mostResults    = 1000
)

// statement is a query:
//
//	SELECT * | COUNT(*) | field, … FROM entity [WHERE condition [AND condition]…]
//	[ORDERBY | ORDER BY field [ASC | DESC], …] [STARTPOSITION n] [MAXRESULTS n]
type statement struct {
	entity     Entity
	count      bool
	fields     []string // nil for all
	where      []condition
	order      []ordering
	start, max int
	paged      bool // STARTPOSITION was given
}

type ordering struct {
	field *field
	down  bool
}

// parser reads one statement.
type parser struct {
	tokens []token
	zone   *time.Location
	folds  bool // = and IN take capitals and small letters for the same
}

// parseStatement reads a statement, with times without an offset in a zone.
func parseStatement(s string, zone *time.Location, folds bool) (*statement, *problem) {
	if strings.TrimSpace(s) == "" {
		return nil, unparsed("The query provided was empty")
	}
	tokens, prob := lex(s)
	if prob != nil {
		return nil, prob
	}
	p := &parser{tokens, zone, folds}
	st := &statement{start: 1, max: defaultResults}
	for _, part := range []func(*statement) *problem{p.selected, p.from, p.conditions, p.ordered, p.bounds} {
		if prob := part(st); prob != nil {
			return nil, prob
		}
	}
	if p.tokens[0].kind != endToken {
		return nil, p.encountered()
	}
	return st, nil
}

// is takes a word or sign if it comes next.
func (p *parser) is(words ...string) bool {
	for i, word := range words {
		if p.tokens[i].kind == stringToken || !strings.EqualFold(p.tokens[i].text, word) {
			return false
		}
	}
	p.tokens = p.tokens[len(words):]
	return true
}

func (p *parser) take() token {
	t := p.tokens[0]
	if t.kind != endToken {
		p.tokens = p.tokens[1:]
	}
	return t
}

func (p *parser) encountered() *problem {
	return unparsed("Encountered \" %q\" at line 1, column %d.", p.tokens[0].text, p.tokens[0].at)
}

func (p *parser) selected(st *statement) *problem {
	switch {
	case !p.is("select"):
		return p.encountered()
	case p.is("*"):
		return nil
	case len(p.tokens) > 3 && p.is("count", "(", "*", ")"):
		st.count = true
		return nil
	}
	for {
		t := p.take()
		if t.kind != wordToken || p.tokens[0].kind == endToken {
			return p.encountered()
		}
		st.fields = append(st.fields, t.text)
		if !p.is(",") {
			return nil
		}
	}
}

func (p *parser) from(st *statement) *problem {
	if !p.is("from") || p.tokens[0].kind != wordToken {
		return p.encountered()
	}
	word := p.take().text
	if st.entity = entityOf(word); st.entity == "" {
		return invalidQuery("Entity %s is not recognized or not supported", word)
	}
	for i, name := range st.fields {
		f := schemas[st.entity].named(name)
		if f == nil && !schemas[st.entity].objects[strings.ToLower(name)] {
			return unknownField(st.entity, name)
		}
		if f != nil {
			st.fields[i] = f.path
		}
	}
	return nil
}

func unknownField(e Entity, name string) *problem {
	return invalidQuery("Property %s not found for Entity %s", name, e)
}

func (p *parser) ordered(st *statement) *problem {
	if !p.is("orderby") && (len(p.tokens) < 2 || !p.is("order", "by")) {
		return nil
	}
	for {
		f, prob := p.filterable(st.entity)
		if prob != nil {
			return prob
		}
		by := ordering{field: f}
		if p.is("desc") {
			by.down = true
		} else {
			p.is("asc")
		}
		st.order = append(st.order, by)
		if !p.is(",") {
			return nil
		}
	}
}

// bounds reads STARTPOSITION and MAXRESULTS, each once at most, in this order.
func (p *parser) bounds(st *statement) (prob *problem) {
	if p.is("startposition") {
		st.paged = true
		if st.start, prob = p.bound(1); prob != nil {
			return prob
		}
	}
	if p.is("maxresults") {
		if st.max, prob = p.bound(1); prob != nil {
			return prob
		}
		if st.max > mostResults {
			return invalidQuery("value %d is too large. Max allowed value is %d", st.max, mostResults)
		}
	}
	return nil
}

func (p *parser) bound(least int) (int, *problem) {
	t := p.tokens[0]
	n, err := strconv.Atoi(t.text)
	if t.kind != numberToken || err != nil {
		return 0, p.encountered()
	}
	p.take()
	if n < least {
		return 0, invalidQuery("value %d is too small. Min allowed value is %d", n, least)
	}
	return n, nil
}
