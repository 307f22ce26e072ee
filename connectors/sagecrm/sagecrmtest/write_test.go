package sagecrmtest_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/sagecrm/sagecrmtest"
)

// company gives what is stored of a company, without its stamps.
func (r *rig) company(id int64) values {
	r.t.Helper()
	one, ok := r.Record(sagecrmtest.Company, id)
	if !ok {
		r.t.Fatalf("no company %d", id)
	}
	for name := range one.Values {
		if strings.HasSuffix(name, "edby") || strings.HasSuffix(name, "eddate") {
			delete(one.Values, name)
		}
	}
	return one.Values
}

func TestAddAndUpdate(t *testing.T) {
	r := site(t, nil)
	a := r.write("add", "company", el("name", "Œuvre & Cie")+el("Type", "customer")+el("bobsync", "Y")+el("vatnumber", "BE0428759497")+el("updateddate", "1999-01-01")+
		`<typ:c_activities><typ:records>10</typ:records><typ:records>30</typ:records></typ:c_activities>`+
		`<typ:address><typ:entityname>address</typ:entityname>`+records(el("city", "Liège"))+`</typ:address>`+
		`<typ:phone>`+el("type", "Business")+el("number", "1")+`</typ:phone><typ:phone>`+el("type", "Fax")+el("number", "2")+`</typ:phone>`)
	if a.root.get("crmid") != "" && len(a.records()) != 1 || a.ids("crmid") != "4" {
		t.Fatalf("%d %s", a.status, a.body)
	}
	want := values{"comp_companyid": "4", "comp_name": "Œuvre & Cie", "comp_type": "Customer", "comp_bobsync": "Y", "comp_vatnumber": "BE0428759497",
		"comp_c_activities": "10,30", "comp_primaryaddressid": "1"}
	if diff := cmp.Diff(want, r.company(4)); diff != "" {
		t.Error(diff)
	}
	if got := r.Children(sagecrmtest.Company, 4, sagecrmtest.Phone); len(got) != 2 || got[1].Values["phon_type"] != "Fax" {
		t.Errorf("phones: %v", got)
	}
	a = r.write("update", "company", el("companyid", "4")+el("bobsync", "")+el("website", "www.x.example")+
		`<typ:addresses>`+records(el("addressid", "1")+el("city", "Gent"), el("city", "Eupen"))+`</typ:addresses>`)
	if a.root.get("updatesuccess") != "true" || a.root.get("numberupdated") != "1" {
		t.Errorf("%d %s", a.status, a.body)
	}
	delete(want, "comp_bobsync")
	want["comp_website"] = "www.x.example"
	if diff := cmp.Diff(want, r.company(4)); diff != "" {
		t.Error(diff)
	}
	if got := r.Children(sagecrmtest.Company, 4, sagecrmtest.Address); len(got) != 2 || got[0].Values["addr_city"] != "Gent" {
		t.Errorf("addresses: %v", got)
	}
	if a := r.write("delete", "company", el("companyid", "4"), el("crmid", "3")); a.root.get("numberdeleted") != "2" {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := r.query("phone", ""); len(a.records()) != 0 {
		t.Errorf("phones of a deleted company: %s", a.body)
	}
}

// Each refusal is one row; none changes anything.
//
// Requirement: LAB-2
func TestRefusedWrites(t *testing.T) {
	r := site(t, switches{sagecrmtest.ContactEmpty: "refused"})
	must(r.Console("anne").Create(sagecrmtest.Phone, values{"phon_companyid": "1", "phon_number": "1"}))
	r.no(r.Console("anne").Delete(sagecrmtest.Company, 3))
	for _, tt := range []struct{ name, op, record, fault string }{
		{"no name", "add", el("type", "Customer"), "comp_name is required"}, {"an empty name", "update", el("companyid", "1") + el("name", ""), "comp_name is required"},
		{"a key", "add", el("companyid", "9") + el("name", "x"), "must not be sent"}, {"no key", "update", el("name", "x"), "comp_companyid is required"},
		{"a bad key", "update", el("companyid", "x") + el("name", "x"), "not a whole number"},
		{"unknown", "update", el("companyid", "77") + el("name", "x"), "Record not found"}, {"deleted", "update", el("companyid", "3") + el("name", "x"), "Record not found"},
		{"a database name", "add", el("comp_name", "x"), "no such field"}, {"nonsense", "add", el("name", "x") + el("nose", "x"), "no such field"},
		{"twice", "add", el("name", "x") + el("name", "x"), "one value"}, {"an element in a text", "add", "<typ:name><typ:b>x</typ:b></typ:name>", "one value"},
		{"too long", "add", el("name", strings.Repeat("é", 61)), "longer than 60"}, {"no choice", "add", el("name", "x") + el("type", "Friend"), "not one of its choices"},
		{"no choice of many", "add", el("name", "x") + el("c_activities", "10,11"), "not one of its choices"},
		{"not a number", "add", el("name", "x") + el("c_ceiling", "1,5"), "not a number"}, {"not a date", "add", el("name", "x") + el("c_visit", "31/12/2026"), "not a date"},
		{"no check box", "add", el("name", "x") + el("bobsync", "yes"), "not a check box"}, {"nobody", "add", el("name", "x") + el("primarypersonid", "12"), "no such person"},
		{"another's phone", "update", el("companyid", "2") + `<typ:phone>` + el("phoneid", "1") + `</typ:phone>`, "another record's"},
		{"a bad child", "add", el("name", "x") + `<typ:phone>` + el("type", "Fax") + `</typ:phone>`, "phon_number is required"},
		{"an unknown child", "update", el("companyid", "1") + `<typ:phone>` + el("phoneid", "8") + `</typ:phone>`, "Record not found"},
		{"delete unknown", "delete", el("companyid", "77"), "Record not found"}, {"delete deleted", "delete", el("companyid", "3"), "Record not found"},
		{"delete by name", "delete", el("name", "A"), "its id alone"}, {"delete with more", "delete", el("companyid", "1") + el("name", "A"), "its id alone"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := string(r.Save())
			a := r.write(tt.op, "company", tt.record)
			if a.status != 500 || !strings.Contains(a.fault(), tt.fault) || string(r.Save()) != before {
				t.Errorf("got %d %s, want %s", a.status, a.body, tt.fault)
			}
		})
	}
	for _, op := range []string{"add", "update", "delete"} {
		if a := r.write(op, "company"); !strings.Contains(a.fault(), "records are missing") {
			t.Errorf("%s of nothing: %s", op, a.body)
		}
	}
	if a := r.write("add", "person", el("lastname", "x")+`<typ:person>`+el("lastname", "y")+`</typ:person>`); !strings.Contains(a.fault(), "cannot be sent with") {
		t.Errorf("a person in a person: %s", a.body)
	}
}

