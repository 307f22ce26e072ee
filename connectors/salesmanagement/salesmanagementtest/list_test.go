package salesmanagementtest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/salesmanagement/salesmanagementtest"
)

// Pages begin at 0, the newest row comes first, an empty page ends the list; who reads while others write sees rows again.
//
// Requirement: LAB-1
func TestPages(t *testing.T) {
	r := newRig(t, options{})
	r.Fill(salesmanagementtest.Seed{Accounts: 120})
	for i, want := range []string{"120 71 50", "70 21 50", "20 1 20", "  0"} {
		ids := strings.Fields(r.send("GET", fmt.Sprint("accounts?page=", i), "").ids())
		first, last := "", ""
		if len(ids) > 0 {
			first, last = ids[0], ids[len(ids)-1]
		}
		if got := fmt.Sprint(first, " ", last, " ", len(ids)); got != want {
			t.Errorf("page %d: got %s, want %s", i, got, want)
		}
	}
	must(r.App(1).Create(salesmanagementtest.Accounts, values{"name": "new"}))
	if ids := r.send("GET", "accounts?page=1", "").ids(); !strings.HasPrefix(ids, "71 70") {
		t.Errorf("after a new row: %s", ids)
	}
	for _, bad := range []string{"page=-1", "page=x", "page=1.5", "size=3", "lang=xx"} {
		if a := r.send("GET", "accounts?"+bad, ""); a.status != 400 {
			t.Errorf("%s: %s", bad, a.short())
		}
	}
	r.header.Set("X-FM-Entity-Count", "0")
	if a := r.send("GET", "accounts", ""); a.status != 400 {
		t.Errorf("size 0: %s", a.short())
	}
}

// Requirement: LAB-1
func TestOrder(t *testing.T) {
	r := newRig(t, options{})
	for _, city := range []string{"b", "", "C", "a"} {
		must(r.App(1).Create(salesmanagementtest.Accounts, values{"name": "x", "city": city}))
		r.AdvanceClock(time.Minute)
	}
	r.no(r.App(1).Edit(salesmanagementtest.Accounts, 1, values{"city": "b2"}))
	for order, want := range map[string]string{"id": "4 3 2 1", "city": "3 1 4 2", "dateUpdated": "1 4 3 2", "nose": "bad", "id asc": "bad"} {
		a := r.send("GET", "accounts?order="+strings.ReplaceAll(order, " ", "%20"), "")
		if got := a.status; want == "bad" {
			if got != 400 || !strings.Contains(a.body, "901") {
				t.Errorf("%s: %s", order, a.short())
			}
		} else if ids := a.ids(); ids != want {
			t.Errorf("%s: got %s, want %s", order, ids, want)
		}
	}
}

// What the vendor's documents show of expressions works, all else is bad SQL, broken quotes above all. Null is nothing.
//
// Requirement: LAB-2
func TestWhere(t *testing.T) {
	r := newRig(t, options{})
	boss := r.App(1)
	for _, v := range []values{{"name": "O'Brien", "extId": "D:C1", "city": "Orléans"}, {"name": `say "x"`, "extId": "D:C2", "readOnly": "true"},
		{"name": "50 %", "extId": "d:c3", "city": "Paris"}} {
		must(boss.Create(salesmanagementtest.Accounts, v))
		r.AdvanceClock(time.Hour)
	}
	r.no(boss.Delete(salesmanagementtest.Accounts, 3))
	for _, tt := range []struct{ where, want string }{
		{"extId = 'D:C1'", "1"}, {"extId='D:C3'", "3"}, {`name = 'O''Brien'`, "1"}, {`name = "say ""x"""`, "2"}, {"city LIKE '%r%'", "3 1"}, {"city NOT LIKE 'P%'", "1"},
		{"id > 1", "3 2"}, {"id > 1 AND readOnly = true", "2"}, {"deleted = false", "2 1"}, {"deleted = 1", "3"}, {"id = 1 OR id = 3", "3 1"},
		{"id = 1 AND city = 'x' OR id = 3 AND city = 'Paris'", "3"}, {"salesRepId1 = 1", "3 2 1"}, {"dateCreated > '2026-11-23T12:30:00'", "3 2"},
		{"dateUpdated > '2000-01-01T00:00:00'", ""}, {"dateDeleted > '2000-01-01 00:00:00'", "3"}, {"name LIKE '50 %'", "3"}, {"city = ''", ""},
		{"dateCreated > '2026-11-23T13:30:00' OR dateUpdated > '2026-11-23T13:30:00' OR dateDeleted > '2026-11-23T13:30:00'", "3"},
		{"extId = 'D:C1' AND id = 2", ""}, {"nose = 1", "901"}, {"name = 'O'Brien'", "901"}, {"name = 'x", "901"}, {"name = 'x' OR", "901"}, {"'1'='1'", "901"},
		{"name = 'x' OR 1=1", "901"}, {"name = x", "901"}, {"id = '1'", "901"}, {"id = 1; DROP", "901"}, {"id = 1 -- x", "901"}, {"(id = 1)", "901"}, {"id < 2", "901"},
		{"city IS NULL", "901"}, {"id = 1 id = 2", "901"}, {"id = 1 XOR id = 2", "901"}, {"'id' = 1", "901"}, {"id '=' 1", "901"}, {"id = 1 'AND' id = 1", "901"}, {"dateCreated > 'soon'", "901"}, {"dateCreated > 2026", "901"}, {"readOnly = 'true'", "901"},
		{"id LIKE '1'", "901"}, {"readOnly > false", "901"}, {"name = 'a' 'b'", "901"}, {"AND id = 1", "901"}, {"id", "901"}, {"name NOT LIKE", "901"},
	} {
		a := r.where("accounts", tt.where)
		if tt.want == "901" {
			if a.status != 400 || !strings.Contains(a.body, `"code":901`) {
				t.Errorf("%s: %s", tt.where, a.short())
			}
		} else if got := a.ids(); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.where, got, tt.want)
		}
	}
	calls := r.Journal(salesmanagementtest.JournalQuery{Op: "list"})
	if diff := cmp.Diff([]string{"id", "city", "id", "city"}, calls[11].Columns); diff != "" {
		t.Error(diff)
	}
}

