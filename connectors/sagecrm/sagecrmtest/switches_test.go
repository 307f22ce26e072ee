package sagecrmtest_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/sagecrm/sagecrmtest"
)

// rich is a site with one company that has something of everything, read by SOAP.
func rich(t *testing.T, w switches) (*rig, *node) {
	t.Helper()
	r := newRig(t, options{Switches: w})
	anne := r.Console("anne")
	c := r.Columns()
	v := r.VAT("BE0428759497")
	v["comp_name"], v["comp_type"], v[c.BobSync], v["comp_c_activities"], v["comp_language"] = "Œuvre <1>", "Customer", "Y", "10,20", "FR"
	must(anne.Create(sagecrmtest.Company, v))
	must(anne.Create(sagecrmtest.Phone, values{"phon_companyid": "1", "phon_number": "12", "phon_type": "Fax"}))
	must(anne.Create(sagecrmtest.Person, values{"pers_companyid": "1", "pers_lastname": "Nœl"}))
	r.logon()
	a := r.query("company", "")
	if len(a.records()) != 1 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	return r, a.records()[0]
}

// Requirement: LAB-7
func TestFormsOfRecords(t *testing.T) {
	texts := func(n *node, name string) (out []string) {
		for _, one := range n.all(name) {
			out = append(out, strings.TrimSpace(one.text))
		}
		return out
	}
	for _, tt := range []struct {
		at   switches
		name string
		want []string
	}{
		{nil, "name", []string{"Œuvre <1>"}}, {nil, "companyid", []string{"1", "1", "1"}}, {nil, "vatnumber", []string{"BE0428759497"}}, {nil, "bobsync", []string{"Y"}},
		{nil, "language", []string{"FR"}}, {nil, "number", []string{"12"}}, {nil, "lastname", []string{"Nœl"}}, {nil, "website", nil}, {nil, "primarypersonid", []string{"1"}},
		{nil, "phoneid", []string{"1"}},
		{switches{sagecrmtest.SoapEmpty: "empty"}, "website", []string{"", ""}}, {switches{sagecrmtest.SoapEmpty: "nil"}, "website", []string{"", ""}},
		{switches{sagecrmtest.SoapDropdown: "strings"}, "language", []string{"Français"}},
		{switches{sagecrmtest.SoapMultiValue: "comma"}, "c_activities", []string{"10,20"}},
		{switches{sagecrmtest.SoapMultiValue: "repeated"}, "c_activities", []string{"10", "20"}},
		{switches{sagecrmtest.SoapMultiValue: "array"}, "c_activities", []string{""}},
		{switches{sagecrmtest.SoapMultiValue: "comma", sagecrmtest.SoapDropdown: "strings"}, "c_activities", []string{"Négoce,Santé & soins"}},
		{switches{sagecrmtest.BobSyncValue: "true"}, "bobsync", []string{"true"}}, {switches{sagecrmtest.BobSyncValue: "1"}, "bobsync", []string{"1"}},
		{switches{sagecrmtest.BobSyncValue: "1"}, "c_mailing", []string{"0"}}, {nil, "c_mailing", nil},
		{switches{sagecrmtest.BobSyncColumn: "comp_c_bob50"}, "c_bob50", []string{"Y"}}, {switches{sagecrmtest.VATColumn: "comp_c_taxid"}, "c_taxid", []string{"BE0428759497"}},
		{switches{sagecrmtest.VATField: "two"}, "vatnumber", []string{"0428759497"}}, {switches{sagecrmtest.VATField: "two"}, "vatnumberprefix", []string{"BE"}},
		{switches{sagecrmtest.ContactKeys: "short"}, "id", []string{"1"}}, {switches{sagecrmtest.CompanyType: "multi", sagecrmtest.SoapMultiValue: "comma"}, "type", []string{"Fax", "Customer"}},
	} {
		_, n := rich(t, tt.at)
		if diff := cmp.Diff(tt.want, texts(n, tt.name)); diff != "" {
			t.Errorf("%v %s: %s", tt.at, tt.name, diff)
		}
	}
	_, n := rich(t, switches{sagecrmtest.SoapEmpty: "nil"})
	if got := n.child("website").attr["nil"]; got != "true" {
		t.Errorf("nil: %q", got)
	}
	if got := n.attr["type"]; got != "typens:company" {
		t.Errorf("type: %q", got)
	}
}

