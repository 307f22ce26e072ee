package app_test

import (
	"strconv"
	"strings"
	"testing"

	"syncbox/connectors/bob50/bob50test"
	"syncbox/connectors/record"
	"syncbox/connectors/sagecrm/sagecrmtest"
)

// spelled writes a VAT number as people do.
func spelled(digits string) string { return "be " + digits[:4] + "." + digits[4:7] + "." + digits[7:] }

// The first synchronisation: nothing is written before the plan was ticked. Then a company that the CRM has is recognised by its VAT
// number in another spelling, and its person by name; who has none is made, ticked and of type customer; who is left out on either
// side stays as it is and says why; what BOB does not have is handed to LINK, and bound when a backup shows it.
//
// Requirement: BOB-2, BOB-3, BOB-4, BOB-5, BOB-6, BOB-9, BOB-19, BOB-22, BOB-23, BOB-24
func TestBobFirstSynchronisation(t *testing.T) {
	t.Parallel()
	r := newBobRig(t, bobSet{})
	people := r.crm.Console("anne")
	make := func(name, vat string, more sagecrmtest.Values) int64 {
		t.Helper()
		v := sagecrmtest.Values{"comp_name": name, "comp_type": "Customer", "comp_bobsync": "Y", "comp_vatnumber": vat}
		for k, x := range more {
			v[k] = x
		}
		id, err := people.Create(sagecrmtest.Company, v)
		must(t, err)
		return id
	}
	known := make("Autre nom", spelled(r.vatOf("C000001")), sagecrmtest.Values{"comp_website": "www.garde.example"})
	off := make("Pas cochée", "BE"+r.vatOf("C000002"), sagecrmtest.Values{"comp_bobsync": ""})
	born := make("Née dans le CRM", "BE0403170701", nil)
	lead := make("Prospect", "BE0403199702", sagecrmtest.Values{"comp_type": "Prospect"})
	none := make("Sans TVA", "", nil)
	must(t, r.bob.Edit("C000001", bob50test.Fields{"HTTPADDRESS": nil}))
	r.backup()
	before := len(r.crm.Records(sagecrmtest.Company))
	r.start()
	p := r.plan()
	if n := len(r.crm.Records(sagecrmtest.Company)); n != before || !p.Waits {
		t.Fatalf("%d companies instead of %d before anybody ticked the plan; it waits: %v", n, before, p.Waits)
	}
	r.tick(p)
	r.until("the companies are made", func() bool { return len(r.crm.Records(sagecrmtest.Company)) == before+10 })

	first, err := r.bob.Party("C000001")
	must(t, err)
	if c := r.company(r.vatOf("C000001")); len(c) != 1 || c[0].ID != known || !strings.HasPrefix(c[0].Values["comp_name"], first.Text("CNAME1")) ||
		c[0].Values["comp_website"] != "www.garde.example" || c[0].Values["comp_vatnumber"] != spelled(r.vatOf("C000001")) {
		t.Errorf("the company that was there: %+v", c)
	}
	if c := r.company(r.vatOf("C000003")); len(c) != 1 || c[0].Values["comp_bobsync"] != "Y" || c[0].Values["comp_type"] != "Customer" {
		t.Errorf("a company that was made: %+v", c)
	}
	if c, _ := r.crm.Record(sagecrmtest.Company, off); c.Values["comp_name"] != "Pas cochée" {
		t.Errorf("a company that is not ticked was written: %+v", c)
	}
	waits := r.waits()
	for key, want := range map[string]string{"C000002": "crm-bobsync-off", "C000004": "bob-not-customer", "C000008": "bob-vat-missing", "C000009": "bob-vat-twice",
		"C000010": "bob-vat-twice", id(lead): "crm-not-customer", id(none): "crm-vat-missing"} {
		if got := waits[record.Key("account "+key)]; got != want {
			t.Errorf("%s: %q, want %q", key, got, want)
		}
	}
	r.until("LINK has its file", func() bool { return len(linked(t, r)) == 1 })
	r.bob.Advance(minute)
	report, err := r.bob.Import()
	must(t, err)
	if report.Added != 1 {
		t.Fatalf("import: %+v", report)
	}
	r.backup()
	r.synced()
	if c, _ := r.crm.Record(sagecrmtest.Company, born); len(r.company("0403170701")) != 1 || c.Values["comp_name"] != "Née dans le CRM" {
		t.Errorf("the company born in the CRM: %+v", r.company("0403170701"))
	}
	if w := r.waits()[record.Key("account "+id(born))]; w != "" {
		t.Errorf("the company born in the CRM still waits: %s", w)
	}
}

func id(n int64) string { return strconv.FormatInt(n, 10) }
