package sagecrmtest_test

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"syncbox/connectors/sagecrm/sagecrmtest"
)

// noon is a summer's day in Brussels, 12:00 there.
var noon = time.Date(2026, 7, 30, 10, 0, 0, 0, time.UTC)

type (
	values   = sagecrmtest.Values
	options  = sagecrmtest.Options
	switches = sagecrmtest.Switches
	fault    = sagecrmtest.Fault
)

const (
	soapPath = "/crm/eware.dll/webservices/soap"
	nsType   = "http://tempuri.org/type"
	nsPlain  = "http://tempuri.org/"
)

// rig is an installation and somebody who calls it.
type rig struct {
	*sagecrmtest.Server
	t       testing.TB
	client  http.Client
	session string
}

func newRig(t testing.TB, o options) *rig {
	t.Helper()
	if o.Wait == nil {
		o.JournalLimit = 1000
	}
	s := sagecrmtest.New(o)
	s.FreezeClock(noon)
	return &rig{Server: s, t: t, client: http.Client{Transport: s.RoundTripper()}}
}

// site has a session open, and the companies A, B and C.
func site(t testing.TB, w switches) *rig {
	t.Helper()
	r := newRig(t, options{Switches: w})
	for _, name := range []string{"A", "B", "C"} {
		must(r.Console("anne").Create(sagecrmtest.Company, values{"comp_name": name, "comp_type": "Customer"}))
	}
	r.logon()
	return r
}

func must(id int64, err error) int64 {
	if err != nil {
		panic(err)
	}
	return id
}

func (r *rig) no(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// reply is what a call got.
type reply struct {
	status int
	header http.Header
	body   string
	err    error
	root   *node          // of XML, nil where it is none
	json   map[string]any // nil where it is none
}

// node is an element, by local name in small letters.
type node struct {
	name, text string
	attr       map[string]string
	children   []*node
}

// all gives the elements of a name, at any depth.
func (n *node) all(name string) (out []*node) {
	if n == nil {
		return nil
	}
	for _, c := range n.children {
		if c.name == name {
			out = append(out, c)
		}
		out = append(out, c.all(name)...)
	}
	return out
}

// get gives the text of the first element of a name.
func (n *node) get(name string) string {
	if all := n.all(name); len(all) > 0 {
		return all[0].text
	}
	return ""
}

// child gives an element right below.
func (n *node) child(name string) *node {
	for _, c := range n.children {
		if c.name == name {
			return c
		}
	}
	return nil
}

func (a reply) fault() string { return a.root.get("faultstring") }

// records are those right below the result.
func (a reply) records() (out []*node) {
	for _, result := range a.root.all("result") {
		for _, c := range result.children {
			if c.name == "records" {
				out = append(out, c)
			}
		}
	}
	return out
}

// ids gives the texts of one field of the records.
func (a reply) ids(name string) string {
	var out []string
	for _, one := range a.records() {
		out = append(out, one.child(name).text)
	}
	return strings.Join(out, " ")
}

func parse(body string) *node {
	d := xml.NewDecoder(strings.NewReader(body))
	top := &node{}
	open := []*node{top}
	for {
		t, err := d.Token()
		if err != nil {
			if err == io.EOF && len(top.children) == 1 {
				return top.children[0]
			}
			return nil
		}
		parent := open[len(open)-1]
		switch t := t.(type) {
		case xml.StartElement:
			n := &node{name: strings.ToLower(t.Name.Local), attr: map[string]string{}}
			for _, a := range t.Attr {
				n.attr[a.Name.Local] = a.Value
			}
			parent.children = append(parent.children, n)
			open = append(open, n)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			parent.text += string(t)
		}
	}
}

// send makes one call. header are pairs.
func (r *rig) send(method, path, body string, header ...string) reply {
	r.t.Helper()
	q, err := http.NewRequestWithContext(r.t.Context(), method, "http://crm.example"+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		q.Header.Set(header[i], header[i+1])
	}
	a, err := r.client.Do(q)
	if err != nil {
		return reply{err: err}
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	out := reply{status: a.StatusCode, header: a.Header, body: string(b), err: err, root: parse(string(b))}
	if json.Unmarshal(b, &out.json) != nil {
		out.json = nil
	}
	return out
}

// envelope is the one of the specification.
func (r *rig) envelope(op, inner string) string {
	return fmt.Sprintf(`<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:typ="%s">
 <soap:Header><typ:SessionHeader><typ:sessionId>%s</typ:sessionId></typ:SessionHeader></soap:Header>
 <soap:Body><typ:%s>%s</typ:%[3]s></soap:Body>
</soap:Envelope>`, nsType, r.session, op, inner)
}

func el(name, text string) string {
	var b strings.Builder
	xml.EscapeText(&b, []byte(text))
	return "<typ:" + name + ">" + b.String() + "</typ:" + name + ">"
}

func (r *rig) post(body string) reply {
	r.t.Helper()
	return r.send("POST", soapPath, body, "Content-Type", "text/xml; charset=utf-8")
}

func (r *rig) call(op string, inner ...string) reply {
	r.t.Helper()
	return r.post(r.envelope(op, strings.Join(inner, "")))
}

func (r *rig) logon() {
	r.t.Helper()
	a := r.call("logon", el("username", "syncbox"), el("password", "SECRET"))
	if r.session = a.root.get("sessionid"); r.session == "" {
		r.t.Fatalf("logon: %d %s", a.status, a.body)
	}
}

func (r *rig) query(entity, where string) reply {
	r.t.Helper()
	return r.call("query", el("queryString", where), el("entityname", entity))
}

func (r *rig) queryID(entity, where, date string) reply {
	r.t.Helper()
	return r.call("queryid", el("queryString", where), el("entityname", entity), el("date", date))
}

// records makes records of a write; each is what stands inside.
func records(all ...string) string {
	var b strings.Builder
	for _, one := range all {
		b.WriteString(`<typ:records>` + one + `</typ:records>`)
	}
	return b.String()
}

func (r *rig) write(op, entity string, all ...string) reply {
	r.t.Helper()
	return r.call(op, el("entityname", entity), records(all...))
}

// rest makes one call of REST as the technical user.
func (r *rig) rest(method, path, body string, header ...string) reply {
	r.t.Helper()
	header = append([]string{"Authorization", "Basic c3luY2JveDpTRUNSRVQ=", "Content-Type", "application/json"}, header...)
	return r.send(method, "/sdata/crmj/sagecrm2/-/"+path, body, header...)
}

// where asks REST for companies; more are pairs of parameters.
func (r *rig) where(text string, more ...string) reply {
	r.t.Helper()
	q := url.Values{"where": {text}}
	for i := 0; i+1 < len(more); i += 2 {
		q.Set(more[i], more[i+1])
	}
	return r.rest("GET", "company?"+q.Encode(), "")
}

// names gives the names of the companies that REST answered with.
func (a reply) names() string {
	var out []string
	for _, one := range a.resources() {
		name, _ := one["comp_name"].(string)
		out = append(out, name)
	}
	return strings.Join(out, " ")
}

func (a reply) resources() (out []map[string]any) {
	for _, name := range []string{"$resources", "resources"} {
		all, _ := a.json[name].([]any)
		for _, one := range all {
			out = append(out, one.(map[string]any))
		}
	}
	return out
}

// sim makes a call of the admin interface.
func (r *rig) sim(method, name, body string) reply {
	r.t.Helper()
	return r.send(method, "/_sim/"+name, body)
}
