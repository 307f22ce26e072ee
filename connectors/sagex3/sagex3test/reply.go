package sagex3test

import (
	"strconv"
	"strings"
)

// result is CAdxResultXml before it is written.
type result struct {
	status   int
	messages []message
	xml      string // "" is nil
	lang     string

	busy                      bool
	entry                     int // of the pool
	userChanged               bool
	traceRequest, traceReport string
	traceCode                 string
	quiet                     bool // no messages and no technicalInfos: the old address after an upgrade
}

func ok(xml string, lang string) *result { return &result{status: 1, xml: xml, lang: lang} }

func refused(p *phrase, lang string) *result {
	return &result{messages: []message{{failure, *p}}, lang: lang}
}

func (r *result) failed() bool {
	for _, m := range r.messages {
		if m.kind == failure {
			return true
		}
	}
	return false
}

// note adds messages that are no failure.
func (r *result) note(all []message) *result {
	r.messages = append(r.messages, all...)
	return r
}

// envelopeOf wraps what stands in a Body.
func envelopeOf(body string) []byte {
	return []byte(prolog + `<soapenv:Envelope xmlns:soapenv="` + nsEnvelope + `" xmlns:soapenc="` + nsEncoding + `" xmlns:xsd="` + nsSchema +
		`" xmlns:xsi="` + nsInstance + `" xmlns:wss="` + nsProduct + `"><soapenv:Body>` + body + `</soapenv:Body></soapenv:Envelope>`)
}

// soapFault is how the web server refuses a call that never reached a pool.
func soapFault(code, text string) *answer {
	return bodyAnswer(500, "text/xml; charset=utf-8", envelopeOf(`<soapenv:Fault><faultcode>soapenv:`+code+`</faultcode><faultstring>`+escaped(text)+
		`</faultstring></soapenv:Fault>`))
}

// style is how the answers of an installation are written.
type style struct {
	statusText, multiRef, cdata bool
}

func (t style) answer(op string, r *result) *answer {
	returned := op + "Return"
	head := `<wss:` + op + `Response soapenv:encodingStyle="` + nsEncoding + `">`
	tail := `</wss:` + op + `Response>`
	body := head + `<` + returned + ` xsi:type="wss:CAdxResultXml">` + t.members(r) + `</` + returned + `>` + tail
	if t.multiRef {
		body = head + `<` + returned + ` href="#id0"/>` + tail +
			`<multiRef id="id0" soapenc:root="0" soapenv:encodingStyle="` + nsEncoding + `" xsi:type="wss:CAdxResultXml">` + t.members(r) + `</multiRef>`
	}
	a := bodyAnswer(200, "text/xml; charset=utf-8", envelopeOf(body))
	a.soap = r
	return a
}

func (t style) members(r *result) string {
	var b strings.Builder
	b.WriteString(r.messageList())
	switch {
	case r.xml == "":
		b.WriteString(`<resultXml xsi:type="xsd:string" xsi:nil="true"/>`)
	case t.cdata:
		b.WriteString(`<resultXml xsi:type="xsd:string"><![CDATA[` + strings.ReplaceAll(r.xml, "]]>", "]]]]><![CDATA[>") + `]]></resultXml>`)
	default:
		b.WriteString(`<resultXml xsi:type="xsd:string">` + escaped(r.xml) + `</resultXml>`)
	}
	kind := "int"
	if t.statusText && r.status == 1 {
		kind = "string"
	}
	b.WriteString(`<status xsi:type="xsd:` + kind + `">` + strconv.Itoa(r.status) + `</status>`)
	if r.quiet {
		b.WriteString(`<technicalInfos xsi:nil="true"/>`)
		return b.String()
	}
	b.WriteString(`<technicalInfos xsi:type="wss:CAdxTechnicalInfos">` + r.infos() + `</technicalInfos>`)
	return b.String()
}

func (r *result) messageList() string {
	if r.quiet {
		return `<messages xsi:nil="true"/>`
	}
	var b strings.Builder
	b.WriteString(`<messages xsi:type="soapenc:Array" soapenc:arrayType="wss:CAdxMessage[` + strconv.Itoa(len(r.messages)) + `]">`)
	for _, m := range r.messages {
		b.WriteString(`<messages xsi:type="wss:CAdxMessage"><message xsi:type="xsd:string">` + escaped(m.text.in(r.lang)) +
			`</message><type xsi:type="xsd:string">` + strconv.Itoa(m.kind) + `</type></messages>`)
	}
	b.WriteString(`</messages>`)
	return b.String()
}

func (r *result) infos() string {
	var b strings.Builder
	for _, one := range [][3]string{
		{"busy", "boolean", strconv.FormatBool(r.busy)}, {"changeLanguage", "boolean", "false"},
		{"changeUserId", "boolean", strconv.FormatBool(r.userChanged)}, {"flushAdx", "boolean", "false"}, {"loadWebsDuration", "double", "0.0"},
		{"nbDistributionCycle", "int", "0"}, {"poolDistribDuration", "double", "0.0"}, {"poolEntryIdx", "int", strconv.Itoa(r.entry)},
		{"poolExecDuration", "double", "12.0"}, {"poolRequestDuration", "double", "0.0"}, {"poolWaitDuration", "double", "0.0"},
		{"processReport", "string", r.traceReport}, {"processReportSize", "int", strconv.Itoa(len(r.traceReport))},
		{"reloadWebs", "boolean", "false"}, {"resumitAfterDBOpen", "boolean", "false"}, {"rowInDistribStack", "int", "0"},
		{"totalDuration", "double", "14.0"}, {"traceRequest", "string", r.traceRequest}, {"traceRequestSize", "int", strconv.Itoa(len(r.traceRequest))},
	} {
		if one[1] == "string" && one[2] == "" {
			b.WriteString(`<` + one[0] + ` xsi:type="xsd:string" xsi:nil="true"/>`)
			continue
		}
		b.WriteString(`<` + one[0] + ` xsi:type="xsd:` + one[1] + `">` + escaped(one[2]) + `</` + one[0] + `>`)
	}
	return b.String()
}
