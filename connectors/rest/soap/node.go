package soap

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/encoding/charmap"
)

// How large a document may be. Its bytes are bounded by who received it.
const (
	maxDepth = 64
	maxNodes = 1 << 20
)

// Node is an element.
type Node struct {
	Name     string // without namespace, as written
	Text     string // all text directly in it, without blanks at its ends
	Children []*Node
	attrs    []xml.Attr
}

// Attr gives an attribute by its name without namespace; case does not count. Empty if it is not there.
func (n *Node) Attr(name string) string {
	if n == nil {
		return ""
	}
	for _, a := range n.attrs {
		if strings.EqualFold(a.Name.Local, name) {
			return a.Value
		}
	}
	return ""
}

// Child gives the first child of a name, nil if there is none.
func (n *Node) Child(name string) *Node {
	if n != nil {
		for _, c := range n.Children {
			if strings.EqualFold(c.Name, name) {
				return c
			}
		}
	}
	return nil
}

// At follows names from child to child; nil if one is missing.
func (n *Node) At(names ...string) *Node {
	for _, name := range names {
		n = n.Child(name)
	}
	return n
}

// Get is the text of the element At names, empty if it is not there.
func (n *Node) Get(names ...string) string {
	if n = n.At(names...); n != nil {
		return n.Text
	}
	return ""
}

// Nil says whether the element is declared to be nothing (xsi:nil).
func (n *Node) Nil() bool {
	v := n.Attr("nil")
	return v == "1" || strings.EqualFold(v, "true")
}

// Parse reads a whole document. It must be one element, well formed to its end: a document that was cut is an error.
func Parse(document []byte) (*Node, error) {
	d := xml.NewDecoder(bytes.NewReader(document))
	d.CharsetReader = charset
	var open []*Node
	var texts []*strings.Builder
	var root *Node
	for nodes := 0; ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) && root != nil && len(open) == 0 {
			return root, nil
		}
		if err != nil {
			return nil, plainly(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			if nodes++; nodes > maxNodes || len(open) >= maxDepth || root != nil && len(open) == 0 {
				return nil, fmt.Errorf("element %d at depth %d: larger than any answer may be", nodes, len(open))
			}
			n := &Node{Name: token.Name.Local, attrs: token.Copy().Attr}
			if len(open) > 0 {
				parent := open[len(open)-1]
				parent.Children = append(parent.Children, n)
			} else {
				root = n
			}
			open, texts = append(open, n), append(texts, &strings.Builder{})
		case xml.EndElement:
			last := len(open) - 1
			open[last].Text = strings.TrimSpace(texts[last].String())
			open, texts = open[:last], texts[:last]
		case xml.CharData:
			if len(texts) > 0 {
				texts[len(texts)-1].Write(token)
			}
		}
	}
}

// plainly gives the place of a mistake without what stands there, which may be a customer's.
func plainly(err error) error {
	var syntax *xml.SyntaxError
	switch {
	case errors.Is(err, io.EOF), errors.As(err, &syntax) && strings.Contains(syntax.Msg, "unexpected EOF"):
		return errors.New("the document is cut off")
	case syntax != nil:
		return fmt.Errorf("line %d: not well formed", syntax.Line)
	}
	return errors.New("not well formed")
}

// charset reads the two code pages that old servers declare beside UTF-8.
func charset(name string, r io.Reader) (io.Reader, error) {
	switch strings.ToLower(name) {
	case "utf-8", "utf8", "us-ascii":
		return r, nil
	case "windows-1252", "cp1252":
		return charmap.Windows1252.NewDecoder().Reader(r), nil
	case "iso-8859-1", "latin1":
		return charmap.ISO8859_1.NewDecoder().Reader(r), nil
	}
	return nil, fmt.Errorf("unknown character set")
}
