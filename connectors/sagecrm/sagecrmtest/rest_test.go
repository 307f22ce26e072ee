package sagecrmtest_test

import (
	"fmt"
	"strings"
	"testing"

	"syncbox/connectors/sagecrm/sagecrmtest"
)

// said gives the text of a refusal of REST.
func (a reply) said() string {
	all, _ := a.json["$diagnoses"].([]any)
	if len(all) == 0 {
		return ""
	}
	text, _ := all[0].(map[string]any)["$message"].(string)
	return text
}

// The operators of 2024 R2, one row each.
func TestRestWhere(t *testing.T) {
	r := predicates(t)
	for _, tt := range []struct{ where, names string }{
		{"", "Alpha d'Œuvre 50% alphabet"}, {"comp_name eq 'ALPHA'", "Alpha"}, {"Comp_Name eq 'd''Œuvre 50%'", "d'Œuvre 50%"}, {"comp_name like 'a%'", "Alpha alphabet"},
		{"comp_companyid ge 2", "d'Œuvre 50% alphabet"}, {"comp_companyid gt '2'", "alphabet"}, {"comp_companyid between 1 and 2", "Alpha d'Œuvre 50%"},
		{"comp_companyid between 1 and 2 and comp_type eq 'Customer'", "Alpha"}, {"comp_companyid eq 1 or comp_companyid eq 3", "Alpha alphabet"},
		{"comp_companyid eq 1 or comp_companyid eq 2 and comp_name eq 'x'", "Alpha"}, {"comp_bobsync eq 'Y'", "Alpha"},
		{"comp_updateddate gt @2026-07-30T13:00:00@", "alphabet"}, {"comp_updateddate ge '2026-07-30T13:00:00'", "d'Œuvre 50% alphabet"},
		{"comp_updateddate gt @2026-07-30@", "Alpha d'Œuvre 50% alphabet"}, {"comp_updateddate between @2026-07-30@ and @2026-07-30T12:30:00@", "Alpha"},
	} {
		if a := r.where(tt.where); a.names() != tt.names || a.status != 200 {
			t.Errorf("%s: got %d %q %s, want %q", tt.where, a.status, a.names(), a.said(), tt.names)
		}
	}
}

// Requirement: LAB-2
func TestRefusedRest(t *testing.T) {
	r := site(t, nil)
	for _, tt := range []struct {
		name, method, path, body string
		status                   int
	}{
		{"lt", "GET", "company?where=comp_companyid+lt+2", "", 400}, {"le", "GET", "company?where=comp_companyid+le+2", "", 400},
		{"ne", "GET", "company?where=comp_companyid+ne+2", "", 400}, {"in", "GET", "company?where=comp_companyid+in+(2)", "", 400},
		{"=", "GET", "company?where=comp_companyid+=+2", "", 400}, {"not", "GET", "company?where=not+comp_companyid+eq+2", "", 400},
		{"brackets", "GET", "company?where=(comp_companyid+eq+2)", "", 400}, {"short name", "GET", "company?where=name+eq+'A'", "", 400},
		{"half", "GET", "company?where=comp_companyid+between+1", "", 400}, {"no value", "GET", "company?where=comp_companyid+eq", "", 400},
		{"no text", "GET", "company?where=comp_name+eq+A", "", 400}, {"like of a number", "GET", "company?where=comp_companyid+like+'1%25'", "", 400},
		{"no date", "GET", "company?where=comp_updateddate+gt+@soon@", "", 400}, {"bad escape", "GET", "company?where=%25&x=%zz", "", 400},
		{"parameter", "GET", "company?filter=x", "", 400}, {"start", "GET", "company?startIndex=0", "", 400}, {"start text", "GET", "company?startIndex=x", "", 400},
		{"count", "GET", "company?count=0", "", 400}, {"select", "GET", "company?$select=nose", "", 400}, {"order", "GET", "company?orderBy=nose", "", 400},
		{"order form", "GET", "company?orderBy=comp_name+up", "", 400},
		{"entity", "GET", "nonsense", "", 403}, {"disabled", "GET", "opportunity", "", 403}, {"no such record", "GET", "company('77')", "", 404},
		{"two records", "GET", "company(comp_companyid%20gt%201)", "", 404}, {"bad selector", "GET", "company(A)", "", 400}, {"two levels", "GET", "company('1')/phone", "", 404},
		{"schema of nonsense", "GET", "$prototypes/nonsense", "", 403}, {"schema written", "POST", "$prototypes", "{}", 405},
		{"patch", "PATCH", "company('1')", "{}", 405}, {"put of all", "PUT", "company", "{}", 405}, {"post of one", "POST", "company('1')", "{}", 405},
		{"delete all", "DELETE", "company", "", 405}, {"head", "HEAD", "company", "", 405},
		{"no JSON", "POST", "company", "<a/>", 400}, {"array", "POST", "company", "[]", 400}, {"null", "POST", "company", "null", 400}, {"two", "POST", "company", "{}{}", 400},
		{"no name", "POST", "company", `{"comp_type":"Customer"}`, 400}, {"key", "POST", "company", `{"comp_name":"x","comp_companyid":9}`, 400},
		{"short name sent", "POST", "company", `{"name":"x"}`, 400}, {"twice", "POST", "company", `{"comp_name":"x","Comp_Name":"y"}`, 400},
		{"object", "POST", "company", `{"comp_name":{"a":"b"}}`, 400}, {"number for text", "POST", "company", `{"comp_name":5}`, 400},
		{"bool for text", "POST", "company", `{"comp_name":true}`, 400}, {"array for text", "POST", "company", `{"comp_name":["x"]}`, 400},
		{"numbers for codes", "POST", "company", `{"comp_name":"x","comp_c_activities":[10]}`, 400}, {"choice", "POST", "company", `{"comp_name":"x","comp_type":"Friend"}`, 400},
		{"another's key", "PUT", "company('1')", `{"comp_companyid":2}`, 400}, {"empty name", "PUT", "company('1')", `{"comp_name":null}`, 400},
		{"unknown", "PUT", "company('77')", `{}`, 404}, {"delete unknown", "DELETE", "company('77')", "", 404},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := string(r.Save())
			a := r.rest(tt.method, tt.path, tt.body)
			if a.status != tt.status || a.said() == "" && tt.method != "HEAD" || string(r.Save()) != before {
				t.Errorf("got %d %s, want %d", a.status, a.body, tt.status)
			}
		})
	}
	if a := r.rest("POST", "company", `{"comp_name":"x"}`, "Content-Type", "text/plain"); a.status != 400 {
		t.Errorf("text/plain: %d", a.status)
	}
	for name, header := range map[string]string{"nobody": "", "wrong": "Basic c3luY2JveDp4", "bearer": "Bearer x"} {
		if a := r.rest("GET", "nonsense", "", "Authorization", header); a.status != 401 || a.header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
}

