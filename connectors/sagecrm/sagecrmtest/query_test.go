package sagecrmtest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"syncbox/connectors/sagecrm/sagecrmtest"
)

const failed = "Query failed to run successfully"

// predicates is a site whose companies differ in everything that predicates look at.
func predicates(t testing.TB) *rig {
	r := newRig(t, options{})
	anne := r.Console("anne")
	must(anne.Create(sagecrmtest.Company, values{"comp_name": "Alpha", "comp_type": "Customer", "comp_bobsync": "Y", "comp_c_ceiling": "10.50"}))
	r.AdvanceClock(time.Hour)
	must(anne.Create(sagecrmtest.Company, values{"comp_name": "d'Œuvre 50%", "comp_type": "Prospect", "comp_c_ceiling": "9"}))
	r.AdvanceClock(time.Hour)
	must(anne.Create(sagecrmtest.Company, values{"comp_name": "alphabet", "comp_vatnumber": "BE1", "comp_c_visit": "2026-08-01"}))
	r.logon()
	return r
}

// Requirement: LAB-2
func TestPredicates(t *testing.T) {
	r := predicates(t)
	for _, tt := range []struct{ where, ids string }{
		{"", "1 2 3"}, {"comp_name = 'ALPHA'", "1"}, {"comp_name = 'alpha '", "1"}, {"COMP_NAME like 'A%'", "1 3"}, {"comp_name like '_lpha'", "1"},
		{"comp_name = 'd''Œuvre 50%'", "2"}, {"comp_name like '%''%'", "2"}, {"comp_companyid in (1, '3')", "1 3"}, {"comp_companyid > 1 and comp_companyid <= 3", "2 3"},
		{"comp_companyid = '2'", "2"}, {"comp_companyid <> 2", "1 3"}, {"comp_companyid >= 3 or comp_companyid < 2", "1 3"},
		{"comp_type = 'customer'", "1"}, {"comp_bobsync = 'Y'", "1"}, {"comp_bobsync <> 'Y'", ""}, {"comp_bobsync is null", "2 3"}, {"comp_vatnumber is not null", "3"},
		{"comp_companyid = 1 or comp_companyid = 2 and comp_name = 'x'", "1"}, {"(comp_companyid = 1 or comp_companyid = 2) and comp_name = 'x'", ""},
		{"comp_c_ceiling > 9.5", "1"}, {"comp_c_ceiling = 9.00", "2"}, {"comp_updateddate >= '2026-07-30 13:00:00'", "2 3"},
		{"comp_updateddate > '2026-07-30T13:00:00'", "3"}, {"comp_createddate < '2026-07-31'", "1 2 3"}, {"comp_c_visit = '2026-08-01'", "3"}, {"comp_deleted is null", "1 2 3"},
		{"comp_primarypersonid is null", "1 2 3"},
	} {
		if a := r.query("Company", tt.where); a.ids("companyid") != tt.ids || a.status != 200 {
			t.Errorf("%s: got %d %q %s, want %q", tt.where, a.status, a.ids("companyid"), a.fault(), tt.ids)
		}
	}
}

// Requirement: LAB-2
func TestRefusedPredicates(t *testing.T) {
	r := predicates(t)
	for _, where := range []string{"name = 'Alpha'", "companyid = 1", "pers_lastname = 'x'", "comp_name = Alpha", "comp_name = \"Alpha\"", "comp_name = 5", "comp_name", "comp_name =",
		"= 'x'", "comp_name = 'x", "comp_name = 'x' and", "comp_name = 'x' comp_name = 'y'", "(comp_name = 'x'", "comp_name = 'x')", "comp_name in ('x'", "comp_name in ()",
		"comp_companyid = 'x'", "comp_updateddate > 20260730", "comp_updateddate > 'soon'", "comp_companyid like '1%'", "comp_name eq 'x'", "comp_name between 'a' and 'b'",
		"comp_name = 'x'; drop table company", "not comp_name = 'x'", "comp_name is", "1 = 1", strings.Repeat("(", 60) + "comp_companyid = 1" + strings.Repeat(")", 60)} {
		if a := r.query("company", where); a.fault() != failed {
			t.Errorf("%s: got %d %s, want a fault", where, a.status, a.body)
		}
	}
}

