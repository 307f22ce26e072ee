package salesmanagementtest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/salesmanagement/salesmanagementtest"
)

// What the product would refuse is refused: unknown and missing members, wrong types, lengths, references, what is its own.
//
// Requirement: LAB-2
func TestCreate(t *testing.T) {
	with := func(body, more string) string { return body[:len(body)-1] + "," + more + "}" }
	r := site(t, switches{salesmanagementtest.ContactAccount: "moves"})
	for _, tt := range []struct {
		entity, body string
		ok           bool
	}{
		{"accounts", account, true}, {"accounts", with(account, `"extId":"D:C9","comment":null,"statusId":2,"readOnly":true,"permissionLevel":3`), true},
		{"accounts", `{"name":"x","branchId":1}`, false}, {"accounts", `{"branchId":1,"salesRepId1":1}`, false}, {"accounts", `{"name":"x","salesRepId1":1}`, false},
		{"accounts", `{"name":"","branchId":1,"salesRepId1":1}`, false}, {"accounts", `{"name":null,"branchId":1,"salesRepId1":1}`, false},
		{"accounts", `{"name":"x","branchId":{"id":1,"value":"y"},"salesRepId1":1}`, false}, {"accounts", `{"name":"x","branchId":"1","salesRepId1":1}`, false},
		{"accounts", `{"name":"x","branchId":1,"salesRepId1":99}`, false}, {"accounts", with(account, `"nose":1`), false}, {"accounts", with(account, `"id":5`), false},
		{"accounts", with(account, `"dateCreated":"2026-01-01T00:00:00Z"`), false}, {"accounts", with(account, `"deleted":false`), false},
		{"accounts", with(account, `"readOnly":"true"`), false}, {"accounts", with(account, `"phone":123`), false}, {"accounts", with(account, `"Z_x":"1"`), false},
		{"accounts", with(account, `"city":"`+strings.Repeat("é", 200)+`"`), true}, {"accounts", with(account, `"city":"`+strings.Repeat("é", 201)+`"`), false},
		{"accounts", with(account, `"city":"`+strings.Repeat("😀", 101)+`"`), false}, {"accounts", with(account, `"extId":"d:c1"`), false},
		{"contacts", contact, true}, {"contacts", `{"firstName":"a","lastName":"b","branchId":1,"salesRepId":1}`, false}, {"contacts", with(contact, `"useCompanyAddress":1`), false},
		{"contacts", with(contact, `"useCompanyAddress":true,"gender":1,"birthday":"2000-02-29"`), true}, {"contacts", with(contact, `"birthday":"29/02/2000"`), false},
		{"contacts", with(contact, `"lasttName":"x"`), false}, {"products", product, true}, {"products", with(product, `"stock":1.5`), false},
		{"products", `{"model":"x","stock":null,"Z_stock_affiche":"-","notAvailable":true,"price":12.345678}`, true}, {"products", `{"price":1}`, false},
		{"products", `{"model":"x","price":"1"}`, false}, {"salesorders", quote, true}, {"salesorders", `{"branchId":1,"reference":"x"}`, false},
		{"salesorders", with(quote, `"salesForecastDate":"2026-01-01"`), false}, {"salesorders", with(quote, `"salesForcecastDate":"2026-01-01"`), false},
		{"salesordersLines", line, true}, {"salesordersLines", `{"quantity":2,"price":0,"productId":1}`, false}, {"salesordersLines", with(line, `"tax":1`), false},
		{"opportunities", `{"branchId":1,"reference":"x","salesRepId":1,"salesProbability":50,"accountId1":1}`, true},
		{"sales", `{"accountExtId":"D:C1","date":"2018-10-10 00:00:00","total":-1.5,"extId":"D:F1","salesRepExtId":"x"}`, true},
		{"sales", `{"accountId":1,"date":"2018-10-10 00:00:00"}`, true}, {"sales", `{"date":"2018-10-10 00:00:00"}`, false}, {"sales", `{"accountExtId":"nobody","date":"2018-10-10 00:00:00"}`, false},
		{"sales", `{"accountId":1,"date":"2018-10-10T00:00:00Z"}`, false}, {"sales", `{"accountId":1}`, false},
		{"users", `{"name":"x","email":"x@example.com","branches":[1,2],"level":1}`, true}, {"users", `{"name":"x","email":"x@example.com","branches":["1"]}`, false},
		{"users", `{"name":"x","email":"x@example.com","branches":[9]}`, false}, {"accounts", `[]`, false}, {"accounts", `{`, false}, {"accounts", account + account, false},
	} {
		before := len(r.Records(salesmanagementtest.Entity(tt.entity)))
		a := r.send("POST", tt.entity, tt.body)
		if made := len(r.Records(salesmanagementtest.Entity(tt.entity))) - before; a.status == 200 != tt.ok || a.status != 200 && a.status != 400 || made == 1 != tt.ok {
			t.Errorf("%s %s: got %s and %d rows, want %v", tt.entity, tt.body, a.short(), made, tt.ok)
		}
	}
	for _, c := range r.Journal(salesmanagementtest.JournalQuery{Op: "create"}) {
		if strings.Contains(fmt.Sprint(c), "Lefèvre") {
			t.Errorf("the journal has a value: %+v", c)
		}
	}
}

