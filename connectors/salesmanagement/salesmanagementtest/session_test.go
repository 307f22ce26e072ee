package salesmanagementtest_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/salesmanagement/salesmanagementtest"
)

// Requirement: LAB-1, LAB-2
func TestLogin(t *testing.T) {
	r := newRig(t, options{})
	for _, tt := range []struct {
		name, body string
		status     int
	}{
		{"right", `{"username":"PUBLIC","password":"PRIVATE"}`, 200}, {"wrong password", `{"username":"PUBLIC","password":"private"}`, 401},
		{"wrong name", `{"username":"X","password":"PRIVATE"}`, 401}, {"a number", `{"username":1,"password":"PRIVATE"}`, 400},
		{"one more", `{"username":"PUBLIC","password":"PRIVATE","x":1}`, 400}, {"no object", `[]`, 400}, {"two objects", `{"username":"PUBLIC","password":"PRIVATE"}{}`, 400},
	} {
		if a := r.send("POST", "login", tt.body); a.status != tt.status {
			t.Errorf("%s: got %s, want %d", tt.name, a.short(), tt.status)
		}
	}
	r.header.Set("Content-Type", "text/plain")
	if a := r.send("POST", "login", `{"username":"PUBLIC","password":"PRIVATE"}`); a.status != 400 {
		t.Errorf("no JSON: %s", a.short())
	}
}

// A key is asked for with every call, and is no longer one when the keys were changed.
func TestSessionKey(t *testing.T) {
	r := newRig(t, options{})
	first := r.token
	r.logon()
	if r.token == first || len(first) < 20 {
		t.Errorf("tokens %q and %q", first, r.token)
	}
	second := r.token
	for token, want := range map[string]int{first: 200, second: 200, "": 401, "x": 401} {
		r.token = token
		if a := r.send("GET", "accounts", ""); a.status != want {
			t.Errorf("%q: got %s, want %d", token, a.short(), want)
		}
	}
	r.token = first
	r.SetKeys("NEW", "KEY")
	if a := r.send("GET", "accounts", ""); a.status != 401 {
		t.Errorf("other keys: %s", a.short())
	}
	if a := r.send("POST", "login", `{"username":"NEW","password":"KEY"}`); a.status != 200 {
		t.Errorf("new keys: %s", a.short())
	}
	for _, c := range r.Journal(salesmanagementtest.JournalQuery{}) {
		if c.Endpoint == salesmanagementtest.EndpointLogin && c.Session == 0 || c.Status == 401 && c.Session > 2 {
			t.Errorf("%+v", c)
		}
	}
}

// Requests of one second are counted by the plan; the next second is a new one. The store of documents has no part in it.
//
// Requirement: LAB-3
func TestRate(t *testing.T) {
	for _, plan := range []int{4, 13} {
		r := newRig(t, options{Rate: plan})
		var got []int
		for range plan + 1 {
			got = append(got, r.send("GET", "accounts", "").status)
		}
		want := make([]int, plan-1) // the log-on was the first
		for i := range want {
			want[i] = 200
		}
		if diff := cmp.Diff(append(want, 429, 429), got); diff != "" {
			t.Errorf("%d: %s", plan, diff)
		}
		r.AdvanceClock(time.Second)
		r.call("PUT", "http://documents.example/documents/1/x", http.Header{}, strings.NewReader("x"))
		for range plan {
			if a := r.send("GET", "accounts", ""); a.status != 200 {
				t.Errorf("a second later: %s", a.short())
			}
		}
		if n := r.Counters(); n.Throttled != 2 || n.PerSecond < plan {
			t.Errorf("%+v", n)
		}
	}
}

// What there is not is 400 with the product's code, what is elsewhere 404; a verb that an address has not is refused.
//
// Requirement: LAB-2
func TestAddresses(t *testing.T) {
	r := site(t, nil)
	for _, tt := range []struct{ method, path, body, want string }{
		{"GET", "accounts/1", "", "200"}, {"GET", "accounts/99", "", `400 {"code":910,"message":"Resource not exist"}`},
		{"PUT", "accounts/99", `{"city":"x"}`, `400 {"code":910,"message":"Resource not exist"}`}, {"DELETE", "accounts/99", "", `400 {"code":910,"message":"Resource not exist"}`},
		{"GET", "nonsense", "", `400 {"code":910,"message":"Resource not exist"}`}, {"GET", "rates", "", `400 {"code":910,"message":"Resource not exist"}`},
		{"GET", "accounts/1/documents", "", `400 {"code":910,"message":"Resource not exist"}`}, {"PUT", "accounts", `{}`, `405 {"code":405,"message":"Method Not Allowed"}`},
		{"POST", "accounts/1", `{}`, `405 {"code":405,"message":"Method Not Allowed"}`}, {"PATCH", "accounts/1", `{}`, `405 {"code":405,"message":"Method Not Allowed"}`},
		{"POST", "branches", `{"descriptionFR":"x"}`, `405 {"code":405,"message":"Method Not Allowed"}`}, {"GET", "activities", "", "200"},
		{"DELETE", "branches/1", "", `405 {"code":405,"message":"Method Not Allowed"}`}, {"GET", "countries/1", "", "200"},
	} {
		if a := r.send(tt.method, tt.path, tt.body); a.short() != tt.want {
			t.Errorf("%s %s: got %s, want %s", tt.method, tt.path, a.short(), tt.want)
		}
	}
	if a := r.call("GET", "http://api.example/api/v3/accounts", http.Header{}, nil); a.status != 404 {
		t.Errorf("v3: %s", a.short())
	}
}
