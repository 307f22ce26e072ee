package centrixonetest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	sim "syncbox/connectors/centrixone/centrixonetest"
)

// noon is when the tests' CRM stands unless a test moves it.
var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

const key = "s3cretKey"

// crm is a CRM and a caller of it that knows nothing but HTTP.
type crm struct {
	*sim.Server
	t    testing.TB
	http *http.Client
}

func open(t testing.TB, o sim.Options) *crm {
	t.Helper()
	o.Key = key
	if o.RateLimit == nil {
		o.RateLimit = &sim.Rate{}
	}
	if o.Clock == nil {
		now := noon
		o.Clock = func() time.Time { return now }
	}
	s := sim.New(o)
	return &crm{s, t, &http.Client{Transport: s.RoundTripper()}}
}

// reply is an answer read to its end.
type reply struct {
	status int
	header http.Header
	body   string
	err    error // of the connection
}

func (c *crm) do(method, path, body string, header ...string) reply {
	c.t.Helper()
	r, err := http.NewRequest(method, "http://crm.test"+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := c.http.Do(r)
	if err != nil {
		return reply{err: err}
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return reply{resp.StatusCode, resp.Header, string(b), err}
}

func page(resource, base string, query ...string) string {
	path := "/API_WEB/EN/" + resource + "-10234-" + key + "-" + base + ".awp"
	v := url.Values{}
	for i := 0; i+1 < len(query); i += 2 {
		v.Set(query[i], query[i+1])
	}
	if len(v) > 0 {
		path += "?" + v.Encode()
	}
	return path
}

// rows are what a read gives.
type rows struct {
	Result, ServerTime string
	Count              int
	Next               *string
	Rows               []map[string]any
}

func (c *crm) read(resource, base string, query ...string) rows {
	c.t.Helper()
	a := c.do("GET", page(resource, base, query...), "")
	if a.status != 200 {
		c.t.Fatalf("read %s-%s %v: %d %s %v", resource, base, query, a.status, a.body, a.err)
	}
	var p rows
	var all map[string]json.RawMessage
	if err := json.Unmarshal([]byte(a.body), &all); err != nil {
		c.t.Fatalf("read %s: %v in %s", resource, err, a.body)
	}
	if err := json.Unmarshal([]byte(a.body), &p); err != nil {
		c.t.Fatal(err)
	}
	if err := json.Unmarshal(all[resource], &p.Rows); err != nil {
		c.t.Fatal(err)
	}
	return p
}

type item struct {
	Index      int
	Id         int64
	ExternalId *string
	Action     string
}

// post sends rows and wants success.
func (c *crm) post(resource, body string) []item {
	c.t.Helper()
	a := c.do("POST", page(resource, "all"), body)
	if a.status != 200 {
		c.t.Fatalf("post %s %s: %d %s (%s)", resource, body, a.status, a.body, a.header.Get("X-Sim-Reason"))
	}
	var p struct {
		Result string
		Items  []item
	}
	if err := json.Unmarshal([]byte(a.body), &p); err != nil || p.Result != "Success" {
		c.t.Fatalf("post %s: %v in %s", resource, err, a.body)
	}
	return p.Items
}

func (c *crm) actions(resource, body string) string {
	c.t.Helper()
	var words []string
	for _, it := range c.post(resource, body) {
		words = append(words, it.Action)
	}
	return strings.Join(words, " ")
}

func (c *crm) ids(resource, base string, query ...string) []int64 {
	c.t.Helper()
	ids := []int64{}
	for _, r := range c.read(resource, base, query...).Rows {
		ids = append(ids, int64(r["Id"].(float64)))
	}
	return ids
}

// want fails unless an answer has the status.
func (c *crm) want(a reply, status int) reply {
	c.t.Helper()
	if a.err != nil || a.status != status {
		c.t.Errorf("got %d %q (%s) err %v, want %d", a.status, a.body, a.header.Get("X-Sim-Reason"), a.err, status)
	}
	return a
}

// refused fails unless err is a refusal with the status; 0 means no error.
func refused(t testing.TB, err error, status int) {
	t.Helper()
	got := 0
	if r, ok := err.(*sim.Refusal); ok {
		got = r.Status
	}
	if got != status || (err != nil && got == 0) {
		t.Errorf("got %v, want refusal %d", err, status)
	}
}

// synced seeds one customer with rep, category, account and contact, all by the API.
func (c *crm) synced() {
	c.t.Helper()
	c.post("Users", `[{"ExternalId":"VE12","Number":"12","FullName":"Rep"}]`)
	c.post("RevenueCategories", `[{"ExternalId":"PG7","NameFR":"Pompes","NameEN":"Pumps"}]`)
	c.post("Accounts", `[{"ExternalId":"CU1873","Name":"Client","City":"Laval","Lists":[77],"SalesRep":"E.VE12","Sync":{"CustomerNumber":"1873"}}]`)
	c.post("Contacts", `[{"ExternalId":"CC1873","AccountId":"E.CU1873","FullName":"Contact","Lists":[77]}]`)
}

const document = `[{"ExternalId":"DO4121","Title":"104233","DocumentKind":"quote","StageId":"K.quote","AccountId":"E.CU1873",
  "ContactId":"E.CC1873","UserId":"E.VE12","Date":"2026-11-20",
  "Lines":[{"No":1,"RevenueCategoryId":"E.PG7","ProductCode":"CATHERMO","Description":"Thermopompe 12k","Quantity":"2","UnitPrice":"1450.00","Discount":"0","Total":"2900.00"}],
  "Freight":"85.00","Discount":"145.00","TotalBeforeTax":"2840.00","Currency":"CAD"}]`
