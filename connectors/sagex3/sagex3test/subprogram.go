package sagex3test

import (
	"slices"
	"strconv"
	"strings"
)

// subprogram carries out SubParameters, the one sub-program that there is.
func (v *visit) subprogram() *result {
	in := group("GRP2", "Utilisateur", fld("I_USR", LineUser, "Utilisateur", 5))
	out := tab("GRP1", "Paramètres", "", 30, fld("I_PARAM", LineField, "Paramètre", 20), fld("O_VALUE", LineValue, "Valeur", 40))
	sc := &schema{blocks: []block{in, out}, unnumbered: true}
	switch v.q.op {
	case opDescription:
		return ok(v.look.description(sc), v.look.lang)
	case opRun:
	default:
		return v.refuse(plain("[%s] is not an object", v.q.publicName))
	}
	p, wrong := grammar{nam: true}.parse(v.q.texts["inputXml"])
	r := &Record{Values: Values{}, Grids: map[Field][]Values{}}
	if wrong == nil {
		wrong = (&assignment{sc: sc, r: r, grid: GridReplace, save: true}).all(p)
	}
	if wrong != nil {
		return v.refuse(wrong)
	}
	lines := r.Grids[""]
	for _, line := range lines {
		value, known := v.parameter(r.Values[LineUser], line[LineField])
		if !known {
			return v.refuse(say("%s : paramètre inexistant", "%s: parameter does not exist", line[LineField]))
		}
		line[LineValue] = value
	}
	v.c.Rows = len(lines)
	return ok(v.answered(&out, lines), v.look.lang)
}

// parameter gives the value of a parameter of a user or, without one, of the folder.
func (v *visit) parameter(user, name string) (string, bool) {
	if user == "" {
		return v.s.state.Parameters[name], slices.Contains(parameters(), name)
	}
	r := v.s.state.find(Users, user)
	f := users().byCode(name)
	if r == nil || f == nil || !strings.HasPrefix(name, "AUS") {
		return "", false
	}
	return r.value(f, v.s.opts.Zone), true
}

func (v *visit) answered(b *block, lines []Values) string {
	if v.look.json {
		rows := []*pairs{}
		for _, one := range lines {
			row := &pairs{}
			for i := range b.fields {
				row.add(b.fields[i].code, one[b.fields[i].means])
			}
			rows = append(rows, row)
		}
		all := &pairs{}
		all.add(b.id, rows)
		return v.look.encode(all)
	}
	w := newWriter(v.look)
	w.open(v.look.root, "SIZE", strconv.Itoa(len(lines)))
	v.look.grid(w, b, lines)
	w.close(v.look.root)
	return w.b.String()
}
