package sagex3

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"syncbox/connectors/rest/soap"
)

// payload is what stands in objectXml and resultXml: groups of fields, and grids of lines. A list (LST) is a field with
// several values.
type payload struct {
	groups map[string]row   // by group; what stands outside of one is in ""
	grids  map[string][]row // by grid; the lines of a query's answer are in ""
	root   *soap.Node       // of XML
	empty  bool             // nothing at all was given
}

// row is the fields of a group or of a line, by their codes.
type row map[string][]string

// first gives the first value of a field in any group, and whether the field is there.
func (p *payload) first(code string) (string, bool) {
	for _, g := range p.groups {
		if v, ok := g[code]; ok && len(v) > 0 {
			return v[0], true
		}
	}
	return "", false
}

// parsePayload reads XML or JSON, whichever the server chose. Nothing is a payload without fields.
func parsePayload(text string) (*payload, error) {
	p := &payload{groups: map[string]row{}, grids: map[string][]row{}}
	switch text = strings.TrimSpace(text); {
	case text == "":
		p.empty = true
		return p, nil
	case strings.HasPrefix(text, "<"):
		root, err := soap.Parse([]byte(text))
		if err != nil {
			return nil, err
		}
		p.root = root
		p.element(root, "")
		return p, nil
	default:
		return p, p.json(text)
	}
}

// element takes the root, a group, or anything that wraps groups.
func (p *payload) element(n *soap.Node, group string) {
	for _, c := range n.Children {
		switch strings.ToUpper(c.Name) {
		case "GRP":
			p.element(c, named(c))
		case "TAB":
			p.lines(c, named(c))
		case "LIN":
			p.grids[group] = append(p.grids[group], line(c))
		case "FLD", "LST":
			if p.groups[group] == nil {
				p.groups[group] = row{}
			}
			p.groups[group].take(c)
		}
	}
}

// named gives what a group, a grid or a field is called: ID, NAME, or NAM as some publications write it.
func named(n *soap.Node) string {
	for _, attr := range []string{"ID", "NAME", "NAM"} {
		if name := n.Attr(attr); name != "" {
			return name
		}
	}
	return ""
}

// lines takes a grid. A description has its fields without a line.
func (p *payload) lines(n *soap.Node, grid string) {
	if p.grids[grid] == nil {
		p.grids[grid] = []row{}
	}
	for _, c := range n.Children {
		if strings.EqualFold(c.Name, "LIN") {
			p.grids[grid] = append(p.grids[grid], line(c))
		}
	}
	if fields := line(n); len(fields) > 0 {
		p.grids[grid] = append(p.grids[grid], fields)
	}
}

func line(n *soap.Node) row {
	r := row{}
	for _, c := range n.Children {
		r.take(c)
	}
	return r
}

// take takes a FLD or a LST.
func (r row) take(n *soap.Node) {
	name := named(n)
	switch {
	case name == "":
	case strings.EqualFold(n.Name, "LST"):
		values := make([]string, 0, len(n.Children))
		for _, item := range n.Children {
			values = append(values, item.Text)
		}
		r[name] = values
	case strings.EqualFold(n.Name, "FLD"):
		r[name] = []string{n.Text}
		if text := n.Attr("MENULAB"); text != "" {
			r[name+label] = []string{text}
		}
	}
}

// label ends the name under which the text of a local menu's item stands beside its number, as X3 writes it in JSON.
const label = "_LBL"

// json takes {"GRP":{"FLD":"v"},"TAB":[{…}]}, or a list of lines.
func (p *payload) json(text string) error {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil || d.More() {
		return errors.New("neither XML nor JSON")
	}
	switch v := v.(type) {
	case []any:
		p.grids[""] = jsonLines(v)
	case map[string]any:
		p.jsonGroup("", v)
	default:
		return errors.New("JSON, but no object")
	}
	return nil
}

func (p *payload) jsonGroup(group string, fields map[string]any) {
	for name, v := range fields {
		inner, isGroup := v.(map[string]any)
		list, isList := v.([]any)
		switch {
		case isGroup:
			p.jsonGroup(name, inner)
		case isList && !slices.ContainsFunc(list, isScalar) && len(list) > 0:
			p.grids[name] = jsonLines(list)
		default:
			if p.groups[group] == nil {
				p.groups[group] = row{}
			}
			p.groups[group][name] = jsonValues(v)
		}
	}
}

func isScalar(v any) bool {
	_, object := v.(map[string]any)
	return !object
}

func jsonLines(list []any) []row {
	lines := make([]row, 0, len(list))
	for _, v := range list {
		r := row{}
		fields, _ := v.(map[string]any)
		for name, v := range fields {
			r[name] = jsonValues(v)
		}
		lines = append(lines, r)
	}
	return lines
}

func jsonValues(v any) []string {
	switch v := v.(type) {
	case nil:
		return []string{""}
	case []any:
		values := make([]string, 0, len(v))
		for _, item := range v {
			values = append(values, jsonValues(item)...)
		}
		return values
	default:
		return []string{strings.TrimSpace(fmt.Sprint(v))}
	}
}

// xml writes the payload of a save or a modify, in the order of names, so that equal payloads are equal bytes.
func (p *payload) xml() string {
	var b strings.Builder
	b.WriteString("<PARAM>")
	for _, id := range sorted(p.groups) {
		b.WriteString(`<GRP ID="`)
		soap.Escape(&b, id)
		b.WriteString(`">`)
		p.groups[id].xml(&b)
		b.WriteString("</GRP>")
	}
	for _, id := range sorted(p.grids) {
		b.WriteString(`<TAB ID="`)
		soap.Escape(&b, id)
		fmt.Fprintf(&b, `" SIZE="%d">`, len(p.grids[id]))
		for i, r := range p.grids[id] {
			fmt.Fprintf(&b, `<LIN NUM="%d">`, i+1)
			r.xml(&b)
			b.WriteString("</LIN>")
		}
		b.WriteString("</TAB>")
	}
	b.WriteString("</PARAM>")
	return b.String()
}

func (r row) xml(b *strings.Builder) {
	for _, name := range sorted(r) {
		values := r[name]
		if len(values) == 1 {
			b.WriteString(`<FLD NAME="`)
			soap.Escape(b, name)
			b.WriteString(`">`)
			soap.Escape(b, values[0])
			b.WriteString("</FLD>")
			continue
		}
		b.WriteString(`<LST NAME="`)
		soap.Escape(b, name)
		fmt.Fprintf(b, `" SIZE="%d">`, len(values))
		for _, v := range values {
			b.WriteString("<ITM>")
			soap.Escape(b, v)
			b.WriteString("</ITM>")
		}
		b.WriteString("</LST>")
	}
}

// jsonText writes the same as JSON.
func (p *payload) jsonText() (string, error) {
	object := map[string]any{}
	for id, r := range p.groups {
		object[id] = r.jsonObject()
	}
	for id, lines := range p.grids {
		list := make([]any, 0, len(lines))
		for _, r := range lines {
			list = append(list, r.jsonObject())
		}
		object[id] = list
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(object); err != nil {
		return "", fmt.Errorf("write payload: %w", err)
	}
	return strings.TrimSpace(b.String()), nil
}

func (r row) jsonObject() map[string]any {
	object := map[string]any{}
	for name, values := range r {
		if len(values) == 1 {
			object[name] = values[0]
		} else {
			object[name] = values
		}
	}
	return object
}

func sorted[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
