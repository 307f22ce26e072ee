package sagex3test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// The namespaces.
const (
	nsEnvelope = "http://schemas.xmlsoap.org/soap/envelope/"
	nsEncoding = "http://schemas.xmlsoap.org/soap/encoding/"
	nsSchema   = "http://www.w3.org/2001/XMLSchema"
	nsInstance = "http://www.w3.org/2001/XMLSchema-instance"
	nsProduct  = "http://www.adonix.com/WSS"
)

// The types of the WSDL.
var (
	typeString   = xml.Name{Space: nsSchema, Local: "string"}
	typeInt      = xml.Name{Space: nsSchema, Local: "int"}
	typeContext  = xml.Name{Space: nsProduct, Local: "CAdxCallContext"}
	typeKey      = xml.Name{Space: nsProduct, Local: "CAdxParamKeyValue"}
	typeKeys     = xml.Name{Space: nsProduct, Local: "ArrayOfCAdxParamKeyValue"}
	typeTexts    = xml.Name{Space: nsProduct, Local: "ArrayOf_xsd_string"}
	typeAnyArray = xml.Name{Space: nsEncoding, Local: "Array"}
)

// parts are the parameters of the operations, behind callContext and publicName.
var parts = map[string][]string{
	opRead: {"objectKeys"}, opDelete: {"objectKeys"}, opQuery: {"objectKeys", "listSize"}, opSave: {"objectXml"}, opModify: {"objectKeys", "objectXml"},
	opRun: {"inputXml"}, opAction: {"actionCode", "objectXml"}, opActionKeys: {"actionCode", "objectKeys"},
	opInsertLines: {"objectKeys", "blocKey", "lineKey", "lineXml"}, opDeleteLines: {"objectKeys", "blocKey", "lineKeys"},
	opDescription: {}, opDataSchema: {},
}

// keyValue is one criterion or part of a key.
type keyValue struct{ key, value string }

// request is a call as the envelope tells it.
type request struct {
	op, publicName string
	context        map[string]string
	keys           []keyValue
	listSize       int
	texts          map[string]string // of the parts that are texts
	lineKeys       []string
	fault          *Fault
}

// element is an element of an envelope with what RPC/encoded needs to know of it.
type element struct {
	name     xml.Name
	attr     []xml.Attr
	prefixes map[string]string
	text     string
	children []*element
}

func (e *element) get(space, local string) (string, bool) {
	for _, a := range e.attr {
		if a.Name.Space == space && a.Name.Local == local {
			return a.Value, true
		}
	}
	return "", false
}

// qname resolves a name with a prefix in the place where it stands.
func (e *element) qname(v string) xml.Name {
	prefix, local, ok := strings.Cut(strings.TrimSpace(v), ":")
	if !ok {
		prefix, local = "", prefix
	}
	return xml.Name{Space: e.prefixes[prefix], Local: local}
}

func readElements(r io.Reader) (*element, error) {
	d := xml.NewDecoder(r)
	var root *element
	open := []*element{{prefixes: map[string]string{}}}
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) && root != nil {
			return root, nil
		}
		if err != nil {
			return nil, err
		}
		parent := open[len(open)-1]
		switch t := t.(type) {
		case xml.Directive:
			return nil, errors.New("DTD is not supported by SOAP")
		case xml.StartElement:
			e := &element{name: t.Name, attr: slices.Clone(t.Attr), prefixes: prefixes(parent.prefixes, t.Attr)}
			if len(open) == 1 {
				root = e
			}
			parent.children = append(parent.children, e)
			open = append(open, e)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			parent.text += string(t)
		}
	}
}

func prefixes(outer map[string]string, attrs []xml.Attr) map[string]string {
	inner := outer
	for _, a := range attrs {
		prefix := ""
		if a.Name.Space == "xmlns" {
			prefix = a.Name.Local
		} else if a.Name.Space != "" || a.Name.Local != "xmlns" {
			continue
		}
		copied := map[string]string{prefix: a.Value}
		for k, v := range inner {
			if _, set := copied[k]; !set {
				copied[k] = v
			}
		}
		inner = copied
	}
	return inner
}

// readRequest reads an envelope as the WSDL describes it. The error is the text of a SOAP fault.
func readRequest(r io.Reader) (*request, error) {
	root, err := readElements(r)
	if err != nil {
		return nil, err
	}
	if root.name != (xml.Name{Space: nsEnvelope, Local: "Envelope"}) {
		return nil, errors.New("want an Envelope of SOAP 1.1")
	}
	var body *element
	for i, c := range root.children {
		header := c.name == xml.Name{Space: nsEnvelope, Local: "Header"}
		if isBody := c.name == (xml.Name{Space: nsEnvelope, Local: "Body"}); isBody && body == nil {
			body = c
		} else if !header || i > 0 {
			return nil, fmt.Errorf("unexpected element %s in the Envelope", c.name.Local)
		}
	}
	if body == nil || len(body.children) != 1 {
		return nil, errors.New("want a Body with one operation")
	}
	op := body.children[0]
	if _, known := parts[op.name.Local]; op.name.Space != nsProduct || !known {
		return nil, fmt.Errorf("no such operation '%s'", op.name.Local)
	}
	for _, e := range []*element{op, body, root} {
		if style, ok := e.get(nsEnvelope, "encodingStyle"); ok {
			if strings.TrimSpace(style) != nsEncoding {
				break
			}
			return op.request()
		}
	}
	return nil, errors.New("want encodingStyle of RPC/encoded")
}

