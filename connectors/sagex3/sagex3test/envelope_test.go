package sagex3test_test

import (
	"net/http"
	"strings"
	"testing"
)

// An envelope that the WSDL describes is carried out, and any other one gets a fault.
//
// Requirement: LAB-1, LAB-2
func TestEnvelopes(t *testing.T) {
	for _, row := range []struct {
		name     string
		old, new string // what is put in the place of what
		fault    string // "" if it is accepted
	}{
		{name: "as described"},
		{name: "no header", old: `<soapenv:Header/>`},
		{name: "no xsi:type", old: ` xsi:type="xsd:int"`},
		{name: "array named by its own type", old: `xsi:type="soapenc:Array"`, new: `xsi:type="wss:ArrayOfCAdxParamKeyValue"`},
		{name: "array without a size", old: `CAdxParamKeyValue[1]`, new: `CAdxParamKeyValue[]`},
		{name: "another prefix", old: "wss:", new: "x3:"},
		{name: "encoding style on the body", old: `<soapenv:Body><wss:query soapenv:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/">`,
			new: `<soapenv:Body soapenv:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><wss:query>`},
		{name: "not well-formed", old: `</soapenv:Body>`, fault: "Body"},
		{name: "SOAP 1.2", old: "http://schemas.xmlsoap.org/soap/envelope/", new: "http://www.w3.org/2003/05/soap-envelope", fault: "SOAP 1.1"},
		{name: "another namespace", old: "http://www.adonix.com/WSS", new: "http://www.adonix.com/wss", fault: "no such operation"},
		{name: "unknown operation", old: "wss:query", new: "wss:find", fault: "no such operation 'find'"},
		{name: "literal", old: ` soapenv:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"`, fault: "RPC/encoded"},
		{name: "another encoding style", old: `encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"`, new: `encodingStyle="x"`, fault: "RPC/encoded"},
		{name: "qualified parts", old: "publicName", new: "wss:publicName", fault: "no namespace"},
		{name: "unknown part", old: "listSize", new: "size", fault: "no such parameter"},
		{name: "missing part", old: `<listSize xsi:type="xsd:int">10</listSize>`, fault: "listSize: missing"},
		{name: "part twice", old: `<listSize xsi:type="xsd:int">10</listSize>`, new: `<listSize>1</listSize><listSize>1</listSize>`, fault: "twice"},
		{name: "wrong type", old: `"xsd:int"`, new: `"xsd:string"`, fault: "want int"},
		{name: "not a number", old: ">10<", new: ">ten<", fault: "listSize"},
		{name: "type without its prefix", old: `"xsd:int"`, new: `"int"`, fault: "want int"},
		{name: "context of another type", old: `wss:CAdxCallContext`, new: `wss:CAdxMessage`, fault: "want CAdxCallContext"},
		{name: "unknown in the context", old: "codeLang", new: "language", fault: "unexpected element language"},
		{name: "no array type", old: ` soapenc:arrayType="wss:CAdxParamKeyValue[1]"`, fault: "want arrayType"},
		{name: "array of texts", old: `wss:CAdxParamKeyValue[1]`, new: `xsd:string[1]`, fault: "want CAdxParamKeyValue"},
		{name: "wrong number of items", old: `CAdxParamKeyValue[1]`, new: `CAdxParamKeyValue[3]`, fault: "for 1 items"},
		{name: "key without value", old: `<value xsi:type="xsd:string">C00001</value>`, fault: "want key and value"},
		{name: "element in a text", old: `>C00001<`, new: `><b>C00001</b><`, fault: "want a text"},
		{name: "a DTD", old: `<soapenv:Envelope`, new: `<!DOCTYPE x><soapenv:Envelope`, fault: "DTD"},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := newRig(t, options{})
			body := r.envelope("query", "TSK", keys("TSKCRM", "C00001"), size(10))
			if row.old != "" {
				if !strings.Contains(body, row.old) {
					t.Fatalf("the envelope has no %q", row.old)
				}
				body = strings.ReplaceAll(body, row.old, row.new)
			}
			if row.new == "x3:" {
				body = strings.ReplaceAll(body, "xmlns:wss=", "xmlns:x3=")
			}
			a := r.do(r.send(body))
			switch {
			case row.fault == "" && !a.ok():
				t.Errorf("got %d %s, want success", a.http, a.body)
			case row.fault != "" && (a.http != 500 || !strings.Contains(a.fault, row.fault)):
				t.Errorf("got %d %q, want 500 with %q", a.http, a.fault, row.fault)
			}
		})
	}
}

// Requirement: LAB-2
func TestTransport(t *testing.T) {
	for _, row := range []struct {
		name   string
		change func(*http.Request)
		status int
	}{
		{"as it should be", func(*http.Request) {}, 200},
		{"empty SOAPAction", func(q *http.Request) { q.Header.Set("SOAPAction", "") }, 200},
		{"no SOAPAction", func(q *http.Request) { q.Header.Del("SOAPAction") }, 500},
		{"unknown SOAPAction", func(q *http.Request) { q.Header.Set("SOAPAction", `"save"`) }, 500},
		{"JSON", func(q *http.Request) { q.Header.Set("Content-Type", "application/json") }, 415},
		{"Latin-1", func(q *http.Request) { q.Header.Set("Content-Type", "text/xml; charset=iso-8859-1") }, 415},
		{"GET", func(q *http.Request) { q.Method = http.MethodGet }, 405},
		{"another path", func(q *http.Request) { q.URL.Path += "x" }, 404},
		{"no credentials", func(q *http.Request) { q.Header.Del("Authorization") }, 401},
		{"wrong password", func(q *http.Request) { q.SetBasicAuth("syncbox", "secret") }, 401},
		{"wrong login", func(q *http.Request) { q.SetBasicAuth("nobody", "SECRET") }, 401},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := newRig(t, options{})
			q := r.send(r.envelope("query", "TSK", keys(), size(1)))
			row.change(q)
			if a := r.do(q); a.http != row.status {
				t.Errorf("got %d %s, want %d", a.http, a.body, row.status)
			}
		})
	}
}
