package sagex3test

import (
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"
)

// payload is what PARAM holds, before it is known whether the object has such fields.
type payload struct{ groups []sent }

// sent is one GRP or TAB.
type sent struct {
	id    string
	tab   bool
	lines []line // one of a GRP
}

type line struct {
	num     int // 0 if it has none
	entries []entry
}

type entry struct {
	name, kind string   // NAME, TYPE
	items      []string // one of a FLD
	list       bool
}

// node is an element of the payload.
type node struct {
	name     string
	attr     map[string]string
	text     string
	children []*node
}

// parseTree reads a document of one root.
func parseTree(doc string) (*node, error) {
	d := xml.NewDecoder(strings.NewReader(doc))
	var root *node
	var open []*node
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) && root != nil && len(open) == 0 {
			return root, nil
		}
		if err != nil {
			return nil, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			n := &node{name: t.Name.Local, attr: map[string]string{}}
			for _, a := range t.Attr {
				n.attr[a.Name.Local] = a.Value
			}
			switch {
			case len(open) > 0:
				parent := open[len(open)-1]
				parent.children = append(parent.children, n)
			case root != nil:
				return nil, errors.New("two roots")
			default:
				root = n
			}
			open = append(open, n)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			if len(open) > 0 {
				open[len(open)-1].text += string(t)
			}
		}
	}
}

// grammar reads payloads. NAM in the place of NAME goes with sub-programs only.
type grammar struct{ nam bool }

func (g grammar) parse(doc string) (*payload, *phrase) {
	if strings.HasPrefix(strings.TrimSpace(doc), "{") {
		return parseJSON(doc)
	}
	root, err := parseTree(doc)
	if err != nil {
		return nil, plain("Xml parse error: %s", err)
	}
	if root.name != "PARAM" {
		return nil, plain("Xml parse error: root tag PARAM expected, [%s] found", root.name)
	}
	p := &payload{}
	for _, n := range root.children {
		one, wrong := g.group(n)
		if wrong != nil {
			return nil, wrong
		}
		p.groups = append(p.groups, *one)
	}
	return p, nil
}

func (g grammar) group(n *node) (*sent, *phrase) {
	switch n.name {
	case "GRP", "TAB":
	case "FLD", "LST":
		return nil, plain("Cannot add field [%s] under root node. Field [%s] not found into X3 description.", n.name, g.nameOf(n))
	default:
		return nil, plain("Unknown tag [%s] under root node.", n.name)
	}
	out := &sent{id: n.attr["ID"], tab: n.name == "TAB"}
	if out.id == "" {
		return nil, plain("No attribute ID found into %s tag.", n.name)
	}
	if !out.tab {
		entries, wrong := g.entries(n)
		out.lines = []line{{entries: entries}}
		return out, wrong
	}
	for _, lin := range n.children {
		if lin.name != "LIN" {
			return nil, plain("Unknown tag [%s] into TAB tag.", lin.name)
		}
		entries, wrong := g.entries(lin)
		if wrong != nil {
			return nil, wrong
		}
		num, err := strconv.Atoi(lin.attr["NUM"])
		if lin.attr["NUM"] != "" && (err != nil || num < 1) {
			return nil, plain("Attribute NUM of LIN tag is not a line number.")
		}
		out.lines = append(out.lines, line{num, entries})
	}
	if size := n.attr["SIZE"]; size != "" && size != strconv.Itoa(len(out.lines)) {
		return nil, plain("Attribute SIZE of TAB [%s] differs from its lines.", out.id)
	}
	return out, nil
}

func (g grammar) entries(n *node) (all []entry, wrong *phrase) {
	for _, c := range n.children {
		e := entry{name: g.nameOf(c), kind: c.attr["TYPE"], list: c.name == "LST"}
		switch {
		case c.name != "FLD" && c.name != "LST":
			return nil, plain("Unknown tag [%s] into %s tag.", c.name, n.name)
		case e.name == "":
			return nil, plain("No attribute NAME found into %s tag.", c.name)
		case !e.list && len(c.children) > 0:
			return nil, plain("FLD tag [%s] holds tags.", e.name)
		case !e.list:
			e.items = []string{c.text}
		}
		for _, item := range c.children {
			if item.name != "ITM" {
				return nil, plain("Unknown tag [%s] into LST tag.", item.name)
			}
			e.items = append(e.items, item.text)
		}
		all = append(all, e)
	}
	return all, nil
}

func (g grammar) nameOf(n *node) string {
	if n.attr["NAME"] == "" && g.nam {
		return n.attr["NAM"]
	}
	return n.attr["NAME"]
}