func (e *element) request() (*request, error) {
	q := &request{op: e.name.Local, context: map[string]string{}, texts: map[string]string{}}
	want := append([]string{"callContext", "publicName"}, parts[q.op]...)
	seen := map[string]bool{}
	for _, c := range e.children {
		name := c.name.Local
		switch {
		case c.name.Space != "":
			return nil, fmt.Errorf("%s: parts have no namespace", name)
		case !slices.Contains(want, name) || seen[name]:
			return nil, fmt.Errorf("%s: no such parameter of %s, or twice", name, q.op)
		}
		seen[name] = true
		if err := q.part(c); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	for _, name := range want {
		if !seen[name] {
			return nil, fmt.Errorf("%s: missing", name)
		}
	}
	return q, nil
}

func (q *request) part(e *element) (err error) {
	switch e.name.Local {
	case "callContext":
		return q.readContext(e)
	case "publicName":
		q.publicName, err = e.scalar(typeString)
		return err
	case "objectKeys":
		return q.readKeys(e)
	case "lineKeys":
		items, err := e.array(typeTexts, typeString)
		for _, item := range items {
			v, wrong := item.scalar(typeString)
			q.lineKeys, err = append(q.lineKeys, v), errors.Join(err, wrong)
		}
		return err
	case "listSize":
		v, err := e.scalar(typeInt)
		if err != nil {
			return err
		}
		n, err := strconv.ParseInt(strings.TrimSpace(v), 10, 32)
		q.listSize = int(n)
		return err
	}
	q.texts[e.name.Local], err = e.scalar(typeString)
	return err
}

func (q *request) readContext(e *element) error {
	if err := e.isType(typeContext); err != nil {
		return err
	}
	for _, c := range e.children {
		if _, twice := q.context[c.name.Local]; twice || c.name.Space != "" ||
			!slices.Contains([]string{"codeLang", "codeUser", "password", "poolAlias", "poolId", "requestConfig"}, c.name.Local) {
			return fmt.Errorf("unexpected element %s", c.name.Local)
		}
		v, err := c.scalar(typeString)
		if err != nil {
			return err
		}
		q.context[c.name.Local] = v
	}
	return nil
}

func (q *request) readKeys(e *element) error {
	items, err := e.array(typeKeys, typeKey)
	if err != nil {
		return err
	}
	for _, item := range items {
		if err := item.isType(typeKey); err != nil {
			return err
		}
		if len(item.children) != 2 || item.children[0].name != (xml.Name{Local: "key"}) || item.children[1].name != (xml.Name{Local: "value"}) {
			return errors.New("want key and value")
		}
		key, err := item.children[0].scalar(typeString)
		value, wrong := item.children[1].scalar(typeString)
		if err := errors.Join(err, wrong); err != nil {
			return err
		}
		q.keys = append(q.keys, keyValue{key, value})
	}
	return nil
}

func (e *element) isType(want ...xml.Name) error {
	if v, ok := e.get(nsInstance, "type"); ok && !slices.Contains(want, e.qname(v)) {
		return fmt.Errorf("type %s, want %s", v, want[0].Local)
	}
	return nil
}

// scalar gives a text or a number; xsi:nil is "".
func (e *element) scalar(want xml.Name) (string, error) {
	if err := e.isType(want); err != nil {
		return "", err
	}
	if len(e.children) > 0 {
		return "", errors.New("want a text, found an element")
	}
	return e.text, nil
}

// array gives the items of an array as SOAP encoding writes it.
func (e *element) array(own, item xml.Name) ([]*element, error) {
	if err := e.isType(own, typeAnyArray); err != nil {
		return nil, err
	}
	v, ok := e.get(nsEncoding, "arrayType")
	if !ok {
		if null, _ := e.get(nsInstance, "nil"); null == "true" || null == "1" {
			return nil, nil
		}
		return nil, errors.New("want arrayType")
	}
	name, size, ok := strings.Cut(strings.TrimSuffix(v, "]"), "[")
	if !ok || !strings.HasSuffix(v, "]") || e.qname(name) != item {
		return nil, fmt.Errorf("arrayType %s, want %s[]", v, item.Local)
	}
	if size != "" && size != strconv.Itoa(len(e.children)) {
		return nil, fmt.Errorf("arrayType %s for %d items", v, len(e.children))
	}
	return e.children, nil
}
