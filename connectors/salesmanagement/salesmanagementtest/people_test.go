package salesmanagementtest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/salesmanagement/salesmanagementtest"
)

// What people may do, and what the application keeps them from.
//
// Requirement: LAB-6
func TestPeople(t *testing.T) {
	r := site(t, nil)
	rep := r.App(2)
	for _, tt := range []struct {
		name string
		err  error
		ok   bool
	}{
		{"edits", rep.Edit(salesmanagementtest.Accounts, 1, values{"city": "Lyon"}), true}, {"an unknown field", rep.Edit(salesmanagementtest.Accounts, 1, values{"nose": "x"}), false},
		{"an unknown row", rep.Edit(salesmanagementtest.Accounts, 9, values{"city": "x"}), false}, {"a stamp", rep.Edit(salesmanagementtest.Accounts, 1, values{"id": "2"}), false},
		{"empties what is required", rep.Edit(salesmanagementtest.Accounts, 1, values{"name": ""}), false}, {"asks for prices", rep.Ask(1), true},
		{"a list", rep.Edit(salesmanagementtest.Branches, 1, values{"descriptionFR": "x"}), false}, {"restores what is there", rep.Restore(salesmanagementtest.Contacts, 1), false},
		{"deletes a contact", rep.Delete(salesmanagementtest.Contacts, 1), true}, {"deletes it again", rep.Delete(salesmanagementtest.Contacts, 1), false},
		{"restores it", rep.Restore(salesmanagementtest.Contacts, 1), true},
	} {
		if (tt.err == nil) != tt.ok {
			t.Errorf("%s: %v", tt.name, tt.err)
		}
	}
	if got, _ := r.Record(salesmanagementtest.SalesOrders, 1); got.Values["statusId"] != fmt.Sprint(r.Status(salesmanagementtest.Pricing)) {
		t.Errorf("%v", got)
	}
	if got, _ := r.Record(salesmanagementtest.Lines, 1); got.Values["price"] != "0" || got.Values["quantity"] != "2" || got.Values["order"] != "1" {
		t.Errorf("a line of a representative: %v", got)
	}
	if _, err := rep.Quote(9, salesmanagementtest.Draft, "x"); err == nil {
		t.Error("a quote for nobody")
	}
	if r.ListID(salesmanagementtest.Countries, "Suisse") != 3 || r.Status("nonsense") != 0 {
		t.Error("lists")
	}
}

// Who works without a network sends late, and is told then what was refused.
//
// Requirement: LAB-6
func TestOffline(t *testing.T) {
	r := site(t, nil)
	train := r.App(2).Offline()
	train.Quote(1, salesmanagementtest.Pricing, "from the train", salesmanagementtest.Item{Product: 1, Quantity: "4"})
	train.Edit(salesmanagementtest.SalesOrders, 1, values{"comment": "late"})
	r.send("PUT", "salesorders/1", `{"blocked":true}`)
	r.AdvanceClock(72 * time.Hour)
	if n := len(r.Records(salesmanagementtest.SalesOrders)); n != 1 {
		t.Errorf("%d quotes before the network", n)
	}
	if refused := train.Send(); len(refused) != 1 || !strings.Contains(refused[0].Error(), "blocked") {
		t.Errorf("%v", refused)
	}
	got, _ := r.Record(salesmanagementtest.SalesOrders, 2)
	if got.Values["reference"] != "from the train" || got.Values["dateCreated"] != "2026-11-26T12:00:00.000Z" || len(train.Send()) != 0 {
		t.Errorf("%v", got)
	}
}

