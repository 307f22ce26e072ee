package sagecrmtest_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/sagecrm/sagecrmtest"
)

// What people do at the console is seen by the interfaces, and told to nobody but the oracles.
//
// Requirement: LAB-6
func TestPeople(t *testing.T) {
	r := site(t, nil)
	anne := r.Console("anne")
	phone := must(anne.Create(sagecrmtest.Phone, values{"phon_companyid": "2", "phon_number": "1"}))
	r.no(anne.Edit(sagecrmtest.Company, 1, values{"comp_name": "AA", "comp_type": "prospect"}))
	r.no(anne.Tick(2, true))
	r.no(anne.SetType(2, "Supplier"))
	r.no(anne.SetVAT(2, "BE0428759497"))
	r.no(anne.Edit(sagecrmtest.Company, 3, values{"comp_website": "www.c.example"}))
	r.no(anne.Merge(3, 2))
	for _, tt := range []struct {
		id      int64
		deleted bool
		want    values
	}{
		{1, false, values{"comp_companyid": "1", "comp_name": "AA", "comp_type": "Prospect"}},
		{2, true, values{"comp_companyid": "2", "comp_name": "B", "comp_type": "Supplier", "comp_bobsync": "Y", "comp_vatnumber": "BE0428759497", "comp_deleted": "1"}},
		{3, false, values{"comp_companyid": "3", "comp_name": "C", "comp_type": "Customer", "comp_website": "www.c.example", "comp_bobsync": "Y", "comp_vatnumber": "BE0428759497"}},
	} {
		one, _ := r.Record(sagecrmtest.Company, tt.id)
		if diff := cmp.Diff(tt.want, r.company(tt.id)); diff != "" || one.Deleted != tt.deleted {
			t.Errorf("%d: deleted %v %s", tt.id, one.Deleted, diff)
		}
	}
	if got := r.Children(sagecrmtest.Company, 3, sagecrmtest.Phone); len(got) != 1 || got[0].ID != phone {
		t.Errorf("phones of the survivor: %v", got)
	}
	r.no(anne.Delete(sagecrmtest.Company, 3))
	if got := r.Records(sagecrmtest.Phone); len(got) != 0 {
		t.Errorf("phones of a deleted company: %v", got)
	}
	r.no(anne.Undelete(sagecrmtest.Company, 3))
	if got := r.query("company", ""); got.ids("companyid") != "1 3" || len(got.root.all("number")) != 1 {
		t.Errorf("taken back: %s", got.body)
	}
}

// Requirement: LAB-2
func TestPeopleAreRefusedToo(t *testing.T) {
	r := site(t, nil)
	anne := r.Console("anne")
	before := r.Save()
	for name, err := range map[string]error{
		"no name": anne.Edit(sagecrmtest.Company, 1, values{"comp_name": ""}), "no field": anne.Edit(sagecrmtest.Company, 1, values{"nose": "x"}),
		"a stamp": anne.Edit(sagecrmtest.Company, 1, values{"comp_updateddate": "2026-01-01"}), "no record": anne.Edit(sagecrmtest.Company, 9, values{"comp_name": "x"}),
		"record 0": anne.Edit(sagecrmtest.Company, 0, values{"comp_name": "x"}), "delete nothing": anne.Delete(sagecrmtest.Company, 9),
		"merge with itself": anne.Merge(1, 1), "merge nothing": anne.Merge(1, 9), "undelete a living one": anne.Undelete(sagecrmtest.Company, 1),
		"no choice": anne.SetType(1, "Friend"),
	} {
		if err == nil {
			t.Errorf("%s: not refused", name)
		}
	}
	if _, err := anne.Create("nonsense", nil); err == nil || !bytes.Equal(before, r.Save()) {
		t.Errorf("nonsense: %v", err)
	}
}

// Two sites of one seed are alike, work by one seed does alike, and what is saved comes back.
//
// Requirement: LAB-3, LAB-6, LAB-10
func TestSeededWork(t *testing.T) {
	run := func() *rig {
		r := newRig(t, options{Switches: switches{sagecrmtest.VATField: "two"}})
		r.Fill(sagecrmtest.Seed{Seed: 5, Companies: 60, PeopleEach: 1, PhonesEach: 2, EmailsEach: 1, Twice: 2})
		return r
	}
	r, again := run(), run()
	saved := r.Save()
	done := r.Console("anne").Work(9, 200)
	if diff := cmp.Diff(done, again.Console("anne").Work(9, 200)); diff != "" || !bytes.Equal(r.Save(), again.Save()) || bytes.Equal(saved, r.Save()) {
		t.Errorf("not alike: %s", diff)
	}
	for _, name := range []string{"edit", "tick", "type", "vat", "one number for two", "create", "delete", "merge", "address", "website"} {
		if done[name] == 0 {
			t.Errorf("%s: never done", name)
		}
	}
	r.logon()
	r.no(r.Restore(saved))
	if !bytes.Equal(saved, r.Save()) || r.Sessions() != 0 || len(r.Children(sagecrmtest.Company, 7, sagecrmtest.Phone)) != 2 {
		t.Error("not restored")
	}
	for _, bad := range []string{`{`, `{"Rows":{"x":[]}}`, `{"Rows":{"company":[{"ID":1,"Values":{"x":"y"}}]}}`} {
		if err := r.Restore([]byte(bad)); err == nil || !bytes.Equal(saved, r.Save()) {
			t.Errorf("%s: %v", bad, err)
		}
	}
	if len(r.Duplicates()) != 0 {
		t.Errorf("nobody was made by a call: %v", r.Duplicates())
	}
}

// Requirement: LAB-10
func TestManyRecords(t *testing.T) {
	r := many(t, 20_000, nil)
	n := 0
	for a := r.query("company", "comp_name like '%😀%'"); ; a = r.call("next") {
		n += len(a.records())
		if a.root.get("more") != "true" {
			break
		}
	}
	want := 0
	for _, one := range r.Records(sagecrmtest.Company) {
		if strings.Contains(one.Values["comp_name"], "😀") {
			want++
		}
	}
	if n != want || n < 1000 {
		t.Errorf("got %d, want %d", n, want)
	}
}