// Requirement: LAB-7
func TestFormOfChildren(t *testing.T) {
	_, n := rich(t, nil)
	if phone := n.child("phone"); phone.child("entityname").text != "phone" || phone.child("records").child("number").text != "12" {
		t.Errorf("records: %+v", phone)
	}
	_, n = rich(t, switches{sagecrmtest.SoapChildren: "flat"})
	if phone := n.child("phone"); phone.child("records") != nil || phone.child("number").text != "12" {
		t.Errorf("flat: %+v", phone)
	}
	r, _ := rich(t, switches{sagecrmtest.SoapCase: "mixed"})
	if a := r.query("person", ""); !strings.Contains(a.body, "<typens:Lastname>Nœl</typens:Lastname>") {
		t.Errorf("mixed: %s", a.body)
	}
}

// Requirement: LAB-7
func TestDeletedRecords(t *testing.T) {
	for position, want := range map[string]string{"hidden": "2 3", "shown": "1 2 3"} {
		r := site(t, switches{sagecrmtest.SoapDeleted: position})
		r.no(r.Console("anne").Delete(sagecrmtest.Company, 1))
		a := r.query("company", "")
		if a.ids("companyid") != want || position == "shown" && a.records()[0].child("deleted").text != "1" {
			t.Errorf("%s: %s", position, a.body)
		}
		if got := len(r.where("").resources()); got != len(strings.Fields(want)) {
			t.Errorf("%s in REST: %d", position, got)
		}
		if a := r.call("queryentity", el("id", "1"), el("entityname", "company")); (len(a.records()) == 1) != (position == "shown") {
			t.Errorf("%s by id: %s", position, a.body)
		}
	}
}

// Requirement: LAB-7
func TestMetadata(t *testing.T) {
	for _, tt := range []struct {
		at         switches
		name, want string
	}{
		{nil, "comp_vatnumber", "VAT number string false"}, {nil, "comp_bobsync", "BobSync checkbox false"}, {nil, "comp_name", "name string true"},
		{nil, "comp_c_activities", "Activités multiselect false"}, {switches{sagecrmtest.VATColumn: "comp_c_taxid"}, "comp_c_taxid", "N° de TVA / BTW-nummer string false"},
		{switches{sagecrmtest.SoapMetadata: "short"}, "vatnumber", "VAT number string false"},
		{switches{sagecrmtest.VATField: "two"}, "comp_vatnumberprefix", "VAT number (prefix) string false"}, {nil, "vatnumber", ""},
	} {
		r := site(t, tt.at)
		got := ""
		for _, one := range r.call("getmetadata", el("entityname", "company")).records() {
			if one.child("name").text == tt.name {
				got = one.child("caption").text + " " + one.child("type").text + " " + one.child("required").text
			}
		}
		if got != tt.want {
			t.Errorf("%v %s: got %q, want %q", tt.at, tt.name, got, tt.want)
		}
	}
	r := site(t, switches{sagecrmtest.SoapMetadata: "refused"})
	if a := r.call("getmetadata", el("entityname", "company")); a.fault() == "" {
		t.Errorf("refused: %s", a.body)
	}
	if a := r.call("getdropdownvalues", el("entityname", "phone")); a.records()[0].child("fieldname").text != "type" || len(a.records()[0].children) != 5 {
		t.Errorf("choices: %s", a.body)
	}
	if a := r.call("getversionstring"); a.root.get("version") != "Sage CRM 2024 R2" {
		t.Errorf("version: %s", a.body)
	}
}

// A site's own columns are columns like any other.
func TestOwnFields(t *testing.T) {
	r := newRig(t, options{Fields: map[sagecrmtest.Entity][]sagecrmtest.Field{sagecrmtest.Company: {{Name: "comp_c_Own", Caption: "Own", Size: 3}}}})
	r.logon()
	if a := r.write("add", "company", el("name", "x")+el("c_own", "abc")); a.ids("crmid") != "1" {
		t.Fatalf("%s", a.body)
	}
	if a := r.query("company", "comp_c_own = 'ABC'"); a.ids("c_own") != "abc" {
		t.Errorf("%s", a.body)
	}
}

// Requirement: LAB-7
func TestPositions(t *testing.T) {
	all := sagecrmtest.AllSwitches()
	if len(all) < 30 || !slices.IsSorted(all) {
		t.Errorf("switches: %v", all)
	}
	for _, w := range all {
		for _, at := range sagecrmtest.Positions(w) {
			r := newRig(t, options{Switches: switches{w: at}})
			if got := r.Switches()[w]; got != at {
				t.Errorf("%s: got %s, want %s", w, got, at)
			}
		}
		if len(sagecrmtest.Positions(w)) < 2 {
			t.Errorf("%s has one position", w)
		}
	}
	r := site(t, nil)
	for _, w := range []switches{{"nonsense": "x"}, {sagecrmtest.ETag: "x"}, {sagecrmtest.VATField: "two"}} {
		before := r.Switches()
		if err := r.SetSwitches(w); err == nil || cmp.Diff(before, r.Switches()) != "" {
			t.Errorf("%v: %v", w, err)
		}
	}
}