func TestDisabledEntities(t *testing.T) {
	r := site(t, nil)
	r.Enable(sagecrmtest.Phone, false)
	for _, tt := range []struct{ name, inner string }{
		{"query", el("queryString", "") + el("entityname", "phone")}, {"query", el("queryString", "") + el("entityname", "nonsense")},
		{"queryid", el("queryString", "") + el("entityname", "opportunity") + el("date", "2026-07-30")}, {"queryentity", el("id", "1") + el("entityname", "phone")},
		{"add", el("entityname", "phone") + records(el("number", "1"))}, {"update", el("entityname", "phone") + records(el("phoneid", "1"))},
		{"delete", el("entityname", "phone") + records(el("phoneid", "1"))}, {"getmetadata", el("entityname", "phone")}, {"getdropdownvalues", el("entityname", "phone")},
	} {
		if a := r.call(tt.name, tt.inner); !strings.HasSuffix(a.fault(), "' is not Web Service enabled") {
			t.Errorf("%s: %d %s", tt.name, a.status, a.body)
		}
	}
}

// many has n companies.
func many(t testing.TB, n int, w switches) *rig {
	r := newRig(t, options{Switches: w})
	r.Fill(sagecrmtest.Seed{Companies: n})
	r.logon()
	return r
}

// Requirement: LAB-7
func TestPaging(t *testing.T) {
	for _, tt := range []struct{ position, sizes string }{{"100", "100 100 5"}, {"25", "25 25 25 25 25 25 25 25 5"}, {"all", "205"}} {
		r := many(t, 205, switches{sagecrmtest.SoapBatch: tt.position})
		a := r.query("company", "comp_companyid > 0")
		sizes := []string{fmt.Sprint(len(a.records()))}
		ids := a.ids("companyid")
		for a.root.get("more") == "true" {
			a = r.call("next")
			sizes = append(sizes, fmt.Sprint(len(a.records())))
			ids += " " + a.ids("companyid")
		}
		if got := strings.Join(sizes, " "); got != tt.sizes || len(strings.Fields(ids)) != 205 {
			t.Errorf("%s: got %q, want %q, ids %s", tt.position, got, tt.sizes, ids)
		}
		if a := r.call("next"); a.fault() != failed {
			t.Errorf("%s: next behind the end: %s", tt.position, a.body)
		}
	}
}

// Any call but next closes the query; so does the end of the session.
func TestClosedQueries(t *testing.T) {
	for _, tt := range []struct {
		name  string
		other func(*rig)
		open  bool
	}{
		{"next alone", func(*rig) {}, true}, {"another query", func(r *rig) { r.query("person", "") }, false},
		{"a failed query", func(r *rig) { r.query("company", "x") }, false}, {"an update", func(r *rig) { r.write("update", "company", el("companyid", "1")) }, false},
		{"getversionstring", func(r *rig) { r.call("getversionstring") }, false}, {"a new session", func(r *rig) { r.logon() }, false},
	} {
		r := many(t, 205, nil)
		r.query("company", "")
		tt.other(r)
		if a := r.call("next"); (len(a.records()) == 100) != tt.open || !tt.open && a.fault() != failed {
			t.Errorf("%s: %d records, %s", tt.name, len(a.records()), a.fault())
		}
	}
	r := many(t, 205, nil)
	r.query("company", "")
	r.query("company", "comp_companyid = 1")
	if n := r.Counters().Abandoned; n != 1 {
		t.Errorf("abandoned: %d, want 1", n)
	}
}

// A record that is deleted while a query is read does not come; one that comes meanwhile does not either.
func TestQueryWhilePeopleWork(t *testing.T) {
	r := many(t, 150, nil)
	r.query("company", "")
	r.no(r.Console("anne").Delete(sagecrmtest.Company, 120))
	must(r.Console("anne").Create(sagecrmtest.Company, values{"comp_name": "new"}))
	a := r.call("next")
	if ids := strings.Fields(a.ids("companyid")); len(ids) != 49 || a.root.get("more") != "false" {
		t.Errorf("got %v", ids)
	}
}