// Requirement: LAB-1
func TestForms(t *testing.T) {
	r := site(t, nil)
	r.AdvanceClock(480 * time.Millisecond)
	r.no(r.App(2).Edit(salesmanagementtest.Accounts, 1, values{"comment": "Dû 5 € 😀", "public": "true", "latitude": "47.9"}))
	r.no(r.App(2).Edit(salesmanagementtest.Contacts, 1, values{"gender": "2", "useCompanyAddress": "true", "birthday": "2000-02-29"}))
	r.no(r.App(1).Edit(salesmanagementtest.Users, 2, values{"branches": "1,2"}))
	must(r.App(1).Create(salesmanagementtest.Sales, values{"accountExtId": "D:C1", "date": "2018-10-10 00:00:00", "total": "-12.50"}))
	for _, tt := range []struct{ path, name, want string }{
		{"accounts/1", "dateCreated", "2026-11-23T12:00:00.0Z"}, {"accounts/1", "dateUpdated", "2026-11-23T12:00:00.48Z"}, {"accounts/1", "dateDeleted", "<nil>"},
		{"contacts/1", "dateUpdated", "2026-11-23T12:00:00.48Z"}, {"products/1", "dateUpdated", "<nil>"}, {"accounts/1", "deleted", "false"},
		{"accounts/1", "branchId", "map[id:1 value:Head office]"}, {"accounts/1?lang=fr", "branchId", "map[id:1 value:Siège]"}, {"accounts/1", "typeId", "<nil>"},
		{"accounts/1", "salesRepIdUpdated", "map[id:2 value:Zoé Dupré 1]"}, {"accounts/1", "public", "true"}, {"accounts/1", "readOnly", "false"}, {"accounts/1", "latitude", "47.9"},
		{"accounts/1", "comment", "Dû 5 € 😀"}, {"accounts/1", "phone", "<nil>"}, {"contacts/1", "gender", "map[id:2 value:Madame]"}, {"contacts/1", "useCompanyAddress", "1"},
		{"contacts/1", "birthday", "2000-02-29T00:00:00.0Z"}, {"contacts/1", "accountId", "map[id:1 value:Lefèvre & Fils]"}, {"products/1", "stock", "3"}, {"products/1", "price", "125.5"},
		{"users/2", "branches", "[map[id:1 value:Head office] map[id:2 value:Lyon]]"}, {"users/1", "managerId", "<nil>"},
		{"sales/1", "deleted", "0"}, {"sales/1", "date", "2018-10-10 00:00:00"}, {"sales/1", "total", "-12.5"}, {"sales/1", "accountId", "map[id:1 value:Lefèvre & Fils]"},
		{"salesorders/1", "number", "1"}, {"salesorders/1", "year", "2026"}, {"countries/2", "iso2", "BE"}, {"products/1", "Z_tva_taux", "<nil>"},
	} {
		if got := fmt.Sprint(r.send("GET", tt.path, "").object()[tt.name]); got != tt.want {
			t.Errorf("%s %s: got %s, want %s", tt.path, tt.name, got, tt.want)
		}
	}
	r.header.Set("ExtraFieldDescription", "1")
	if got := fmt.Sprint(r.send("GET", "products/1", "").object()["Z_tva_taux"]); got != "map[description:Taux de TVA value:<nil>]" {
		t.Errorf("described: %s", got)
	}
}
