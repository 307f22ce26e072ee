package quickbookstest

import (
	"regexp"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// condition compares a field with values; several only for IN.
type condition struct {
	field  *field
	op     string // = < > <= >= LIKE IN
	values []value
	like   *regexp.Regexp
}

// value is what a field holds, or a condition names, as something that has an order.
type value struct {
	text   string // texts and dates, and folded where capitals don't count
	number decimal.Decimal
	time   time.Time
	none   bool
}

// conditions reads WHERE. There is AND and no OR.
func (p *parser) conditions(st *statement) *problem {
	if !p.is("where") {
		return nil
	}
	for {
		f, prob := p.filterable(st.entity)
		if prob != nil {
			return prob
		}
		c, prob := p.compared(f)
		if prob != nil {
			return prob
		}
		st.where = append(st.where, c)
		switch {
		case p.is("and"):
		case p.is("or"):
			return invalidQuery("the operator OR is not supported")
		default:
			return nil
		}
	}
}

// filterable takes a field that may be asked for.
func (p *parser) filterable(e Entity) (*field, *problem) {
	if p.tokens[0].kind != wordToken {
		return nil, p.encountered()
	}
	name := p.take().text
	f := schemas[e].named(name)
	if f == nil {
		f = schemas[e].named(name + ".value") // CustomerRef stands for its value
	}
	switch {
	case f == nil && !schemas[e].objects[strings.ToLower(name)]:
		return nil, unknownField(e, name)
	case f == nil || !f.filter:
		return nil, invalidQuery("property '%s' is not queryable", name)
	}
	return f, nil
}

func (p *parser) compared(f *field) (condition, *problem) {
	t := p.take()
	c := condition{field: f, op: strings.ToUpper(t.text)}
	switch {
	case t.kind == stringToken || !strings.Contains(" = < > <= >= LIKE IN ", " "+c.op+" "):
		return c, unparsed("Encountered \" %q\" at line 1, column %d.", t.text, t.at)
	case c.op == "IN":
		return p.list(c)
	}
	return c, p.operand(&c)
}

func (p *parser) list(c condition) (condition, *problem) {
	if !p.is("(") {
		return c, p.encountered()
	}
	for {
		if prob := p.operand(&c); prob != nil {
			return c, prob
		}
		switch {
		case p.is(","):
		case p.is(")"):
			return c, nil
		default:
			return c, p.encountered()
		}
	}
}

// operand takes a value: a quoted text, a number, true or false.
func (p *parser) operand(c *condition) *problem {
	t := p.tokens[0]
	if t.kind == endToken || t.kind == signToken || t.kind == wordToken && !strings.EqualFold(t.text, "true") && !strings.EqualFold(t.text, "false") {
		return p.encountered()
	}
	p.take()
	v, ok := c.field.value(t.text, p.zone, p.folds)
	if !ok {
		return invalidQuery("Invalid value for property %s", c.field.path)
	}
	c.values = append(c.values, v)
	if c.op == "LIKE" {
		pattern := strings.ReplaceAll(regexp.QuoteMeta(t.text), "%", ".*")
		c.like = regexp.MustCompile("(?is)^" + pattern + "$")
	}
	return nil
}

// value reads a text as what the field holds.
func (f *field) value(s string, zone *time.Location, folds bool) (v value, ok bool) {
	var err error
	switch f.kind {
	case numberKind:
		v.number, err = decimal.NewFromString(s)
	case stampKind:
		v.time, err = parseTime(s, zone)
	case flagKind:
		v.text = strings.ToLower(s)
		ok = v.text == "true" || v.text == "false"
		return v, ok
	case dateKind:
		v.text = s
		_, err = time.Parse(time.DateOnly, s)
	default:
		if v.text = s; folds {
			v.text = strings.ToLower(s)
		}
	}
	return v, err == nil
}

// of reads a field of a row. The Ids and stamps of rows are at hand.
func (f *field) of(r *row, folds bool) value {
	switch f.path {
	case "MetaData.LastUpdatedTime":
		return value{time: r.updated}
	case "MetaData.CreateTime":
		return value{time: r.created}
	}
	held := at(r.obj, f.path)
	if held == nil {
		return value{none: true}
	}
	switch f.kind {
	case numberKind:
		return value{number: decimalOf(held)}
	case flagKind:
		if held == true {
			return value{text: "true"}
		}
		return value{text: "false"}
	}
	s := text(r.obj, f.path)
	if folds && f.kind == textKind {
		s = strings.ToLower(s)
	}
	return value{text: s}
}

// compare orders two values of one field; nothing comes before something.
func (f *field) compare(a, b value) int {
	switch {
	case a.none || b.none:
		return boolInt(b.none) - boolInt(a.none)
	case f.kind == numberKind:
		return a.number.Cmp(b.number)
	case f.kind == stampKind:
		return a.time.Compare(b.time)
	case f.path == "Id" && len(a.text) != len(b.text):
		return len(a.text) - len(b.text)
	}
	return strings.Compare(a.text, b.text)
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// holds says whether a row fits. A row without the field fits nothing.
func (c *condition) holds(r *row, folds bool) bool {
	v := c.field.of(r, folds)
	if v.none {
		return false
	}
	if c.like != nil {
		return c.like.MatchString(text(r.obj, c.field.path))
	}
	if c.op == "IN" {
		for _, one := range c.values {
			if c.field.compare(v, one) == 0 {
				return true
			}
		}
		return false
	}
	n := c.field.compare(v, c.values[0])
	switch c.op {
	case "<":
		return n < 0
	case ">":
		return n > 0
	case "<=":
		return n <= 0
	case ">=":
		return n >= 0
	}
	return n == 0
}