// Who wrote what, and what a program put back that a person had replaced.
//
// Requirement: LAB-4
func TestHistory(t *testing.T) {
	r := site(t, nil)
	mark := r.Mark()
	r.no(r.App(2).Edit(salesmanagementtest.Accounts, 1, values{"city": "Lyon"}))
	r.send("PUT", "accounts/1", `{"phone":"1"}`)
	if n := len(r.Reverts()); n != 0 {
		t.Errorf("%d reverts", n)
	}
	r.send("PUT", "accounts/1", `{"city":"Orléans"}`)
	if all := r.Reverts(); len(all) != 1 || all[0].Field != "city" {
		t.Errorf("%+v", all)
	}
	var got []string
	for _, c := range r.Changes(salesmanagementtest.ChangeQuery{Entity: salesmanagementtest.Accounts, ID: 1, Field: "city"}) {
		got = append(got, fmt.Sprint(c.User, " ", c.Call > mark, " ", c.Before, " ", c.After))
	}
	if diff := cmp.Diff([]string{"1 false  Orléans", "2 false Orléans Lyon", "0 true Lyon Orléans"}, got); diff != "" {
		t.Error(diff)
	}
	calls, people := r.Changes(salesmanagementtest.ChangeQuery{Calls: true}), r.Changes(salesmanagementtest.ChangeQuery{People: true})
	if len(calls) != 2 || len(people)+len(calls) != len(r.Changes(salesmanagementtest.ChangeQuery{})) {
		t.Errorf("%d and %d", len(calls), len(people))
	}
}

// Two rows of one external id are told, where a call made one of them.
//
// Requirement: LAB-9
func TestDuplicates(t *testing.T) {
	r := site(t, switches{salesmanagementtest.ExtIDUnique: "free"})
	must(r.App(1).Create(salesmanagementtest.Accounts, values{"name": "people's own", "extId": "D:C1"}))
	if got := r.Duplicates(salesmanagementtest.Accounts); len(got) != 0 {
		t.Errorf("people's: %v", got)
	}
	for range 2 {
		r.send("POST", "accounts", strings.Replace(account, "}", `,"extId":"D:C7"}`, 1))
	}
	if diff := cmp.Diff(map[string][]int64{"d:c7": {3, 4}}, r.Duplicates(salesmanagementtest.Accounts)); diff != "" {
		t.Error(diff)
	}
	if got := r.ByExtID(salesmanagementtest.Accounts, "D:C7"); len(got) != 2 || got[0].ID != 3 {
		t.Errorf("%v", got)
	}
	r.send("DELETE", "accounts/4", "")
	if got := r.Duplicates(salesmanagementtest.Accounts); len(got) != 0 || len(r.ByExtID(salesmanagementtest.Accounts, "D:C7")) != 1 {
		t.Errorf("deleted: %v", got)
	}
}

// What was saved comes back, whatever happened since; the same seed gives the same tenant and the same day.
//
// Requirement: LAB-3, LAB-6, LAB-10
func TestState(t *testing.T) {
	tenant := func(seed uint64) *rig {
		r := newRig(t, options{})
		r.Fill(salesmanagementtest.Seed{Seed: seed, Users: 3, Accounts: 40, ContactsEach: 2, Products: 10})
		return r
	}
	r, same, other := tenant(1), tenant(1), tenant(2)
	if string(r.Save()) != string(same.Save()) || string(r.Save()) == string(other.Save()) {
		t.Error("seeds")
	}
	saved := r.Save()
	done, again := r.App(2).Work(5, 200), same.App(2).Work(5, 200)
	if diff := cmp.Diff(done, again); diff != "" || len(done) != 7 || string(r.Save()) != string(same.Save()) {
		t.Errorf("%v: %s", done, diff)
	}
	changed, err := salesmanagementtest.Diff(saved, r.Save())
	if err != nil || len(changed) < 20 || strings.Contains(strings.Join(changed, ""), "Ville") {
		t.Errorf("%v %v", changed, err)
	}
	r.send("POST", "accounts", strings.Replace(account, "}", `,"extId":"D:C7"}`, 1))
	r.no(r.Restore(saved))
	if diff, err := salesmanagementtest.Diff(saved, r.Save()); err != nil || len(diff) != 0 || len(r.ByExtID(salesmanagementtest.Accounts, "D:C7")) != 0 {
		t.Errorf("%v %v", diff, err)
	}
	if a := r.send("GET", "accounts", ""); a.status != 401 {
		t.Errorf("a token outlived a restore: %s", a.short())
	}
	for _, bad := range []string{`{"Rows":{"noses":[]}}`, `x`} {
		if r.Restore([]byte(bad)) == nil {
			t.Errorf("restored %s", bad)
		}
	}
	if _, err := salesmanagementtest.Diff([]byte("x"), saved); err == nil {
		t.Error("compared with nothing")
	}
}
