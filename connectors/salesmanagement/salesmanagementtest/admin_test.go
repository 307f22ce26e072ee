package salesmanagementtest_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"syncbox/connectors/salesmanagement/salesmanagementtest"
)

// Requirement: LAB-3, LAB-4, LAB-5, LAB-6
func TestAdmin(t *testing.T) {
	r := newRig(t, options{})
	mark := r.Mark()
	for _, tt := range []struct {
		method, name, body string
		status             int
		part               string
	}{
		{"POST", "fill", `{"Seed":1,"Users":1,"Accounts":3,"Products":1}`, 200, ""}, {"POST", "create", `{"User":2,"Entity":"accounts","Values":{"name":"D"}}`, 200, `"ID":4`},
		{"POST", "edit", `{"User":2,"Entity":"accounts","ID":4,"Values":{"name":"DD"}}`, 200, ""}, {"GET", "records?entity=accounts", "", 200, `"name":"DD"`},
		{"GET", "changes?entity=accounts&id=4&by=people&field=name", "", 200, `"Before":"D","After":"DD"`}, {"GET", "changes?by=calls", "", 200, "null"},
		{"POST", "delete", `{"Entity":"accounts","ID":3}`, 200, ""}, {"POST", "restore", `{"Entity":"accounts","ID":3}`, 200, ""},
		{"POST", "quote", `{"ID":4,"State":"Brouillon","Reference":"Q","Items":[{"Product":1,"Quantity":"2"}]}`, 200, `"ID":1`}, {"POST", "ask", `{"ID":1}`, 200, ""},
		{"POST", "work", `{"Seed":1,"Count":5}`, 200, ":"}, {"POST", "clock", `{"Advance":"1h"}`, 200, `"Now":"2026-11-23T13:00:00Z"`},
		{"POST", "switches", `{"delete":"hard"}`, 200, ""}, {"GET", "switches", "", 200, `"delete":"hard"`}, {"POST", "rate", `13`, 200, ""}, {"POST", "tokens/end", "", 200, ""},
		{"POST", "faults", `{"Kind":"slow-answer","Delay":"2s","Skip":1}`, 200, ""}, {"GET", "faults", "", 200, `"Skip":1`}, {"POST", "faults/clear", "", 200, ""}, {"GET", "faults", "", 200, "null"},
		{"POST", "late/flush", "", 200, ""}, {"GET", "log?op=login", "", 200, `"Op":"login"`}, {"GET", "counters", "", 200, `"Logins":1`}, {"GET", "documents?product=1", "", 200, "null"},
		{"GET", "duplicates?entity=accounts", "", 200, "{}"}, {"GET", "reverts", "", 200, "null"}, {"GET", "state", "", 200, `"Rows"`}, {"POST", "state", `{"Rows":{}}`, 200, ""},
		{"POST", "reset", "", 200, ""}, {"GET", "records?entity=accounts", "", 200, "null"},
		{"POST", "create", `{"Entity":"x"}`, 400, "no entity"}, {"POST", "edit", `{"Nose":1}`, 400, "Nose"}, {"POST", "clock", `{"Advance":"soon"}`, 400, "Advance"},
		{"POST", "switches", `{"x":"y"}`, 400, "no position"}, {"POST", "faults", `{"Kind":"x"}`, 400, "Kind"}, {"POST", "faults", `{"Kind":"meanwhile"}`, 400, "Kind"},
		{"POST", "faults", `{"Kind":"slow","Delay":"x"}`, 400, "Delay"}, {"POST", "state", `{"Rows":{"x":[]}}`, 400, "no entity"},
	} {
		if a := r.sim(tt.method, tt.name, tt.body); a.status != tt.status || !strings.Contains(a.body, tt.part) {
			t.Errorf("%s %s: got %d %s, want %d %s", tt.method, tt.name, a.status, a.body, tt.status, tt.part)
		}
	}
	if r.Mark() != mark {
		t.Error("what tests do is in the journal")
	}
}

// Over a network, the API and the store of documents are two hosts.
//
// Requirement: LAB-1
func TestListen(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	s, address, err := salesmanagementtest.Listen(ctx, options{Rate: -1})
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{Server: s, t: t, header: http.Header{}}
	a := r.call("POST", address+"/api/v4/login", http.Header{"Content-Type": {"application/json"}}, strings.NewReader(`{"username":"PUBLIC","password":"PRIVATE"}`))
	token, _ := a.object()["token"].(string)
	h := http.Header{"X-Session-Key": {token}, "Content-Type": {"application/json"}}
	r.call("POST", address+"/api/v4/products", h, strings.NewReader(product))
	a = r.call("POST", address+"/api/v4/products/1/documents", h, strings.NewReader(`{"name":"x.png","isCarrousel":true,"folderId":"-1"}`))
	locator, _ := a.object()["locator"].(string)
	if locator == "" || strings.HasPrefix(locator, address) {
		t.Fatalf("%s", a.short())
	}
	if a := r.put(locator, http.Header{}, io.MultiReader(strings.NewReader(png))); a.status != 411 {
		t.Errorf("without length: %s", a.short())
	}
	if a := r.put(locator, http.Header{}, strings.NewReader(png)); a.status != 200 || s.Documents(1)[0].Media != "image/png" {
		t.Errorf("%s", a.short())
	}
}

// A tenant of 20,000 accounts and contacts is read to its last page.
//
// Requirement: LAB-10
func TestLarge(t *testing.T) {
	r := newRig(t, options{})
	r.Fill(salesmanagementtest.Seed{Accounts: 20_000, ContactsEach: 1})
	r.header.Set("X-FM-Entity-Count", "50")
	if got := r.send("GET", "contacts?page=399", "").rows(); len(got) != 50 || got[49]["id"].(interface{ String() string }).String() != "1" {
		t.Errorf("%d rows", len(got))
	}
	if got := r.where("contacts", "extId = 'D:none'").rows(); len(got) != 0 {
		t.Errorf("%v", got)
	}
}
