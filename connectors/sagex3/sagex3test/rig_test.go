package sagex3test_test

import (
	"encoding/xml"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"syncbox/connectors/sagex3/sagex3test"
)

// noon is a winter's day; the server's clock shows 12:00.
var noon = time.Date(2026, 1, 15, 11, 0, 0, 0, time.UTC)

type (
	values   = sagex3test.Values
	options  = sagex3test.Options
	switches = sagex3test.Switches
)

// rig is a site with two salespeople and three customers, and somebody who calls its web services.
type rig struct {
	*sagex3test.Server
	t               *testing.T
	client          http.Client
	path            string
	login, password string
	context         map[string]string
}

func newRig(t *testing.T, o options) *rig {
	t.Helper()
	s := sagex3test.New(o)
	s.FreezeClock(noon)
	s.Fill(sagex3test.Seed{Users: 2, Customers: 3})
	r := &rig{Server: s, t: t, client: http.Client{Transport: s.RoundTripper()}, path: sagex3test.PathV7, login: "syncbox", password: "SECRET",
		context: map[string]string{"codeLang": "ENG", "poolAlias": "SYNCBOX", "requestConfig": "adxwss.trace.on=on"}}
	if o.Version == sagex3test.V6 {
		r.path, r.context["codeUser"], r.context["password"] = sagex3test.PathV6, "SYNC", "SECRET"
	}
	return r
}

func site(t *testing.T, w switches) *rig {
	t.Helper()
	return newRig(t, options{Switches: w})
}

// reply is what a call got.
type reply struct {
	http     int
	body     string
	fault    string // faultstring
	status   string
	statusIs string // its xsi:type
	kinds    []string
	messages []string
	result   string
	infos    map[string]string
	err      error
}

// ok tells success as the specification defines it.
func (a reply) ok() bool {
	return a.http == 200 && a.status == "1" && !strings.Contains(strings.Join(a.kinds, ""), "3")
}

func (a reply) said(part string) bool { return strings.Contains(strings.Join(a.messages, "\n"), part) }

