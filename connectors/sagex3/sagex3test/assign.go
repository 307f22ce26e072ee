package sagex3test

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// assignment is a payload on its way into a record.
type assignment struct {
	sc      *schema
	r       *Record
	grid    string // Switches.Grid
	save    bool
	written []string // codes of the fields that were given
}

func (a *assignment) all(p *payload) *phrase {
	for i := range p.groups {
		if wrong := a.group(&p.groups[i]); wrong != nil {
			return wrong
		}
	}
	return nil
}

func (a *assignment) group(g *sent) *phrase {
	b := a.sc.block(g.id)
	switch {
	case b == nil:
		return plain("Group [%s] not found into X3 description.", g.id)
	case !g.tab && b.dim > 1:
		return plain("Group [%s] has a dimension greater than 1. You have to use TAB Xml tag.", g.id)
	case g.tab && b.dim == 1:
		return plain("Group [%s] has a dimension equal to 1. You have to use GRP Xml tag.", g.id)
	case g.tab:
		return a.lines(b, g.lines)
	}
	for _, e := range g.lines[0].entries {
		f, wrong := check(b, e)
		if wrong == nil && f.means == Number {
			wrong = a.number(f, e.items[0])
		}
		if wrong != nil {
			return wrong
		}
		if !f.fixed && f.means != Number {
			a.r.Values[f.means] = join(f, e)
			a.written = append(a.written, f.code)
		}
	}
	return nil
}

// number takes the key of a record that a person names; the numbers of the others come from their counters.
func (a *assignment) number(f *field, v string) *phrase {
	switch {
	case !a.save && v != a.r.Key:
		return say("%s : la clé ne peut pas être modifiée", "%s: the key cannot be changed", f.code)
	case a.save && a.sc.counter != "" && v != "":
		return say("%s : numérotation automatique", "%s: automatic numbering", f.code)
	case a.save:
		a.r.Key = v
	}
	return nil
}

func join(f *field, e entry) string {
	if f.items == 0 {
		return e.items[0]
	}
	return strings.TrimRight(strings.Join(e.items, "\n"), "\n")
}

// lines gives a grid its lines by their numbers; those without one follow each other.
func (a *assignment) lines(b *block, lines []line) *phrase {
	now := a.r.Grids[b.means]
	if a.grid == GridReplace || a.save {
		now = nil
	}
	for i, l := range lines {
		at := l.num
		if at == 0 {
			at = i + 1
		}
		v, wrong := values(b, l)
		if wrong != nil {
			return wrong
		}
		switch {
		case at > b.dim:
			return plain("TAB [%s] holds %d lines at most.", b.id, b.dim)
		case at > len(now)+1:
			return plain("TAB [%s] has no line %d.", b.id, at)
		case at == len(now)+1:
			now = append(now, v)
		default:
			now[at-1] = v
		}
	}
	a.r.Grids[b.means] = now
	a.written = append(a.written, b.id)
	return nil
}

func values(b *block, l line) (Values, *phrase) {
	v := Values{}
	for _, e := range l.entries {
		f, wrong := check(b, e)
		if wrong != nil {
			return nil, wrong
		}
		v[f.means] = e.items[0]
	}
	return v, nil
}

// check finds the field of an entry and holds the values against it.
func check(b *block, e entry) (*field, *phrase) {
	f := b.field(e.name)
	switch {
	case f == nil:
		return nil, plain("Field [%s] not found into X3 description.", e.name)
	case e.kind != "" && e.kind != f.form.wire() && !(f.form == text && e.kind == char.wire()):
		return nil, plain("Field [%s]: type [%s] found, [%s] expected.", e.name, e.kind, f.form.wire())
	case e.list && f.items == 0:
		return nil, plain("Field [%s] is not repeated. You have to use FLD Xml tag.", e.name)
	case f.items > 0 && len(e.items) > f.items:
		return nil, plain("Field [%s] is repeated %d times at most.", e.name, f.items)
	}
	for _, v := range e.items {
		if !f.fixed && !f.holds(v) {
			return nil, say("%s : valeur incorrecte", "%s: incorrect value", f.code)
		}
	}
	return f, nil
}

// holds tells whether a field can have a value.
func (f *field) holds(v string) bool {
	if f.menu > 0 {
		n, err := strconv.Atoi(v)
		return v == "" || err == nil && n >= 1 && n <= len(menus[f.menu][0])
	}
	switch f.form {
	case integer:
		_, err := strconv.ParseInt(v, 10, 32)
		return v == "" || err == nil
	case day:
		_, err := time.Parse("20060102", v)
		return v == "" || err == nil
	case hour:
		_, err := time.Parse("1504", v)
		return v == "" || err == nil && len(v) == 4
	case text:
		return utf8.ValidString(v)
	}
	return utf8.RuneCountInString(v) <= f.size && !strings.Contains(v, "\n")
}