// PUT changes what is sent, null clears, and dateUpdated is there from then on.
func TestPartialUpdate(t *testing.T) {
	r := site(t, nil)
	if a := r.send("PUT", "accounts/1", `{"phone":"04 1","city":null}`); a.short() != "200" || a.object()["message"] != "entity updated" {
		t.Errorf("%s", a.body)
	}
	got, _ := r.Record(salesmanagementtest.Accounts, 1)
	want := values{"id": "1", "name": "Lefèvre & Fils", "branchId": "1", "salesRepId1": "1", "phone": "04 1", "extId": "D:C1", "deleted": "false", "salesRepIdCreated": "1",
		"salesRepIdUpdated": "1", "dateCreated": "2026-11-23T12:00:00.000Z", "dateUpdated": "2026-11-23T12:00:00.000Z"}
	if diff := cmp.Diff(want, got.Values); diff != "" {
		t.Error(diff)
	}
	for body, want := range map[string]int{`{}`: 200, `{"name":null}`: 400, `{"nose":1}`: 400, `{"deleted":true}`: 400, `{"deleted":"no"}`: 400, `{"extId":"D:C1"}`: 200} {
		if a := r.send("PUT", "accounts/1", body); a.status != want {
			t.Errorf("%s: %s", body, a.short())
		}
	}
}

// A deleted row stays in lists and can be read, not written; its external id is free.
func TestSoftDelete(t *testing.T) {
	r := site(t, nil)
	if a := r.send("DELETE", "accounts/1", ""); a.object()["message"] != "entity deleted" {
		t.Errorf("%s", a.short())
	}
	row := r.send("GET", "accounts", "").rows()[0]
	if row["deleted"] != true || row["dateDeleted"] != "2026-11-23T12:00:00.0Z" || row["dateUpdated"] != nil {
		t.Errorf("%v", row)
	}
	for _, tt := range []struct {
		method, path, body string
		status             int
	}{{"GET", "accounts/1", "", 200}, {"PUT", "accounts/1", `{"city":"x"}`, 400}, {"DELETE", "accounts/1", "", 400}, {"POST", "contacts", contact, 400},
		{"POST", "accounts", strings.Replace(account, "}", `,"extId":"D:C1"}`, 1), 200}, {"PUT", "accounts/1", `{"deleted":false}`, 400},
		{"PUT", "accounts/2", `{"extId":"other"}`, 200}, {"PUT", "accounts/1", `{"deleted":false,"city":"back"}`, 200}, {"GET", "accounts/1", "", 200}} {
		if a := r.send(tt.method, tt.path, tt.body); a.status != tt.status {
			t.Errorf("%s %s %s: %s", tt.method, tt.path, tt.body, a.short())
		}
	}
	if got, _ := r.Record(salesmanagementtest.Accounts, 1); got.Deleted || got.Values["city"] != "back" || got.Values["dateDeleted"] != "" {
		t.Errorf("%v", got)
	}
}

// Requirement: LAB-1
func TestSchema(t *testing.T) {
	r := site(t, nil)
	properties, _ := r.send("GET", "accounts/schema", "").object()["properties"].(map[string]any)
	for name, want := range map[string]string{"comment": "map[maxLength:6000 readOnly:false required:false table: type:string]",
		"branchId": "map[readOnly:false required:true table:branches type:integer]", "dateUpdated": "map[readOnly:true required:false table: type:string]",
		"readOnly": "map[readOnly:false required:false table: type:boolean]", "address2": "map[maxLength:180 readOnly:false required:false table: type:string]"} {
		if got := fmt.Sprint(properties[name]); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
	r.AddExtra(salesmanagementtest.Accounts, salesmanagementtest.Field{Name: "Z_code", Kind: salesmanagementtest.Text, Size: 10, Label: "Code"})
	for _, name := range []string{"account", "accounts"} {
		a := r.send("POST", "procedure/zapier_schema", `{"entity":"`+name+`"}`)
		if got := fmt.Sprint(a.rows()); got != "[map[key:Z_code label:Code required_via_api:false type:string]]" {
			t.Errorf("%s: %s", name, got)
		}
	}
	for _, body := range []string{`{"entity":"noses"}`, `{}`, `{"entity":1}`} {
		if a := r.send("POST", "procedure/zapier_schema", body); a.status != 400 {
			t.Errorf("%s: %s", body, a.short())
		}
	}
	if a := r.send("PUT", "accounts/1", `{"Z_code":"12345678901"}`); a.status != 400 {
		t.Errorf("too long: %s", a.short())
	}
	r.send("PUT", "accounts/1", `{"Z_code":"1"}`)
	r.DropExtra(salesmanagementtest.Accounts, "Z_code")
	if a := r.send("GET", "accounts/1", ""); strings.Contains(a.body, "Z_code") || r.send("PUT", "accounts/1", `{"Z_code":"2"}`).status != 400 {
		t.Errorf("taken away: %s", a.body)
	}
}
