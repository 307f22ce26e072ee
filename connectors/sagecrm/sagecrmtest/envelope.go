package sagecrmtest

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// The namespaces.
const (
	nsEnvelope = "http://schemas.xmlsoap.org/soap/envelope/"
	nsType     = "http://tempuri.org/type"
	nsPlain    = "http://tempuri.org/"
	nsInstance = "http://www.w3.org/2001/XMLSchema-instance"
)

// element is an element of an envelope. Its name is in small letters.
type element struct {
	space, name string
	text        string
	children    []*element
}

// readElements reads a document of XML. Namespaces count, cases do not.
func readElements(text string) (*element, error) {
	d := xml.NewDecoder(strings.NewReader(text))
	top := &element{}
	open := []*element{top}
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) && len(top.children) == 1 {
			return top.children[0], nil
		}
		if err != nil {
			return nil, errors.New("the request is not XML")
		}
		parent := open[len(open)-1]
		switch t := t.(type) {
		case xml.Directive:
			return nil, errors.New("a DTD is not supported by SOAP")
		case xml.StartElement:
			e := &element{space: t.Name.Space, name: strings.ToLower(t.Name.Local)}
			parent.children = append(parent.children, e)
			open = append(open, e)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			parent.text += string(t)
		}
	}
}

// envelope is a call as it was sent.
type envelope struct {
	op      string // in small letters
	space   string // of the operation: the answer's too
	session string
	texts   map[string]string // the parameters that are texts, by name in small letters
	records []*element
}

// method is an operation with its parameters. Each has the name of the documents first, then others by which it is known.
type method struct {
	params  [][]string
	records bool
}

var (
	entityNames = []string{"entityname", "entity"}
	whereNames  = []string{"querystring", "where", "whereclause"}
	dateNames   = []string{"date", "lastdate", "sincedate"}
	idNames     = []string{"id", "recordid"}
)

var methods = map[string]method{
	"logon": {params: [][]string{{"username"}, {"password"}}}, "logoff": {params: [][]string{{"sessionid"}}}, "next": {}, "getversionstring": {},
	"query":         {params: [][]string{whereNames, entityNames}},
	"queryid":       {params: [][]string{whereNames, entityNames, dateNames}},
	"queryidnodate": {params: [][]string{whereNames, entityNames}},
	"queryentity":   {params: [][]string{idNames, entityNames}},
	"add":           {params: [][]string{entityNames}, records: true}, "update": {params: [][]string{entityNames}, records: true},
	"delete":      {params: [][]string{entityNames}, records: true},
	"getmetadata": {params: [][]string{entityNames}}, "getdropdownvalues": {params: [][]string{entityNames}},
}

// readEnvelope reads a request in one of the profiles. The error is the text of a fault.
func readEnvelope(text, profile string) (*envelope, error) {
	root, err := readElements(text)
	if err != nil {
		return nil, err
	}
	if root.name != "envelope" || root.space != nsEnvelope {
		return nil, errors.New("want an Envelope of SOAP 1.1")
	}
	e := &envelope{texts: map[string]string{}}
	var body *element
	for _, c := range root.children {
		switch {
		case c.space == nsEnvelope && c.name == "header" && body == nil:
			e.session = sessionOf(c)
		case c.space == nsEnvelope && c.name == "body" && body == nil:
			body = c
		default:
			return nil, errors.New("unexpected element in the Envelope")
		}
	}
	if body == nil || len(body.children) != 1 {
		return nil, errors.New("want a Body with one method")
	}
	return e, e.read(body.children[0], profile)
}

// sessionOf gives the id in a header.
func sessionOf(header *element) string {
	for _, h := range header.children {
		if h.name != "sessionheader" {
			continue
		}
		for _, c := range h.children {
			if c.name == "sessionid" {
				return strings.TrimSpace(c.text)
			}
		}
	}
	return ""
}

// speaks tells whether a profile has a namespace.
func speaks(profile, space string) bool {
	return space == nsType && profile != "plain" || space == nsPlain && profile != "type"
}

// read takes the parameters of an operation.
func (e *envelope) read(op *element, profile string) error {
	m, known := methods[op.name]
	if !known || !speaks(profile, op.space) {
		return errors.New("no such method")
	}
	e.op, e.space = op.name, op.space
	for _, c := range op.children {
		if m.records && c.name == "records" {
			e.records = append(e.records, c)
			continue
		}
		name := m.param(c.name)
		if _, twice := e.texts[name]; name == "" || twice || len(c.children) > 0 {
			return errors.New(e.op + ": unexpected element")
		}
		if name == "entityname" && (profile == "type" && c.name != "entityname" || profile == "plain" && c.name != "entity") {
			return errors.New(e.op + ": unexpected element")
		}
		e.texts[name] = c.text
	}
	for _, names := range m.params {
		if _, sent := e.texts[names[0]]; !sent && names[0] != "sessionid" {
			return errors.New(e.op + ": " + names[0] + " is missing")
		}
	}
	return nil
}

// param gives the first of the names by which a parameter is known, "" for none.
func (m method) param(name string) string {
	for _, names := range m.params {
		for _, one := range names {
			if one == name {
				return names[0]
			}
		}
	}
	return ""
}