func TestRestPages(t *testing.T) {
	r := newRig(t, options{PageLimit: 20})
	r.Fill(sagecrmtest.Seed{Companies: 45})
	for _, tt := range []struct {
		query       string
		first, rows int
	}{{"", 1, 10}, {"?startIndex=11", 11, 10}, {"?startIndex=41&count=10", 41, 5}, {"?count=30", 1, 20}, {"?startIndex=46", 0, 0}, {"?startIndex=999", 0, 0}} {
		a := r.rest("GET", "company"+tt.query, "")
		rows := a.resources()
		if len(rows) != tt.rows || tt.rows > 0 && rows[0]["$key"] != fmt.Sprint(tt.first) || fmt.Sprint(a.json["$totalResults"]) != "45" {
			t.Errorf("%s: %d rows of %v: %v", tt.query, len(rows), a.json["$totalResults"], a.status)
		}
	}
	r.no(r.SetSwitches(switches{sagecrmtest.RestStart: "0"}))
	if rows := r.rest("GET", "company?startIndex=1", "").resources(); rows[0]["$key"] != "2" {
		t.Errorf("from 0: %v", rows[0])
	}
	if rows := r.rest("GET", "company?startIndex=0", "").resources(); rows[0]["$key"] != "1" {
		t.Errorf("from 0: %v", rows[0])
	}
	r.no(r.SetSwitches(switches{sagecrmtest.RestOrder: "unsorted"}))
	seen := map[any]bool{}
	for _, one := range r.rest("GET", "company?startIndex=0&count=20", "").resources() {
		seen[one["$key"]] = true
	}
	if seen["1"] && seen["2"] && seen["3"] && seen["4"] && seen["5"] && seen["6"] {
		t.Errorf("unsorted: %v", seen)
	}
}

func TestRestOrderBy(t *testing.T) {
	r := predicates(t)
	for _, tt := range []struct{ by, names string }{
		{"comp_name desc", "d'Œuvre 50% alphabet Alpha"}, {"comp_name", "Alpha alphabet d'Œuvre 50%"}, {"comp_c_ceiling", "alphabet d'Œuvre 50% Alpha"},
		{"comp_type desc,comp_companyid desc", "d'Œuvre 50% Alpha alphabet"},
	} {
		if a := r.where("", "orderBy", tt.by); a.names() != tt.names {
			t.Errorf("%s: %q %s, want %q", tt.by, a.names(), a.said(), tt.names)
		}
	}
	for _, version := range []string{"2022 R2", "2019 R2"} {
		r.no(r.SetSwitches(switches{sagecrmtest.RestVersion: version}))
		if a := r.where("", "orderBy", "comp_name"); a.status != 400 || !strings.Contains(a.said(), "not supported") {
			t.Errorf("%s: %d %s", version, a.status, a.body)
		}
	}
}