func TestBatchesOfWrites(t *testing.T) {
	for _, n := range []int{100, 101} {
		r := newRig(t, options{MaxRequest: 100_000})
		r.logon()
		all := make([]string, n)
		for i := range all {
			all[i] = el("name", "x")
		}
		a := r.write("add", "company", all...)
		if got := len(r.Records(sagecrmtest.Company)); got != n%101 || n > 100 && !strings.Contains(a.fault(), "at most 100") {
			t.Errorf("%d records: %d stored, %s", n, got, a.fault())
		}
		if n == 100 && len(strings.Fields(a.ids("crmid"))) != 100 {
			t.Errorf("ids: %s", a.body)
		}
	}
}

// Requirement: LAB-7
func TestSwitchesOfWrites(t *testing.T) {
	for position, want := range map[string]int{"atomic": 3, "partial": 4} {
		r := site(t, switches{sagecrmtest.SoapWriteBatch: position})
		a := r.write("add", "company", el("name", "x"), el("name", ""), el("name", "z"))
		if got := len(r.Records(sagecrmtest.Company)); got != want || a.fault() == "" {
			t.Errorf("%s: %d companies, want %d: %s", position, got, want, a.body)
		}
	}
	r := site(t, switches{sagecrmtest.SoapUnknownID: "uncounted", sagecrmtest.SoapAdded: "key"})
	if a := r.write("update", "company", el("companyid", "77")+el("name", "x"), el("companyid", "1")+el("name", "AA")); a.root.get("updatesuccess") != "false" ||
		a.root.get("numberupdated") != "1" || r.company(1)["comp_name"] != "AA" {
		t.Errorf("uncounted: %s", a.body)
	}
	if a := r.write("delete", "company", el("companyid", "77")); a.root.get("deletesuccess") != "false" || a.root.get("numberdeleted") != "0" {
		t.Errorf("uncounted: %s", a.body)
	}
	if a := r.write("add", "company", el("name", "x")); a.ids("companyid") != "4" {
		t.Errorf("the key: %s", a.body)
	}
	r.no(r.SetSwitches(switches{sagecrmtest.SoapFault: "200"}))
	if a := r.write("add", "company", el("name", "")); a.status != 200 || a.fault() == "" {
		t.Errorf("fault with 200: %d %s", a.status, a.body)
	}
}

// Requirement: LAB-7
func TestStampOfCompanies(t *testing.T) {
	for position, want := range map[string]string{"children": "2026-07-30T12:00:05", "company": "2026-07-30T12:00:00"} {
		r := site(t, switches{sagecrmtest.UpdatedDate: position})
		id := must(r.Console("anne").Create(sagecrmtest.Phone, values{"phon_companyid": "1", "phon_number": "1"}))
		r.FreezeClock(noon.Add(5e9))
		r.no(r.Console("anne").Edit(sagecrmtest.Phone, id, values{"phon_number": "2"}))
		if a := r.query("company", "comp_companyid = 1"); a.records()[0].child("updateddate").text != want {
			t.Errorf("%s: %s, want %s", position, a.body, want)
		}
	}
}