func (r *rig) send(body string) *http.Request {
	r.t.Helper()
	q, err := http.NewRequestWithContext(r.t.Context(), http.MethodPost, "http://x3.example:8124"+r.path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	q.Header.Set("Content-Type", "text/xml; charset=utf-8")
	q.Header.Set("SOAPAction", `""`)
	if r.path == sagex3test.PathV7 {
		q.SetBasicAuth(r.login, r.password)
	}
	return q
}

func (r *rig) do(q *http.Request) reply {
	r.t.Helper()
	out := r.raw(q)
	out.parse()
	return out
}

// raw leaves the body unread.
func (r *rig) raw(q *http.Request) reply {
	a, err := r.client.Do(q)
	if err != nil {
		return reply{err: err}
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	return reply{http: a.StatusCode, body: string(b), err: err, infos: map[string]string{}}
}

// parse finds by local names what the answer holds.
func (a *reply) parse() {
	d := xml.NewDecoder(strings.NewReader(a.body))
	var path []string
	var text strings.Builder
	for {
		t, err := d.Token()
		if err != nil {
			return
		}
		switch t := t.(type) {
		case xml.StartElement:
			path = append(path, t.Name.Local)
			text.Reset()
			for _, at := range t.Attr {
				if t.Name.Local == "status" && at.Name.Local == "type" {
					a.statusIs = at.Value
				}
			}
		case xml.CharData:
			text.Write(t)
		case xml.EndElement:
			a.take(t.Name.Local, path, text.String())
			path = path[:len(path)-1]
			text.Reset()
		}
	}
}

func (a *reply) take(name string, path []string, text string) {
	switch {
	case name == "faultstring":
		a.fault = text
	case name == "status":
		a.status = text
	case name == "message":
		a.messages = append(a.messages, text)
	case name == "type":
		a.kinds = append(a.kinds, text)
	case name == "resultXml":
		a.result = text
	case len(path) > 1 && path[len(path)-2] == "technicalInfos":
		a.infos[name] = text
	}
}

func esc(s string) string {
	var b strings.Builder
	xml.EscapeText(&b, []byte(s))
	return b.String()
}

// envelope writes a call as the WSDL describes it; parts are ready elements.
func (r *rig) envelope(op, name string, parts ...string) string {
	var context strings.Builder
	for _, k := range []string{"codeLang", "codeUser", "password", "poolAlias", "poolId", "requestConfig"} {
		if v, ok := r.context[k]; ok {
			context.WriteString(`<` + k + ` xsi:type="xsd:string">` + esc(v) + `</` + k + `>`)
		}
	}
	return `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:wss="http://www.adonix.com/WSS" ` +
		`xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:soapenc="http://schemas.xmlsoap.org/soap/encoding/">` +
		`<soapenv:Header/><soapenv:Body><wss:` + op + ` soapenv:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/">` +
		`<callContext xsi:type="wss:CAdxCallContext">` + context.String() + `</callContext><publicName xsi:type="xsd:string">` + esc(name) + `</publicName>` +
		strings.Join(parts, "") + `</wss:` + op + `></soapenv:Body></soapenv:Envelope>`
}

func (r *rig) call(op, name string, parts ...string) reply {
	r.t.Helper()
	return r.do(r.send(r.envelope(op, name, parts...)))
}

func str(name, v string) string {
	return `<` + name + ` xsi:type="xsd:string">` + esc(v) + `</` + name + `>`
}

// keys writes objectKeys of code, value, code, value…
func keys(pairs ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<objectKeys xsi:type="soapenc:Array" soapenc:arrayType="wss:CAdxParamKeyValue[%d]">`, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		b.WriteString(`<CAdxParamKeyValue xsi:type="wss:CAdxParamKeyValue">` + str("key", pairs[i]) + str("value", pairs[i+1]) + `</CAdxParamKeyValue>`)
	}
	return b.String() + `</objectKeys>`
}

func size(n int) string { return fmt.Sprintf(`<listSize xsi:type="xsd:int">%d</listSize>`, n) }

func (r *rig) read(name string, key ...string) reply {
	r.t.Helper()
	return r.call("read", name, keys(key...))
}

func (r *rig) query(name string, n int, criteria ...string) reply {
	r.t.Helper()
	return r.call("query", name, keys(criteria...), size(n))
}

func (r *rig) save(name, payload string) reply {
	r.t.Helper()
	return r.call("save", name, str("objectXml", payload))
}

func (r *rig) modify(name, code, key, payload string) reply {
	r.t.Helper()
	return r.call("modify", name, keys(code, key), str("objectXml", payload))
}

// param writes a payload of one group: code, value, code, value…
func param(group string, pairs ...string) string {
	var b strings.Builder
	b.WriteString(`<PARAM><GRP ID="` + group + `">`)
	for i := 0; i+1 < len(pairs); i += 2 {
		b.WriteString(`<FLD NAME="` + pairs[i] + `">` + esc(pairs[i+1]) + `</FLD>`)
	}
	return b.String() + `</GRP></PARAM>`
}

// groups joins payloads.
func groups(payloads ...string) string {
	out := strings.Join(payloads, "")
	return `<PARAM>` + strings.NewReplacer("<PARAM>", "", "</PARAM>", "").Replace(out) + `</PARAM>`
}

// flds gives the fields of a resultXml, the last of a name.
func flds(doc string) map[string]string {
	out := map[string]string{}
	for _, row := range rows(doc) {
		for k, v := range row {
			out[k] = v
		}
	}
	return out
}

// rows gives the fields of each LIN and each GRP.
func rows(doc string) (all []map[string]string) {
	d := xml.NewDecoder(strings.NewReader(doc))
	name := ""
	for {
		t, err := d.Token()
		if err != nil {
			return all
		}
		switch t := t.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "LIN", "GRP":
				all = append(all, map[string]string{})
			case "FLD":
				for _, a := range t.Attr {
					if a.Name.Local == "NAME" {
						name = a.Value
						all[len(all)-1][name] = ""
					}
				}
			}
		case xml.CharData:
			if name != "" {
				all[len(all)-1][name] += string(t)
			}
		case xml.EndElement:
			name = ""
		}
	}
}

// column gives one field of each row.
func column(doc, code string) (all []string) {
	for _, row := range rows(doc) {
		if v, ok := row[code]; ok {
			all = append(all, v)
		}
	}
	return all
}

// must gives a value that comes without an error.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// no stops at an error.
func (r *rig) no(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// task is one that a person makes for R1.
func (r *rig) task(subject string) string {
	r.t.Helper()
	return must(r.Person("U1").Create(sagex3test.Tasks, values{sagex3test.Subject: subject, sagex3test.Company: "C00001", sagex3test.Start: "20260116"}))
}

// meeting is an appointment that a person makes for R1 on 20 January.
func (r *rig) meeting(from, to string) (string, error) {
	return r.Person("U1").Create(sagex3test.Appointments, values{sagex3test.Start: "20260120", sagex3test.StartTime: from, sagex3test.End: "20260120",
		sagex3test.EndTime: to, sagex3test.Subject: "Visite"})
}

// logTo gives a logger that writes everything.
func logTo(w io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// sim calls below /_sim/.
func (r *rig) sim(method, name, body string) (status int, text string) {
	r.t.Helper()
	q, err := http.NewRequestWithContext(r.t.Context(), method, "http://x3.example/_sim/"+name, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	a := r.do(q)
	return a.http, a.body
}