// Requirement: LAB-7
func TestSwitchesOfRest(t *testing.T) {
	for _, tt := range []struct {
		at         switches
		path, want string
	}{
		{nil, "company('1')", `"$key":"1"`}, {switches{sagecrmtest.RestKeys: "resources"}, "company('1')", `"key":"1"`},
		{switches{sagecrmtest.RestKeys: "resources"}, "company", `"totalResults":1`}, {nil, "company", `"$totalResults":1`},
		{nil, "company(comp_name%20eq%20'%C5%92uvre%20%3C1%3E')", `"comp_companyid":1`}, {switches{sagecrmtest.RestCase: "mixed"}, "company('1')", `"Comp_Companyid":1`},
		{nil, "company('1')", `"comp_updateddate":"2026-07-30T12:00:00"`}, {switches{sagecrmtest.RestTimes: "zone"}, "company('1')", `"comp_updateddate":"2026-07-30T10:00:00Z"`},
		{switches{sagecrmtest.RestTimes: "zone"}, "company?where=comp_updateddate+gt+'2026-07-30T09:59:59Z'", `"$totalResults":1`},
		{nil, "company?where=comp_updateddate+gt+'2026-07-30T11:59:59Z'", `"$totalResults":1`},
		{switches{sagecrmtest.RestTimes: "zone"}, "company?where=comp_updateddate+gt+'2026-07-30T11:59:59Z'", `"$totalResults":0`},
		{nil, "company('1')", `"comp_c_activities":["10","20"]`}, {switches{sagecrmtest.SoapMultiValue: "comma"}, "company('1')", `"comp_c_activities":"10,20"`},
		{nil, "company('1')", `"comp_bobsync":"Y"`}, {switches{sagecrmtest.BobSyncValue: "true"}, "company('1')", `"comp_bobsync":true`},
		{switches{sagecrmtest.BobSyncValue: "1"}, "company('1')", `"comp_bobsync":1`}, {switches{sagecrmtest.SoapEmpty: "nil"}, "company('1')", `"comp_website":null`},
		{switches{sagecrmtest.SoapEmpty: "empty"}, "company('1')", `"comp_website":""`}, {switches{sagecrmtest.RestBrackets: "accepted"}, "company?where=(comp_companyid+eq+1)", `"$totalResults":1`},
		{nil, "company?$select=comp_name", `"$resources":[{"$key":"1","comp_name":"Œuvre \u003c1\u003e"}]`},
		{nil, "$prototypes", `{"name":"phone"}`}, {nil, "$prototypes/company", `"name":"comp_vatnumber"`},
		{switches{sagecrmtest.RestSchema: "absent"}, "$prototypes", `"Not found"`},
		{switches{sagecrmtest.RestError: "message"}, "company('9')", `{"message":"Record not found: company"}`}, {nil, "company('9')", `{"$diagnoses":[{"$message":"Record not found: company"`},
		{switches{sagecrmtest.RestError: "html"}, "company('9')", `<html>`}, {nil, "phone?where=phon_companyid+eq+1", `"phon_number":"12"`},
	} {
		r, _ := rich(t, nil)
		r.no(r.SetSwitches(tt.at))
		if a := r.rest("GET", tt.path, ""); !strings.Contains(a.body, tt.want) {
			t.Errorf("%v %s: got %d %s, want %s", tt.at, tt.path, a.status, a.body, tt.want)
		}
	}
}

// Requirement: LAB-7
func TestRestLimit(t *testing.T) {
	r := site(t, nil)
	for _, tt := range []struct {
		position string
		refused  int
	}{{"none", 0}, {"enforced", 3}} {
		r.AdvanceClock(2e9)
		r.no(r.SetSwitches(switches{sagecrmtest.RestLimit: tt.position}))
		got := 0
		for range 8 {
			if r.where("").status == 503 {
				got++
			}
		}
		if got != tt.refused {
			t.Errorf("%s: %d of 8 in a second refused, want %d", tt.position, got, tt.refused)
		}
	}
	r.AdvanceClock(1e9)
	if a := r.where(""); a.status != 200 {
		t.Errorf("a second later: %d", a.status)
	}
	r.AddFault(fault{Kind: sagecrmtest.Meanwhile, Do: func(fault) {
		r.AddFault(fault{Kind: sagecrmtest.Meanwhile, Do: func(fault) {
			if a := r.where(""); a.status != 503 {
				t.Errorf("third at a time: %d", a.status)
			}
		}})
		if a := r.where(""); a.status != 200 {
			t.Errorf("second at a time: %d", a.status)
		}
	}})
	r.where("")
	if n := r.Counters().Concurrent; n != 3 {
		t.Errorf("peak: %d", n)
	}
}
