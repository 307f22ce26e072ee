package soap

import (
	"encoding/xml"
	"errors"
	"fmt"
	"strings"
)

// Type is the content type of a request.
const Type = "text/xml; charset=utf-8"

// The namespaces of an envelope.
const (
	envelopeSpace = "http://schemas.xmlsoap.org/soap/envelope/"
	encodingSpace = "http://schemas.xmlsoap.org/soap/encoding/"
	schemaSpace   = "http://www.w3.org/2001/XMLSchema"
	instanceSpace = "http://www.w3.org/2001/XMLSchema-instance"
)

// Value is an element of a request. Its name has a prefix where it has a namespace.
type Value struct {
	Name     string
	Type     string // xsi:type, as "xsd:string"; empty for none
	Attrs    []string
	Text     string
	Children []Value
}

// String makes an element of type xsd:string.
func String(name, text string) Value { return Value{Name: name, Type: "xsd:string", Text: text} }

// Envelope writes a request. spaces are further namespaces, prefix and address by turns; header may be empty.
func Envelope(spaces []string, header, body []Value) []byte {
	var b strings.Builder
	b.WriteString(xml.Header)
	attrs := append([]string{"xmlns:soapenv", envelopeSpace, "xmlns:soapenc", encodingSpace, "xmlns:xsd", schemaSpace, "xmlns:xsi", instanceSpace}, spaces...)
	Value{Name: "soapenv:Envelope", Attrs: attrs, Children: []Value{
		{Name: "soapenv:Header", Children: header}, {Name: "soapenv:Body", Children: body},
	}}.write(&b)
	return []byte(b.String())
}

func (v Value) write(b *strings.Builder) {
	b.WriteByte('<')
	b.WriteString(v.Name)
	for i := 0; i+1 < len(v.Attrs); i += 2 {
		attribute(b, v.Attrs[i], v.Attrs[i+1])
	}
	if v.Type != "" {
		attribute(b, "xsi:type", v.Type)
	}
	b.WriteByte('>')
	Escape(b, v.Text)
	for _, c := range v.Children {
		c.write(b)
	}
	b.WriteString("</")
	b.WriteString(v.Name)
	b.WriteByte('>')
}

func attribute(b *strings.Builder, name, value string) {
	b.WriteByte(' ')
	b.WriteString(name)
	b.WriteString(`="`)
	Escape(b, value)
	b.WriteByte('"')
}

// Escape writes text so that it stands in an element or an attribute. Characters that XML can't carry become U+FFFD.
func Escape(b *strings.Builder, text string) {
	_ = xml.EscapeText(b, []byte(text)) // a Builder takes everything
}

// Fault is a server's answer that it could not do what was asked.
type Fault struct {
	Code, Text string
}

// Error gives code and text, which are the server's own.
func (f *Fault) Error() string { return fmt.Sprintf("fault %s: %s", f.Code, f.Text) }

// ErrNoEnvelope is the error of a document that is no answer of a SOAP server, such as a page of a gateway.
var ErrNoEnvelope = errors.New("no SOAP envelope")

// Body gives the first element in the body of an answer, with references to other elements of it resolved (SOAP 1.1, 5.4.1).
// A fault is a *Fault.
func Body(document []byte) (*Node, error) {
	root, err := Parse(document)
	if err != nil {
		return nil, err
	}
	body := root.Child("Body")
	if !strings.EqualFold(root.Name, "Envelope") || body == nil {
		return nil, ErrNoEnvelope
	}
	if f := body.Child("Fault"); f != nil {
		return nil, &Fault{Code: f.Get("faultcode"), Text: f.Get("faultstring")}
	}
	if len(body.Children) == 0 {
		return nil, fmt.Errorf("%w: its body is empty", ErrNoEnvelope)
	}
	return resolve(body)
}

// resolve puts each element that stands aside in the place that refers to it.
func resolve(body *Node) (*Node, error) {
	aside := map[string]*Node{}
	for _, n := range body.Children[1:] {
		if id := n.Attr("id"); id != "" {
			aside["#"+id] = n
		}
	}
	left := maxNodes
	var follow func(n *Node, depth int) (*Node, error)
	follow = func(n *Node, depth int) (*Node, error) {
		if left--; left < 0 || depth > maxDepth {
			return nil, errors.New("references without end")
		}
		if to := aside[n.Attr("href")]; to != nil {
			n = &Node{Name: n.Name, Text: to.Text, Children: to.Children, attrs: to.attrs}
		}
		whole := *n
		whole.Children = nil
		for _, c := range n.Children {
			c, err := follow(c, depth+1)
			if err != nil {
				return nil, err
			}
			whole.Children = append(whole.Children, c)
		}
		return &whole, nil
	}
	return follow(body.Children[0], 0)
}
