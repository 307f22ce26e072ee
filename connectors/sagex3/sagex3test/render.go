package sagex3test

import (
	"strconv"
	"strings"
	"time"
)

// look is how a caller wants what is shown.
type look struct {
	json, beautify bool
	root           string // of XML
	lang           string
	zone           *time.Location
}

// writer writes XML, each element on a line of its own where that is asked for.
type writer struct {
	b      strings.Builder
	pretty bool
	depth  int
}

func (w *writer) line() {
	if w.pretty && w.b.Len() > 0 {
		w.b.WriteString("\n" + strings.Repeat("  ", w.depth))
	}
}

func (w *writer) tag(name string, attrs []string) {
	w.line()
	w.b.WriteString("<" + name)
	for i := 0; i+1 < len(attrs); i += 2 {
		w.b.WriteString(" " + attrs[i] + `="` + quotes.Replace(attrs[i+1]) + `"`)
	}
}

func (w *writer) open(name string, attrs ...string) {
	w.tag(name, attrs)
	w.b.WriteString(">")
	w.depth++
}

func (w *writer) close(name string) {
	w.depth--
	w.line()
	w.b.WriteString("</" + name + ">")
}

func (w *writer) leaf(name, text string, attrs ...string) {
	w.tag(name, attrs)
	if text == "" {
		w.b.WriteString("/>")
		return
	}
	w.b.WriteString(">")
	w.b.WriteString(escaped(text))
	w.b.WriteString("</" + name + ">")
}

var (
	escapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\r", "&#xD;")
	quotes  = strings.NewReplacer("&", "&amp;", "<", "&lt;", `"`, "&quot;")
)

// escaped keeps line ends as they are.
func escaped(s string) string { return escapes.Replace(s) }

const prolog = `<?xml version="1.0" encoding="UTF-8"?>`

func newWriter(l look) *writer {
	w := &writer{pretty: l.beautify}
	w.b.WriteString(prolog)
	return w
}

// label gives the words of an item of a local menu.
func (l look) label(menu int, v string) string {
	set := menus[menu][1]
	if l.lang == "FRA" {
		set = menus[menu][0]
	}
	if n, err := strconv.Atoi(v); err == nil && n >= 1 && n <= len(set) {
		return set[n-1]
	}
	return ""
}

// element writes one field with its value.
func (l look) element(w *writer, f *field, v string) {
	if f.items > 0 {
		items := strings.Split(v, "\n")
		w.open("LST", "NAME", f.code, "SIZE", strconv.Itoa(f.items), "TYPE", f.form.wire())
		for i := range f.items {
			item := ""
			if i < len(items) {
				item = items[i]
			}
			w.leaf("ITM", item)
		}
		w.close("LST")
		return
	}
	attrs := []string{"NAME", f.code, "TYPE", f.form.wire()}
	if f.menu > 0 {
		attrs = append([]string{"MENULAB", l.label(f.menu, v), "MENULOCAL", strconv.Itoa(f.menu)}, attrs...)
	}
	w.leaf("FLD", v, attrs...)
}

// record shows all of a record.
func (l look) record(sc *schema, r *Record) string {
	if l.json {
		return l.recordJSON(sc, r)
	}
	w := newWriter(l)
	w.open(l.root)
	for i := range sc.blocks {
		b := &sc.blocks[i]
		if b.dim > 1 {
			l.grid(w, b, r.Grids[b.means])
			continue
		}
		w.open("GRP", "ID", b.id)
		for j := range b.fields {
			l.element(w, &b.fields[j], r.value(&b.fields[j], l.zone))
		}
		w.close("GRP")
	}
	w.close(l.root)
	return w.b.String()
}

func (l look) grid(w *writer, b *block, lines []Values) {
	w.open("TAB", "DIM", strconv.Itoa(b.dim), "ID", b.id, "SIZE", strconv.Itoa(len(lines)))
	for i, v := range lines {
		w.open("LIN", "NUM", strconv.Itoa(i+1))
		for j := range b.fields {
			f := &b.fields[j]
			l.element(w, f, f.shownValue(v[f.means]))
		}
		w.close("LIN")
	}
	w.close("TAB")
}

// list shows the columns of records. kept is how many of them make it into the answer, whatever it says.
func (l look) list(sc *schema, rows []*Record, size, kept int) string {
	if l.json {
		return l.listJSON(sc, rows[:kept])
	}
	w := newWriter(l)
	w.open(l.root, "DIM", strconv.Itoa(size), "SIZE", strconv.Itoa(len(rows)))
	columns := sc.columns()
	for i, r := range rows[:kept] {
		w.open("LIN", "NUM", strconv.Itoa(i+1))
		for _, f := range columns {
			l.element(w, f, r.value(f, l.zone))
		}
		w.close("LIN")
	}
	w.close(l.root)
	return w.b.String()
}

// description shows blocks and fields without a record. Its form is invented.
func (l look) description(sc *schema) string {
	if l.json {
		return l.descriptionJSON(sc)
	}
	w := newWriter(l)
	w.open(l.root, "OBJ", string(sc.object), "KEY", sc.key().code)
	for i := range sc.blocks {
		b := &sc.blocks[i]
		w.open("GRP", "ID", b.id, "DIM", strconv.Itoa(b.dim), "LAB", b.label)
		for j := range b.fields {
			f := &b.fields[j]
			w.leaf("FLD", "", "NAME", f.code, "TYPE", f.form.wire(), "LEN", strconv.Itoa(f.size), "DIM", strconv.Itoa(max(1, f.items)),
				"MENULOCAL", strconv.Itoa(f.menu), "LAB", f.label)
		}
		w.close("GRP")
	}
	w.close(l.root)
	return w.b.String()
}

// dataSchema shows an object as an XML schema.
func dataSchema(sc *schema) string {
	w := newWriter(look{})
	w.open("xs:schema", "xmlns:xs", "http://www.w3.org/2001/XMLSchema")
	w.open("xs:element", "name", "PARAM")
	w.open("xs:complexType")
	w.open("xs:sequence")
	for i := range sc.blocks {
		b := &sc.blocks[i]
		w.open("xs:element", "name", map[bool]string{true: "GRP", false: "TAB"}[b.dim == 1], "id", b.id, "minOccurs", "0")
		w.open("xs:complexType")
		w.open("xs:sequence")
		for j := range b.fields {
			w.leaf("xs:element", "", "name", map[bool]string{true: "FLD", false: "LST"}[b.fields[j].items == 0], "id", b.fields[j].code, "type", "xs:string", "minOccurs", "0")
		}
		w.close("xs:sequence")
		w.close("xs:complexType")
		w.close("xs:element")
	}
	w.close("xs:sequence")
	w.close("xs:complexType")
	w.close("xs:element")
	w.close("xs:schema")
	return w.b.String()
}
