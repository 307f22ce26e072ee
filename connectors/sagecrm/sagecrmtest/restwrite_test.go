package sagecrmtest_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/sagecrm/sagecrmtest"
)

func TestRestWrites(t *testing.T) {
	r := site(t, nil)
	a := r.rest("POST", "company", `{"Comp_Name":"Œuvre","comp_type":"customer","comp_bobsync":true,"comp_c_activities":["10","30"],"comp_c_ceiling":12.50,"$key":"7","comp_updateddate":"1999-01-01"}`)
	if a.status != 201 || a.json["$key"] != "4" || fmt.Sprint(a.json["comp_companyid"]) != "4" || a.header.Get("Location") != "http://crm.example/sdata/crmj/sagecrm2/-/company('4')" {
		t.Fatalf("%d %s", a.status, a.body)
	}
	want := values{"comp_companyid": "4", "comp_name": "Œuvre", "comp_type": "Customer", "comp_bobsync": "Y", "comp_c_activities": "10,30", "comp_c_ceiling": "12.5"}
	if diff := cmp.Diff(want, r.company(4)); diff != "" {
		t.Error(diff)
	}
	if a := r.rest("POST", "address", `{"addr_companyid":4,"addr_city":"Liège"}`); a.status != 201 || r.company(4)["comp_primaryaddressid"] != "1" {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := r.rest("DELETE", "company('4')", ""); a.status != 200 || len(r.Records(sagecrmtest.Address)) != 0 {
		t.Errorf("%d %s", a.status, a.body)
	}
	if one, ok := r.Record(sagecrmtest.Company, 4); !ok || !one.Deleted {
		t.Errorf("deleted: %v", one)
	}
}

// Requirement: LAB-7
func TestRestUpdates(t *testing.T) {
	for _, tt := range []struct {
		name, method string
		at           switches
		status       int
		want         values
	}{
		{"merge", "PUT", nil, 200, values{"comp_companyid": "1", "comp_name": "AA", "comp_type": "Customer"}},
		{"replace", "PUT", switches{sagecrmtest.RestPut: "replace"}, 200, values{"comp_companyid": "1", "comp_name": "AA"}},
		{"PATCH only", "PUT", switches{sagecrmtest.RestUpdate: "patch"}, 405, values{"comp_companyid": "1", "comp_name": "A", "comp_type": "Customer"}},
		{"PATCH", "PATCH", switches{sagecrmtest.RestUpdate: "patch", sagecrmtest.RestPut: "replace"}, 200, values{"comp_companyid": "1", "comp_name": "AA", "comp_type": "Customer"}},
	} {
		r := site(t, tt.at)
		a := r.rest(tt.method, "company('1')", `{"comp_companyid":1,"comp_name":"AA","comp_createddate":"2026-07-30T12:00:00"}`)
		if diff := cmp.Diff(tt.want, r.company(1)); diff != "" || a.status != tt.status {
			t.Errorf("%s: %d %s", tt.name, a.status, diff)
		}
	}
	r := site(t, switches{sagecrmtest.RestPut: "replace"})
	if a := r.rest("PUT", "company('1')", `{"comp_type":"Customer"}`); a.status != 400 {
		t.Errorf("replaced without a name: %d %s", a.status, a.body)
	}
}

// Requirement: LAB-7
func TestETags(t *testing.T) {
	r := site(t, nil)
	if a := r.rest("GET", "company('1')", ""); a.header.Get("ETag") != "" {
		t.Errorf("absent: %q", a.header.Get("ETag"))
	}
	r.no(r.SetSwitches(switches{sagecrmtest.ETag: "enforced"}))
	first := r.rest("GET", "company('1')", "").header.Get("ETag")
	r.no(r.Console("anne").Edit(sagecrmtest.Company, 1, values{"comp_website": "x"}))
	second := r.rest("GET", "company('1')", "").header.Get("ETag")
	for _, tt := range []struct {
		name, method, match string
		status              int
	}{{"none", "PUT", "", 428}, {"old", "PUT", first, 412}, {"old", "DELETE", first, 412}, {"none", "DELETE", "", 428}, {"own", "PUT", second, 200}, {"used", "PUT", second, 412}, {"any", "PUT", "*", 200}} {
		if a := r.rest(tt.method, "company('1')", `{"comp_name":"AA"}`, "If-Match", tt.match); a.status != tt.status {
			t.Errorf("%s %s: %d %s, want %d", tt.method, tt.name, a.status, a.body, tt.status)
		}
	}
}

func TestOldInterfaceIsReadOnly(t *testing.T) {
	r := site(t, nil)
	for _, tt := range []struct {
		method, path string
		status       int
	}{{"GET", "company", 200}, {"GET", "company('1')", 200}, {"POST", "company", 405}, {"PUT", "company('1')", 405}, {"DELETE", "company('1')", 405}} {
		a := r.send(tt.method, "/sdata/crmj/sagecrm/-/"+tt.path, `{"comp_name":"x"}`, "Authorization", "Basic c3luY2JveDpTRUNSRVQ=", "Content-Type", "application/json")
		if a.status != tt.status {
			t.Errorf("%s %s: %d, want %d", tt.method, tt.path, a.status, tt.status)
		}
	}
	if got := r.Journal(sagecrmtest.JournalQuery{Endpoint: sagecrmtest.EndpointOld}); len(got) != 5 {
		t.Errorf("journal: %d", len(got))
	}
}
