package sagecrmtest

import (
	"encoding/xml"
	"strconv"
	"strings"
	"unicode"

	"syncbox/connectors/rest/resttest"
)

// writer writes what stands in the Body of an answer.
type writer struct {
	strings.Builder
	mixed bool // elements begin with capitals
	empty string
}

func (w *writer) name(s string) string {
	if !w.mixed || s == "" {
		return s
	}
	return string(unicode.ToUpper(rune(s[0]))) + s[1:]
}

func (w *writer) open(name, attr string) {
	w.WriteString("<typens:" + w.name(name) + attr + ">")
}

func (w *writer) end(name string) { w.WriteString("</typens:" + w.name(name) + ">") }

func (w *writer) text(name, v string) {
	w.open(name, "")
	xml.EscapeText(w, []byte(v))
	w.end(name)
}

// nothing writes a field without a value as this site does.
func (w *writer) nothing(name string) {
	switch w.empty {
	case "empty":
		w.text(name, "")
	case "nil":
		w.WriteString("<typens:" + w.name(name) + ` xsi:nil="true"/>`)
	}
}

func typed(as string) string { return ` xsi:type="typens:` + as + `"` }

// writer makes one in the style of the site. The caller has the lock.
func (s *Server) writer() *writer {
	return &writer{mixed: s.on(SoapCase, "mixed"), empty: s.switches[SoapEmpty]}
}

// values writes a column.
func (s *Server) values(w *writer, f *Field, v string) {
	all := s.shown(f, v)
	switch {
	case len(all) == 0 || f.Kind == CheckBox && all[0] == "":
		w.nothing(f.tag())
	case f.Kind != MultiSelect:
		w.text(f.tag(), all[0])
	case s.on(SoapMultiValue, "comma"):
		w.text(f.tag(), strings.Join(all, ","))
	case s.on(SoapMultiValue, "repeated"):
		for _, one := range all {
			w.text(f.tag(), one)
		}
	default:
		w.open(f.tag(), "")
		for _, one := range all {
			w.text("records", one)
		}
		w.end(f.tag())
	}
}

// row writes a record with its children, in an element of the given name.
func (s *Server) row(w *writer, t *table, r *row, as string) {
	w.open(as, typed(string(t.entity)))
	for _, child := range children(t.entity) {
		if kids := s.state.children(t.entity, r.ID, child); s.nests(t.entity) && len(kids) > 0 {
			s.nested(w, child, kids)
		}
	}
	for i := range t.fields {
		s.values(w, &t.fields[i], s.value(t, r, &t.fields[i]))
	}
	w.end(as)
}

// nests tells whether the records of an entity have their children inside of them.
func (s *Server) nests(e Entity) bool {
	return s.on(SoapNested, "both") || e == Company && s.on(SoapNested, "company")
}

// nested writes the children of one kind. A person is flat.
func (s *Server) nested(w *writer, child Entity, kids []*row) {
	if s.on(SoapChildren, "flat") {
		for _, r := range kids {
			s.row(w, s.tables[child], r, string(child))
		}
		return
	}
	w.open(string(child), "")
	w.text("entityname", string(child))
	for _, r := range kids {
		s.row(w, s.tables[child], r, "records")
	}
	w.end(string(child))
}

const prolog = `<?xml version="1.0" encoding="utf-8"?>` + "\n"

// envelopeOf wraps what stands in a Body.
func envelopeOf(space, body string) []byte {
	return []byte(prolog + `<SOAP:Envelope xmlns:SOAP="` + nsEnvelope + `" xmlns:xsi="` + nsInstance + `" xmlns:typens="` + space + `"><SOAP:Body>` + body +
		`</SOAP:Body></SOAP:Envelope>`)
}

const xmlType = "text/xml; charset=utf-8"

// result answers an operation.
func (s *Server) result(e *envelope, body string) *resttest.Answer {
	w := s.writer()
	name := e.op + "response"
	if e.op == "logon" {
		name = "logonresponsetype"
	}
	w.open(name, "")
	w.open("result", "")
	w.WriteString(body)
	w.end("result")
	w.end(name)
	return resttest.NewAnswer(200, xmlType, envelopeOf(e.space, w.String()))
}

// soapFault refuses a call.
func (s *Server) soapFault(text string) *resttest.Answer {
	var b strings.Builder
	b.WriteString(`<SOAP:Fault><faultcode>SOAP:Server</faultcode><faultstring>`)
	xml.EscapeText(&b, []byte(text))
	b.WriteString(`</faultstring></SOAP:Fault>`)
	status, err := strconv.Atoi(s.switches[SoapFault])
	if err != nil {
		panic("sagecrmtest: " + err.Error())
	}
	return resttest.NewAnswer(status, xmlType, envelopeOf(nsType, b.String()))
}
