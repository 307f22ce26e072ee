package sagex3test

import (
	"encoding/json"
	"strings"
)

// pairs is a JSON object that keeps the order of its members.
type pairs struct {
	names  []string
	values []any
}

func (p *pairs) add(name string, v any) {
	p.names, p.values = append(p.names, name), append(p.values, v)
}

// MarshalJSON writes the members in their order.
func (p *pairs) MarshalJSON() ([]byte, error) {
	var b strings.Builder
	b.WriteByte('{')
	for i, name := range p.names {
		key, err := json.Marshal(name)
		if err != nil {
			return nil, err
		}
		v, err := json.Marshal(p.values[i])
		if err != nil {
			return nil, err
		}
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(key)
		b.WriteByte(':')
		b.Write(v)
	}
	b.WriteByte('}')
	return []byte(b.String()), nil
}

func (l look) encode(v any) string {
	var b []byte
	var err error
	if l.beautify {
		b, err = json.MarshalIndent(v, "", "  ")
	} else {
		b, err = json.Marshal(v)
	}
	if err != nil {
		panic("sagex3test: " + err.Error()) // of texts alone
	}
	return string(b)
}

// member adds a field; all values are texts, and a local menu has its label beside it.
func (l look) member(p *pairs, f *field, v string) {
	if f.items > 0 {
		items := make([]string, f.items)
		copy(items, strings.Split(v, "\n"))
		p.add(f.code, items)
		return
	}
	p.add(f.code, v)
	if f.menu > 0 {
		p.add(f.code+"_LBL", l.label(f.menu, v))
	}
}

func (l look) recordJSON(sc *schema, r *Record) string {
	all := &pairs{}
	for i := range sc.blocks {
		b := &sc.blocks[i]
		if b.dim == 1 {
			one := &pairs{}
			for j := range b.fields {
				l.member(one, &b.fields[j], r.value(&b.fields[j], l.zone))
			}
			all.add(b.id, one)
			continue
		}
		lines := []*pairs{}
		for _, v := range r.Grids[b.means] {
			one := &pairs{}
			for j := range b.fields {
				f := &b.fields[j]
				l.member(one, f, f.shownValue(v[f.means]))
			}
			lines = append(lines, one)
		}
		all.add(b.id, lines)
	}
	return l.encode(all)
}

func (l look) listJSON(sc *schema, rows []*Record) string {
	lines := []*pairs{}
	for _, r := range rows {
		one := &pairs{}
		for _, f := range sc.columns() {
			l.member(one, f, r.value(f, l.zone))
		}
		lines = append(lines, one)
	}
	return l.encode(lines)
}

func (l look) descriptionJSON(sc *schema) string {
	all := &pairs{}
	all.add("OBJ", sc.object)
	all.add("KEY", sc.key().code)
	for i := range sc.blocks {
		b := &sc.blocks[i]
		fields := []*pairs{}
		for j := range b.fields {
			f := &b.fields[j]
			one := &pairs{}
			one.add("NAME", f.code)
			one.add("TYPE", f.form.wire())
			one.add("LEN", f.size)
			one.add("MENULOCAL", f.menu)
			one.add("LAB", f.label)
			fields = append(fields, one)
		}
		all.add(b.id, fields)
	}
	return l.encode(all)
}
