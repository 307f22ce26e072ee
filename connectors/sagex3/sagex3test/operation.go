package sagex3test

import (
	"slices"
	"strings"
)

// visit is one call at work in a pool.
type visit struct {
	s    *Server
	c    *Call
	q    *request
	who  session
	look look
	sc   *schema
}

func (v *visit) refuse(p *phrase) *result { return refused(p, v.look.lang) }

func (v *visit) work() *result {
	p, known := v.s.lookUp(v.q.publicName)
	if !known {
		return v.refuse(plain("Unknown web service (0)"))
	}
	if p.subprogram != "" {
		return v.subprogram()
	}
	v.sc = v.s.schema(p.object)
	switch v.q.op {
	case opRead:
		return v.read()
	case opQuery:
		return v.query()
	case opDescription:
		return ok(v.look.description(v.sc), v.look.lang)
	case opDataSchema:
		return ok(dataSchema(v.sc), v.look.lang)
	case opRun:
		return v.refuse(plain("[%s] is not a sub-program", v.q.publicName))
	}
	if !slices.Contains(v.sc.deeds, v.q.op) {
		return v.refuse(say("Opération non autorisée sur [%s]", "Operation not allowed on [%s]", v.q.publicName))
	}
	return v.change()
}

// record finds what the keys name.
func (v *visit) record() (*Record, *phrase) {
	key := v.sc.key().code
	for _, k := range v.q.keys {
		if k.key != key {
			return nil, plain("Key [%s] not found into X3 description.", k.key)
		}
	}
	if len(v.q.keys) != 1 || v.q.keys[0].value == "" {
		return nil, say("Clé incomplète", "Incomplete key")
	}
	if r := v.s.state.find(v.sc.object, v.q.keys[0].value); r != nil {
		return r, nil
	}
	return nil, missing(v.q.keys[0].value)
}

// missing is what the product says of a key that it does not have.
func missing(key string) *phrase {
	return say("%s : Fiche inexistante", "%s: Record does not exist", key)
}

func (v *visit) read() *result {
	r, wrong := v.record()
	if wrong != nil {
		return v.refuse(wrong)
	}
	v.c.Rows = 1
	return ok(v.look.record(v.sc, r), v.look.lang)
}

// query gives the columns of the records that fit all criteria, listSize of them at most. Nothing tells that there are more.
func (v *visit) query() *result {
	var tests []func(*Record) bool
	for _, k := range v.q.keys {
		f := v.sc.byCode(k.key)
		if f == nil || !f.column {
			return v.refuse(plain("Key [%s] not found into X3 description.", k.key))
		}
		if k.value != "" {
			tests = append(tests, v.criterion(f, k.value))
		}
	}
	if v.q.listSize < 0 {
		return v.refuse(plain("listSize [%d] is not a number of lines", v.q.listSize))
	}
	rows := v.ordered(slices.DeleteFunc(v.s.state.all(v.sc.object), func(r *Record) bool {
		return slices.ContainsFunc(tests, func(fits func(*Record) bool) bool { return !fits(r) })
	}))
	rows = rows[:min(v.q.listSize, len(rows))]
	kept := len(rows)
	if f := v.q.fault; f != nil && f.Kind == PartialResult {
		kept = min(f.Row, kept)
	}
	v.c.Rows = kept
	res := ok(v.look.list(v.sc, rows, v.q.listSize, kept), v.look.lang)
	if kept < len(rows) && !v.q.fault.Quiet {
		res.note([]message{{warning, *say("Résultat partiel", "Partial result")}})
	}
	return res
}

// ordered sorts rows that come by key.
func (v *visit) ordered(rows []*Record) []*Record {
	if v.s.switches.QueryOrder == OrderInsertion {
		slices.SortFunc(rows, func(a, b *Record) int { return int(a.Order - b.Order) })
	}
	return rows
}

// criterion makes a test of what a caller asks of one column.
func (v *visit) criterion(f *field, want string) func(*Record) bool {
	zone := v.s.opts.Zone
	if v.s.switches.Criteria == CriteriaOperators {
		for _, op := range []string{"<>", "<=", ">=", "=", "<", ">"} {
			if rest, ok := strings.CutPrefix(want, op); ok {
				return func(r *Record) bool { return compares(op, order(f, r.value(f, zone), rest)) }
			}
		}
	}
	if start, ok := strings.CutSuffix(want, "*"); ok {
		return func(r *Record) bool { return strings.HasPrefix(r.value(f, zone), start) }
	}
	return func(r *Record) bool { return r.value(f, zone) == want }
}

// compares tells whether an order is one that an operator lets through.
func compares(op string, order int) bool {
	switch op {
	case "=", "eq":
		return order == 0
	case "<>", "ne":
		return order != 0
	case "<", "lt":
		return order < 0
	case "<=", "le":
		return order <= 0
	case ">", "gt":
		return order > 0
	}
	return order >= 0
}

// order compares two values of a field: numbers by their size, all else by its text.
func order(f *field, a, b string) int {
	if f.form == integer && len(a) != len(b) && !strings.HasPrefix(a, "-") && !strings.HasPrefix(b, "-") {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}
