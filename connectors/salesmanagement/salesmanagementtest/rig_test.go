package salesmanagementtest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"syncbox/connectors/salesmanagement/salesmanagementtest"
)

// noon is when everything begins.
var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

type (
	values   = salesmanagementtest.Values
	options  = salesmanagementtest.Options
	switches = salesmanagementtest.Switches
	fault    = salesmanagementtest.Fault
)

// rig is a tenant and somebody who calls its API.
type rig struct {
	*salesmanagementtest.Server
	t      testing.TB
	client http.Client
	token  string
	header http.Header // of the next calls
}

// newRig makes a tenant without a limit of calls whose clock stands at noon, and logs on.
func newRig(t testing.TB, o options) *rig {
	t.Helper()
	if o.Rate == 0 {
		o.Rate = -1
	}
	o.Clock = func() time.Time { return noon }
	s := salesmanagementtest.New(o)
	r := &rig{Server: s, t: t, client: http.Client{Transport: s.RoundTripper()}, header: http.Header{}}
	r.logon()
	return r
}

func (r *rig) logon() {
	a := r.send("POST", "login", `{"username":"PUBLIC","password":"PRIVATE"}`)
	r.token, _ = a.object()["token"].(string)
}

// reply is what a call got.
type reply struct {
	t      testing.TB
	status int
	header http.Header
	body   string
	err    error
}

func (r *rig) call(method, address string, header http.Header, body io.Reader) reply {
	r.t.Helper()
	q, err := http.NewRequestWithContext(r.t.Context(), method, address, body)
	if err != nil {
		r.t.Fatal(err)
	}
	q.Header = header
	a, err := r.client.Do(q)
	if err != nil {
		return reply{t: r.t, err: err}
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	return reply{r.t, a.StatusCode, a.Header, string(b), err}
}

// send calls the API with the session key and what r.header has.
func (r *rig) send(method, path, body string) reply {
	r.t.Helper()
	h := r.header.Clone()
	if r.token != "" {
		h.Set("X-Session-Key", r.token)
	}
	if body != "" && h.Get("Content-Type") == "" {
		h.Set("Content-Type", "application/json")
	}
	return r.call(method, "http://api.example/api/v4/"+path, h, strings.NewReader(body))
}

// where lists what an expression chooses.
func (r *rig) where(entity, expression string) reply {
	r.t.Helper()
	return r.send("GET", entity+"?where="+url.QueryEscape(expression), "")
}

// sim is a call of /_sim/.
func (r *rig) sim(method, name, body string) reply {
	r.t.Helper()
	return r.call(method, "http://api.example/_sim/"+name, http.Header{"Content-Type": {"application/json"}}, strings.NewReader(body))
}

// object decodes an answer that is one object; nil where it is none.
func (a reply) object() (out map[string]any) {
	d := json.NewDecoder(strings.NewReader(a.body))
	d.UseNumber()
	if d.Decode(&out) != nil {
		return nil
	}
	return out
}

// rows decodes an answer that is a list.
func (a reply) rows() (out []map[string]any) {
	a.t.Helper()
	d := json.NewDecoder(bytes.NewReader([]byte(a.body)))
	d.UseNumber()
	if err := d.Decode(&out); err != nil {
		a.t.Errorf("%d %s: %v", a.status, a.body, err)
	}
	return out
}

// ids are those of the rows of a list.
func (a reply) ids() string {
	a.t.Helper()
	var all []string
	for _, one := range a.rows() {
		all = append(all, fmt.Sprint(one["id"]))
	}
	return strings.Join(all, " ")
}

// id is that of a new row.
func (a reply) id() string {
	for name, v := range a.object() {
		if name == "id" {
			return fmt.Sprint(v)
		}
	}
	return ""
}

// short is the status and, where it is none of success, the body.
func (a reply) short() string {
	if a.err != nil {
		return "cut"
	}
	if a.status/100 == 2 {
		return fmt.Sprint(a.status)
	}
	return fmt.Sprintf("%d %s", a.status, a.body)
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

const (
	account = `{"name":"Lefèvre & Fils","branchId":1,"salesRepId1":1}`
	contact = `{"firstName":"Zoé","lastName":"Nœl","branchId":1,"salesRepId":1,"accountId":1}`
	product = `{"model":"Lampe","price":125.5,"stock":3}`
	quote   = `{"branchId":1,"reference":"D1","salesRepId":1,"accountId":1,"statusId":1}`
	line    = `{"quantity":2,"price":0,"productId":1,"salesOrderId":1}`
)

// site has an account, a contact, a product, and a quote of one line, each with the id 1; user 2 is a representative.
func site(t testing.TB, w switches) *rig {
	t.Helper()
	r := newRig(t, options{Switches: w})
	r.Fill(salesmanagementtest.Seed{Users: 1})
	boss := r.App(1)
	must(boss.Create(salesmanagementtest.Accounts, values{"name": "Lefèvre & Fils", "extId": "D:C1", "city": "Orléans"}))
	must(boss.Create(salesmanagementtest.Contacts, values{"firstName": "Zoé", "lastName": "Nœl", "accountId": "1"}))
	must(boss.Create(salesmanagementtest.Products, values{"model": "Lampe", "price": "125.5", "stock": "3"}))
	must(boss.Quote(1, salesmanagementtest.Draft, "D1", salesmanagementtest.Item{Product: 1, Quantity: "2"}))
	return r
}
